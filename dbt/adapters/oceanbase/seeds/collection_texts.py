"""Find texts of arrays and maps in a seed that the server would change without an error.

The server rounds the numbers in such a text to the type of the elements. A number that has more than 64 bits becomes
another one, also in an array of BIGINT. Of a key that a map has twice, only the last value is stored. A number without
quotes in an array of texts is written in the server's own way.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ..sql import types

_PART = re.compile(r'("(?:[^"\\]|\\.)*"|[^\s"{}\[\],:]+)\s*(:?)', re.DOTALL)
"""Pattern of a value or key: a string in quotes, or a number or word. A key has a colon behind it."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_INTEGER = re.compile(r"0|-?[1-9]\d*", re.ASCII)
_NUMERIC = (*types.INTEGER_TYPES, *types.FLOAT_TYPES)
_PLAIN = (Decimal("1e-5"), Decimal("1e15"))  # limits of the numbers that the server writes without an exponent


def check_collection(text: str, declared: str, parser_of: Callable[[str], Callable[[str], str] | None]) -> None:
    """Raise ValueError with reason and remedy if the server would change a value of ``text`` without an error.

    ``text`` is an array or a map as the server reads it. ``declared`` is the type of the column, an ARRAY or a MAP.
    ``parser_of`` takes a type and returns the function that raises an error for a number that is none of this type. A
    text that is no array or map at all is not refused, since the server does that. The elements of vectors always have
    four bytes, so they are not looked at.
    """
    of_keys, of_values = _innermost(declared)
    keys: set[Any] = set()
    for part, colon in _PART.findall(text):
        is_key = bool(colon and of_keys)
        kind = of_keys if is_key else of_values
        content = _content(part)
        if types.base_type(kind) in _NUMERIC:
            _check_number(content, kind, declared, parser_of(kind))
        elif not is_key and types.base_type(kind) in types.STRING_TYPES:
            _check_text(part, declared)
        if is_key:
            key = _key(content, kind)
            if key in keys:
                raise ValueError(f"has the key {part} twice, which {declared} does not keep: remove one of them")
            keys.add(key)


def _innermost(declared: str) -> tuple[str, str]:
    """Return the type of the keys, empty for an array, and that of the values or the innermost elements."""
    arguments = types.arguments_of(declared)
    of_keys, kind = (arguments[0], arguments[-1]) if types.base_type(declared) == "map" else ("", declared)
    while types.base_type(kind) == "array" and types.arguments_of(kind):
        kind = types.arguments_of(kind)[0]
    return of_keys, kind


def _check_number(text: str, kind: str, declared: str, parse: Callable[[str], str] | None) -> None:
    if parse is None or not _NUMBER.fullmatch(text):
        return
    try:
        parse(text)
        # the server reads an integer with a point or an exponent as a DOUBLE
        is_kept = types.base_type(kind) in types.FLOAT_TYPES or _INTEGER.fullmatch(text) or _is_double(Decimal(text))
    except (ValueError, ArithmeticError):
        is_kept = False
    if not is_kept:
        raise ValueError(f"has the number {text}, which {declared} does not keep: correct the value or column_types")


def _check_text(part: str, declared: str) -> None:
    if part.startswith('"') or not _NUMBER.fullmatch(part):
        return
    try:
        number = Decimal(part)
        if _INTEGER.fullmatch(part):
            is_kept = -(2**63) <= number < 2**64
        else:
            is_kept = (not number or _PLAIN[0] <= abs(number) < _PLAIN[1]) and f"{Decimal(repr(float(part))):f}" == part
    except ArithmeticError:  # the exponent has too many digits
        is_kept = False
    if not is_kept:
        raise ValueError(f"has the number {part}, which {declared} writes in another way: put it in quotes")


def single(number: float) -> float:
    """Return ``number`` as a FLOAT of four bytes keeps it. Raise OverflowError if it is too large."""
    return float(struct.unpack("f", struct.pack("f", number))[0])


def _is_double(number: Decimal) -> bool:
    return Decimal(float(number)) == number


def _content(part: str) -> str:
    """Return ``part`` without quotes. In quotes, the escapes of JSON are replaced by their characters."""
    if not part.startswith('"'):
        return part
    try:
        return str(json.loads(part))
    except ValueError:
        return part[1:-1]


def _key(text: str, kind: str) -> Any:
    """Return the key that the server makes of ``text``, a key without quotes. Two equal ones are the same key."""
    base = types.base_type(kind)
    if base not in _NUMERIC or not _NUMBER.fullmatch(text):
        return text
    if base in types.FLOAT_TYPES:
        return single(float(text)) if base == "float" else float(text)
    return Decimal(text)
