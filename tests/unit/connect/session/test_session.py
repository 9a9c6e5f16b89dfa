"""One statement on a session: reading its answer, and the end of a session whose answer was not read completely."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pymysql
import pytest

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, Session

IN_TRANSACTION = b"\x00\x00\x00\x03\x00\x00\x00"
MORE_RESULTS = b"\x00\x00\x00\x0a\x00\x00\x00"


@pytest.fixture
def answers() -> dict[str, bytes]:
    """A server with answers by the beginning of the statement, and OK for all others."""
    return {"insert": IN_TRANSACTION}


@pytest.fixture
def session(
    mysql: Callable[..., Any], options_for: Callable[..., ConnectOptions], answers: dict[str, bytes]
) -> Iterator[Session]:
    peer = mysql(answers)
    with closing(Connector(options_for(peer.endpoint)).connect()) as opened:
        opened.peer = peer  # type: ignore[attr-defined]
        yield opened


def statements(session: Any) -> list[str]:
    return [each[1:].decode() for each in session.peer.received[2:] if each[:1] == b"\x03"]


def test_a_statement_without_rows_has_no_fields(session: Session) -> None:
    assert session.run("update t").fields == []


def test_commit_and_rollback_are_sent_where_a_transaction_is_open(session: Session) -> None:
    session.commit()
    session.rollback()
    session.run("insert")
    session.commit()
    session.run("insert")
    session.rollback()
    session.rollback()

    assert statements(session) == ["insert", "COMMIT", "insert", "ROLLBACK"]


def test_an_answer_that_was_not_read_to_its_end_ends_the_session(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(session.connection, "_read_query_result", interrupted)
        with pytest.raises(KeyboardInterrupt):
            session.run("select 1")

    assert not session.is_usable
    assert not session.busy
    with pytest.raises(pymysql.err.InterfaceError):
        session.run("select 2")
    assert "select 2" not in statements(session)


@pytest.mark.parametrize(("code", "is_lost"), [(1047, False), (2013, True)])
def test_a_server_that_does_not_know_how_to_refuse_several_statements(
    session: Session, monkeypatch: pytest.MonkeyPatch, code: int, is_lost: bool
) -> None:
    def refuses(command: int, text: Any) -> None:
        raise pymysql.err.OperationalError(code, "unknown command")

    with monkeypatch.context() as patch:
        patch.setattr(session.connection, "_execute_command", refuses)
        if is_lost:
            with pytest.raises(pymysql.err.OperationalError):
                session.connection.refuse_several_statements()
        else:
            session.connection.refuse_several_statements()


def test_the_error_of_a_later_result_belongs_to_its_statement(
    peer: Callable[..., Any], options_for: Callable[..., ConnectOptions], wire: Any
) -> None:
    def handle(here: Any, client: Any) -> None:
        client.sendall(wire.greeting())
        here.read(client)
        client.sendall(wire.packet(2, wire.OK))
        while statement := here.read(client)[1:]:
            if statement == b"two":
                client.sendall(wire.packet(1, MORE_RESULTS) + wire.packet(2, wire.error(1146, "no such table")))
            else:
                client.sendall(wire.packet(1, wire.OK))

    with closing(Connector(options_for(peer(handle).endpoint)).connect()) as session:
        with pytest.raises(pymysql.err.MySQLError, match="no such table"):
            session.run("two")
        assert session.run("one").rowcount == 0
