"""Sources in external catalogs. No catalog can be reached in a test: what is read from one is not tested."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from dbt_common.exceptions import DbtRuntimeError
from support.outside import Database

from dbt.adapters.oceanbase.catalog.catalogs import ExternalCatalogMixin
from dbt.adapters.oceanbase.connect import Session

PROPERTIES = (
    "type = 'ODPS', endpoint = 'http://127.0.0.1:1/api', accesstype = 'aliyun', accessid = 'x', accesskey = 'y', "
    "project_name = 'p', quota_name = 'q'"
)
SOURCES = """
sources:
  - {name: own, database: internal, schema: "{{ target.schema }}", tables: [{name: here}]}
  - name: far
    database: dbt_far
    schema: sales
    config: {freshness: {warn_after: {count: 1, period: day}}}
    tables: [{name: orders}, {name: dated, config: {loaded_at_field: at}}]
  - {name: upper, database: DBT_FAR, schema: sales, tables: [{name: orders}]}
  - {name: nowhere, database: elsewhere, schema: sales, tables: [{name: orders}]}
"""
GIVEN = """
unit_tests:
  - name: rows_are_given
    model: from_far
    given: [{input: "source('far', 'orders')", format: sql, rows: select 1 as id}]
    expect: {format: sql, rows: select 1 as id}
"""
LOOK_UP = """
{% macro look_up(database) %}
  {% set found = adapter.get_relation(database=database, schema=target.schema, identifier='here') %}
  {% do log('found: ' ~ found, info=true) %}
{% endmacro %}
{% macro list_all(database) %}{% do adapter.actual_relation(source('far', 'orders')) %}{% endmacro %}
"""


@pytest.fixture(scope="class")
def models() -> dict[str, str]:
    return {
        "sources.yml": SOURCES,
        "from_own.sql": "select * from {{ source('own', 'here') }}",
        "from_far.sql": "{{ config(materialized='table') }} select * from {{ source('far', 'orders') }}",
        "from_upper.sql": "{{ config(materialized='table') }} select * from {{ source('upper', 'orders') }}",
        "hidden.sql": "{{ config(materialized='ephemeral') }} select * from {{ source('nowhere', 'orders') }}",
        "from_hidden.sql": "select * from {{ ref('hidden') }}",
        "unit.yml": GIVEN,
        "from_nowhere.sql": "select * from {{ source('nowhere', 'orders') }}",
        "columns_of_far.sql": """
            {% if flags.WHICH == 'run' %}{% do adapter.get_columns_in_relation(source('far', 'orders')) %}{% endif %}
            select 1 as id
        """,
        "plain.sql": "select 1 as id",
        "added.sql": """{{ config(
            materialized='incremental',
            post_hook="{% if not adapter.get_relation('dbt_far', 'sales', 'missing') %}select 1{% endif %}"
        ) }} select 1 as id""",
    }


@pytest.fixture(scope="class")
def macros() -> dict[str, str]:
    return {"macros.sql": LOOK_UP}


@pytest.fixture(scope="class")
def has_catalogs(db: Database) -> Iterator[bool]:
    """Create the catalog ``dbt_far``, and return whether the server could."""
    try:
        db.run(f"create external catalog if not exists dbt_far properties = ({PROPERTIES})")
    except pymysql.err.ProgrammingError:
        yield False
        return
    yield True
    db.run("drop catalog dbt_far")


def run(*models: str) -> dict[str, tuple[str, str]]:
    """Run models and return the status and the message of each by name."""
    results = run_dbt(["run", "--select", *models], expect_pass=False).results
    return {result.node.name: (str(result.status), str(result.message)) for result in results}


class TestCatalogs:
    @pytest.fixture(scope="class", autouse=True)
    def needed_catalogs(self, has_catalogs: bool, db: Database) -> None:
        if not has_catalogs:
            pytest.skip("the refusal is tested by TestRefused")
        db.run("create table {s}.here as select 1 as id")

    def test_compiled(self, project: Any, db: Database) -> None:
        run_dbt(["compile"])
        compiled = Path(project.project_root, "target", "compiled", "test", "models")
        assert (compiled / "from_far.sql").read_text() == (" select * from `dbt_far`.`sales`.`orders`")
        assert (compiled / "from_own.sql").read_text() == f"select * from `{db.schema}`.`here`"

    def test_run(self, project: Any, db: Database) -> None:
        found = run("from_own", "from_far", "from_upper", "from_nowhere", "from_hidden", "columns_of_far", "plain")

        assert {name: status for name, (status, _) in found.items()} == {
            "from_own": "success",
            "plain": "success",
            "from_far": "error",
            "from_upper": "error",
            "from_nowhere": "error",
            "from_hidden": "error",
            "columns_of_far": "error",
        }
        assert db.rows("select * from {s}.from_own") == [(1,)]
        for name in ("from_far", "from_upper", "columns_of_far"):
            assert "external catalog dbt_far: Not supported feature" in found[name][1]
        expected = (
            "source nowhere.orders: database: 'elsewhere' is no catalog of the server, which has dbt_far, internal"
        )
        for name in ("from_nowhere", "from_hidden"):
            assert expected in found[name][1]

    def test_shown(self, project: Any) -> None:
        with pytest.raises(DbtRuntimeError, match="external catalog dbt_far: Not supported feature"):
            run_dbt(["show", "--select", "from_upper"])

    def test_unit_test(self, project: Any) -> None:
        """Rows are given in place of a source in a catalog, which is not read."""
        assert [str(result.status) for result in run_dbt(["test", "--select", "from_far"]).results] == ["pass"]

    def test_looked_up(self, project: Any, db: Database) -> None:
        def look_up(macro: str, database: str, expect_pass: bool = True) -> str:
            arguments = ["run-operation", macro, "--args", f"{{database: {database}}}"]
            return str(run_dbt_and_capture(arguments, expect_pass=expect_pass)[1])

        assert f"found: `{db.schema}`.`here`" in look_up("look_up", "internal")
        assert "external catalog dbt_far" in look_up("look_up", "dbt_far", expect_pass=False)
        assert "'elsewhere' is no catalog of the server" in look_up("look_up", "elsewhere", expect_pass=False)
        assert "cannot be listed: name each table as a source" in look_up("list_all", "dbt_far", expect_pass=False)

    def test_freshness(self, project: Any) -> None:
        results = run_dbt(["source", "freshness"], expect_pass=False).results
        messages = {result.node.name: str(getattr(result, "message", "")) for result in results}
        assert "it is in an external catalog" in messages["orders"]
        assert "external catalog dbt_far" in messages["dated"]

    def test_docs(self, project: Any) -> None:
        run_dbt(["run", "--select", "plain", "from_own"])
        catalog = run_dbt(["docs", "generate"])
        assert set(catalog.nodes) == {"model.test.plain", "model.test.from_own"}
        assert set(catalog.sources) == {"source.test.own.here"}
        written = json.loads(Path(project.project_root, "target", "catalog.json").read_text())
        assert not written["errors"]


class TestRefused:
    def test_one_line(self, project: Any, db: Database) -> None:
        with suppress(pymysql.err.ProgrammingError):
            # a catalog of this test's own would be seen by those of TestCatalogs, which may run at the same time
            db.run("show catalogs")
            pytest.skip("this server has external catalogs")
        found = run("plain", "from_far")

        assert found["plain"][0] == "success"
        message = found["from_far"][1]
        assert "source far.orders: database: 'dbt_far': OceanBase" in message
        assert "no external catalogs, which seekdb 1.3 and OceanBase 4.4 have" in message


class TestMissingTable:
    @pytest.mark.parametrize("missing", ["{s}.missing", "no_such_schema.missing"])
    def test_the_transaction_stays_open(
        self, project: Any, db: Database, monkeypatch: pytest.MonkeyPatch, missing: str
    ) -> None:
        """The hook looks for the table between the INSERT and the COMMIT of the second run."""
        send, asked = Session.run, []

        def instead(session: Session, sql: str, *arguments: Any, **named: Any) -> Any:
            # no catalog can be reached: its table is replaced by one of the server that does not exist either
            if "`dbt_far`.`sales`.`missing`" in sql:
                asked.append(sql)
                sql = f"select * from {missing.replace('{s}', db.schema)} limit 0"
            return send(session, sql, *arguments, **named)

        monkeypatch.setattr(Session, "run", instead)
        monkeypatch.setattr(
            ExternalCatalogMixin, "_query_catalogs", lambda adapter, place: frozenset({"internal", "dbt_far"})
        )
        run_dbt(["run", "--select", "added", "--full-refresh"])
        run_dbt(["run", "--select", "added"])

        assert len(asked) == 2
        assert db.rows("select id from {s}.added") == [(1,), (1,)]
