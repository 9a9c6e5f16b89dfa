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

from packages import page, signatures

LISTED: dict[str, Any] = yaml.safe_load(signatures.FILE.read_text())

NEWEST = {package: next(iter(versions.values())) for package, versions in LISTED.items()}

VERSIONS = [(package, version) for package, versions in LISTED.items() for version in versions]

MEANS_SOMETHING_ELSE_IN_DBT = {"date_spine", "type_timestamp", "format_column", "type_string"}
"""Shims with names that dbt or the adapter dispatches in the namespace dbt, where dbt does not look for shims."""


NOT_CALLED_IN_OLD_VERSIONS = {("day_name", "day_name_localized"), ("month_name", "month_name_localized")}
"""Shims, and the macros of dbt_date that they call only if ``language`` is passed, which old versions do not have."""


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
    unknown = shims_of(package).keys() - NEWEST[package]["dispatched"].keys()

    assert unknown <= called_in(package)


def test_the_oldest_version_of_each_package_is_listed_and_on_the_page() -> None:
    oldest = {package: list(versions)[-1] for package, versions in LISTED.items()}
    text = " ".join(page.PAGE.read_text().split())

    assert oldest == signatures.OLDEST
    assert oldest.keys() == set(shims.NAMESPACES)
    assert [name for name, tag in oldest.items() if f"`{name}` {tag.removeprefix('v')}" not in text] == []


@pytest.mark.parametrize(("package", "version"), VERSIONS)
def test_a_shim_takes_what_the_package_passes(package: str, version: str) -> None:
    listed = LISTED[package][version]["dispatched"]
    wrong = [name for name, macro in shims_of(package).items() if name in listed and not takes(macro, listed[name])]

    assert wrong == []


@pytest.mark.parametrize(("package", "version"), VERSIONS)
def test_a_package_takes_what_a_shim_passes(package: str, version: str) -> None:
    listed = LISTED[package][version]
    wrong = []
    for shim, macro in shims_of(package).items():
        passed = listed["dispatched"].get(shim)
        if passed is None and shim in NEWEST[package]["dispatched"]:
            continue  # dbt does not use the shim with this version
        for name, call in signatures.calls(macro, package):
            if not fits(call, macro, passed or "", listed["called"].get(name)):
                wrong.append((shim, name))

    assert set(wrong) <= (set() if listed == NEWEST[package] else NOT_CALLED_IN_OLD_VERSIONS)


def fits(call: nodes.Call, shim: nodes.Macro, passed: str, parameters: str | None) -> bool:
    """Return whether a macro with ``parameters`` can be called by ``call`` in ``shim``.

    ``passed`` are the arguments that the package passes to the shim, which may hand on those that it does not name.
    ``parameters`` is None for a macro that the package does not have.
    """
    if parameters is None:
        return False
    known = [name for name in parameters.split(", ") if name]
    handed_on = max(len([name for name in passed.split(", ") if name]) - len(shim.args), 0) if call.dyn_args else 0
    named = {keyword.key for keyword in call.kwargs}
    return len(call.args) + handed_on <= len(known) and (named <= set(known) or "**" in known)


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


@pytest.mark.parametrize(
    ("text", "passed", "parameters", "expected"),
    [
        ("p.x(a, b)", "a, b", "a, b, c", True),
        ("p.x(a, b)", "a, b", "a", False),
        ("p.x(a, *varargs)", "a, b", "a", True),
        ("p.x(a, *varargs)", "a, b, c", "a, b", True),
        ("p.x(a, 1, *varargs)", "a, b, c", "a, b", False),
        ("p.x(a, c=b)", "a, b", "a, c", True),
        ("p.x(a, c=b)", "a, b", "a, b", False),
        ("p.x(a, c=b)", "a, b", "a, **", True),
        ("p.x(a)", "a", None, False),
    ],
)
def test_calls_that_do_not_fit_are_found(text: str, passed: str, parameters: str | None, expected: bool) -> None:
    macro = get_environment(None).parse(f"{{% macro m(a, b) %}}{{{{ {text} }}}}{{% endmacro %}}").find(nodes.Macro)

    assert macro is not None
    [(name, call)] = signatures.calls(macro, "p")
    assert name == "x"
    assert fits(call, macro, passed, parameters) is expected


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
