"""Rewrite ``x::type`` and ``cast(x as type)`` for the types that the server's CAST refuses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .. import lexer
from .operands import Pairs, operand
from .targets import REFUSED, Token, target

_REFUSED = "|".join(name.replace(" ", r"\s+") for name in REFUSED)
_MARK = re.compile(rf"::|\bas\s+(?:{_REFUSED})\b", re.I)
_OPENING = {")": "(", "]": "["}


class _Edit(NamedTuple):
    """A replacement of a part of a text. At one position, insertions come first, and later ones before earlier ones."""

    start: int
    end: int
    order: int
    text: str


def has_marks(sql: str) -> bool:
    """Check whether ``sql`` may have a cast to be rewritten. This is quick, and may be true without one."""
    return _MARK.search(sql) is not None


def rewritten_casts(sql: str) -> str:
    """Return ``sql``, in which casts to types that the server refuses are expressions that it accepts."""
    edits = _Casts(sql).edits()
    if not edits:
        return sql
    parts, position = [], 0
    for edit in sorted(edits):
        is_joined = edit.text[:1].isalpha() and re.match(r"[\w$]", sql[edit.start - 1 : edit.start])
        parts += [sql[position : edit.start], " " if is_joined else "", edit.text]
        position = edit.end
    return "".join([*parts, sql[position:]])


class _Casts:
    """The casts of one statement, which are found in one pass over its tokens."""

    def __init__(self, sql: str) -> None:
        self._tokens: Sequence[Token] = list(lexer.tokens(sql))
        self._open: list[tuple[int, int | None]] = []  # brackets, and the AS of each that belongs to a CAST
        self._open_cases: list[int] = []
        self._brackets: dict[int, int] = {}
        self._cases: dict[int, int] = {}
        self._casts: dict[int, int] = {}
        self._edits: list[_Edit] = []

    def edits(self) -> list[_Edit]:
        """Return the replacements that make the server's SQL of the statement."""
        for index, (_, word) in enumerate(self._tokens):
            if word in ("(", "["):
                self._open.append((index, None))
            elif word in (")", "]"):
                self._close(index, word)
            elif word == "as" and self._open and self._is_cast(self._open[-1][0]):
                self._open[-1] = (self._open[-1][0], index)
            elif word == "case" and self._word(index - 1) != ".":
                self._open_cases.append(index)
            elif word == "end" and self._open_cases and self._word(index - 1) != ".":
                self._cases[index] = self._open_cases.pop()
            elif word == ":" and self._is_double_colon(index):
                self._add_double_colon(index)
        return self._edits

    def _word(self, index: int) -> str:
        return self._tokens[index][1] if 0 <= index < len(self._tokens) else ""

    def _position(self, index: int) -> int:
        return self._tokens[index][0]

    def _is_cast(self, opening: int) -> bool:
        return self._word(opening) == "(" and self._word(opening - 1) == "cast" and self._word(opening - 2) != "."

    def _is_double_colon(self, index: int) -> bool:
        return self._word(index + 1) == ":" and self._position(index + 1) == self._position(index) + 1

    def _close(self, index: int, word: str) -> None:
        if not self._open or self._word(self._open[-1][0]) != _OPENING[word]:
            return
        opening, as_index = self._open.pop()
        self._brackets[index] = opening
        found = target(self._tokens, as_index + 1) if as_index is not None else None
        if as_index is not None and found and found.is_refused and found.end == index:
            self._add(self._position(opening - 1), self._position(opening) + 1, found.form.prefix)
            self._add(self._position(as_index), self._position(index) + 1, found.form.suffix)

    def _add_double_colon(self, index: int) -> None:
        start = operand(self._tokens, index - 1, Pairs(self._brackets, self._cases, self._casts))
        found = target(self._tokens, index + 2)
        if start is None or found is None:
            return
        last = found.end - 1
        self._casts[last] = start
        self._add(self._position(start), self._position(start), found.form.prefix)
        self._add(self._position(index), self._position(last) + len(self._word(last)), found.form.suffix)

    def _add(self, start: int, end: int, text: str) -> None:
        self._edits.append(_Edit(start, end, -len(self._edits), text))
