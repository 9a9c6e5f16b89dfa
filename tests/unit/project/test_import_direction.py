"""Data goes one way through the adapter: a module imports only from its own room and from rooms on lower layers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = "dbt.adapters.oceanbase"
FOLDER = ROOT.joinpath(*PACKAGE.split("."))

# from the ground up; rooms of one layer do not import each other
LAYERS = (
    {"__version__", "connect.options", "connect.errors", "connect.quoting", "connect.forks"},
    {"connect.codes"},
    {"connect.transport"},
    {"connect.ssh", "connect.engine", "connect.session"},
    {"connect.opening"},
    {"connect.pool", "connect.control"},
    {"connect"},
    {"sql"},
    {"profile", "behavior", "column", "relation"},
    {"credentials"},
    {"execution"},
    {"connections"},
    {"catalog"},
    {"relation_configs"},
    {"build"},
    {"incremental", "seeds"},
    {"unit_tests", "shims", "configs", "config_fields"},
    {"unit_test_rows"},
    {"unit_test_adapter"},
    {"impl", "sqlglot_dialect"},
    {""},
)


def module_name(path: Path) -> str:
    """Return the name below the package: ``connect.options``, or ``connect`` for its ``__init__``."""
    parts = path.relative_to(FOLDER).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(FOLDER.rglob("*.py"))}


def room(module: str) -> str:
    """Return the room of a module: its folder, or the module itself on top; ``connect`` has rooms of its own."""
    return ".".join(module.split(".")[: 2 if module.startswith("connect.") else 1])


def layer(module: str) -> int:
    return next(number for number, rooms in enumerate(LAYERS) if room(module) in rooms)


def imported(module: str) -> Iterator[str]:
    """Yield every module that this one imports, anywhere in its text, by full name."""
    path = MODULES[module]
    package = [*PACKAGE.split("."), *path.parent.relative_to(FOLDER).parts]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                below = f"{source}.{alias.name}".removeprefix(f"{PACKAGE}.")
                yield f"{PACKAGE}.{below}" if below in MODULES else source


def own_imports(module: str) -> set[str]:
    return {
        name.removeprefix(PACKAGE).removeprefix(".")
        for name in imported(module)
        if f"{name}.".startswith(f"{PACKAGE}.")
    }


def test_the_package_was_found() -> None:
    assert "connect.options" in MODULES


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_room(module: str) -> None:
    rooms = set().union(*LAYERS)

    assert room(module) in rooms, f"{MODULES[module]} is in no room: give it one in LAYERS"


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    not_below = [name for name in own_imports(module) if room(name) != room(module) and layer(name) >= layer(module)]

    assert not not_below, f"{module or '__init__'} imports {not_below}, which are not below it"


def test_no_module_of_a_room_imports_in_a_circle() -> None:
    left = {module: own_imports(module) & MODULES.keys() - {module} for module in MODULES}
    while ready := [module for module, names in left.items() if not names & left.keys()]:
        for module in ready:
            del left[module]

    assert not left


@pytest.mark.parametrize("module", [name for name in MODULES if name.split(".")[0] == "connect"])
def test_the_connection_layer_knows_nothing_of_dbt(module: str) -> None:
    foreign = [
        name
        for name in imported(module)
        if name.split(".")[0].startswith("dbt") and not f"{name}.".startswith(f"{PACKAGE}.connect.")
    ]

    assert not foreign
