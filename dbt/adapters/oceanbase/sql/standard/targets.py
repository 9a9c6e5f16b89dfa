"""The types in casts, such as ``integer`` in ``x::integer``, and the SQL that replaces a cast to each type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..types import MAX_FRACTION, MAX_SCALE
from . import checked_values
from .checked_values import Form

Token = tuple[int, str]
"""A token of the lexer: its position and its text in lower case."""


class Target(NamedTuple):
    """The type to which a cast in a statement converts, and the SQL that replaces the cast.

    ``form`` has this SQL: the text before the operand and the text after it. ``end`` is the index of the token after
    the type. ``is_refused`` tells whether the server's CAST refuses the type (error 1064).
    """

    form: Form
    end: int
    is_refused: bool


def _without_arguments(form: Form) -> Callable[[Sequence[int]], Form | None]:
    return lambda arguments: None if arguments else form


def _text(arguments: Sequence[int]) -> Form | None:
    if not arguments:
        return checked_values.TEXT
    return checked_values.text(arguments[0]) if len(arguments) == 1 and arguments[0] else None


def _decimal(arguments: Sequence[int]) -> Form | None:
    precision, scale = (*arguments, 0)[:2] if arguments else (0, 0)
    if not scale <= precision <= checked_values.MAX_CHECKED_DIGITS or not precision or scale > MAX_SCALE:
        return None
    return checked_values.decimal(precision, scale)


def _with_fraction(make: Callable[[int], Form]) -> Callable[[Sequence[int]], Form | None]:
    def form(arguments: Sequence[int]) -> Form | None:
        digits = arguments[0] if arguments else MAX_FRACTION
        return make(digits) if len(arguments) < 2 and digits <= MAX_FRACTION else None

    return form


_BITS = {
    64: ("bigint", "int8", "int64"),
    32: ("int", "integer", "int4", "int32"),
    24: ("mediumint",),
    16: ("smallint", "int2"),
    8: ("tinyint",),
}

REFUSED: dict[str, Callable[[Sequence[int]], Form | None]] = {
    **{name: _without_arguments(checked_values.integer(bits)) for bits, names in _BITS.items() for name in names},
    **dict.fromkeys(("varchar", "nvarchar", "character varying", "char varying", "text", "string"), _text),
    **dict.fromkeys(("boolean", "bool"), _without_arguments(checked_values.BOOLEAN)),
    **dict.fromkeys(
        ("timestamp", "timestamp without time zone", "timestamp_ntz"), _with_fraction(checked_values.timestamp)
    ),
    "time without time zone": _with_fraction(checked_values.time),
    **dict.fromkeys(("double precision", "real", "float64"), _without_arguments(checked_values.double())),
    "jsonb": _without_arguments(checked_values.JSON),
}
"""Functions by the name of a type that CAST refuses on all servers. A function returns the SQL for a cast to the type.

A function takes the arguments of the type, such as ``[10]`` of ``varchar(10)``. It returns None for arguments that the
type cannot have, or whose range cannot be checked.
"""

ACCEPTED: dict[str, Callable[[Sequence[int]], Form | None]] = {
    "signed": _without_arguments(checked_values.integer(64)),
    **dict.fromkeys(("char", "character"), _text),
    **dict.fromkeys(("numeric", "decimal", "dec", "number"), _decimal),
    **dict.fromkeys(("double", "float", "float8"), _without_arguments(checked_values.double())),
    "date": _without_arguments(checked_values.date()),
    "datetime": _with_fraction(checked_values.timestamp),
    "time": _with_fraction(checked_values.time),
    "json": _without_arguments(checked_values.JSON),
}
"""Functions by the name of a type that CAST accepts. A function returns the SQL for a cast to the type.

Its argument, and the cases in which it returns None, are those of the functions in REFUSED. The functions are used for
``x::type`` only. ``cast(x as type)`` is sent to the server as it is.
"""

_BY_WORDS = {tuple(name.split()): name for name in (*REFUSED, *ACCEPTED)}
_MOST_WORDS = max(map(len, _BY_WORDS))
_ZONE = ("without", "time", "zone")
_GOES_ON = frozenset({"(", "[", ".", "unsigned", "zerofill", "array", "character", "charset"})
"""Tokens that show that the type before them is another type, or no type at all.

They follow directly after the name of the type, or after its arguments. For example, ``bigint unsigned`` is another
type than ``bigint``.
"""


def target(tokens: Sequence[Token], start: int) -> Target | None:
    """Return the type of a cast. The name of the type begins at the index ``start`` of ``tokens``.

    Return None if the type is neither in REFUSED nor in ACCEPTED, or if a cast to it is not rewritten because of its
    arguments.
    """
    words = tuple(word for _, word in tokens[start : start + _MOST_WORDS])
    found = next((words[:count] for count in range(len(words), 0, -1) if words[:count] in _BY_WORDS), None)
    if found is None:
        return None
    name, end = _BY_WORDS[found], start + len(found)
    arguments, end = _arguments(tokens, end)
    after = tuple(word for _, word in tokens[end : end + 3])
    if found in (("timestamp",), ("time",)) and after == _ZONE:
        name, end, after = f"{name} without time zone", end + 3, ()
    follows = tokens[end][1] if end < len(tokens) else ""
    if follows in _GOES_ON or (found in (("timestamp",), ("time",)) and after == ("with", *_ZONE[1:])):
        return None
    form = {**REFUSED, **ACCEPTED}[name](arguments)
    return form and Target(form, end, name in REFUSED)


def _arguments(tokens: Sequence[Token], start: int) -> tuple[list[int], int]:
    words = [word for _, word in tokens[start : start + 5]]
    if len(words) >= 3 and words[0] == "(" and _is_number(words[1]) and words[2] == ")":
        return [int(words[1])], start + 3
    is_pair = len(words) == 5 and words[0] == "(" and words[2] == "," and words[4] == ")"
    if is_pair and _is_number(words[1]) and _is_number(words[3]):
        return [int(words[1]), int(words[3])], start + 5
    return [], start


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 10
