"""Hooks inside the transaction: an increment and its hooks take effect together or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt

pytestmark = pytest.mark.any_kernel

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
