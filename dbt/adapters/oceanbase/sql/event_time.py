"""Event times as SQL: a moment on the clock of the session, and as a literal."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


def in_offset(moment: datetime, offset: str) -> datetime:
    """Give ``moment`` (UTC where it has no zone) as a clock at ``offset`` (``+08:00``) shows it, without a zone."""
    hours, minutes = (int(part) for part in offset[1:].split(":"))
    distance = timedelta(hours=hours, minutes=minutes)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    shifted = aware.astimezone(timezone.utc) + (-distance if offset.startswith("-") else distance)
    return shifted.replace(tzinfo=None)


def moment(value: datetime) -> str:
    """Give a moment without a zone as SQL.

    As a text it would be compared as text with a column of text, where the shorter of two equal moments is the earlier.
    """
    return f"cast('{value.replace(tzinfo=None)}' as datetime(6))"
