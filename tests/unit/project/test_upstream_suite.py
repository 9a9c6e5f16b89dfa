"""All of dbt's test suite is run: each class has a subclass, no test is removed, each override has a reason."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import importlib.util
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import dbt.tests.adapter
import pytest

SUITE = Path(next(iter(dbt.tests.adapter.__path__)))
OURS = Path(__file__).parents[2] / "functional" / "adapter"

FOLDERS = sorted({path.relative_to(SUITE).parts[0] for path in SUITE.glob("*/**/*.py")})

NOT_YET: dict[str, str] = {}
"""Classes that test a feature that is not supported yet, with the feature."""

NO_PYTHON = "the server cannot run Python models: it executes SQL only, also in procedures"
NO_LANGUAGE = "CREATE FUNCTION ... LANGUAGE is a syntax error (1064); refused, see TestRefused in functions"
NO_AGGREGATES = "CREATE AGGREGATE FUNCTION is a syntax error (1064); refused, see TestRefused in functions"

CANNOT = {
    "BasePySparkTests": NO_PYTHON,
    "BasePythonEmptyTests": NO_PYTHON,
    "BasePythonIncrementalTests": NO_PYTHON,
    "BasePythonMetaGetTests": NO_PYTHON,
    "BasePythonModelTests": NO_PYTHON,
    "BasePythonSampleTests": NO_PYTHON,
    "BasicJSUDF": NO_LANGUAGE,
    "JSUDFMultiLineBody": NO_LANGUAGE,
    "JSUDFDeterministicVolatility": NO_LANGUAGE,
    "JSUDFNonDeterministicVolatility": NO_LANGUAGE,
    "JSUDFStableVolatilityWarns": NO_LANGUAGE,
    "JSUDFDefaultArgSupport": NO_LANGUAGE,
    "BasicJSAggregateUDF": NO_LANGUAGE,
    "JSAggregateUDFVolatilityIgnored": NO_LANGUAGE,
    "PythonUDFSupported": NO_LANGUAGE,
    "PythonUDFDefaultArgSupport": NO_LANGUAGE,
    "PythonUDFVolatilitySupport": NO_LANGUAGE,
    "PythonUDFWithPackagesSupported": NO_LANGUAGE,
    "UDAFBase": NO_AGGREGATES,
    "BasicPythonUDAF": NO_AGGREGATES,
    "BasicSQLUDAF": NO_AGGREGATES,
    "PythonUDAFDefaultArgSupport": NO_AGGREGATES,
}
"""Classes that test something the server does not support, with a reason that a reader can check."""

NEEDS_DBT = {
    "BaseTestEmptySeedFlag": ("1.12", "`dbt seed --empty`"),
}
"""Classes that need a later version of dbt-core, with that version and the feature."""

NEEDS_KERNEL = {
    "MaterializedViewBasic": ("1.3", "materialized views"),
    "MaterializedViewChanges": ("1.3", "materialized views"),
    "MaterializedViewChangesApplyMixin": ("1.3", "materialized views"),
    "MaterializedViewChangesContinueMixin": ("1.3", "materialized views"),
    "MaterializedViewChangesFailMixin": ("1.3", "materialized views"),
}
"""Classes that need a feature that only one kernel has, with that kernel and the feature. The other one refuses it."""

EXCLUSIVE = {
    "BaseCurrentTimestampAware": "BaseCurrentTimestampNaive",
    "BaseEscapeSingleQuotesQuote": "BaseEscapeSingleQuotesBackslash",
}
"""Pairs of classes that no adapter can both pass: the excluded class -> the class that passes."""

DBT_CORE = ".".join(importlib.metadata.version("dbt-core").split(".")[:2])

KINDS = ("left to adapters", "dialect", "exclusive pair")
OUR_FILES = sorted(OURS.rglob("test_*.py"))


def left_out(name: str) -> str:
    """Return why a class of the suite has no subclass here, or not with each dbt-core; an empty text if it has one."""
    if name in EXCLUSIVE:
        return f"no adapter passes both this and {EXCLUSIVE[name]}"
    if name in NEEDS_DBT:
        return "needs dbt-core {}: {}".format(*NEEDS_DBT[name])
    if name in CANNOT:
        return f"cannot apply: {CANNOT[name]}"
    return f"not yet: {NOT_YET[name]}" if name in NOT_YET else ""


def applies(name: str, dbt_core: str, kernel: str | None = None) -> bool:
    """Return whether a class of the suite must have a subclass with that version of dbt-core, and run on ``kernel``."""
    if kernel is not None and name in NEEDS_KERNEL and kernel != NEEDS_KERNEL[name][0]:
        return False
    return (name in NEEDS_DBT and dbt_core >= NEEDS_DBT[name][0]) or not left_out(name)


def names_of_tests(cls: type) -> set[str]:
    return {name for name in dir(cls) if name.startswith("test_")}


def is_alias(cls: type) -> bool:
    """Return whether a class is ``class TestX(BaseX): pass``, without any attribute of its own."""
    return len(cls.__bases__) == 1 and cls.__base__ is not object and not own_names(cls)


def own_names(cls: type) -> set[str]:
    return {name for name in vars(cls) if not (name.startswith("__") and name.endswith("__"))}


def classes_of(module: ModuleType) -> Iterator[type]:
    """Yield the classes that a module defines, without imported ones."""
    for _, cls in inspect.getmembers(module, inspect.isclass):
        if cls.__module__ == module.__name__:
            yield cls


@cache
def suite_classes() -> dict[str, type]:
    """Return all classes of the suite that have tests. The keys consist of folder, module and class name."""
    modules = [path for folder in FOLDERS for path in sorted((SUITE / folder).rglob("*.py"))]
    names = [".".join(["dbt.tests.adapter", *path.relative_to(SUITE).with_suffix("").parts]) for path in modules]
    classes = [cls for name in names for cls in classes_of(importlib.import_module(name))]
    return {
        f"{cls.__module__.removeprefix('dbt.tests.adapter.')}.{cls.__name__}": cls
        for cls in classes
        if names_of_tests(cls) and not is_alias(cls)
    }


def module_name(path: Path) -> str:
    """Return the name under which ``our_classes`` imports one of our files."""
    return f"ours_{path.parent.name}_{path.stem}"


@cache
def our_classes() -> list[type]:
    """Return the classes that pytest collects under tests/functional/adapter."""
    modules = []
    for path in OUR_FILES:
        spec = importlib.util.spec_from_file_location(module_name(path), path)
        assert spec is not None
        assert spec.loader is not None
        modules.append(importlib.util.module_from_spec(spec))
        spec.loader.exec_module(modules[-1])
    return [cls for module in modules for cls in classes_of(module) if cls.__name__.startswith("Test")]


def test_the_suite_was_found() -> None:
    assert "basic.test_base.BaseSimpleMaterializations" in suite_classes()


@pytest.mark.parametrize("table", [NOT_YET, EXCLUSIVE, CANNOT, NEEDS_DBT, NEEDS_KERNEL])
def test_excluded_classes_exist(table: dict[str, object]) -> None:
    assert set(table) <= {cls.__name__ for cls in suite_classes().values()}


@pytest.mark.parametrize("name", suite_classes())
def test_every_class_has_a_subclass(name: str) -> None:
    cls = suite_classes()[name]
    subclasses = [ours.__name__ for ours in our_classes() if issubclass(ours, cls)]

    assert bool(subclasses) == applies(cls.__name__, DBT_CORE), left_out(cls.__name__) or "no subclass"


@pytest.mark.parametrize("excluded", EXCLUSIVE)
def test_one_class_of_an_exclusive_pair_is_run(excluded: str) -> None:
    names = {base.__name__ for ours in our_classes() for base in ours.__mro__}

    assert EXCLUSIVE[excluded] in names


@pytest.mark.parametrize("ours", our_classes(), ids=lambda cls: cls.__name__)
def test_no_test_is_removed(ours: type) -> None:
    assert ours.__dict__.get("__test__", True)
    assert not [name for name in names_of_tests(ours) if not callable(getattr(ours, name))]


@pytest.mark.parametrize("path", OUR_FILES, ids=lambda path: path.stem)
def test_no_test_is_skipped(path: Path) -> None:
    assert not re.findall(r"pytest\.(?:skip|xfail|importorskip)|mark\.(?:skip|xfail)", path.read_text())


@pytest.mark.parametrize("path", OUR_FILES, ids=lambda path: path.stem)
def test_every_override_has_a_reason(path: Path) -> None:
    text = path.read_text()
    lines = text.splitlines()
    unexplained = []
    for cls in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)):
        for node in cls.body:
            if isinstance(node, ast.Pass) or is_docstring(node):
                continue
            decorators = getattr(node, "decorator_list", [])
            first = min(item.lineno for item in [node, *decorators])
            if not re.match(rf"\s*# override: (?:{'|'.join(KINDS)}): \S", lines[first - 2]):
                unexplained.append(f"{path.name}:{node.lineno} {cls.name}")

    assert not unexplained, "without `# override: <kind>: <reason>` above"


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
