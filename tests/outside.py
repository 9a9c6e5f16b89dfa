"""Looking at the database from outside, and dbt as a process of its own that can be interrupted and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engines
import pymysql

PATIENCE = 60
"""Seconds for something that takes one on an idle machine."""


class Database:
    """A connection of the test's own, and the schema of dbt's project."""

    def __init__(self, connection: pymysql.Connection, schema: str) -> None:
        self.connection = connection
        self.schema = schema

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement in which ``{s}`` stands for the schema; give its rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql.replace("{s}", f"`{self.schema}`"))
            return list(cursor.fetchall())

    def value(self, sql: str) -> Any:
        """Give the first value of the first row."""
        return self.rows(sql)[0][0]

    def run(self, *statements: str) -> None:
        """Run statements in which ``{s}`` stands for the schema."""
        for statement in statements:
            self.rows(statement)

    def relations(self, schema: str | None = None) -> dict[str, str]:
        """Give what stands in a schema: name -> 'table' or 'view'; not what the server itself keeps there."""
        found = self.rows(
            "select table_name, if(table_type = 'VIEW', 'view', 'table') from information_schema.tables "
            f"where table_schema = '{schema or self.schema}' and left(table_name, 7) <> '__ctas_'"
        )
        return dict(found)  # type: ignore[arg-type]

    def running(self, text: str) -> int:
        """Count the statements that run now and hold ``text``."""
        listed = self.rows("select info from information_schema.processlist where id <> connection_id()")
        return sum(text in str(info) for (info,) in listed)


def until(condition: Callable[[], Any], seconds: float = PATIENCE, step: float = 0.05) -> Any:
    """Wait for ``condition`` to hold, and give what it gave; AssertionError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"did not happen within {seconds} s"
        time.sleep(step)
    return result


class Process:
    """A dbt process in a process group of its own."""

    def __init__(self, project_root: Path, profiles_dir: Path, arguments: tuple[str, ...], kernel: str) -> None:
        self.log = project_root / f"console-{time.monotonic_ns()}.log"
        command = [sys.executable, "-m", "dbt.cli.main", *arguments, "--profiles-dir", str(profiles_dir)]
        path = os.pathsep.join(filter(None, [str(engines.wheel(kernel)), os.environ.get("PYTHONPATH")]))
        with self.log.open("w") as output:
            self.popen = subprocess.Popen(
                command,
                cwd=project_root,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": path},
                # a runner may ignore SIGINT for its children; Python then would, too
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )

    def interrupt(self) -> None:
        """Do what Ctrl-C in a terminal does."""
        os.killpg(self.popen.pid, signal.SIGINT)

    def kill(self) -> None:
        """End dbt without a word."""
        self.popen.kill()
        self.popen.wait(PATIENCE)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Give the exit code."""
        return self.popen.wait(seconds)

    @property
    def output(self) -> str:
        """Give what dbt said on the console."""
        return self.log.read_text()
