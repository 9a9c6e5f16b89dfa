"""Times as SQL: converted to the time zone of the session, and as typed literals."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_WRITTEN_MOMENT = re.compile(r"""\s*(['"])\d{4}-\d{1,2}-\d{1,2}([T ][0-9:.]+)?\1\s*""")


def clock_at(moment: datetime, offset: str) -> datetime:
    """Return ``moment`` (UTC if it has no zone) converted to ``offset`` (such as ``+08:00``), without a zone."""
    hours, minutes = (int(part) for part in offset[1:].split(":"))
    distance = timedelta(hours=hours, minutes=minutes)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    shifted = aware.astimezone(timezone.utc) + (-distance if offset.startswith("-") else distance)
    return shifted.replace(tzinfo=None)


def datetime_literal(value: datetime) -> str:
    """Return a datetime as a typed SQL literal, a CAST, without its time zone.

    Against a column of text, the server would compare a plain string as text: '10:00' would be before '10:00:00'.
    """
    return f"cast('{value.replace(tzinfo=None)}' as datetime(6))"


def typed_moment(expression: str) -> str:
    """Return a text literal of a date or of a date and time as a typed literal, and any other expression unchanged."""
    found = _WRITTEN_MOMENT.fullmatch(expression)
    if found is None:
        return expression
    return f"{'timestamp' if found.group(2) else 'date'} {expression.strip()}"
