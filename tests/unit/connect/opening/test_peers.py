"""Opening a session on peers that are silent, slow, hostile, or no MySQL servers."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from faults import rogue
from support.outside import PATIENCE, until

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, errors
from dbt.adapters.oceanbase.connect.options import Endpoint, RetryOptions, TlsOptions
from dbt.adapters.oceanbase.connect.session.session import Session
from dbt.adapters.oceanbase.connect.transport import sockets
from dbt.adapters.oceanbase.connect.transport.deadline import Deadline

Options = Callable[..., ConnectOptions]
PASSWORD = b"s3cr3t-word"
REVEALING = ["mysql_clear_password", "dialog", "sha256_password", "caching_sha2_password"]


def says(text: bytes) -> Callable[[Any, socket.socket], None]:
    def handle(peer: Any, client: socket.socket) -> None:
        client.sendall(text)

    return handle


def http(peer: Any, client: socket.socket) -> None:
    peer.received.append(client.recv(100))
    client.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")


def fails(options: ConnectOptions) -> tuple[errors.ConnectError, float]:
    started = time.monotonic()
    with pytest.raises(errors.ConnectError) as raised:
        Connector(options, lambda seconds: None).connect()
    text = str(raised.value)
    assert len(text) <= 300
    assert "\n" not in text
    assert PASSWORD.decode() not in text
    return raised.value, time.monotonic() - started


def test_a_silent_peer_is_left_after_the_timeout(peer: Callable[..., Any], options_for: Options) -> None:
    server = peer(rogue.silent)

    error, seconds = fails(options_for(server.endpoint, seconds=0.5))

    assert type(error) is errors.HostUnreachable
    assert str(error).startswith(f"{server.endpoint}: no session within 0.5 s (2013); check that an OceanBase server")
    assert 0.4 < seconds < PATIENCE


def test_a_peer_that_drips_bytes_is_left_after_the_timeout(peer: Callable[..., Any], options_for: Options) -> None:
    def drips(peer: Any, client: socket.socket) -> None:
        client.sendall((60_000).to_bytes(3, "little") + b"\0")  # a greeting that takes more than an hour
        while True:
            client.sendall(b"x")
            time.sleep(0.1)

    error, seconds = fails(options_for(peer(drips).endpoint, seconds=0.5))

    assert "no session within 0.5 s" in str(error)
    assert 0.4 < seconds < PATIENCE


def test_a_server_that_answers_no_statement_is_left_after_the_timeout(
    peer: Callable[..., Any], options_for: Options, wire: Any
) -> None:
    def handle(peer: Any, client: socket.socket) -> None:
        client.sendall(wire.greeting())
        peer.read(client)
        client.sendall(wire.packet(2, wire.OK))
        client.recv(1000)
        client.recv(1000)

    error, _ = fails(options_for(peer(handle).endpoint, seconds=0.5))

    assert type(error) is errors.HostUnreachable
    assert "no session within 0.5 s" in str(error)


@pytest.mark.parametrize(
    "handle",
    [http, says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), says(b"SSH-2.0-OpenSSH_9.2\r\n"), says(b"220 mail ESMTP\r\n")],
    ids=["waits for a request", "speaks http first", "ssh", "smtp"],
)
def test_another_kind_of_server_is_fatal_at_once(
    peer: Callable[..., Any],
    options_for: Options,
    handle: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sockets, "PROBE_SECONDS", PATIENCE)
    server, seconds = peer(handle), 0.5 if handle is http else PATIENCE

    with pytest.raises(errors.NotMySQL) as raised:
        Connector(options_for(server.endpoint, seconds=seconds, retries=5), lambda seconds: None).connect()

    assert str(raised.value).startswith(f"no MySQL protocol on {server.endpoint} (2027)")
    assert "2881" in str(raised.value)
    assert len(caplog.messages) == 1


def test_a_refused_port(closed_port: Endpoint, options_for: Options) -> None:
    slept: list[float] = []

    with pytest.raises(errors.HostUnreachable, match=rf"{closed_port} \(2003\): Connection refused; check host"):
        Connector(options_for(closed_port, retries=2), slept.append).connect()

    assert len(slept) == 2


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "h" * 70 + ".example"])
def test_a_name_that_does_not_exist(host: str, options_for: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo

    def without_network(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(name, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", without_network)

    error, _ = fails(options_for(Endpoint(host), retries=9))

    assert type(error) in (errors.HostUnknown, errors.HostUnreachable)
    assert "check host" in str(error)


def test_the_next_host_is_tried_at_once(closed_port: Endpoint, mysql: Callable[..., Any], options_for: Options) -> None:
    server, slept = mysql(), []

    Connector(options_for(closed_port, server.endpoint, retries=3), slept.append).connect().close()

    assert not slept


def test_every_host_stands_in_the_last_error(
    closed_port: Endpoint, options_for: Options, mysql: Callable[..., Any], wire: Any
) -> None:
    elsewhere = mysql(login=wire.error(5150, "Tenant not in this server"))

    error, _ = fails(options_for(closed_port, elsewhere.endpoint))

    assert type(error) is errors.HostUnreachable
    assert str(closed_port) in str(error)
    assert str(elsewhere.endpoint) in str(error)


def test_a_wrong_password_is_not_tried_on_another_host(
    mysql: Callable[..., Any], options_for: Options, wire: Any
) -> None:
    first, second = mysql(login=wire.error(1045, "Access denied")), mysql()

    error, _ = fails(options_for(first.endpoint, second.endpoint, retries=5))

    assert type(error) is errors.LoginRejected
    assert (first.accepted, second.accepted) == (1, 0)
    assert "user@tenant#cluster" in str(error)


def test_all_attempts_together_keep_the_deadline(peer: Callable[..., Any], options_for: Options) -> None:
    endpoints = [peer(rogue.silent).endpoint for _ in range(4)]
    retry = RetryOptions(connect_timeout=2 * PATIENCE, connect_retries=5, deadline=0.5)

    _, seconds = fails(options_for(*endpoints, retry=retry))

    assert seconds < PATIENCE


def test_the_login_is_the_string_that_oceanbase_parses(mysql: Callable[..., Any], options_for: Options) -> None:
    server = mysql()

    Connector(options_for(server.endpoint)).connect().close()

    assert b"dbt@analytics#obdemo\0" in server.received[0]
    assert PASSWORD not in server.received[0]


@pytest.mark.parametrize("plugin", REVEALING)
@pytest.mark.parametrize("mode", ["disabled", "preferred"])
def test_a_server_that_switches_to_a_revealing_plugin_gets_no_password(
    peer: Callable[..., Any], options_for: Options, plugin: str, mode: str
) -> None:
    server = peer(rogue.switches_to(plugin))

    error, _ = fails(options_for(server.endpoint, retries=5, tls=TlsOptions(mode)))  # type: ignore[arg-type]

    assert type(error) is errors.LoginRejected
    assert "(2059)" in str(error)
    assert server.accepted == 1
    assert not any(PASSWORD in each for each in server.received)
    assert len(server.received) == 1  # the login alone


@pytest.mark.parametrize("plugin", REVEALING)
def test_a_server_that_begins_with_a_revealing_plugin_gets_nothing(
    peer: Callable[..., Any], options_for: Options, wire: Any, plugin: str
) -> None:
    def handle(peer: Any, client: socket.socket) -> None:
        client.sendall(wire.greeting(plugin))
        peer.read(client)

    server = peer(handle)

    error, _ = fails(options_for(server.endpoint, retries=5))

    assert type(error) is errors.LoginRejected
    assert not server.received


def test_a_link_that_breaks_in_the_tls_handshake_names_the_remedy(
    peer: Callable[..., Any], options_for: Options, wire: Any
) -> None:
    def handle(peer: Any, client: socket.socket) -> None:
        client.sendall(wire.greeting(capabilities=0x00088201 | wire.CAN_TLS))
        peer.read(client)

    error, _ = fails(options_for(peer(handle).endpoint))

    assert f"TLS to {error.host}" in str(error)
    assert "ssl_mode" in str(error)


@pytest.mark.parametrize("mode", ["required", "verify_ca", "verify_identity"])
def test_a_server_without_tls_is_refused_where_tls_is_asked_for(
    mysql: Callable[..., Any], options_for: Options, mode: str
) -> None:
    server = mysql()

    error, _ = fails(options_for(server.endpoint, retries=5, tls=TlsOptions(mode)))  # type: ignore[arg-type]

    assert type(error) is errors.TlsFailed
    assert (server.accepted, server.received) == (1, [])


def test_keep_alive_on_a_tcp_socket(mysql: Callable[..., Any], options_for: Options) -> None:
    with contextlib.closing(Connector(options_for(mysql().endpoint)).connect()) as session:

        def option(level: int, name: str) -> int:
            return session.link.getsockopt(level, getattr(socket, name))

        assert option(socket.SOL_SOCKET, "SO_KEEPALIVE") == 1
        assert option(socket.IPPROTO_TCP, "TCP_NODELAY") == 1
        assert option(socket.IPPROTO_TCP, "TCP_KEEPIDLE") == 60
        assert option(socket.IPPROTO_TCP, "TCP_KEEPINTVL") == 15
        assert option(socket.IPPROTO_TCP, "TCP_KEEPCNT") == 4
        assert option(socket.IPPROTO_TCP, "TCP_USER_TIMEOUT") == 120_000
        assert session.link.gettimeout() is None


def test_a_name_with_several_addresses_keeps_one_timeout(
    mysql: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    shares: list[float] = []
    connect = sockets._connected

    def connected(family: int, address: Any, seconds: float) -> socket.socket:
        # a thousand times as fast as the clock of the test
        shares.append(seconds)
        return connect(family, address, seconds / 1000)

    good = mysql().endpoint
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    taken = [socket.socket() for _ in range(4)]
    for each in taken:
        each.setblocking(False)
        each.connect_ex(full.getsockname())
    addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", full.getsockname())] * 2
    addresses.append((socket.AF_INET, socket.SOCK_STREAM, 6, "", (good.host, good.port)))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: addresses)
    monkeypatch.setattr(sockets, "_connected", connected)
    monkeypatch.setattr(sockets, "time", SimpleNamespace(monotonic=lambda: sum(shares)))

    sock = sockets.open_socket(Endpoint("several"), 600)

    assert sock.getpeername() == (good.host, good.port)
    assert shares == [200, 200, 200]
    for each in (sock, full, *taken):
        each.close()


def test_a_deadline_that_passes_after_the_end_does_nothing() -> None:
    ours, theirs = socket.socketpair()
    deadline = Deadline(ours, 3600)
    with deadline:
        pass

    deadline._expire()

    assert not deadline.expired
    ours.sendall(b"x")
    assert theirs.recv(1) == b"x"
    ours.close()
    theirs.close()


def count(wanted: int) -> int:
    """Return the number of open descriptors, after a time for the peer to close its own."""
    with contextlib.suppress(AssertionError):
        until(lambda: len(os.listdir("/proc/self/fd")) <= wanted, step=0.01)
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("way", ["good", "rejected", "reset", "refused", "setting", "tls", "certificate", "garbage"])
def test_no_descriptor_is_left_open(
    way: str,
    mysql: Callable[..., Any],
    peer: Callable[..., Any],
    options_for: Options,
    wire: Any,
    closed_port: Endpoint,
) -> None:
    cut_in_tls = switches_to_tls(wire)
    endpoint = {
        "good": lambda: mysql().endpoint,
        "rejected": lambda: mysql(login=wire.error(1045, "no")).endpoint,
        "reset": lambda: peer(says(b"")).endpoint,
        "refused": lambda: closed_port,
        "setting": lambda: mysql({"set": wire.error(1193, "no")}).endpoint,
        "tls": lambda: peer(cut_in_tls).endpoint,
        "certificate": lambda: mysql().endpoint,
        "garbage": lambda: peer(says(b"HTTP/1.1 400 Bad\r\n\r\n")).endpoint,
    }[way]()
    tls = TlsOptions("verify_ca", ca="/dev/null") if way == "certificate" else TlsOptions()
    options = options_for(endpoint, tls=tls)
    kept = []
    gc.disable()
    try:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(200):
            try:
                Connector(options).connect().close()
            except errors.ConnectError as error:  # noqa: PERF203 - each is kept, with all that its frames hold
                kept.append(error)

        assert count(before) <= before
    finally:
        gc.enable()
    assert len(kept) == (0 if way == "good" else 200)


def switches_to_tls(wire: Any) -> Callable[[Any, socket.socket], None]:
    def handle(peer: Any, client: socket.socket) -> None:
        client.sendall(wire.greeting(capabilities=0x00088201 | wire.CAN_TLS))
        peer.read(client)
        client.sendall(b"no TLS at all")

    return handle


def test_no_descriptor_is_left_open_when_the_process_has_none_to_spare(
    mysql: Callable[..., Any], options_for: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = mysql()

    def no_more(self: socket.socket) -> socket.socket:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(socket.socket, "dup", no_more)
    before = len(os.listdir("/proc/self/fd"))

    with pytest.raises(errors.ConnectError, match="Too many open files"):
        Connector(options_for(server.endpoint)).connect()

    assert count(before) <= before + 1  # the peer's end


def test_an_interrupt_while_opening_leaves_nothing_open(
    mysql: Callable[..., Any], options_for: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = mysql()

    def interrupted(self: Any, options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dbt.adapters.oceanbase.connect.session.session.Session.apply", interrupted)
    before, others = len(os.listdir("/proc/self/fd")), threading.enumerate()

    with pytest.raises(KeyboardInterrupt):
        Connector(options_for(server.endpoint)).connect()

    assert count(before) <= before + 1
    timers = [each for each in threading.enumerate() if isinstance(each, threading.Timer) and each not in others]
    # the thread of a timer that was cancelled may take a moment to end
    assert not [timer for timer in timers if not timer.finished.is_set()]


def test_a_link_cut_while_tls_is_set_up_says_so(peer: Callable[..., Any], options_for: Options, wire: Any) -> None:
    def handle(peer: Any, client: socket.socket) -> None:
        client.sendall(wire.greeting(capabilities=wire.CAPABILITIES | wire.CAN_TLS))
        peer.read(client)
        client.recv(1)  # the rest of the handshake is unread: closing sends RST

    server = peer(handle)

    error, _ = fails(options_for(server.endpoint, tls=TlsOptions("required")))

    assert str(error).startswith(f"TLS to {server.endpoint} was cut off (2013)")
    assert "ssl_mode disabled" in str(error)


def test_a_session_that_is_ready_too_late_is_none(
    peer: Callable[..., Any], options_for: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = peer(rogue.speaks_mysql())

    def apply(self: Session, settings: Any) -> None:
        time.sleep(1)

    monkeypatch.setattr(Session, "apply", apply)

    error, _ = fails(options_for(server.endpoint, seconds=0.5))

    assert "no session within 0.5 s (2013)" in str(error)


def test_a_name_that_nobody_finds_in_time(options_for: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **named: done.wait(2 * PATIENCE))

    error, seconds = fails(options_for(Endpoint("slow.example", 2881), seconds=0.3))
    done.set()

    assert "slow.example:2881: no session within 0.3 s" in str(error)
    assert seconds < PATIENCE


def test_a_unix_socket_with_a_full_queue_is_waited_for(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a unix socket has at most 107 bytes
    endpoint = Endpoint(unix_socket="s")
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind("s")
        listener.listen(0)
        first.connect("s")
        with pytest.raises(TimeoutError):
            sockets.open_socket(endpoint, 0.1)
        timer = threading.Timer(0.3, listener.accept)
        timer.start()

        sockets.open_socket(endpoint, PATIENCE).close()


def test_a_system_without_all_options_of_keep_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "TCP_USER_TIMEOUT")
    with socket.socket() as sock:
        sockets.keep_alive(sock)

        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == sockets.KEEP_IDLE
