"""Statements that the server does not run: when their links are shut down, and when they are left alone."""

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
from dbt.adapters.oceanbase.connect.control.lost_answers import (
    CHECK_AFTER_SECONDS,
    CHECK_INTERVAL_SECONDS,
    MISSED_CHECKS,
    LostAnswerDetector,
)
from dbt.adapters.oceanbase.connect.errors import ConnectError
from dbt.adapters.oceanbase.connect.options import Endpoint

BY_FILE, BY_PORT = Endpoint(unix_socket="/run/sql.sock"), Endpoint("127.0.0.1", 2881)


class FakeSession:
    """A session that waits for the answer to its ``count``-th statement."""

    def __init__(self, number: int = 7, endpoint: Endpoint = BY_FILE) -> None:
        self.id, self.endpoint = number, endpoint
        self.link, self.server = socket.socketpair()
        self.connection = SimpleNamespace(awaits_answer=True)
        self.busy, self.count, self.cancelled, self.closed, self.given_up = True, 3, False, False, 0
        self.statement = "select 1"

    def shut_down(self, unanswered: bool) -> None:
        assert unanswered
        self.given_up += 1


class FakeControl:
    """A control connection that shows sessions as idle, with the address ``host``."""

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
def control(monkeypatch: pytest.MonkeyPatch) -> FakeControl:
    found = FakeControl()

    @contextlib.contextmanager
    def opened(*arguments: Any) -> Iterator[FakeControl]:
        if found.failure:
            raise found.failure
        yield found

    monkeypatch.setattr(lost_answers, "open_control_connection", opened)
    return found


@pytest.fixture
def session() -> Iterator[FakeSession]:
    made = FakeSession()
    yield made
    made.link.close()
    made.server.close()


def lock_wait(sql: str) -> float:
    return 120 if sql.startswith("delete") else 0


class Watch:
    """A detector whose thread does not run, and its clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.detector = LostAnswerDetector(lambda: self.now)
        monkeypatch.setattr(self.detector, "_is_running", True)

    def add(self, session: Any) -> None:
        self.detector.watch(session, "connector", lock_wait)  # type: ignore[arg-type]

    def check(self, times: int = 1) -> None:
        for _ in range(times):
            self.detector.check()
            self.now += CHECK_INTERVAL_SECONDS


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch, session: FakeSession) -> Watch:
    made = Watch(monkeypatch)
    made.add(session)
    return made


DUE = int(CHECK_AFTER_SECONDS / CHECK_INTERVAL_SECONDS) + 1
"""Checks until the server is asked for the first time, which the last one does."""


def test_what_the_server_does_not_run_is_given_up_at_the_second_check(
    watch: Watch, session: FakeSession, control: FakeControl, caplog: pytest.LogCaptureFixture
) -> None:
    watch.check(DUE - 1)
    assert control.asked == []
    watch.check(MISSED_CHECKS - 1)
    assert control.asked == [[7]]
    assert not session.given_up

    watch.check()

    assert session.given_up == 1
    assert caplog.messages == [f"{BY_FILE} runs nothing for session 7: given up after 80 s"]


def test_what_may_wait_for_a_lock_is_given_up_when_such_a_wait_would_have_ended(
    watch: Watch, session: FakeSession, control: FakeControl
) -> None:
    """OceanBase 4.2 shows a session as idle that waits for a row lock."""
    session.statement = "delete from t"
    control.executes = True
    watch.check(DUE + 10)
    control.executes = False

    watch.check(int(120 / CHECK_INTERVAL_SECONDS))
    assert not session.given_up
    control.executes = True
    watch.check()  # it has got the lock, and meets another one
    control.executes = False
    watch.check(int(120 / CHECK_INTERVAL_SECONDS))
    assert not session.given_up

    watch.check()
    assert session.given_up == 1


def test_what_the_server_runs_goes_on(watch: Watch, session: FakeSession, control: FakeControl) -> None:
    control.executes = True
    watch.check(40)
    assert len(control.asked) > 30
    assert not session.given_up


def test_one_look_that_misses_it_does_nothing(watch: Watch, session: FakeSession, control: FakeControl) -> None:
    for executes in (False, True) * 10:
        control.executes = executes
        watch.check()
    assert control.asked
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
    watch: Watch, session: FakeSession, control: FakeControl, change: Callable[[FakeSession], None]
) -> None:
    watch.check(DUE - 1)
    change(session)
    watch.check(DUE)
    assert control.asked == []


def test_the_next_statement_is_another_one(watch: Watch, session: FakeSession, control: FakeControl) -> None:
    watch.check(DUE - 1)
    session.count += 1
    watch.check(DUE - 1)
    assert control.asked == []


def test_a_statement_that_ends_while_the_server_is_asked_is_left_alone(
    watch: Watch, session: FakeSession, control: FakeControl
) -> None:
    watch.check(DUE)
    shown = control.processes

    def processes(sessions: list[FakeSession]) -> dict[int, Process]:
        session.count += 1
        return shown(sessions)

    control.processes = processes  # type: ignore[method-assign]
    watch.check()
    assert not session.given_up


def test_what_has_come_is_read_first(watch: Watch, session: FakeSession, control: FakeControl) -> None:
    session.server.sendall(b"rows")
    watch.check(DUE + 10)
    assert not session.given_up


@pytest.mark.parametrize("change", ["hidden", "elsewhere", "proxied"])
def test_what_may_be_a_session_of_another_server_is_left_alone(
    watch: Watch, control: FakeControl, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    by_port = FakeSession(8, BY_PORT)
    monkeypatch.setattr(lost_answers, "client_address", lambda session: "127.0.0.1:5000")
    watch.add(by_port)
    control.hidden, control.is_proxied = change == "hidden", change == "proxied"

    watch.check(DUE + 10)
    assert not by_port.given_up

    control.hidden, control.is_proxied, control.host = False, False, "127.0.0.1:5000"
    watch.check(MISSED_CHECKS)
    assert by_port.given_up


def test_a_server_that_cannot_be_asked_is_asked_again(
    watch: Watch, session: FakeSession, control: FakeControl, caplog: pytest.LogCaptureFixture
) -> None:
    control.failure = ConnectError("no room")
    watch.check(DUE)
    assert "could not be asked for what it runs: no room" in caplog.messages[0]

    control.failure = None
    watch.check(MISSED_CHECKS)
    assert session.given_up


def test_the_thread_ends_with_the_last_session_and_begins_again(
    monkeypatch: pytest.MonkeyPatch, session: FakeSession, control: FakeControl
) -> None:
    monkeypatch.setattr(lost_answers, "CHECK_INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(lost_answers, "CHECK_AFTER_SECONDS", 0.0)
    detector = LostAnswerDetector()

    # the detector of other tests may have a thread for some more seconds
    before = threading.enumerate()

    def threads() -> int:
        new = [thread for thread in threading.enumerate() if thread not in before]
        return sum(thread.name == "oceanbase-lost-answers" for thread in new)

    detector.watch(session, "connector", lock_wait)  # type: ignore[arg-type]
    detector.watch(session, "connector", lock_wait)  # type: ignore[arg-type]
    assert threads() == 1
    until(lambda: session.given_up)
    session.closed = True
    until(lambda: threads() == 0)

    session.closed = False
    detector.watch(session, "connector", lock_wait)  # type: ignore[arg-type]
    assert threads() == 1
    session.closed = True
    until(lambda: threads() == 0)


def test_a_process_without_room_for_a_thread_goes_on_without_checks(
    monkeypatch: pytest.MonkeyPatch, session: FakeSession, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    detector = LostAnswerDetector()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refused)
        detector.watch(session, "connector", lock_wait)  # type: ignore[arg-type]
    assert caplog.messages == ["lost answers are not looked for: can't start new thread"]

    started: list[str] = []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: started.append(thread.name))
    detector.watch(session, "connector", lock_wait)  # type: ignore[arg-type]
    assert started == ["oceanbase-lost-answers"]


def test_a_child_process_looks_after_its_own_sessions_only(
    session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    parents = lost_answers._detector
    lost_answers.watch(session, "connector", lock_wait)  # type: ignore[arg-type]
    pid = os.fork()
    if pid == 0:
        is_new = lost_answers._detector is not parents and not lost_answers._detector._watched
        os._exit(0 if is_new else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert session in parents._watched
    monkeypatch.setattr(lost_answers, "_detector", parents)
    lost_answers.reset_after_fork()  # as the child did
    assert lost_answers._detector is not parents
    session.closed = True
