"""After success and after a failure the schema has the project's relations and no others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

pytestmark = pytest.mark.any_kernel

VALUE = "{{ var('value', '1') }} as value"
MODELS = {
    "a_table.sql": "{{ config(materialized='table') }} select " + VALUE,
    "a_view.sql": "{{ config(materialized='view') }} select " + VALUE,
    "added.sql": "{{ config(materialized='incremental', unique_key='id') }} select 1 as id, " + VALUE,
    "agreed.sql": "{{ config(materialized='incremental', on_schema_change='fail') }} select " + VALUE,
    "schema.yml": """
models:
  - name: agreed
    config: {contract: {enforced: true}}
    columns:
      - {name: value, data_type: int, constraints: [{type: not_null}]}
  - name: a_table
    columns:
      - name: value
        data_tests:
          - accepted_values:
              name: stored
              arguments: {values: [2], quote: false}
              config: {store_failures: true, where: "1 = {{ var('test_value', '1') }}"}
unit_tests:
  - name: counted
    model: a_view
    given: []
    expect:
      rows: [{value: 1}]
""",
}
RELATIONS = {
    "a_table": "table",
    "a_view": "view",
    "added": "table",
    "agreed": "table",
    "history": "table",
}


def with_value(value: str, **more: str) -> list[str]:
    return ["--vars", json.dumps({"value": value, **more})]


class TestLeftovers:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def snapshots(self, history: dict[str, str]) -> dict[str, str]:
        return history

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any, db: Database) -> None:
        run_dbt(["build"], expect_pass=False)  # the data test finds its row

    def test_success(self, db: Database) -> None:
        assert db.relations() == RELATIONS
        assert db.relations(f"{db.schema}_dbt_test__audit") == {"stored": "table"}

    def test_success_again(self, db: Database) -> None:
        run_dbt(["build", "--full-refresh"], expect_pass=False)
        run_dbt(["build", "--exclude-resource-type", "unit_test", "--vars", "{value: 2}"])

        assert db.relations() == RELATIONS

    # each fails in CREATE: the column does not exist
    @pytest.mark.parametrize("flags", [[], ["--full-refresh"]], ids=["again", "full_refresh"])
    def test_failing_select(self, db: Database, flags: list[str]) -> None:
        failing = with_value("no_such_column")
        results = run_dbt(["run", *flags, *failing], expect_pass=False)
        results_of_snapshot = run_dbt(["snapshot", *failing], expect_pass=False)

        assert {result.status for result in (*results, *results_of_snapshot)} == {"error"}
        assert db.relations() == RELATIONS
        assert db.value("select count(*) from {s}.a_table") == 1

    # each is staged and fails in its INSERT: NULL for a NOT NULL column, a number that is too large for its column
    @pytest.mark.parametrize(
        ("command", "value", "says"),
        [
            (["run", "--select", "agreed"], "cast(null as signed)", "1048"),
            (["run", "--select", "added"], "'18446744073709551615'", "1264"),
            (["snapshot"], "cast(null as signed)", "1048"),
        ],
        ids=["null_in_contract", "type_of_incremental", "null_in_snapshot"],
    )
    def test_failing_insert(self, db: Database, command: list[str], value: str, says: str) -> None:
        db.run("alter table {s}.history modify value bigint not null")
        before = [db.rows(f"select * from {{s}}.{name}") for name in ("agreed", "added", "history")]
        [result] = run_dbt([*command, *with_value(value)], expect_pass=False)

        assert says in result.message
        assert db.relations() == RELATIONS
        assert [db.rows(f"select * from {{s}}.{name}") for name in ("agreed", "added", "history")] == before

    def test_failing_data_test(self, db: Database) -> None:
        [result] = run_dbt(
            ["test", "--select", "stored", *with_value("1", test_value="no_such_column")], expect_pass=False
        )

        assert result.status == "error"
        assert db.relations() == RELATIONS
        assert set(db.relations(f"{db.schema}_dbt_test__audit")) <= {"stored"}

    @pytest.mark.parametrize("value", ["7", "no_such_column"], ids=["differs", "error"])
    def test_failing_unit_test(self, db: Database, value: str) -> None:
        run_dbt(["test", "--select", "counted", *with_value(value)], expect_pass=False)

        assert db.relations() == RELATIONS
