"""Functions that read or rewrite the SELECT of a CREATE TABLE ... AS.

One function rewrites the SELECT so that the created columns are nullable. The other one finds columns that are only a
NULL, because CREATE TABLE ... AS gives them a type that holds no values, such as ``varchar(0)``.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import lexer
from .lexer import Kind
from .standard import rewritten

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
    such as ``cast(null as char)``. With ``with_a_type=False``, a NULL without a cast counts as well. Casts of standard
    SQL, such as ``cast(null as text)`` and ``null::varchar``, count as the casts that the server is sent for them.
    """
    if "null" not in sql.lower():
        return False
    text = rewritten(lexer.standard_comments(sql))
    words = [word for _, word in lexer.tokens(text)]
    is_list = [True]  # for each open parenthesis: whether it encloses a query
    for index, word in enumerate(words):
        if word == "(":
            is_list.append(words[index + 1 : index + 2] in (["select"], ["with"]))
        elif word == ")" and len(is_list) > 1:
            is_list.pop()
        elif word == "null":
            start, depth, kind = _cast_null(words, index)
            begins_column = is_list[-1 - depth] and start > 0 and words[start - 1] in _BEFORE_COLUMN
            if begins_column and (kind in _WITHOUT_LENGTH if kind else not with_a_type):
                return True
    return False


def _cast_null(words: Sequence[str], index: int) -> tuple[int, int, str]:
    """Return the start of the casts and parentheses around the NULL at ``index``, such as ``cast((null) as char)``.

    The start is an index in ``words``. The second value is the number of parentheses that are open at the NULL. The
    third is the type of the outermost cast, or an empty text if there is no cast. A cast to a type with a length is not
    included.
    """
    start, end, depth, kind = index, index + 1, 0, ""
    while start > 0 and words[start - 1] == "(":
        if start > 1 and words[start - 2] == "cast":
            if words[end : end + 1] != ["as"] or words[end + 2 : end + 3] != [")"]:
                break
            start, end, kind = start - 2, end + 3, words[end + 1]
        elif words[end : end + 1] == [")"]:
            start, end = start - 1, end + 1
        else:
            break
        depth += 1
    return start, depth, kind
