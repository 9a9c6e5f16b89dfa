"""Defaults of columns whose type changes: which stay, and what goes with those that do not."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..sql import types

_TAKES_NONE = frozenset({*types.TEXT_SIZES, *types.BLOB_SIZES, "json"})
"""Types that take no default (error 1101)."""

_FAMILIES = (
    frozenset({*types.NUMBERS, "bit", "year"}),
    frozenset(types.BINARY_OF) | frozenset(types.BINARY_OF.values()),
    frozenset({"date", "datetime", "timestamp"}),
)
_TEXT = ("char", "varchar")
_MOMENTS = ("datetime", "timestamp")
_IMPLICIT = re.compile(r"DEFAULT '[-0:. ]*'", re.I)
_OF_TEXT = re.compile(r"DEFAULT ''", re.I)
_WHOLE = re.compile(r"DEFAULT (?:'-?\d+'|\(.*\)|NULL)", re.I | re.S)
_NOW = re.compile(r"(.*\bCURRENT_TIMESTAMP)(?:\(\d*\))?", re.I)


def gone(clauses: Iterable[str], old: str, new: str) -> set[str]:
    """Give the keywords of a definition's ``clauses`` that do not go with it when its type ``old`` becomes ``new``.

    That is DEFAULT where the new type does not take it. A default that CREATE TABLE ... AS gives by itself (0, '')
    says nothing in another kind of type and takes its NOT NULL along, as nobody has declared either.
    """
    default = next((clause for clause in clauses if clause.upper().startswith("DEFAULT ")), None)
    if default is None or (default.upper() == "DEFAULT NULL" and types.base_type(new) not in _TAKES_NONE):
        return set()
    implicit = (_OF_TEXT if _is_text(old) else _IMPLICIT).fullmatch(default) is not None
    if _takes(default, types.base_type(old), types.base_type(new), implicit):
        return set()
    return {"DEFAULT", "NOT"} if implicit else {"DEFAULT"}


def in_type(clause: str, kind: str) -> str:
    """Give a clause as a column of this type takes it: the current time needs the precision of the column (1067)."""
    now = _NOW.fullmatch(clause)
    base, _, fraction = types.canonical_type(kind).partition("(")
    if now is None or base not in _MOMENTS:
        return clause
    return now.group(1) + (f"({fraction}" if fraction else "")


def _takes(default: str, old: str, new: str, implicit: bool) -> bool:
    if new in _TAKES_NONE:
        return False
    if new == "date" and _NOW.fullmatch(default):
        return False
    if new in types.INTEGERS and old != new and not _WHOLE.fullmatch(default):
        return False
    if old == new or any({old, new} <= family for family in _FAMILIES):
        return True
    return new in _TEXT and not implicit


def _is_text(kind: str) -> bool:
    return types.base_type(kind) in (*_FAMILIES[1], "enum", "set")
