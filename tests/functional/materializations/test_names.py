"""Schemas and names: several schemas, reserved words, upper case, 64 characters, backticks."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt, write_file
from support.outside import Database

pytestmark = pytest.mark.any_kernel

LONG = "a_name_that_is_as_long_as_the_server_lets_a_table_be_" + "x" * 11
LONG_TWIN = LONG[:-1] + "y"
MODELS = {
    **{
        f"{name}.sql": "{{ config(materialized='table') }} select 1 as id"
        for name in (LONG, LONG_TWIN, "select", "Upper")
    },
    "ticked.sql": "{{ config(materialized='table', alias='with`tick') }} select 1 as id",
    "Grown.sql": "{{ config(materialized='incremental', unique_key='id') }} select 1 as id",
    "elsewhere.sql": "{{ config(schema='other') }} select * from {{ ref('select') }}",
    "from_third.sql": "{{ config(materialized='incremental', schema='other') }} "
    "select * from {{ source('third', 'Facts') }}",
    "schema.yml": """
sources:
  - name: third
    schema: "{{ target.schema }}_third"
    tables: [{name: Facts, identifier: "order"}]
models:
"""
    + "".join(
        f"""
  - name: {name}
    config: {{contract: {{enforced: true}}}}
    constraints: [{{type: check, name: {LONG}, expression: id > 0}}]
    columns: [{{name: id, data_type: bigint, data_tests: [not_null, unique, {{accepted_values: {{values: [1]}}}}]}}]
"""
        for name in (LONG, LONG_TWIN)
    ),
}


@pytest.mark.takes(30)
class TestNames:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"data_tests": {"+store_failures": True}}

    def test_again(self, project: Any, db: Database) -> None:
        third = f"`{db.schema}_third`"
        db.run(f"create database {third}", f"create table {third}.`order` as select 3 as id")
        for _ in range(3):
            run_dbt(["build"])

        lower = {LONG, LONG_TWIN, "select", "upper", "with`tick", "grown"}
        assert {name.lower(): kind for name, kind in db.relations().items()} == dict.fromkeys(lower, "table")
        assert db.relations(f"{db.schema}_other") == {"elsewhere": "view", "from_third": "table"}
        stored = db.relations(f"{db.schema}_dbt_test__audit")
        assert len(stored) == 6
        checks = "select constraint_name from information_schema.table_constraints where constraint_type = 'CHECK'"
        named = sorted(name for (name,) in db.rows(f"{checks} and table_schema = '{db.schema}'"))
        assert len(named) == 2
        assert all(name.startswith(LONG[:40]) for name in named)
        assert max(map(len, (*named, *stored))) <= 64
        assert db.rows(f"select * from `{db.schema}_other`.elsewhere") == [(1,)]
        assert db.rows(f"select * from `{db.schema}_other`.from_third") == [(3,)] * 3
        assert db.rows("select * from {s}.`with``tick`") == [(1,)]
        assert db.rows("select * from {s}.grown") == [(1,)]
        assert len(run_dbt(["docs", "generate"]).nodes) == len(lower) + 2 + len(stored)


LONG_TEST = LONG + "_and_even_longer"


class TestNamesOfTests:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        checked = (
            f"[{{not_null: {{name: {LONG_TEST}}}}}, {{unique: {{name: {LONG_TEST}r}}}}, {{not_null: {{name: few}}}}]"
        )
        return {
            "filled.sql": "select 1 as id union all select null union all select 1",
            "schema.yml": f"models: [{{name: filled, columns: [{{name: id, data_tests: {checked}}}]}}]",
        }

    @pytest.fixture(scope="class")
    def tests(self) -> dict[str, str]:
        return {f"{LONG_TEST}_alone.sql": "select 7 as wrong"}

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"data_tests": {"+store_failures": True, "+schema": "kept"}}

    def test_failures_are_stored_under_shorter_ones(self, project: Any, db: Database) -> None:
        run_dbt(["run"])
        results = run_dbt(["test"], expect_pass=False).results

        assert [result.failures for result in results] == [1] * 4, [result.message for result in results]
        stored = db.relations(f"{db.schema}_kept")
        assert len(stored) == 4
        assert "few" in stored
        assert sorted(map(len, stored)) == [3, 64, 64, 64]


class TestDatabase:
    """A database on a model is refused, and the error says what to write instead."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"fine.sql": "select 1 as id"}

    def test_refused(self, project: Any) -> None:
        text = "{{ config(database='elsewhere') }} select 1 as id"
        write_file(text, project.project_root, "models", "fine.sql")
        with pytest.raises(Exception, match=r"(?s)elsewhere.*remove `database` and set `schema`"):
            run_dbt(["run"])
