"""The shims of dbt_external_tables, and which macro ``stage_external_sources`` is where the package is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt_and_capture
from support.outside import Database

# as the package calls the macros
PLAN = """
{% macro get_external_build_plan(source_node) %}
  {{ return(adapter.dispatch('get_external_build_plan', 'dbt_external_tables')(source_node)) }}
{% endmacro %}
{% macro create_external_schema(source_node) -%}
  {{ adapter.dispatch('create_external_schema', 'dbt_external_tables')(source_node) }}
{%- endmacro %}
{% macro create_external_table(source_node) -%}
  {{ adapter.dispatch('create_external_table', 'dbt_external_tables')(source_node) }}
{%- endmacro %}
{% macro dropif(node) -%}{{ adapter.dispatch('dropif', 'dbt_external_tables')(node) }}{%- endmacro %}
{% macro refresh_external_table(source_node) %}
  {{ return(adapter.dispatch('refresh_external_table', 'dbt_external_tables')(source_node)) }}
{% endmacro %}
{% macro update_external_table_columns(source_node) %}
  {{ return(adapter.dispatch('update_external_table_columns', 'dbt_external_tables')(source_node)) }}
{% endmacro %}
{% macro stage_external_sources(select=none) %}
  {% do log('staged by the package', info=true) %}
  {% for node in graph.sources.values() if node.external and node.source_name == select %}
    {% for sql in dbt_external_tables.get_external_build_plan(node) %}
      {% call statement('runner', fetch_result=True, auto_begin=False) %}{{ sql }}{% endcall %}
    {% endfor %}
    {{ dbt_external_tables.update_external_table_columns(node) }}
  {% endfor %}
{% endmacro %}
{% macro show_each() %}
  {% for node in graph.sources.values() if node.source_name == 'landing' and node.name == 'places' %}
    {% do log('S ' ~ dbt_external_tables.create_external_schema(node), info=true) %}
    {% do log('C ' ~ dbt_external_tables.create_external_table(node), info=true) %}
    {% do log('R ' ~ dbt_external_tables.refresh_external_table(node), info=true) %}
    {% do log('D ' ~ dbt_external_tables.dropif(node), info=true) %}
  {% endfor %}
{% endmacro %}
"""


class TestPackage:
    @pytest.fixture(scope="class")
    def models(self, folder: Path) -> dict[str, str]:
        (folder / "a.csv").write_text("1,one\n2,two\n")
        table = f"{{name: places, external: {{location: {folder}}}, columns: [{{name: id, data_type: int}}]}}"
        return {"sources.yml": f"sources: [{{name: landing, schema: '{{{{ target.schema }}}}', tables: [{table}]}}]"}

    @pytest.fixture(scope="class")
    def folder(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return tmp_path_factory.mktemp("files")

    def test_its_macro_runs_with_the_shims(self, project: Any, install: Any, db: Database) -> None:
        install("dbt_external_tables", {"macros": PLAN})
        staged = ["run-operation", "stage_external_sources", "--args", "{select: landing}"]
        probe = "create external table {s}.t (a int) location = ''file:///'' format = (type = ''csv'')"
        try:
            db.run(f"prepare probe from '{probe}'")
        except pymysql.err.ProgrammingError:
            _, log = run_dbt_and_capture(staged, expect_pass=False)
            assert "source landing.places: external: OceanBase" in log
            return

        for options in ([], [], ["--vars", "ext_full_refresh: true"]):
            _, log = run_dbt_and_capture([*staged, *options])
            assert "staged by the package" in log
            assert db.rows("select id from {s}.places order by id") == [(1,), (2,)]
        assert set(db.relations()) == {"places"}

        _, log = run_dbt_and_capture(["run-operation", "show_each"])
        name = f"`{db.schema}`.`places`"
        for text in (
            f"S create database if not exists `{db.schema}`",
            f"C create external table {name} (`id` int) ",
            f"R ['alter external table {name} refresh']",
            f"D drop table if exists {name}",
        ):
            assert text in log
