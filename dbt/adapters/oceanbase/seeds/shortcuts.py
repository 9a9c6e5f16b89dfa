"""Convert a chunk of a seed's column to SQL literals at once, if all its texts have the usual form of their type.

For example, ``2024-01-05`` is the usual form of a date. A shortcut takes the texts of a chunk. It returns their SQL
literals, the same ones that the functions of ``literals`` return, or None if a text has another form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..sql import types
from ..sql.types import TEXT_TYPES, TYPES, numbers_of
from . import column_scan, literals
from .column_attributes import split_attributes

if TYPE_CHECKING:
    import agate

Shortcut = Callable[[Sequence[str]], "Sequence[str] | None"]

CHARACTER_BYTES = 4
"""Maximum number of bytes of a character in UTF-8."""

DOUBLE_DIGITS = 15
"""Number of digits up to which a double keeps any decimal number."""


def inferred_shortcut(kind: agate.DataType, sql_type: str, escape: Callable[[str], str]) -> Shortcut | None:
    """Return the shortcut for a column without a declared type, or None if there is none.

    A shortcut converts a chunk of texts to SQL literals at once, or returns None if one of them has an unusual form.
    ``kind`` is the type that dbt's rules have inferred, and ``sql_type`` is the type of the column in the table.
    ``escape`` makes a SQL literal of a text.
    """
    name = type(kind).__name__
    if name == "Number":
        return partial(_numbers, matches=column_scan.PLAIN_NUMBER.fullmatch) if sql_type != "double" else None
    if name in ("Date", "DateTime", "ISODateTime"):
        return {"Date": _dates, "DateTime": _datetimes, "ISODateTime": _iso_datetimes}[name]
    if name == "Boolean":
        return partial(_words, by_word={**column_scan.BOOLEANS, **dict.fromkeys(column_scan.NULLS, "null")})
    return partial(_texts, escape=escape)


def declared_shortcut(declared: str, escape: Callable[[str], str]) -> Shortcut | None:
    """Return the shortcut for a column of the type ``declared``, whose attributes may follow. Return None if none fits.

    A shortcut converts a chunk of texts to SQL literals at once, or returns None if one of them has an unusual form.
    ``escape`` makes a SQL literal of a text.
    """
    kind, _ = split_attributes(declared)
    canonical, base = types.canonical_type(kind), types.base_type(kind)
    if kind.lower() in types.BOOLEAN:
        return partial(_words, by_word={**literals.BOOLEANS, **dict.fromkeys(literals.NULL_WORDS, "null")})
    pattern = _usual_number(canonical, base)
    if pattern:
        return partial(_numbers, matches=re.compile(pattern).fullmatch)
    if canonical == "double":
        return _doubles
    if base == "date":
        return _dates
    if base in ("datetime", "timestamp"):
        return _datetimes
    if base == "varchar" and numbers_of(canonical):
        return partial(_texts, escape=escape, most=numbers_of(canonical)[0])
    if base in TEXT_TYPES:
        max_bytes = TYPES[base].max_bytes
        return partial(_texts, escape=escape, most=max_bytes // CHARACTER_BYTES if max_bytes else None)
    return None


def _usual_number(canonical: str, base: str) -> str | None:
    """Return a regular expression for texts that are numbers, certainly fit the type, and can be used as SQL literals.

    ``canonical`` is the canonical spelling of the type, and ``base`` is its name without length and attributes. Return
    None for ``tinyint(1)``, for an unsigned DECIMAL, and for a type that is neither an integer type nor DECIMAL.
    """
    bits = TYPES[base].bits if base in TYPES else None
    if bits is not None and canonical != "tinyint(1)":
        digits = len(str(2 ** (bits - 1))) - 1
        return rf"0|{'' if 'unsigned' in canonical else '-?'}[1-9][0-9]{{0,{digits - 1}}}"
    if base == "decimal" and "unsigned" not in canonical:
        precision, scale = numbers_of(canonical)
        whole = rf"(?:0|[1-9][0-9]{{0,{precision - scale - 1}}})" if precision > scale else "0"
        return rf"-?{whole}" + (rf"(?:\.[0-9]{{1,{scale}}})?" if scale else "")
    return None


def _numbers(values: Sequence[str], matches: Callable[[str], object]) -> Sequence[str] | None:
    if not all(map(matches, filter(None, values))):
        return None
    return [value or "null" for value in values] if "" in values else values


def _doubles(values: Sequence[str]) -> Sequence[str] | None:
    if max(map(len, values)) > DOUBLE_DIGITS or not column_scan.are_plain_numbers(filter(None, values)):
        return None
    return [repr(float(value)) if value else "null" for value in values]


def _dates(values: Sequence[str]) -> Sequence[str] | None:
    return _quoted(values) if column_scan.are_dates(filter(None, values)) else None


def _datetimes(values: Sequence[str]) -> Sequence[str] | None:
    return _quoted(values) if column_scan.are_datetimes(filter(None, values)) else None


def _iso_datetimes(values: Sequence[str]) -> Sequence[str] | None:
    if not column_scan.are_iso_datetimes(filter(None, values)):
        return None
    return _quoted([value.replace("T", " ") for value in values])


def _quoted(values: Sequence[str]) -> Sequence[str]:
    return [f"'{value}'" if value else "null" for value in values]


def _words(values: Sequence[str], by_word: Mapping[str, str]) -> Sequence[str] | None:
    found = list(map(by_word.get, values))
    return None if None in found else found  # type: ignore[return-value]


def _texts(values: Sequence[str], escape: Callable[[str], str], most: int | None = None) -> Sequence[str] | None:
    if most is not None and max(map(len, values)) > most:
        return None
    return ["null" if value.strip().lower() in ("", "null") else escape(value) for value in values]
