"""Rows of dbt's catalog that get a database."""

from __future__ import annotations

from dbt_common.clients.agate_helper import table_from_rows

from dbt.adapters.oceanbase.catalog.docs_tables import with_databases


def test_rows_of_a_source_with_a_database_occur_twice() -> None:
    names = ["table_database", "table_schema", "table_name", "column_index"]
    table = table_from_rows([(None, "s", "T", 1), (None, "s", "u", 1)], names, text_only_columns=names[:3])

    found = with_databases(table, {("s", "t"): "internal"})

    assert [tuple(row.values()) for row in found.rows] == [
        (None, "s", "T", 1),
        (None, "s", "u", 1),
        ("internal", "s", "T", 1),
    ]
