"""Rewrite calls such as ``now(6)`` in queries, so that CREATE TABLE ... AS keeps the fractions of a second."""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import lexer
from .select_lists import select_lists

_MOMENTS = frozenset({"now", "current_timestamp", "localtimestamp", "localtime", "sysdate"})
_TIMES_OF_DAY = frozenset({"curtime", "current_time"})
_DIGITS = frozenset("123456")
_MAY_HAVE_CLOCK = re.compile(r"(?:now|current_timestamp|localtime(?:stamp)?|sysdate|curtime|current_time)\s*\(", re.I)


def with_fractions(query: str) -> str:
    """Return ``query`` rewritten so that CREATE TABLE ... AS keeps the fractions of a second of the current time.

    ``query`` is the SELECT after the AS. In CREATE TABLE ... AS the server truncates calls such as ``now(6)`` to
    seconds, but not ``utc_timestamp(6)`` (seen on seekdb 1.3 and 1.4). So this function replaces each of the truncated
    calls by ``utc_timestamp(6)``, converted to the session's time zone. If such a call is a whole column without an
    alias, it gets an alias, so that the name of the column stays the same.
    """
    if not _MAY_HAVE_CLOCK.search(query):
        return query
    parts, end = [], 0
    for start, stop, replacement in _clocks(query):
        parts += [query[end:start], replacement]
        end = stop
    return "".join([*parts, query[end:]])


def _clocks(query: str) -> Iterator[tuple[int, int, str]]:
    """Yield one tuple for each call in ``query`` that returns the time with fractions of a second, such as ``now(6)``.

    A tuple has the position where the call begins, the position after its end, and the SQL that replaces the call.
    """
    found = list(lexer.tokens(query))
    columns = {column for columns in select_lists([word for _, word in found]) for column in columns}
    for index, (position, word) in enumerate(found):
        before = found[index - 1][1] if index else ""
        texts = [text for _, text in found[index : index + 4]]
        is_call = len(texts) == 4 and texts[1] == "(" and texts[2] in _DIGITS and texts[3] == ")"
        if not is_call or word not in _MOMENTS | _TIMES_OF_DAY or before in (".", "@"):
            continue
        stop = found[index + 3][0] + 1
        clock = f"convert_tz(utc_timestamp({texts[2]}), '+00:00', @@session.time_zone)"
        if word in _TIMES_OF_DAY:
            clock = f"cast({clock} as time({texts[2]}))"
        is_unnamed = (index, index + 3) in columns
        yield position, stop, clock + (f" as `{query[position:stop]}`" if is_unnamed else "")
