"""Rounds over the hosts, and the state that all sessions of a connector share while they are opened."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faults.rogue import speaks_mysql
from support.outside import PATIENCE, until

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, errors
from dbt.adapters.oceanbase.connect.engine import embedded
from dbt.adapters.oceanbase.connect.opening import attempt, discovery, retry, steps
from dbt.adapters.oceanbase.connect.opening import connector as connectors
from dbt.adapters.oceanbase.connect.options import (
    Endpoint,
    EngineOptions,
    LoginOptions,
    RetryOptions,
    SessionOptions,
    SshOptions,
)
from dbt.adapters.oceanbase.connect.ssh.bastion import Bastion

Options = Callable[..., ConnectOptions]
Peers = Callable[..., Any]


def cuts(peer: Any, client: socket.socket) -> None:
    """Close the link without sending anything."""


def opened(connector: Connector, times: int = 1) -> None:
    for _ in range(times):
        connector.connect().close()


# cancelled


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_cancelled_opening_asks_no_further_host(peer: Peers, mysql: Peers, options_for: Options, when: str) -> None:
    cancelled = threading.Event()

    def cuts_and_cancels(peer: Any, client: socket.socket) -> None:
        cancelled.set()

    first, second = peer(cuts_and_cancels), mysql()
    if when == "before":
        cancelled.set()

    with pytest.raises(errors.SessionCancelled, match="no connection is opened"):
        Connector(options_for(first.endpoint, second.endpoint)).connect(cancelled=cancelled)

    assert (first.accepted, second.accepted) == (int(when == "meanwhile"), 0)


# patience


class Clock:
    """A clock that only ``sleep`` moves forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which deadlines of openings are over."""
    made = Clock()
    monkeypatch.setattr(connectors, "time", SimpleNamespace(monotonic=made, sleep=made.sleep))
    monkeypatch.setattr(retry, "policy", partial(retry.policy, clock=made))
    return made


def test_only_a_server_that_was_reached_is_waited_for_and_only_once(
    peer: Peers, options_for: Options, clock: Clock
) -> None:
    is_up: list[bool] = []
    answers = speaks_mysql()

    def may_be_down(each: Any, client: socket.socket) -> None:
        if is_up:
            answers(each, client)

    server = peer(may_be_down)
    limits = RetryOptions(connect_timeout=PATIENCE, connect_retries=1, deadline=PATIENCE)
    connector = Connector(options_for(server.endpoint, retry=limits), clock.sleep)

    def rounds_that_fail() -> int:
        before = server.accepted
        with pytest.raises(errors.HostUnreachable):
            connector.connect()
        return int(server.accepted - before)

    assert rounds_that_fail() == 2
    is_up.append(True)
    opened(connector)
    is_up.clear()
    assert rounds_that_fail() > 5
    assert [rounds_that_fail() for _ in range(3)] == [2, 2, 2]
    is_up.append(True)
    opened(connector)
    is_up.clear()
    assert rounds_that_fail() > 5


def test_a_cancel_ends_the_wait_and_not_the_patience(peer: Peers, options_for: Options, clock: Clock) -> None:
    answers, cancelled = speaks_mysql(), threading.Event()

    def goes_down(each: Any, client: socket.socket) -> None:
        if each.accepted == 1:
            answers(each, client)
        elif each.accepted == 8:
            cancelled.set()

    server = peer(goes_down)
    limits = RetryOptions(connect_timeout=PATIENCE, connect_retries=1, deadline=PATIENCE)
    connector = Connector(options_for(server.endpoint, retry=limits), clock.sleep)
    opened(connector)
    with pytest.raises((errors.HostUnreachable, errors.SessionCancelled)):
        connector.connect(cancelled)
    tried = server.accepted
    with pytest.raises(errors.HostUnreachable):
        connector.connect()

    assert tried == 8
    assert server.accepted > tried + 5


# hosts


def test_a_host_that_failed_is_not_asked_again_while_another_answers(
    peer: Peers, mysql: Peers, options_for: Options, caplog: pytest.LogCaptureFixture
) -> None:
    dead, alive = peer(cuts), mysql()
    connector = Connector(options_for(dead.endpoint, alive.endpoint))

    for _ in range(3):
        connector.connect().close()

    assert (dead.accepted, alive.accepted) == (1, 3)
    assert [text for text in caplog.messages if "put aside" in text] == [
        f"{dead.endpoint} is put aside for 30 s (2013)"
    ]


def test_a_host_that_was_put_aside_is_tried_when_the_others_have_gone(
    peer: Peers, mysql: Peers, options_for: Options
) -> None:
    ready: list[bool] = []
    answers = speaks_mysql()

    def at_first_dead(each: Any, client: socket.socket) -> None:
        if ready:
            answers(each, client)

    first, second = peer(at_first_dead), mysql()
    connector = Connector(options_for(first.endpoint, second.endpoint))
    opened(connector)
    second.close()
    ready.append(True)

    with contextlib.closing(connector.connect()) as session:
        assert session.endpoint == first.endpoint


def test_a_full_server_is_asked_first_again(mysql: Peers, options_for: Options, wire: Any) -> None:
    full, other = mysql(login=wire.error(1040, "Too many connections")), mysql()

    opened(Connector(options_for(full.endpoint, other.endpoint)), times=2)

    assert (full.accepted, other.accepted) == (2, 2)


def test_a_tenant_that_is_elsewhere_is_looked_for_there(mysql: Peers, options_for: Options, wire: Any) -> None:
    first, second = mysql(login=wire.error(5150, "Tenant not in this server")), mysql()

    opened(Connector(options_for(first.endpoint, second.endpoint)), times=2)

    assert (first.accepted, second.accepted) == (1, 2)


def test_each_host_is_named_though_the_last_ends_the_round(
    closed_port: Endpoint, mysql: Peers, options_for: Options, wire: Any
) -> None:
    server = mysql(login=wire.error(1045, "Access denied"))

    with pytest.raises(errors.LoginRejected) as raised:
        opened(Connector(options_for(closed_port, server.endpoint, retries=3)))

    assert str(closed_port) in str(raised.value)
    assert str(server.endpoint) in str(raised.value)
    assert raised.value.code == 1045
    assert server.accepted == 1


def test_hosts_that_were_not_reached_in_time_are_named(peer: Peers, options_for: Options) -> None:
    silent, other = peer(lambda each, client: client.recv(1)), peer(cuts)
    retry = RetryOptions(connect_timeout=PATIENCE, connect_retries=0, deadline=0.3)

    with pytest.raises(errors.HostUnreachable, match=f"{other.endpoint}: not tried, connect_retry_deadline was over"):
        opened(Connector(options_for(silent.endpoint, other.endpoint, retry=retry)))

    assert other.accepted == 0


@pytest.mark.parametrize("hosts", [2, 4, 9])
def test_every_one_of_many_hosts_is_named(hosts: int, peer: Peers, options_for: Options) -> None:
    endpoints = [peer(cuts).endpoint for _ in range(hosts)]

    with pytest.raises(errors.HostUnreachable) as raised:
        opened(Connector(options_for(*endpoints)))

    assert all(str(endpoint) in str(raised.value) for endpoint in endpoints)


# discovery


@pytest.fixture
def discovers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Endpoint]]:
    """Return a function that makes servers list these others; it returns the list of the servers that were asked."""

    def make(*found: Endpoint | BaseException) -> list[Endpoint]:
        asked: list[Endpoint] = []

        def access_points(session: Any, login: LoginOptions, seconds: float) -> tuple[Endpoint, ...]:
            asked.append(session.endpoint)
            for each in found:
                if isinstance(each, BaseException):
                    raise each
            return found  # type: ignore[return-value]

        monkeypatch.setattr(discovery, "access_points", access_points)
        return asked

    return make


def test_the_servers_of_the_tenant_are_asked_for_once(
    mysql: Peers,
    options_for: Options,
    discovers: Callable[..., list[Endpoint]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    seed, other = mysql(), mysql()
    asked = discovers(other.endpoint)
    connector = Connector(options_for(seed.endpoint, discover=True))

    for _ in range(3):
        connector.connect().close()

    assert asked == [seed.endpoint]
    assert (seed.accepted, other.accepted) == (1, 2)
    assert f"servers of the tenant: {other.endpoint}" in caplog.messages


def test_they_are_asked_for_again_after_a_failure(
    mysql: Peers, options_for: Options, discovers: Callable[..., list[Endpoint]]
) -> None:
    seed, other = mysql(), mysql()
    asked = discovers(other.endpoint)
    connector = Connector(options_for(seed.endpoint, discover=True))
    opened(connector, times=2)
    other.close()

    opened(connector)

    assert asked == [seed.endpoint, seed.endpoint]


@pytest.mark.parametrize("is_one_right", [False, True])
def test_a_server_whose_certificate_is_for_another_name_is_left_out_with_one_warning(
    mysql: Peers,
    options_for: Options,
    discovers: Callable[..., list[Endpoint]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    is_one_right: bool,
) -> None:
    seed, right, tried = mysql(), mysql(), []
    wrong = [Endpoint("10.0.0.7"), Endpoint("10.0.0.8")]
    run = connectors.run

    def attempt_on(each: attempt.Attempt) -> Any:
        tried.append(each.request.endpoint)
        if each.request.endpoint in wrong:
            raise errors.TlsNameMismatch("IP address mismatch", 2026)
        return run(each)

    monkeypatch.setattr(connectors, "run", attempt_on)
    asked = discovers(*wrong, *([right.endpoint] if is_one_right else []))
    connector = Connector(options_for(seed.endpoint, discover=True))
    opened(connector, times=4)

    used = right.endpoint if is_one_right else seed.endpoint
    assert tried == [seed.endpoint, *wrong, used, used, used]
    assert asked == [seed.endpoint]
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warned) == 1
    assert warned[0].startswith("hosts auto: 10.0.0.7:2881 is not used, because its certificate is for another name")
    (right if is_one_right else seed).close()
    if is_one_right:  # the list is read again, and those two are not tried again
        opened(connector)
        assert asked == [seed.endpoint] * 2
        assert tried[6:] == [right.endpoint, seed.endpoint]


def test_a_server_that_is_left_out_does_not_end_the_wait_for_the_others(
    mysql: Peers,
    options_for: Options,
    discovers: Callable[..., list[Endpoint]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seed, wrong, tried = mysql(), Endpoint("10.0.0.7"), []
    run = connectors.run

    def attempt_on(each: attempt.Attempt) -> Any:
        tried.append(each.request.endpoint)
        if each.request.endpoint == wrong:
            raise errors.TlsNameMismatch("IP address mismatch", 2026)
        if len(tried) == 2:
            raise errors.HostUnreachable("connection refused", 2003)
        return run(each)

    monkeypatch.setattr(connectors, "run", attempt_on)
    discovers(seed.endpoint, wrong)
    connector = Connector(options_for(seed.endpoint, discover=True, retries=1), lambda seconds: None)
    opened(connector, times=2)

    assert tried == [seed.endpoint, seed.endpoint, wrong, seed.endpoint]


def test_a_server_of_the_profile_with_such_a_certificate_is_an_error(
    mysql: Peers, options_for: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Endpoint("ob1"), mysql()

    def attempt_on(each: attempt.Attempt) -> Any:
        raise errors.TlsNameMismatch(f"{each.request.endpoint}: Hostname mismatch", 2026)

    monkeypatch.setattr(connectors, "run", attempt_on)
    for discover in (False, True):
        with pytest.raises(errors.TlsNameMismatch, match=r"^ob1:2881: Hostname mismatch$"):
            opened(Connector(options_for(first, second.endpoint, discover=discover)))


def test_steps_are_told_of_the_servers(
    mysql: Peers, options_for: Options, discovers: Callable[..., list[Endpoint]], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Endpoint, ...]] = []
    monkeypatch.setattr(steps, "steps", lambda: (SimpleNamespace(hosts_changed=told.append),))
    seed = mysql()
    discovers(seed.endpoint, Endpoint("ob2"))

    opened(Connector(options_for(seed.endpoint, discover=True)))

    assert told == [(seed.endpoint, Endpoint("ob2"))]


def test_a_list_that_has_not_changed_is_no_event(
    mysql: Peers,
    options_for: Options,
    discovers: Callable[..., list[Endpoint]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    seed = mysql()
    discovers(seed.endpoint)

    Connector(options_for(seed.endpoint, discover=True)).connect().close()

    assert len(caplog.messages) == 1


def test_a_server_that_does_not_name_others_is_an_error(
    mysql: Peers, options_for: Options, discovers: Callable[..., list[Endpoint]]
) -> None:
    seed = mysql()
    asked = discovers(errors.DiscoveryFailed("no view"))
    connector = Connector(options_for(seed.endpoint, discover=True))

    for _ in range(2):
        with pytest.raises(errors.DiscoveryFailed, match="no view"):
            connector.connect()

    assert len(asked) == 2


@pytest.mark.parametrize("error", [errors.DiscoveryFailed("no view"), ValueError("no port"), KeyboardInterrupt()])
def test_nothing_stays_open_where_the_servers_could_not_be_asked_for(
    mysql: Peers, options_for: Options, discovers: Callable[..., list[Endpoint]], error: BaseException
) -> None:
    seed = mysql()
    discovers(error)

    with pytest.raises(type(error)):
        Connector(options_for(seed.endpoint, discover=True)).connect()

    until(lambda: b"\x01" in seed.received)  # COM_QUIT


# passwords


def command(folder: Path, *passwords: str) -> tuple[str, ...]:
    """Return a command that prints the next password at each run. The file ``runs`` in ``folder`` counts."""
    script = folder / "password.py"
    script.write_text(
        "import pathlib\n"
        f"runs = pathlib.Path({str(folder / 'runs')!r})\n"
        "count = len(runs.read_text()) if runs.exists() else 0\n"
        "runs.write_text('x' * (count + 1))\n"
        f"print({list(passwords)!r}[min(count, {len(passwords) - 1})])\n"
    )
    return (sys.executable, str(script))


def runs(folder: Path) -> int:
    return len((folder / "runs").read_text())


def refuses_first(refusals: int, wire: Any) -> Callable[[Any, socket.socket], None]:
    """Return a handler that refuses the first ``refusals`` logins."""
    answers = speaks_mysql()
    left = [None] * refusals

    def handle(each: Any, client: socket.socket) -> None:
        if not left:
            answers(each, client)
            return
        left.pop()
        client.sendall(wire.greeting())
        each.read(client)
        client.sendall(wire.packet(2, wire.error(1045, "Access denied")))

    return handle


def test_a_password_that_was_renewed_is_asked_for_again(
    peer: Peers, options_for: Options, wire: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    login = LoginOptions("dbt", password_command=command(tmp_path, "old", "new"))
    server = peer(refuses_first(1, wire))
    connector = Connector(options_for(server.endpoint, login=login))

    connector.connect().close()
    opened(connector)

    assert runs(tmp_path) == 2
    assert server.accepted == 3
    assert f"{server.endpoint} refused the password: password_command gave another one" in caplog.messages
    assert not any("old" in text or "new" in text for text in caplog.messages)


def test_a_password_is_renewed_once_only(peer: Peers, options_for: Options, wire: Any, tmp_path: Path) -> None:
    login = LoginOptions("dbt", password_command=command(tmp_path, "a", "b", "c"))
    server = peer(refuses_first(9, wire))

    with pytest.raises(errors.LoginRejected, match="access denied"):
        opened(Connector(options_for(server.endpoint, login=login, retries=3)))

    assert (runs(tmp_path), server.accepted) == (2, 2)


def test_the_same_password_is_not_tried_twice(peer: Peers, options_for: Options, wire: Any, tmp_path: Path) -> None:
    login = LoginOptions("dbt", password_command=command(tmp_path, "same"))
    server = peer(refuses_first(9, wire))

    with pytest.raises(errors.LoginRejected):
        opened(Connector(options_for(server.endpoint, login=login)))

    assert (runs(tmp_path), server.accepted) == (2, 1)


def test_a_password_that_a_step_has_set_is_not_renewed(
    peer: Peers, options_for: Options, wire: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def before_connect(request: steps.ConnectRequest) -> steps.ConnectRequest:
        return steps.ConnectRequest(request.endpoint, LoginOptions("ann", password="of the step"), request.tls)

    monkeypatch.setattr(steps, "steps", lambda: (SimpleNamespace(before_connect=before_connect),))
    login = LoginOptions("dbt", password_command=command(tmp_path, "old", "new"))
    server = peer(refuses_first(9, wire))

    with pytest.raises(errors.LoginRejected, match="'ann'"):
        opened(Connector(options_for(server.endpoint, login=login)))

    assert runs(tmp_path) == 1


# steps


def test_steps_are_told_how_an_attempt_ended(
    closed_port: Endpoint, mysql: Peers, options_for: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    step = SimpleNamespace(
        connected=lambda endpoint, session_id: told.append((endpoint, session_id)),
        connect_failed=lambda endpoint, error: told.append((endpoint, error.code)),
    )
    monkeypatch.setattr(steps, "steps", lambda: (step,))
    server = mysql()

    opened(Connector(options_for(closed_port, server.endpoint)))

    assert told == [(closed_port, 2003), (server.endpoint, 7)]


# other state that sessions share


def test_a_side_session_has_no_schema_and_stays_on_its_host(mysql: Peers, options_for: Options) -> None:
    first, second = mysql(), mysql()
    connector = Connector(options_for(first.endpoint, second.endpoint, session=SessionOptions(schema="shop")))

    connector.open_control_session(second.endpoint, PATIENCE).close()

    assert (first.accepted, second.accepted) == (0, 1)
    assert not any(b"use `shop`" in each for each in second.received)


def fake_session(family: int, place: Any, **connection: bool) -> Any:
    def getpeername() -> Any:
        if isinstance(place, Exception):
            raise place
        return (place, 2881)

    link = SimpleNamespace(family=family, getpeername=getpeername)
    state = {"link_is_verified": False, "link_is_encrypted": False, **connection}
    return SimpleNamespace(link=link, endpoint=Endpoint("ob1"), connection=SimpleNamespace(**state))


@pytest.mark.parametrize(
    ("session", "part"),
    [
        (fake_session(socket.AF_INET, "10.0.0.7"), "the link to ob1:2881 is plain text: set ssl_mode"),
        (fake_session(socket.AF_INET6, "fe80::1%eth0"), "is plain text"),
        (fake_session(socket.AF_INET, "10.0.0.7", link_is_encrypted=True), "the server has not proven who it is"),
        (fake_session(socket.AF_INET, OSError("gone")), "is plain text"),
        (fake_session(socket.AF_INET, "10.0.0.7", link_is_verified=True), None),
        (fake_session(socket.AF_INET, "127.0.0.1"), None),
        (fake_session(socket.AF_INET6, "::1"), None),
        (fake_session(socket.AF_UNIX, ""), None),
    ],
)
def test_a_link_that_others_could_read_is_warned_of(session: Any, part: str | None) -> None:
    text = attempt.link_caution(session)

    assert text is None if part is None else part in str(text)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_the_warning_is_logged_once(
    mysql: Peers, options_for: Options, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(attempt, "_is_local", lambda link: False)
    connector = Connector(options_for(mysql().endpoint))
    assert warnings(caplog) == []

    opened(connector, times=3)

    (text,) = warnings(caplog)
    assert "is plain text" in text


def test_a_link_on_this_machine_is_not_warned_of(
    mysql: Peers, options_for: Options, caplog: pytest.LogCaptureFixture
) -> None:
    connector = Connector(options_for(mysql().endpoint))

    opened(connector)

    assert warnings(caplog) == []


def test_closing_a_connector_closes_its_bastion(
    mysql: Peers, options_for: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, calls = mysql(), []
    monkeypatch.setattr(
        Bastion,
        "open_socket",
        lambda self, endpoint, timeout: (
            calls.append("open") or socket.create_connection((endpoint.host, endpoint.port), timeout)
        ),
    )
    monkeypatch.setattr(Bastion, "close", lambda self: calls.append("close"))
    connector = Connector(options_for(server.endpoint, ssh=SshOptions("bastion", "dbt")))

    opened(connector)
    connector.close()
    Connector(options_for(server.endpoint)).close()

    assert calls == ["open", "close"]


def test_an_engine_that_died_is_forgotten(
    closed_port: Endpoint, options_for: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, forgotten = EngineOptions("/warehouse"), []
    monkeypatch.setattr(embedded, "start", lambda options: closed_port)
    monkeypatch.setattr(embedded, "forget_dead", forgotten.append)
    connector = Connector(options_for(engine=engine, retries=2), lambda seconds: None)

    with pytest.raises(errors.HostUnreachable):
        connector.connect()

    assert forgotten == [engine] * 3


def test_a_connector_shows_where_it_leads(options_for: Options) -> None:
    login = LoginOptions("dbt", password="s3cr3t-word")

    assert repr(Connector(options_for(Endpoint("ob1"), login=login))) == "<Connector to <HostList ordered: ob1:2881>>"
    assert "warehouse" in repr(Connector(options_for(engine=EngineOptions("/warehouse"), login=login)))
