"""Search forwards for the end of the operand on the right side of an operator such as ``||``."""

from __future__ import annotations

import re

from .operands import EXPONENT, INTRODUCER, NAME, NO_FUNCTION, NO_OPERAND, TYPED
from .reading import Reading
from .targets import target

BINDS_TIGHTER = frozenset({*"+-*/%^&|.:[", "collate", "div", "mod", "at", "over"})
"""Tokens that, after an operand of ``||``, may bind tighter than ``||``.

``<<`` and ``>>`` also bind tighter. They are not in this set, because each of them is two tokens, and a single ``<`` or
``>`` is a comparison.
"""

_DIGITS = re.compile(r"\d+(?:e\d*)?")


def operand_end(reading: Reading, start: int) -> int | None:
    """Return the index of the last token of the operand whose first token is at the index ``start``.

    ``reading`` has the tokens of the statement. The operand is on the right side of an operator such as ``||``. A sign
    before it and ``::`` casts after it belong to it. Return None if no operand begins at ``start``, or if its end is
    not certain.
    """
    if reading.word(start) in ("-", "+"):
        start += 1
    end = _primary_end(reading, start)
    while end is not None:
        if reading.word(end + 1) == reading.word(end + 2) == ":":
            found = target(reading.tokens, end + 3)
            end = found.end - 1 if found else None
        elif reading.word(end + 1) == "[":
            end = reading.closing.get(end + 1)
        else:
            return end
    return None


def _touches(reading: Reading, index: int) -> bool:
    return 0 < index < len(reading.tokens) and reading.ends[index - 1] == reading.tokens[index][0]


def _primary_end(reading: Reading, start: int) -> int | None:
    word, after = reading.word(start), reading.word(start + 1)
    if word in ("(", "[", "case"):
        return reading.closing.get(start)
    if word[:1] == "'":
        return _strings_end(reading, start)
    is_introducer = INTRODUCER.fullmatch(word) and (len(word) > 1 or _touches(reading, start + 1))
    if (word in TYPED or is_introducer) and after[:1] == "'":
        return _strings_end(reading, start + 1)
    if word[:1].isdigit() or (word == "." and after[:1].isdigit()):
        return _number_end(reading, start)
    return _name_end(reading, start)


def _strings_end(reading: Reading, start: int) -> int:
    end = start
    while reading.word(end + 1)[:1] == "'":
        end += 1
    return end


def _number_end(reading: Reading, start: int) -> int | None:
    end = start
    if reading.word(start) != "." and reading.word(start + 1) == "." and _touches(reading, start + 1):
        end += 1
    if reading.word(end) == "." and _touches(reading, end + 1) and _DIGITS.fullmatch(reading.word(end + 1)):
        end += 1
    is_open = EXPONENT.fullmatch(reading.word(end)) and reading.word(end + 1) in ("+", "-")
    return end + 2 if is_open else end


def _name_end(reading: Reading, start: int) -> int | None:
    end = start
    while reading.word(end) == "@":
        end += 1
    word = reading.word(end)
    if not NAME.match(word) or (word in NO_OPERAND and (word in NO_FUNCTION or reading.word(end + 1) != "(")):
        return None
    while True:
        while reading.word(end)[:1] == "`" and reading.word(end + 1)[:1] == "`" and _touches(reading, end + 1):
            end += 1
        if reading.word(end + 1) != "." or not NAME.match(reading.word(end + 2)):
            break
        end += 2
    return _call_end(reading, end) if reading.word(end + 1) == "(" else end


def _call_end(reading: Reading, name: int) -> int | None:
    """Return the index of the last token of a function call. ``name`` is the index of the function's name.

    The clauses OVER, FILTER and WITHIN GROUP belong to the call. Return None if a parenthesis is never closed.
    """
    end = reading.closing.get(name + 1)
    while end is not None:
        word, after = reading.word(end + 1), reading.word(end + 2)
        if word in ("over", "filter"):
            end = reading.closing.get(end + 2) if after == "(" else end + 2
        elif word == "within" and after == "group":
            end = reading.closing.get(end + 3)
        else:
            return end
    return None
