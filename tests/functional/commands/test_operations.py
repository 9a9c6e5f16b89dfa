"""The operations for interrupted runs and for DDL that waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import Database, until


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

    def test_leftovers(self, project: Any, db: Database) -> None:
        run_dbt(["run", "--exclude", "tag:gone"])
        assert "0 leftovers" in self.said("list_leftovers")
        db.run("create table {s}.gone__dbt_tmp_rows as select 1 as id")
        for name in ("one__dbt_tmp", "one__dbt_backup", "one__dbt_tmp_20260101", "one__dbt_tmp_rows", "other__dbt_tmp"):
            db.run(f"create table {{s}}.{name} as select 1 as id")
        db.run("create view {s}.gone__dbt_tmp as select 1 as id", "create table {s}.gone__dbt_backup as select 1 as id")

        lines = self.said("list_leftovers")
        assert "6 leftovers" in lines
        [needed] = [line for line in lines if "its only rows" in line]
        assert needed.startswith(f"`{db.schema}`.`gone__dbt_backup` (table), left by gone: ")

        self.said("drop_leftovers")
        own = {"one": "table", "own__dbt_tmp": "view", "gone__dbt_tmp_rows": "table"}
        assert db.relations() == {**own, "other__dbt_tmp": "table", "gone__dbt_backup": "table"}
        assert "1 leftovers" in self.said("list_leftovers")

    def test_blockers(self, project: Any, db: Database, connect: Callable[..., pymysql.Connection]) -> None:
        db.run("create table {s}.locked as select 1 as id")
        with connect() as holder, connect() as waiter:
            holder.cursor().execute("begin")
            holder.cursor().execute(f"update {db.schema}.locked set id = 2")
            thread = threading.Thread(target=lambda: waiter.cursor().execute(f"drop table {db.schema}.locked"))
            thread.start()
            until(lambda: db.running("drop table"))
            lines = self.said("show_blockers")
            holder.rollback()
            thread.join(60)
        assert [line for line in lines if line.startswith(f"session {waiter.thread_id()} of ") and "drop table" in line]
        assert [line for line in lines if line.startswith(f"locks: session {holder.thread_id()} of ")]
