"""Rewrite ``interval '3 days'`` and ``interval 3 days`` to ``interval 3 day``.

The server accepts an interval only as an operand of ``+`` and ``-``, and as an argument of a function. Standard SQL
also multiplies intervals: ``now() - interval 1 day * 3`` means three days before now. The server would compute ``(now()
- interval 1 day) * 3``, which is a number. So an interval is rewritten only if no operator that binds tighter than
``+`` stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .edits import Edit
from .operands import NO_OPERAND, OPERAND_END
from .reading import Reading

_UNITS = {
    **{plural: unit for unit in ("microsecond", "week", "quarter") for plural in (unit, f"{unit}s")},
    **dict.fromkeys(("second", "seconds", "sec", "secs"), "second"),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), "minute"),
    **dict.fromkeys(("hour", "hours"), "hour"),
    **dict.fromkeys(("day", "days"), "day"),
    **dict.fromkeys(("month", "months", "mon", "mons"), "month"),
    **dict.fromkeys(("year", "years"), "year"),
}
_TEXT = re.compile(r"'\s*([-+]?\d{1,9})\s*([a-z]+)\s*'")
_COUNT = re.compile(r"'[-+]?\d{1,9}'|\d{1,9}")
_MAY_FOLLOW = re.compile(r"[^\W\d]|[`\"),;=!<>+\]-]|$")
_BINDS_TIGHTER = frozenset(["div", "mod", "collate", "at"])


def has_marks(sql: str) -> bool:
    """Check quickly whether the statement ``sql`` may contain an interval that has to be rewritten.

    True means only that the text has the word INTERVAL, perhaps in a string or a comment.
    """
    return "interval" in sql.lower()


def edits(reading: Reading) -> Iterator[Edit]:
    """Yield the edits that rewrite the intervals in a statement, whose tokens are in ``reading``."""
    for index, (_, word) in enumerate(reading.tokens):
        if word != "interval":
            continue
        value, unit = reading.word(index + 1), reading.word(index + 2)
        text = _TEXT.fullmatch(value)
        if text and text[2] in _UNITS and unit not in _UNITS and _stands_alone(reading, index, index + 2):
            yield Edit(reading.tokens[index + 1][0], reading.ends[index + 1], 0, f"{text[1]} {_UNITS[text[2]]}")
        is_other = unit in _UNITS and _UNITS[unit] != unit
        if _COUNT.fullmatch(value) and is_other and _stands_alone(reading, index, index + 3):
            yield Edit(reading.tokens[index + 2][0], reading.ends[index + 2], 0, _UNITS[unit])


def _stands_alone(reading: Reading, start: int, after: int) -> bool:
    """Check whether an interval is an operand of ``+`` or ``-``, or the last argument of a function.

    ``start`` is the index of the word INTERVAL, and ``after`` the index of the token after the interval. The result is
    false if an operator that binds tighter than ``+`` follows, such as ``*``.
    """
    before, operand, following = reading.word(start - 1), reading.word(start - 2), reading.word(after)
    if before == ",":
        return following == ")"
    is_addend = before in ("+", "-") and OPERAND_END.match(operand) and operand not in NO_OPERAND
    is_shift = following in ("<", ">") and reading.word(after + 1) == following
    is_path = following == "-" and reading.word(after + 1) == ">"
    may_follow = _MAY_FOLLOW.match(following) and following not in _BINDS_TIGHTER and not is_shift and not is_path
    return bool(is_addend and may_follow)
