"""The SELECT of a CREATE TABLE ... AS: the form that makes its columns nullable, and NULL columns in its text."""

from __future__ import annotations

from collections.abc import Sequence

from . import lexer
from .lexer import Kind

_WITHOUT_LENGTH = frozenset(("char", "nchar", "character", "binary"))
"""Types of a CAST that get the length of their value, which is 0 for NULL."""

_BEFORE_COLUMN = frozenset(("select", "distinct", "all", ","))
"""What stands before an expression in a SELECT list."""


def with_nullable_columns(sql: str) -> str:
    """Return a query for the rows of ``sql`` whose columns all take NULL and have no default.

    CREATE TABLE ... AS makes a column NOT NULL if its expression cannot be NULL, and copies the default of the column
    that it reads. Neither happens for the right side of a left join. The server's optimizer removes this join, since
    its condition refuses the row without a partner: plans are those of ``sql``. A query that locks rows, assigns
    variables or advances a sequence is returned unchanged: the server does not take all of them in a subquery.
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
    """Check whether a SELECT list of ``sql``, also one of a subquery, has a column that is nothing but NULL.

    ``with_a_type``: only ``cast(null as char)`` and casts to other types without a length, not a NULL without a cast.
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
    """Check whether the words around a NULL make it a column that is cast to a type without a length."""
    return (
        len(before) == 3
        and before[0] in _BEFORE_COLUMN
        and list(before[1:]) == ["cast", "("]
        and list(after[:1]) == ["as"]
        and after[1] in _WITHOUT_LENGTH
        and list(after[2:]) == [")"]
    )
