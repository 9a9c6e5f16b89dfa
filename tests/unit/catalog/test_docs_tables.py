"""Rows of the catalog of `dbt docs`: those that are shown, and those that get a database."""

from __future__ import annotations

from dbt_common.clients.agate_helper import table_from_rows

from dbt.adapters.oceanbase.catalog.docs_tables import filtered_catalog, with_databases


def test_rows_of_a_source_with_a_database_occur_twice() -> None:
    names = ["table_database", "table_schema", "table_name", "column_index"]
    table = table_from_rows([(None, "s", "T", 1), (None, "s", "u", 1)], names, text_only_columns=names[:3])

    found = with_databases(table, {("s", "t"): "internal"})

    assert [tuple(row.values()) for row in found.rows] == [
        (None, "s", "T", 1),
        (None, "s", "u", 1),
        ("internal", "s", "T", 1),
    ]


def test_the_catalog_has_the_rows_of_some_schemas_and_relations() -> None:
    names = ["table_database", "table_schema", "table_name", "column_index", "stats:row_count:include"]
    rows = [(None, "S", "T", 1, 1), (None, "S", "T", 2, 1), (None, "s", "u", 1, None), (None, "other", "t", 1, 0)]
    table = table_from_rows(rows, names, text_only_columns=names[:3])

    whole, one = (filtered_catalog(table, {"s"}, relations) for relations in (None, {("s", "t")}))

    assert [row.values() for row in whole.rows] == [
        (None, "S", "T", 1, True),
        (None, "S", "T", 2, True),
        (None, "s", "u", 1, False),
    ]
    assert [row.dict() for row in one.rows] == [row.dict() for row in whole.rows][:2]
