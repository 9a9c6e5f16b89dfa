"""Comparisons of dbt's generic tests: values by their type, and texts byte for byte, whatever the collation folds."""

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
"""How the server writes numbers as text."""

WRITTEN_MOMENT = "^(-?[0-9]+-[0-9]+-[0-9]+|-?[0-9]+:)"
"""How the server writes dates and times as text; no number is written so."""


def is_text(expression: str) -> str:
    """Return the condition that an expression has a character type; ENUM, SET and JSON are character types as well.

    ``charset()`` is a constant of the expression's type: ``binary`` for numbers, dates, times and bytes (seen on 1.3
    and 1.4).
    """
    return f"charset({expression}) <> 'binary'"


def text_bytes(expression: str) -> str:
    """Return the expression's text as bytes of UTF-8, which no collation compares."""
    return f"cast(convert({expression} using utf8mb4) as binary)"


def bytes_of_text(expression: str) -> str:
    """Return the bytes of a text, and NULL for everything that is no text: what else two equal values must have."""
    return f"cast(case when {is_text(expression)} then convert({expression} using utf8mb4) end as binary)"


def same_as_written(one: str, other: str) -> str:
    """Return the condition that two columns of one type are equal, without a comparison by any collation.

    They are equal as they are written, and numbers by their value as well: a float is written with six digits.
    """
    return f"cast({one} as binary) = cast({other} as binary) and {_number(one)} <=> {_number(other)}"


def _number(column: str) -> str:
    """Return the value of a column of numbers, and NULL for every other type."""
    is_number = f"not ({is_text(column)}) and cast({column} as char) regexp '{WRITTEN_NUMBER}'"
    return f"case when {is_number} then {column} + 0e0 end"


def unaccepted(field: str, values: Iterable[Any], quoted: bool) -> str:
    """Return the condition that ``field``, which is not NULL, holds none of the accepted ``values``.

    ``quoted``: the values are constants, which a text column must hold byte for byte, and which any other column reads
    as its type does: a number by its value, ``true`` and ``false`` as 1 and 0, a date or time by its moment. A value
    that the column's type cannot read makes every row of the column fail, where other databases raise an error.
    Otherwise the values are SQL expressions.
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
    # dbt writes a value between quotes without escaping it, so projects double its quotes themselves
    written = literal(value.replace("''", "'"))
    as_text = f"{text_bytes(field)} = cast({written} as binary)"
    return f"case when {is_text(field)} then {as_text} else {_equals_typed(field, value, written)} end"


def _equals_typed(field: str, value: str, written: str) -> str:
    """Return the condition for a field that is no text."""
    if _NUMBER.fullmatch(value):
        # as a text, too: bytes would be compared by the number that they begin with
        return f"({field} = {Decimal(value):f} and {field} = {written})"
    if truth := _TRUTH.get(value.lower()):
        return f"{field} = {truth}"
    same_bytes = f"{text_bytes(field)} = cast({written} as binary)"
    return f"({same_bytes} or (cast({field} as char) regexp '{WRITTEN_MOMENT}' and {field} = {written}))"


def _is_word(value: str) -> bool:
    return not _NUMBER.fullmatch(value) and value.lower() not in _TRUTH


def _never_read_by(value: str) -> str:
    """Return the pattern of what is written by the types that cannot read a word."""
    return WRITTEN_NUMBER if _MOMENT.fullmatch(value) else f"{WRITTEN_NUMBER}|{WRITTEN_MOMENT}"
