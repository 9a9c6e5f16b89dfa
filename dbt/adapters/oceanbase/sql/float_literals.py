"""Find float literals, such as ``365.25e0``, in SQL.

The adapter warns about them, because the server stores them as decimals in views and in CREATE TABLE ... AS.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from . import lexer

_LITERAL = re.compile(rf"(?:\d+\.?\d*|\.\d+)e[-+]?\d+(?![{lexer.NAME_CHARACTERS}])", re.I)
_PART_OF_NAME = re.compile(rf"[{lexer.NAME_CHARACTERS}.`]")
_MARK = re.compile(r"[\d.]e[-+]?\d", re.I)


class FloatLiteral(NamedTuple):
    """A float literal: its text as it is written, and the number of its line, from 1."""

    text: str
    line: int


def bare_float_literals(sql: str) -> list[FloatLiteral]:
    """Return the float literals in ``sql``, except literals with a cast in the form ``cast(1e0 as double)``.

    With this cast the server keeps the value in views and tables. Digits in strings, names and comments are not
    literals.
    """
    if not _MARK.search(sql):
        return []
    sql = lexer.standard_comments(sql)
    tokens = list(lexer.tokens(sql))
    found = []
    end = 0
    for index, (position, word) in enumerate(tokens):
        literal = _LITERAL.match(sql, position) if position >= end and (word[0].isdigit() or word == ".") else None
        if literal is None or _PART_OF_NAME.match(sql[position - 1 : position]):
            continue
        end = literal.end()
        before = [word for _, word in tokens[max(index - 2, 0) : index]]
        after = [word for start, word in tokens[index : index + 8] if start >= end][:2]
        if before != ["cast", "("] or after != ["as", "double"]:
            found.append(FloatLiteral(literal.group(), sql.count("\n", 0, position) + 1))
    return found


def warning(node: str, literals: list[FloatLiteral]) -> str:
    """Return the warning, in one line, about ``literals``, the float literals in the SQL of the node ``node``."""
    first, more = literals[0], len(literals) - 1
    return (
        f"{node}: {first.text} in line {first.line} of its compiled SQL{f' and {more} more like it' if more else ''}: "
        "the server keeps such a literal as a decimal in views and tables, so that quotients lose digits "
        f"(1e0/3 is 0.3333): write cast({first.text} as double)"
    )
