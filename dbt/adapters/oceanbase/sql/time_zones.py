"""Times of one time zone in another one. The server's CONVERT_TZ knows offsets only, and is NULL for names of zones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import pairwise
from time import time
from zoneinfo import ZoneInfo

import pytz

from ..connect.quoting import literal

Pieces = list[tuple[float, int]]
"""Moments in seconds, the first of them minus infinity, and a number of seconds that is valid from each of them on."""

LAST_YEAR = 2099
"""Last year for which the changes of a zone are computed if its rules go on for ever."""

_DAY = 86_400
_YEAR = 366 * _DAY
_STEP = 6 * _DAY
"""Less than the time between any two changes of a zone, which is seven days less an hour or more."""

_EPOCH = 62_167_219_200
"""TO_SECONDS of 1970-01-01."""

_FIRST = datetime(1840, 1, 1, tzinfo=timezone.utc).timestamp()
_END = datetime(LAST_YEAR + 1, 1, 1, tzinfo=timezone.utc).timestamp()
_OFFSET = re.compile(r"([+-])(0\d|1[0-4]):([0-5]\d)")
_NOW = re.compile(r"utc_timestamp\s*\(\s*\d?\s*\)", re.I)


class ZoneError(ValueError):
    """A time zone that is not known."""


def converted(moment: str, source: str, target: str) -> str:
    """Return SQL for the time in the zone ``target`` at the ``moment``, which is SQL for a time in the zone ``source``.

    Zones are names of the IANA database or offsets such as ``+05:30``. A time that a clock shows twice is the second of
    both, and one that it leaves out is read with the offset before the change, as in PostgreSQL. From the end of
    ``LAST_YEAR`` on, the statement fails with error 1411, which has the reason, if one of the zones still changes then.

    Raises ZoneError if a zone is not known.
    """
    pieces = _shifts(source, target)
    if _NOW.fullmatch(moment.strip()):
        pieces = _from(pieces, time() - _DAY)
    value = f"cast({moment} as datetime(6))"
    if len(pieces) == 1:
        return f"date_add({value}, interval {pieces[0][1]} second)" if pieces[0][1] else value
    starts = ", ".join(str(int(start) + _EPOCH) for start, _ in pieces[1:])
    shifts = [str(shift) for _, shift in pieces]
    if pieces[-1][0] > _END - _YEAR:
        text = literal(f"dbt_date.convert_timezone has no offsets after {LAST_YEAR}, leave out such times: ")
        starts += f", {int(_END) + _EPOCH}"
        shifts.append(f"uuid_to_bin(concat({text}, {value}))")
    shift = f"elt(interval(to_seconds({value}), {starts}) + 1, {', '.join(shifts)})"
    return f"date_add({value}, interval cast({shift} as signed) second)"


@lru_cache(maxsize=64)
def _shifts(source: str, target: str) -> Pieces:
    """Return what is to be added to a time in a zone to have that of another, from each time in the first one on."""
    local = [(start + offset, offset) for start, offset in _changes(source)]
    changes = _changes(target)
    periods = list(zip(changes, _ends(changes), strict=True))
    shifts: Pieces = []
    for (start, offset), end in zip(local, _ends(local), strict=True):
        for (change, other), last in periods:
            first = max(start, change + offset)
            if first < min(end, last + offset) and (not shifts or shifts[-1][1] != other - offset):
                shifts.append((first, other - offset))
    return shifts


def _from(pieces: Pieces, moment: float) -> Pieces:
    """Return the pieces without those that end before the ``moment``."""
    return [piece for piece, end in zip(pieces, _ends(pieces), strict=True) if end > moment]


def _ends(pieces: Pieces) -> list[float]:
    return [*(start for start, _ in pieces[1:]), float("inf")]


@lru_cache(maxsize=64)
def _changes(name: str) -> Pieces:
    """Return the offsets of a zone, in seconds, from each time in UTC on. Raise ZoneError if the zone is not known."""
    fixed = _OFFSET.fullmatch(name)
    if fixed:
        seconds = (int(fixed[2]) * 60 + int(fixed[3])) * 60
        return [(float("-inf"), -seconds if fixed[1] == "-" else seconds)]
    zone = _zone(name)
    return [(float("-inf"), _offset(zone, _FIRST)), *_found_changes(zone)]


def _zone(name: str) -> ZoneInfo:
    known = {zone.lower(): zone for zone in pytz.all_timezones}.get(name.lower())
    if known is None:
        raise ZoneError(
            f"dbt_date.convert_timezone: {name!r} is no time zone; use a name of the IANA database such as "
            "America/New_York, or an offset such as +05:30"
        )
    with pytz.open_resource(known) as file:
        return ZoneInfo.from_file(file, key=known)


def _found_changes(zone: ZoneInfo) -> Iterator[tuple[float, int]]:
    """Yield the times at which the offset of a zone changes, with the new offset."""
    moments = [*range(int(_FIRST), int(_END), _STEP), int(_END)]
    offsets = [_offset(zone, moment) for moment in moments]
    for (before, after), (old, new) in zip(pairwise(moments), pairwise(offsets), strict=True):
        if old == new:
            continue
        while after - before > 1:
            middle = (before + after) // 2
            if _offset(zone, middle) == old:
                before = middle
            else:
                after = middle
        yield after, new


def _offset(zone: ZoneInfo, moment: float) -> int:
    offset = datetime.fromtimestamp(moment, zone).utcoffset()
    return int((offset or timedelta()).total_seconds())
