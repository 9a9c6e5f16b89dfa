"""Functions that read or rewrite the SELECT of a CREATE TABLE ... AS.

One function rewrites the SELECT so that the created columns are nullable. The other one finds columns that are only a
NULL, because CREATE TABLE ... AS gives them a type that holds no values, such as ``varchar(0)``.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import lexer
from .lexer import Kind

_WITHOUT_LENGTH = frozenset(("char", "nchar", "character", "binary"))
"""Types that need a length. For ``cast(null as char)`` CREATE TABLE ... AS makes a column of length 0."""

_BEFORE_COLUMN = frozenset(("select", "distinct", "all", ","))
"""Words and signs directly after which a column of a SELECT list begins."""


def with_nullable_columns(sql: str) -> str:
    """Return a query for the rows of ``sql`` from which CREATE TABLE ... AS makes nullable columns without defaults.

    From ``sql`` itself, CREATE TABLE ... AS would make a column NOT NULL if its expression cannot be NULL, and would
    copy the default of the column that an expression reads. It does neither for the columns on the right side of a LEFT
    JOIN. So the returned query joins one row with ``sql`` on the right side. A WHERE condition removes the row of NULLs
    that this join returns if ``sql`` has no rows. The server's optimizer then removes the join, so the query has the
    same plan as ``sql``.

    A query that locks rows, assigns variables or advances a sequence is returned unchanged, because the server does not
    accept every such query as a subquery. If ``sql`` is no query, or is several statements, it is returned unchanged as
    well.
    """
    readable = lexer.standard_comments(sql)
    statements = lexer.split(readable) if ";" in sql else [sql]
    if len(statements) != 1 or lexer.kind(readable, lexer.verb(readable)) != Kind.READ:
        return sql
    return (
        f"select dbt_rows.* from (select 1) as dbt_one left join ((\n{statements[0]}\n) as dbt_rows "
        "join (select 1 as here) as dbt_mark) on true where dbt_mark.here = 1"
    )


def has_null_column(sql: str, *, with_a_type: bool) -> bool:
    """Check whether a SELECT list in ``sql``, or in a subquery of it, has a column that is only a NULL.

    With ``with_a_type=True``, only a NULL that is cast to CHAR, NCHAR, CHARACTER or BINARY without a length counts,
    such as ``cast(null as char)``. With ``with_a_type=False``, a NULL without a cast counts as well.
    """
    if "null" not in sql.lower():
        return False
    words = [word for _, word in lexer.tokens(lexer.standard_comments(sql))]
    is_list = [True]  # for each open parenthesis: whether it encloses a query
    for index, word in enumerate(words):
        if word == "(":
            is_list.append(words[index + 1 : index + 2] in (["select"], ["with"]))
        elif word == ")" and len(is_list) > 1:
            is_list.pop()
        elif word == "null":
            before = words[max(index - 3, 0) : index]
            if is_list[-1] and not with_a_type and before[-1:] and before[-1] in _BEFORE_COLUMN:
                return True
            if is_list[-2:] == [True, False] and _is_cast(before, words[index + 1 : index + 4]):
                return True
    return False


def _is_cast(before: Sequence[str], after: Sequence[str]) -> bool:
    """Check whether a column of a SELECT list begins with a cast such as ``cast(null as char)``.

    The type must be one of ``_WITHOUT_LENGTH``, and must have no length. ``before`` are the three words before the
    NULL, and ``after`` the three words after it.
    """
    return (
        len(before) == len(after) == 3
        and before[0] in _BEFORE_COLUMN
        and list(before[1:]) == ["cast", "("]
        and list(after[:1]) == ["as"]
        and after[1] in _WITHOUT_LENGTH
        and list(after[2:]) == [")"]
    )
