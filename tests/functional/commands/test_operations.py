"""The operations for interrupted runs and for DDL that waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import PATIENCE, Database, until

VIEW_OF_AN_INTERRUPTED_RUN = (
    "create materialized view log on {s}.one with rowid, sequence (id) including new values",
    "create materialized view {s}.one__dbt_tmp refresh fast on demand as "
    "select id, count(*) as n from {s}.one group by id",
)
"""Statements that make a materialized view, and the log that only this view needs."""


class TestOperations:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "one.sql": "{{ config(materialized='table') }} select 1 as id",
            "gone.sql": "{{ config(materialized='table', tags='gone') }} select 1 as id",
            "own__dbt_tmp.sql": "{{ config(materialized='view') }} select 1 as id",
            "own.sql": "{{ config(materialized='ephemeral') }} select 1 as id",
            "sources.yml": "sources: [{name: others, schema: '{{ target.schema }}', "
            "tables: [{name: kept, identifier: gone__dbt_tmp_rows}]}]",
        }

    @pytest.fixture(scope="class")
    def db(self, project: Any, server: pymysql.Connection) -> Database:
        return Database(server, project.test_schema)

    def said(self, operation: str) -> list[str]:
        _, log = run_dbt_and_capture(["run-operation", f"oceanbase__{operation}"])
        return [line.partition("  ")[2] for line in log.splitlines()]

    def test_leftovers(self, project: Any, db: Database, request: pytest.FixtureRequest) -> None:
        run_dbt(["run", "--exclude", "tag:gone"])
        assert "0 leftovers" in self.said("list_leftovers")
        db.run("create table {s}.gone__dbt_tmp_rows as select 1 as id")
        for name in ("one__dbt_tmp", "one__dbt_backup", "one__dbt_tmp_20260101", "one__dbt_tmp_rows", "other__dbt_tmp"):
            db.run(f"create table {{s}}.{name} as select 1 as id")
        has_views = request.config.getoption("--kernel") == "1.3"
        if has_views:
            db.run("drop table {s}.one__dbt_tmp", *VIEW_OF_AN_INTERRUPTED_RUN)
        db.run("create view {s}.gone__dbt_tmp as select 1 as id", "create table {s}.gone__dbt_backup as select 1 as id")

        lines = self.said("list_leftovers")
        assert "6 leftovers" in lines
        [needed] = [line for line in lines if "its only rows" in line]
        assert (f"`{db.schema}`.`one__dbt_tmp` (materialized_view), left by one" in lines) == has_views
        assert needed.startswith(f"`{db.schema}`.`gone__dbt_backup` (table), left by gone: ")

        self.said("drop_leftovers")
        own = {"one": "table", "own__dbt_tmp": "view", "gone__dbt_tmp_rows": "table"}
        assert db.relations() == {**own, "other__dbt_tmp": "table", "gone__dbt_backup": "table"}
        assert "1 leftovers" in self.said("list_leftovers")

        if not has_views:
            _, refused = run_dbt_and_capture(["run-operation", "oceanbase__list_refreshes"], expect_pass=False)
            assert "oceanbase__list_refreshes: OceanBase" in refused
            assert "OceanBase 4.3.3 and later and seekdb 1.3 have them" in refused

    def test_blockers(self, project: Any, db: Database, connect: Callable[..., pymysql.Connection]) -> None:
        db.run("create table {s}.locked as select 1 as id")
        with connect() as holder, connect() as waiter:
            holder.cursor().execute("begin")
            holder.cursor().execute(f"update {db.schema}.locked set id = 2")
            thread = threading.Thread(target=lambda: waiter.cursor().execute(f"drop table {db.schema}.locked"))
            thread.start()
            until(lambda: db.running(f"drop table {db.schema}.locked"))
            lines = self.said("show_blockers")
            holder.rollback()
            thread.join(PATIENCE)
        assert [line for line in lines if line.startswith(f"session {waiter.thread_id()} of ") and "drop table" in line]
        assert [line for line in lines if line.startswith(f"locks: session {holder.thread_id()} of ")]
