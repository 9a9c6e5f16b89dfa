"""Convert the values of a seed to SQL literals for the types of their columns."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from ..sql import types
from ..sql.types import FLOAT_TYPES, MAX_PRECISION, TEXT_TYPES, TIME_TYPES, TYPES, numbers_of
from .collection_texts import check_collection, single
from .column_attributes import split_attributes
from .datetimes import LITERAL_FUNCTIONS, ValueLost, format_date, fraction_digits, is_cut
from .json_texts import check_json

if TYPE_CHECKING:
    import agate

LiteralFunction = Callable[[Any], str]
"""A function that converts a value to a SQL literal.

It raises ValueError with reason and remedy if the value is invalid.
"""

Parser = Callable[[str], str]
"""A function that converts text to a SQL literal.

It raises ValueError or ArithmeticError if the text is invalid.
"""

NULL_WORDS = frozenset({"", "na", "n/a", "null", "none", "."})
"""Words, in lower case, that mean NULL in a column declared as a number, boolean or time.

In a text column, only the empty text and ``null`` mean NULL. The other words are stored as text.
"""

BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), "1"),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), "0"),
}
"""Mapping of the words that mean true and false, in lower case, to the SQL literals 1 and 0."""

_HALF = Decimal("0.5")
_MEMBER = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\Z", re.ASCII | re.IGNORECASE)
_INTEGERS = re.compile(r"\s*[0-9]+\s*(,\s*[0-9]+\s*)*", re.ASCII)


def inferred_literal(kind: agate.DataType, sql_type: str, escape: Callable[[str], str]) -> LiteralFunction:
    """Return the function that converts the values of a column without a declared type to SQL literals.

    The values have the type ``kind`` that dbt's rules have inferred, or they are still texts if it is dbt's type of ISO
    times. ``sql_type`` is the type of the column in the table. ``escape`` makes a SQL literal of a text.
    """
    import agate

    if isinstance(kind, agate.Number):
        return _double if sql_type == "double" else _exact
    if isinstance(kind, agate.Text):
        return lambda value: "null" if value is None else escape(value)
    if is_iso_time(kind):
        return partial(_iso_time, cast=kind.cast)
    if isinstance(kind, (agate.Date, agate.DateTime)):
        return lambda value: "null" if value is None else f"'{format_date(value)}'"
    return _plain


def is_iso_time(kind: agate.DataType) -> bool:
    """Check whether ``kind`` is the type of dbt's reader for ISO times, which cuts them to microseconds."""
    return type(kind).__name__ == "ISODateTime"


def _iso_time(value: str | datetime.datetime | None, cast: Callable[[Any], Any]) -> str:
    moment = cast(value)
    if isinstance(value, str) and moment is not None and is_cut(value):
        raise ValueError(
            "has more fractions of a second than a datetime keeps: shorten it, or declare the column in column_types, "
            "as varchar to keep them"
        )
    return "null" if moment is None else f"'{format_date(moment)}'"


def _plain(value: bool | int | None) -> str:
    return "null" if value is None else str(int(value))


def _exact(value: Decimal | None) -> str:
    return "null" if value is None else format(_finite(value), "f")


def _double(value: Decimal | None) -> str:
    if value is None:
        return "null"
    text = repr(float(_finite(value)))
    if value != Decimal(text):
        raise ValueError(
            "would lose digits, and no decimal type holds all values of the column: declare it in column_types, as "
            "double if that will do, as varchar otherwise"
        )
    return text


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError(
            "is no number that the server has: leave it empty for NULL, or declare the column in column_types"
        )
    return value


def declared_literal(declared: str, escape: Callable[[str], str]) -> LiteralFunction:
    """Return the function that converts the text of a seed's values to SQL literals for the type ``declared``.

    Attributes of the column, such as ``not null``, may follow the type. The function ignores blanks around numbers,
    booleans and times. ``escape`` makes a SQL literal of a text.
    """
    kind, _ = split_attributes(declared)
    if types.canonical_type(kind).startswith("array(array("):
        return partial(_nested_array, declared=kind, escape=escape)
    parse = _parser(kind)
    if parse is None:
        return partial(_text, escape=escape, check=_limit(kind))
    return _parsed(parse, kind)


def _parsed(parse: Parser, declared: str) -> LiteralFunction:
    refusal, remedy = f"is no {declared}", "correct the value or column_types"

    def to_literal(value: Any) -> str:
        text = "" if value is None else str(value).strip()
        if text.lower() in NULL_WORDS:
            return "null"
        try:
            return parse(text)
        except ValueLost as lost:
            raise ValueError(f"{lost}, which {declared} does not keep: {remedy}") from None
        except (ValueError, ArithmeticError):
            raise ValueError(f"{refusal}: {remedy}") from None

    return to_literal


def _text(value: str | None, escape: Callable[[str], str], check: Callable[[str], None] | None) -> str:
    if value is None:
        return "null"
    if check:
        check(value)
    return escape(value)


def _parser(declared: str, is_element: bool = False) -> Parser | None:
    """Return the function that converts text to a SQL literal of the type ``declared``.

    Return None if the type needs no conversion, so that the text is sent to the server as a string literal. With
    ``is_element`` the text is a number in an array or a map. There a BOOLEAN is a TINYINT, which keeps 2 as well.
    """
    canonical, base = types.canonical_type(declared), types.base_type(declared)
    bits = TYPES[base].bits if base in TYPES else None
    if bits is not None:
        if declared.strip().lower() in types.BOOLEAN and not is_element:
            return _boolean
        allowed = range(2**bits) if "unsigned" in canonical else range(-(2 ** (bits - 1)), 2 ** (bits - 1))
        return partial(_boolean_or_integer if canonical == "tinyint(1)" else _integer, allowed=allowed)
    if base == "bit":
        return partial(_boolean_or_integer, allowed=range(2 ** numbers_of(canonical)[0]))
    if base in FLOAT_TYPES:
        return partial(_float, is_single=base == "float", size=numbers_of(canonical), is_element=is_element)
    if base == "decimal":
        precision, scale = numbers_of(canonical)
        return partial(_decimal, whole=precision - scale, scale=scale)
    if base == "roaringbitmap":
        return _bitmap
    if base in TIME_TYPES:
        return partial(_time, to_literal=LITERAL_FUNCTIONS[base], most=(numbers_of(canonical) or [0])[0])
    return LITERAL_FUNCTIONS.get(base)


def _nested_array(value: str | None, declared: str, escape: Callable[[str], str]) -> str:
    """Return SQL for ``value``, the text of an array whose elements are arrays. ``declared`` is the array's type.

    The server refuses the text ``[]`` for such a type (7602). So the SQL for an empty array is a call of ARRAY_REMOVE.
    """
    if value is None or value.strip() != "[]":
        return _text(value, escape, _limit(declared))
    depth = types.canonical_type(declared).count("array(") - 1
    element = f"{'array(' * depth}1{')' * depth}"
    return f"array_remove(array({element}), {element})"


def _bitmap(text: str) -> str:
    """Return SQL for the bitmap of the integers that ``text`` lists, separated by commas.

    Raise ValueError if ``text`` has anything else than digits 0 to 9, blanks and commas, or an integer of more than 64
    bits.
    """
    if not _INTEGERS.fullmatch(text):
        raise ValueError(text)
    numbers = [int(number) for number in text.split(",")]
    if not all(0 <= number < 2**64 for number in numbers):
        raise ValueError(text)
    return f"rb_from_string('{','.join(map(str, numbers))}')"


def _boolean(text: str) -> str:
    try:
        return BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError(text) from None


def _boolean_or_integer(text: str, allowed: range) -> str:
    return BOOLEANS.get(text.lower()) or _integer(text, allowed)


def _integer(text: str, allowed: range) -> str:
    number = _number(text)
    if number.adjusted() > MAX_PRECISION or number != int(number) or int(number) not in allowed:
        raise ValueError(text)
    return str(int(number))


def _decimal(text: str, whole: int, scale: int) -> str:
    number = _number(text)
    if number and number.adjusted() >= whole:
        raise ValueError(text)
    plain = format(number, "f")
    if len(plain.partition(".")[2].rstrip("0")) > scale:
        raise ValueLost("has more digits after the point")
    return plain


def _float(text: str, is_single: bool, size: Sequence[int], is_element: bool = False) -> str:
    """Return the SQL literal for ``text`` in a DOUBLE column, or with ``is_single`` in a FLOAT column.

    ``size`` has the numbers of digits of a type such as ``double(10,2)``. It is ignored unless there are two of them.
    Raise ValueError if ``text`` is not a number or is out of range. Raise ValueLost if the column would change digits
    before the point, or has a size with fewer digits after the point. Without a size, digits after the point may be
    rounded. The server writes six digits of a FLOAT, and a column has to keep the number that is written. With
    ``is_element``, for a number in an array or a map, it is enough that the four bytes keep it.
    """
    exact = _number(text)
    number = float(exact)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    if len(size) == 2 and exact:
        if exact.adjusted() >= size[0] - size[1]:
            raise ValueError(text)
        if _places(exact) > size[1]:
            raise ValueLost("has more digits after the point")
    kept = [Decimal(f"{single(number):.6g}" if is_single else repr(number))]
    if is_single and is_element:
        kept.append(Decimal(single(number)))
    if all(abs(value - exact) >= _HALF for value in kept):
        raise ValueLost("has more digits before the point")
    return repr(number)


def _time(text: str, to_literal: Parser, most: int) -> str:
    literal = to_literal(text)
    if fraction_digits(text) > most:
        raise ValueLost("has more fractions of a second")
    return literal


def _places(number: Decimal) -> int:
    """Return how many digits ``number`` has after the point, without zeros at the end."""
    digits = "".join(map(str, number.as_tuple().digits))
    return max(0, len(digits.rstrip("0")) - 1 - number.adjusted())


def _number(text: str) -> Decimal:
    if not _NUMBER.match(text):
        raise ValueError(text)
    return Decimal(text)


def _limit(declared: str) -> Callable[[str], None] | None:
    """Return a function that raises ValueError for text that the server would change or misread without an error.

    ``declared`` is the type of the column. Return None if the server does not do that for this type.
    """
    canonical, base = types.canonical_type(declared), types.base_type(declared)
    if base in ("char", "varchar"):
        return partial(_check_length, declared=declared, most=numbers_of(canonical)[0], is_padded=base == "char")
    if base == "binary":
        return partial(_check_padding, declared=declared, size=numbers_of(canonical)[0])
    if base == "json":
        return partial(check_json, declared=declared)
    if base in ("array", "map"):
        return partial(check_collection, declared=declared, parser_of=partial(_parser, is_element=True))
    max_bytes = TYPES[base].max_bytes if base in TEXT_TYPES and base != "longtext" else None
    if max_bytes is not None:
        return partial(_check_size, declared=declared, most=max_bytes)
    if base in ("enum", "set"):
        members = frozenset(re.sub(r"''|\\(.)", _unescaped, member) for member in _MEMBER.findall(canonical))
        return partial(_check_members, declared=declared, members=members, is_set=base == "set")
    return None


def _unescaped(match: re.Match[str]) -> str:
    return match.group(1) or "'"


def _check_length(text: str, declared: str, most: int, is_padded: bool) -> None:
    if len(text) > most:
        raise ValueError(f"has {len(text)} characters, too many for {declared}: correct the value or column_types")
    if is_padded and text.endswith(" "):
        raise ValueError(f"ends in blanks, which {declared} does not keep: declare varchar({most}) in column_types")


def _check_padding(text: str, declared: str, size: int) -> None:
    if len(text.encode()) < size:
        raise ValueError(
            f"has {len(text.encode())} bytes, which {declared} fills up with zero bytes: "
            f"declare varbinary({size}) in column_types"
        )


def _check_size(text: str, declared: str, most: int) -> None:
    size = len(text.encode())
    if size > most:
        raise ValueError(f"has {size} bytes, too many for {declared}: declare longtext in column_types")


def _check_members(text: str, declared: str, members: frozenset[str], is_set: bool) -> None:
    # the server reads digits as the position of a member, and finds members by the collation
    if not members.issuperset(text.split(",") if is_set and text else [text]) and (text or not is_set):
        raise ValueError(f"is no member of {declared}: correct the value or column_types")
