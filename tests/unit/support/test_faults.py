"""The fault proxies and fake servers work as documented; other tests rely on them."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from faults import netns, rogue, wire
from faults.odp import Odp
from faults.tcp_proxy import FaultProxy, Link
from support.outside import PATIENCE, until

TAKES_DATABASE = 0x00000008


def echo_selects(peer: rogue.Peer, client: socket.socket) -> None:
    """Answer a statement that begins with ``select`` by its own text, and all other statements by OK."""
    client.sendall(wire.greeting(capabilities=wire.CAPABILITIES | TAKES_DATABASE, session=peer.accepted))
    peer.read(client)
    client.sendall(wire.packet(2, wire.OK))
    while True:
        statement = wire.statement_of(peer.read(client))
        if statement.startswith("select"):
            client.sendall(wire.one_value("a", statement))
        else:
            client.sendall(wire.packet(1, wire.OK))


@pytest.fixture
def peer() -> Iterator[rogue.Peer]:
    with rogue.Peer(echo_selects) as found:
        yield found


@pytest.fixture
def proxy(peer: rogue.Peer) -> Iterator[FaultProxy]:
    with FaultProxy(("127.0.0.1", peer.port)) as found:
        yield found


class Client(pymysql.connections.Connection):
    """A connection that sends no statements by itself."""

    def set_character_set(self, charset: str, collation: str | None = None) -> None:
        del charset, collation


def connect(proxy: FaultProxy, user: str = "root", **options: Any) -> Client:
    arguments = {"user": user, "password": "x", "ssl_disabled": True, "autocommit": None, "read_timeout": PATIENCE}
    return Client(**{**proxy.profile, **arguments, **options})


def value(connection: pymysql.Connection, statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
        return row[0] if row else None


def code(connection: pymysql.Connection, statement: str) -> int:
    with pytest.raises(pymysql.MySQLError) as raised:
        value(connection, statement)
    return int(raised.value.args[0])


def received(peer: rogue.Peer) -> list[str]:
    """Return the statements that arrived at the server."""
    return [payload[1:].decode() for payload in list(peer.received) if payload[0] == wire.QUERY]


class TestRecording:
    def test_statements_are_recorded_by_connection(self, proxy: FaultProxy) -> None:
        first, second = connect(proxy), connect(proxy)
        value(second, "select 2")
        value(first, "select 1")
        first.commit()
        second.close()

        until(lambda: len(proxy.open_links) == 1)
        assert proxy.connections == [["select 1", "COMMIT"], ["select 2", "<quit>"]]
        assert proxy.accepted == 2
        assert [link.session for link in proxy.links] == [1, 2]

    def test_a_statement_in_two_packets_is_recorded_once(self) -> None:
        stream = wire.ClientStream()
        most = 2**24 - 1
        data = wire.packet(1, b"login") + wire.query("i" * (most - 1)) + wire.packet(1, b"nsert") + wire.query("next")

        found = [piece for i in range(0, len(data), 65_536) for piece in stream.feed(data[i : i + 65_536])]

        assert [(piece.kind, len(piece.payload)) for piece in found] == [
            *(("login", 5), ("statement", most), ("data", 5), ("statement", 5))
        ]

    def test_two_packets_in_one_read_are_separated(self) -> None:
        stream = wire.ClientStream()
        data = wire.packet(1, b"login" * 9) + wire.query("select 1") + wire.packet(0, b"\x0e") + wire.query("select 2")

        found = [piece for i in range(len(data)) for piece in stream.feed(data[i : i + 1])]

        assert b"".join(piece.data for piece in found) == data
        assert [piece.text for piece in found] == ["", "select 1", "<ping>", "select 2"]

    def test_bytes_after_a_request_for_tls_are_not_parsed(self) -> None:
        stream = wire.ClientStream()
        request = wire.packet(1, wire.CAN_TLS.to_bytes(4, "little") + bytes(28))
        secret = wire.query("select 1")

        found = [*stream.feed(request + secret[:3]), *stream.feed(secret[3:])]

        assert [piece.kind for piece in found] == ["data"] * 3
        assert b"".join(piece.data for piece in found) == request + secret

    def test_clear_keeps_open_connections(self, proxy: FaultProxy) -> None:
        connection, gone = connect(proxy), connect(proxy)
        gone.close()
        until(lambda: len(proxy.open_links) == 1)

        proxy.clear()
        value(connection, "select 1")

        assert (proxy.connections, proxy.accepted) == ([["select 1"]], 0)

    def test_unix_sockets_on_either_side(self, proxy: FaultProxy, tmp_path: Path) -> None:
        with FaultProxy(("127.0.0.1", proxy.port), path=tmp_path / "s") as front, FaultProxy(tmp_path / "s") as tcp:
            assert value(connect(tcp), "select 1") == "select 1"
            assert front.statements == tcp.statements == proxy.statements == ["select 1"]


class TestAtAStatement:
    def test_before_means_that_the_server_gets_nothing(self, proxy: FaultProxy, peer: rogue.Peer) -> None:
        rule = proxy.at("insert", "before")
        connection = connect(proxy)
        value(connection, "select 1")

        assert code(connection, "INSERT into t") == 2013
        rule.wait()
        assert received(peer) == ["select 1"]
        assert proxy.statements == ["select 1", "INSERT into t"]

    def test_a_lost_acknowledgement(self, proxy: FaultProxy, peer: rogue.Peer) -> None:
        rule = proxy.at("commit", "answered", nth=2)
        connection = connect(proxy)
        connection.commit()

        with pytest.raises(pymysql.err.OperationalError, match="2013"):
            connection.commit()

        assert received(peer) == ["COMMIT", "COMMIT"]
        assert (rule.seen, rule.hits) == (2, 1)
        connect(proxy).commit()

    def test_a_connection_cut_within_an_answer(self, proxy: FaultProxy) -> None:
        proxy.at("select", "answered", after=20)
        sock = raw_login(proxy)

        sock.sendall(wire.query("select 1"))

        assert read_all(sock) == wire.one_value("a", "select 1")[:20]

    def test_an_answer_shorter_than_after_ends_the_rule(self, proxy: FaultProxy) -> None:
        rule = proxy.at("select 1", "answered", after=10_000)
        connection = connect(proxy)

        assert value(connection, "select 1") == "select 1"
        assert value(connection, "select 2") == "select 2"
        assert rule.hits == 0

    def test_a_predicate_that_applies_each_time(self, proxy: FaultProxy) -> None:
        rule = proxy.at(lambda text: text == "select 1", "before", Link.reset, times=None)
        assert [code(connect(proxy), "select 1") for _ in range(3)] == [2013] * 3
        assert value(connect(proxy), "select 11") == "select 11"
        assert rule.hits == 3

    def test_sent_means_that_the_server_has_the_statement(self, proxy: FaultProxy, peer: rogue.Peer) -> None:
        proxy.at("select 1", "sent", lambda link: until(lambda: received(peer) == ["select 1"]))

        assert value(connect(proxy), "select 1") == "select 1"

    def test_an_action_at_sent_runs_before_the_answer_passes(self, proxy: FaultProxy, peer: rogue.Peer) -> None:
        def cut_late(link: Link) -> None:
            until(lambda: received(peer) == ["select 1"])
            time.sleep(0.2)  # enough time for the answer to pass
            link.cut()

        proxy.at("select 1", "sent", cut_late)

        assert code(connect(proxy), "select 1") == 2013

    def test_an_exception_of_an_action_is_raised_and_cuts_the_connection(self, peer: rogue.Peer) -> None:
        proxy = FaultProxy(("127.0.0.1", peer.port))
        rule = proxy.at("select 1", "before", lambda link: 1 / 0)

        assert code(connect(proxy), "select 1") == 2013
        with pytest.raises(ZeroDivisionError):
            rule.wait()
        with pytest.raises(ZeroDivisionError):
            proxy.__exit__(None, None, None)

    def test_a_black_hole_delays_an_answer(self, proxy: FaultProxy) -> None:
        rule = proxy.at("select 1", "answered", Link.black_hole)
        connection, other = connect(proxy), connect(proxy)
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(value(connection, "select 1")))
        thread.start()
        rule.wait()

        assert value(other, "select 2") == "select 2"
        assert not found
        proxy.restore()
        thread.join(PATIENCE)
        assert found == ["select 1"]


def raw_login(proxy: FaultProxy) -> socket.socket:
    """Log in without a driver, so that a test sees the bytes that it receives."""
    sock = socket.create_connection((proxy.host, proxy.port))
    sock.settimeout(PATIENCE)
    wire.read_packet(sock)
    sock.sendall(wire.packet(1, (0x88201).to_bytes(4, "little") + bytes(28) + b"root\0\0" + wire.NATIVE.encode()))
    wire.read_packet(sock)
    return sock


def read_all(sock: socket.socket) -> bytes:
    data = b""
    while more := sock.recv(1000):
        data += more
    return data


class TestCut:
    """Another thread of the proxy waits in recv on the same socket, so closing the socket alone would send nothing."""

    def test_cut_sends_fin(self, proxy: FaultProxy) -> None:
        sock = raw_login(proxy)

        proxy.cut()

        assert sock.recv(1) == b""

    def test_reset_sends_rst(self, proxy: FaultProxy) -> None:
        sock = raw_login(proxy)

        proxy.reset()

        with pytest.raises(ConnectionResetError):
            sock.recv(1)

    def test_reset_reaches_a_client_that_reads_nothing(self, peer: rogue.Peer) -> None:
        def floods(peer: rogue.Peer, client: socket.socket) -> None:
            client.sendall(wire.greeting() + bytes(2**26))

        with rogue.Peer(floods) as flood, FaultProxy(("127.0.0.1", flood.port)) as proxy:
            sock = socket.create_connection((proxy.host, proxy.port))
            until(lambda: proxy.links and proxy.links[0].session)
            proxy.reset()
            until(lambda: sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET)

    def test_a_server_that_closes_ends_both_sides(self, proxy: FaultProxy, peer: rogue.Peer) -> None:
        connection = connect(proxy)
        until(lambda: proxy.open_links)
        peer._open[0].shutdown(socket.SHUT_RDWR)

        until(lambda: not proxy.open_links)
        assert code(connection, "select 1") in (2006, 2013)

    def test_one_connection_alone(self, proxy: FaultProxy) -> None:
        first, second = connect(proxy), connect(proxy)

        proxy.links[0].cut()

        assert code(first, "select 1") in (2006, 2013)
        assert value(second, "select 2") == "select 2"


class TestDelayed:
    def test_a_black_hole_accepts_and_sends_nothing(self, proxy: FaultProxy, peer: rogue.Peer) -> None:
        proxy.black_hole()
        sock = socket.create_connection((proxy.host, proxy.port))
        sock.settimeout(0.2)

        with pytest.raises(TimeoutError):
            sock.recv(1)
        assert peer.accepted == 0
        proxy.restore()
        sock.settimeout(PATIENCE)
        assert wire.is_greeting(wire.read_packet(sock)[1])

    def test_a_black_hole_delays_the_end_of_a_connection(self, proxy: FaultProxy, peer: rogue.Peer) -> None:
        sock = raw_login(proxy)
        proxy.black_hole("to_server")
        sock.sendall(wire.query("select 1"))
        sock.close()
        until(lambda: proxy.statements == ["select 1"])

        with pytest.raises(AssertionError):
            until(lambda: received(peer) or not proxy.open_links, 0.3)
        proxy.restore()
        until(lambda: received(peer) == ["select 1"])
        until(lambda: not proxy.open_links)

    def test_a_black_hole_in_one_direction(self, proxy: FaultProxy, peer: rogue.Peer) -> None:
        sock = raw_login(proxy)
        proxy.black_hole("to_client")

        sock.sendall(wire.query("select 1"))

        until(lambda: received(peer) == ["select 1"])
        sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            sock.recv(1)

    def test_a_cut_ends_a_black_hole(self, proxy: FaultProxy) -> None:
        sock = raw_login(proxy)
        proxy.black_hole()
        sock.sendall(wire.query("select 1"))

        proxy.cut()

        assert read_all(sock) == b""

    def test_delay_is_per_byte_not_per_read(self, proxy: FaultProxy) -> None:
        connection = connect(proxy)
        proxy.delay(0.1)
        started = time.monotonic()
        value(connection, "select 1")
        once = time.monotonic() - started
        sock = raw_login(proxy)
        started = time.monotonic()
        # so many that one delay for each of them would take far longer than any machine for all of them
        statements = 2_000
        sock.sendall(wire.query("select 2") * statements)
        for _ in range(5 * statements):  # an answer has five packets
            wire.read_packet(sock)

        assert once >= 0.2
        assert time.monotonic() - started < 0.1 * statements / 2

    def test_a_rate_limit_and_its_end(self) -> None:
        size = 100_000  # they would take more than an hour at that rate

        def floods(peer: rogue.Peer, client: socket.socket) -> None:
            client.sendall(wire.packet(0, bytes(size)))
            client.recv(1)

        with rogue.Peer(floods) as flood, FaultProxy(("127.0.0.1", flood.port)) as proxy:
            proxy.limit_rate(20)
            started = time.monotonic()
            sock = socket.create_connection((proxy.host, proxy.port))
            sock.settimeout(PATIENCE)

            head = b""
            while len(head) < 10:
                head += sock.recv(1000)
            assert len(head) <= 1 + 20 * (time.monotonic() - started)
            received = len(head)
            proxy.restore()

            def all_has_come() -> bool:
                nonlocal received
                received += len(sock.recv(65_536))
                return received == 4 + size

            until(all_has_come, step=0)


class TestListening:
    def test_connections_are_refused_and_accepted_again_on_the_same_port(self, proxy: FaultProxy) -> None:
        connection = connect(proxy)
        for _ in range(2):
            proxy.stop_listening()
            with pytest.raises(pymysql.err.OperationalError, match="Connection refused"):
                connect(proxy)
            proxy.listen()
            connect(proxy).close()

        assert value(connection, "select 1") == "select 1"
        assert proxy.accepted == 3

    def test_a_stopped_server_closes_the_connection(self, proxy: FaultProxy, peer: rogue.Peer) -> None:
        peer.close()

        with pytest.raises(pymysql.err.OperationalError, match="2013"):
            connect(proxy)
        until(lambda: not proxy.open_links)


class TestOdp:
    @pytest.fixture
    def odp(self, peer: rogue.Peer) -> Iterator[Odp]:
        with Odp(("127.0.0.1", peer.port)) as found:
            yield found

    @pytest.mark.parametrize("name", ["dbt@analytics#obdemo", "dbt@analytics"])
    def test_only_the_user_name_reaches_the_server(self, odp: Odp, peer: rogue.Peer, name: str) -> None:
        assert value(connect(odp, name, database="d"), "select 1") == "select 1"
        assert odp.logins == [name]
        login = peer.received[0]
        assert wire.user_of(login) == "dbt"
        assert b"d\0mysql_native_password\0" in login

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("dbt@nowhere#obdemo", 5157),
            ("dbt", 5157),
            ("dbt@analytics#other", 4669),
            ("dbt@nowhere#other", 4669),
        ],
    )
    def test_an_unknown_tenant_or_cluster(self, odp: Odp, peer: rogue.Peer, name: str, expected: int) -> None:
        with pytest.raises(pymysql.MySQLError) as raised:
            connect(odp, name)

        assert raised.value.args[0] == expected
        assert not peer.received
        until(lambda: not odp.open_links)

    def test_session_ids_are_the_proxys_and_a_kill_reaches_the_session(self, odp: Odp, peer: rogue.Peer) -> None:
        first, second = (connect(odp, "dbt@analytics") for _ in range(2))
        shown = [odp.shown_id(link) for link in odp.links]

        assert [first.thread_id(), second.thread_id()] == shown
        assert not set(shown) & {1, 2}
        value(first, f"KILL QUERY {shown[1]}")
        value(first, f"kill {shown[1]}")
        assert code(first, "kill query 2") == 1094
        assert received(peer) == ["KILL QUERY 2", "kill 2"]

    def test_sessions_of_another_proxy_are_not_known(self, odp: Odp, peer: rogue.Peer) -> None:
        with Odp(("127.0.0.1", peer.port)) as other:
            stranger = connect(other, "dbt@analytics").thread_id()

            assert code(connect(odp, "dbt@analytics"), f"kill query {stranger}") == 1094

    def test_proxies_with_the_same_number_show_the_same_ids(self, peer: rogue.Peer) -> None:
        with Odp(("127.0.0.1", peer.port), number=1) as one, Odp(("127.0.0.1", peer.port), number=1) as other:
            assert connect(one, "a@analytics").thread_id() == connect(other, "a@analytics").thread_id()

    def test_it_answers_the_query_for_its_version(self, odp: Odp, peer: rogue.Peer) -> None:
        assert value(connect(odp, "dbt@analytics"), "select proxy_version()").startswith("OceanBase ")
        assert not received(peer)

    def test_with_both_options_off_the_server_gets_everything(self, peer: rogue.Peer) -> None:
        with Odp(("127.0.0.1", peer.port), takes_kill=False, shows_version=False) as odp:
            connection = connect(odp, "dbt@analytics")
            for statement in ("kill query 77", "select proxy_version()", "select connection_id()"):
                value(connection, statement)

        assert received(peer) == ["kill query 77", "select proxy_version()", "select connection_id()"]

    def test_it_offers_no_tls(self, odp: Odp) -> None:
        greeting = wire.greeting(capabilities=wire.CAPABILITIES | wire.CAN_TLS | wire.CAN_COMPRESS, session=5)[4:]

        assert wire.with_session_id(greeting, 5) == wire.greeting(session=5)[4:]


class TestRogue:
    def test_a_client_that_follows_the_switch_sends_its_password(self) -> None:
        errors: list[pymysql.MySQLError] = []

        def logs_in() -> None:
            with pytest.raises(pymysql.MySQLError) as raised:
                pymysql.connect(host="127.0.0.1", port=peer.port, user="u", password="in clear", read_timeout=PATIENCE)
            errors.append(raised.value)

        with rogue.Peer(rogue.switches_to()) as peer:
            thread = threading.Thread(target=logs_in)
            thread.start()
            until(lambda: len(peer.received) == 2)
            peer._open[0].shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)

        assert len(errors) == 1
        assert peer.received[1] == b"in clear\0"

    def test_a_client_with_local_infile_sends_the_file(self, tmp_path: Path) -> None:
        with rogue.Peer(rogue.asks_for_file("select")) as peer:
            connection = pymysql.connect(
                host="127.0.0.1", port=peer.port, user="u", password="x", local_infile=True, read_timeout=PATIENCE
            )
            with pytest.raises(pymysql.MySQLError), connection.cursor() as cursor:
                cursor.execute("select 1")

        assert any(b"root" in payload for payload in peer.received[2:])


class TestCable:
    @pytest.fixture
    def cable(self) -> Iterator[netns.Cable]:
        if netns.unavailable_reason():
            pytest.skip(netns.unavailable_reason())
        with netns.Cable() as found:
            yield found

    def test_an_unplugged_cable_loses_packets(self, cable: netns.Cable, peer: rogue.Peer, tmp_path: Path) -> None:
        with FaultProxy(("127.0.0.1", peer.port), path=tmp_path / "s"):
            port = cable.serve(tmp_path / "s")
            client = subprocess.Popen(
                [*cable.prefix, sys.executable, "-c", CLIENT, netns.FAR, str(port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )

            def next_line() -> str:
                assert client.stdin is not None
                assert client.stdout is not None
                client.stdin.write("\n")
                client.stdin.flush()
                return client.stdout.readline().strip()

            assert next_line() == "5.7.25"
            cable.pull()
            assert next_line() == "timed out"
            cable.plug()
            assert next_line() == "answer"
            client.communicate()


CLIENT = """
import socket, sys
input()
sock = socket.create_connection((sys.argv[1], int(sys.argv[2])))
sock.settimeout(300)
print(sock.recv(1000)[5:11].decode(), flush=True)
input()
login = (0x88201).to_bytes(4, "little") + bytes(28) + b"root\\0\\0mysql_native_password"
sock.sendall(len(login).to_bytes(3, "little") + b"\\1" + login)
sock.settimeout(0.5)
try:
    print(sock.recv(1000), flush=True)
except TimeoutError as error:
    print(error, flush=True)
input()
sock.settimeout(300)
print("answer" if sock.recv(1000)[4:5] == b"\\0" else "?", flush=True)
"""


def test_the_reason_names_the_missing_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netns, "_tool", lambda name: None if name == "ip" else name)
    netns.unavailable_reason.cache_clear()
    try:
        assert netns.unavailable_reason() == "no ip on this machine"
    finally:
        netns.unavailable_reason.cache_clear()


def test_faults_does_not_import_dbt() -> None:
    script = "import sys, faults.netns, faults.odp, faults.server; print([m for m in sys.modules if m[:3] == 'dbt'])"
    folder = str(Path(__file__).parents[2])

    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
