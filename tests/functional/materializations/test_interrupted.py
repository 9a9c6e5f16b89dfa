"""Ctrl-C, SIGTERM, SIGHUP and kill -9: dbt ends at once, and the next run succeeds."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from support import engines
from support.dbt_process import DbtProcess
from support.outside import Database, until

pytestmark = pytest.mark.any_kernel

Start = Callable[..., DbtProcess]

ROWS = "{{ this.schema }}.marked_rows"
BUSY = f"select count(*) as n from {ROWS} a, {ROWS} b, {ROWS} c, {ROWS} d"
SLOW = f"select sum(sleep(0.3)) as n from {ROWS}"
SLOW_INSERT = f"insert into {{{{ this.schema }}}}.log_of_hook {SLOW}"
INTERRUPTED = {
    # the slow statement is, in this order: CREATE of a new table, of a table to swap, of staged rows, and an INSERT
    "new_table.sql": "{{ config(materialized='table') }} " + BUSY,
    "old_table.sql": "{{ config(materialized='table') }} " + SLOW,
    "increment.sql": "{{ config(materialized='incremental') }} " + SLOW,
    "hooked.sql": f'{{{{ config(materialized="table", pre_hook="{SLOW_INSERT}") }}}} select 1 as n',
}
SETUP = (
    "create database if not exists {s}",
    "create table {s}.marked_rows (i int)",
    "insert into {s}.marked_rows "
    "with recursive s as (select 1 as i union all select i + 1 from s where i < 1000) select * from s",
    "create table {s}.old_table as select 1 as n",
    "create table {s}.increment as select 1 as n",
    "create table {s}.log_of_hook (n bigint)",
)
BEFORE = dict.fromkeys(("marked_rows", "old_table", "increment", "log_of_hook"), "table")


def interrupt(process: DbtProcess, db: Database, number: signal.Signals = signal.SIGINT) -> None:
    """Send a signal when four threads run a marked statement, and check that the schema is as before.

    Ctrl-C (SIGINT) goes to the whole process group, the others to the process, as from a scheduler.
    """
    until(lambda: process.poll() is not None or db.running(db.schema, "marked_rows") == 4)
    assert process.poll() is None, process.output
    pressed = time.monotonic()
    if number == signal.SIGINT:
        process.interrupt()
    else:
        os.kill(process.pid, number)
    code = process.wait()
    took = time.monotonic() - pressed

    assert code != 0, process.output
    # the slow statements take minutes
    assert took < 100, process.output
    until(lambda: db.running(db.schema, "marked_rows") == 0, 60)
    assert db.relations() == BEFORE, process.output
    for name in ("old_table", "increment"):
        assert db.rows(f"select * from {{s}}.{name}") == [(1,)]
    assert db.rows("select * from {s}.log_of_hook") == []


@pytest.mark.takes(40)
class TestInterrupt:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return INTERRUPTED

    def test_server(self, project: Any, db: Database, start: Start) -> None:
        db.run(*SETUP)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            interrupt(start("run", "--threads", "4"), db, number)

    def test_embedded_engine(self, start: Start, embedded: Database, embedded_profile: Path) -> None:
        """Another process uses the engine and is not disturbed."""
        interrupt(start("run", "--threads", "4", profiles_dir=embedded_profile), embedded)

        assert start("run-operation", "nothing", profiles_dir=embedded_profile).wait() == 0
        assert embedded.value("select count(*) from {s}.marked_rows") == 1000

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {
            "nothing.sql": "{% macro nothing() %}{% do run_query('select 1') %}{% endmacro %}",
            "slowly.sql": "{% macro slowly() %}{% do run_query('select sleep(5)') %}{% endmacro %}",
        }

    @pytest.fixture
    def embedded(
        self, project: Any, start: Start, embedded_profile: Path, request: pytest.FixtureRequest
    ) -> Iterator[Database]:
        """Yield the database of an engine that a dbt process has started and that this process shares."""
        folder = embedded_profile / "engine"
        first = start("run-operation", "slowly", profiles_dir=embedded_profile)
        until(lambda: first.poll() is not None or (folder / "run" / "seekdb.pid").exists())
        with engines.running(request.config.getoption("--kernel"), folder) as unix_socket:
            connection = pymysql.connect(unix_socket=unix_socket, user="root", autocommit=None)
            db = Database(connection, project.test_schema)
            db.run("set autocommit = 1", *SETUP)
            yield db
            connection.close()
