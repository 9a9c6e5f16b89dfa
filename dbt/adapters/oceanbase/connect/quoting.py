"""Quoting of SQL literals and identifiers."""

from __future__ import annotations


def literal(value: str | int | float | bool | None) -> str:
    """Return ``value`` as an SQL literal: text in quotes, booleans as 1 and 0, None as the keyword ``default``.

    Quotes and backslashes in a text are doubled, so any text is safe, as long as the session's SQL mode has no
    NO_BACKSLASH_ESCAPES. An empty text becomes two quotes. A number is written as by ``str``.
    """
    if value is None:
        return "default"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return ``name`` as an identifier in backticks. A backtick in ``name`` is doubled, so any name is safe.

    ``name`` is one name without quotes: a dot does not separate schema and table.
    """
    return "`" + name.replace("`", "``") + "`"
