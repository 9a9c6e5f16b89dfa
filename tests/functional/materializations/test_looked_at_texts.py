"""Texts that look like NULL or a boolean are looked at, and become members, as they are."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

pytestmark = pytest.mark.any_kernel

HISTORY = """{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols=['word']) }}
select id, word from {{ target.schema }}.source{% endsnapshot %}"""


class TestTexts:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        config = "{{ config(materialized='incremental', incremental_strategy='append') }} "
        return {"padded.sql": config + "select cast('   ' as char(5)) as word union all select 'a '"}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"history.sql": HISTORY}

    def test_blanks_are_a_value_that_is_lost(self, project: Any, db: Database) -> None:
        db.run("create table {s}.padded (word char(5))")
        [result] = run_dbt(["run"], expect_pass=False)
        assert "column word" in result.message
        assert "would become another value" in result.message
        assert db.value("select count(*) from {s}.padded") == 0

    def test_words_become_members_as_they_are(self, project: Any, db: Database) -> None:
        db.run("create table {s}.source (id int, word enum('x'))", "insert into {s}.source values (1, 'x')")
        run_dbt(["snapshot"])
        db.run("alter table {s}.source modify column word varchar(9)")
        db.run("insert into {s}.source values (2, 'true'), (3, 'null'), (4, '1.50')")
        run_dbt(["snapshot"])
        found = db.rows("select id, cast(word as char) from {s}.history where dbt_valid_to is null order by id")
        assert found == [(1, "x"), (2, "true"), (3, "null"), (4, "1.50")]
