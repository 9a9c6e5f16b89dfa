"""Quoting of SQL literals and identifiers."""

from __future__ import annotations


def literal(value: str | int | float | bool | None) -> str:
    """Return ``value`` as an SQL literal: text in quotes, booleans as 1 and 0, None as the keyword ``default``."""
    if value is None:
        return "default"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return ``name`` as an identifier in backticks."""
    return "`" + name.replace("`", "``") + "`"
