"""The shims of codegen, found without any configuration."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from dbt.tests.util import run_dbt
from support.outside import Database
from support.stand_in import stand_in

DISPATCHED = {
    "format_column": "column",
    "data_type_format_source": "column",
    "data_type_format_model": "column",
    "generate_source": "schema_name, database_name=target.database, generate_columns=false, "
    "include_descriptions=false, include_data_types=true, table_pattern='%', exclude='', name=schema_name, "
    "table_names=none, include_database=false, include_schema=false, case_sensitive_databases=false, "
    "case_sensitive_schemas=false, case_sensitive_tables=false, case_sensitive_cols=false",
}

TYPES = {
    "Price": "decimal(10,2)",
    "word": "varchar(20)",
    "flag": "tinyint(1)",
    "size": "enum('A: b','it''s','#c')",
    "big": "bigint unsigned",
    "at": "datetime(6)",
}
"""Types of the columns of a table that is made outside of dbt."""

TYPED = """{% set typed = api.Relation.create(schema=target.schema, identifier='typed') %}
{% for column in adapter.get_columns_in_relation(typed) %}
select
  {{ adapter.text_literal(column.name) }} as name,
  {{ adapter.text_literal(codegen.data_type_format_model(column)) }} as of_model,
  {{ adapter.text_literal(codegen.data_type_format_source(column)) }} as of_source,
  {{ adapter.text_literal(codegen.format_column(column)['formatted']) }} as formatted
{{ 'union all' if not loop.last }}
{% else %}
select 1 as name
{% endfor %}"""

MODELS = {
    "types_in_yaml": TYPED,
    "source_yaml": "select {{ adapter.text_literal(codegen.generate_source(target.schema)) }} as found",
    "with_database": "{{ codegen.generate_source(target.schema, include_database=true) }}",
    "of_database": "{{ codegen.generate_source(target.schema, 'other') }}",
}


class TestShims:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {f"{name}.sql": text for name, text in MODELS.items()}

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any, install: Any, db: Database) -> dict[str, str]:
        """Build all models once and return the errors of those that fail by name."""
        install("codegen", stand_in("codegen", DISPATCHED))
        db.run("create table {s}.typed (" + ", ".join(f"`{name}` {type}" for name, type in TYPES.items()) + ")")
        results = run_dbt(["run"], expect_pass=False)
        return {result.node.name: str(result.message) for result in results if str(result.status) != "success"}

    def test_types_are_written_whole_and_as_yaml(self, db: Database) -> None:
        rows = db.rows("select name, of_model, of_source, formatted from {s}.types_in_yaml")
        expected = {**TYPES, "flag": "boolean"}

        assert {row[0]: yaml.safe_load(f"data_type: {row[1]}")["data_type"] for row in rows} == expected
        assert [row[1] for row in rows] == [row[2] for row in rows]
        assert {row[0]: row[3] for row in rows} == {name: f"{name.lower()} {type}" for name, type in expected.items()}

    def test_a_source_has_no_database(self, db: Database, built: dict[str, str]) -> None:
        """Without a database, the YAML is that of the package."""
        assert "default" in db.value("select found from {s}.source_yaml")
        assert set(built) == {"with_database", "of_database"}
        assert "leave out the argument include_database" in built["with_database"]
        assert "leave out the argument database_name" in built["of_database"]
