"""Convert the given and expected rows of dbt's unit tests to SQL that keeps every digit of their values.

The server would read a value that does not fit its type as NULL, 0 or another value, and at most give a warning. So
this module reads each value itself, and raises an error for a value that it cannot read.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .column import OceanBaseColumn
from .connect.quoting import literal
from .seeds.datetimes import LITERAL_FUNCTIONS
from .seeds.literals import BOOLEANS
from .sql import types
from .sql.field_types import BITMAP_LENGTH, COLLECTION_LENGTH
from .sql.types import FLOAT_TYPES, INTEGER_TYPES, MAX_FRACTION, MAX_PRECISION, MAX_SCALE, TIME_TYPES
from .sql.value_texts import collection_text

COLLECTION = "collection"
"""Name for the type of an array, map or vector in expected rows. A query's result does not tell which of them it is."""

BITMAP = "roaringbitmap"

COLLATED_TEXT = "collated_text"
"""Name for the type of a given text whose column has another collation than the session.

Its SQL is a literal without CAST. In a UNION with the column, a literal gets the collation of the column, and a CAST
may keep the collation of the session.
"""

BIGINT_DIGITS = 18
"""Maximum number of digits with which every integer fits into a BIGINT."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,4})?\Z", re.ASCII | re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,3}):(\d\d)(?::(\d\d)(?:\.(\d+))?)?")
_YEARS = (0, *range(1901, 2156))
_NO_JSON = re.compile(
    r'"(?:[^"\\]|\\.)*"|\b(?P<null>NULL)\b|(?<=[{,])(?P<blanks>\s*)(?P<key>-?\d+(?:\.\d+)?)(?=\s*:)', re.DOTALL
)
"""Pattern of a string in double quotes, of NULL, or of a number as the key of a map.

The server writes the last two in arrays and maps, and JSON has neither. The pattern matches strings as well, so that
nothing is found inside of them.
"""

_COORDINATES = r"\(\s*(?:[-+\d.eE\s,()]|EMPTY)*\)"
_WELL_KNOWN_TEXT = re.compile(
    rf"\s*(?:(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*{_COORDINATES}|GEOM(?:ETRY)?COLLECTION\s*(?:\(.*\)|EMPTY))\s*\Z",
    re.IGNORECASE | re.DOTALL,
)


class NotReadableError(ValueError):
    """The error for a value of a given or expected row that cannot be read. Its text has the reason and the remedy."""


def expected_type(column: OceanBaseColumn) -> str:
    """Return the name of the type to which the values of ``column`` in expected rows are converted.

    ``column`` is a column of the model's query. The result is its type, such as ``int``, but COLLECTION
    (``collection``) for an array, map or vector, and BITMAP (``roaringbitmap``) for a roaring bitmap.
    """
    if column.dtype == "longblob" and column.char_size == BITMAP_LENGTH:
        return BITMAP
    is_collection = column.dtype == "char" and column.char_size == COLLECTION_LENGTH
    return COLLECTION if is_collection else column.data_type


def given_type(column: OceanBaseColumn, session_collation: str) -> str:
    """Return the name of the type to which the given values of ``column`` are converted.

    ``column`` is a column of an input of a unit test. The result is its type, such as ``int``, but COLLATED_TEXT for a
    text whose collation is not ``session_collation``. A text of another character set than the session's does not
    count: a value that this character set does not have would become a question mark.
    """
    collation = column.collation
    is_other = collation and collation.lower() != session_collation.lower()
    same_set = is_other and str(collation).partition("_")[0].lower() == session_collation.partition("_")[0].lower()
    return COLLATED_TEXT if same_set and column.compares_as_text() else column.data_type


def compared(column: OceanBaseColumn) -> str:
    """Return the SQL for ``column`` in the query that compares actual and expected rows.

    The SQL is the name in backticks. Only an array, map, vector or roaring bitmap is converted to text, with the name
    as the alias, because the query is a UNION. The server refuses a UNION of one of these types with another type, and
    a UNION of bitmaps that are computed by an expression.
    """
    kind = expected_type(column)
    if kind == COLLECTION:
        return f"{collection_text(column.quoted)} as {column.quoted}"
    return f"rb_to_string({column.quoted}) as {column.quoted}" if kind == BITMAP else column.quoted


def fixture_value(value: Any, data_type: str) -> str:
    """Return ``value``, a value of a given or expected row, as SQL of the type ``data_type``.

    ``data_type`` is the result of ``given_type`` or ``expected_type`` for the value's column. None becomes a NULL.
    Raise NotReadableError if ``value`` is not a value of the type, or if values of the type cannot be written in rows.

    If ``value`` has more digits than ``data_type`` allows, the SQL has a similar type with more digits, such as a
    decimal for an integer, because rounding would change ``value``. This type has only as many digits as needed, so
    that dbt's list of differences stays readable. Floating point types get no more digits, since they do not store
    digits as they are written.
    """
    canonical = data_type if data_type in (COLLECTION, COLLATED_TEXT) else types.canonical_type(data_type)
    base = data_type if data_type == COLLATED_TEXT else types.base_type(canonical)
    if value is None:
        return _null(data_type, base)
    if isinstance(value, (datetime.date, datetime.datetime)):
        value = str(value)
    reader = _READERS.get(base)
    if reader is None:
        raise NotReadableError(f"values of type {data_type} cannot be written in rows: use `format: sql`")
    try:
        return reader(value, canonical)
    except NotReadableError:
        raise
    except (ValueError, ArithmeticError, RecursionError):
        raise NotReadableError(f"is no {data_type}: correct the value, or use `format: sql`") from None


def _null(data_type: str, base: str) -> str:
    is_castable = base in types.TYPES and base not in types.types_in("collection", "geometry")
    return f"cast(null as {types.cast_target(data_type)})" if is_castable else "null"


def _number(value: Any) -> Decimal:
    """Return ``value`` as a number. True is 1 and False is 0.

    Raises ValueError if ``value`` is neither a number, nor the text of a number, nor a boolean.
    """
    if isinstance(value, bool):
        return Decimal(int(value))
    text = str(value).strip()
    if not _NUMBER.match(text):
        raise ValueError(text)
    return Decimal(text)


def _boolean_or_number(value: Any, words: tuple[str, ...]) -> Decimal:
    word = str(value).strip().lower()
    return Decimal(BOOLEANS[word]) if isinstance(value, str) and word in words else _number(value)


def _integer(value: Any, canonical: str) -> str:
    words = tuple(BOOLEANS) if canonical == "tinyint(1)" else ("true", "false")
    number = _boolean_or_number(value, words)
    is_unsigned = "unsigned" in canonical
    whole, fraction = _digits(number)
    if fraction or whole > BIGINT_DIGITS or (is_unsigned and number < 0):
        return _exact_decimal(number, BIGINT_DIGITS, 0)
    return f"cast({int(number)} as {'unsigned' if is_unsigned else 'signed'})"


def _decimal(value: Any, canonical: str) -> str:
    precision, scale = types.numbers_of(canonical)
    return _exact_decimal(_number(value), precision - scale, scale)


def _exact_decimal(number: Decimal, least_whole: int, least_fraction: int) -> str:
    whole, fraction = (max(pair) for pair in zip(_digits(number), (least_whole, least_fraction), strict=True))
    if whole + fraction > MAX_PRECISION or fraction > MAX_SCALE:
        raise NotReadableError(f"has more digits than a decimal holds, at most {MAX_PRECISION}: use `format: sql`")
    return f"cast({number:f} as decimal({whole + fraction},{fraction}))"


def _digits(number: Decimal) -> tuple[int, int]:
    """Return the number of digits of ``number`` before the decimal point, and the number of digits after it.

    Zeros at either end do not count. Raises NotReadableError if the server has no DECIMAL with so many digits.
    """
    if abs(number.adjusted()) > 2 * MAX_PRECISION:
        raise NotReadableError("is out of the range of decimals: use `format: sql`")
    whole, _, fraction = f"{abs(number):f}".partition(".")
    return len(whole.lstrip("0")), len(fraction.rstrip("0"))


def _float(value: Any, canonical: str) -> str:
    number = float(_number(value))
    if number in (float("inf"), float("-inf")):
        raise ValueError(value)
    return f"cast({number!r} as {types.base_type(canonical)})"


def _bit(value: Any, canonical: str) -> str:
    number = _boolean_or_number(value, tuple(BOOLEANS))
    if number != int(number) or int(number) not in range(2 ** types.numbers_of(canonical)[0]):
        raise ValueError(value)
    return f"cast({int(number)} as unsigned)"


def _year(value: Any, canonical: str) -> str:
    number = _number(value)
    if isinstance(value, bool) or number not in _YEARS:
        raise ValueError(value)
    return f"cast('{int(number):04d}' as {canonical})"


def _moment(value: Any, canonical: str) -> str:
    """Return SQL for ``value`` as a DATE, DATETIME or TIMESTAMP. ``canonical`` is the type of the column.

    If ``value`` has a time and the column is a DATE, the SQL is a DATETIME, so that the time is not lost.
    """
    text, base = str(value).strip(), types.base_type(canonical)
    digits = _fraction_digits(text)
    clock = _CLOCK.search(text)
    has_time = clock is not None and any(int(part or 0) for part in clock.groups())
    if base == "date" and not has_time:
        return f"cast({LITERAL_FUNCTIONS['date'](text)} as date)"
    if base != "date":
        digits = max(digits, *types.numbers_of(canonical), 0)
    moment = LITERAL_FUNCTIONS["timestamp" if base == "timestamp" else "datetime"](text)
    return f"cast({moment} as datetime({digits}))"


def _time(value: Any, canonical: str) -> str:
    text = str(value).strip()
    clock = _CLOCK.fullmatch(text.lstrip("-"))
    time = LITERAL_FUNCTIONS["time"](text)
    if clock is None or int(clock[1]) > 838 or int(clock[2]) > 59 or int(clock[3] or 0) > 59:
        raise ValueError(text)
    return f"cast({time} as time({max(_fraction_digits(text), *types.numbers_of(canonical), 0)}))"


def _fraction_digits(text: str) -> int:
    """Return how many digits the fraction of a second has in ``text``, which has a time. Zeros at its end do not count.

    Raises NotReadableError if the fraction has more digits than the server can store.
    """
    clock = _CLOCK.search(text)
    digits = len((clock[4] or "").rstrip("0")) if clock else 0
    if digits > MAX_FRACTION:
        raise NotReadableError(f"has more digits of a second than the {MAX_FRACTION} of the server: correct the value")
    return digits


def _plain_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    return _json_text(value) if isinstance(value, (dict, list)) else str(value)


def _text(value: Any, canonical: str) -> str:
    del canonical  # without its length: no text of a fixture is cut
    return f"cast({literal(_plain_text(value))} as char)"


def _collated_text(value: Any, canonical: str) -> str:
    del canonical
    return literal(_plain_text(value))


def _bytes(value: Any, canonical: str) -> str:
    text = _plain_text(value)
    fits = types.base_type(canonical) == "binary" and len(text.encode()) <= types.numbers_of(canonical)[0]
    return f"cast({literal(text)} as {canonical if fits else 'binary'})"


def _json(value: Any, canonical: str) -> str:
    text = value if isinstance(value, str) else _json_text(value)
    _from_json(text)
    return f"cast({literal(text)} as {canonical})"


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _from_json(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    return json.loads(text, parse_float=Decimal, parse_constant=refuse)


def _from_server(text: str) -> tuple[Any, bool]:
    """Return the array or map in ``text``, and whether it is a map whose keys are numbers without quotes.

    ``text`` is JSON, or has NULL and numbers as keys outside of strings, as the server writes arrays and maps.
    """
    try:
        return _from_json(text), False
    except ValueError:
        return _from_json(_NO_JSON.sub(_as_json, text)), any(match["key"] for match in _NO_JSON.finditer(text))


def _as_json(match: re.Match[str]) -> str:
    if match["null"]:
        return "null"
    return f'{match["blanks"]}"{match["key"]}"' if match["key"] else match[0]


def _geometry(value: Any, canonical: str) -> str:
    del canonical
    if not isinstance(value, str) or not _WELL_KNOWN_TEXT.match(value):
        raise NotReadableError("is no well-known text of a geometry, such as `POINT(1 2)`: use `format: sql`")
    return f"st_geomfromtext({literal(value)})"


def _array(value: Any, canonical: str) -> str:
    elements = _from_server(value)[0] if isinstance(value, str) else value
    if not isinstance(elements, list):
        raise ValueError(value)  # noqa: TRY004  # read as all other wrong values
    kind = canonical.partition("(")[2] if canonical.startswith("array(") else ""
    sample = "array(1)" if kind.startswith("array") else "''" if "char" in kind else "1"
    return _array_of(elements, sample)


def _array_of(elements: list[Any], sample: str = "1") -> str:
    if not elements:
        return f"array_remove(array({sample}),{sample})"  # the server cannot parse array()
    return f"array({','.join(map(_element, elements))})"


def _element(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return _array_of(value)
    if isinstance(value, (bool, int, Decimal, float)):
        return f"{_number(value):f}"
    if isinstance(value, str):
        return literal(value)
    raise ValueError(value)


def _vector(value: Any, canonical: str) -> str:
    """Return SQL for the vector ``value``. The SQL is an array, because no SQL function makes a vector.

    The server converts the array to a vector when it stores the row. Raises ValueError if ``value`` is neither a list
    nor the JSON text of a list, if it is empty, or if it has another length than the vectors of the type ``canonical``.
    """
    elements = _from_json(value) if isinstance(value, str) else value
    dimensions = types.numbers_of(canonical)
    if not isinstance(elements, list) or not elements or (dimensions and len(elements) != dimensions[0]):
        raise ValueError(value)
    return f"array({','.join(f'{_number(element):f}' for element in elements)})"


def _map(value: Any, canonical: str) -> str:
    entries, has_numbers = _from_server(value) if isinstance(value, str) else (value, False)
    if not isinstance(entries, dict) or not entries:
        raise ValueError(value)
    # dbt may have made texts of the keys of a mapping in YAML
    if canonical == COLLECTION and isinstance(value, dict):
        has_numbers = all(_NUMBER.match(str(key)) for key in value)
    if has_numbers or re.match(r"map\((?!(?:var)?char)", canonical):
        entries = {_number(key): entry for key, entry in entries.items()}
    return f"map({','.join(_element(part) for entry in entries.items() for part in entry)})"


def _collection(value: Any, canonical: str) -> str:
    """Return SQL that converts ``value``, an expected array, map or vector, to text.

    An equal actual value is converted to the same text (see ``compared``).
    """
    is_map = isinstance(value, dict) or str(value).lstrip().startswith("{")
    return collection_text(_map(value, canonical) if is_map else _array(value, canonical))


_READERS: dict[str, Callable[[Any, str], str]] = {
    **dict.fromkeys(INTEGER_TYPES, _integer),
    **dict.fromkeys(FLOAT_TYPES, _float),
    **dict.fromkeys(("date", *TIME_TYPES), _moment),
    **dict.fromkeys(types.types_in("string", "text"), _text),
    **dict.fromkeys(types.types_in("binary", "blob"), _bytes),
    **dict.fromkeys(types.types_in("geometry"), _geometry),
    "decimal": _decimal,
    "bit": _bit,
    "year": _year,
    "time": _time,
    "enum": _text,
    "set": _text,
    COLLATED_TEXT: _collated_text,
    "json": _json,
    "array": _array,
    "vector": _vector,
    "map": _map,
    COLLECTION: _collection,
}
"""Functions that return a value as SQL, by the base type of the value, such as ``decimal``.

They take the value and its canonical type, such as ``decimal(10,2)``.
"""


def row_text(row: dict[str, Any]) -> str:
    """Return ``row``, a row of a fixture, as text for an error message. A text of over 122 characters is cut to 122."""
    text = ", ".join(f"{name}: {value}" for name, value in row.items())
    return f"{{{text if len(text) <= 120 else text[:117] + '...'}}}"
