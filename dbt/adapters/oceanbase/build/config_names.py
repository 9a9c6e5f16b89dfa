"""Find names of configs that are misspelt, or that no code of dbt, the adapter or the project reads."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterable

from dbt_common.contracts.config.base import BaseConfig

OF_DBT = frozenset(
    {
        # dbt reads these, but they are fields of no class, or of none in its older versions
        "hard_deletes",
        "invalidate_hard_deletes",
        "static_analysis",
        # dbt sets these when it compiles a unit test or a snapshot
        "expected_rows",
        "expected_sql",
        "snapshot_table_column_names",
    }
)
"""Configs that dbt knows in addition to the fields of its config classes."""

OF_TESTS = frozenset({"collation"})
"""Configs that the adapter adds to dbt's configs of data tests."""

SIMILAR = 0.85
"""Minimum similarity of two names, the ratio of ``difflib``, at which one counts as a misspelling of the other.

In a name of seven letters, one letter may be wrong or two neighbours may be swapped.
"""

_SHOWN = 3

_READ = re.compile(
    r"""\bconfig\s*(?:
        \.\s*(?:get|require)\s*\(\s*['"](?P<called>[^'"]+)['"]
        | \.\s*(?P<attribute>\w+)
        | \[\s*['"](?P<item>[^'"]+)['"]\s*\]
    )""",
    re.VERBOSE,
)
_WORD = re.compile(r"""['"]([^'"\s]+)['"]|\.\s*(\w+)\b(?!\s*\()""")


def declared(config: type) -> frozenset[str]:
    """Return the names of the fields of the config class ``config``, and their aliases."""
    fields = dataclasses.fields(config)
    aliases = {str(field.metadata["alias"]) for field in fields if "alias" in field.metadata}
    return frozenset({field.name for field in fields if not field.name.startswith("_")} | aliases)


def declared_anywhere() -> frozenset[str]:
    """Return the names of all configs that dbt or an imported adapter knows.

    They are the names and aliases of the fields of all config classes of dbt and of adapters, and the names in
    ``OF_DBT``.
    """
    found: set[str] = set(OF_DBT)
    classes: list[type] = [BaseConfig]
    while classes:
        each = classes.pop()
        classes += each.__subclasses__()
        found |= declared(each)
    return frozenset(found)


def read_by(code: str) -> set[str]:
    """Return the names of the configs that ``code``, text with Jinja, reads from the object ``config``.

    The forms that are found are ``config.get('name')``, ``config.require('name')``, ``config.name`` and
    ``config['name']``.
    """
    return {match["called"] or match["attribute"] or match["item"] for match in _READ.finditer(code)}


def possibly_read_by(code: str) -> set[str]:
    """Return all names that the macro ``code`` could read as configs.

    A macro may read configs through a variable. So if ``code`` contains the text ``config``, the result has all words
    in quotes, and all words after a dot that are not called. Otherwise the result is empty.
    """
    if "config" not in code:
        return set()
    return {quoted or attribute for quoted, attribute in _WORD.findall(code)}


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """Return the name in ``known`` of which ``name`` is probably a misspelling, or None if there is none.

    The similarity of the two names must be at least ``SIMILAR``. Differences in case, and ``-`` in place of ``_``, do
    not count.
    """
    by_plain = {_plain(each): each for each in sorted(known)}
    plain = _plain(name)
    if plain in by_plain:
        return by_plain[plain]
    found = difflib.get_close_matches(plain, by_plain, n=1, cutoff=SIMILAR)
    return by_plain[found[0]] if found else None


def misspelt_error(name: str, meant: str) -> str:
    """Return the text of the error for ``name``, a config that is misspelt for ``meant``."""
    return (
        f"{name}: there is no such config, and {meant} is spelled much like it: write {meant}, "
        f"or list {name} in the variable known_configs"
    )


def unread_warning(name: str, nodes: Iterable[str], instead: str | None = None) -> str:
    """Return the warning about the config ``name``, which nothing reads.

    ``nodes`` are the names of the nodes that have the config. ``instead`` is the remedy in the warning, such as
    ``write indexes``. If it is None, the remedy is to remove the config or to put it under ``meta``.
    """
    return (
        f"{name}: not read by dbt, dbt-oceanbase, or a macro of the project, so it has no effect ({first_of(nodes)}): "
        f"{instead or 'remove it, put it under meta'}, or list it in the variable known_configs"
    )


def first_of(nodes: Iterable[str]) -> str:
    """Return a text with the first three of the names ``nodes`` in alphabetical order, and the number of the others."""
    found = sorted(nodes)
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{', '.join(found[:_SHOWN])}{more}"


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").strip("_+ ")
