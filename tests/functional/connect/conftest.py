"""Servers that only these tests use, which listen on TCP and may be killed, and dbt as a process."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pymysql
import pytest
import yaml
from faults.server import PASSWORD, Server
from faults.tcp_proxy import FaultProxy, free_port, place_of
from support.dbt_process import DbtProcess
from support.outside import Connection, Database, until


@pytest.fixture(autouse=True)
def _logs_are_captured(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have caplog record all messages of ``connect``, and none of dbt's loggers, to which they are forwarded."""
    source = logging.getLogger("dbt.adapters.oceanbase.connect")
    caplog.set_level(logging.DEBUG, logger=source.name)
    monkeypatch.setattr(source, "propagate", False)
    source.addHandler(caplog.handler)
    with caplog.filtering(logging.Filter(source.name)):
        yield
    source.removeHandler(caplog.handler)


@pytest.fixture(scope="session")
def own_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that a test may kill, if it restarts it."""
    yield from _running_server(request)


@pytest.fixture(scope="module")
def second_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Another such server, for tests that need two."""
    yield from _running_server(request)


def _running_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(request.config.getoption("--kernel"))
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def server_profile(own_server: Server) -> dict[str, Any]:
    """The profile of these tests' own server, also if the environment names another server for the suite."""
    return {**own_server.profile, "connect_timeout": 60}


@pytest.fixture
def proxy(server_profile: dict[str, Any]) -> Iterator[FaultProxy]:
    """A proxy in front of these tests' own server."""
    with FaultProxy(place_of(server_profile)) as found:
        yield found


@pytest.fixture(scope="session")
def connect(server_profile: dict[str, Any]) -> Callable[..., pymysql.Connection]:
    """Return a function that opens a plain connection to these tests' own server, and not to the suite's server."""
    arguments = {name: server_profile[name] for name in ("host", "port", "user", "password")}
    session = "set autocommit = 1, ob_query_timeout = 600000000, time_zone = '+00:00'"
    # with TLS the driver would load all certificates of the system each time
    arguments |= {"autocommit": None, "init_command": session, "ssl_disabled": True}
    return lambda **options: Connection(**{**arguments, **options})


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """The database, seen through a connection without dbt."""
    return Database(server, project.test_schema)


@dataclass
class Outcome:
    """The exit code, the console and the log of a dbt process."""

    code: int
    console: str
    log: list[dict[str, Any]]

    def line(self, part: str) -> str:
        """Return the one line of the console that contains ``part``, without dbt's prefix."""
        lines = [
            re.sub(r"^\d\d:\d\d:\d\d\s+(OceanBase adapter: )?", "", each).strip()
            for each in self.console.splitlines()
            if part in each
        ]
        assert lines, self.console
        return lines[0]

    def messages(self, part: str) -> list[str]:
        """Return the messages of the log that contain ``part``, including debug messages."""
        return [entry["info"]["msg"] for entry in self.log if part in entry["info"]["msg"]]

    def has_no_traceback(self) -> bool:
        loud = [entry["info"]["msg"] for entry in self.log if entry["info"]["level"] != "debug"]
        assert loud
        return "Traceback" not in self.console and not any("Traceback" in each for each in loud)


RUN_SECONDS = 900
"""Time limit for one dbt process, which takes 5 to 15 s on an idle machine."""

GATED = (
    "{{ config(materialized='table', pre_hook={'sql': 'update ' ~ target.schema ~ '.gate set passed = 1', "
    "'transaction': false}) }} select 1 as id"
)
"""A model that waits, with a connection of its own, until the test opens the ``gate``."""


@pytest.fixture
def gate(db: Database, connect: Callable[..., pymysql.Connection]) -> Iterator[pymysql.Connection]:
    """Close the gate, and return the session that has closed it: its ``rollback`` opens the gate."""
    db.run("create table {s}.gate (passed int)", "insert into {s}.gate values (0)")
    with connect() as holder, holder.cursor() as cursor:
        cursor.execute("begin")
        cursor.execute(f"update `{db.schema}`.gate set passed = 2")
        yield holder
    db.run("drop table {s}.gate")


class Running:
    """A running dbt process. ``file`` is its log."""

    def __init__(self, process: DbtProcess, file: Path) -> None:
        self.process, self.file = process, file

    def has_said(self, part: str, times: int = 1) -> bool:
        """Check whether at least so many lines of the log contain ``part`` by now."""
        return self.file.exists() and sum(part in line for line in self.file.read_text().splitlines()) >= times

    def await_line(self, part: str) -> None:
        """Wait until the log contains ``part``, or dbt has ended."""
        until(lambda: self.has_said(part) or self.process.poll() is not None)

    def outcome(self) -> Outcome:
        """Wait for the end, check that no secret was written, and return the outcome."""
        try:
            code = self.process.wait(RUN_SECONDS)
        finally:
            self.process.kill()
        console = self.process.output
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        assert PASSWORD not in console
        assert not any(PASSWORD in line for line in lines)
        return Outcome(code, console, [json.loads(line) for line in lines])


class Dbt:
    """Runs dbt as a process in the project's folder, with changes to the target. A change to None removes the field."""

    def __init__(self, project: Any, folder: Path, kernel: str) -> None:
        self._project, self._folder, self._kernel = project, folder, kernel

    def __call__(self, *arguments: str, patches: Mapping[str, object] | None = None, **changes: Any) -> Outcome:
        """Run dbt to its end."""
        return self.start(*arguments, patches=patches, **changes).outcome()

    def start(self, *arguments: str, patches: Mapping[str, object] | None = None, **changes: Any) -> Running:
        """Start dbt. ``patches`` are those of ``DbtProcess``."""
        profiles = yaml.safe_load((Path(self._project.profiles_dir) / "profiles.yml").read_text())
        for profile in profiles.values():
            target = profile.get("outputs", {}).get("default")
            if target is not None:
                target.update(changes)
                for name in [name for name, value in changes.items() if value is None]:
                    target.pop(name, None)
        folder = self._folder / f"run-{time.monotonic_ns()}"
        folder.mkdir()
        (folder / "profiles.yml").write_text(yaml.safe_dump(profiles))
        flags = ("--no-use-colors", "--log-format-file", "json", "--log-path", str(folder))
        process = DbtProcess(Path(self._project.project_root), (*flags, *arguments), self._kernel, folder, patches)
        return Running(process, folder / "dbt.log")


@pytest.fixture
def dbt(project: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Dbt:
    """Run dbt as a process."""
    return Dbt(project, tmp_path, request.config.getoption("--kernel"))


class _Web(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


@pytest.fixture
def web_port() -> Iterator[int]:
    """The port of an HTTP server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Web) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield web.server_address[1]
        web.shutdown()


@pytest.fixture(name="free_port")
def port_of_nobody() -> int:
    """A port on which no server listens."""
    return free_port()
