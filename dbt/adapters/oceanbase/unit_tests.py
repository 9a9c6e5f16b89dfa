"""Fixtures of unit tests: the type that an expected value is cast to."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from .sql import types

MAX_PRECISION, MAX_SCALE, MAX_FRACTION = 65, 30, 6
SURE_DIGITS = 18
"""Digits that every BIGINT can hold."""

_CLOCK = re.compile(r"\d:\d\d(?::\d\d(?:\.(\d+))?)?")


def exact_type(data_type: str, value: Any) -> str:
    """Give ``data_type``, or one of its kind with more digits where ``value`` would lose some of its own in it.

    An expected value that is rounded to the type of the actual column would equal what it differs from. Only the
    digits that are needed come along, so that the list of differences stays readable. Floating point numbers stay what
    they are: what they hold is not what is written.
    """
    canonical = types.canonical_type(data_type)
    base = types.base_type(canonical)
    if canonical == "tinyint(1)":
        return data_type
    if base in types.INTEGERS or base == "decimal":
        return _exact_number(data_type, canonical, value)
    if base in ("date", *types.TIMES):
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
    """Give the digits before and after the point that a number's type holds for sure."""
    decimal = re.match(r"decimal\((\d+),(\d+)\)", canonical)
    if decimal is None:
        return SURE_DIGITS, 0
    precision, scale = int(decimal[1]), int(decimal[2])
    return precision - scale, scale
