"""A new engine: its set-up is done before the process that started it ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from support import engines

from dbt.adapters.oceanbase.connect.engine.setup import READY_FILE

pytestmark = pytest.mark.takes(90)

PRELUDE = """
import sys, time
from dbt.adapters.oceanbase.connect import ConnectOptions, connector
from dbt.adapters.oceanbase.connect.engine import notice, setup
from dbt.adapters.oceanbase.connect.options import EngineOptions, LoginOptions, RetryOptions

notice.SLOW_SECONDS = 600.0  # its line would be among those that are compared
# each test needs a set-up to its end, also on a busy machine
setup.APPEAR_SECONDS, setup.LOAD_SECONDS, setup.READ_TIMEOUT_SECONDS = 120.0, 600.0, 300.0
place, retry = EngineOptions(sys.argv[1]), RetryOptions(connect_timeout=300)
options = ConnectOptions(LoginOptions("root"), engine=place, retry=retry)
session = connector(options).connect()
"""
JOB = "select job_status, unix_timestamp(gmt_modified) from oceanbase.DBA_OB_ROOTSERVICE_JOBS"


@pytest.fixture
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Run a script with a session on the engine of one folder in another process, and return its output."""

    def run(text: str) -> str:
        wheel = engines.wheel(request.config.getoption("--kernel"))
        done = subprocess.run(
            [sys.executable, "-c", PRELUDE + textwrap.dedent(text), str(tmp_path / "engine")],
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(wheel), os.environ.get("PYTHONPATH", "")])},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    return run


def test_a_process_that_begins_an_engine_ends_after_its_set_up(script: Callable[[str], str], tmp_path: Path) -> None:
    marker = tmp_path / "engine" / READY_FILE

    script('session.run("create database a")')

    written = marker.stat().st_mtime
    status, ended = script(f'print(*session.run("{JOB}").fetchone())').split()
    assert status == "SUCCESS"
    assert float(ended) <= written
    assert marker.stat().st_mtime == written


def test_a_folder_without_the_note_is_tried_and_gets_it(script: Callable[[str], str], tmp_path: Path) -> None:
    marker = tmp_path / "engine" / READY_FILE
    script('session.run("create database a"), session.run("create database dbt_probe")')
    script('session.run("create table dbt_probe.orders as select 7 as id")')
    marker.unlink()

    databases = script('print(session.run("show databases").fetchall())')

    assert "'a'" in databases
    assert databases.count("dbt_probe") == 1
    assert script('print(session.run("select id from dbt_probe.orders").fetchall())') == "((7,),)"
    assert marker.exists()


def test_a_new_engine_has_room_for_the_plans_of_a_project_and_an_old_one_keeps_what_it_has(
    script: Callable[[str], str], tmp_path: Path
) -> None:
    look = 'print(session.run("select @@global.ob_plan_cache_percentage").fetchone()[0])'

    assert script(look) == "20"
    script('session.run("set global ob_plan_cache_percentage = 9")')
    assert script(look) == "9"
    # a copy without log files is no new engine
    shutil.rmtree(tmp_path / "engine" / "log")
    (tmp_path / "engine" / READY_FILE).unlink()
    assert script(look) == "9"


def test_the_log_of_an_engine_keeps_to_warnings_at_each_start(script: Callable[[str], str]) -> None:
    look = "print(session.run(\"show parameters like 'syslog_level'\").fetchone())"

    assert "'WARN'" in script(look).split("specifies")[0]
    assert "'WARN'" in script(look).split("specifies")[0]
