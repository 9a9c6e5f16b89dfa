"""The shims have the names and arguments of the macros that packages dispatch, as in tests/packages/signatures.yml."""

from __future__ import annotations

import functools
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt_common.clients.jinja import get_environment
from jinja2 import nodes

from dbt.adapters.oceanbase import shims
from dbt.include import global_project, oceanbase

sys.path.insert(0, str(Path(__file__).parents[1]))

from packages import signatures

LISTED: dict[str, Any] = yaml.safe_load(signatures.FILE.read_text())

MEANS_SOMETHING_ELSE_IN_DBT = {"date_spine", "type_timestamp", "format_column", "type_string"}
"""Shims with names that dbt or the adapter dispatches in the namespace dbt, where dbt does not look for shims."""


@functools.cache
def shims_of(package: str) -> dict[str, nodes.Macro]:
    """Return the adapter's macros for a package, by their names without the prefix."""
    macros = signatures.defined(shims.FOLDER / package / "macros")
    return {name.removeprefix("oceanbase__"): macro for name, macro in macros.items()}


def called_in(package: str) -> set[str]:
    """Return the names of the macros that the shims of a package call in their own project."""
    texts = [file.read_text() for file in (shims.FOLDER / package).rglob("*.sql")]
    return set(re.findall(rf"{shims.project_of(package)}\.oceanbase__(\w+)", "".join(texts)))


@pytest.mark.parametrize("package", shims.NAMESPACES)
def test_the_package_dispatches_each_shim_or_a_shim_calls_it(package: str) -> None:
    unknown = shims_of(package).keys() - LISTED[package]["macros"].keys()

    assert unknown <= called_in(package)


@pytest.mark.parametrize("package", shims.NAMESPACES)
def test_a_shim_takes_what_the_package_passes(package: str) -> None:
    listed = LISTED[package]["macros"]
    wrong = [name for name, macro in shims_of(package).items() if name in listed and not takes(macro, listed[name])]

    assert wrong == []


def takes(macro: nodes.Macro, listed: str) -> bool:
    """Return whether ``macro`` can be called with the arguments that are ``listed``, each in its place."""
    taken = [argument.name for argument in macro.args]
    optional = set(taken[len(taken) - len(macro.defaults) :])
    passed = [text for text in listed.split(", ") if text]
    by_place = [text for text in passed if not text.endswith(("=", "**"))]
    by_name = {text[:-1] for text in passed if text.endswith("=")}
    moved = [there for here, there in zip(taken, by_place, strict=False) if there != here and there in taken]
    missing = set(taken[len(by_place) :]) - by_name - optional
    takes_more = any(name.name == "varargs" for name in macro.find_all(nodes.Name))
    fits = takes_more or len(by_place) <= len(taken)
    return fits and by_name <= set(taken) and not missing and not moved


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("a, b", True),
        ("a, b, c", True),
        ("other, _, c=", True),
        ("a", False),
        ("b, a", False),
        ("a, b, c, d", False),
        ("a, b, d=", False),
    ],
)
def test_wrong_arguments_are_found(listed: str, expected: bool) -> None:
    macro = get_environment(None).parse("{% macro m(a, b, c=1) %}{% endmacro %}").find(nodes.Macro)

    assert macro is not None
    assert takes(macro, listed) is expected


def test_more_arguments_fit_if_they_are_handed_on() -> None:
    text = "{% macro m(a) %}{{ other(a, *varargs) }}{% endmacro %}"
    macro = get_environment(None).parse(text).find(nodes.Macro)

    assert macro is not None
    assert takes(macro, "a, b, c")
    assert not takes(macro, "a, b=")


def test_only_known_names_are_also_dispatched_by_dbt() -> None:
    """A name that is new here has to be looked at: its package must dispatch it in a namespace of its own."""
    folders = [Path(module.PACKAGE_PATH) / "macros" for module in (oceanbase, global_project)]
    in_dbt = {name for folder in folders for name in signatures.dispatched(folder, "dbt")}
    names = {name for package in shims.NAMESPACES for name in shims_of(package)}

    assert names & in_dbt == MEANS_SOMETHING_ELSE_IN_DBT


def test_arguments_are_read_from_calls(tmp_path: Path) -> None:
    (tmp_path / "macros.sql").write_text(
        "{% macro a(x, y) %}{{ return(adapter.dispatch('a', 'p')(x, 'text', y=y, **kwargs)) }}{% endmacro %}"
        "{% test b(model) %}{{ adapter.dispatch(macro_name='test_b', macro_namespace='p')(model) }}{% endtest %}"
        "{{ adapter.dispatch('c')() }}{{ adapter.dispatch('d', 'dbt')() }}{{ adapter.quote('e')() }}"
    )

    assert signatures.dispatched(tmp_path, "p") == {"a": "x, _, y=, **", "test_b": "model"}
    assert sorted(signatures.defined(tmp_path)) == ["a", "test_b"]
