"""Find ``||``, which is a logical OR for the server, and rewrite it to ``concat``.

Compared with arithmetic operators, ``||`` binds tighter in MySQL's mode PIPES_AS_CONCAT, and weaker in PostgreSQL. So a
chain such as ``a || b || c`` is rewritten only if its operands are the same in MySQL and PostgreSQL. Setting the mode
PIPES_AS_CONCAT would not help, because a view keeps its text with ``||``, and the mode of each session that reads the
view decides what ``||`` means (seen on seekdb 1.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from .. import lexer
from .conditions import is_condition
from .edits import Edit
from .following import BINDS_TIGHTER, operand_end
from .operands import NO_OPERAND, operand
from .reading import Reading

MARK = "||"

_OUTER = -1_000_000_000
"""The ``order`` of the ``Edit`` that inserts ``concat(``.

It is low, because ``concat(`` must stand before a cast that is inserted at the same position for the first operand.
"""

_BEFORE = NO_OPERAND - {"div", "mod", "interval", "binary", "collate", "ilike"} | {"", "(", "[", ",", "=", "!", ";"}
"""Words and signs, besides ``<`` and ``>``, that may stand before a chain of ``||`` without being a part of it."""


class UnclearOperandError(Exception):
    """A ``||`` cannot be rewritten.

    The reason is that its operands are not certain, that it looks like a logical OR, or that it merges JSONB in
    PostgreSQL. The message names the line of the statement, and says what to write instead.
    """


def first_pipe(sql: str) -> int | None:
    """Return the number of the line, from 1, of the first ``||`` in ``sql``. Return None if there is none.

    A ``||`` in a string, a name or a comment does not count.
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
    """Yield the edits that turn each chain such as ``a || b || c`` in ``sql`` into ``concat(a, b, c)``.

    ``reading`` has the tokens of ``sql``. Raise UnclearOperandError if the operands of a ``||`` are not certain, if it
    looks like a logical OR, or if one of them is a cast to JSONB.
    """
    done = set()
    for index in range(len(reading.tokens)):
        if index in done or not reading.is_pair(index, "|"):
            continue
        chain = _chain(reading, index)
        line = _line(sql, reading.tokens[index][0])
        if chain is None:
            raise UnclearOperandError(
                f"it is not certain what belongs to || in line {line} of the statement: "
                "write parentheses around its operands, or concat(...)"
            )
        if any(reading.is_jsonb_cast(*operand) for operand in chain):
            raise UnclearOperandError(
                f"|| merges JSON in PostgreSQL, and joins texts here, in line {line} of the statement: write "
                "json_merge_patch(...) for objects, json_merge_preserve(...) for arrays, or cast to text"
            )
        if is_condition(reading, chain):
            raise UnclearOperandError(
                f"|| looks like a logical OR in line {line} of the statement: write OR, or concat(...)"
            )
        pipes = [last + 1 for _, last in chain[:-1]]
        done.update(pipes)
        yield from (Edit(reading.tokens[pipe][0], reading.ends[pipe + 1], 0, ",") for pipe in pipes)
        start, end = reading.tokens[chain[0][0]][0], reading.ends[chain[-1][1]]
        yield Edit(start, start, _OUTER, "concat(")
        yield Edit(end, end, 0, ")")


def _chain(reading: Reading, pipe: int) -> list[tuple[int, int]] | None:
    """Return the index of the first and of the last token of each operand in a chain such as ``a || b || c``.

    ``pipe`` is the index of the first ``||`` of the chain. Return None if the operands are not certain.
    """
    start = _chain_start(reading, pipe)
    if start is None:
        return None
    chain = [(start, pipe - 1)]
    while reading.is_pair(pipe, "|"):
        end = operand_end(reading, pipe + 2)
        if end is None:
            return None
        chain.append((pipe + 2, end))
        pipe = end + 1
    return chain if _may_follow(reading, pipe) else None


def _chain_start(reading: Reading, index: int) -> int | None:
    start = operand(reading.tokens, index - 1, reading.pairs)
    if start is None:
        return None
    before = reading.word(start - 1)
    if before in ("-", "+"):
        start -= 1
        before = reading.word(start - 1)
    if before in ("<", ">"):
        return None if reading.is_pair(start - 2, before) or reading.word(start - 2) == "-" else start
    if before == "!" and start - 2 >= 0:
        return None
    return start if before in _BEFORE else None


def _may_follow(reading: Reading, index: int) -> bool:
    word = reading.word(index)
    if word in ("<", ">"):
        return not reading.is_pair(index, word)
    return word not in BINDS_TIGHTER and not re.match(r"['\"\d]", word)
