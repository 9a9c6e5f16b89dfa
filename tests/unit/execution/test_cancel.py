"""A cancelled connection may still clean up, in a short time, and do nothing else."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest
from dbt.adapters.contracts.connection import LazyHandle
from faults import rogue, wire
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect import ConnectError, ConnectOptions, Connector, Session, SessionCancelled
from dbt.adapters.oceanbase.connect.control import control_connection
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, RetryOptions, SessionOptions
from dbt.adapters.oceanbase.connect.transport.deadline import Deadline
from dbt.adapters.oceanbase.execution import cancel as cancelling
from dbt.adapters.oceanbase.execution.connection import OceanBaseConnection

DROP = "drop table t__dbt_tmp"


def speaks(peer: Any, client: socket.socket) -> None:
    """A server that answers all but the statement ``hang``."""
    client.sendall(wire.greeting())
    peer.read(client)
    client.sendall(wire.packet(2, wire.OK))
    while b"hang" not in peer.read(client):
        client.sendall(wire.packet(1, wire.OK))
    client.recv(1)


@pytest.fixture
def peer() -> Iterator[rogue.Peer]:
    with rogue.Peer(speaks) as found:
        yield found


@pytest.fixture
def connector(peer: rogue.Peer) -> Connector:
    place = Endpoint("127.0.0.1", peer.port)
    retry = RetryOptions(connect_timeout=PATIENCE, deadline=PATIENCE)
    return Connector(ConnectOptions(LoginOptions("dbt"), (place,), session=SessionOptions(schema="shop"), retry=retry))


@pytest.fixture
def session(connector: Connector) -> Iterator[Session]:
    found = connector.connect()
    yield found
    found.close()


def connection(handle: object) -> OceanBaseConnection:
    made = OceanBaseConnection("node", SimpleNamespace())  # type: ignore[arg-type]
    made.handle = handle
    return made


def statements(peer: rogue.Peer) -> list[str]:
    return [wire.statement_of(each) for each in peer.received]


def cancel(*connections: OceanBaseConnection, connector: Connector) -> None:
    cancelling.cancel(connections, connector)


def clean(connection: OceanBaseConnection, connector: Connector, sql: str = DROP) -> Session:
    with cancelling.cleaning_session(connection, connector) as session:
        session.run(sql, cleans_up=True)
    return session


def test_a_cancelled_session_sends_only_what_cleans_up(session: Session, connector: Connector) -> None:
    mine = connection(session)

    cancel(mine, connector=connector)

    with pytest.raises(SessionCancelled):
        session.run("insert into t values (1)")
    assert clean(mine, connector) is session


def test_a_handle_that_was_never_opened_stays_so(peer: rogue.Peer, connector: Connector) -> None:
    def opens(_: object) -> Any:
        raise AssertionError("opened")

    lazy = connection(LazyHandle(opens))

    cancel(lazy, connector=connector)

    assert lazy.cancelled.is_set()
    with pytest.raises(ConnectError, match="the run was cancelled: no further connection is opened"):
        clean(lazy, connector)
    assert peer.accepted == 0


def test_cleaning_up_after_a_cancel_is_bounded(session: Session, connector: Connector, monkeypatch: Any) -> None:
    monkeypatch.setattr(cancelling, "CLEAN_UP_SECONDS", 0.2)
    mine = connection(session)
    cancel(mine, connector=connector)

    with pytest.raises(pymysql.MySQLError):
        clean(mine, connector, "drop table hang")


def test_a_lost_link_after_a_cancel(peer: rogue.Peer, session: Session, connector: Connector, monkeypatch: Any) -> None:
    """The new session needs no schema, and its time is limited too."""
    monkeypatch.setattr(cancelling, "CLEAN_UP_SECONDS", PATIENCE)
    monkeypatch.setattr(control_connection, "OPEN_SECONDS", PATIENCE)
    mine = connection(session)
    session.connection.abandon()
    cancel(mine, connector=connector)
    before = len(peer.received)

    assert clean(mine, connector) is not session
    assert DROP in statements(peer)
    assert not any(statement.startswith("use ") for statement in statements(peer)[before:])

    limits: list[float] = []

    def begins_with_the_statement(link: socket.socket, seconds: float) -> Deadline:
        limits.append(seconds)
        return Deadline(link, 0.5)

    monkeypatch.setattr(control_connection, "Deadline", begins_with_the_statement)
    with pytest.raises(pymysql.MySQLError):
        clean(mine, connector, "drop table hang")
    assert len(limits) == 1
    assert 0 < limits[0] < PATIENCE


def test_a_lost_link_without_a_cancel(peer: rogue.Peer, session: Session, connector: Connector) -> None:
    """The profile sets the time limit: the next node waits for it, and no user."""
    session.connection.abandon()

    fresh = clean(connection(session), connector)

    assert fresh is not session
    assert not fresh.is_usable
    assert peer.accepted == 2


def test_own_session_without_a_cancel_is_not_bounded(session: Session, connector: Connector, monkeypatch: Any) -> None:
    monkeypatch.setattr(cancelling, "CLEAN_UP_SECONDS", 0)

    with cancelling.cleaning_session(connection(session), connector) as found:
        time.sleep(0.05)
        found.run(DROP)

    assert found is session
    assert session.is_usable


def test_a_server_that_does_not_answer_after_a_cancel_is_asked_once(
    peer: rogue.Peer, session: Session, connector: Connector
) -> None:
    mine = connection(session)
    session.connection.abandon()
    cancel(mine, connector=connector)
    peer.close()

    with pytest.raises(ConnectError, match="cannot connect"):
        clean(mine, connector)
    with pytest.raises(ConnectError, match="no further connection is opened"):
        clean(mine, connector)
