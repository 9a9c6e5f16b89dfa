"""Determine the column definitions that CREATE TABLE ... AS needs, so that each column gets the right type.

Without a definition, a column that is only a NULL in the query would get a type that holds no values, such as
``varchar(0)``. This module also rewrites a query so that the created columns are nullable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dbt.adapters.base import available

from ..catalog.comments import CommentMixin, described_columns
from ..column import OceanBaseColumn, column_from_field
from ..connect.quoting import literal
from ..relation_configs.components import ConfigError, error
from ..relation_configs.design import TableDesign
from ..sql import float_literals, queries, types
from ..sql.field_types import COLLECTION_LENGTH

_KEEP_FREE_TYPE = ("incremental", "snapshot")
"""Materializations in which a column that has only NULL gets the type of its first values in a later run."""


_PLAIN_TYPES = (
    types.INTEGER_TYPES,
    types.TIME_TYPES,
    ("decimal", "double", "float", "date", "year", "json", "binary", "varbinary"),
    ("varchar", *types.TEXT_TYPES),
    # it may be an ENUM
    ("char",),
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
        query: Sequence[str | None] = (),
    ) -> list[str]:
        """Return the column definitions to write before the AS of a CREATE TABLE ... AS.

        ``selected`` are the columns of the SELECT, and ``design`` is the physical design of the table. ``query`` is the
        SELECT, and SQL to put before a query for it, or None. A definition is needed for a column that is only a NULL,
        for a date or time with a description, for a text too long for an index (only if ``wide_texts`` is true), and
        for a column to which ``design`` gives attributes, such as a skip index. If no column needs a definition, but
        ``design`` has keys, one column is declared nevertheless, because the server refuses keys without a declared
        column (4028). A declared text keeps its collation, for which one query is sent.

        ``columns`` are the model's columns in the manifest, whose descriptions become comments. ``materialized`` is the
        model's materialization. For an incremental model or a snapshot, a column that is NULL without a cast is not
        declared, because a later run gives it the type of its first values. Raise ConfigError if the SELECT lacks a
        column to which ``design`` gives attributes, or if an ENUM or SET would have to be declared.
        """
        attributes = design.attributes_of([column.name for column in selected]) if design else {}
        comments = {
            column.name: f" comment {literal(self._truncated(text, of_column=True))}"
            for column, text in described_columns(selected, columns)
        }
        kinds: dict[str, str | None] = {}
        for column in selected:
            kind = None if column.is_untyped and materialized in _KEEP_FREE_TYPE else type_of_null(column)
            kind = kind or (type_of_wide_text(column) if wide_texts else None)
            if kind or column.name.lower() in attributes or (column.name in comments and column.is_date_or_time()):
                kinds[column.name] = kind
        if not kinds and design and design.declares_columns and selected:
            kinds[min(selected, key=_plainness).name] = None
        declared = [column for column in selected if column.name in kinds]
        self._read_texts(declared, query, design)
        return [
            f"{column.quoted} {kinds[column.name] or column.data_type}"
            f"{f' collate {column.collation}' if column.collation else ''}"
            f"{attributes.get(column.name.lower(), '')}{comments.get(column.name, '')}"
            for column in declared
        ]

    def _read_texts(
        self, declared: Sequence[OceanBaseColumn], query: Sequence[str | None], design: TableDesign | None
    ) -> None:
        """Set the attribute ``collation`` of each text among ``declared``, the columns of a SELECT that are declared.

        ``query`` has the SELECT, and SQL to put before a query for it, or None. If there is a text, one query that
        reads no rows is sent. A column that is only a NULL does not count unless the SELECT has a COLLATE. Raise
        ConfigError for an ENUM, a SET, an array, a map or a vector, whose type the result of a query shows as CHAR.
        ``design`` is the design of the table.
        """
        sql, header = query or ("", None)
        has_collate = "collate" in (sql or "").lower()
        texts = [column for column in declared if column.is_string() and not column.is_untyped]
        texts = [column for column in texts if has_collate or not type_of_null(column)]
        if collection := next(filter(_is_collection, declared), None):
            raise _undeclarable(collection, "an array, map or vector", design, "")
        if not texts:
            return
        # an ENUM or SET has an integer as its negative, and any other text has a double
        wanted = ", ".join(
            f"collation(dbt_rows.{column.quoted}), {f'-dbt_rows.{column.quoted}' if column.dtype == 'char' else 'null'}"
            for column in texts
        )
        rows = f"(\n{self.without_final_semicolon(sql or '')}\n) as dbt_rows"
        text = f"select {wanted} from (select 1 as one) as dbt_row left join {rows} on 1 = 0"
        _, cursor = self.connections.add_select_query("\n".join(filter(None, [header, text])))
        [found] = cursor.fetchall()
        for column, collation, negative in zip(texts, found[::2], cursor.fields[1::2], strict=True):
            if column.dtype == "char" and column_from_field(negative).is_integer():
                raise _undeclarable(column, "an ENUM or SET", design, ", or cast it in the model")
            column.collation = None if collation == "binary" else str(collation)


def _undeclarable(column: OceanBaseColumn, kind: str, design: TableDesign | None, remedy: str) -> ConfigError:
    return error(
        design.config_of(column.name) if design else "model",
        f"{column.name} is {kind}, and CREATE TABLE ... AS would make a CHAR of it",
        f"declare its type in an enforced contract{remedy}",
    )


def _is_collection(column: OceanBaseColumn) -> bool:
    """Check whether ``column`` of a query is an array, a map or a vector.

    The part of a LONGTEXT can have the same length, but is a VARCHAR.
    """
    return column.dtype == "char" and column.char_size == COLLECTION_LENGTH


def _plainness(column: OceanBaseColumn) -> int:
    """Return a number that says how safe it is to declare ``column`` in CREATE TABLE ... AS: 0 is safest.

    A declaration is safe if the created column is the same as without the declaration. See ``_PLAIN_TYPES``.
    """
    if column.is_untyped or column.char_size == 0 or _is_collection(column):
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

    Only columns of the types CHAR, VARCHAR, BINARY and VARBINARY can be too long. An array or a map, which is a long
    CHAR in the result of a query, is none of them, and the server stores it in no TEXT (5083).
    """
    if column.dtype not in ("char", "varchar", "binary", "varbinary") or _is_collection(column):
        return None
    is_text = column.dtype in ("char", "varchar")
    size = int(column.char_size or 0) * (_BYTES_PER_CHARACTER if is_text else 1)
    if size <= _MAX_KEY_BYTES:
        return None
    return ("medium" if size <= _MAX_MEDIUM_BYTES else "long") + ("text" if is_text else "blob")
