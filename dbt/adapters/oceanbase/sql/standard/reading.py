"""The class for a statement split into tokens. It knows the statement's brackets, CASE expressions and casts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .. import lexer
from .edits import Edit
from .operands import Pairs, operand
from .targets import Token, target

_OPENING = {")": "(", "]": "["}


class Cast(NamedTuple):
    """A cast in a statement, by indexes of tokens.

    ``start`` is the first token of the cast. ``first`` and ``last`` are the first and the last token of its operand.
    ``is_jsonb`` tells whether the type is JSONB. ``is_rewritten`` is false for a cast that is sent as it is.
    """

    start: int
    first: int
    last: int
    is_jsonb: bool
    is_rewritten: bool


class Reading:
    """The tokens of one statement, and the edits that rewrite its casts (``x::type`` and ``cast(x as type)``).

    ``tokens`` are the tokens that ``lexer.tokens`` yields. ``ends`` has the position after each token in the text.
    ``pairs`` maps the last token of brackets, CASE expressions and ``::`` casts to their first token (see ``Pairs``).
    ``closing`` maps the first token of brackets and CASE expressions to their last token. ``casts`` maps the last token
    of a cast to the cast. All of them use indexes of tokens.
    """

    def __init__(self, sql: str) -> None:
        self.tokens: Sequence[Token] = list(lexer.tokens(sql))
        self.ends = lexer.token_ends(sql)
        self.pairs = Pairs({}, {}, {})
        self.closing: dict[int, int] = {}  # by the index of a bracket or CASE: that of what ends it
        self.casts: dict[int, Cast] = {}
        self.edits: list[Edit] = []
        self._open: list[tuple[int, int | None]] = []  # brackets, and the AS of each that belongs to a CAST
        self._open_cases: list[int] = []
        self._read()

    def word(self, index: int) -> str:
        """Return the token at ``index`` in lower case, or an empty text if there is none."""
        return self.tokens[index][1] if 0 <= index < len(self.tokens) else ""

    def follows_name_dot(self, index: int) -> bool:
        """Check whether the token at ``index`` stands after the dot of a name, such as ``end`` in ``t.end``."""
        return lexer.is_name_dot(self.word(index - 2), self.word(index - 1))

    def is_pair(self, index: int, word: str) -> bool:
        """Check whether the sign ``word`` stands at ``index`` and, without a blank between, also at the next index.

        For example, ``||`` is the sign ``|`` twice.
        """
        is_pair = self.word(index) == self.word(index + 1) == word
        return is_pair and self.tokens[index + 1][0] == self.tokens[index][0] + 1

    def unwrapped(self, first: int, last: int) -> tuple[int, int]:
        """Return the tokens that remain of those from ``first`` to ``last`` without parentheses around all of them."""
        while self.word(first) == "(" and self.closing.get(first) == last:
            first, last = first + 1, last - 1
        return first, last

    def is_jsonb_cast(self, first: int, last: int) -> bool:
        """Check whether the tokens from ``first`` to ``last`` are a cast to JSONB, perhaps in parentheses."""
        first, last = self.unwrapped(first, last)
        cast = self.casts.get(last)
        return cast is not None and cast.start == first and cast.is_jsonb

    def _read(self) -> None:
        for index, (_, word) in enumerate(self.tokens):
            if word in ("(", "["):
                self._open.append((index, None))
            elif word in (")", "]"):
                self._close(index, word)
            elif word == "as" and self._open and self._is_cast(self._open[-1][0]):
                self._open[-1] = (self._open[-1][0], index)
            elif word == "case" and not self.follows_name_dot(index):
                self._open_cases.append(index)
            elif word == "end" and self._open_cases and not self.follows_name_dot(index):
                start = self._open_cases.pop()
                self.pairs.cases[index], self.closing[start] = start, index
            elif word == ":" and self._is_double_colon(index):
                self._add_double_colon(index)

    def _position(self, index: int) -> int:
        return self.tokens[index][0]

    def _is_cast(self, opening: int) -> bool:
        return self.word(opening) == "(" and self.word(opening - 1) == "cast" and self.word(opening - 2) != "."

    def _is_double_colon(self, index: int) -> bool:
        return self.word(index + 1) == ":" and self._position(index + 1) == self._position(index) + 1

    def _close(self, index: int, word: str) -> None:
        if not self._open or self.word(self._open[-1][0]) != _OPENING[word]:
            return
        opening, as_index = self._open.pop()
        self.pairs.brackets[index], self.closing[opening] = opening, index
        if as_index is None:
            return
        found = target(self.tokens, as_index + 1)
        is_refused = found is not None and found.is_refused and found.end == index
        is_jsonb = self.word(as_index + 1) == "jsonb" and as_index + 2 == index
        self.casts[index] = Cast(opening - 1, opening + 1, as_index - 1, is_jsonb, is_refused)
        if found and is_refused:
            self._add(self._position(opening - 1), self._position(opening) + 1, found.form.prefix)
            self._add(self._position(as_index), self._position(index) + 1, found.form.suffix)

    def _add_double_colon(self, index: int) -> None:
        start = operand(self.tokens, index - 1, self.pairs)
        found = target(self.tokens, index + 2)
        if start is None or found is None:
            return
        last = found.end - 1
        self.pairs.casts[last] = start
        self.casts[last] = Cast(start, start, index - 1, self.word(last) == "jsonb", True)
        self._add(self._position(start), self._position(start), found.form.prefix)
        self._add(self._position(index), self.ends[last], found.form.suffix)

    def _add(self, start: int, end: int, text: str) -> None:
        self.edits.append(Edit(start, end, -len(self.edits), text))
