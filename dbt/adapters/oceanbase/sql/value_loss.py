"""SQL conditions for values that a column of another type would store as another value, without an error.

Each function takes ``value``, the SQL of a value; ``data_type``, the type of that value; and ``new_type``, the type of
the column in which it would be stored. It returns an SQL condition that is true if the stored value would differ. The
condition is never true for NULL. Some functions return None if the stored value cannot differ.

Regular expressions are matched against the text of a value with a semicolon added at its end. Without the semicolon,
``$`` would also match before a line feed at the end.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import types
from .types import numbers_of
from .value_texts import BYTES, as_bytes, as_text

_EXACT_IN_DOUBLE = 2**53
"""The largest integer up to which a DOUBLE stores every integer exactly."""

_STEP_IN_DOUBLE = 2**11
"""A DOUBLE stores every multiple of this number exactly if the multiple has at most 64 bits."""

DIGITS_OF_DOUBLE = 15
"""A DOUBLE keeps every decimal number with at most this many digits."""

DIGITS_OF_FLOAT = 6
"""A FLOAT keeps every decimal number with at most this many digits. The server shows no more digits of a FLOAT."""

_LONGEST_DOUBLE = len("-1.2345678901234567e-308")
_WIDEST_DECIMAL = "decimal(65,30)"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def value_exists(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that ``value``, which is SQL, is not NULL.

    It is used if a column of ``new_type`` would change every value of ``data_type``. Only NULL stays the same.
    """
    return f"{value} is not null"


# -- numbers


def places_lost(value: str, data_type: str, new_type: str) -> str | None:
    """Return the SQL condition that the number ``value`` has more places after the point than ``new_type`` keeps.

    ``value`` is SQL, and ``data_type`` is its type. ``new_type`` is a decimal, or a type that keeps no places, such as
    an integer. Return None if ``data_type`` is a decimal that has no more places than ``new_type`` keeps.
    """
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
    """Return the SQL condition that the number ``value`` has more than the six digits that a FLOAT keeps.

    ``value`` is SQL, ``data_type`` is its type, and ``new_type`` is FLOAT.
    """
    exact = _WIDEST_DECIMAL if types.base_type(data_type) == "decimal" else "double"
    return f"cast(cast(cast({value} as float) as char) as {exact}) <> {value}"


def digits_lost_in_double(value: str, data_type: str, new_type: str) -> str | None:
    """Return the SQL condition that ``value``, an integer or a decimal, has more digits than a DOUBLE keeps.

    ``value`` is SQL, ``data_type`` is its type, and ``new_type`` is DOUBLE. For a BIGINT or BIT outside of
    -2**53 to 2**53, the condition is true if ``value`` is no multiple of 2048. For a DECIMAL with 65 digits, it is also
    true for the largest values. In both cases, a DOUBLE may keep the value nevertheless. Return None if ``data_type``
    has too few digits to lose any.
    """
    own = types.base_type(data_type)
    if own in ("bigint", "bit"):
        return f"{value} not between -{_EXACT_IN_DOUBLE} and {_EXACT_IN_DOUBLE} and {value} % {_STEP_IN_DOUBLE} <> 0"
    precision = numbers_of(types.canonical_type(data_type))[0] if own == "decimal" else 0
    if precision > DIGITS_OF_DOUBLE:
        places = _places(data_type)
        changes = f"{value} <> cast(cast({value} as double) as decimal({types.MAX_PRECISION},{places}))"
        # 99...9 becomes 100...0, for which no decimal has room if this one has all digits already
        is_widest = precision == types.MAX_PRECISION
        return f"abs({value}) >= 9.99e{precision - places - 1} or {changes}" if is_widest else changes
    return None


def float_places(data_type: str) -> int | None:
    """Return the D of ``double(M,D)`` or ``float(M,D)``, the number of digits after the point to which it rounds.

    Return None for any other type, and for a FLOAT or DOUBLE that has no such number.
    """
    numbers = numbers_of(types.canonical_type(data_type)) if types.base_type(data_type) in types.FLOAT_TYPES else []
    return numbers[1] if len(numbers) == 2 else None


def places_lost_in_float(value: str, data_type: str, new_type: str) -> str | None:
    """Return the SQL condition that ``value`` has more digits after the point than ``new_type`` keeps.

    ``value`` is the SQL of a number or of a text, ``data_type`` is its type, and ``new_type`` is ``double(M,D)`` or
    ``float(M,D)``. The condition is also true for a text that is no number or that has an exponent. Return None if
    ``new_type`` is another type, or if ``data_type`` has no more digits after the point.
    """
    places, own = float_places(new_type), types.base_type(data_type)
    if places is None:
        return None
    if own in types.STRING_TYPES:
        return _is_not(value, _decimal_pattern(places))
    own_places = float_places(data_type) if own in types.FLOAT_TYPES else _places(data_type)
    if own_places is not None and own_places <= places:
        return None
    # the value of a FLOAT is the number that it shows
    number = f"cast(cast({value} as char) as double)" if own == "float" else value
    return f"{number} <> round({number}, {places})"


def is_outside_of_years(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that a YEAR column would store another value than the number ``value``.

    ``value`` is SQL, ``data_type`` is its type, and ``new_type`` is YEAR. A YEAR column stores 0 and 1901 to 2155. The
    condition is true for any other number. For 1 to 99 and for a fraction, the server would store another year.
    """
    return f"not ({value} = 0 or ({value} between 1901 and 2155 and {value} = round({value})))"


def is_shortened(value: str, data_type: str, new_type: str) -> str | None:
    """Return the SQL condition that the text of the DOUBLE ``value`` has more characters than ``new_type`` allows.

    ``value`` is SQL, ``data_type`` is DOUBLE, and ``new_type`` is a type such as ``varchar(10)``. The server would
    store the number with fewer digits. Return None if ``new_type`` is long enough for every DOUBLE.
    """
    length = _length(new_type)
    if length is None or length >= _LONGEST_DOUBLE:
        return None
    return f"char_length(cast({value} as char)) > {length}"


# -- days and times


def day_lost(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that ``value``, a date with a time, has another time than midnight.

    ``value`` is SQL, ``data_type`` is its type, and ``new_type`` is DATE. A DATE column would lose that time.
    """
    return f"{value} <> cast({value} as date)"


def fraction_lost(value: str, data_type: str, new_type: str) -> str | None:
    """Return the SQL condition that ``value`` has more digits of a second than ``new_type``, for example ``time(3)``.

    ``value`` is the SQL of a time, or of a date with a time, and ``data_type`` is its type. Return None if
    ``data_type`` has no more digits than ``new_type``.
    """
    fraction = _fraction(new_type)
    if _fraction(data_type) <= fraction:
        return None
    kind = "time" if types.base_type(new_type) == "time" else "datetime"
    return f"{value} <> cast({value} as {kind}({fraction}))"


# -- texts and bytes


def blanks_lost(value: str, data_type: str, new_type: str) -> str | None:
    """Return the SQL condition that the text of ``value`` ends with blanks that a column of ``new_type`` would lose.

    ``value`` is SQL, and ``data_type`` is its type. A CHAR column loses all blanks at the end. A column of another type
    loses the blanks that exceed its length. Return None if ``new_type`` is no CHAR and has room for every value of
    ``data_type``.
    """
    if types.base_type(new_type) == "char":
        return f"{value} like '% '"
    length, own = _length(new_type), _length(data_type)
    if length is None or (own is not None and own <= length):
        return None
    return f"char_length({value}) > {length} and {value} like '% '"


def is_padded(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that ``value`` has another number of bytes than a column of the BINARY ``new_type``.

    ``value`` is SQL, ``data_type`` is its type, and ``new_type`` is a type such as ``binary(4)``. The server would add
    zero bytes to a shorter value.
    """
    text = value if types.base_type(data_type) in BYTES else as_text(value, data_type)
    return f"length({text}) <> {_length(new_type)}"


# -- texts that are read


def is_no_integer(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that the text ``value`` is anything but an integer.

    ``value`` is SQL, ``data_type`` is its type, and ``new_type`` is an integer type. An integer may be followed by a
    point and zeros, since an integer column loses nothing by them.
    """
    return _is_not(value, r"[+-]?[0-9]+([.]0*)?")


def is_no_decimal(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that a DECIMAL ``new_type`` would change the text ``value``.

    ``value`` is SQL, and ``data_type`` is its type. The condition is true for a text that is no number, for a number
    with an exponent, and for a number with more digits after the point than ``new_type`` has, unless the extra digits
    are zeros. Digits before the point are not counted, because the server refuses a number with too many of them.
    """
    return _is_not(value, _decimal_pattern(_places(new_type)))


def is_no_float(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that a column of ``new_type``, FLOAT or DOUBLE, would change the text ``value``.

    ``value`` is SQL, and ``data_type`` is its type. The condition is false if the server shows the stored number
    exactly like the text. It is also false for a number without an exponent that has at most 6 characters for a FLOAT,
    or 15 for a DOUBLE, because the column keeps that many digits. It is true for any other text.
    """
    kind = types.base_type(new_type)
    digits = DIGITS_OF_FLOAT if kind == "float" else DIGITS_OF_DOUBLE
    is_number = f"not ({_is_not(value, '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)')})"
    is_short = f"{is_number} and char_length({value}) <= {digits}"
    return f"not ({is_short} or {as_bytes(value)} = {as_bytes(f'cast({value} as {kind})')})"


def is_no_year(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that a YEAR column would change the text ``value``.

    ``value`` is SQL, ``data_type`` is its type, and ``new_type`` is YEAR. The column keeps the texts 0000 and 1901 to
    2155, which have four digits. The condition is true for any other text. It is not true for NULL.
    """
    return _is_not(value, "0000|190[1-9]|19[1-9][0-9]|20[0-9]{2}|21[0-4][0-9]|215[0-5]")


def is_no_date(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that a DATE column would change the text ``value``.

    ``value`` is SQL, ``data_type`` is its type, and ``new_type`` is DATE. The column keeps an ISO date such as
    ``2024-01-31``, also with a time after a blank or a ``T`` if the time is midnight, such as ``00:00:00``. The
    condition is true for any other text. It is not true for NULL.
    """
    return _is_not(value, f"{_DATE}([ T]00:00(:00([.]0*)?)?)?")


def is_no_moment(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that a column of ``new_type``, DATETIME or TIMESTAMP, would change the text ``value``.

    ``value`` is SQL, and ``data_type`` is its type. The column keeps an ISO date such as ``2024-01-31``, also with a
    time after a blank or a ``T``: ``09:30`` or ``09:30:00``. The condition is true for any other text, such as a time
    with a UTC offset (``+08:00``), which the server would ignore. It is also true for more digits of a second than
    ``new_type`` has, unless the extra digits are zeros. It is not true for NULL.
    """
    return _is_not(value, f"{_DATE}([ T][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}{_fraction_pattern(new_type)})?)?")


def is_no_time(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that a column of the TIME ``new_type`` would change the text ``value``.

    ``value`` is SQL, and ``data_type`` is its type. The column keeps hours, minutes and seconds, such as ``09:30:00``.
    The hours can have three digits and a minus sign, as in ``-120:30:00``. The condition is true for any other text,
    such as ``09:30``, and for more digits of a second than ``new_type`` has, unless the extra digits are zeros. It is
    not true for NULL.
    """
    return _is_not(value, f"-?[0-9]{{2,3}}:[0-9]{{2}}:[0-9]{{2}}{_fraction_pattern(new_type)}")


def is_no_member(value: str, data_type: str, new_type: str) -> str | None:
    """Return the SQL condition that the text of ``value`` is not a member of the ENUM ``new_type``.

    ``value`` is SQL, and ``data_type`` is its type. The bytes are compared. The server itself would store a member that
    differs only in case. For a text of digits, such as ``2``, it would store the member with that number. Return None
    if ``data_type`` is an ENUM and ``new_type`` has all its members.
    """
    members = types.arguments_of(new_type)
    if types.base_type(data_type) == "enum" and set(types.arguments_of(data_type)) <= set(members):
        return None
    return f"{as_bytes(value)} not in ({', '.join(f'cast({member} as binary)' for member in members)})"


def is_no_set(value: str, data_type: str, new_type: str) -> str | None:
    """Return the SQL condition that a column of the SET ``new_type`` would return another text than ``value``.

    ``value`` is SQL, and ``data_type`` is its type. A SET returns its members in the order of its definition, so
    ``b,a`` may become ``a,b``. Return None if ``data_type`` is a SET and ``new_type`` has all its members in the same
    order.
    """
    if types.base_type(data_type) == "set":
        own, members = types.arguments_of(data_type), types.arguments_of(new_type)
        if own == tuple(member for member in members if member in own):
            return None
    text = f"cast({value} as char)"
    found = (f"case when find_in_set({member}, {text}) then {member} end" for member in types.arguments_of(new_type))
    return f"{as_bytes(f'concat_ws({_comma_list(found)})')} <> {as_bytes(value)}"


def is_no_json(value: str, data_type: str, new_type: str) -> str:
    """Return the SQL condition that the text ``value`` would lose keys or digits in a JSON column.

    ``value`` is SQL, ``data_type`` is its type, and ``new_type`` is JSON. If an object has the same key several times,
    JSON keeps only one of them. JSON does not keep all digits of a long number. The condition casts the text to JSON,
    so a query with it fails for a text that is no JSON (error 3141).
    """
    json = f"cast(cast({value} as json) as char)"
    keys, kept_keys = (f"char_length(replace({text}, ':', '::')) - char_length({text})" for text in (value, json))
    text, kept_text = (as_bytes(f"replace({text}, ' ', '')") for text in (value, json))
    return f"({keys}) <> ({kept_keys}) or ({value} regexp '[0-9.]{{16,}}|e[+-]?[0-9]{{3}}' and {text} <> {kept_text})"


def _is_not(text: str, pattern: str) -> str:
    return f"concat({text}, ';') not regexp '^({pattern});$'"


def _decimal_pattern(places: int) -> str:
    """Return the regular expression of a number without an exponent that has at most ``places`` after the point."""
    short = f"|[.][0-9]{{1,{places}}}0*" if places else ""
    return f"[+-]?([0-9]+([.][0-9]{{0,{places}}}0*)?{short})"


def _comma_list(found: Iterable[str]) -> str:
    return ", ".join(("','", *found))


def _length(data_type: str) -> int | None:
    """Return the length in ``data_type`` if it is CHAR, VARCHAR, BINARY or VARBINARY, and None for another type."""
    numbers = numbers_of(types.canonical_type(data_type))
    return numbers[0] if numbers and types.base_type(data_type) in types.LENGTH_TYPES else None


def _places(data_type: str) -> int:
    """Return the number of digits after the point of a DECIMAL, or 0 for another type."""
    return numbers_of(types.canonical_type(data_type))[1] if types.base_type(data_type) == "decimal" else 0


def _fraction(data_type: str) -> int:
    return (numbers_of(types.canonical_type(data_type)) or [0])[0] if "(" in data_type else 0


def _fraction_pattern(data_type: str) -> str:
    return f"([.][0-9]{{0,{_fraction(data_type)}}}0*)?"
