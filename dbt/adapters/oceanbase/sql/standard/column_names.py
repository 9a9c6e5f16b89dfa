"""Keep the name of a column that a SELECT list casts without an alias, as in ``select id::int from t``.

PostgreSQL names such a column ``id``. The server would name it after the rewritten text of the cast. A query that reads
``id`` would then fail, or silently read the ``id`` of a query around it. So the column gets the alias that PostgreSQL
implies. On the server, such an alias has the same effects as in PostgreSQL: WHERE, GROUP BY, HAVING of grouped columns,
windows and expressions in ORDER BY read the column of the table, and ORDER BY the name alone reads the cast (seen on
seekdb 1.3 and 1.4).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ..lexer import NAME_CHARACTERS
from ..select_lists import select_lists
from .edits import Edit
from .operands import NO_OPERAND, OPERAND_END
from .reading import Reading

# tokens with blanks between them; a name with a doubled backtick is two tokens
_PART = rf"(?!\d)[{NAME_CHARACTERS}]+|`[^`]*`(?: `[^`]*`)*"
_NAME = re.compile(rf"(?:(?P<table>(?:{_PART})(?: \. (?:{_PART}))*) \. )?(?P<name>{_PART})")
_STAR = re.compile(rf"(?:(?P<table>(?:{_PART})(?: \. (?:{_PART}))*) \. )?\*")
_VALUES = frozenset({"null", "true", "false"})
_ALIAS = re.compile(rf"[{NAME_CHARACTERS}]+\Z|[`'\"]")


def edits(sql: str, reading: Reading) -> Iterator[Edit]:
    """Yield the edits that add an alias to rewritten casts in ``sql``, such as ``t.id::int``.

    ``reading`` has the tokens of ``sql``. A cast gets the name of its operand as an alias if it is a whole column of a
    SELECT list without an alias, perhaps in parentheses, and the operand is the name of a column. No alias is added if
    another column of the list has the same name, because the server refuses a subquery with two columns of one name
    (1060).
    """
    if not any(cast.is_rewritten for cast in reading.casts.values()):
        return
    for columns in select_lists([word for _, word in reading.tokens]):
        named = [(end, cast, _operand(reading, cast)) for end, cast in _rewritten_casts(reading, columns)]
        if not any(found for _, _, found in named):
            continue
        names = Counter(_column_name(reading, *column) for column in columns)
        stars = [_STAR.fullmatch(_words(reading, *column)) for column in columns if reading.word(column[1]) == "*"]
        for last, cast, operand in named:
            if operand and names[_plain(operand["name"])] == 1 and not _is_in_stars(operand, stars):
                end = reading.ends[last]
                yield Edit(end, end, 0, f" as {_quoted_name(sql, reading, cast)}")


def _rewritten_casts(reading: Reading, columns: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the last token of each of the ``columns`` that is a rewritten cast, and the last token of the cast.

    The two differ if the cast stands in parentheses.
    """
    for first, last in columns:
        start, end = reading.unwrapped(first, last)
        cast = reading.casts.get(end)
        if cast is not None and cast.is_rewritten and cast.start == start:
            yield last, end


def _operand_range(reading: Reading, first: int, last: int) -> tuple[int, int]:
    """Return the tokens that remain of those from ``first`` to ``last`` without outer casts and parentheses."""
    while True:
        first, last = reading.unwrapped(first, last)
        cast = reading.casts.get(last)
        if cast is None or cast.start != first:
            return first, last
        first, last = cast.first, cast.last


def _operand(reading: Reading, last: int) -> re.Match[str] | None:
    """Return the name of the column that the cast with the last token ``last`` has as its operand, or None."""
    found = _NAME.fullmatch(_words(reading, *_operand_range(reading, reading.casts[last].start, last)))
    return found if found and (found["table"] or found["name"] not in _VALUES) else None


def _words(reading: Reading, first: int, last: int) -> str:
    return " ".join(word for _, word in reading.tokens[first : last + 1])


def _column_name(reading: Reading, first: int, last: int) -> str:
    """Return the name in lower case that the column from token ``first`` to ``last`` has, or may have, in the result.

    Return an empty text if it has no alias and is neither a name nor the cast of a name.
    """
    found = _NAME.fullmatch(_words(reading, *_operand_range(reading, first, last)))
    if found:
        return _plain(found["name"])
    word, before = reading.word(last), reading.word(last - 1)
    is_number = before == "." and reading.word(last - 2).isdigit()  # such as 1.
    is_alias = last > first and before not in NO_OPERAND - {"as"} and (is_number or OPERAND_END.match(before))
    return _plain(word) if is_alias and _ALIAS.match(word) else ""


def _plain(name: str) -> str:
    return name.strip("`'\"")


def _is_in_stars(operand: re.Match[str], stars: Sequence[re.Match[str] | None]) -> bool:
    """Check whether a star of the SELECT list, such as ``*`` or ``t.*``, has the column ``operand`` as well."""
    return any(star and (not star["table"] or _table(star) == _table(operand)) for star in stars)


def _table(found: re.Match[str]) -> str:
    return _plain((found["table"] or "").rpartition(" . ")[2])


def _quoted_name(sql: str, reading: Reading, last: int) -> str:
    """Return the last part of the name that the cast with the last token ``last`` has as its operand, in backticks."""
    first, end = _operand_range(reading, reading.casts[last].start, last)
    start = end
    while start > first and reading.word(start)[:1] == reading.word(start - 1)[:1] == "`":
        start -= 1
    name = sql[reading.tokens[start][0] : reading.ends[end]]
    return name if name[:1] == "`" else f"`{name}`"
