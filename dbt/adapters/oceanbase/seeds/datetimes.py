"""Convert dates and times of a seed from text to SQL literals.

Ambiguous formats are refused, because the server would guess. Without an error, seekdb 1.3 and 1.4 read ``'5/1/24'`` as
2005-01-24, ``'1030'`` as ten minutes and ``'10:20 PM'`` as morning. In ``'2024-01-05 10:00:00-05:00'`` they ignore the
offset.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping

_DATETIME = re.compile(
    r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})"
    r"(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?\s*(?:(Z|UTC)|([+-])(\d{2}):?(\d{2})?)?)?\Z",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z", re.ASCII)
_ZERO = re.compile(r"0000-00-00( 00:00:00(\.0+)?)?\Z")
_TIME = re.compile(r"-?\d{1,3}:\d{2}(:\d{2}(\.\d{1,9})?)?\Z", re.ASCII)
_YEAR = re.compile(r"\d{4}\Z", re.ASCII)
_ISO_FRACTION = re.compile(r"T\d{2}(?::?(\d{2}))?(?::?(\d{2}))?[.,](\d+)", re.ASCII)
_FRACTION = re.compile(r"\.(\d+)", re.ASCII)


class ValueLost(ValueError):
    """A column would store another value than the seed has, and the server would report no error.

    The message says what would be lost.
    """


def format_date(value: datetime.date) -> str:
    """Return ``value`` as text without quotes, such as ``2024-01-05`` or ``2024-01-05 10:00:00.250000``.

    A datetime with a UTC offset is converted to UTC, and the text has no offset.
    """
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return value.isoformat(sep=" ")
    return value.isoformat()


def has_fraction(text: str) -> bool:
    """Check whether ``text``, a time or a date with time, has a fraction of a second other than zero."""
    return fraction_digits(text) > 0


def fraction_digits(text: str) -> int:
    """Return how many digits the fraction of a second in ``text`` has, without zeros at the end."""
    found = _FRACTION.search(text)
    return len(found.group(1).rstrip("0")) if found else 0


def is_cut(text: str) -> bool:
    """Check whether dbt's reader cuts the ISO time in ``text``, because it has a part smaller than a microsecond.

    The fraction can also be one of an hour or of a minute, if the text ends with them.
    """
    found = _ISO_FRACTION.search(text)
    digits = found[3].rstrip("0") if found else ""
    if not found or not digits:
        return False
    microseconds = 10**6 * (1 if found[2] else 60 if found[1] else 3_600)
    # a number with more digits after the point never gives whole microseconds, and may be too long for int()
    return len(digits) > len(str(microseconds)) or int(digits) * microseconds % 10 ** len(digits) != 0


def _parsed(text: str) -> tuple[datetime.datetime, str, datetime.timedelta | None]:
    """Parse a date with an optional time, fraction and UTC offset.

    Return three values: date and time in whole seconds, the fraction as text (such as ``.25``, or empty), and the
    offset, or None if the text has no offset. With an offset, date and time are converted to UTC. Raise ValueError for
    another format or an impossible date.
    """
    match = _DATETIME.match(_COMPACT.sub(r"\1-\2-\3", text))
    if match is None:
        raise ValueError(text)
    year, _, month, day, hour, minute, second, fraction, utc, sign, hours, minutes = match.groups()
    value = datetime.datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    offset = datetime.timedelta() if utc else None
    if sign:
        offset = datetime.timedelta(hours=int(hours), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    return value - (offset or datetime.timedelta()), fraction or "", offset


def _date(text: str) -> str:
    """Return the SQL literal of the date in ``text``. A time after the date is ignored, as dbt's test suite requires.

    Raise ValueError for another format, an impossible date, or an offset other than zero, because the date may be
    another one in UTC.
    """
    if _ZERO.match(text):
        return f"'{text}'"
    value, _, offset = _parsed(text)
    if offset:
        raise ValueError(text)
    return f"'{value.date().isoformat()}'"


def _datetime(text: str) -> str:
    return _datetime_and_zone(text)[0]


def _timestamp(text: str) -> str:
    literal, has_offset = _datetime_and_zone(text)
    # the server reads a timestamp in the time zone of the session, and that may differ from UTC
    return f"convert_tz({literal},'+00:00',@@session.time_zone)" if has_offset else literal


def _datetime_and_zone(text: str) -> tuple[str, bool]:
    """Return the SQL literal of the date with time in ``text``, and whether ``text`` has a UTC offset.

    With an offset, the literal is in UTC. Raise ValueError for another format or an impossible date.
    """
    if _ZERO.match(text):
        return f"'{text}'", False
    value, fraction, offset = _parsed(text)
    return f"'{value.isoformat(sep=' ')}{fraction}'", offset is not None


def _matching(text: str, pattern: re.Pattern[str]) -> str:
    if not pattern.match(text):
        raise ValueError(text)
    return f"'{text}'"


def _time(text: str) -> str:
    return _matching(text, _TIME)


def _year(text: str) -> str:
    return _matching(text, _YEAR)


LITERAL_FUNCTIONS: Mapping[str, Callable[[str], str]] = {
    "date": _date,
    "datetime": _datetime,
    "timestamp": _timestamp,
    "time": _time,
    "year": _year,
}
"""Functions by SQL type that convert text to a literal. They raise ValueError or OverflowError for invalid text."""
