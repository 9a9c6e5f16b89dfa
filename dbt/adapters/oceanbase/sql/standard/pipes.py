"""Find ``||``, which is a logical OR for the server, and rewrite it to ``concat``.

``||`` binds tighter than arithmetic in MySQL's mode PIPES_AS_CONCAT and weaker in PostgreSQL. A chain is rewritten only
if both readings have the same operands. A session mode would be no remedy, because a view keeps its text, and each
reader's mode decides what it means (seen on seekdb 1.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from .. import lexer
from .conditions import is_condition
from .edits import Edit
from .following import operand_end
from .operands import NO_OPERAND, operand
from .reading import Reading

MARK = "||"

_OUTER = -1_000_000_000
"""Order of an insertion around all casts that begin at the same position."""

_BEFORE = NO_OPERAND - {"div", "mod", "interval", "binary", "collate"} | {"", "(", "[", ",", "=", "!", ";"}
"""Tokens that may stand before a chain of ``||``, in addition to ``<`` and ``>``."""

_NOT_AFTER = frozenset({*"+-*/%^&|.:[", "collate", "div", "mod", "at", "over"})
"""Tokens after a chain that may bind tighter than ``||``, besides ``<<`` and ``>>``."""


class UnclearOperandError(Exception):
    """A ``||`` cannot be rewritten, because its operands are not certain, or because it looks like a logical OR.

    The message names the line and the remedy.
    """


def first_pipe(sql: str) -> int | None:
    """Return the number of the line, from 1, of the first ``||`` in ``sql``. Return None if there is none.

    A ``||`` in a string, a name or a comment is not one.
    """
    if MARK not in sql:
        return None
    tokens = list(lexer.tokens(sql))
    for (position, word), (after, next_word) in pairwise(tokens):
        if word == next_word == "|" and after == position + 1:
            return _line(sql, position)
    return None


def _line(sql: str, position: int) -> int:
    return sql.count("\n", 0, position) + 1


def edits(sql: str, reading: Reading) -> Iterator[Edit]:
    """Yield the edits that make ``concat`` of each chain of ``||`` in ``sql``, whose tokens are those of ``reading``.

    Raise UnclearOperandError if the operands of a ``||`` are not certain, or if it looks like a logical OR.
    """
    done = set()
    for index in range(len(reading.tokens)):
        if index in done or not _is_pipe(reading, index):
            continue
        start = _chain_start(reading, index)
        end, pipe = None, index
        while start is not None and _is_pipe(reading, pipe):
            done.add(pipe)
            yield Edit(reading.tokens[pipe][0], reading.ends[pipe + 1], 0, ",")
            end = operand_end(reading, pipe + 2)
            pipe = end + 1 if end is not None else len(reading.tokens)
        line = _line(sql, reading.tokens[index][0])
        if start is None or end is None or not _may_follow(reading, end + 1):
            raise UnclearOperandError(
                f"it is not certain what belongs to || in line {line} of the statement: "
                "write parentheses around its operands, or concat(...)"
            )
        if is_condition(reading, start, end):
            raise UnclearOperandError(
                f"|| stands where a condition does in line {line} of the statement: write OR, or concat(...)"
            )
        yield Edit(reading.tokens[start][0], reading.tokens[start][0], _OUTER, "concat(")
        yield Edit(reading.ends[end], reading.ends[end], 0, ")")


def _is_pair(reading: Reading, index: int, word: str) -> bool:
    """Check whether the tokens at ``index`` and after it are ``word`` twice, without anything between."""
    is_pair = reading.word(index) == reading.word(index + 1) == word
    return is_pair and reading.tokens[index + 1][0] == reading.tokens[index][0] + 1


def _is_pipe(reading: Reading, index: int) -> bool:
    return _is_pair(reading, index, "|")


def _chain_start(reading: Reading, index: int) -> int | None:
    start = operand(reading.tokens, index - 1, reading.pairs)
    if start is None:
        return None
    before = reading.word(start - 1)
    if before in ("-", "+"):
        start -= 1
        before = reading.word(start - 1)
    if before in ("<", ">"):
        return None if _is_pair(reading, start - 2, before) or reading.word(start - 2) == "-" else start
    if before == "!" and start - 2 >= 0:
        return None
    return start if before in _BEFORE else None


def _may_follow(reading: Reading, index: int) -> bool:
    word = reading.word(index)
    if word in ("<", ">"):
        return not _is_pair(reading, index, word)
    return word not in _NOT_AFTER and not re.match(r"['\"\d]", word)
