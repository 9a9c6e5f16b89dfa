"""``run-operation --sql`` commits its statements if all succeed, and rolls all back if one fails."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import Database


class TestRunOperationSql:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"a_table.sql": "{{ config(materialized='table') }} select 1 as id"}

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any) -> None:
        run_dbt(["run"])

    @pytest.fixture(autouse=True)
    def numbers(self, db: Database) -> None:
        db.run("drop table if exists {s}.numbers", "create table {s}.numbers (n int primary key, text varchar(20))")

    def run_operation(self, sql: str, *, expect_pass: bool = True) -> str:
        return run_dbt_and_capture(["run-operation", "--sql", sql], expect_pass=expect_pass)[1]

    @pytest.mark.parametrize(
        ("sql", "rows"),
        [
            ("insert into numbers values (1, 'a;b')", [(1, "a;b")]),
            ("insert into numbers values (1, 'a'), (2, 'b'); delete from numbers where n = 1;", [(2, "b")]),
            ("insert into numbers select id + 6, 'jinja' from {{ ref('a_table') }} --no blank", [(7, "jinja")]),
            (
                "begin; insert into numbers values (1, 'a'); commit; insert into numbers values (2, 'b')",
                [(1, "a"), (2, "b")],
            ),
            ("begin; insert into numbers values (1, 'a'); rollback", []),
            (
                "create table if not exists more as select 5 as n; insert into numbers select n, 'ddl' from more",
                [(5, "ddl")],
            ),
            ("insert into numbers values (3, 'c'); select * from numbers", [(3, "c")]),
        ],
        ids=["one", "several", "of a model", "own transactions", "taken back", "after DDL", "a query last"],
    )
    def test_committed(self, db: Database, sql: str, rows: list[Any]) -> None:
        assert "OK executed inline_query" in self.run_operation(sql)
        assert db.rows("select n, text from {s}.numbers order by n") == rows

    def test_all_or_nothing(self, db: Database) -> None:
        output = self.run_operation(
            "insert into numbers values (1, 'a'); insert into numbers values (1, 'b')", expect_pass=False
        )

        assert "1062" in output
        assert "ERROR executing inline_query" in output
        assert db.rows("select * from {s}.numbers") == []

    def test_rows_affected(self, db: Database) -> None:
        [result] = run_dbt(["run-operation", "--sql", "insert into numbers values (1, 'a'), (2, 'b')"]).results

        assert result.adapter_response["rows_affected"] == 2
        assert db.value("select count(*) from {s}.numbers") == 2
