"""Event times as SQL: converted to the time zone of the session, and as literals."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


def clock_at(moment: datetime, offset: str) -> datetime:
    """Return ``moment`` (UTC if it has no zone) converted to ``offset`` (such as ``+08:00``), without a zone."""
    hours, minutes = (int(part) for part in offset[1:].split(":"))
    distance = timedelta(hours=hours, minutes=minutes)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    shifted = aware.astimezone(timezone.utc) + (-distance if offset.startswith("-") else distance)
    return shifted.replace(tzinfo=None)


def datetime_literal(value: datetime) -> str:
    """Return a date with time, without its zone, as SQL.

    A plain string would be compared as text with a text column, and then the shorter of two equal times is the earlier.
    """
    return f"cast('{value.replace(tzinfo=None)}' as datetime(6))"
