"""The pool on a real kernel: what one node leaves in a session, links that die between two nodes, many threads."""

from __future__ import annotations

import gc
import logging
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pymysql
import pytest
import yaml
from dbt.mp_context import get_mp_context
from dbt.tests.util import run_dbt, write_file
from faults.tcp_proxy import FaultProxy, place_of
from support.outside import PATIENCE, Database, until
from support.recorder import Recorder

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, Session, SessionPool
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, PoolOptions, RetryOptions, SessionOptions
from dbt.adapters.oceanbase.connect.session import session as session_module
from dbt.adapters.oceanbase.connect.transport.deadline import is_readable

from .conftest import GATED

pytestmark = pytest.mark.any_kernel

Options = Callable[..., ConnectOptions]
PATIENT = RetryOptions(connect_timeout=PATIENCE, connect_retries=5, deadline=2 * PATIENCE)
SCHEMA, OTHER = "dbt_pool", "dbt_pool_other"


@pytest.fixture(scope="class")
def schema(connect: Callable[..., pymysql.Connection]) -> Iterator[str]:
    """Create a schema with a table ``t``, and a second schema; return the name of the first."""

    def run(*statements: str) -> None:
        # connects each time: a test may restart the server
        with connect() as server, server.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    drop = [f"drop database if exists {name}" for name in (SCHEMA, OTHER)]
    run(*drop, f"create database {SCHEMA}", f"create database {OTHER}", f"create table {SCHEMA}.t (i int)")
    yield SCHEMA
    run(*drop)


@pytest.fixture(scope="class")
def options(server_profile: dict[str, Any], schema: str) -> Options:
    """Return a function that makes options for a server (by default that of these tests) and for the pool."""

    def make(place: dict[str, Any] | None = None, session: dict[str, Any] | None = None, **pool: Any) -> ConnectOptions:
        found = {**server_profile, **(place or {})}
        return ConnectOptions(
            LoginOptions(found["user"], password=found["password"]),
            (Endpoint(found["host"], found["port"]),),
            session=SessionOptions(**{"schema": schema, **(session or {})}),
            retry=PATIENT,
            pool=PoolOptions(**pool),
        )

    return make


@pytest.fixture
def pool(options: Options) -> Iterator[SessionPool]:
    """Return a pool of at most one connection."""
    found = SessionPool(Connector(options(size=1)))
    yield found
    found.dispose()


def leave(pool: SessionPool, *statements: str, dirty: bool = True) -> Session:
    """Run ``statements`` on the pool's connection and close the session; return that session."""
    with closing(pool.acquire()) as session:
        for statement in statements:
            session.run(statement)
        session.dirty = dirty
    return session


def value(pool: SessionPool, expression: str) -> Any:
    with closing(pool.acquire()) as session:
        return session.run(f"select {expression}").fetchone()[0]


class TestLeftovers:
    """What statements leave behind in a session is not there for the next user of the connection."""

    @pytest.mark.parametrize(
        ("left", "read", "found"),
        [
            (["set @x = 5"], "@x", None),
            (["set session sql_mode = ''"], "@@sql_mode like '%STRICT_ALL_TABLES%'", 1),
            (["set time_zone = '+05:00'"], "@@time_zone", "+00:00"),
            (["set ob_query_timeout = 1000000"], "@@ob_query_timeout", 86_400_000_000),
            (["set autocommit = 0"], "@@autocommit", 1),
            (["set names utf8mb4 collate utf8mb4_bin"], "@@collation_connection", "utf8mb4_general_ci"),
            ([f"use {OTHER}"], "database()", "dbt_pool"),
            (["begin", "insert into t values (1)"], "(select count(*) from t)", 0),
            (["select get_lock('dbt_pool', 5)"], "is_free_lock('dbt_pool')", 1),
            (["insert into t values (2)", "delete from t"], "last_insert_id()", 0),
        ],
        ids=["variable", "mode", "zone", "timeout", "autocommit", "collation", "database", "transaction", "lock", "id"],
    )
    def test_is_not_there_for_the_next(self, pool: SessionPool, left: list[str], read: str, found: Any) -> None:
        session = leave(pool, *left)

        assert value(pool, read) == found
        assert value(pool, "connection_id()") == session.id, "it was to be reset, not replaced"

    @pytest.mark.parametrize("mode", ["pooled", "new"])
    @pytest.mark.parametrize("end", ["closed", "cancelled", "killed"])
    def test_a_lock_of_a_session_that_is_ended(
        self,
        options: Options,
        connect: Callable[..., pymysql.Connection],
        mode: Literal["pooled", "new"],
        end: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(session_module, "RELEASE_SECONDS", PATIENCE)
        pool, lock = SessionPool(Connector(replace(options(), connection_mode=mode))), f"dbt_{mode}_{end}"
        with closing(pool.acquire()) as session, connect() as other, other.cursor() as cursor:
            session.run(f"select get_lock('{lock}', 5)")
            session.dirty, session.cancelled = True, end == "cancelled"
            cursor.execute(f"select is_used_lock('{lock}')")
            assert cursor.fetchone() == (session.id,)
            if end == "killed":
                kill = threading.Thread(target=kill_query, args=(cursor, session.id))
                kill.start()
                with pytest.raises(pymysql.err.MySQLError, match="interrupted"):
                    session.run("select sleep(600)")
                kill.join()
            session.close()
            cursor.execute(f"select is_free_lock('{lock}')")
            assert cursor.fetchone() == (1,)
        pool.dispose()

    def test_a_prepared_statement(self, pool: SessionPool) -> None:
        leave(pool, "prepare p from 'select 7'")

        with closing(pool.acquire()) as session, pytest.raises(pymysql.err.MySQLError) as raised:
            session.run("execute p")

        assert raised.value.args[0] == 1243

    def test_a_lock_on_tables_and_an_open_transaction_keep_nobody_waiting(
        self, pool: SessionPool, connect: Callable[..., pymysql.Connection]
    ) -> None:
        leave(pool, "lock tables t write", "begin", "insert into t values (3)", "delete from t")

        with connect() as other, other.cursor() as cursor:
            cursor.execute("set ob_trx_lock_timeout = 20000000")
            cursor.execute("insert into dbt_pool.t values (4)")
            cursor.execute("delete from dbt_pool.t")

    def test_an_open_transaction_of_an_unchanged_session(self, pool: SessionPool) -> None:
        session = leave(pool, "begin", "insert into t values (5)", dirty=False)

        assert value(pool, "(select count(*) from t)") == 0
        assert value(pool, "connection_id()") == session.id

    def test_the_profile_s_own_settings_are_said_again(self, options: Options) -> None:
        session = {"query_timeout": 77, "time_zone": "-03:30", "variables": (("group_concat_max_len", 2048),)}
        pool = SessionPool(Connector(options(size=1, session=session)))
        expected = (77_000_000, "-03:30", 2048)
        said = "@@ob_query_timeout, @@time_zone, @@group_concat_max_len"
        first = leave(pool, "set time_zone = '+01:00', group_concat_max_len = 4, ob_query_timeout = 5000000")

        with closing(pool.acquire()) as second:
            assert second.id == first.id
            assert second.run(f"select {said}").fetchone() == expected
        pool.invalidate()
        with closing(pool.acquire()) as third:
            assert third.id != first.id
            assert third.run(f"select {said}").fetchone() == expected
        pool.dispose()


class TestDeadLinks:
    def test_a_session_killed_while_idle_is_not_noticed_by_its_next_user(
        self, options: Options, connect: Callable[..., pymysql.Connection], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, "dbt.adapters.oceanbase.connect.pool")
        pool = SessionPool(Connector(options()))
        first, second = pool.acquire(), pool.acquire()
        first.close()
        second.close()
        with connect() as other, other.cursor() as cursor:
            cursor.execute(f"kill {second.id}")
            # the server's list is shorter a moment before its end of the link is closed
            until(lambda: is_readable(second.link))

        with closing(pool.acquire()) as session:
            assert session.run("select 1").fetchone() == (1,)
            assert session.id not in (first.id, second.id)

        assert any("has lost its link: connections as old as it are replaced" in each for each in caplog.messages)
        assert not first.connection.open
        pool.dispose()

    def test_a_session_killed_at_work_takes_those_as_old_with_it(
        self, options: Options, connect: Callable[..., pymysql.Connection]
    ) -> None:
        pool = SessionPool(Connector(options()))
        idle, killed = pool.acquire(), pool.acquire()
        idle.close()
        with connect() as other, other.cursor() as cursor:
            cursor.execute(f"kill {killed.id}")
        with pytest.raises(pymysql.err.MySQLError):
            until(lambda: not killed.run("select 1"))
        killed.close()

        assert pool.status() == "0 of 3 connections in use, 0 idle"
        assert value(pool, "connection_id()") not in (idle.id, killed.id)
        pool.dispose()

    def test_an_idle_link_that_has_become_a_black_hole_is_found_by_the_ping(
        self, options: Options, proxy: FaultProxy
    ) -> None:
        found = options(proxy.profile, idle_check=0)
        pool = SessionPool(Connector(found))
        # the limit of the ping, and not that of the next connection
        pool.options = replace(found, retry=replace(PATIENT, connect_timeout=1))
        leave(pool, "select 1", dirty=False)
        (link,) = proxy.open_links
        link.black_hole()

        assert value(pool, "1") == 1
        assert len(proxy.connections) == 2
        pool.dispose()

    def test_a_server_that_has_restarted_is_not_noticed_by_the_next_user(
        self, options: Options, own_server: Any
    ) -> None:
        pool = SessionPool(Connector(options()))
        sessions = [pool.acquire() for _ in range(3)]
        for each in sessions:
            each.close()

        own_server.restart()

        assert value(pool, "1") == 1
        pool.dispose()


def kill_query(cursor: Any, session_id: int) -> None:
    """End the statement of a session, when it runs."""
    until(
        lambda: cursor.execute(
            "select 1 from information_schema.processlist where id = %s and info like %s", (session_id, "%sleep(600)%")
        )
    )
    cursor.execute(f"kill query {session_id}")


class CountingConnector(Connector):
    """A connector that counts its open connections, and the most that were open at the same time."""

    def __init__(self, options: ConnectOptions) -> None:
        super().__init__(options)
        self.sessions: list[Session] = []
        self.most = 0
        self.counting = threading.Lock()

    def connect(self, *args: Any, **kwargs: Any) -> Session:
        session = super().connect(*args, **kwargs)
        with self.counting:
            self.sessions = [*(each for each in self.sessions if each.connection.open), session]
            self.most = max(self.most, len(self.sessions))
        return session


@pytest.mark.takes(40)
class TestManyThreads:
    THREADS, CHECKOUTS, SIZE = 16, 2000, 6
    CHECKOUTS_PER_KILL = 100

    def test_kills_at_random_give_no_connection_to_two_and_lose_no_slot(
        self, options: Options, connect: Callable[..., pymysql.Connection]
    ) -> None:
        connector = CountingConnector(options(size=self.SIZE, timeout=2 * PATIENCE))
        pool = SessionPool(connector)
        self.holders: dict[int, int] = {}
        self.taken = 0
        self.faults: list[str] = []
        self.holding = threading.Lock()
        over = threading.Event()
        killer = threading.Thread(target=self.kill, args=(connector, connect, over))
        workers = [threading.Thread(target=self.work, args=(pool, number)) for number in range(self.THREADS)]
        for each in (*workers, killer):
            each.start()
        for each in workers:
            each.join(6 * PATIENCE)
        over.set()
        killer.join(PATIENCE)

        assert not self.faults
        assert not any(each.is_alive() for each in workers)
        assert connector.most <= self.SIZE
        gc.collect()
        held = [pool.acquire() for _ in range(self.SIZE)]
        assert [each.run("select 1").fetchone() for each in held] == [(1,)] * self.SIZE
        assert pool.status() == f"{self.SIZE} of {self.SIZE} connections in use, 0 idle"
        for each in held:
            each.close()
        pool.dispose()

    def work(self, pool: SessionPool, number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        try:
            for checkout in range(self.CHECKOUTS):
                session: Session | None = pool.acquire()
                assert session is not None
                self.take(session, number)
                with suppress(pymysql.err.MySQLError):
                    self.use(session, chance, number * self.CHECKOUTS + checkout)
                self.give(session)
                if chance.random() < 0.005:
                    # left to the garbage collector
                    session = None
                else:
                    session.close()
        except Exception as error:
            self.faults.append(f"{number}: {error!r}")

    def use(self, session: Session, chance: random.Random, token: int) -> None:
        kind = chance.random()
        if kind < 0.01:
            session.dirty = True
            session.run("set @x = 1")
        elif kind < 0.02:
            session.run("begin")
            session.run("insert into t values (1)")
        elif kind < 0.03:
            session.cancelled = True
        elif kind < 0.3:
            row = session.run(f"select {token}, @x, connection_id()").fetchone()
            if row != (token, None, session.id):
                self.faults.append(f"{session} answered {row} to {token}")

    def take(self, session: Session, number: int) -> None:
        with self.holding:
            key = id(session.connection)
            if key in self.holders:
                self.faults.append(f"{session} is held by {self.holders[key]} and {number}")
            self.holders[key] = number
            self.taken += 1

    def give(self, session: Session) -> None:
        with self.holding:
            del self.holders[id(session.connection)]

    def kill(
        self, connector: CountingConnector, connect: Callable[..., pymysql.Connection], over: threading.Event
    ) -> None:
        chance = random.Random(7)  # noqa: S311
        with connect() as server, server.cursor() as cursor:
            killed = 0
            while not over.wait(0.01):
                sessions = connector.sessions
                # by their use and not by time: the connections of a slow machine would be used for nothing
                if sessions and self.taken >= self.CHECKOUTS_PER_KILL * (killed + 1):
                    killed += 1
                    with suppress(pymysql.err.MySQLError):
                        cursor.execute(f"kill {chance.choice(sessions).id}")


class TestNodes:
    """dbt on the pool."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        view = "{{ config(materialized='view') }} select 1 as id"
        return {
            **{f"view_{number}.sql": view for number in range(5)},
            "changing.sql": "{{ config(materialized='view', pre_hook='set @leftover = 5') }} select 1 as id",
            "reading.sql": "-- depends_on: {{ ref('changing') }}\n"
            "{{ config(materialized='table') }} select @leftover as leftover",
        }

    @pytest.fixture(scope="class")
    def front(self, server_profile: dict[str, Any]) -> Iterator[Recorder]:
        with Recorder(place_of(server_profile)) as found:
            yield found

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], front: Recorder) -> dict[str, Any]:
        pool = {"idle_check": 600, "timeout": PATIENCE}  # a ping would be among the statements that are compared
        return {"type": "oceanbase", "threads": 4, "pool": pool, **server_profile, **front.profile}

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"query-comment": ""}

    def test_a_node_sends_its_own_statements_only(self, project: Any, front: Recorder) -> None:
        run_dbt(["run", "--threads", "1", "--select", "view_0"])
        front.clear()

        run_dbt(["run", "--threads", "1", "--select", "view_*"])

        sent = [statement for connection in front.connections for statement in connection]
        opened = sum(statement.startswith("set autocommit") for statement in sent)
        assert opened == len(front.connections) <= 2
        assert sum(statement.startswith("use ") for statement in sent) == opened
        first = next(i for i, statement in enumerate(sent) if "view_0" in statement)
        assert [statement.split("`")[3] for statement in sent[first:] if statement != "<quit>"] == [
            f"view_{number}" for number in range(5)
        ]

    def test_a_node_does_not_see_what_a_hook_of_another_has_set(self, project: Any) -> None:
        run_dbt(["run", "--threads", "1", "--select", "changing reading"])

        assert project.run_sql("select leftover from {schema}.reading", fetch="one") == (None,)

    def test_a_session_killed_between_two_nodes(self, project: Any, db: Database) -> None:
        adapter = project.adapter
        with adapter.connection_named("one"):
            adapter.execute("select 1")
            killed = adapter.connections.session().id
        db.run(f"kill {killed}")
        until(lambda: not db.rows(f"select 1 from information_schema.processlist where id = {killed}"))

        with adapter.connection_named("two"):
            _, table = adapter.execute("select connection_id()", fetch=True)

        assert int(table.rows[0][0]) != killed

    def test_fewer_connections_than_threads(self, dbt: Any, front: Recorder) -> None:
        front.clear()

        outcome = dbt("run", "--select", "view_*", pool={"size": 1, "timeout": PATIENCE})

        assert outcome.code == 0, outcome.console
        assert len([each for each in front.connections if each]) == 1

    def test_connections_in_use_for_too_long(self, dbt: Any, project: Any, gate: pymysql.Connection) -> None:
        for number in range(3):
            write_file(GATED, project.project_root, "models", f"slow_{number}.sql")

        running = dbt.start("run", "--select", "slow_*", pool={"size": 2, "timeout": 1}, lock_timeout=PATIENCE)
        running.await_line("no connection became free")
        gate.rollback()
        outcome = running.outcome()

        for number in range(3):
            (Path(project.project_root) / "models" / f"slow_{number}.sql").unlink()
        assert outcome.code == 1
        assert outcome.line("no connection became free") == (
            "no connection became free within 1 s: all 2 are in use; raise pool.size to threads + 2, or leave it out"
        )
        assert outcome.has_no_traceback()
        assert outcome.messages("waiting for a connection: ")

    def test_the_log_says_what_became_of_the_connections(self, dbt: Any) -> None:
        outcome = dbt("run", "--select", "view_0")

        assert outcome.messages("connected to ")
        (line,) = outcome.messages("closing the idle connections of ")[-1:]
        assert "0 of 6 connections in use" in line

    def test_an_adapter_that_cleans_up_leaves_the_other_one_going(self, project: Any, front: Recorder) -> None:
        one = project.adapter
        other = type(one)(one.config, get_mp_context())
        with one.connection_named("node"):
            one.execute("select 1")
            session = one.connections.session()
            with other.connection_named("node"):
                other.execute("select 1")
                assert other.connections.session().id != session.id

            other.cleanup_connections()

            _, table = one.execute("select connection_id()", fetch=True)
            assert int(table.rows[0][0]) == session.id
        with one.connection_named("next node"), other.connection_named("again"):
            one.execute("select 1")
            other.execute("select 1")
            assert session.id not in (one.connections.session().id, other.connections.session().id)
        for adapter in (one, other):
            adapter.cleanup_connections()
        until(lambda: not front.open_links)

    def test_two_profiles_one_after_the_other_in_one_process(self, project: Any, tmp_path: Path) -> None:
        profiles = yaml.safe_load((Path(project.profiles_dir) / "profiles.yml").read_text())
        (profile,) = [each for each in profiles.values() if "outputs" in each]
        profile["outputs"]["other"] = {
            **profile["outputs"]["default"],
            "session_variables": {"div_precision_increment": 9},
        }
        (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profiles))
        write_file(
            "{{ config(materialized='table') }} select @@div_precision_increment as a",
            *(project.project_root, "models", "precision.sql"),
        )

        found = []
        for target in ("default", "other", "default"):
            run_dbt(["run", "--select", "precision", "--target", target, "--profiles-dir", str(tmp_path)])
            found.append(project.run_sql("select a from {schema}.precision", fetch="one")[0])

        assert found == [4, 9, 4]


IMPORTED = """
import sys
from dbt.cli.main import dbtRunner
assert dbtRunner().invoke(sys.argv[1:]).success
print("imported:", *sorted({"sqlalchemy", "paramiko", "pylibseekdb"} & set(sys.modules)))
"""


@pytest.mark.takes(50)
class TestImports:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"m.sql": "select 1 as id"}

    @pytest.mark.parametrize(
        ("command", "mode"),
        [("parse", "pooled"), ("run", "pooled"), ("run", "new")],
    )
    def test_a_command_loads_no_library_that_it_does_not_need(
        self, project: Any, tmp_path: Path, command: str, mode: str
    ) -> None:
        profiles = yaml.safe_load((Path(project.profiles_dir) / "profiles.yml").read_text())
        (profile,) = [each for each in profiles.values() if "outputs" in each]
        profile["outputs"]["default"]["connection_mode"] = mode
        (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profiles))

        done = subprocess.run(
            [sys.executable, "-c", IMPORTED, command, "--profiles-dir", str(tmp_path)],
            cwd=project.project_root,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

        assert done.stdout.splitlines()[-1].split() == ["imported:"], done.stdout + done.stderr
