"""Unsupported configs are refused by name; relations of other nodes are never dropped as leftovers."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt, write_file
from dbt_common.exceptions import DbtRuntimeError

pytestmark = pytest.mark.any_kernel

INCREMENTAL = "{{ config(materialized='incremental', %s) }} select 1 as id, 'a' as word"

REFUSED = {
    "check_option": (INCREMENTAL % "check_option='cascaded'", "set it for views only"),
    "table_options": (INCREMENTAL % "table_options=['blok_size = 65536']", "write block_size"),
    "partition_by": ("{{ config(materialized='table', partition_by='id') }} select 1 as id", "write {type: key"),
    "columns": (INCREMENTAL % "columns=['id', 'word']", "set it for views only"),
    "refresh_mode": ("{{ config(refresh_mode='refresh fast on demand') }} select 1 as id", "only a materialized view"),
    "primary_key": ("{{ config(materialized='view', primary_key='id') }} select 1 as id", "set it for tables only"),
    "catalog_name": ("{{ config(catalog_name='lake') }} select 1 as id", "remove the config"),
    "table_format": (INCREMENTAL % "table_format='iceberg'", "iceberg: OceanBase keeps its tables itself"),
}

WHEN_IT_BEGINS = {
    "wrong_option": "table_options: blok_size is not known: write block_size",
    "keyed": "partition_by: the primary key (id) is without at",
    "indexed": "indexes: column is not known: write columns",
}
"""Nodes, and what each fails with if nothing has looked at its configs before it begins."""


def failure(arguments: list[str]) -> str:
    """Run dbt, and return the error that stops it, or else the error of its only node."""
    try:
        result = run_dbt(arguments, expect_pass=False).results[-1]
    except DbtRuntimeError as error:
        return str(error)
    return str(result.message)


class TestRefusedConfigs:
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"on-run-start": "create table if not exists {{ target.schema }}.begun (id int)"}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        daily = "{'column': 'at', 'every': 'day', 'from': '2026-01-01'}"
        return {
            "parent.sql": "select 1 as id",
            "wrong_option.sql": REFUSED["table_options"][0],
            "keyed.sql": "{{ config(materialized='table', primary_key='id', partition_by=" + daily + ") }} "
            "select 1 as id, cast('2026-01-01' as datetime) as at",
        }

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {
            "indexed.csv": "id\n1\n",
            "seeds.yml": "seeds: [{name: indexed, config: {indexes: [{column: [id]}]}}]",
        }

    @pytest.mark.parametrize("name", REFUSED)
    def test_on_a_model(self, project: Any, name: str) -> None:
        sql, remedy = REFUSED[name]
        write_file(sql, project.project_root, "models", "refused.sql")
        [line] = [line for line in failure(["run", "--select", "refused"]).splitlines() if f"{name}: " in line]
        assert remedy in line
        assert project.run_sql("show tables like 'refused'", fetch="all") == ()

    def test_on_a_seed(self, project: Any) -> None:
        project.run_sql("drop table if exists begun")
        assert "indexes: column is not known: write columns" in failure(["seed"])
        assert project.run_sql("show tables", fetch="all") == ()

    def test_without_a_cache_each_node_fails_when_it_begins(self, project: Any) -> None:
        results = run_dbt(["build", "--no-populate-cache", "--select", *WHEN_IT_BEGINS], expect_pass=False).results
        failed = {result.node.name: result for result in results if result.node.name in WHEN_IT_BEGINS}
        assert {name: result.status for name, result in failed.items()} == dict.fromkeys(WHEN_IT_BEGINS, "error")
        for name, expected in WHEN_IT_BEGINS.items():
            assert expected in failed[name].message
        # the hook on-run-start was run, and no node was built
        assert project.run_sql("show tables", fetch="all") == (("begun",),)

    def test_in_a_retry_the_node_fails_when_it_begins(self, project: Any) -> None:
        write_file("select missing from missing", project.project_root, "models", "refused.sql")
        run_dbt(["run", "--select", "refused"], expect_pass=False)
        write_file(REFUSED["table_options"][0], project.project_root, "models", "refused.sql")
        result = run_dbt(["retry"], expect_pass=False).results[-1]
        assert (result.node.name, result.status) == ("refused", "error")
        assert WHEN_IT_BEGINS["wrong_option"] in result.message


class TestHooksInsteadOfConfigs:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        hooks = (
            '["alter table {{ this }} block_size = 65536", "alter table {{ this }} partition by hash(id) partitions 4"]'
        )
        return {"hooked.sql": INCREMENTAL % f"unique_key='id', post_hook={hooks}"}

    def test_twice(self, project: Any) -> None:
        for _ in range(2):
            run_dbt(["run"])
            _, text = project.run_sql("show create table hooked", fetch="one")
            assert "BLOCK_SIZE = 65536" in text
            assert "partition by hash(`id`)" in text or "partition by hash(id)" in text
        assert project.run_sql("select id from hooked", fetch="all") == ((1,),)


class TestViewOfItself:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "whole.sql": "{{ config(materialized='view') }} select * from {{ this }}",
            "counted.sql": "{{ config(materialized='view') }} select n + 1 as n from {{ this }}",
        }

    def test_it_says_what_may_read_itself(self, project: Any) -> None:
        project.run_sql("create view counted as select 1 as n")

        results = run_dbt(["run"], expect_pass=False).results

        for result in results:
            assert "from itself" in result.message
            assert "as table or incremental" in result.message
            assert "case" not in result.message
        assert project.run_sql("select n from counted", fetch="one") == (1,)


class TestNamesOfOthers:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "one.sql": "{{ config(materialized='table') }} select 1 as id",
            "one__dbt_backup.sql": "{{ config(materialized='table') }} select 2 as id",
        }

    def test_another_model_is_no_leftover(self, project: Any) -> None:
        run_dbt(["run", "--select", "one__dbt_backup"])
        [result] = run_dbt(["run", "--select", "one"], expect_pass=False)
        assert "give one of them another alias" in result.message
        assert project.run_sql("select id from one__dbt_backup", fetch="all") == ((2,),)


class TestKeysAsTheyAre:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        first = "{% if not is_incremental() %} union all select 'ABC', 1 union all select 'abc ', 1 {% endif %}"
        rows = f"select 'abc' as id, 2 as n {first}"
        return {"keyed.sql": "{{ config(materialized='incremental', unique_key='id') }} " + rows}

    def test_other_keys_stay(self, project: Any) -> None:
        run_dbt(["run"])
        run_dbt(["run"])
        found = project.run_sql("select hex(id), n from keyed order by hex(id)", fetch="all")
        assert found == (("414243", 1), ("616263", 2), ("61626320", 1))


class TestContractOfIntegers:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        columns = "[{name: id, data_type: int}, {name: word, data_type: text}]"
        return {
            "source_table.sql": "select 1 as id, 'a' as word",
            "agreed.sql": "{{ config(materialized='table') }} select id, word from {{ target.schema }}.typed",
            "schema.yml": f"models: [{{name: agreed, config: {{contract: {{enforced: true}}}}, columns: {columns}}}]",
        }

    def test_a_column_that_is_no_bigint(self, project: Any) -> None:
        project.run_sql("create table typed (id int, word varchar(5))")
        run_dbt(["run", "--select", "agreed"])
        kinds = project.run_sql("show columns from agreed", fetch="all")
        assert [row[1] for row in kinds] == ["int(11)", "text"]
