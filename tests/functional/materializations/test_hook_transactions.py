"""Hooks inside the transaction: an increment and its hooks take effect together or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

MODEL = """
{{ config(
  materialized='incremental', unique_key='id',
  pre_hook="create table if not exists {{ this.schema }}.audit (note varchar(20))",
  post_hook=[
    "insert into {{ this.schema }}.audit values ('after'); set @done = 1",
    "insert into {{ this.schema }}.audit values (" ~ var('note', "'fits'") ~ ")",
    "{% if execute and var('raises', false) %}{{ exceptions.raise_compiler_error('stop here') }}{% endif %}",
    {"sql": "insert into {{ this.schema }}.audit values ('outside')", "transaction": false},
  ]
) }}
select 1 as id, {{ var('value', 1) }} as value
"""


@pytest.mark.any_kernel
class TestHooksInTheTransaction:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"counted.sql": MODEL}

    def rows(self, project: Any) -> tuple[Any, Any]:
        notes = [row[0] for row in project.run_sql("select note from audit order by note", fetch="all")]
        return project.run_sql("select id, value from counted", fetch="all"), notes

    def test_a_failing_hook_rolls_back_the_increment(self, project: Any) -> None:
        run_dbt(["run"])
        before = self.rows(project)
        assert before == (((1, 1),), ["after", "fits", "outside"])

        run_dbt(["run", "--vars", "{value: 2, note: \"'far too long for this column'\"}"], expect_pass=False)
        assert self.rows(project) == before

        run_dbt(["run", "--vars", "{value: 3}"])
        assert self.rows(project) == (((1, 3),), ["after", "after", "fits", "fits", "outside", "outside"])
        assert project.run_sql("show tables like '%dbt%'", fetch="all") == ()

    def test_an_error_of_jinja_rolls_back_the_increment(self, project: Any) -> None:
        run_dbt(["run", "--full-refresh"])
        before = self.rows(project)

        run_dbt(["run", "--vars", "{value: 9, raises: true}"], expect_pass=False)

        assert self.rows(project) == before
        assert project.run_sql("show tables like '%dbt%'", fetch="all") == ()


class TestPreHookOfARefusedCreate:
    """Rows of a pre-hook are committed by the CREATE, also by a second one after the server has refused the first."""

    NOTE = "insert into {{ this.schema }}.audit values ('{{ this.identifier }}')"
    EIGHT = ", ".join(f"cast(word as char) as t{i}" for i in range(8))
    WIDE = f"select id, {EIGHT} from {{{{ target.schema }}}}.texts"

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        def model(config: str, select: str = self.WIDE, hooks: str = "") -> str:
            return f'{{{{ config({config}, pre_hook=[{hooks}"{self.NOTE}"]) }}}} {select}'

        columns = ", ".join(f"{{name: t{i}, data_type: varchar(65535)}}" for i in range(8))
        return {
            "a_table.sql": model("materialized='table'"),
            "indexed.sql": model("materialized='table', indexes=[{'columns': ['id']}]"),
            "appended.sql": model("materialized='incremental', incremental_strategy='append'"),
            "keyed.sql": model("materialized='incremental', unique_key='id'"),
            "agreed.sql": model("materialized='table', contract={'enforced': true}"),
            "taken.sql": model(
                "materialized='table'", "select 1 as id", hooks='"create table if not exists {{ this }} (i int)", '
            ),
            "schema.yml": f"models: [{{name: agreed, columns: [{{name: id, data_type: int}}, {columns}]}}]",
        }

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        config = f"{{{{ config(unique_key='id', strategy='check', check_cols='all', pre_hook=\"{self.NOTE}\") }}}}"
        return {"history.sql": f"{{% snapshot history %}} {config} {self.WIDE} {{% endsnapshot %}}"}

    def test_the_rows_are_there(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.audit (note varchar(20))",
            "create table {s}.texts (id int, word text)",
            "insert into {s}.texts values (1, 'a')",
        )
        for times in (1, 2):
            failed = [each.node.name for each in run_dbt(["build"], expect_pass=False) if each.status == "error"]

            assert failed == ["agreed"]
            assert dict(db.rows("select note, count(*) from {s}.audit group by note")) == dict.fromkeys(
                ("a_table", "appended", "history", "indexed", "keyed", "taken"), times
            )
            db.run("update {s}.texts set word = 'b'")
        for name, rows in {"a_table": 1, "indexed": 1, "appended": 2, "keyed": 1, "taken": 1, "history": 2}.items():
            assert db.value(f"select count(*) from {{s}}.{name}") == rows, name
        assert db.rows("select t7 from {s}.keyed") == [("b",)]


@pytest.mark.any_kernel
class TestTraceIds:
    """The query for the trace id does not come between two statements of a hook."""

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any]) -> dict[str, Any]:
        return {"type": "oceanbase", "threads": 1, **server_profile, "track_trace_id": True}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        hooks = (
            "pre_hook='create table if not exists {{ this.schema }}.log (n bigint)', "
            "post_hook='update {{ this }} set a = 3; insert into {{ this.schema }}.log values (row_count())'"
        )
        return {"counted.sql": f"{{{{ config(materialized='table', {hooks}) }}}} select 1 as a union all select 2 as a"}

    def test_a_hook_counts_its_rows(self, project: Any, db: Database) -> None:
        [result] = run_dbt(["run"])

        assert db.rows("select n from {s}.log") == [(2,)]
        assert result.adapter_response["query_id"].startswith("Y")
