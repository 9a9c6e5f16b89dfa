"""``hosts: auto``: the endpoints made from a server's list of access points, and the error for a server without one."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect import errors
from dbt.adapters.oceanbase.connect.opening import discovery
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, TlsOptions
from dbt.adapters.oceanbase.connect.session import driver
from dbt.adapters.oceanbase.connect.session.session import Session

LOGIN = LoginOptions("dbt", "analytics", "obdemo", "s3cr3t-word")
EOF = b"\xfe\x00\x00\x02\x00"
COLUMNS = ("tenant_name", "svr_ip", "sql_port")

Rows = list[tuple[str, str, int]]
Peers = Callable[..., Any]


def text(value: object) -> bytes:
    raw = str(value).encode()
    return bytes([len(raw)]) + raw


def column(name: str) -> bytes:
    names = b"".join(text(each) for each in ("def", "oceanbase", "v", "v", name, name))
    return names + b"\x0c" + struct.pack("<HIBHB", 45, 256, 0xFD, 0, 0) + b"\x00\x00"


def result(wire: Any, rows: Rows) -> bytes:
    payloads = [bytes([len(COLUMNS)]), *map(column, COLUMNS), EOF]
    payloads += [b"".join(map(text, row)) for row in rows]
    return b"".join(wire.packet(number + 1, each) for number, each in enumerate([*payloads, EOF]))


def answers(wire: Any, answer: bytes) -> Callable[[Any, socket.socket], None]:
    """A server that accepts any login and answers the first statement by ``packets``; without any it hangs up."""

    def handle(peer: Any, client: socket.socket) -> None:
        client.sendall(wire.greeting())
        peer.read(client)
        client.sendall(wire.packet(2, wire.OK))
        peer.read(client)
        client.sendall(answer)
        if answer:
            peer.read(client)

    return handle


@contextlib.contextmanager
def session_on(endpoint: Endpoint) -> Iterator[Session]:
    connection = driver.new_connection(endpoint, LOGIN, TlsOptions("disabled"), "utf8mb4")
    sock = socket.create_connection((endpoint.host, endpoint.port))
    connection.connect(sock)
    with contextlib.closing(Session(connection, endpoint, sock.dup())) as session:
        yield session


def asked(peer: Peers, wire: Any, rows: Rows, login: LoginOptions = LOGIN) -> tuple[Endpoint, ...]:
    with session_on(peer(answers(wire, result(wire, rows))).endpoint) as session:
        return discovery.access_points(session, login, PATIENCE)


def test_each_row_becomes_an_endpoint(peer: Peers, wire: Any) -> None:
    rows = [("analytics", "10.0.0.7", 2881), ("analytics", "10.0.0.8", 3881), ("analytics", "fd00::9", 2881)]

    assert asked(peer, wire, rows) == (
        Endpoint("10.0.0.7", 2881),
        Endpoint("10.0.0.8", 3881),
        Endpoint("fd00::9", 2881),
    )


def test_the_order_does_not_depend_on_the_server(peer: Peers, wire: Any) -> None:
    server = peer(answers(wire, result(wire, [("analytics", "10.0.0.7", 2881)])))

    with session_on(server.endpoint) as session:
        discovery.access_points(session, LOGIN, PATIENCE)

    assert server.received[1] == (
        b"\x03select tenant_name, svr_ip, sql_port from oceanbase.DBA_OB_ACCESS_POINT order by svr_ip, sql_port"
    )


def test_a_server_named_twice_is_one_endpoint(peer: Peers, wire: Any) -> None:
    assert asked(peer, wire, [("analytics", "10.0.0.7", 2881)] * 2) == (Endpoint("10.0.0.7", 2881),)


def test_rows_of_one_tenant_are_taken_whatever_the_login_calls_it(peer: Peers, wire: Any) -> None:
    assert asked(peer, wire, [("t4louaeei", "10.0.0.7", 2881)]) == (Endpoint("10.0.0.7", 2881),)


SEVERAL = [("analytics", "10.0.0.7", 2881), ("sys", "10.0.0.1", 2881), ("Other", "10.0.0.9", 2881)]


@pytest.mark.parametrize(
    ("login", "ip"),
    [
        (LOGIN, "10.0.0.7"),
        (LoginOptions("dbt@analytics"), "10.0.0.7"),
        (LoginOptions("dbt@other#obdemo"), "10.0.0.9"),
        (LoginOptions("root"), "10.0.0.1"),
    ],
)
def test_among_rows_of_several_tenants_the_login_tells_which(
    login: LoginOptions, ip: str, peer: Peers, wire: Any
) -> None:
    assert asked(peer, wire, SEVERAL, login) == (Endpoint(ip, 2881),)


@pytest.mark.parametrize("rows", [[], SEVERAL])
def test_no_row_of_the_tenant_is_refused(rows: Rows, peer: Peers, wire: Any) -> None:
    with pytest.raises(errors.DiscoveryFailed) as caught:
        asked(peer, wire, rows, LoginOptions("dbt", "nobody"))

    assert str(caught.value) == (
        "hosts auto: oceanbase.DBA_OB_ACCESS_POINT names no server of tenant 'nobody': list the servers in hosts"
    )


def refused(peer: Peers, wire: Any, code: int, said: str = "what the server said") -> errors.ConnectError:
    server = peer(answers(wire, wire.packet(1, wire.error(code, said))))
    with session_on(server.endpoint) as session, pytest.raises(errors.ConnectError) as caught:
        discovery.access_points(session, LOGIN, PATIENCE)
    assert (caught.value.code, caught.value.host) == (code, str(server.endpoint))
    assert len(str(caught.value)) <= 300
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("code", [1146, 1109, 1049])
def test_a_server_without_the_view(code: int, peer: Peers, wire: Any) -> None:
    error = refused(peer, wire, code)

    assert type(error) is errors.DiscoveryFailed
    assert str(error) == (
        "hosts auto: this server has no view oceanbase.DBA_OB_ACCESS_POINT (seekdb, or OceanBase before 4.x): "
        "list the servers in hosts"
    )


@pytest.mark.parametrize("code", [1142, 1143, 1044, 1227])
def test_a_user_who_may_not_read_the_view(code: int, peer: Peers, wire: Any) -> None:
    error = refused(peer, wire, code)

    assert type(error) is errors.DiscoveryFailed
    assert str(error) == (
        f"hosts auto: the user may not read oceanbase.DBA_OB_ACCESS_POINT ({code}): "
        "grant it select on that view, or list the servers in hosts"
    )


def test_any_other_error_keeps_what_the_server_said(peer: Peers, wire: Any) -> None:
    error = refused(peer, wire, 4016, "Internal\nerror" + " and so on" * 90)

    assert type(error) is errors.DiscoveryFailed
    assert str(error).startswith("hosts auto: oceanbase.DBA_OB_ACCESS_POINT cannot be read (4016): Internal error and")
    assert str(error).endswith(": list the servers in hosts")


def test_a_lost_link_is_one_that_is_worth_another_try(peer: Peers, wire: Any) -> None:
    with (
        session_on(peer(answers(wire, b"")).endpoint) as session,
        pytest.raises(errors.HostUnreachable) as caught,
    ):
        discovery.access_points(session, LOGIN, PATIENCE)

    assert caught.value.retryable
    assert "(2013)" in str(caught.value)


def test_a_server_that_does_not_answer_is_left_in_time(peer: Peers, wire: Any) -> None:
    begun = wire.packet(1, bytes([len(COLUMNS)]))

    with session_on(peer(answers(wire, begun)).endpoint) as session, pytest.raises(errors.HostUnreachable) as caught:
        discovery.access_points(session, LOGIN, 0.2)

    assert "within 0.2 s (2013)" in str(caught.value)
    assert not session.is_usable


@pytest.mark.parametrize(
    ("login", "tenant"),
    [
        (LoginOptions("dbt"), "sys"),
        (LoginOptions("dbt", "analytics"), "analytics"),
        (LoginOptions("dbt", "analytics", "obdemo"), "analytics"),
        (LoginOptions("dbt@analytics"), "analytics"),
        (LoginOptions("dbt@analytics#obdemo"), "analytics"),
    ],
)
def test_the_tenant_that_a_login_names(login: LoginOptions, tenant: str) -> None:
    assert discovery.tenant_of(login) == tenant
