"""Times of time zones as Python's zoneinfo has them, from the data of pytz."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

import pytz


@cache
def zone(name: str) -> ZoneInfo:
    """Return a zone of the IANA database."""
    with pytz.open_resource(name) as file:
        return ZoneInfo.from_file(file, key=name)


def _offset(moment: datetime, name: str) -> timedelta:
    """Return the offset of a zone at the time ``moment`` of its clocks, the smaller one if there are two.

    This is the later one of two moments with the same time, and the offset before a change that leaves out times.
    """
    offsets = [moment.replace(tzinfo=zone(name), fold=fold).utcoffset() for fold in (0, 1)]
    return min(value for value in offsets if value is not None)


def converted(moment: datetime, source: str, target: str) -> datetime:
    """Return the time in the zone ``target`` at ``moment``, a time in the zone ``source``."""
    utc = (moment - _offset(moment, source)).replace(tzinfo=timezone.utc)
    return utc.astimezone(zone(target)).replace(tzinfo=None, fold=0)
