"""Find out whether the result of ``||`` in a statement can only be a condition, so that ``||`` must mean OR.

The module ``pipes`` then does not rewrite ``||`` to ``concat``. The evidence is in the operands of ``||``, and in the
words and operators around them. In this module a test is a condition with an operator, such as ``a = 1`` or ``a is
null``. Arguments named ``index``, ``start`` and ``end`` are indexes of tokens in ``reading.tokens``.
"""

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
"""Words and signs after which a new value begins. This value is not compared with a value before it.

The empty text stands for the start of the statement.
"""

_TAKES_CONDITION = frozenset({"check", "sum", "avg", "bit_and", "bit_or", "bit_xor", "!"})
"""Words before a parenthesis that encloses a condition or a number. A text made by ``concat`` makes no sense there."""

_TEST_CALLS = frozenset({"exists", "isnull", "regexp_like"})
_QUERIES = frozenset({"select", "with", "values", "table"})
_BOUNDS = _CONDITIONS | {"(", ",", ";", "when", "then", "else", "select"}
"""Words and signs at which the search from an AND back to its BETWEEN ends. The BETWEEN cannot stand before them."""


def is_condition(reading: Reading, chain: Sequence[tuple[int, int]]) -> bool:
    """Check whether ``||`` in a chain such as ``a || b || c`` must mean OR.

    ``reading`` has the tokens of the statement. ``chain`` has the indexes of the first and the last token of each
    operand. The result is true in three cases. First, an operand can only be a condition, such as ``true`` or ``a is
    null``. Second, the whole chain stands where a condition is needed, such as after WHERE, and is not compared with
    anything. Third, the chain is compared on both sides: in ``a = 1 || b = 2``, the chain ``1 || b`` stands between
    two ``=``.
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
    """Check whether the operand from token ``first`` to ``last`` can only be a condition, or is NULL, TRUE or FALSE."""
    word = reading.word(first)
    if first == last:
        return word in ("null", "true", "false")
    if word in _TEST_CALLS:
        return reading.closing.get(first + 1) == last
    return word == "(" and reading.closing.get(first) == last and _holds_test(reading, first + 1, last)


def _holds_test(reading: Reading, start: int, end: int) -> bool:
    """Check whether the tokens from ``start`` to before ``end`` contain the operator of a test, such as ``=`` or IS.

    Operators inside of brackets, CASE expressions and subqueries do not count. Brackets around all of the tokens are
    ignored.
    """
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
    return reading.is_pair(index, "&") or (word in _TESTS | _LOGIC and not reading.follows_name_dot(index))


def _ends_test(reading: Reading, start: int) -> bool:
    """Check whether the operand at ``start`` is the right side of IS or IN, such as ``null`` in ``a is null``."""
    before = reading.word(start - 1)
    if before == "not":
        before = reading.word(start - 2)
    return before == "is" or (before == "in" and reading.word(start) == "(")


def _is_compared(reading: Reading, start: int) -> bool:
    """Check whether the operand that begins at ``start`` is the right side of a comparison or a bound of a BETWEEN."""
    before = reading.word(start - 1)
    if before == "and":
        return _is_of_between(reading, start - 1)
    return before in _COMPARES or before == "between" or (before == "from" and reading.word(start - 2) == "distinct")


def _is_of_between(reading: Reading, index: int) -> bool:
    """Check whether the AND at ``index`` separates the two bounds of a BETWEEN."""
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
    """Check whether the WHEN at ``index`` is followed by a condition, as in ``case when a = 1 then``.

    In a CASE with a value, such as ``case a when 1 then``, a value follows the WHEN, and the result is false.
    """
    while index >= 0 and reading.word(index) != "case":
        index = _skipped(reading, index) - 1
    return index >= 0 and reading.word(index + 1) == "when"


def _skipped(reading: Reading, index: int) -> int:
    """Return the index of the first token of the brackets or the CASE expression whose last token is at ``index``.

    If the token at ``index`` ends neither brackets nor a CASE expression, return ``index`` itself.
    """
    return reading.pairs.brackets.get(index, reading.pairs.cases.get(index, index))


def _is_tested_for_truth(reading: Reading, index: int) -> bool:
    """Check whether ``is true``, ``is not false``, ``= true`` or a similar test for truth begins at ``index``."""
    start = index
    while reading.word(index) in ("is", "not", "=", "<", ">", "!"):
        index += 1
    return index > start and reading.word(index) in ("true", "false", "unknown")
