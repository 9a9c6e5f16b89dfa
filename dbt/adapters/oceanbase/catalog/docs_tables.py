"""Change the table of columns that ``dbt docs`` shows. Each of its rows describes one column of a relation.

``filtered_catalog`` keeps only the rows of some schemas. ``with_databases`` adds rows for sources that name the
server's own catalog as their database.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import agate


def filtered_catalog(table: agate.Table, schemas: Set[str]) -> agate.Table:
    """Return the rows of ``table`` that belong to ``schemas``, which are names in lower case.

    ``table`` has one row for each column of a relation, as ``dbt docs`` needs them. The values of
    ``stats:row_count:include``, which decide whether dbt shows a row count, are converted to booleans.
    """
    include = table.column_names.index("stats:row_count:include")
    rows = [
        (*row[:include], bool(row[include]), *row[include + 1 :])
        for row in (row.values() for row in table.rows)
        if str(row[1]).lower() in schemas
    ]
    return _table(rows, table)


def with_databases(table: agate.Table, databases: Mapping[tuple[str, str], str]) -> agate.Table:
    """Return ``table`` with a second row for each row of a relation to which the project gives a database.

    ``table`` has one row for each column of a relation, as ``dbt docs`` needs them, without a database. ``databases``
    maps relations, as pairs of schema and name in lower case, to the database that the second row gets.
    """
    rows = [tuple(row.values()) for row in table.rows]
    keys = [(str(row[1]).lower(), str(row[2]).lower()) for row in rows]
    more = [(databases[key], *row[1:]) for key, row in zip(keys, rows, strict=True) if key in databases]
    return _table([*rows, *more], table)


def _table(rows: list[tuple[object, ...]], like: agate.Table) -> agate.Table:
    from dbt_common.clients.agate_helper import table_from_rows

    text = [name for name in like.column_names if not name.startswith("stats:") and name != "column_index"]
    return table_from_rows(rows, like.column_names, text_only_columns=text)
