"""Statements that are ended from outside: by a time limit, by a cancel, by a server that is killed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pymysql
import pytest
from dbt_common.exceptions import DbtDatabaseError, DbtRuntimeError
from faults.odp import Odp
from faults.tcp_proxy import FaultProxy, place_of
from support.outside import PATIENCE, Database, until

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, Session
from dbt.adapters.oceanbase.connect.control import control_connection, kill, timeout
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, RetryOptions

SLOW = "select sum(sleep(0.3)) from {s}.rows_of"
"""A statement that takes five minutes."""

LIMIT = 2
"""Time limit in seconds that a statement under test exceeds."""

LONG = 150
"""Seconds within which a statement must end, also on a busy machine; the statements themselves take longer."""

ENDLESS = 600.0
"""A time limit in seconds that expires in no test."""

SETUP = (
    "create table {s}.rows_of (i int)",
    "insert into {s}.rows_of with recursive s as (select 1 as i union all select i + 1 from s where i < 1000) "
    "select * from s",
    "create table {s}.t (i int)",
    "create table {s}.log (n bigint)",
)


@contextmanager
def bystander(connect: Callable[..., pymysql.Connection], db: Database) -> Iterator[None]:
    """Another session of the same user, whose statement must go on."""
    with closing(connect()) as session:
        session._execute_command(3, "select sleep(3600) /* bystander */")
        until(lambda: db.running("bystander") == 1)
        yield
        assert db.running("bystander") == 1
        db.run(f"kill {session.thread_id()}")


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the limits of the time that the adapter takes to end a statement."""
    monkeypatch.setattr(control_connection, "OPEN_SECONDS", ENDLESS)
    monkeypatch.setattr(timeout, "CONTROL_SECONDS", ENDLESS)
    monkeypatch.setattr(kill.end_statements, "__defaults__", (ENDLESS, kill.inspect_nothing))


class Limits:
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any]) -> dict[str, Any]:
        return {"type": "oceanbase", "threads": 2, **server_profile}

    @pytest.fixture
    def limited(self, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Set the limits at which the adapter ends DDL. Those of the server, for all statements, stay as they are."""
        credentials = project.adapter.config.credentials
        # sessions are opened with the options as they were at this call
        credentials.options()
        monkeypatch.setattr(credentials, "query_timeout", LIMIT)
        monkeypatch.setattr(credentials, "lock_timeout", LIMIT)

    @pytest.fixture(scope="class", autouse=True)
    def relations(self, project: Any, db: Database) -> None:
        db.run("create database if not exists {s}", *SETUP)

    @pytest.fixture
    def execute(self, project: Any) -> Callable[..., str]:
        """Run statements on one of dbt's connections, and return the text of the error that the last one must raise."""

        def run(*statements: str, node: str = "node") -> str:
            adapter = project.adapter
            with adapter.connection_named(node):
                for statement in statements[:-1]:
                    adapter.execute(statement.replace("{s}", f"`{project.test_schema}`"), auto_begin=False)
                with pytest.raises((DbtDatabaseError, DbtRuntimeError)) as raised:
                    adapter.execute(statements[-1].replace("{s}", f"`{project.test_schema}`"), auto_begin=False)
                return str(raised.value.msg)

        return run


@pytest.mark.usefixtures("unhurried", "limited")
class TestStatementTimeout(Limits):
    @pytest.mark.parametrize(
        "sql",
        ["rename table {s}.t to {s}.t2", "drop table {s}.t", "truncate table {s}.t"],
        ids=lambda sql: sql.split()[0],
    )
    def test_what_waits_for_a_writer_ends_and_names_it(
        self, execute: Callable[..., str], connect: Callable[..., pymysql.Connection], db: Database, sql: str
    ) -> None:
        with connect() as writer, writer.cursor() as cursor, bystander(connect, db):
            cursor.execute("begin")
            cursor.execute(f"insert into `{db.schema}`.t values (1)")
            started = time.monotonic()

            text = execute(sql)

            took = time.monotonic() - started
            cursor.execute("rollback")

        assert LIMIT - 0.1 < took < LONG
        assert f"{sql.split()[0]} table ran longer than lock_timeout (2 s) and was ended (1317, 127.0.0.1:" in text
        assert f"it waited for session {writer.thread_id()} of 'root' (sleep for" in text
        assert db.value("select count(*) from {s}.t") == 0

    def test_a_ctas_ends_at_query_timeout(self, execute: Callable[..., str], db: Database) -> None:
        started = time.monotonic()

        text = execute(f"create table {{s}}.too_slow as {SLOW}")

        assert LIMIT - 0.1 < time.monotonic() - started < LONG
        assert "create table ran longer than query_timeout (2 s) and was ended (1317" in text
        assert "raise query_timeout in the profile" in text
        assert "too_slow" not in db.relations()

    def test_the_session_goes_on_after_it(self, project: Any, execute: Callable[..., str]) -> None:
        with project.adapter.connection_named("again"):
            before = project.adapter.connections.session().id
            with pytest.raises(DbtDatabaseError):
                project.adapter.execute(
                    f"create table `{project.test_schema}`.x as " + SLOW.replace("{s}", f"`{project.test_schema}`")
                )
            response, _ = project.adapter.execute("select 1", fetch=True)

        assert response.code == str(before)


class TestServersTimeout(Limits):
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any]) -> dict[str, Any]:
        # it also limits the statements that set the test up
        return {"type": "oceanbase", "threads": 2, **server_profile, "query_timeout": 10}

    def test_a_select_ends_at_query_timeout(self, execute: Callable[..., str]) -> None:
        assert "raise query_timeout" in execute(SLOW)

    def test_an_error_of_its_own_stays_what_it_is(self, execute: Callable[..., str]) -> None:
        assert "(1050, " in execute("create table {s}.t as select 1 as i")


@pytest.mark.usefixtures("limited")
class TestAnswerLost(Limits):
    """The server runs the statement, and its answer does not arrive."""

    @pytest.fixture(scope="class")
    def front(self, server_profile: dict[str, Any]) -> Iterator[FaultProxy]:
        with FaultProxy(place_of(server_profile)) as proxy:
            yield proxy

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], front: FaultProxy) -> dict[str, Any]:
        return {"type": "oceanbase", "threads": 2, **server_profile, **front.profile}

    def test_the_outcome_is_unknown(
        self, execute: Callable[..., str], front: FaultProxy, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answer = front.at("drop table", "answered", lambda link: link.black_hole("to_client"))
        end = timeout.end_statements

        def end_when_the_server_is_done(*arguments: Any) -> None:
            try:
                answer.wait(PATIENCE)
            finally:
                end(*arguments)

        monkeypatch.setattr(timeout, "end_statements", end_when_the_server_is_done)

        text = execute("drop table {s}.t")

        assert "drop table ran longer than lock_timeout (2 s) and was cut off (2013, 127.0.0.1:" in text
        assert "whether the statement took effect is unknown: rerun the node" in text
        assert "t" not in db.relations()


@pytest.mark.usefixtures("unhurried")
class TestCancel(Limits):
    @pytest.fixture(autouse=True)
    def fresh_connections(self, project: Any) -> Iterator[None]:
        """A cancelled connection stays cancelled, and a new thread may get the id of an old one."""
        yield
        project.adapter.cleanup_connections()

    def worker(self, project: Any, name: str, *statements: str) -> tuple[str, str]:
        """Do what a dbt thread does, and return the error's text and the result of the next statement."""
        adapter, texts = project.adapter, []
        with adapter.connection_named(name):
            for statement in statements:
                with pytest.raises((DbtDatabaseError, DbtRuntimeError)) as raised:
                    adapter.execute(statement.replace("{s}", f"`{project.test_schema}`"))
                texts.append(str(raised.value.msg))
        return texts[0], texts[1]

    def test_what_runs_is_ended_and_nothing_more_is_sent(self, project: Any, db: Database) -> None:
        next_one = "insert into {s}.log values (1)"
        slow = (f"insert into {{s}}.log {SLOW}", f"create table {{s}}.cancelled as {SLOW}")
        with ThreadPoolExecutor(4) as pool, project.adapter.connection_named("master"):
            running = [pool.submit(self.worker, project, f"n{i}", sql, next_one) for i, sql in enumerate(slow)]
            until(lambda: db.running("rows_of") == 2)
            started = time.monotonic()

            names = project.adapter.connections.cancel_open()
            results = [each.result(PATIENCE) for each in running]

        assert time.monotonic() - started < LONG
        assert set(names) >= {"n0", "n1"}
        assert all("(1317, " in first for first, _ in results)
        assert all("cancelled: the statement was not sent" in second for _, second in results)
        assert db.running("rows_of") == 0
        assert db.rows("select * from {s}.log") == []
        assert "cancelled" not in db.relations()

    def test_a_handle_that_was_never_used_is_not_opened(self, project: Any, db: Database) -> None:
        ready, go = threading.Event(), threading.Event()

        def idle() -> str:
            with project.adapter.connection_named("idle"):
                ready.set()
                go.wait(PATIENCE)
                try:
                    project.adapter.execute("select 1")
                except DbtRuntimeError as error:
                    return str(error.msg)
                return "sent"

        def sessions() -> set[int]:
            return {number for (number,) in db.rows("select id from information_schema.processlist")}

        with ThreadPoolExecutor(1) as pool, project.adapter.connection_named("master"):
            project.adapter.execute("select 1")
            worker = pool.submit(idle)
            assert ready.wait(PATIENCE)
            before = sessions()
            project.adapter.connections.cancel_open()
            after = sessions()
            go.set()

            assert worker.result(PATIENCE) == "the run was cancelled: no further connection is opened"
        # sessions of earlier tests may go in between
        assert after <= before

    def test_others_are_not_hit(self, project: Any, connect: Callable[..., pymysql.Connection], db: Database) -> None:
        with ThreadPoolExecutor(1) as pool, project.adapter.connection_named("master"), bystander(connect, db):
            worker = pool.submit(self.worker, project, "n", f"insert into {{s}}.log {SLOW}", "select 1")
            until(lambda: db.running("rows_of") == 1)
            project.adapter.connections.cancel_open()
            worker.result(PATIENCE)


LONG_CUT = "select /*" + "ä" * 40_000 + "*/ sleep(3600)"
"""A statement that the server cuts in the middle of an ä."""


class Worker:
    """A session that runs a statement in another thread."""

    def __init__(self, session: Session, sql: str) -> None:
        self.session, self.code = session, 0
        self.thread = threading.Thread(target=self._run, args=(sql,), daemon=True)
        self.thread.start()

    def _run(self, sql: str) -> None:
        try:
            self.session.run(sql)
        except pymysql.MySQLError as error:
            self.code = error.args[0]


@pytest.mark.usefixtures("unhurried")
class TestEnding:
    """Sessions of ``connect`` alone, without dbt."""

    @pytest.fixture(scope="class")
    def db(self, connect: Callable[..., pymysql.Connection]) -> Iterator[Database]:
        with closing(connect()) as connection:
            db = Database(connection, f"ending_{time.monotonic_ns()}")
            db.run("create database {s}", *SETUP)
            yield db
            db.run("drop database {s}")

    @pytest.fixture
    def connector(self, server_profile: dict[str, Any]) -> Iterator[Callable[..., Connector]]:
        """Return a function that makes a connector to an endpoint, with options of ConnectOptions."""
        login = LoginOptions(server_profile["user"], password=server_profile["password"])
        retry = RetryOptions(connect_timeout=ENDLESS, deadline=ENDLESS)
        return lambda endpoint, **options: Connector(
            ConnectOptions(**{"login": login, "endpoints": (endpoint,), "retry": retry, **options})
        )

    @pytest.fixture(params=["tcp", "unix"])
    def endpoint(self, request: pytest.FixtureRequest, own_server: Any) -> Endpoint:
        if request.param == "unix":
            return Endpoint(unix_socket=own_server.unix_socket)
        return Endpoint("127.0.0.1", own_server.port)

    @pytest.mark.parametrize(
        "sql",
        [
            SLOW,
            f"-- why\n /* and how: ä */ insert into {{s}}.log\n{SLOW};",
            f"create table {{s}}.made as {SLOW}",
            f"create table {{s}}.made (n bigint) comment 'ä' as {SLOW}",
            f"set @a = ({SLOW})",
            "rename table {s}.t to {s}.t2",
            "drop table {s}.t",
        ],
        ids=lambda sql: sql.split("{")[0].strip()[:24],
    )
    def test_the_server_shows_each_kind_of_statement_so_that_it_is_recognised(
        self,
        db: Database,
        connector: Any,
        connect: Callable[..., pymysql.Connection],
        endpoint: Endpoint,
        sql: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        source = connector(endpoint)
        with closing(source.connect()) as session, closing(connect()) as writer, writer.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"insert into `{db.schema}`.t values (1)")
            worker = Worker(session, sql.replace("{s}", f"`{db.schema}`"))
            until(lambda: is_at_work(db, session))

            caplog.clear()
            kill.end_statements([session], source)
            worker.thread.join(PATIENCE)

            assert worker.code == 1317
            # KILL QUERY is sent again if the statement still runs after a second
            assert {text.split(" (after")[0] for text in caplog.messages if "connected" not in text} == {
                f"KILL QUERY {session.id} on {endpoint}"
            }
            assert session.run("select 1").fetchone() == (1,)
            cursor.execute("rollback")

    def test_a_plain_user(self, db: Database, connector: Any, own_server: Any) -> None:
        db.run("create user plain identified by 'word'", "grant select on {s}.* to plain")
        login = LoginOptions("plain", password="word")
        source = connector(Endpoint("127.0.0.1", own_server.port), login=login)
        with closing(source.connect()) as session:
            worker = Worker(session, SLOW.replace("{s}", f"`{db.schema}`"))
            until(lambda: is_at_work(db, session))
            kill.end_statements([session], source)
            worker.thread.join(PATIENCE)

            assert worker.code == 1317
        db.run("drop user plain")

    def test_a_statement_of_others_that_cannot_be_read(
        self, db: Database, connector: Any, connect: Callable[..., pymysql.Connection], endpoint: Endpoint
    ) -> None:
        source = connector(endpoint)
        with closing(source.connect()) as other, closing(source.connect()) as session:
            bystander, worker = Worker(other, LONG_CUT), Worker(session, SLOW.replace("{s}", f"`{db.schema}`"))
            until(lambda: is_at_work(db, session) and is_at_work(db, other))
            kill.end_statements([session], source)
            worker.thread.join(PATIENCE)

            assert worker.code == 1317
            assert is_at_work(db, other)
            kill.end_statements([other], source)
            bystander.thread.join(PATIENCE)

    @pytest.mark.parametrize("method", ["auto", "kill"])
    def test_an_id_that_another_proxy_has_given_as_well(
        self, db: Database, connector: Any, server_profile: dict[str, Any], method: str
    ) -> None:
        """A load balancer sends the control connection to the other proxy, where the id belongs to another session."""
        login = LoginOptions("root", "analytics", password=server_profile["password"])
        place = place_of(server_profile)
        with Odp(place, number=7) as one, Odp(place, number=7) as two:
            here, there = (
                connector(Endpoint(odp.host, odp.port), login=login, cancel_method=method) for odp in (one, two)
            )
            with closing(here.connect()) as session, closing(there.connect()) as twin:
                assert session.id == twin.id
                sql = SLOW.replace("{s}", f"`{db.schema}`")
                bystander, worker = Worker(twin, sql), Worker(session, sql)
                until(lambda: db.running("rows_of") == 2)
                session.endpoint = twin.endpoint

                kill.end_statements([session], here, seconds=1)
                worker.thread.join(PATIENCE)
                until(lambda: db.running("rows_of") == 1)

                assert worker.code == 2013
                assert not any("kill" in statement for statement in two.statements)
                twin.shut_down()
                bystander.thread.join(PATIENCE)


def is_at_work(db: Database, session: Session) -> bool:
    """Check whether the server shows a statement of the session."""
    return bool(db.rows(f"select 1 from information_schema.processlist where id = {session.id} and command <> 'Sleep'"))


class TestLostLink(Limits):
    @pytest.fixture(scope="class")
    def unique_schema(self, connect: Callable[..., pymysql.Connection]) -> Iterator[str]:
        """A schema that is dropped on a new connection, since the suite's own one is lost with the server."""
        name = f"lost_link_{time.monotonic_ns()}"
        yield name
        with connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"drop database if exists `{name}`")

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "oceanbase",
            "threads": 2,
            **server_profile,
            "connect_retries": 20,
            "connect_retry_deadline": ENDLESS,
        }

    def test_a_killed_server(self, project: Any, db: Database, own_server: Any, connect: Callable[..., Any]) -> None:
        adapter, schema = project.adapter, f"`{project.test_schema}`"
        killer = threading.Thread(target=self.kill, args=(db, own_server), daemon=True)
        killer.start()
        with adapter.connection_named("node"):
            with pytest.raises(DbtDatabaseError) as first:
                adapter.execute(f"insert into {schema}.log " + SLOW.replace("{s}", schema), auto_begin=False)
            with pytest.raises(DbtDatabaseError) as second:
                adapter.execute(f"insert into {schema}.log values (1)", auto_begin=False)
        killer.join()
        started = threading.Thread(target=own_server.start, daemon=True)
        started.start()
        try:
            with adapter.connection_named("next"):
                _, table = adapter.execute("select 1 as one", fetch=True)
        finally:
            started.join()

        assert "the connection to 127.0.0.1:" in first.value.msg
        assert "was lost: " in first.value.msg
        assert "whether the statement took effect is unknown" in first.value.msg
        assert "was lost earlier in this node: " in second.value.msg
        assert [tuple(row) for row in table.rows] == [(1,)]
        with connect() as fresh, fresh.cursor() as cursor:
            cursor.execute(f"select * from {schema}.log")
            assert cursor.fetchall() == ()

    @staticmethod
    def kill(db: Database, own_server: Any) -> None:
        until(lambda: db.running("rows_of") == 1)
        own_server.kill()

    def test_a_cancel_does_not_raise_when_the_server_is_gone(
        self, project: Any, own_server: Any, connect: Callable[..., pymysql.Connection]
    ) -> None:
        adapter, schema = project.adapter, f"`{project.test_schema}`"

        def work() -> str:
            with adapter.connection_named("n"):
                try:
                    adapter.execute(f"insert into {schema}.log select sleep(600)")
                except DbtDatabaseError as error:
                    return str(error.msg)
                return "ended"

        with ThreadPoolExecutor(1) as pool, adapter.connection_named("master"):
            adapter.execute("select 1")
            worker = pool.submit(work)
            with closing(connect()) as other:
                until(lambda: Database(other, schema).running("sleep(600)") == 1)
            own_server.kill()
            started = time.monotonic()
            names = adapter.connections.cancel_open()
            text = worker.result(PATIENCE)
            took = time.monotonic() - started
        own_server.start()

        assert took < control_connection.CONTROL_SECONDS + LONG
        assert "n" in names
        assert "was lost" in text
