"""Find out whether a ``||`` can only be a logical OR, by the words and operators around its operands."""

from __future__ import annotations

from .reading import Reading

_COMPARES = frozenset({"=", "<", ">", "!", "like", "ilike", "regexp", "rlike"})
_TESTS = _COMPARES | {"is", "in", "between", "not"}
_CONDITIONS = frozenset({"where", "and", "or", "xor", "on", "having", "not", "if", "elseif", "while", "until"})
_ENDS = frozenset(
    {"", ")", ";", "and", "or", "xor", "then", "do", "where", "group", "order", "having", "limit", "union", "except"}
    | {"intersect", "join", "inner", "left", "right", "full", "cross", "natural", "window"}
)
_BOUNDS = _CONDITIONS | {"(", ",", ";", "when", "then", "else", "select"}
"""Tokens before which the BETWEEN of an AND cannot stand."""


def is_condition(reading: Reading, start: int, end: int) -> bool:
    """Check whether the chain of ``||`` from the index ``start`` to ``end`` is a condition, or a part of two.

    It is a condition where a condition stands and nothing compares it, and parts of two if comparisons stand on both of
    its sides, as in ``a = 1 || b = 2``. A text made by ``concat`` makes no sense there.
    """
    before, after = reading.word(start - 1), reading.word(end + 1)
    if before in ("is", "in") or reading.word(start) == "exists":
        return True
    if before in _COMPARES:
        return after in _TESTS
    if before == "not" and reading.word(start - 2) in ("is", "in"):
        return True
    while before == "(" and after == ")":
        start, end = start - 1, end + 1
        before, after = reading.word(start - 1), reading.word(end + 1)
    if before == "(":
        return reading.word(start - 2) == "if" and after == ","
    if after not in _ENDS or (before == "and" and _is_of_between(reading, start - 1)):
        return False
    return before in _CONDITIONS or (before == "when" and reading.word(start - 2) == "case")


def _is_of_between(reading: Reading, index: int) -> bool:
    """Check whether the AND at ``index`` is that of a BETWEEN."""
    index -= 1
    while index >= 0 and reading.word(index) not in _BOUNDS:
        if reading.word(index) == "between":
            return True
        index = reading.pairs.brackets.get(index, reading.pairs.cases.get(index, index)) - 1
    return False
