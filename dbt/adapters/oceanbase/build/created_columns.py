"""The columns of a table that CREATE TABLE ... AS makes: nullable, and with a type that holds values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dbt.adapters.base import available

from ..catalog.comments import CommentMixin, described_columns
from ..column import OceanBaseColumn
from ..connect.quoting import literal
from ..sql import float_literals, queries

_KEEP_FREE_TYPE = ("incremental", "snapshot")
"""Materializations whose later runs give a column that is nothing but NULL the type of its first values."""


_BYTES_PER_CHARACTER = 4

_MAX_KEY_BYTES = 16384
"""Bytes of the longest index key (seen on 1.3 and 1.4): a wider column gains nothing by being a VARCHAR."""

_MAX_MEDIUM_BYTES = 2**24 - 1


class CreatedColumnMixin(CommentMixin):
    """What the CREATE TABLE ... AS of a model says about its columns."""

    @available.parse(lambda sql: sql)
    def with_nullable_columns(self, sql: str) -> str:
        """Return a query for the rows of ``sql`` with nullable columns. See ``queries.with_nullable_columns``."""
        return queries.with_nullable_columns(sql)

    @available.parse(lambda sql, materialized: False)
    def has_null_column(self, sql: str, materialized: str) -> bool:
        """Check whether the text of ``sql`` has a NULL column for which ``created_columns`` declares a type."""
        return queries.has_null_column(sql, with_a_type=materialized in _KEEP_FREE_TYPE)

    @available.parse(lambda sql, node: None)
    def float_literal_warning(self, sql: str, node: str) -> str | None:
        """Return the warning about literals in ``sql`` that lose digits in views and tables; None if there are none."""
        literals = float_literals.bare_float_literals(sql)
        return float_literals.warning(node, literals) if literals else None

    @available.parse_list
    def created_columns(
        self,
        selected: Sequence[OceanBaseColumn],
        columns: Mapping[str, Mapping[str, Any]],
        materialized: str,
        wide_texts: bool = False,
    ) -> list[str]:
        """Return the definitions of those columns of a query that a CREATE TABLE ... AS has to declare.

        These are columns of NULL, the described columns that hold dates or times, and with ``wide_texts`` the long
        texts. ``columns``: those of the model whose descriptions become comments.
        """
        comments = {
            column.name: f" comment {literal(self._truncated(text, of_column=True))}"
            for column, text in described_columns(selected, columns)
        }
        found = []
        for column in selected:
            kind = None if column.is_untyped and materialized in _KEEP_FREE_TYPE else type_of_null(column)
            kind = kind or (type_of_wide_text(column) if wide_texts else None)
            if kind or (column.name in comments and column.is_date_or_time()):
                found.append(f"{column.quoted} {kind or column.data_type}{comments.get(column.name, '')}")
        return found


def type_of_null(column: OceanBaseColumn) -> str | None:
    """Return the type for a column that is nothing but NULL; None if its own type holds values.

    CREATE TABLE ... AS would make it ``varchar(0)`` or ``binary(0)``, which hold none. A NULL without a type is a text,
    as on other databases.
    """
    if column.is_untyped:
        return "longtext"
    if column.char_size == 0 and column.dtype in ("char", "varchar"):
        return "longtext"
    return "longblob" if column.char_size == 0 and column.dtype in ("binary", "varbinary") else None


def type_of_wide_text(column: OceanBaseColumn) -> str | None:
    """Return the TEXT or BLOB type for a text or bytes too long for an index; None for all other columns."""
    if column.dtype not in ("char", "varchar", "binary", "varbinary"):
        return None
    is_text = column.dtype in ("char", "varchar")
    size = int(column.char_size or 0) * (_BYTES_PER_CHARACTER if is_text else 1)
    if size <= _MAX_KEY_BYTES:
        return None
    return ("medium" if size <= _MAX_MEDIUM_BYTES else "long") + ("text" if is_text else "blob")
