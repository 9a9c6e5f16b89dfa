"""Rewrite ``a ilike b``, ``a is distinct from b`` and their negations, which the server cannot parse.

``a is not distinct from b`` becomes ``a <=> b``, and ``a is distinct from b`` becomes ``a <=> b = 0``. ``a ilike b``
becomes a LIKE that converts both texts to lower case and compares them by a binary collation. So the LIKE ignores case
but respects accents, as ILIKE does in PostgreSQL. With the server's default collation, it would also ignore accents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .edits import Edit
from .following import operand_end
from .operands import INTRODUCER, TYPED, operand
from .reading import Reading

_DISTINCT_FROM = re.compile(r"distinct(?:\s+from\b|\s*(?:/\*|--|#))")
_OUTER = -2_000_000_000
_IN_CONDITIONS = frozenset({"where", "and", "or", "not", "when", "on", "having", "then", "else"})
"""Words after which ``a ilike b`` can only be a condition, and not a table ``a`` with the alias ``ilike``."""

_BEFORE_TEXT = _IN_CONDITIONS | {"select", "distinct", "case", "by", "(", ","}
_ENDS = frozenset({"", ")", "]", ",", ";", "`", '"'})
_QUANTIFIERS = frozenset({"any", "some", "all"})
_GOES_ON = frozenset(
    {
        "is",
        "in",
        "like",
        "between",
        "not",
        "regexp",
        "rlike",
        "collate",
        "div",
        "mod",
        "at",
        "escape",
        "ilike",
        "member",
    }
    | {"sounds", "xor", "over"}
)


def has_marks(sql: str) -> bool:
    """Check quickly whether the statement ``sql`` may contain a predicate that has to be rewritten.

    True means only that the text has ILIKE, the words of DISTINCT FROM, or DISTINCT and a comment. They may be in a
    string or a comment.
    """
    lowered = sql.lower()
    return "ilike" in lowered or ("distinct" in lowered and _DISTINCT_FROM.search(lowered) is not None)


def edits(reading: Reading) -> Iterator[Edit]:
    """Yield the edits that rewrite ILIKE, IS DISTINCT FROM and their negations in the statement ``reading``.

    Such a predicate is left unchanged if it is not certain where its operands begin and end.
    """
    for index, (_, word) in enumerate(reading.tokens):
        if word == "ilike":
            yield from _ilike(reading, index)
        elif word == "distinct" and reading.word(index + 1) == "from":
            yield from _distinct(reading, index)


def _right(reading: Reading, start: int) -> int | None:
    """Return the index of the last token of a predicate's right operand, whose first token is at the index ``start``.

    Return None if the end is not certain, for example because the next token may bind tighter than the predicate. Also
    return None for ANY and the like, such as ``any (select 1)``.
    """
    end = operand_end(reading, start) if reading.word(start) not in _QUANTIFIERS else None
    if end is None:
        return None
    following = reading.word(end + 1)
    is_end = following[:1] in _ENDS or (following[:1].isalpha() and following not in _GOES_ON)
    return end if is_end and not _is_literal(reading, end) else None


def _is_literal(reading: Reading, index: int) -> bool:
    """Check whether the tokens at ``index`` and after it may be one literal, such as ``date "2024-01-31"``."""
    word = reading.word(index)
    if reading.word(index + 1)[:1] != '"':
        return False
    is_joined = len(word) > 1 or reading.ends[index] == reading.tokens[index + 1][0]
    return word in TYPED or (is_joined and INTRODUCER.fullmatch(word) is not None)


def _before_parentheses(reading: Reading, index: int) -> str:
    while reading.word(index) == "(":
        index -= 1
    return reading.word(index)


def _ilike(reading: Reading, index: int) -> Iterator[Edit]:
    is_negated = reading.word(index - 1) == "not"
    operator = index - is_negated
    start, end = operand(reading.tokens, operator - 1, reading.pairs), _right(reading, index + 1)
    if start is None or end is None:
        return
    allowed = _BEFORE_TEXT if reading.word(index + 1)[:1] == "'" else _IN_CONDITIONS
    if reading.word(start - 1) not in allowed and _before_parentheses(reading, start - 1) not in _IN_CONDITIONS:
        return
    like = f" as char)) collate utf8mb4_bin {'not ' * is_negated}like lower(cast("
    position, after = reading.tokens[start][0], reading.tokens[index + 1][0]
    yield Edit(position, position, _OUTER, "lower(cast(")
    yield Edit(reading.tokens[operator][0], after, 0, like)
    yield Edit(reading.ends[end], reading.ends[end], 0, " as char))")


def _distinct(reading: Reading, index: int) -> Iterator[Edit]:
    is_negated = reading.word(index - 1) == "not"
    start, end = index - 1 - is_negated, _right(reading, index + 2)
    if reading.word(start) != "is" or end is None:
        return
    yield Edit(reading.tokens[start][0], reading.ends[index + 1], 0, "<=>")
    if not is_negated:
        yield Edit(reading.ends[end], reading.ends[end], 0, " = 0")
