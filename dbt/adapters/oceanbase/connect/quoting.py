"""SQL literals and quoted identifiers."""

from __future__ import annotations


def literal(value: str | int | float | bool | None) -> str:
    """Give the SQL literal of a setting: text quoted, booleans 1 and 0, None as ``default``."""
    if value is None:
        return "default"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Quote a database name."""
    return "`" + name.replace("`", "``") + "`"
