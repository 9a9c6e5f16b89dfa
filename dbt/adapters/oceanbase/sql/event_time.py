"""Conversion of event times to the time zone of the session and to SQL literals."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


def clock_at(moment: datetime, offset: str) -> datetime:
    """Return ``moment`` in the time zone with the UTC offset ``offset`` (``+08:00``), as a datetime without a zone.

    A ``moment`` without a time zone is taken for UTC.
    """
    hours, minutes = (int(part) for part in offset[1:].split(":"))
    distance = timedelta(hours=hours, minutes=minutes)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    shifted = aware.astimezone(timezone.utc) + (-distance if offset.startswith("-") else distance)
    return shifted.replace(tzinfo=None)


def datetime_literal(value: datetime) -> str:
    """Return the SQL that casts ``value``, without its time zone, to ``datetime(6)``.

    A plain string literal would not do, because the server compares it with a text column as text. In that comparison
    '10:00' is less than '10:00:00'.
    """
    return f"cast('{value.replace(tzinfo=None)}' as datetime(6))"
