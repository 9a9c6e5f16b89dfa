"""Coding rules that a test can check; CONTRIBUTING.md has the rules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ADAPTER = ROOT / "dbt" / "adapters" / "oceanbase"
INCLUDE = ROOT / "dbt" / "include"

MODULES = sorted(ADAPTER.rglob("*.py"))
MACRO_FILES = sorted(INCLUDE.rglob("*.sql"))
DOCUMENTED_FILES = sorted(path for folder in ("dbt", "tests") for path in (ROOT / folder).rglob("*.py"))
ONE_MACRO_FOLDERS = ("relations", "utils", "oceanbase_shims")

MODULE_LINES = 400
FUNCTION_LINES = 50
UNUSUAL_VERBS = ("Give", "Tell", "Say", "Take", "Let")

NOT_DISPATCHED = {
    "format_row",
    "get_dbt_valid_to_current",
    "get_fixture_sql",
    "run_hooks",
    "snapshot_check_strategy",
    "snapshot_timestamp_strategy",
    "stage_external_sources",
    "stop_engine",
}
"""Macros that dbt calls without dispatch, so that an adapter must override them under the same name, and operations."""

FunctionDef = (ast.FunctionDef, ast.AsyncFunctionDef)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def below_root(path: Path) -> str:
    return str(path.relative_to(ROOT))


def macro_names(path: Path) -> list[str]:
    return re.findall(r"{%-?\s*(?:macro|test)\s+(\w+)", path.read_text())


@pytest.mark.parametrize("folder", ["dbt", "dbt/adapters", "dbt/include"])
def test_namespace_folders_contain_no_init(folder: str) -> None:
    """An ``__init__.py`` in these folders would hide all other adapters in the environment."""
    assert not (ROOT / folder / "__init__.py").exists()


@pytest.mark.parametrize("path", MODULES, ids=below_root)
def test_modules_are_short(path: Path) -> None:
    lines = len(path.read_text().splitlines())

    assert lines <= MODULE_LINES


@pytest.mark.parametrize("path", MODULES, ids=below_root)
def test_functions_are_short(path: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, FunctionDef)]

    long = [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES]

    assert not long


@pytest.mark.parametrize("path", MODULES, ids=below_root)
def test_public_names_are_documented(path: Path) -> None:
    tree = ast.parse(path.read_text())

    undocumented = [name for name, node in public_definitions(tree) if not ast.get_docstring(node)]

    assert not undocumented, f"without a docstring: {undocumented}"


def public_definitions(tree: ast.Module) -> Iterator[tuple[str, Definition]]:
    """Yield the public functions and classes of a module, and the public methods of classes without a base class.

    A method of a base class is documented there, a property in the docstring of its class.
    """
    for node in tree.body:
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.bases:
            methods = [item for item in node.body if isinstance(item, FunctionDef) and not item.decorator_list]
            yield from ((f"{node.name}.{item.name}", item) for item in methods if not item.name.startswith("_"))


@pytest.mark.parametrize("path", MODULES, ids=below_root)
def test_a_documented_constant_has_its_own_assignment(path: Path) -> None:
    """A docstring below ``A, B = 1, 2`` would have to describe several constants."""
    body = ast.parse(path.read_text()).body

    shared = [ast.unparse(node) for node, below in pairwise(body) if is_tuple_assignment(node) and is_text(below)]

    assert not shared, f"one docstring for several constants: {shared}"


def is_tuple_assignment(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(target, ast.Tuple) for target in node.targets)


def is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@pytest.mark.parametrize("path", DOCUMENTED_FILES, ids=below_root)
def test_docstrings_begin_with_a_usual_verb(path: Path) -> None:
    """Docstrings begin with verbs that are usual in Python, such as Return, Check, Raise or Run."""
    statements = [
        node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Expr) and is_text(node)
    ]
    lines = [str(ast.literal_eval(node.value)).partition("\n")[0] for node in statements]

    unusual = [line for line in lines if line.split(" ")[0] in UNUSUAL_VERBS]

    assert not unusual


def test_no_code_compares_the_version_of_a_server() -> None:
    """What a server offers is found by asking it: versions of a fork or of a patch do not tell."""
    trees = [ast.parse(path.read_text()) for path in MODULES]
    compared = [
        ast.unparse(node)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(each, ast.Attribute) and each.attr in ("version", "seekdb") for each in ast.walk(node))
    ]

    assert not compared


@pytest.mark.parametrize("path", MACRO_FILES, ids=below_root)
def test_macros_contain_no_sql_comment(path: Path) -> None:
    """A ``--`` comment in a macro would be sent to the server with each statement."""
    text = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)

    assert not re.findall(r"^\s*--.*", text, flags=re.MULTILINE)


@pytest.mark.parametrize("path", MACRO_FILES, ids=below_root)
def test_macro_names_have_the_prefix(path: Path) -> None:
    others = [name for name in macro_names(path) if not name.startswith("oceanbase__")]

    assert set(others) <= NOT_DISPATCHED


@pytest.mark.parametrize(
    "path",
    [path for folder in ONE_MACRO_FOLDERS for path in MACRO_FILES if folder in path.parts],
    ids=below_root,
)
def test_relations_utils_and_shims_have_one_macro_per_file(path: Path) -> None:
    assert len(macro_names(path)) == 1


@pytest.mark.parametrize(
    "path", [path for path in MACRO_FILES if {"utils", "oceanbase_shims"} & set(path.parts)], ids=below_root
)
def test_macros_in_utils_and_shims_are_named_after_their_file(path: Path) -> None:
    assert macro_names(path) == [f"oceanbase__{path.stem}"]
