"""SQL conditions for values that a column of another type would store as another value, without an error.

Each function takes the SQL of a value, its type and the new type. It returns None if no value of the type can be lost.
A NULL never meets a condition. Patterns are matched against the text and a semicolon, since ``$`` would also match
before a line feed at the end.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import types
from .types import numbers_of

_EXACT_IN_DOUBLE = 2**53
"""Integers up to this one are exact in a double."""

_STEP_IN_DOUBLE = 2**11
"""Integers of 64 bits that are multiples of this one are exact in a double."""

_DIGITS_OF_DOUBLE = 15
_DIGITS_OF_FLOAT = 6
"""Significant digits that every decimal number keeps, and that the server shows of a float."""

_LONGEST_DOUBLE = len("-1.2345678901234567e-308")
_WIDEST_DECIMAL = "decimal(65,30)"
_BYTES = types.types_in("binary", "blob")
_SHOWN_CHARACTERS = 100
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def value_exists(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for any value."""
    return f"{value} is not null"


# -- numbers


def places_lost(value: str, data_type: str, new_type: str) -> str | None:
    """Return the condition for a number with more places after the point than an integer or a decimal keeps."""
    own, places = types.base_type(data_type), _places(new_type)
    if own == "decimal":
        return f"{value} <> round({value}, {places})" if _places(data_type) > places else None
    if types.base_type(new_type) == "decimal":
        # a number without room is refused by the server, but kernel 1.4 refuses it in the CAST, too
        room = numbers_of(types.canonical_type(new_type))[0] - places
        kept = f"cast(cast({value} as decimal({types.MAX_PRECISION},{places})) as double)"
        return f"case when abs({value}) < 1e{room} then {value} <> {kept} end"
    return f"{value} <> round({value})"


def digits_lost_in_float(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a number with more digits than the server shows of a float."""
    exact = _WIDEST_DECIMAL if types.base_type(data_type) == "decimal" else "double"
    return f"cast(cast(cast({value} as float) as char) as {exact}) <> {value}"


def digits_lost_in_double(value: str, data_type: str, new_type: str) -> str | None:
    """Return the condition for an exact number with more digits than a double has."""
    own = types.base_type(data_type)
    if own in ("bigint", "bit"):
        return f"{value} not between -{_EXACT_IN_DOUBLE} and {_EXACT_IN_DOUBLE} and {value} % {_STEP_IN_DOUBLE} <> 0"
    precision = numbers_of(types.canonical_type(data_type))[0] if own == "decimal" else 0
    if precision > _DIGITS_OF_DOUBLE:
        places = _places(data_type)
        changes = f"{value} <> cast(cast({value} as double) as decimal({types.MAX_PRECISION},{places}))"
        # 99...9 becomes 100...0, for which no decimal has room if this one has all digits already
        is_widest = precision == types.MAX_PRECISION
        return f"abs({value}) >= 9.99e{precision - places - 1} or {changes}" if is_widest else changes
    return None


def is_outside_of_years(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a number that is no year: 1 to 99 would become one, and a fraction is rounded."""
    return f"not ({value} = 0 or ({value} between 1901 and 2155 and {value} = round({value})))"


def is_shortened(value: str, data_type: str, new_type: str) -> str | None:
    """Return the condition for a double that the server would write with fewer digits for lack of room."""
    length = _length(new_type)
    if length is None or length >= _LONGEST_DOUBLE:
        return None
    return f"char_length(cast({value} as char)) > {length}"


# -- days and times


def day_lost(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a moment with a time of day."""
    return f"{value} <> cast({value} as date)"


def fraction_lost(value: str, data_type: str, new_type: str) -> str | None:
    """Return the condition for a fraction of a second with more digits than the new type has."""
    fraction = _fraction(new_type)
    if _fraction(data_type) <= fraction:
        return None
    kind = "time" if types.base_type(new_type) == "time" else "datetime"
    return f"{value} <> cast({value} as {kind}({fraction}))"


# -- texts and bytes


def blanks_lost(value: str, data_type: str, new_type: str) -> str | None:
    """Return the condition for blanks at the end, which CHAR removes, and others if there is no room for them."""
    if types.base_type(new_type) == "char":
        return f"{value} like '% '"
    length, own = _length(new_type), _length(data_type)
    if length is None or (own is not None and own <= length):
        return None
    return f"char_length({value}) > {length} and {value} like '% '"


def is_padded(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a value that is shorter than a BINARY, which zero bytes would make longer."""
    text = value if types.base_type(data_type) in _BYTES else _as_text(value, data_type)
    return f"length({text}) <> {_length(new_type)}"


# -- texts that are read


def is_no_integer(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a text that is no integer."""
    return _is_not(value, r"[+-]?[0-9]+([.]0*)?")


def is_no_decimal(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a text that is no number, or has too many places after the point."""
    places = _places(new_type)
    short = f"|[.][0-9]{{1,{places}}}0*" if places else ""
    return _is_not(value, f"[+-]?([0-9]+([.][0-9]{{0,{places}}}0*)?{short})")


def is_no_float(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a text that is no number, or has more digits than a float or a double keeps."""
    kind = types.base_type(new_type)
    digits = _DIGITS_OF_FLOAT if kind == "float" else _DIGITS_OF_DOUBLE
    is_number = f"not ({_is_not(value, '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)')})"
    is_short = f"{is_number} and char_length({value}) <= {digits}"
    return f"not ({is_short} or {_as_bytes(value)} = {_as_bytes(f'cast({value} as {kind})')})"


def is_no_year(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a text that is no year of four digits."""
    return _is_not(value, "0000|190[1-9]|19[1-9][0-9]|20[0-9]{2}|21[0-4][0-9]|215[0-5]")


def is_no_date(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a text that is no ISO date, or has a time of day."""
    return _is_not(value, f"{_DATE}([ T]00:00(:00([.]0*)?)?)?")


def is_no_moment(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a text that is no ISO date and time; the server would ignore an offset."""
    return _is_not(value, f"{_DATE}([ T][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}{_fraction_pattern(new_type)})?)?")


def is_no_time(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a text that is no time with hours, minutes and seconds."""
    return _is_not(value, f"-?[0-9]{{2,3}}:[0-9]{{2}}:[0-9]{{2}}{_fraction_pattern(new_type)}")


def is_no_member(value: str, data_type: str, new_type: str) -> str | None:
    """Return the condition for a text that no member of an ENUM is byte for byte.

    The server would take the member of another case, or, for digits, the member that has this position.
    """
    members = types.arguments_of(new_type)
    if types.base_type(data_type) == "enum" and set(types.arguments_of(data_type)) <= set(members):
        return None
    return f"{_as_bytes(value)} not in ({', '.join(f'cast({member} as binary)' for member in members)})"


def is_no_set(value: str, data_type: str, new_type: str) -> str | None:
    """Return the condition for a text that a SET would not give back byte for byte, which has an order of its own."""
    if types.base_type(data_type) == "set":
        own, members = types.arguments_of(data_type), types.arguments_of(new_type)
        if own == tuple(member for member in members if member in own):
            return None
    text = f"cast({value} as char)"
    found = (f"case when find_in_set({member}, {text}) then {member} end" for member in types.arguments_of(new_type))
    return f"{_as_bytes(f'concat_ws({_comma_list(found)})')} <> {_as_bytes(value)}"


def is_no_json(value: str, data_type: str, new_type: str) -> str:
    """Return the condition for a text that loses keys or digits as JSON: keys that are there twice, long numbers."""
    json = f"cast(cast({value} as json) as char)"
    keys, kept_keys = (f"char_length(replace({text}, ':', '::')) - char_length({text})" for text in (value, json))
    text, kept_text = (_as_bytes(f"replace({text}, ' ', '')") for text in (value, json))
    return f"({keys}) <> ({kept_keys}) or ({value} regexp '[0-9.]{{16,}}|e[+-]?[0-9]{{3}}' and {text} <> {kept_text})"


def is_no_array(value: str, data_type: str, new_type: str) -> str | None:
    """Return the condition for a text with numbers that the elements of an ARRAY would round.

    The elements of a VECTOR are floats of four bytes, whatever is written: they are kept. Texts are not taken apart for
    elements of other types, nor for a MAP.
    """
    element = new_type
    while types.base_type(element) == "array" and types.arguments_of(element):
        element = types.arguments_of(element)[0]
    base = types.base_type(element)
    if base == "vector":
        return None
    if base in types.INTEGER_TYPES:
        return f"{value} regexp '[.e]'"
    if base in types.FLOAT_TYPES:
        digits = _DIGITS_OF_FLOAT if base == "float" else _DIGITS_OF_DOUBLE
        return f"{value} regexp '[0-9.]{{{digits + 1}}}|e[+-]?[0-9]{{2}}'"
    return value_exists(value, data_type, new_type)


def shown(value: str, data_type: str) -> str:
    """Return the SQL of a text that shows a value in an error; never NULL for a value."""
    base = types.base_type(data_type)
    if base in (*_BYTES, *types.types_in("geometry")):
        return f"concat('0x', left(hex({value}), {_SHOWN_CHARACTERS}))"
    if base not in types.TYPES or base in types.types_in("collection"):
        return "'a value'"
    return f"left({_as_text(value, data_type)}, {_SHOWN_CHARACTERS})"


def _as_text(value: str, data_type: str) -> str:
    """Return the text that the server makes of a value; for BIT the number, as in an INSERT."""
    return f"cast({value}{' + 0' if types.base_type(data_type) == 'bit' else ''} as char)"


def _is_not(text: str, pattern: str) -> str:
    return f"concat({text}, ';') not regexp '^({pattern});$'"


def _as_bytes(value: str) -> str:
    return f"cast(cast({value} as char) as binary)"


def _comma_list(found: Iterable[str]) -> str:
    return ", ".join(("','", *found))


def _length(data_type: str) -> int | None:
    """Return the length of a CHAR, VARCHAR, BINARY or VARBINARY; None for other types."""
    numbers = numbers_of(types.canonical_type(data_type))
    return numbers[0] if numbers and types.base_type(data_type) in types.LENGTH_TYPES else None


def _places(data_type: str) -> int:
    """Return the digits after the point of a decimal, 0 for other types."""
    return numbers_of(types.canonical_type(data_type))[1] if types.base_type(data_type) == "decimal" else 0


def _fraction(data_type: str) -> int:
    return (numbers_of(types.canonical_type(data_type)) or [0])[0] if "(" in data_type else 0


def _fraction_pattern(data_type: str) -> str:
    return f"([.][0-9]{{0,{_fraction(data_type)}}}0*)?"
