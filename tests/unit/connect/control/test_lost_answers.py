"""Statements that the server does not run: when their link is given up, and when it is left alone."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from support.outside import until

from dbt.adapters.oceanbase.connect.control import lost_answers
from dbt.adapters.oceanbase.connect.control.control_connection import Process
from dbt.adapters.oceanbase.connect.control.lost_answers import INTERVAL, LOOKS, SILENT, Monitor
from dbt.adapters.oceanbase.connect.errors import ConnectError
from dbt.adapters.oceanbase.connect.options import Endpoint

BY_FILE, BY_PORT = Endpoint(unix_socket="/run/sql.sock"), Endpoint("127.0.0.1", 2881)


class FakeSession:
    """A session that waits for the answer of its ``count``-th statement."""

    def __init__(self, number: int = 7, endpoint: Endpoint = BY_FILE) -> None:
        self.id, self.endpoint = number, endpoint
        self.link, self.server = socket.socketpair()
        self.connection = SimpleNamespace(awaits_answer=True)
        self.busy, self.count, self.cancelled, self.closed, self.given_up = True, 3, False, False, 0

    def shut_down(self, unanswered: bool) -> None:
        assert unanswered
        self.given_up += 1


class FakeSide:
    """What a server shows: ``idle`` sessions, at ``host``."""

    def __init__(self) -> None:
        self.is_proxied = False
        self.executes = False
        self.host = "10.0.0.9:4711"
        self.hidden = False
        self.asked: list[list[int]] = []
        self.failure: Exception | None = None

    def processes(self, sessions: list[FakeSession]) -> dict[int, Process]:
        self.asked.append([session.id for session in sessions])
        if self.hidden:
            return {}
        return {each.id: Process(each.id, "dbt", self.host, self.executes, None) for each in sessions}


@pytest.fixture
def side(monkeypatch: pytest.MonkeyPatch) -> FakeSide:
    found = FakeSide()

    @contextlib.contextmanager
    def opened(*arguments: Any) -> Iterator[FakeSide]:
        if found.failure:
            raise found.failure
        yield found

    monkeypatch.setattr(lost_answers, "opened", opened)
    return found


@pytest.fixture
def session() -> Iterator[FakeSession]:
    made = FakeSession()
    yield made
    made.link.close()
    made.server.close()


class Watch:
    """A monitor whose thread does not run, and its clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.events: list[str] = []
        self.monitor = Monitor(lambda: self.now)
        monkeypatch.setattr(self.monitor, "_is_running", True)

    def add(self, session: Any) -> None:
        self.monitor.watch(session, "connector", self.events.append)  # type: ignore[arg-type]

    def look(self, times: int = 1) -> None:
        for _ in range(times):
            self.monitor.look()
            self.now += INTERVAL


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch, session: FakeSession) -> Watch:
    made = Watch(monkeypatch)
    made.add(session)
    return made


DUE = int(SILENT / INTERVAL) + 1
"""Looks until the server is asked for the first time; the last one asks."""


def test_what_the_server_does_not_run_is_given_up_at_the_second_look(
    watch: Watch, session: FakeSession, side: FakeSide
) -> None:
    watch.look(DUE - 1)
    assert side.asked == []
    watch.look(LOOKS - 1)
    assert side.asked == [[7]]
    assert not session.given_up

    watch.look()

    assert session.given_up == 1
    assert watch.events == [f"{BY_FILE} runs nothing for session 7: given up after 80 s"]


def test_what_the_server_runs_goes_on(watch: Watch, session: FakeSession, side: FakeSide) -> None:
    side.executes = True
    watch.look(40)
    assert len(side.asked) > 30
    assert not session.given_up


def test_one_look_that_misses_it_does_nothing(watch: Watch, session: FakeSession, side: FakeSide) -> None:
    for executes in (False, True) * 10:
        side.executes = executes
        watch.look()
    assert side.asked
    assert not session.given_up


@pytest.mark.parametrize(
    "change",
    [
        lambda session: setattr(session, "busy", False),
        lambda session: setattr(session, "cancelled", True),
        lambda session: setattr(session, "closed", True),
        lambda session: setattr(session.connection, "awaits_answer", False),
    ],
    ids=["idle", "cancelled", "closed", "still sending"],
)
def test_the_server_is_not_asked_for_what_waits_for_no_answer(
    watch: Watch, session: FakeSession, side: FakeSide, change: Callable[[FakeSession], None]
) -> None:
    watch.look(DUE - 1)
    change(session)
    watch.look(DUE)
    assert side.asked == []


def test_the_next_statement_is_another_one(watch: Watch, session: FakeSession, side: FakeSide) -> None:
    watch.look(DUE - 1)
    session.count += 1
    watch.look(DUE - 1)
    assert side.asked == []


def test_a_statement_that_ends_while_the_server_is_asked_is_left_alone(
    watch: Watch, session: FakeSession, side: FakeSide
) -> None:
    watch.look(DUE)
    shown = side.processes

    def processes(sessions: list[FakeSession]) -> dict[int, Process]:
        session.count += 1
        return shown(sessions)

    side.processes = processes  # type: ignore[method-assign]
    watch.look()
    assert not session.given_up


def test_what_has_come_is_read_first(watch: Watch, session: FakeSession, side: FakeSide) -> None:
    session.server.sendall(b"rows")
    watch.look(DUE + 10)
    assert not session.given_up


@pytest.mark.parametrize("change", ["hidden", "elsewhere", "proxied"])
def test_what_may_be_a_session_of_another_server_is_left_alone(
    watch: Watch, side: FakeSide, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    by_port = FakeSession(8, BY_PORT)
    monkeypatch.setattr(lost_answers, "address_of", lambda session: "127.0.0.1:5000")
    watch.add(by_port)
    side.hidden, side.is_proxied = change == "hidden", change == "proxied"

    watch.look(DUE + 10)
    assert not by_port.given_up

    side.hidden, side.is_proxied, side.host = False, False, "127.0.0.1:5000"
    watch.look(LOOKS)
    assert by_port.given_up


def test_a_server_that_cannot_be_asked_is_asked_again(watch: Watch, session: FakeSession, side: FakeSide) -> None:
    side.failure = ConnectError("no room")
    watch.look(DUE)
    assert "could not be asked for what it runs: no room" in watch.events[0]

    side.failure = None
    watch.look(LOOKS)
    assert session.given_up


def test_the_thread_ends_with_the_last_session_and_begins_again(
    monkeypatch: pytest.MonkeyPatch, session: FakeSession, side: FakeSide
) -> None:
    monkeypatch.setattr(lost_answers, "INTERVAL", 0.01)
    monkeypatch.setattr(lost_answers, "SILENT", 0.0)
    looking = Monitor()

    def threads() -> int:
        return sum(thread.name == "oceanbase-monitor" for thread in threading.enumerate())

    before = threads()
    looking.watch(session, "connector", print)  # type: ignore[arg-type]
    looking.watch(session, "connector", print)  # type: ignore[arg-type]
    assert threads() == before + 1
    until(lambda: session.given_up)
    session.closed = True
    until(lambda: threads() == before)

    session.closed = False
    looking.watch(session, "connector", print)  # type: ignore[arg-type]
    assert threads() == before + 1
    session.closed = True
    until(lambda: threads() == before)


def test_a_child_process_looks_after_its_own_sessions_only(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    parents = lost_answers._monitor
    lost_answers.watch(session, "connector", print)  # type: ignore[arg-type]
    pid = os.fork()
    if pid == 0:
        is_new = lost_answers._monitor is not parents and not lost_answers._monitor._watched
        os._exit(0 if is_new else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert session in parents._watched
    monkeypatch.setattr(lost_answers, "_monitor", parents)
    lost_answers.reset_after_fork()  # as the child did
    assert lost_answers._monitor is not parents
    session.closed = True
