"""A model may run for longer than 10 s, the server's default limit of a statement."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

pytestmark = pytest.mark.any_kernel


@pytest.mark.takes(30)
class TestLongRunning:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        increment = "{% if is_incremental() %} select 2 + sleep(12) as id {% else %} select 1 as id {% endif %}"
        insert = "insert into {{ this.schema }}.log select 1 + sleep(12)"
        return {
            "increment.sql": "{{ config(materialized='incremental') }}" + increment,
            "seen.sql": "{{ config(materialized='view') }} select id from {{ ref('slowly') }}",
            "slowly.sql": f"{{{{ config(materialized='table', pre_hook='{insert}') }}}} select 1 as id",
            "schema.yml": "models: [{name: slowly, data_tests: [slow_test]}]",
        }

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        test = "select * from (select sleep(12) as slept) q where slept <> 0"
        return {"slow_test.sql": f"{{% test slow_test(model) %}}{test}{{% endtest %}}"}

    def test_twelve_seconds(self, project: Any, db: Database) -> None:
        db.run("create table {s}.log (n bigint)")
        run_dbt(["run", "--select", "increment"])
        run_dbt(["build"])

        assert sorted(db.rows("select id from {s}.increment")) == [(1,), (2,)]
        assert db.rows("select n from {s}.log") == [(1,)]
