"""Convert times to the bounds of partitions and back.

A bound may be a time, the number of days that TO_DAYS returns, or the number of seconds that UNIX_TIMESTAMP returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from ..sql.event_time import clock_at
from ..sql.lexer import NAME_CHARACTERS
from .partition_layout import Layout, Value, moment_literal

_EPOCH = datetime(1970, 1, 1)
_DAY_0 = 365
"""Difference in days between the server's TO_DAYS and Python's ``date.toordinal`` for the same date."""


@dataclass(frozen=True)
class Scale:
    """Conversion between times and the values of the column or expression by which partitions are made.

    ``bound`` converts a time to the SQL of a partition's bound. ``moment`` converts a bound, as ``comparable`` returns
    it, back to a time. The result of ``moment`` is None if the bound is no time. ``has_hours`` is false if all times of
    a day have the same value. ``is_column`` is true for a column, and false for an expression.
    """

    bound: Callable[[datetime], str]
    moment: Callable[[Value], datetime | None]
    has_hours: bool = True
    is_column: bool = False


def _of_days(value: Value) -> datetime | None:
    if not isinstance(value, Decimal) or not _DAY_0 < value <= _DAY_0 + date.max.toordinal():
        return None
    return datetime.combine(date.fromordinal(int(value) - _DAY_0), datetime.min.time())


def _seconds(zone: str) -> Scale:
    offset = clock_at(_EPOCH, zone) - _EPOCH

    def moment(value: Value) -> datetime | None:
        if not isinstance(value, Decimal):
            return None
        try:
            return _EPOCH + offset + timedelta(seconds=float(value))
        except OverflowError:
            return None

    return Scale(lambda when: str(int((when - offset - _EPOCH).total_seconds())), moment)


OF_COLUMN = Scale(moment_literal, lambda value: value if isinstance(value, datetime) else None, is_column=True)
_OF_DAYS = Scale(lambda when: str(when.toordinal() + _DAY_0), _of_days, has_hours=False)
_CALL = re.compile(rf"(to_days|unix_timestamp)\s*\(\s*(?:`[^`]+`|[{NAME_CHARACTERS}]+)\s*\)", re.IGNORECASE)


def scale_of(layout: Layout, zone: str) -> Scale | None:
    """Return the conversion between times and bounds for the columns or the expression of ``layout``.

    For the methods ``range columns`` and ``list columns``, a bound is the time itself, whatever the types of the
    columns are. For the expression ``to_days`` of one column, a bound is a number of days, and for ``unix_timestamp``
    of one column, it is a number of seconds. In all other cases, return None. ``zone`` is the time zone of the session,
    such as ``+08:00``, in which ``unix_timestamp`` reads times.
    """
    if layout.method in ("range columns", "list columns"):
        return OF_COLUMN
    call = _CALL.fullmatch(layout.keys[0])
    if call is None:
        return None
    return _OF_DAYS if call[1].lower() == "to_days" else _seconds(zone)
