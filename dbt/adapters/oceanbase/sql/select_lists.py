"""Find the columns in the SELECT lists of a statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_ENDS = frozenset(
    {"", ";", "from", "where", "group", "having", "order", "limit", "union", "except", "intersect", "into"}
)
"""Words and signs that end a SELECT list. The empty text stands for the end of the statement."""

_QUANTIFIERS = frozenset({"distinct", "all"})


def select_lists(words: Sequence[str]) -> Iterator[list[tuple[int, int]]]:
    """Yield the columns of each SELECT list in a statement, also of the lists in subqueries.

    ``words`` are the tokens of the statement in lower case. A column is the index of its first token and the index of
    its last token. An alias belongs to the column, but SELECT, DISTINCT, ALL and the commas do not.
    """
    lists: list[list[int]] = [[]]  # for each open bracket: where the columns of the list that is read begin
    for index, word in enumerate([*words, ""]):
        before = words[index - 1] if index else ""
        if word in ("(", "["):
            lists.append([])
        elif before in (".", "@"):
            continue  # a name, such as t.order
        elif word == "select" or word in _ENDS or word in (")", "]"):
            if lists[-1]:
                yield _columns(lists[-1], index)
            lists[-1] = [index + 1] if word == "select" else []
            if word in (")", "]") and len(lists) > 1:
                lists.pop()
        elif word in _QUANTIFIERS and lists[-1] == [index]:
            lists[-1] = [index + 1]
        elif word == "," and lists[-1]:
            lists[-1].append(index + 1)


def _columns(starts: Sequence[int], end: int) -> list[tuple[int, int]]:
    return list(zip(starts, [*(start - 2 for start in starts[1:]), end - 1], strict=True))
