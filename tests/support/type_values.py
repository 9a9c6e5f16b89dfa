"""Edge values of every column type, and when a value that was stored in another type is still the same."""

from __future__ import annotations

import json
import re
import struct
from decimal import Decimal, InvalidOperation
from typing import Any

SHORT_TEXTS = (
    *("''", "'1'", "'2'", "'12'", "'1.5'", "'1.50'", "'1.555'", "'-7'", "'1e2'", "'0x41'", "' 12'", "'12 '", "'2024'"),
    *("'b'", "'B'", "'x y'", "'a'", "'b,a'", "'a,b'", "'a,a'", "'70'", "'1.7'", "'true'", "'null'", "'12ab'", "'0.1'"),
)
LONG_TEXTS = (
    *("'9007199254740993'", "'16777217'", "'18446744073709551615'", "'0.1234567890123456789'", "'1e-40'", "'1e300'"),
    *("'123456789012345678901234567890.12'", "'0.30000000000000004'", "'-0'", "'12\\n'", "'ab       '", "'ä'"),
    *("'2026-01-02'", "'2026-01-02 10:11:12'", "'2026-01-02 10:11:12.5'", "'2026-01-02T10:11:12Z'", "'26-1-2'"),
    *("'2026-01-02 10:11:12+02:00'", "'2024-02-30'", "'20260102'", "'2026-01-02 10:11:12.1234567'", "'0000-00-00'"),
    *("'2026-01-02 10:11'", "'2026-01-02 24:00:00'", "'2026-01-02 00:00:00'", "'9999-12-31 23:59:59.999999'"),
    *("'10:11:12'", "'10:11:12.25'", "'-10:00:00'", "'100:00:00'", "'999:00:00'", "'1 10:00:00'", "'10:61:00'"),
    *("'{\"a\": 1}'", '\'{"b":1, "a":12.50}\'', '\'{"a":1,"a":2}\'', "'[12345678901234567890123]'", "'[1,2,3]'"),
    *("'[1.5,2]'", "'[16777217]'", "'[0.5,1e2]'"),
)
VALUES: dict[str, tuple[str, ...]] = {
    "tinyint": ("0", "1", "-1", "127"),
    "int": ("0", "1", "2", "-1", "70", "2024", "16777217", "2147483647", "20260102"),
    "bigint": ("0", "-7", "101112", "9007199254740993", "9223372036854775807", "-9223372036854775808"),
    "bigint unsigned": ("2", "18446744073709551615", "9223372036854775808"),
    "decimal(5,2)": ("0", "1.50", "1.55", "-999.99", "70", "2.00"),
    "decimal(20,0)": ("3", "9007199254740993", "99999999999999999999"),
    "decimal(65,30)": (
        "1.5",
        "0.1",
        "12345678901234567890.123456789012345678901234567890",
        "1e-30",
        "16777217",
        "9" * 35,
    ),
    "float": ("0", "1.5", "1.1", "16777216", "3e38", "123456"),
    "double": (
        *("0", "1.5", "1.1", "2", "2024", "16777217", "9007199254740992", "9.2e18", "1e300", "1e-300", "-1"),
        *("0.30000000000000004", "1234567.891", "20260102"),
    ),
    "double(10,2)": ("0", "1.5", "-1.10", "99999999.99", "2024"),
    "float(6,1)": ("0.5", "1.1", "99999"),
    "bit(8)": ("b'0'", "b'1'", "b'01000001'", "b'11111111'"),
    "year": ("0", "1901", "2024", "2155"),
    "date": ("'2026-01-02'", "'0000-00-00'", "'1000-01-01'", "'9999-12-31'"),
    "datetime": ("'2026-01-02'", "'2026-01-02 10:11:12'", "'0000-00-00'", "'9999-12-31 23:59:59'", "'1969-12-31'"),
    "datetime(6)": ("'2026-01-02 10:11:12.123456'", "'2026-01-02'", "'2026-01-02 23:59:59.999999'", "'2038-02-01'"),
    "timestamp(3)": ("'2026-01-02 10:11:12.125'", "'1970-01-02'", "'2026-01-02'"),
    "time": ("'10:11:12'", "'00:00:00'", "'-10:00:00'", "'838:59:59'"),
    "time(6)": ("'10:11:12.123456'", "'00:00:00'"),
    "char(5)": SHORT_TEXTS,
    "varchar(5)": SHORT_TEXTS,
    "text": (*SHORT_TEXTS, *LONG_TEXTS),
    "binary(5)": ("'ab'", "'abcde'", "'12345'", "x'ff00ff00ff'"),
    "varbinary(40)": ("''", "'ab'", "'abcde'", "'12   '", "x'ff'", "x'6100'", "'2026-01-02'", "'1.5'", "'b'"),
    "enum('0','1','B','x y','','12')": ("'0'", "'1'", "'B'", "'x y'", "''", "'12'"),
    "enum('1','0','a','2024')": ("'0'", "'1'", "'a'", "'2024'"),
    "set('a','b','c')": ("'a'", "'b'", "'a,b'", "'a,b,c'", "''"),
    "set('c','a','1')": ("'a'", "'c'", "'c,a'", "'1'", "''"),
    "json": (
        *("'1'", "'1.7'", "'2024'", "'true'", "'null'", "'\"12\"'", "'\"2026-01-02\"'", "'{\"a\": 1}'", "'[1,2,3]'"),
        *("'-1'", "'\"a\"'", "'9007199254740993'", "'12.25'"),
    ),
    "point": ("st_geomfromtext('POINT(1 1)')",),
    "array(int)": ("'[1,2,3]'",),
    "array(float)": ("'[1.5,2]'",),
}
"""Type -> SQL literals of its values."""

_NUMBERS = ("tinyint", "int", "bigint", "decimal", "float", "double", "bit", "year")
_MOMENTS = ("date", "datetime", "timestamp")
_TIMES = (*_MOMENTS, "time")
_TEXTS = ("char", "varchar", "text")
_FLOAT_DIGITS = 6


def base(data_type: str) -> str:
    """Return the name of a type without arguments."""
    found = re.match("[a-z]+", data_type.lower())
    return found.group() if found else ""


def reading(column: str, data_type: str) -> str:
    """Return the SQL by which a column is read for ``is_same``; the driver has no value for some times."""
    return f"cast({column} as char)" if base(data_type) in _TIMES else column


def is_same(data_type: str, value: Any, new_type: str, found: Any) -> bool:
    """Check whether ``found``, read from a column of the new type, is the ``value`` of the other type."""
    own, new = base(data_type), base(new_type)
    try:
        if own in _NUMBERS and new in _NUMBERS:
            return _is_same_number(own, value, new, found)
        if own in _NUMBERS:
            return new not in (*_TIMES, "enum", "set") and _is_written_number(own, value, found)
        if new in _NUMBERS:
            return own in _TEXTS and new != "bit" and _is_same_number("decimal", value, new, found)
        if own in _TIMES or new in _TIMES:
            readable = (own in _TIMES or own in _TEXTS) and new not in ("enum", "set", "json")
            adds_or_drops_day = {own, new} - {*_MOMENTS} == {"time"} and own != new
            return readable and not adds_or_drops_day and _moment(value) == _moment(found)
        if new in ("json", "array") and own not in ("json", "array"):
            return own in _TEXTS and _json(value) == _json(found)
        return _bytes(value) == _bytes(found)
    except (InvalidOperation, ValueError):
        return False


def _is_same_number(own: str, value: Any, new: str, found: Any) -> bool:
    if own == "float":
        return f"{float(_number(found)):.{_FLOAT_DIGITS}g}" == f"{value:.{_FLOAT_DIGITS}g}"
    return bool(_readings(value, own) & _readings(found, new))


def _readings(value: Any, kind: str) -> set[Decimal]:
    """Return the numbers that a value may stand for: a float stands for itself and for the digits that are shown."""
    exact = {Decimal(value)} if isinstance(value, float) else set()
    if kind == "float":
        exact = {Decimal(struct.unpack("f", struct.pack("f", value))[0])}
    return {_number(value)} | exact


def _is_written_number(own: str, value: Any, found: Any) -> bool:
    text = _bytes(found).decode()
    return float(text) == value if own in ("float", "double") else Decimal(text) == _number(value)


def _number(value: Any) -> Decimal:
    if isinstance(value, bytes):
        return Decimal(int.from_bytes(value, "big"))
    return Decimal(repr(value) if isinstance(value, float) else value)


def _moment(value: Any) -> str:
    text = _bytes(value).decode()
    if re.fullmatch(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", text):
        text += ":00" if len(text) > len("2026-01-02") else " 00:00:00"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _json(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, object_pairs_hook=sorted)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
