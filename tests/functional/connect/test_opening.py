"""Opening a session: a server that is slow, silent, full or hostile, another kind of server, and a fake ODP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pymysql
import pytest
from faults import rogue, wire
from faults.odp import Odp
from faults.server import PASSWORD, Server
from faults.tcp_proxy import FaultProxy, Link, place_of
from support.outside import PATIENCE, Database, until

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, errors
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, RetryOptions
from dbt.adapters.oceanbase.connect.transport import sockets

from .conftest import GATED

pytestmark = pytest.mark.any_kernel

ONE = {"one.sql": "select 1 as id"}
PATIENT = RetryOptions(connect_timeout=PATIENCE, deadline=2 * PATIENCE)


class OneModel:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return ONE


@pytest.fixture
def options() -> Callable[..., ConnectOptions]:
    """Return a function that makes options for root on servers, with retry options."""

    def make(*places: Any, **retry: Any) -> ConnectOptions:
        endpoints = tuple(Endpoint("127.0.0.1", place.port) for place in places)
        limits = replace(PATIENT, **retry)
        return ConnectOptions(LoginOptions("root", password=PASSWORD), endpoints, retry=limits)

    return make


FAILED_AFTER = re.compile(r"failed after ([\d.]+) s")


def failed(options: ConnectOptions) -> errors.ConnectError:
    """Fail to open a session, and return the error."""
    with pytest.raises(errors.ConnectError) as raised:
        Connector(options).connect()
    assert len(str(raised.value)) <= 300
    return raised.value


def the_line(outcome: Any, part: str) -> str:
    """Return the one line that a run without a connection prints, and check that it is the only one."""
    line: str = outcome.line(part)
    assert outcome.code == 2, outcome.console
    assert outcome.console.count(part) == 1, outcome.console
    assert len(line) <= 300, line
    assert outcome.has_no_traceback()
    return line


def attempts(outcome: Any, place: str) -> int:
    return len(outcome.messages(f"connect to {place} failed after"))


class TestRefused(OneModel):
    def test_as_many_attempts_as_the_profile_says(self, dbt: Callable[..., Any], free_port: int) -> None:
        place = f"127.0.0.1:{free_port}"

        outcome = dbt("run", port=free_port, connect_retries=2)

        assert the_line(outcome, "cannot connect to").startswith(
            f"cannot connect to {place} (2003): Connection refused"
        )
        assert attempts(outcome, place) == 3

    def test_a_listener_that_comes_late(self, dbt: Any, proxy: FaultProxy, db: Database) -> None:
        proxy.stop_listening()
        running = dbt.start("run", **proxy.profile, connect_retries=60, connect_retry_deadline=120)
        until(lambda: running.has_said(f"connect to {proxy.place} failed after", times=2))
        proxy.listen()

        outcome = running.outcome()

        assert outcome.code == 0, outcome.console
        assert db.rows("select id from {s}.one") == [(1,)]
        assert attempts(outcome, proxy.place) >= 2


class TestNoAnswer:
    """A server that accepts the connection and sends too little: each attempt ends after its time limit."""

    @pytest.mark.parametrize(
        "hold",
        [
            FaultProxy.black_hole,
            lambda proxy: proxy.limit_rate(1),
            lambda proxy: proxy.at("set autocommit", "sent", Link.black_hole, times=None),
        ],
        ids=["accepts and is silent", "drips its greeting", "is silent after the login"],
    )
    def test_each_attempt_ends_in_time(
        self,
        proxy: FaultProxy,
        options: Callable[..., ConnectOptions],
        hold: Callable[[FaultProxy], Any],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        hold(proxy)

        error = failed(options(proxy, connect_timeout=2, connect_retries=1))

        text = f"{proxy.place}: no session within 2 s (2013); check that an OceanBase server answers there"
        assert str(error).startswith(text)
        seconds = [float(found[1]) for each in caplog.messages if (found := FAILED_AFTER.search(each))]
        assert len(seconds) == 2
        # one second more to check for another protocol; the rest is for a busy machine
        assert all(2 <= each < 60 for each in seconds)

    def test_what_is_slow_but_in_time_is_no_fault(
        self, proxy: FaultProxy, options: Callable[..., ConnectOptions]
    ) -> None:
        proxy.limit_rate(400)
        proxy.delay(0.1)

        with closing(Connector(options(proxy, connect_retries=0)).connect()) as session:
            proxy.restore()
            assert session.run("select 1").fetchone() == (1,)

    def test_an_http_server_is_asked_once(
        self, web_port: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sockets, "PROBE_SECONDS", PATIENCE)
        login = LoginOptions("root", password=PASSWORD)
        retry = RetryOptions(connect_timeout=2, connect_retries=5)

        error = failed(ConnectOptions(login, (Endpoint("127.0.0.1", web_port),), retry=retry))

        assert type(error) is errors.NotMySQL
        assert str(error).startswith(f"no MySQL protocol on 127.0.0.1:{web_port} (2027)")
        assert len(caplog.messages) == 1


class TestWrongPassword(OneModel):
    def test_one_attempt_on_one_of_two_hosts(self, dbt: Callable[..., Any], server_profile: dict[str, Any]) -> None:
        place = place_of(server_profile)
        with FaultProxy(place) as first, FaultProxy(place) as second:
            outcome = dbt("run", host=None, port=None, hosts=[first.place, second.place], password="not the password")

            assert (first.accepted, second.accepted) == (1, 0)
        line = the_line(outcome, "(1045)")
        assert line.startswith(f"{first.place} as 'root': access denied (1045); check user, password")
        assert "user@tenant#cluster" in line


class TestSchema(OneModel):
    def test_an_unknown_one_is_created(self, dbt: Callable[..., Any], db: Database) -> None:
        schema = f"{db.schema}_new"

        outcome = dbt("run", schema=schema)

        assert outcome.code == 0, outcome.console
        assert db.relations(schema) == {"one": "view"}

    def test_an_unknown_one_without_the_right_to_create_it(
        self, dbt: Callable[..., Any], own_server: Server, db: Database
    ) -> None:
        schema = f"{db.schema}_never"
        db.run(f"create user if not exists creates_nothing identified by '{PASSWORD}'")

        outcome = dbt("run", user="creates_nothing", schema=schema)

        line = the_line(outcome, "(1044)")
        assert own_server.place in line
        assert schema in line
        assert "grant" in line
        assert db.value(f"select count(*) from information_schema.schemata where schema_name = '{schema}'") == 0


class TestRogue:
    """Servers that ask for data which the client must not send."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"one.sql": "{{ config(materialized='table') }} select 1 as id"}

    def test_the_password_in_clear(self, dbt: Callable[..., Any]) -> None:
        with rogue.Peer(rogue.switches_to("mysql_clear_password")) as peer:
            outcome = dbt("run", port=peer.port)

        assert the_line(outcome, "(2059)").startswith(f"{peer.place} as 'root': the password was not given away (2059)")
        assert peer.accepted == 1
        assert len(peer.received) == 1  # the login alone
        assert PASSWORD.encode() not in peer.received[0]

    def test_a_file_at_the_first_statement(self, options: Callable[..., ConnectOptions]) -> None:
        with rogue.Peer(rogue.asks_for_file()) as peer:
            failed(options(peer, connect_retries=0))

            until(lambda: not is_open(peer))
        assert len(peer.received) == 2  # login and statement

    def test_a_file_at_the_statement_of_a_node(self, dbt: Callable[..., Any], proxy: FaultProxy) -> None:
        asked: list[Link] = []

        def ask(link: Link) -> None:
            asked.append(link)
            link.answer(wire.packet(1, wire.ASKS_FOR_FILE))

        proxy.at("create table", "before", ask)

        outcome = dbt("run", **proxy.profile)

        assert outcome.code == 1, outcome.console
        assert "the server asked for a file of this machine, which it never gets" in outcome.console
        assert outcome.has_no_traceback()
        (link,) = asked
        assert link.other_packets == []
        assert "create table" in link.statements[-1].lower(), "the connection was used again"
        until(lambda: not link.is_open)


def is_open(peer: rogue.Peer) -> bool:
    """Check whether the last client of a peer is still connected. The peer's thread closes the socket afterwards."""
    return peer._open[-1].fileno() != -1


@pytest.mark.takes(30)
class TestFullServer:
    """A user with a limit of two connections, and a run with six threads."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {f"m{i}.sql": GATED for i in range(6)}

    @pytest.fixture
    def limited(self, server: pymysql.Connection) -> Iterator[dict[str, Any]]:
        with server.cursor() as cursor:
            cursor.execute(f"create user limited identified by '{PASSWORD}' with max_user_connections 2")
            cursor.execute("grant all on *.* to limited")
            yield {"user": "limited", "threads": 6, "lock_timeout": PATIENCE}
            cursor.execute("drop user limited")

    @pytest.mark.parametrize("mode", ["new", "pooled"])
    def test_the_run_ends_well_when_there_is_time(
        self, dbt: Any, limited: dict[str, Any], db: Database, gate: pymysql.Connection, mode: str
    ) -> None:
        retries = {"connect_retries": 100, "connect_retry_deadline": PATIENCE}
        pool = {"pool": {"timeout": PATIENCE}} if mode == "pooled" else {}
        running = dbt.start("run", **limited, **retries, **pool, connection_mode=mode)
        running.await_line("(1226)")
        gate.rollback()

        outcome = running.outcome()

        assert outcome.code == 0, outcome.console
        assert outcome.messages("failed after"), "the limit was never reached"
        assert all("(1226)" in each for each in outcome.messages("failed after"))
        assert set(db.relations()) == {"gate", *(f"m{i}" for i in range(6))}

    def test_the_error_names_threads(self, dbt: Any, limited: dict[str, Any], gate: pymysql.Connection) -> None:
        # pooled, a node waits for the connection of another one
        running = dbt.start("run", **limited, connection_mode="new", connect_retries=0)
        running.await_line("(1226)")
        gate.rollback()

        outcome = running.outcome()

        assert outcome.code != 0
        assert "too many connections of this user (1226); lower threads" in outcome.line("(1226)")
        assert outcome.has_no_traceback()


class TestTenant(OneModel):
    """Through a fake ODP, since the kernels have no tenants."""

    @pytest.fixture
    def odp(self, server_profile: dict[str, Any]) -> Iterator[Odp]:
        with Odp(place_of(server_profile), tenants=("analytics",), cluster="obdemo") as found:
            yield found

    def test_a_run(self, dbt: Callable[..., Any], odp: Odp, db: Database) -> None:
        outcome = dbt("run", port=odp.port, tenant="analytics", cluster="obdemo")

        assert outcome.code == 0, outcome.console
        assert set(odp.logins) == {"root@analytics#obdemo"}
        assert db.rows("select id from {s}.one") == [(1,)]

    @pytest.mark.parametrize(
        ("tenant", "cluster", "name", "reason"),
        [
            ("nowhere", "obdemo", "root@nowhere#obdemo", "no such tenant (5157); check tenant, or the name after @"),
            ("analytics", "other", "root@analytics#other", "no such cluster (4669); check cluster, or the name"),
            (None, None, "root", "no such tenant (5157); check tenant, or the name after @"),
        ],
        ids=["tenant", "cluster", "none given"],
    )
    def test_an_unknown_one_is_asked_for_once(
        self,
        odp: Odp,
        tenant: str | None,
        cluster: str | None,
        name: str,
        reason: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        login = LoginOptions("root", tenant, cluster, PASSWORD)

        error = failed(ConnectOptions(login, (Endpoint("127.0.0.1", odp.port),), retry=PATIENT))

        assert str(error).startswith(f"{odp.place} as '{name}': {reason}")
        assert odp.logins == [name]
        assert len(caplog.messages) == 1

    def test_a_run_with_an_unknown_one_is_one_line(self, dbt: Callable[..., Any], odp: Odp) -> None:
        outcome = dbt("run", port=odp.port, tenant="nowhere", cluster="obdemo")

        line = the_line(outcome, "(5157)")
        assert line.startswith(f"{odp.place} as 'root@nowhere#obdemo': no such tenant (5157); check tenant")
        assert odp.logins == ["root@nowhere#obdemo"]

    def test_the_session_is_known_by_the_proxys_number(
        self, odp: Odp, server: pymysql.Connection, server_profile: dict[str, Any]
    ) -> None:
        login = LoginOptions("root", "analytics", "obdemo", server_profile["password"])

        options = ConnectOptions(login, (Endpoint("127.0.0.1", odp.port),), retry=PATIENT)
        with closing(Connector(options).connect()) as session:
            (link,) = odp.open_links
            own = session.run("select connection_id()").fetchone()[0]
            assert (session.id, own) == (odp.shown_id(link), link.session)
            assert session.id != own
            assert (
                Database(server, "").value(f"select count(*) from information_schema.processlist where id = {own}") == 1
            )
