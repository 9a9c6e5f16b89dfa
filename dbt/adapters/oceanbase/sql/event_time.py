"""Convert times to the time zone of the session, and write times as SQL literals."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_WRITTEN_MOMENT = re.compile(r"""\s*(['"])\d{4}-\d{1,2}-\d{1,2}([T ][0-9:.]+)?\1\s*""")


def clock_at(moment: datetime, offset: str) -> datetime:
    """Return the time that a clock shows at ``moment`` in a time zone, as a datetime without a zone.

    ``offset`` is the UTC offset of the time zone, such as ``+08:00``, and not its name. A ``moment`` without a zone is
    taken for UTC.
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


def typed_moment(expression: str) -> str:
    """Return ``expression`` as a typed literal if it is the text literal of a date, or of a date and time.

    A date such as ``'9999-12-31'`` becomes ``date '9999-12-31'``, and a date with a time becomes ``timestamp '...'``.
    Any other expression is returned unchanged.
    """
    found = _WRITTEN_MOMENT.fullmatch(expression)
    if found is None:
        return expression
    return f"{'timestamp' if found.group(2) else 'date'} {expression.strip()}"
