"""SQL that converts a time from one time zone to another, without CONVERT_TZ.

The server's CONVERT_TZ returns NULL for names of zones. So the SQL adds the difference of the two zones' offsets to the
time. The difference changes over time, so the SQL contains all differences and the moments from which they are valid.
"""

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
"""A value that changes over time: pairs of a moment and a number of seconds, ordered by moment.

Each number of seconds, such as an offset from UTC, is valid from its moment until the next moment. A moment is in
seconds since 1970-01-01 00:00, either in UTC or in the local time of a zone. The first moment is minus infinity.
"""

LAST_YEAR = 2099
"""Last year for which the changes of a zone are computed if its rules go on for ever."""

_DAY = 86_400
_YEAR = 366 * _DAY
_STEP = 6 * _DAY
"""Step in seconds of the search for changes of a zone's offset. The offsets at both ends of each step are compared.

A step cannot contain two changes: two changes of a zone are at least seven days less one hour apart.
"""

_EPOCH = 62_167_219_200
"""The result of the SQL function TO_SECONDS for 1970-01-01."""

_FIRST = datetime(1840, 1, 1, tzinfo=timezone.utc).timestamp()
_END = datetime(LAST_YEAR + 1, 1, 1, tzinfo=timezone.utc).timestamp()
_OFFSET = re.compile(r"([+-])(0\d|1[0-4]):([0-5]\d)")
_NOW = re.compile(r"utc_timestamp\s*\(\s*\d?\s*\)", re.I)


class ZoneError(ValueError):
    """A time zone is not known. The message says which names can be used."""


def converted(moment: str, source: str, target: str) -> str:
    """Return SQL, of the type ``datetime(6)``, that converts a time from the zone ``source`` to the zone ``target``.

    ``moment`` is SQL for the time in ``source``. Zones are names of the IANA database, in any case, or offsets such as
    ``+05:30``. A local time that exists twice, because clocks were set back, means the second of the two. A local time
    that does not exist, because clocks were set forward, is read with the offset before the change. PostgreSQL does the
    same.

    The offsets are computed until the end of ``LAST_YEAR``. If a zone changes its offset every year, the statement
    fails for later times with error 1411, whose text has the reason. Raise ZoneError if a zone is not known.
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
    """Return the seconds to add to a local time of the zone ``source`` to get the local time of the zone ``target``.

    The seconds change over time. So the result has several numbers of seconds, each with the moment, in local time of
    ``source``, from which it is valid (see ``Pieces``).
    """
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
    """Return the pairs in ``pieces`` without those that are no longer valid at ``moment``.

    A pair has a moment and a number of seconds, which is valid from that moment until the moment of the next pair.
    ``moment`` has the same unit as the moments of the pairs: seconds since 1970.
    """
    return [piece for piece, end in zip(pieces, _ends(pieces), strict=True) if end > moment]


def _ends(pieces: Pieces) -> list[float]:
    return [*(start for start, _ in pieces[1:]), float("inf")]


@lru_cache(maxsize=64)
def _changes(name: str) -> Pieces:
    """Return the offsets of the zone ``name`` from UTC in seconds, each with the moment from which it is valid.

    The moments are in UTC, see ``Pieces``. Raise ZoneError if the zone is not known.
    """
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
    """Yield each change of the UTC offset of ``zone`` as a pair of its moment and the new offset in seconds.

    The moment is in seconds since 1970 in UTC.
    """
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
