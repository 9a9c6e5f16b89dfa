"""Find out whether a ``||`` can only be a logical OR, by its operands and the words and operators around them."""

from __future__ import annotations

from collections.abc import Sequence

from .following import BINDS_TIGHTER
from .reading import Reading

_COMPARES = frozenset({"=", "<", ">", "like", "ilike", "regexp", "rlike"})
_TESTS = _COMPARES | {"!", "is", "in", "between", "not"}
_LOGIC = frozenset({"and", "or", "xor"})
_CONDITIONS = _LOGIC | {"where", "on", "having", "not", "if", "elseif", "while", "until"}
_FOLLOWS_VALUE = _TESTS | BINDS_TIGHTER | {"sounds", "member", "similar"}
_VALUES = frozenset({"", "(", ",", "select", "distinct", "all", "by", "when", "then", "else", "return"})
"""Tokens before a value that nothing compares."""

_TAKES_CONDITION = frozenset({"check", "sum", "avg", "bit_and", "bit_or", "bit_xor", "!"})
"""Tokens before a parenthesis with a condition or a number, in which a text makes no sense."""

_TEST_CALLS = frozenset({"exists", "isnull", "regexp_like"})
_QUERIES = frozenset({"select", "with", "values", "table"})
_BOUNDS = _CONDITIONS | {"(", ",", ";", "when", "then", "else", "select"}
"""Tokens before which the BETWEEN of an AND cannot stand."""


def is_condition(reading: Reading, chain: Sequence[tuple[int, int]]) -> bool:
    """Check whether a chain of ``||`` is a condition, or a part of two.

    ``chain`` has the indexes of the first and the last token of each operand. The chain is a condition if an operand
    can only be one, or where a condition stands and nothing compares it. It is parts of two if comparisons stand on
    both of its sides, as in ``a = 1 || b = 2``. A text made by ``concat`` makes no sense there.
    """
    start, end = chain[0][0], chain[-1][1]
    if any(_is_logical(reading, *operand) for operand in chain) or _ends_test(reading, start):
        return True
    if _is_compared(reading, start):
        return reading.word(end + 1) in _TESTS
    while reading.word(start - 1) == "(" and reading.word(end + 1) == ")":
        start, end = start - 1, end + 1
    before = "and" if reading.is_pair(start - 2, "&") else reading.word(start - 1)
    after = "and" if reading.is_pair(end + 1, "&") else reading.word(end + 1)
    if before in _TAKES_CONDITION or _is_tested_for_truth(reading, end + 1):
        return True
    if after in _FOLLOWS_VALUE or _is_compared(reading, start):
        return False
    if before == "(" and after == ",":
        return reading.word(start - 2) == "if"
    if before == "when" and _is_searched(reading, start - 1):
        return True
    return before in _CONDITIONS or (before in _VALUES and after in _LOGIC)


def _is_logical(reading: Reading, first: int, last: int) -> bool:
    """Check whether an operand can only be a condition, or is NULL, TRUE or FALSE."""
    word = reading.word(first)
    if first == last:
        return word in ("null", "true", "false")
    if word in _TEST_CALLS:
        return reading.closing.get(first + 1) == last
    return word == "(" and reading.closing.get(first) == last and _holds_test(reading, first + 1, last)


def _holds_test(reading: Reading, start: int, end: int) -> bool:
    """Check whether a test stands between ``start`` and ``end`` outside of the brackets, CASEs and queries there."""
    if reading.word(start) in _QUERIES:
        return False
    if reading.word(start) == "(" and reading.closing.get(start) == end - 1:
        return _holds_test(reading, start + 1, end - 1)
    index = start
    while index < end:
        if _is_test(reading, index):
            return True
        index = reading.closing.get(index, index) + 1
    return False


def _is_test(reading: Reading, index: int) -> bool:
    word, before = reading.word(index), reading.word(index - 1)
    if word == "=":
        return before != ":"
    if word in ("<", ">"):
        return before != "-" and not reading.is_pair(index, word) and not reading.is_pair(index - 1, word)
    return reading.is_pair(index, "&") or (word in _TESTS | _LOGIC and before != ".")


def _ends_test(reading: Reading, start: int) -> bool:
    """Check whether the operand that begins at ``start`` is the end of a test, as in ``a is null`` and ``a in (1)``."""
    before = reading.word(start - 1)
    if before == "not":
        before = reading.word(start - 2)
    return before == "is" or (before == "in" and reading.word(start) == "(")


def _is_compared(reading: Reading, start: int) -> bool:
    """Check whether what begins at ``start`` is the right side of a comparison or a bound of BETWEEN."""
    before = reading.word(start - 1)
    if before == "and":
        return _is_of_between(reading, start - 1)
    return before in _COMPARES or before == "between" or (before == "from" and reading.word(start - 2) == "distinct")


def _is_of_between(reading: Reading, index: int) -> bool:
    """Check whether the AND at ``index`` is that of a BETWEEN."""
    index -= 1
    while index >= 0:
        word = reading.word(index)
        if word == "between":
            return True
        if word in _BOUNDS and not (word == "if" and reading.word(index + 1) == "("):
            return False
        index = _skipped(reading, index) - 1
    return False


def _is_searched(reading: Reading, index: int) -> bool:
    """Check whether the WHEN at ``index`` belongs to a CASE without a value, so that a condition follows."""
    while index >= 0 and reading.word(index) != "case":
        index = _skipped(reading, index) - 1
    return index >= 0 and reading.word(index + 1) == "when"


def _skipped(reading: Reading, index: int) -> int:
    """Return the first token of the brackets or the CASE whose last token is at ``index``, or ``index``."""
    return reading.pairs.brackets.get(index, reading.pairs.cases.get(index, index))


def _is_tested_for_truth(reading: Reading, index: int) -> bool:
    """Check whether ``is [not] true``, ``= true`` or the like stands at ``index``."""
    start = index
    while reading.word(index) in ("is", "not", "=", "<", ">", "!"):
        index += 1
    return index > start and reading.word(index) in ("true", "false", "unknown")
