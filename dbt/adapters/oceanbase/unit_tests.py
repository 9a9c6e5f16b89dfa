"""The types to which the expected values of dbt's unit tests are cast."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from .sql import types
from .sql.types import INTEGER_TYPES, MAX_FRACTION, MAX_PRECISION, MAX_SCALE, TIME_TYPES

BIGINT_DIGITS = 18
"""Every number with at most this many digits fits into a BIGINT."""

_CLOCK = re.compile(r"\d:\d\d(?::\d\d(?:\.(\d+))?)?")


def exact_type(data_type: str, value: Any) -> str:
    """Return ``data_type``, or a type with more digits if ``value``, an expected value of a unit test, needs them.

    ``data_type`` is the type of the actual column. An expected value that is rounded to this type could equal an actual
    value although the two differ. The result has no more digits after the point than necessary, so that dbt's table
    of differences stays readable. Floating point types are returned unchanged, since they do not store decimal digits
    exactly.
    """
    canonical = types.canonical_type(data_type)
    base = types.base_type(canonical)
    if canonical == "tinyint(1)":
        return data_type
    if base in INTEGER_TYPES or base == "decimal":
        return _exact_number(data_type, canonical, value)
    if base in ("date", *TIME_TYPES):
        return _exact_time(data_type, canonical, base, str(value))
    return data_type


def _exact_number(data_type: str, canonical: str, value: Any) -> str:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return data_type
    if isinstance(value, bool) or not number.is_finite():
        return data_type
    whole, scale = _sizes(canonical)
    exponent = number.normalize().as_tuple().exponent
    fraction = max(0, -int(exponent)) if number else 0
    if fraction <= scale and number.adjusted() < whole:
        return data_type
    return f"decimal({MAX_PRECISION},{min(max(scale, fraction), MAX_SCALE)})"


def _exact_time(data_type: str, canonical: str, base: str, value: str) -> str:
    clock = _CLOCK.search(value)
    if clock is None or (base == "date" and not re.search(r"[1-9]", value[clock.start() - 1 :])):
        return data_type
    digits = min(len((clock[1] or "").rstrip("0")), MAX_FRACTION)
    if base == "date":
        return f"datetime({digits})"
    kept = re.search(r"\((\d)\)", canonical)
    return f"{base}({digits})" if digits > int(kept[1] if kept else 0) else data_type


def _sizes(canonical: str) -> tuple[int, int]:
    """Return how many digits before and after the decimal point always fit into a numeric type."""
    decimal = re.match(r"decimal\((\d+),(\d+)\)", canonical)
    if decimal is None:
        return BIGINT_DIGITS, 0
    precision, scale = int(decimal[1]), int(decimal[2])
    return precision - scale, scale
