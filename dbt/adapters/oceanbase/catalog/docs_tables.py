"""Change the rows of dbt's catalog, which are in an agate table, for ``dbt docs``.

One function removes rows of other schemas. The other one adds rows for relations to which dbt gives a database.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import agate


def filtered_catalog(table: agate.Table, schemas: Set[str]) -> agate.Table:
    """Return those rows of the catalog ``table`` that belong to ``schemas``, which are names in lower case.

    The values of ``stats:row_count:include``, which decide whether dbt shows a row count, are converted to booleans.
    """
    include = table.column_names.index("stats:row_count:include")
    rows = [
        (*row[:include], bool(row[include]), *row[include + 1 :])
        for row in (row.values() for row in table.rows)
        if str(row[1]).lower() in schemas
    ]
    return _table(rows, table)


def with_databases(table: agate.Table, databases: Mapping[tuple[str, str], str]) -> agate.Table:
    """Return the catalog ``table`` with further rows for relations to which dbt gives a database.

    ``databases`` maps such relations, as pairs of schema and name in lower case, to the database. Each row of such a
    relation occurs a second time, with the database.
    """
    rows = [tuple(row.values()) for row in table.rows]
    keys = [(str(row[1]).lower(), str(row[2]).lower()) for row in rows]
    more = [(databases[key], *row[1:]) for key, row in zip(keys, rows, strict=True) if key in databases]
    return _table([*rows, *more], table)


def _table(rows: list[tuple[object, ...]], like: agate.Table) -> agate.Table:
    from dbt_common.clients.agate_helper import table_from_rows

    text = [name for name in like.column_names if not name.startswith("stats:") and name != "column_index"]
    return table_from_rows(rows, like.column_names, text_only_columns=text)
