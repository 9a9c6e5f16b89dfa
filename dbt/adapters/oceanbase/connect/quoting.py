"""Quoting of SQL literals and identifiers."""

from __future__ import annotations


def literal(value: str | int | float | bool | None) -> str:
    """Return ``value`` as an SQL literal. Text is quoted, booleans become 1 and 0, None becomes ``default``."""
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
