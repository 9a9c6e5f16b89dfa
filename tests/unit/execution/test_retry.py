"""Which failures of a statement are answered by sending it again, code by code, on real links to a scripted server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest
from dbt.adapters.contracts.connection import ConnectionState
from dbt.adapters.exceptions import FailedToConnectError
from dbt_common.exceptions import DbtDatabaseError, DbtRuntimeError
from faults import rogue, wire
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect import Connector, SessionCancelled
from dbt.adapters.oceanbase.connect.codes import REPEATED, STATEMENT, UNKNOWN
from dbt.adapters.oceanbase.connect.errors import FATAL, LINK_LOST
from dbt.adapters.oceanbase.connect.options import ConnectOptions, Endpoint, LoginOptions, RetryOptions
from dbt.adapters.oceanbase.execution import errors, retry, runner
from dbt.adapters.oceanbase.execution.connection import OceanBaseConnection
from dbt.adapters.oceanbase.execution.node_settings import NodeSettings, Variable
from dbt.adapters.oceanbase.sql.statement import Statement

SELECT, INSERT, BUILD = "select 1", "insert into t values (1)", "create table t as select 1"
CUT = b""
OK = wire.packet(1, wire.OK)
OK_IN_TRANSACTION = wire.packet(1, b"\x00\x00\x00\x03\x00\x00\x00")
LOST_CODES = (*sorted(LINK_LOST), FATAL[0], 8001, 8002, FATAL[-1])
OTHER_CODES = sorted({*STATEMENT, *UNKNOWN, 1050, 1051, 1062, 1064, 1146, 3999, 9999} - set(REPEATED))
NEVER_AGAIN = {1317, 4012, 6002, 6224, 6225, 1153, 4013, 4019}


def failing(code: int) -> bytes:
    return wire.packet(1, wire.error(code, "said the server"))


class Script:
    """A server that sends the prepared answers to a statement in turn, then OK; CUT ends the link instead."""

    def __init__(self) -> None:
        self.answers: dict[str, list[bytes]] = {}
        self.statements: list[str] = []
        self.peer = rogue.Peer(self._handle)

    def count(self, statement: str) -> int:
        return self.statements.count(statement)

    def _handle(self, peer: rogue.Peer, client: socket.socket) -> None:
        client.sendall(wire.greeting())
        peer.read(client)
        client.sendall(wire.packet(2, wire.OK))
        while True:
            statement = wire.statement_of(peer.read(client))
            self.statements.append(statement)
            answers = self.answers.get(statement)
            answer = answers.pop(0) if answers else OK
            if answer == CUT:
                return
            client.sendall(answer)


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()
    yield script
    script.peer.close()


@pytest.fixture
def options(script: Script) -> ConnectOptions:
    return ConnectOptions(
        login=LoginOptions("dbt"),
        endpoints=(Endpoint("127.0.0.1", script.peer.port),),
        retry=RetryOptions(connect_timeout=PATIENCE, connect_retries=0, deadline=PATIENCE),
    )


@pytest.fixture
def connection(options: ConnectOptions, monkeypatch: pytest.MonkeyPatch) -> Iterator[OceanBaseConnection]:
    """A connection with an open session. It opens further sessions without a pool."""
    profile: Any = SimpleNamespace(options=lambda: options, lock_timeout=60, query_timeout=60, statement_retries=2)
    opened = OceanBaseConnection("node", profile)

    def open_session() -> None:
        opened.handle, opened.state = Connector(options).connect(), ConnectionState.OPEN

    monkeypatch.setattr(opened, "open", open_session)
    open_session()
    yield opened
    opened.handle.close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "MIN_BACKOFF_SECONDS", 0)
    monkeypatch.setattr(retry, "MAX_RANDOM_BACKOFF_SECONDS", 0)


@pytest.fixture
def run(connection: OceanBaseConnection) -> Callable[..., Any]:
    """Send a statement as ``runner.run`` does, with the driver's errors."""

    def run(sql: str, limit: int = 2) -> Any:
        connection.profile.statement_retries = limit
        return runner.send_with_retries(connection, Statement(sql))

    return run


class TestOnTheSameSession:
    @pytest.mark.parametrize("code", sorted(REPEATED))
    @pytest.mark.parametrize("sql", [SELECT, INSERT, BUILD, "rename table a to b, c to a", "drop table t"])
    def test_a_failure_that_passes_is_repeated(
        self, script: Script, run: Callable[..., Any], connection: OceanBaseConnection, code: int, sql: str
    ) -> None:
        script.answers[sql] = [failing(code), failing(code)]
        before = connection.handle

        run(sql)

        assert script.count(sql) == 3
        assert connection.handle is before
        assert script.peer.accepted == 1

    @pytest.mark.parametrize("code", sorted(REPEATED))
    @pytest.mark.parametrize("limit", [0, 1, 2, 5])
    def test_it_is_repeated_as_often_as_the_profile_says(
        self, script: Script, run: Callable[..., Any], code: int, limit: int
    ) -> None:
        script.answers[INSERT] = [failing(code)] * 9

        with pytest.raises(pymysql.err.MySQLError) as raised:
            run(INSERT, limit)

        assert raised.value.args == (code, "said the server")
        assert script.count(INSERT) == limit + 1

    @pytest.mark.parametrize("code", OTHER_CODES)
    @pytest.mark.parametrize("sql", [SELECT, INSERT, BUILD])
    def test_any_other_failure_is_not(self, script: Script, run: Callable[..., Any], code: int, sql: str) -> None:
        script.answers[sql] = [failing(code)]

        with pytest.raises(pymysql.err.MySQLError) as raised:
            run(sql)

        assert raised.value.args[0] == code
        assert script.count(sql) == 1

    def test_what_is_wanted_or_would_fail_again_is_among_these(self) -> None:
        assert set(OTHER_CODES) >= NEVER_AGAIN

    @pytest.mark.parametrize("code", sorted(REPEATED))
    def test_nothing_is_repeated_in_a_transaction(self, script: Script, run: Callable[..., Any], code: int) -> None:
        script.answers = {"BEGIN": [OK_IN_TRANSACTION], INSERT: [failing(code)], "COMMIT": [failing(code)]}
        run("BEGIN")

        for sql in (INSERT, "COMMIT"):
            with pytest.raises(pymysql.err.MySQLError):
                run(sql)

        assert script.statements[-3:] == ["BEGIN", INSERT, "COMMIT"]

    @pytest.mark.parametrize("code", sorted(REPEATED))
    @pytest.mark.parametrize("sql", ["call p()", "load data infile 'x' into table t", "set @a = @a + 1", "COMMIT"])
    def test_what_a_failure_may_leave_half_done_is_not_repeated(
        self, script: Script, run: Callable[..., Any], code: int, sql: str
    ) -> None:
        script.answers[sql] = [failing(code)]

        with pytest.raises(pymysql.err.MySQLError):
            run(sql)

        assert script.count(sql) == 1

    def test_an_error_that_is_not_of_the_server_is_not_repeated(
        self, connection: OceanBaseConnection, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls = []

        def end(*args: object, **kwargs: object) -> Any:
            calls.append(args)
            raise errors.DatabaseError("ended by the watchdog", 1205)

        monkeypatch.setattr(connection.handle, "run", end)

        with pytest.raises(errors.DatabaseError):
            run(SELECT)

        assert len(calls) == 1


class Clock(threading.Event):
    """An event whose waits take no time and are noted; the ``ends_at``-th wait sets it, as a cancel would."""

    def __init__(self, ends_at: int | None = None) -> None:
        super().__init__()
        self.waits: list[float] = []
        self.ends_at = ends_at

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0)
        if len(self.waits) == self.ends_at:
            self.set()
        return self.is_set()


class TestWaiting:
    @pytest.fixture(autouse=True)
    def no_waiting(self) -> None:
        """Wait as long as in production."""

    def test_waits_grow_and_differ_between_a_tenth_of_a_second_and_two(
        self, script: Script, run: Callable[..., Any], connection: OceanBaseConnection
    ) -> None:
        waits = []
        for _ in range(30):
            clock = connection.cancelled = Clock()
            script.answers[INSERT] = [failing(1205)] * 5
            run(INSERT, 5)
            waits.append(clock.waits)

        assert all(len(each) == 5 for each in waits)
        assert all(0.1 <= wait <= 2 for each in waits for wait in each)
        assert all(each[0] <= 0.5 for each in waits)
        assert max(each[-1] for each in waits) > 1
        assert len({wait for each in waits for wait in each}) > 100

    def test_each_is_told_in_the_debug_log(
        self, script: Script, run: Callable[..., Any], connection: OceanBaseConnection, told: list[str]
    ) -> None:
        connection.cancelled = Clock()
        script.answers[INSERT] = [failing(1213), failing(5627)]

        run(INSERT)

        assert [line.partition(" s, ")[2] for line in told] == ["repeat 1 of 2", "repeat 2 of 2"]
        assert told[0].startswith("deadlock (1213): the statement is sent again in 0.")
        assert told[1].startswith("schema try again (5627): the statement is sent again in 0.")

    def test_a_cancel_ends_the_waiting(
        self, script: Script, run: Callable[..., Any], connection: OceanBaseConnection
    ) -> None:
        connection.cancelled = Clock(ends_at=2)
        script.answers[INSERT] = [failing(1205)] * 5

        with pytest.raises(SessionCancelled, match="not sent again"):
            run(INSERT, 5)

        assert script.count(INSERT) == 2


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines of the debug log."""
    lines: list[str] = []
    for module in (retry, runner):
        monkeypatch.setattr(module.logger, "debug", lines.append)
    return lines


class TestOnANewSession:
    @pytest.mark.parametrize("code", LOST_CODES)
    def test_a_query_is_sent_once_more(
        self, script: Script, run: Callable[..., Any], connection: OceanBaseConnection, code: int
    ) -> None:
        script.answers[SELECT] = [failing(code)]
        before = connection.handle

        run(SELECT)

        assert script.count(SELECT) == 2
        assert script.peer.accepted == 2
        assert before.closed
        assert connection.state == ConnectionState.OPEN
        assert connection.handle.is_usable
        assert connection.handle is not before

    def test_a_link_that_is_cut(self, script: Script, run: Callable[..., Any]) -> None:
        script.answers[SELECT] = [CUT]

        run(SELECT)

        assert script.count(SELECT) == 2

    def test_a_link_that_the_driver_has_closed_itself(
        self, script: Script, run: Callable[..., Any], connection: OceanBaseConnection
    ) -> None:
        connection.handle.connection.abandon()

        run(SELECT)

        assert script.count(SELECT) == 1
        assert script.peer.accepted == 2

    @pytest.mark.parametrize("code", LOST_CODES)
    @pytest.mark.parametrize("sql", [INSERT, BUILD, "rename table a to b", "select * from t for update", "COMMIT"])
    def test_what_may_not_run_twice_is_not(self, script: Script, run: Callable[..., Any], code: int, sql: str) -> None:
        script.answers[sql] = [failing(code)]

        with pytest.raises(pymysql.err.MySQLError):
            run(sql)

        assert script.count(sql) == 1
        assert script.peer.accepted == 1

    def test_a_second_loss_fails(
        self, script: Script, run: Callable[..., Any], connection: OceanBaseConnection
    ) -> None:
        script.answers[SELECT] = [CUT, CUT]

        with pytest.raises(pymysql.err.OperationalError) as raised:
            run(SELECT, 5)

        assert raised.value.args[0] == 2013
        assert script.count(SELECT) == 2

    @pytest.mark.parametrize(
        ("why", "prepare"),
        [
            ("statement_retries is 0", None),
            ("an earlier statement has changed the session", lambda c: setattr(c.handle, "dirty", True)),
            ("it had been lost before", lambda c: setattr(c.handle, "lost", "Lost connection (2013)")),
            ("it was cancelled", lambda c: c.cancelled.set()),
            ("it was cancelled", lambda c: setattr(c.handle, "was_cut", True)),
        ],
    )
    def test_what_forbids_it_is_told(
        self,
        script: Script,
        run: Callable[..., Any],
        connection: OceanBaseConnection,
        told: list[str],
        why: str,
        prepare: Callable[[OceanBaseConnection], None] | None,
    ) -> None:
        script.answers[SELECT] = [CUT]
        if prepare is not None:
            prepare(connection)

        with pytest.raises(pymysql.err.OperationalError):
            run(SELECT, 0 if prepare is None else 2)

        assert script.count(SELECT) == 1
        assert told[-1].endswith(f"was lost (2013): {why}")

    def test_not_in_a_transaction(self, script: Script, run: Callable[..., Any], told: list[str]) -> None:
        script.answers = {"BEGIN": [OK_IN_TRANSACTION], SELECT: [CUT]}
        run("BEGIN")

        with pytest.raises(pymysql.err.OperationalError):
            run(SELECT)

        assert script.count(SELECT) == 1
        assert told[-1].endswith("a transaction was open")

    def test_not_after_an_answer_that_is_none(self, script: Script, run: Callable[..., Any], told: list[str]) -> None:
        script.answers[SELECT] = [wire.packet(7, wire.OK)]

        with pytest.raises(pymysql.err.InternalError):
            run(SELECT)

        assert script.count(SELECT) == 1
        assert told[-1].endswith("what came was no answer")

    def test_not_a_query_where_functions_write(
        self, script: Script, run: Callable[..., Any], connection: OceanBaseConnection
    ) -> None:
        """A SELECT may call one, also by a view, and would write twice."""
        question = runner._WRITING_FUNCTIONS
        script.answers = {SELECT: [CUT], question: [wire.one_value("1", "1")]}
        before = connection.handle

        with pytest.raises(pymysql.err.OperationalError):
            run(SELECT)

        assert script.count(SELECT) == 1
        assert script.count(question) == 1
        assert connection.handle is before
        assert connection.state == ConnectionState.FAIL

    def test_other_statements_do_not_ask_for_functions(self, script: Script, run: Callable[..., Any]) -> None:
        script.answers["drop table if exists t"] = [CUT]

        run("drop table if exists t")

        assert script.count(runner._WRITING_FUNCTIONS) == 0
        assert script.count("drop table if exists t") == 2

    def test_what_may_fail_on_the_new_session_is_repeated_there(self, script: Script, run: Callable[..., Any]) -> None:
        script.answers[SELECT] = [CUT, failing(5627), OK]

        run(SELECT)

        assert script.count(SELECT) == 3

    def test_settings_of_a_node_get_one_new_session(self, script: Script, connection: OceanBaseConnection) -> None:
        connection.settings = NodeSettings((Variable("a", "1", "session_variables"),))
        [put] = connection.settings.statements
        script.answers[put] = [CUT] * 9

        with pytest.raises(DbtDatabaseError, match="was lost"):
            runner.run(connection, Statement(SELECT))

        assert script.count(put) == 2
        assert script.count(SELECT) == 0
        assert script.peer.accepted == 2

    def test_no_new_connection_can_be_had(
        self,
        script: Script,
        run: Callable[..., Any],
        connection: OceanBaseConnection,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        script.answers[SELECT] = [CUT]
        before = connection.handle

        def refuse() -> None:
            connection.handle, connection.state = None, ConnectionState.FAIL
            raise FailedToConnectError("ob1:2881 cannot be reached")

        monkeypatch.setattr(connection, "open", refuse)
        with pytest.raises(errors.DatabaseError) as raised:
            run(SELECT)
        with pytest.raises(pymysql.err.InterfaceError) as again:
            run(SELECT)

        text = raised.value.msg
        assert text.startswith(f"the connection to {script.peer.place} was lost: Lost connection to MySQL server")
        assert text.endswith("no new connection could be opened: ob1:2881 cannot be reached")
        assert str(raised.value).count("ob1:2881 cannot be reached") == 1
        assert connection.handle is before
        assert connection.state == ConnectionState.FAIL
        later = runner.translate(again.value, Statement(SELECT), before).msg
        assert later.startswith(f"the connection to {script.peer.place} was lost earlier in this node: Lost connection")

    def test_a_cancel_while_it_is_opened(
        self,
        script: Script,
        run: Callable[..., Any],
        connection: OceanBaseConnection,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        script.answers[SELECT] = [CUT]

        def refuse() -> None:
            connection.cancelled.set()
            connection.state = ConnectionState.FAIL
            raise DbtRuntimeError("the run was cancelled: no further connection is opened")

        monkeypatch.setattr(connection, "open", refuse)
        with pytest.raises(DbtRuntimeError, match="no further connection is opened"):
            run(SELECT)

        assert script.count(SELECT) == 1
