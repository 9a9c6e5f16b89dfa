"""Determine the column definitions that CREATE TABLE ... AS needs, so that each column gets the right type.

Without a definition, a column that is only a NULL in the query would get a type that holds no values, such as
``varchar(0)``. This module also rewrites a query so that the created columns are nullable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dbt.adapters.base import available

from ..catalog.comments import CommentMixin, described_columns
from ..column import OceanBaseColumn
from ..connect.quoting import literal
from ..relation_configs.design import TableDesign
from ..sql import float_literals, queries, types

_KEEP_FREE_TYPE = ("incremental", "snapshot")
"""Materializations in which a column that has only NULL gets the type of its first values in a later run."""


_PLAIN_TYPES = (
    types.INTEGER_TYPES,
    types.TIME_TYPES,
    ("decimal", "double", "date"),
    ("varchar", "char", *types.TEXT_TYPES),
)
"""Groups of types, ordered by how safe it is to declare a column of the type in CREATE TABLE ... AS: safest first.

A declaration is safe if the created column is the same as without it. If the server needs a declared column, and it
does not matter which, ``created_columns`` declares the safest one (see ``_plainness``).
"""

_BYTES_PER_CHARACTER = 4

_MAX_KEY_BYTES = 16384
"""Maximum bytes of an index key (seen on seekdb 1.3 and 1.4).

``type_of_wide_text`` returns a TEXT or BLOB type for a column whose values can be longer.
"""

_MAX_MEDIUM_BYTES = 2**24 - 1


class CreatedColumnMixin(CommentMixin):
    """Adapter methods that determine the columns which CREATE TABLE ... AS creates for a model."""

    @available.parse(lambda sql: sql)
    def with_nullable_columns(self, sql: str) -> str:
        """Return the query ``sql``, rewritten so that CREATE TABLE ... AS makes nullable columns without a default.

        The rows stay the same. Some queries, such as one that locks rows, are returned unchanged. See
        ``queries.with_nullable_columns``.
        """
        return queries.with_nullable_columns(sql)

    @available.parse(lambda sql, materialized: False)
    def has_null_column(self, sql: str, materialized: str) -> bool:
        """Check whether ``sql`` may have a column that is only a NULL and to which ``created_columns`` gives a type.

        ``materialized`` is the model's materialization. For an incremental model or a snapshot, a NULL without a cast
        does not count, because a later run gives its column a type. Only the text of ``sql`` is read, and columns of
        subqueries count as well.
        """
        return queries.has_null_column(sql, with_a_type=materialized in _KEEP_FREE_TYPE)

    @available.parse(lambda sql, node: None)
    def float_literal_warning(self, sql: str, node: str) -> str | None:
        """Return a warning about float literals in ``sql``, such as ``1e0``, or None if there are none.

        The server keeps such a literal as a decimal in views and tables, so that ``1e0/3`` is 0.3333. A literal in
        ``cast(1e0 as double)`` does not count. ``node`` is the name of the node in the warning.
        """
        literals = float_literals.bare_float_literals(sql)
        return float_literals.warning(node, literals) if literals else None

    @available.parse_list
    def created_columns(
        self,
        selected: Sequence[OceanBaseColumn],
        columns: Mapping[str, Mapping[str, Any]],
        materialized: str,
        wide_texts: bool = False,
        design: TableDesign | None = None,
    ) -> list[str]:
        """Return the column definitions to write before the AS of a CREATE TABLE ... AS.

        ``selected`` are the columns of the SELECT, and ``design`` is the physical design of the table. A definition is
        needed for a column that is only a NULL, for a date or time with a description, for a text too long for an index
        (only if ``wide_texts`` is true), and for a column to which ``design`` gives attributes, such as a skip index.
        If no column needs a definition, but ``design`` has keys, one column is declared nevertheless, because the
        server refuses keys without a declared column (4028).

        ``columns`` are the model's columns in the manifest, whose descriptions become comments. ``materialized`` is the
        model's materialization. For an incremental model or a snapshot, a column that is NULL without a cast is not
        declared, because a later run gives it the type of its first values. Raise ConfigError if the SELECT lacks a
        column to which ``design`` gives attributes.
        """
        attributes = design.attributes_of([column.name for column in selected]) if design else {}
        comments = {
            column.name: f" comment {literal(self._truncated(text, of_column=True))}"
            for column, text in described_columns(selected, columns)
        }
        found = []
        for column in selected:
            kind = None if column.is_untyped and materialized in _KEEP_FREE_TYPE else type_of_null(column)
            kind = kind or (type_of_wide_text(column) if wide_texts else None)
            own = attributes.get(column.name.lower(), "")
            if kind or own or (column.name in comments and column.is_date_or_time()):
                found.append(f"{column.quoted} {kind or column.data_type}{own}{comments.get(column.name, '')}")
        if not found and design and design.declares_columns and selected:
            column = min(selected, key=_plainness)
            found.append(f"{column.quoted} {column.data_type}{comments.get(column.name, '')}")
        return found


def _plainness(column: OceanBaseColumn) -> int:
    """Return a number that says how safe it is to declare ``column`` in CREATE TABLE ... AS: 0 is safest.

    A declaration is safe if the created column is the same as without the declaration. See ``_PLAIN_TYPES``.
    """
    if column.is_untyped or column.char_size == 0:
        return len(_PLAIN_TYPES) + 1
    return next(
        (rank for rank, names in enumerate(_PLAIN_TYPES) if types.base_type(column.dtype) in names), len(_PLAIN_TYPES)
    )


def type_of_null(column: OceanBaseColumn) -> str | None:
    """Return the type to declare for a column that is only a NULL, or None for any other column.

    Without a declaration, CREATE TABLE ... AS would make a column of the type ``varchar(0)`` or ``binary(0)``, which
    holds no values. A NULL without a cast becomes a text column, as on other databases.
    """
    if column.is_untyped:
        return "longtext"
    if column.char_size == 0 and column.dtype in ("char", "varchar"):
        return "longtext"
    return "longblob" if column.char_size == 0 and column.dtype in ("binary", "varbinary") else None


def type_of_wide_text(column: OceanBaseColumn) -> str | None:
    """Return the TEXT or BLOB type to declare for ``column`` if it is too long for an index, and None otherwise.

    Only columns of the types CHAR, VARCHAR, BINARY and VARBINARY can be too long.
    """
    if column.dtype not in ("char", "varchar", "binary", "varbinary"):
        return None
    is_text = column.dtype in ("char", "varchar")
    size = int(column.char_size or 0) * (_BYTES_PER_CHARACTER if is_text else 1)
    if size <= _MAX_KEY_BYTES:
        return None
    return ("medium" if size <= _MAX_MEDIUM_BYTES else "long") + ("text" if is_text else "blob")
