"""The rule by which a table gets one partition per period, such as a day: which partitions a run adds and drops.

All moments are datetimes without a time zone, as the column stores them. For a TIMESTAMP column, the moment is in the
time zone of the session.
"""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from .components import error

MAX_PARTITIONS = 8192
"""Maximum number of partitions of a table (the server's error for more is 1499)."""

CONFIG = "partition_by"


class Unit(str, Enum):
    """A unit of calendar periods, such as a day or a month. Weeks begin on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    def floor(self, moment: datetime) -> datetime:
        """Return the first moment of the period that contains ``moment``."""
        if self is Unit.HOUR:
            return moment.replace(minute=0, second=0, microsecond=0)
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if self is Unit.WEEK:
            # 0001-01-01 is a Monday, so there is a Monday before every moment
            return midnight - timedelta(days=midnight.weekday())
        if self is Unit.MONTH:
            return midnight.replace(day=1)
        return midnight.replace(month=1, day=1) if self is Unit.YEAR else midnight

    def step(self, moment: datetime, number: int) -> datetime:
        """Return ``moment`` moved by ``number`` periods. A negative ``number`` moves it back.

        If the month has too few days, the result is on its last day: 31 January plus one month is the end of February.
        If the result is not in the years 1 to 9999, return ``datetime.min`` or ``datetime.max``.
        """
        try:
            if self in (Unit.MONTH, Unit.YEAR):
                months = moment.year * 12 + moment.month - 1 + number * (12 if self is Unit.YEAR else 1)
                return _in_month(moment, months // 12, months % 12 + 1)
            return moment + number * timedelta(**{f"{self.value}s": 1})
        except (ValueError, OverflowError):
            return datetime.max if number > 0 else datetime.min

    def partition_name(self, begin: datetime) -> str:
        """Return the name of the partition for the period that starts at ``begin``.

        Examples are ``p20240131`` (a day), ``p2024w05`` (a week) and ``p202401`` (a month).
        """
        if self is Unit.WEEK:
            year, week, _ = begin.isocalendar()
            return f"p{year:04}w{week:02}"
        digits = {Unit.HOUR: 10, Unit.DAY: 8, Unit.MONTH: 6, Unit.YEAR: 4}[self]
        return f"p{begin.year:04}{begin.month:02}{begin.day:02}{begin.hour:02}"[: digits + 1]


def _in_month(moment: datetime, year: int, month: int) -> datetime:
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True)
class Span:
    """A length of time: ``number`` periods of the unit ``unit``."""

    number: int
    unit: Unit

    def after(self, moment: datetime) -> datetime:
        """Return ``moment`` plus this length of time."""
        return self.unit.step(moment, self.number)

    def before(self, moment: datetime) -> datetime:
        """Return ``moment`` minus this length of time."""
        return self.unit.step(moment, -self.number)


@dataclass(frozen=True)
class Period:
    """A partition for one period: its name, and the period from ``begin`` (included) to ``end`` (not included)."""

    name: str
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Rule:
    """The rule for partitions of one period each. Runs add new partitions and drop old ones.

    ``every`` is the period, such as a day. ``begin`` is a moment in the first period. A run adds the partitions for all
    periods up to the run's start plus the time span ``ahead``, or up to the largest time in its rows if that is later.
    It drops the partitions whose rows are all older than ``retention``. If ``retention`` is None, no partition is
    dropped.
    """

    every: Unit
    begin: datetime
    ahead: Span
    retention: Span | None = None

    def end(self, now: datetime, largest: datetime | None = None) -> datetime:
        """Return the end of the last partition that a run at ``now`` needs.

        That partition contains the latest of three times: ``now`` plus ``ahead``, ``begin``, and ``largest``.
        ``largest`` is the largest time in the rows that the run writes, or None if it is not known.
        """
        last = max(self.ahead.after(now), self.begin, largest or datetime.min)
        return self.every.step(self.every.floor(last), 1)

    def cutoff(self, now: datetime) -> datetime | None:
        """Return the moment before which rows are older than ``retention``, or None if all rows are kept.

        The moment is ``now`` minus ``retention``. But if ``every`` is also the unit of ``retention``, the moment is the
        beginning of the current period minus ``retention``, so that whole periods are kept.
        """
        if self.retention is None:
            return None
        return self.retention.before(self.every.floor(now) if self.retention.unit is self.every else now)

    def first(self, now: datetime, largest: datetime | None = None) -> list[Period]:
        """Return the partitions that a new table gets at the time ``now``.

        ``largest`` is the largest time in the table's rows, or None if it is not known. Without a retention, the first
        partition is for the period that contains ``begin``. With a retention, it is for this period or for the period
        before the one that contains ``cutoff(now)``, whichever is later. The first partition also holds all earlier
        rows. Raise ConfigError if the table would have too many partitions, or if a period would end after the year
        9999.
        """
        cutoff = self.cutoff(now)
        begin = self.every.floor(self.begin)
        if cutoff is not None and cutoff > begin:
            begin = max(begin, self.every.step(self.every.floor(cutoff), -1))
        return self.between(begin, self.end(now, largest), 0)

    def between(self, begin: datetime, end: datetime, present: int) -> list[Period]:
        """Return the periods from ``begin`` to ``end`` in their order, each with the name of its partition.

        ``begin`` and ``end`` are moments at which a period begins. ``present`` is the number of partitions that the
        table already has. Raise ConfigError if the table would have too many partitions, or if a period would end after
        the year 9999.
        """
        found: list[Period] = []
        for period in self._periods(begin, end):
            found.append(period)
            # the last moment that there is begins no period, so no later run could go on from it
            if len(found) + present > MAX_PARTITIONS or period.end == datetime.max:
                raise error(
                    CONFIG,
                    f"{self.every.value}s until {end - timedelta(seconds=1):%Y-%m-%d} take more than the "
                    f"{MAX_PARTITIONS} partitions that a table can have",
                    "choose a longer period, a later `from`, or keep rows that are so late out of the table",
                )
        return found

    def _periods(self, begin: datetime, end: datetime) -> Iterator[Period]:
        while begin < end:
            following = self.every.step(begin, 1)
            yield Period(self.every.partition_name(begin), begin, following)
            begin = following

    def is_boundary(self, moment: datetime) -> bool:
        """Check whether a period begins at ``moment``."""
        return self.every.floor(moment) == moment

    def has_made(self, bounds: Sequence[Any], first_name: str = "", last_name: str = "") -> bool:
        """Check whether this rule can have made the partitions of a table.

        ``bounds`` are the upper bounds of the partitions, from the lowest to the highest. Each must be a datetime at
        which a period begins, so the result is false for a table with MAXVALUE. Each must be one period after the bound
        before. Only the second bound may be later, because a run may drop expired partitions and keep the first one. In
        this case, ``first_name``, the name of the first partition, must be the name that this rule gives to its period.

        ``last_name`` is the name of the last partition, or empty if the rule need not have given it. It must not be a
        name that the rule gives to another period, because a run may have to add a partition of this name. In a column
        of TIMESTAMP, this is so for partitions of hours after the time zone of the session has changed.
        """
        if not all(isinstance(bound, datetime) and self.is_boundary(bound) for bound in bounds):
            return False
        if any(self.every.step(one, 1) != other for one, other in itertools.pairwise(bounds[1:])):
            return False
        own_name = self._name_until(bounds[-1])
        if last_name.lower() != own_name and _shape(last_name) == _shape(own_name):
            return False
        return not self._is_kept(bounds) or first_name.lower() == self._name_until(bounds[0])

    def first_begin(self, bounds: Sequence[datetime]) -> datetime:
        """Return the earliest moment such that all rows from then on are in the partition of their own period.

        ``bounds`` are the upper bounds of the partitions, which this rule has made. The first partition also holds all
        rows before its own period, so the result is the beginning of this period. If the partitions that followed the
        first one were dropped, the present second partition also holds the rows of the dropped periods. The result is
        then the beginning of the second partition's own period.
        """
        return self.every.step(bounds[1] if self._is_kept(bounds) else bounds[0], -1)

    def _is_kept(self, bounds: Sequence[datetime]) -> bool:
        return len(bounds) > 1 and self.every.step(bounds[0], 1) != bounds[1]

    def _name_until(self, end: datetime) -> str:
        return self.every.partition_name(self.every.step(end, -1))

    def missing(self, bounds: Sequence[datetime], now: datetime, largest: datetime | None = None) -> list[Period]:
        """Return the periods, in their order, for which a run at ``now`` has to add partitions to a table.

        ``bounds`` are the upper bounds of the present partitions, which this rule has made. ``largest`` is the largest
        time in the rows that the run writes, or None if it is not known. Raise ConfigError if the table would have too
        many partitions.
        """
        return self.between(bounds[-1], self.end(now, largest), len(bounds))

    def expired(self, bounds: Sequence[datetime], now: datetime) -> int:
        """Return how many of a table's first partitions have only rows older than ``retention`` at the time ``now``.

        ``bounds`` are the upper bounds of all partitions. The last partition never counts, because a table must keep
        one.
        """
        cutoff = self.cutoff(now)
        return sum(1 for bound in bounds[:-1] if bound <= cutoff) if cutoff is not None else 0


def _shape(name: str) -> str:
    """Return ``name`` in lower case with a zero in place of each digit. All names of one unit have the same shape."""
    return re.sub(r"\d", "0", name.lower())


_SPAN = re.compile(r"\s*(\d+)\s*(hour|day|week|month|year)s?\s*", re.IGNORECASE)
_NAMES = ", ".join(unit.value for unit in Unit)


def unit(value: Any) -> Unit:
    """Return the unit of periods with the name ``value``, such as ``day``. Raise ConfigError if there is none.

    ``value`` is the value of the key ``every`` in the config ``partition_by``.
    """
    try:
        return Unit(str(value).strip().lower())
    except ValueError:
        raise error(CONFIG, f"every: {value!r} is no period", f"use one of {_NAMES}") from None


def span(name: str, value: Any, every: Unit, least: int) -> Span:
    """Return the length of time that ``value`` means: a number such as 90, or a text such as ``90 days``.

    A plain number counts periods of the unit ``every``. ``name`` is the key of the config, for errors. Raises
    ConfigError for any other value, and if the number, with or without a unit, is below ``least``.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        found = Span(value, every)
    elif match := _SPAN.fullmatch(str(value)):
        found = Span(int(match[1]), Unit(match[2].lower()))
    else:
        raise error(CONFIG, f"{name}: {value!r} is no length of time", f"use a number of {every.value}s, or '90 days'")
    if found.number < least:
        raise error(CONFIG, f"{name}: {value!r} is too short", f"use at least {least}")
    return found


def moment(value: Any) -> datetime | None:
    """Return ``value``, a date, a datetime or a text of one, as a datetime. Return None for any other value.

    The time zone of a datetime is dropped without a conversion.
    """
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    text = str(value).strip()
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?", text):
        return None
    text, _, fraction = text.partition(".")
    try:
        return datetime.fromisoformat(text).replace(microsecond=int(fraction.ljust(6, "0")) if fraction else 0)
    except ValueError:
        return None
