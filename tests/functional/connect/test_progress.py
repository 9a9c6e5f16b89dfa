"""A model whose statement runs for long is reported while it runs, with the server's trace id."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt_and_capture
from support.outside import PATIENCE, Database

from dbt.adapters.oceanbase.connect.control import progress

WAITS = """
{{ config(materialized='table', pre_hook="update {{ this.schema }}.held set id = 3") }} select 1 as id
"""


READS = """
{{ config(materialized='table') }}
{% set place = target.schema ~ '.numbers' %}
select a.id from {{ place }} a, {{ place }} b, {{ place }} c where a.id + b.id + c.id = 7
"""


class Releasing(logging.Handler):
    """Ends what the models wait for, once they were reported: a transaction, and a statement that reads many rows."""

    def __init__(self, holder: pymysql.Connection, db: Database) -> None:
        super().__init__()
        self.holder, self.db = holder, db

    def emit(self, record: logging.LogRecord) -> None:
        # on a slow machine the first report may come before the server runs the statement, and lack the trace id
        if "model.test.waits" in record.getMessage() and "trace" in record.getMessage() and self.holder.open:
            self.holder.close()
        if "model.test.reads" in record.getMessage() and "rows" in record.getMessage():
            # the server shows CREATE TABLE AS as the INSERT that fills the table
            running = "select id from information_schema.processlist where info like 'insert %numbers%'"
            for (session,) in self.db.rows(running):
                self.db.run(f"kill query {session}")


class TestProgress:
    @pytest.fixture(scope="class")
    def shows_rows(self, request: pytest.FixtureRequest) -> bool:
        """Whether the kernel has the view V$SQL_PLAN_MONITOR."""
        return bool(request.config.getoption("--kernel") == "1.3")

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any]) -> dict[str, Any]:
        # the lock is held until a report was made
        return {"type": "oceanbase", "threads": 4, **server_profile, "lock_timeout": PATIENCE}

    @pytest.fixture(scope="class")
    def models(self, shows_rows: bool) -> dict[str, str]:
        return {"waits.sql": WAITS, **({"reads.sql": READS} if shows_rows else {})}

    @pytest.fixture
    def held(
        self,
        project: Any,
        db: Database,
        connect: Callable[..., pymysql.Connection],
        monkeypatch: pytest.MonkeyPatch,
    ) -> Iterator[None]:
        project.run_sql("create table held as select 1 as id")
        numbers = "with recursive n as (select 1 as id union all select id + 1 from n where id < 1000)"
        project.run_sql(f"create table numbers as {numbers} select id from n")
        holder = connect()
        with holder.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"update {project.test_schema}.held set id = 2")
        handler = Releasing(holder, db)
        progress.logger.addHandler(handler)
        monkeypatch.setattr(progress, "REPORT_SECONDS", 0.5)
        # a thread that reports earlier statements would sleep for the 30 seconds that were set before
        progress._reset_after_fork()
        yield
        progress.logger.removeHandler(handler)

    def test_a_long_statement(self, project: Any, held: None, shows_rows: bool) -> None:
        _, log = run_dbt_and_capture(["run"], expect_pass=not shows_rows)
        assert re.search(r"model\.test\.waits: update runs for \d+ s, trace Y\S+", log)
        rows = r"model\.test\.reads: create table runs for \d+ s, trace Y\S+, [1-9]\d* rows in its largest step"
        assert bool(re.search(rows, log)) == shows_rows
