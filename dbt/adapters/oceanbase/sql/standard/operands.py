"""Search backwards for the beginning of the operand on the left side of ``::`` or another operator.

The operand is what PostgreSQL takes for the operand of ``::``, which binds tighter than every other operator but ``.``
and ``[]``. So the operand is a literal, a name, a function call with its OVER clause, a CASE expression, or any of
these in parentheses or with an index. A sign is never a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..lexer import NAME_CHARACTERS, is_name_dot
from ..select_lists import SELECT_OPTIONS
from .targets import Token


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NO_OPERAND = SELECT_OPTIONS | _words(
    "select from where and or xor not in is like between when then else case by having on as join using union"
    " except intersect limit offset values return set into with div mod regexp rlike ilike over filter within"
    " partition order group left right inner outer cross natural interval binary collate escape any some"
)
"""Words that are taken for keywords, and never for the name of a column that is an operand."""

_STARTS = _words("return do elseif while until")
NO_FUNCTION = NO_OPERAND - {"left", "right", "mod", "values", "any", "some"} | _STARTS | {"of"}
"""Words that can stand before an opening parenthesis without being the name of a function."""

TYPED = frozenset({"date", "time", "timestamp"})
INTRODUCER = re.compile(r"[xbn]|_(?:utf8mb4|utf8mb3|utf8|utf16|binary|latin1|gbk|gb18030|ascii)")
EXPONENT = re.compile(r"\d+e")
NUMBER = re.compile(r"\d")
NAME = re.compile(rf"[{NAME_CHARACTERS}]|`")
OPERAND_END = re.compile(rf"[{NAME_CHARACTERS}`'\")\]]")
"""The beginning of a token that may be the last one of an operand. Some keywords match as well."""

_INDEXED = re.compile(rf"[{NAME_CHARACTERS}`)\]]")


class Pairs(NamedTuple):
    """The tokens at which brackets, CASE expressions and ``::`` casts of a statement begin.

    Each dict maps the index of the last token of such a part to the index of its first token.
    """

    brackets: dict[int, int]
    cases: dict[int, int]
    casts: dict[int, int]


def operand(tokens: Sequence[Token], end: int, pairs: Pairs) -> int | None:
    """Return the index of the first token of the operand whose last token is at the index ``end``.

    ``tokens`` are the tokens of a statement, and ``pairs`` its brackets, CASE expressions and ``::`` casts. Return None
    if no operand ends there, or if the operand is a text in double quotes, because this is a name in standard SQL and a
    string for the server.
    """
    if end < 0:
        return None
    word = tokens[end][1]
    if end in pairs.casts:
        return pairs.casts[end]
    if word == ")":
        return _parenthesis(tokens, end, pairs)
    if word == "]":
        return _index(tokens, end, pairs)
    if word[0] == "'":
        return _string(tokens, end)
    if word == "end" and not _is_part(tokens, end):
        return pairs.cases.get(end)
    if NUMBER.match(word):
        return _number(tokens, end)
    return _name(tokens, end, pairs)


def _at(tokens: Sequence[Token], index: int) -> str:
    return tokens[index][1] if 0 <= index < len(tokens) else ""


def _is_part(tokens: Sequence[Token], index: int) -> bool:
    """Check whether the token at ``index`` stands after the dot of a name, such as ``end`` in ``t.end``."""
    return is_name_dot(_at(tokens, index - 2), _at(tokens, index - 1))


def _touches(tokens: Sequence[Token], index: int) -> bool:
    """Check whether there is no blank or comment between the token at ``index`` and the token before it."""
    return index > 0 and tokens[index - 1][0] + len(tokens[index - 1][1]) == tokens[index][0]


def _parenthesis(tokens: Sequence[Token], end: int, pairs: Pairs) -> int | None:
    start = pairs.brackets.get(end)
    if start is None:
        return None
    before = _at(tokens, start - 1)
    if before in ("over", "filter"):
        return operand(tokens, start - 2, pairs)
    if before == "group" and _at(tokens, start - 2) == "within":
        return operand(tokens, start - 3, pairs)
    is_operator = before == "mod" and _ends_operand(tokens, start - 2)
    is_function = NAME.match(before) and not NUMBER.match(before) and before not in NO_FUNCTION and not is_operator
    return _dotted(tokens, start - 1) if is_function else start


def _ends_operand(tokens: Sequence[Token], index: int) -> bool:
    """Check whether the token at ``index`` may end an operand, so that a following MOD is an operator."""
    word = _at(tokens, index)
    if word == ".":
        return _at(tokens, index - 1).isdigit()  # a number such as 1.
    is_keyword = word in NO_OPERAND | _STARTS | {"if"} and not _is_part(tokens, index)
    return not is_keyword and OPERAND_END.match(word) is not None


def _index(tokens: Sequence[Token], end: int, pairs: Pairs) -> int | None:
    start = pairs.brackets.get(end)
    before = _at(tokens, start - 1) if start is not None else ""
    if start is None or before in NO_OPERAND or not _INDEXED.match(before):
        return start
    return start - 1 if before == "array" else operand(tokens, start - 1, pairs)


def _string(tokens: Sequence[Token], end: int) -> int:
    start = end
    while _at(tokens, start - 1)[:1] == "'":
        start -= 1
    before = _at(tokens, start - 1)
    is_introduced = INTRODUCER.fullmatch(before) and (_touches(tokens, start) or len(before) > 1)
    return start - 1 if before in TYPED or is_introduced else start


def _number(tokens: Sequence[Token], end: int) -> int | None:
    start = end
    if _at(tokens, start - 1) in ("+", "-") and _touches(tokens, start) and _touches(tokens, start - 1):
        start -= 2 if EXPONENT.fullmatch(_at(tokens, start - 2)) else 0
    if _at(tokens, start - 1) != ".":
        return start
    if not _touches(tokens, start - 1) or not NAME.match(_at(tokens, start - 2)):
        return start - 1
    return start - 2 if _at(tokens, start - 2).isdigit() else None


def _name(tokens: Sequence[Token], end: int, pairs: Pairs) -> int | None:
    word = tokens[end][1]
    if not NAME.match(word) or (word in NO_OPERAND and not _is_part(tokens, end)):
        return None
    if _at(tokens, end - 1) == "over":
        return operand(tokens, end - 2, pairs)
    return _dotted(tokens, end)


def _dotted(tokens: Sequence[Token], end: int) -> int | None:
    start = _part(tokens, end)
    while _at(tokens, start - 1) == ".":
        if not NAME.match(_at(tokens, start - 2)):
            return None
        start = _part(tokens, start - 2)
    while _at(tokens, start - 1) == "@":
        start -= 1
    return start


def _part(tokens: Sequence[Token], end: int) -> int:
    """Return the index of the first token of the name that ends at the index ``end``. A dot is not a part of the name.

    A name with doubled backticks consists of several tokens.
    """
    start = end
    while tokens[start][1][0] == "`" and _at(tokens, start - 1)[:1] == "`":
        start -= 1
    return start
