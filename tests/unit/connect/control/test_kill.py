"""Ending statements: which sessions get KILL QUERY, when a link is cut instead, and the time limits of both."""

from __future__ import annotations

import logging
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest
from faults import wire
from support.outside import PATIENCE, until

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, Session
from dbt.adapters.oceanbase.connect.control import control_connection, kill
from dbt.adapters.oceanbase.connect.control import timeout as timeouts
from dbt.adapters.oceanbase.connect.control.timeout import StatementTimeout
from dbt.adapters.oceanbase.connect.options import Endpoint

SLOW = "slow statement"
END = b"\xfe\x00\x00\x02\x00"
TEXT, NUMBER = 0xFD, 0x08
ELSEWHERE = "10.0.0.9:4711"

OWN = 41
CONTROL = 42
"""Ids of the session at work, which is opened first, and of the control connection."""


def cell(value: object) -> bytes:
    if value is None:
        return b"\xfb"
    data = str(value).encode()
    return b"\xfc" + struct.pack("<H", len(data)) + data


def rows(kinds: Sequence[int], values: Sequence[Sequence[object]]) -> bytes:
    """Return all packets of an answer of several rows."""
    described = [struct.pack("<HIBHB", 45, 4096, kind, 0, 0) + b"\0\0" for kind in kinds]
    columns = [b"".join(map(cell, ("def", "", "", "", "c", "c"))) + b"\x0c" + each for each in described]
    payloads = [bytes([len(kinds)]), *columns, END, *(b"".join(map(cell, row)) for row in values), END]
    return b"".join(wire.packet(i, payload) for i, payload in enumerate(payloads, start=1))


def refused(code: int, text: str = "no") -> bytes:
    return wire.packet(1, wire.error(code, text))


@dataclass
class Server:
    """A server that shows its sessions and ends their statements as the test sets it.

    ``address`` and ``text`` replace the values shown of a session that runs a statement (None: the true ones). Ids in
    ``hidden`` are not shown. ``killed``: the ids of all KILL QUERY statements.
    """

    user: str = "dbt"
    address: str | None = None
    text: Callable[[str], str | None] = str
    executes: int = 1
    hidden: tuple[int, ...] = ()
    shift: int = 0
    version: bytes = field(default_factory=lambda: refused(1305))
    kill: Callable[[Server, int], bytes | None] = lambda server, number: server.end(number)
    before_showing: Callable[[Server], object] = lambda server: None
    killed: list[int] = field(default_factory=list)
    clients: list[socket.socket] = field(default_factory=list)
    working: dict[int, tuple[str, threading.Event]] = field(default_factory=dict)

    def __call__(self, peer: Any, client: socket.socket) -> None:
        own = OWN + len(self.clients)
        self.clients.append(client)
        client.sendall(wire.greeting(session=own))
        peer.read(client)
        client.sendall(wire.packet(2, wire.OK))
        while True:
            answer = self.answer(own, wire.statement_of(peer.read(client)))
            if answer is None:
                return
            client.sendall(answer)

    def answer(self, own: int, statement: str) -> bytes | None:
        if SLOW in statement:
            ended = threading.Event()
            self.working[own] = statement, ended
            ended.wait(PATIENCE)
            del self.working[own]
            return refused(1317, "interrupted")
        if statement.startswith("kill query"):
            self.killed.append(int(statement.split()[-1]))
            return self.kill(self, self.killed[-1])
        if "processlist" in statement:
            if str(OWN) in statement:
                self.before_showing(self)
            shown = [row for row in self.processes() if row[0] not in self.hidden and str(row[0]) in statement]
            return rows([NUMBER, TEXT, TEXT, NUMBER, TEXT], shown)
        answers = {
            "select connection_id()": rows([NUMBER], [[own + self.shift]]),
            "select proxy_version()": self.version,
        }
        return answers.get(statement, wire.packet(1, wire.OK))

    def processes(self) -> Iterator[tuple[object, ...]]:
        for number, client in enumerate(self.clients, start=OWN):
            if running := self.working.get(number):
                address = self.address or "{}:{}".format(*client.getpeername())
                yield number, self.user, address, self.executes, self.text(running[0])
            else:
                yield number, "dbt", "", 1, "select"

    def end(self, number: int) -> bytes:
        if running := self.working.get(number):
            running[1].set()
        return wire.packet(1, wire.OK)


@dataclass
class Work:
    """Sessions that run statements, each in another thread. ``errors``: the codes with which the statements ended."""

    server: Server
    peer: Any
    connector: Connector
    sessions: list[Session] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    messages: Callable[[], list[str]] = list

    def start(self, sql: str = SLOW) -> Session:
        session = self.connector.connect()
        self.sessions.append(session)
        threading.Thread(target=self._run, args=(session, sql), daemon=True).start()
        until(lambda: session.id in self.server.working)
        return session

    def _run(self, session: Session, sql: str) -> None:
        try:
            session.run(sql)
        except pymysql.MySQLError as error:
            self.errors.append(error.args[0])

    def end(self, seconds: float = PATIENCE, **others: Any) -> None:
        self.end_in_time(seconds, **others)
        until(lambda: len(self.errors) == len(self.sessions))

    def end_in_time(self, seconds: float = PATIENCE, **others: Any) -> None:
        """End the statements, and do not wait until the sessions have noticed it."""
        kill.end_statements(self.sessions, self.connector, seconds, **others)

    @property
    def is_killed(self) -> bool:
        """Whether KILL QUERY alone ended the statement. Otherwise the link was cut and no KILL QUERY sent."""
        was_cut = any("cut off" in text for text in self.messages())
        by_kill = self.errors == [1317] and self.server.killed == [OWN] and not was_cut
        by_cut = self.errors == [2013] and self.server.killed == [] and was_cut
        assert by_kill != by_cut, (self.errors, self.server.killed, self.messages())
        return by_kill

    @property
    def was_killed_again(self) -> bool:
        """Whether KILL QUERY was sent as often as it takes (three times), or more, and for this session only."""
        return self.server.killed[:3] == [OWN] * 3 and set(self.server.killed) == {OWN}

    def time_limit(self, session: Session, seconds: float) -> StatementTimeout:
        """Return a time limit that begins when the statement is at the server, however long that takes."""
        limit = StatementTimeout(session, self.connector, seconds)
        wait = limit._done.wait

        def wait_from_then_on(timeout: float | None = None) -> bool:
            until(lambda: session.id in self.server.working)
            return wait(timeout)

        limit._done.wait = wait_from_then_on  # type: ignore[method-assign]
        return limit

    def said(self, text: str) -> bool:
        return any(text in message for message in self.messages())


@pytest.fixture
def work(
    peer: Callable[..., Any],
    options_for: Callable[..., ConnectOptions],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Work]]:
    """Return a function that makes a server and a connector to it. ``method`` is the cancel_method.

    Only the time limits that a test sets expire: on a busy machine, a control connection may take longer than usual.
    """
    monkeypatch.setattr(control_connection, "OPEN_SECONDS", PATIENCE)
    monkeypatch.setattr(timeouts, "CONTROL_SECONDS", PATIENCE)
    monkeypatch.setattr(kill, "KILL_RETRY_SECONDS", 2 * PATIENCE)
    made: list[Work] = []

    def make(method: str = "auto", **server: Any) -> Work:
        behaviour = Server(**server)
        started = peer(behaviour)
        connector = Connector(options_for(started.endpoint, cancel_method=method))
        made.append(Work(behaviour, started, connector, messages=lambda: caplog.messages))
        return made[-1]

    yield make
    for each in made:
        for number in list(each.server.working):
            each.server.end(number)
        for session in each.sessions:
            session.close()


# which session gets KILL QUERY


def test_kill_query_ends_the_statement_and_leaves_the_session(work: Callable[..., Work]) -> None:
    at_work = work()
    session = at_work.start()

    at_work.end()

    assert at_work.is_killed
    assert session.is_usable
    assert session.run("select 1").rowcount == 0
    sent = re.escape(f"KILL QUERY {session.id} on {session.endpoint} (after ") + r"\d+\.\d{3} s\)"
    assert any(re.fullmatch(sent, message) for message in at_work.messages())


def test_sessions_of_one_server_share_a_control_connection(work: Callable[..., Work]) -> None:
    at_work = work()
    for _ in range(3):
        at_work.start()

    at_work.end()

    assert at_work.errors == [1317] * 3
    assert at_work.peer.accepted == 4


def test_an_idle_session_needs_no_control_connection(work: Callable[..., Work]) -> None:
    at_work = work()
    at_work.sessions.append(at_work.connector.connect())

    at_work.end_in_time()

    assert at_work.peer.accepted == 1
    assert at_work.sessions[0].is_usable


def test_a_closed_session_is_left_alone_whose_connection_may_be_another_s(
    work: Callable[..., Work], caplog: pytest.LogCaptureFixture
) -> None:
    at_work = work()
    session = at_work.start()
    session.closed = True
    caplog.clear()

    at_work.end_in_time()

    assert at_work.peer.accepted == 1
    assert not caplog.messages
    assert not session.was_cut
    session.closed = False


@pytest.mark.parametrize(
    ("shown", "killed"),
    [
        ({}, True),
        ({"address": ELSEWHERE}, True),  # behind address translation: recognised by the text
        ({"address": ELSEWHERE, "text": lambda text: text[:9]}, True),
        ({"text": lambda _: "insert into t"}, True),  # an inner statement: recognised by the address
        ({"address": ELSEWHERE, "text": lambda _: f"insert into `s`.`__ctas_{OWN}_17`"}, True),
        ({"address": ELSEWHERE, "text": lambda _: f"insert into `s`.`__ctas_{OWN}1_17`"}, False),
        ({"address": ELSEWHERE, "text": lambda _: "another statement"}, False),
        ({"user": "other"}, False),
        ({"hidden": (OWN,)}, False),
    ],
    ids=["all", "text", "cut_text", "address", "ctas", "ctas_of_other", "other_text", "other_user", "not_shown"],
)
def test_only_what_is_surely_this_session_is_killed(
    work: Callable[..., Work], shown: dict[str, Any], killed: bool
) -> None:
    at_work = work(**shown)
    at_work.start()

    at_work.end()

    assert at_work.is_killed == killed


def test_a_unix_socket_leads_to_one_server_whose_ids_are_true(
    work: Callable[..., Work], options_for: Callable[..., ConnectOptions], tmp_path: Path
) -> None:
    at_work = work(address="unix::0", text=lambda _: "select of its own")
    place = Endpoint(unix_socket=str(tmp_path / "sql.sock"))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(place))
    listener.listen()
    at_work.connector = Connector(options_for(place))
    threading.Thread(target=accept, args=(listener, at_work.server), daemon=True).start()
    at_work.start()

    at_work.end()
    listener.close()

    assert at_work.is_killed


def accept(listener: socket.socket, server: Server) -> None:
    reader = SimpleNamespace(read=lambda client: wire.read_packet(client)[1])
    with suppress(OSError):
        while True:
            threading.Thread(target=talk, args=(server, reader, listener.accept()[0]), daemon=True).start()


def talk(server: Server, reader: Any, client: socket.socket) -> None:
    with suppress(OSError):
        server(reader, client)


@pytest.mark.parametrize(
    "shown",
    [{"version": rows([TEXT], [["ODP 4.2.3"]])}, {"hidden": (CONTROL,)}, {"shift": 1}],
    ids=["proxy_version", "own_id_not_shown", "connection_id"],
)
def test_behind_a_proxy_the_link_is_cut(work: Callable[..., Work], shown: dict[str, Any]) -> None:
    at_work = work(**shown)
    at_work.start()

    at_work.end()

    assert not at_work.is_killed
    assert at_work.said("a proxy stands between")


def test_a_statement_that_ends_while_the_server_is_asked_is_not_killed(work: Callable[..., Work]) -> None:
    def ends_itself(server: Server) -> None:
        server.end(OWN)
        until(lambda: not at_work.sessions[0].busy)

    at_work = work(before_showing=ends_itself)
    at_work.start()

    at_work.end()

    assert at_work.server.killed == []
    assert at_work.errors == [1317]
    assert at_work.sessions[0].is_usable


# kill: only KILL QUERY until the time is over


@pytest.mark.parametrize(
    "shown",
    [
        {"hidden": (OWN, CONTROL)},
        {"shift": 1, "text": lambda _: f"insert into `s`.`__ctas_{OWN}_17`"},
        {"user": "other"},
        {"executes": 0},
        {"text": lambda _: None},
    ],
    ids=["ids_of_a_proxy", "ctas_behind_a_proxy", "other_user", "not_yet_there", "no_text_yet"],
)
def test_what_may_not_be_killed_is_cut_when_the_time_is_over(work: Callable[..., Work], shown: dict[str, Any]) -> None:
    at_work = work("kill", **shown)
    at_work.start()
    started = time.monotonic()

    at_work.end(seconds=0.5)

    assert not at_work.is_killed
    assert time.monotonic() - started >= 0.5
    assert at_work.said("its statement did not end within 0.5 s (after ")


def test_kill_query_reaches_through_a_proxy_that_shows_the_same_ids(work: Callable[..., Work]) -> None:
    at_work = work("kill", version=rows([TEXT], [["ODP 4.3"]]), address=ELSEWHERE)
    at_work.start()

    at_work.end()

    assert at_work.is_killed


def test_kill_query_that_is_refused_is_tried_again(work: Callable[..., Work], monkeypatch: Any) -> None:
    monkeypatch.setattr(kill, "KILL_RETRY_SECONDS", 0.05)
    at_work = work("kill", kill=lambda server, number: server.end(number) if len(server.killed) > 2 else refused(1095))
    at_work.start()

    at_work.end()

    assert at_work.was_killed_again
    assert at_work.errors == [1317]


def test_a_control_connection_that_is_lost_is_opened_again(work: Callable[..., Work], monkeypatch: Any) -> None:
    monkeypatch.setattr(kill, "KILL_RETRY_SECONDS", 0.05)
    at_work = work("kill", kill=lambda server, number: server.end(number) if len(server.killed) > 2 else None)
    at_work.start()

    at_work.end()

    assert at_work.was_killed_again
    assert at_work.errors == [1317]


# auto: cut as soon as KILL QUERY is not possible


def test_kill_query_is_sent_again_when_it_came_too_early(work: Callable[..., Work], monkeypatch: Any) -> None:
    monkeypatch.setattr(kill, "KILL_RETRY_SECONDS", 0.05)
    late = wire.packet(1, wire.OK)
    at_work = work(kill=lambda server, number: server.end(number) if len(server.killed) > 2 else late)
    at_work.start()

    at_work.end()

    assert at_work.was_killed_again
    assert at_work.errors == [1317]
    assert at_work.sessions[0].is_usable


def test_kill_query_without_effect_is_not_repeated_at_once_and_ends_in_a_cut(work: Callable[..., Work]) -> None:
    # on a busy machine the shorter times may be over before KILL QUERY is sent
    for seconds in (0.5, 5, 50):
        at_work = work(kill=lambda server, number: wire.packet(1, wire.OK))
        at_work.start()
        at_work.end(seconds)
        if at_work.server.killed:
            break

    assert at_work.server.killed == [OWN]
    assert at_work.errors == [2013]
    assert at_work.said("cut off session")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(refused(1095, "not owner"), "KILL QUERY was refused (1095): not owner"), (None, "no KILL QUERY is possible: ")],
    ids=["refused", "control_connection_lost"],
)
def test_a_kill_query_that_fails_ends_in_a_cut(work: Callable[..., Work], answer: bytes | None, reason: str) -> None:
    at_work = work(kill=lambda server, number: answer)
    at_work.start()

    at_work.end()

    assert at_work.server.killed == [OWN]
    assert at_work.errors == [2013]
    assert at_work.said(reason)


def test_a_control_connection_lost_at_the_first_question_ends_in_a_cut(work: Callable[..., Work]) -> None:
    at_work = work()
    at_work.server.version = None  # type: ignore[assignment]
    at_work.start()

    at_work.end()

    assert not at_work.is_killed


@pytest.mark.parametrize(
    ("method", "seconds", "reason"),
    [("auto", PATIENCE, "no KILL QUERY is possible: "), ("kill", 0.5, "did not end within 0.5 s (after ")],
)
def test_no_control_connection(
    work: Callable[..., Work],
    options_for: Callable[..., ConnectOptions],
    closed_port: Endpoint,
    method: str,
    seconds: float,
    reason: str,
) -> None:
    at_work = work()
    session = at_work.start()
    session.endpoint = closed_port
    at_work.connector = Connector(options_for(cancel_method=method))

    at_work.end(seconds)

    assert not at_work.is_killed
    assert at_work.peer.accepted == 1
    assert at_work.said(f"connect to {closed_port} failed")
    assert at_work.said(reason)


# disconnect, and failures on this side


def test_disconnect_cuts_at_once(work: Callable[..., Work]) -> None:
    at_work = work("disconnect")
    at_work.start()

    at_work.end()

    assert not at_work.is_killed
    assert at_work.peer.accepted == 1
    assert at_work.said("cancel_method is disconnect (after ")


class Broken:
    """A connector whose options raise an error."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    @property
    def options(self) -> ConnectOptions:
        raise self.error


def test_an_interrupt_cuts_all_links_on_its_way(work: Callable[..., Work]) -> None:
    at_work = work()
    at_work.start()

    with pytest.raises(KeyboardInterrupt):
        kill.end_statements(at_work.sessions, Broken(KeyboardInterrupt()))  # type: ignore[arg-type]
    until(lambda: at_work.errors)

    assert not at_work.is_killed
    assert at_work.said("the cancel was interrupted")


class Handler(logging.Handler):
    """A handler of the log that calls a function with each message."""

    def __init__(self, called: Callable[[str], object]) -> None:
        super().__init__()
        self.called = called

    def emit(self, record: logging.LogRecord) -> None:
        self.called(record.getMessage())


@pytest.fixture
def handle() -> Iterator[Callable[[Callable[[str], object]], None]]:
    """Have a function called with each message that this module logs, before caplog gets it."""
    handlers: list[Handler] = []

    def add(called: Callable[[str], object]) -> None:
        handlers.append(Handler(called))
        kill.logger.addHandler(handlers[-1])

    yield add
    for each in handlers:
        kill.logger.removeHandler(each)


def test_nothing_is_raised(work: Callable[..., Work], handle: Callable[..., None]) -> None:
    at_work = work()
    at_work.start()
    said: list[str] = []

    def fails(text: str) -> None:
        said.append(text)
        raise ValueError(text)

    handle(fails)
    kill.end_statements(at_work.sessions, Broken(RuntimeError("can't start new thread")))  # type: ignore[arg-type]
    until(lambda: at_work.errors)

    assert at_work.errors == [2013]
    assert at_work.server.killed == []
    assert any("cut off" in text and "can't start new thread" in text for text in said)


def test_messages_are_logged_in_the_context_of_the_caller(
    work: Callable[..., Work], handle: Callable[..., None]
) -> None:
    run: ContextVar[str] = ContextVar("run")
    run.set("this run")
    at_work = work()
    session = at_work.start()

    said: list[str] = []
    handle(lambda text: said.append(f"{run.get()}: {text}"))
    at_work.end_in_time()

    assert any(text.startswith(f"this run: KILL QUERY {session.id}") for text in said)


def test_a_link_that_is_closed_meanwhile_has_no_address(work: Callable[..., Work]) -> None:
    at_work = work(text=lambda _: "inner statement")
    session = at_work.start()
    session.link.close()

    at_work.end_in_time()

    assert at_work.server.killed == []
    assert at_work.said("under its id the server shows another statement")


# the time limit


def test_the_time_limit_ends_what_runs_too_long_and_names_who_held_the_locks(work: Callable[..., Work]) -> None:
    at_work = work()
    session = at_work.connector.connect()
    at_work.sessions.append(session)
    at_work.server.answer = with_holder(at_work.server.answer)  # type: ignore[method-assign]

    with at_work.time_limit(session, 0.2) as limit:
        at_work._run(session, SLOW)

    assert limit.expired
    assert limit.waited_for == ["session 7 of 'loader' (sleep for 12 s)"]
    assert at_work.is_killed


def with_holder(answer: Callable[[int, str], bytes | None]) -> Callable[[int, str], bytes | None]:
    """Change a server: it does not show locks, and has an idle session with a transaction."""

    def answered(own: int, statement: str) -> bytes | None:
        if "V$OB_LOCKS" in statement:
            return refused(1146)
        if "V$OB_PROCESSLIST" in statement:
            return rows([NUMBER, TEXT, NUMBER, TEXT], [[7, "loader", 12, "SLEEP"]])
        return answer(own, statement)

    return answered


@pytest.mark.parametrize(
    ("method", "shown", "killed"),
    [("auto", {}, True), ("auto", {"version": rows([TEXT], [["ODP"]])}, False), ("disconnect", {}, False)],
    ids=["no_views", "proxy", "disconnect"],
)
def test_the_time_limit_names_nobody_where_the_server_does_not_show_it(
    work: Callable[..., Work], method: str, shown: dict[str, Any], killed: bool
) -> None:
    at_work = work(method, **shown)
    session = at_work.connector.connect()
    at_work.sessions.append(session)
    answer = at_work.server.answer
    at_work.server.answer = lambda own, sql: refused(1146) if "V$OB_" in sql else answer(own, sql)  # type: ignore[method-assign]

    with at_work.time_limit(session, 0.2) as limit:
        at_work._run(session, SLOW)

    assert limit.expired
    assert limit.waited_for == []
    assert at_work.is_killed == killed


def test_the_time_limit_leaves_alone_what_is_in_time(work: Callable[..., Work]) -> None:
    at_work = work()
    session = at_work.connector.connect()
    at_work.sessions.append(session)

    with StatementTimeout(session, at_work.connector, PATIENCE) as limit:
        session.run("select 1")

    assert not limit.expired
    assert at_work.peer.accepted == 1


def test_the_time_limit_ends_nothing_once_the_statement_has_ended(work: Callable[..., Work]) -> None:
    at_work = work()
    at_work.start()
    limit = StatementTimeout(at_work.sessions[0], at_work.connector, 0)
    # the statement ends at the moment when the time is over
    limit._done = SimpleNamespace(wait=lambda seconds: False, is_set=lambda: True, set=lambda: None)  # type: ignore[assignment]

    with limit:
        until(lambda: limit.expired)

    assert at_work.peer.accepted == 1
