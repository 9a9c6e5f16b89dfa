"""Find the columns in the SELECT lists of a statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .lexer import is_name_dot

_ENDS = frozenset(
    {"", ";", "from", "where", "group", "having", "order", "limit", "union", "except", "intersect", "into"}
)
"""Words and signs that end a SELECT list. The empty text stands for the end of the statement."""

SELECT_OPTIONS = frozenset(
    {"distinct", "all", "distinctrow", "unique", "straight_join", "high_priority", "sql_calc_found_rows"}
    | {"sql_no_cache", "sql_cache", "sql_small_result", "sql_big_result", "sql_buffer_result"}
)
"""Words that can stand between SELECT and the first column, without being a part of the column."""


def select_lists(words: Sequence[str]) -> Iterator[list[tuple[int, int]]]:
    """Yield the columns of each SELECT list in a statement, also of the lists in subqueries.

    ``words`` are the tokens of the statement in lower case. A column is the index of its first token and the index of
    its last token. An alias belongs to the column, but SELECT, options such as DISTINCT, and the commas do not.
    """
    lists: list[list[int]] = [[]]  # for each open bracket: where the columns of the list that is read begin
    for index, word in enumerate([*words, ""]):
        if word in ("(", "["):
            lists.append([])
        elif _is_no_keyword(words, index):
            continue
        elif word == "select" or word in _ENDS or word in (")", "]"):
            if lists[-1]:
                yield _columns(lists[-1], index)
            lists[-1] = [index + 1] if word == "select" else []
            if word in (")", "]") and len(lists) > 1:
                lists.pop()
        elif word in SELECT_OPTIONS and lists[-1] == [index]:
            lists[-1] = [index + 1]
        elif word == "," and lists[-1]:
            lists[-1].append(index + 1)


def _is_no_keyword(words: Sequence[str], index: int) -> bool:
    """Check whether the token at ``index`` neither begins nor ends a SELECT list, although it may look like it.

    This holds for names, such as ``order`` in ``t.order``, for the FROM of IS DISTINCT FROM and for the GROUP of WITHIN
    GROUP.
    """
    first, before = words[index - 2] if index > 1 else "", words[index - 1] if index else ""
    if before == "distinct":
        return first in ("is", "not")
    if before == "within":
        return index < len(words) and words[index] == "group"
    return before == "@" or is_name_dot(first, before)


def _columns(starts: Sequence[int], end: int) -> list[tuple[int, int]]:
    return list(zip(starts, [*(start - 2 for start in starts[1:]), end - 1], strict=True))
