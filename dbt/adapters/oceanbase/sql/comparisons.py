"""SQL conditions for dbt's generic tests, such as ``unique`` and ``accepted_values``.

The conditions compare texts byte for byte, even if the collation of a column ignores case or accents. They compare
numbers, dates and all other values by the rules of the value's type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ..connect.quoting import literal

_TRUTH = {"true": "true", "false": "false"}
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,2})?", re.I)
_MOMENT = re.compile(r"-?\d+-\d+-\d+.*|-?\d+:.*")

WRITTEN_NUMBER = "^-?[0-9.]+(e[-+]?[0-9]+)?$"
"""Regular expression, for SQL, that matches each number that the server has cast to text."""

WRITTEN_MOMENT = "^(-?[0-9]+-[0-9]+-[0-9]+|-?[0-9]+:)"
"""Regular expression, for SQL, that matches each date or time that the server has cast to text, but no number."""


def is_text(expression: str) -> str:
    """Return the SQL condition that ``expression`` has a character type, or the type ENUM, SET or JSON.

    The condition uses ``charset()``, whose result depends only on the type of its argument. The result is ``binary``
    for numbers, dates, times and bytes (seen on seekdb 1.3 and 1.4). It always has the collation utf8mb4_general_ci, so
    it is compared with bytes: with a text of another collation of the session, the comparison is error 1267.
    """
    return f"charset({expression}) <> cast('binary' as binary)"


def text_bytes(expression: str) -> str:
    """Return SQL that converts the text ``expression`` to bytes of UTF-8, which are compared without a collation."""
    return f"cast(convert({expression} using utf8mb4) as binary)"


def bytes_of_text(expression: str) -> str:
    """Return SQL that is the bytes of ``expression`` if ``expression`` is a text, and NULL if it is of another type.

    A query groups by this SQL and by ``expression``. Texts with different bytes are then in different groups, even if
    their collation considers them equal.
    """
    return f"cast(case when {is_text(expression)} then convert({expression} using utf8mb4) end as binary)"


def same_value(one: str, other: str, by_collation: bool = False) -> str:
    """Return the SQL condition that the columns ``one`` and ``other``, whose types may differ, have the same value.

    Both are SQL. Values of the same kind are compared by ``=``, such as 1 and 1.00. The kinds are texts, bytes, dates
    and times, and numbers. Values of two kinds, such as 'abc' and 0, are compared as they are written, because the
    server would take a text for a number. Texts are compared byte for byte, unless ``by_collation`` is true. The
    condition is not true if one of the values is NULL.
    """
    by_type = f"{_kind(one)} = {_kind(other)}" if by_collation else f"{_kind(one)} = nullif({_kind(other)}, 0)"
    return f"case when {by_type} then {one} = {other} else {text_bytes(one)} = {text_bytes(other)} end"


def _kind(column: str) -> str:
    """Return SQL that is 0 if ``column`` is a text, 1 if it has bytes, 2 for a date or time, and 3 for a number.

    ``coercibility()`` is 5 for numbers, dates and times (seen on seekdb 1.3 and 1.4). The date or time is found by LIKE
    on bytes, because a cast of bytes to CHAR can be error 1366.
    """
    written = f"cast({column} as binary)"
    is_moment = f"{written} like '%:%' or {written} like '_%-%-%'"
    return (
        f"case when {is_text(column)} then 0 when coercibility({column}) <> 5 then 1 when {is_moment} then 2 else 3 end"
    )


def same_as_written(one: str, other: str) -> str:
    """Return the SQL condition that the columns ``one`` and ``other``, which have the same type, have equal values.

    Both are SQL, such as ``child.id``, and are not quoted here. The condition ignores collations. It is true if both
    values have the same bytes after a cast to text. Numbers must also be equal as DOUBLE, because a FLOAT cast to text
    has only six digits. The condition is not true if one of the values is NULL.
    """
    return f"cast({one} as binary) = cast({other} as binary) and {_number(one)} <=> {_number(other)}"


def _number(column: str) -> str:
    """Return SQL that is the value of ``column`` as a DOUBLE. It is NULL for a text, a date or a time."""
    is_number = f"not ({is_text(column)}) and cast({column} as char) regexp '{WRITTEN_NUMBER}'"
    return f"case when {is_number} then {column} + 0e0 end"


def unaccepted(field: str, values: Iterable[Any], quoted: bool) -> str:
    """Return the SQL condition that ``field`` equals none of ``values``, for dbt's test ``accepted_values``.

    ``field`` is the SQL of a column or an expression. If it is NULL, the condition is NULL. ``values`` are the accepted
    values, of which there must be at least one, and ``quoted`` is the argument ``quote`` of the test.

    If ``quoted`` is true, the values are constants, in which two single quotes stand for one. A text field equals a
    constant only if both have the same bytes. A field of another type is compared by its type: numbers by value,
    ``true`` and ``false`` as 1 and 0, dates and times as points in time. If one of the constants cannot be a value of
    the field's type (such as 'a' for a number), the condition is true for every row with a value. In that case other
    databases raise an error.

    If ``quoted`` is false, the values are SQL expressions. They are compared by their bytes if the field or the
    expression is text, and by ``=`` if neither is.
    """
    values = list(values)
    if not quoted:
        return " and ".join(f"not ({_equals_expression(field, str(value))})" for value in values)
    constants = [str(value) for value in values]
    none_equals = " and ".join(f"not ({_equals_constant(field, value)})" for value in constants)
    readers = {_never_read_by(value) for value in constants if _is_word(value)}
    if not readers:
        return none_equals
    unread = f"not ({is_text(field)}) and cast({field} as char) regexp '{'|'.join(sorted(readers))}'"
    return f"({none_equals}) or ({unread})"


def _equals_expression(field: str, value: str) -> str:
    both = f"{is_text(field)} or {is_text(f'({value})')}"
    return f"case when {both} then {text_bytes(field)} = {text_bytes(f'({value})')} else {field} = ({value}) end"


def _equals_constant(field: str, value: str) -> str:
    # dbt puts quotes around a value without escaping quotes inside, so dbt projects write these doubled
    written = literal(value.replace("''", "'"))
    as_text = f"{text_bytes(field)} = cast({written} as binary)"
    return f"case when {is_text(field)} then {as_text} else {_equals_typed(field, value, written)} end"


def _equals_typed(field: str, value: str, written: str) -> str:
    """Return the SQL condition that ``field``, which is a number, a date or a time, equals the constant ``value``.

    ``value`` is the constant as text, and ``written`` is the same text as an SQL string literal.
    """
    if _NUMBER.fullmatch(value):
        # compared with the literal as well, because the server compares bytes only by the number at their beginning
        return f"({field} = {Decimal(value):f} and {field} = {written})"
    if truth := _TRUTH.get(value.lower()):
        return f"{field} = {truth}"
    same_bytes = f"{text_bytes(field)} = cast({written} as binary)"
    return f"({same_bytes} or (cast({field} as char) regexp '{WRITTEN_MOMENT}' and {field} = {written}))"


def _is_word(value: str) -> bool:
    return not _NUMBER.fullmatch(value) and value.lower() not in _TRUTH


def _never_read_by(value: str) -> str:
    """Return a regular expression that matches numbers, dates and times that can never equal ``value``.

    The expression is for a field of a type that is not text. The field is cast to text for the match. ``value`` is
    neither a number nor ``true`` or ``false``, such as 'abc'. So the expression matches every number. It also matches
    every date and time, unless ``value`` itself is a date or a time.
    """
    return WRITTEN_NUMBER if _MOMENT.fullmatch(value) else f"{WRITTEN_NUMBER}|{WRITTEN_MOMENT}"
