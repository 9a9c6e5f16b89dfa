"""dbt's commands other than build, each run once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture, write_file

pytestmark = pytest.mark.any_kernel

SOURCES = """
sources:
  - name: landing
    database: "{{ target.database }}"
    schema: "{{ target.schema }}_landing"
    tables:
      - name: events
        config:
          loaded_at_field: loaded_at
          freshness: {warn_after: {count: 1, period: hour}, error_after: {count: 30, period: day}}
"""
MACROS = """
{% macro how_many(relation) %}
  {{ log('rows: ' ~ run_query('set @n = 2; select count(*) + @n from ' ~ relation).rows[0][0], info=true) }}
{% endmacro %}
{% macro look_up(database=target.database) %}
  {% for _ in range(3) %}
    {{ log('found: ' ~ adapter.get_relation(database, target.schema, 'from_source'), info=true) }}
  {% endfor %}
{% endmacro %}
"""


class TestCommands:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "sources.yml": SOURCES,
            "from_source.sql": "select id, loaded_at from {{ source('landing', 'events') }}",
            "elsewhere.sql": "{{ config(schema='other') }} select count(*) as n from {{ ref('from_source') }}",
            "flaky.sql": "select id from {{ source('landing', 'events') }} where {{ var('broken', 'true') }}",
            "after_flaky.sql": "select count(*) as n from {{ ref('flaky') }}",
        }

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"how_many.sql": MACROS}

    @pytest.fixture(scope="class", autouse=True)
    def landing(self, project: Any, server: Any) -> Any:
        schema = f"{project.test_schema}_landing"
        with server.cursor() as cursor:
            cursor.execute(f"create database `{schema}`")
            cursor.execute(f"create table `{schema}`.events (id int, loaded_at datetime)")
            cursor.execute(f"insert into `{schema}`.events values (1, utc_timestamp()), (2, utc_timestamp())")
            yield schema
            for name in (schema, f"{project.test_schema}_other"):
                cursor.execute(f"drop database if exists `{name}`")

    def test_run_into_two_schemas_from_a_third(self, project: Any) -> None:
        assert len(run_dbt(["run"])) == 4
        assert project.run_sql(f"select n from {project.test_schema}_other.elsewhere", fetch="one")[0] == 2

    def test_a_relation_is_found_each_time_it_is_looked_up(self, project: Any) -> None:
        """Macros of packages pass ``target.database``, which is empty."""
        _, log = run_dbt_and_capture(["run-operation", "look_up"])
        assert log.count(f"found: `{project.test_schema}`.`from_source`") == 3

        _, log = run_dbt_and_capture(["run-operation", "look_up", "--args", "{database: other}"], expect_pass=False)
        assert "database: 'other'" in log
        assert "remove `database` and set `schema` instead" in log

    def test_freshness(self, project: Any, landing: str) -> None:
        assert [result.status for result in run_dbt(["source", "freshness"])] == ["pass"]
        project.run_sql(f"update {landing}.events set loaded_at = utc_timestamp() - interval 2 day")
        assert [result.status for result in run_dbt(["source", "freshness"])] == ["warn"]

    def test_docs_have_the_source(self, project: Any) -> None:
        run_dbt(["run"])
        run_dbt(["docs", "generate"])
        catalog = json.loads((Path(project.project_root) / "target" / "catalog.json").read_text())
        assert list(catalog["sources"]["source.test.landing.events"]["columns"]) == ["id", "loaded_at"]

    def test_run_operation(self, project: Any, landing: str) -> None:
        arguments = f"{{relation: '{landing}.events'}}"
        _, log = run_dbt_and_capture(["run-operation", "how_many", "--args", arguments])
        assert "rows: 4" in log

    def test_show(self, project: Any) -> None:
        _, log = run_dbt_and_capture(["show", "--inline", "select 7 * 6 as answer --no blank", "--output", "json"])
        assert '"answer": 42' in log

    @pytest.mark.parametrize("end", [";", " ; ;\n", "; -- done;", "\n;\n/* done */"])
    def test_show_of_a_query_with_a_semicolon_at_its_end(self, project: Any, end: str) -> None:
        query = "set @n = 7; select @n * id as answer from (select 6 as id union all select 5) q order by id" + end
        _, log = run_dbt_and_capture(["show", "--inline", query, "--output", "json", "--limit", "1"])
        assert ('"answer": 35' in log, '"answer": 42' in log) == (True, False)

    def test_retry(self, project: Any) -> None:
        results = run_dbt(["run", "--vars", "broken: no_such_column"], expect_pass=False)
        assert {result.node.name: str(result.status) for result in results}["flaky"] == "error"
        write_file("select 5 as id", project.project_root, "models", "flaky.sql")
        assert {result.node.name for result in run_dbt(["retry"])} == {"flaky", "after_flaky"}

    def test_compile_and_list(self, project: Any) -> None:
        assert len(run_dbt(["list", "--resource-type", "model"])) == 4


DROPS = """
{% macro drop_by(way) %}
  {% for kind in ('table', 'view') %}
    {% set relation = api.Relation.create(schema=target.schema, identifier='a_' ~ kind, type=kind) %}
    {% if way == 'drop_relation' %}
      {% do adapter.drop_relation(relation) %}
    {% else %}
      {% do run_query(get_drop_sql(relation) if way == 'get_drop_sql' else context['drop_' ~ kind](relation)) %}
    {% endif %}
  {% endfor %}
{% endmacro %}
{% macro list_all() %}
  {% for row in list_relations_without_caching(api.Relation.create(schema=target.schema)) %}
    {% do log('listed: ' ~ [row.database, row.name, row.schema == target.schema, row[3], row.type], info=true) %}
  {% endfor %}
{% endmacro %}
"""


class TestDrop:
    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"drop_by.sql": DROPS}

    @pytest.mark.parametrize("way", ["drop_relation", "get_drop_sql", "macro_of_its_kind"])
    def test_each_macro_of_dbt_drops_a_relation(self, project: Any, way: str) -> None:
        project.run_sql("create table a_table as select 1 as id")
        project.run_sql("create or replace view a_view as select 1 as id")

        for _ in range(2):
            run_dbt(["run-operation", "drop_by", "--args", f"way: {way}"])

            assert project.run_sql("show tables", fetch="all") == ()

    def test_dbts_macro_lists_relations(self, project: Any) -> None:
        project.run_sql("create table a_table as select 1 as id")
        project.run_sql("create or replace view a_view as select 1 as id")

        _, log = run_dbt_and_capture(["run-operation", "list_all"])
        for kind in ("table", "view"):
            assert f"listed: [None, 'a_{kind}', True, '{kind}', '{kind}']" in log
        project.run_sql("drop table a_table")


class TestDatabaseOfAModel:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"refused.sql": "{{ config(database='other') }} select 1 as id"}

    def test_it_is_refused_by_name(self, project: Any) -> None:
        with pytest.raises(Exception, match="remove `database` and set `schema` instead"):  # dbt has several classes
            run_dbt(["run"])
