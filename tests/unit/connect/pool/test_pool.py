"""The pool: which connection serves which use, what is sent between two uses, and when a connection is replaced."""

from __future__ import annotations

import gc
import logging
import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Literal

import pymysql
import pytest
from support.outside import PATIENCE, until

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, Session, SessionCancelled, SessionPool, errors
from dbt.adapters.oceanbase.connect.options import Endpoint, PoolOptions, SessionOptions
from dbt.adapters.oceanbase.connect.pool import pool as pools
from dbt.adapters.oceanbase.connect.pool import registry
from dbt.adapters.oceanbase.connect.pool.registry import connector, pool_of, pools_of
from dbt.adapters.oceanbase.connect.session import session as sessions
from dbt.adapters.oceanbase.connect.transport.deadline import Deadline

IN_TRANSACTION = b"\x00\x00\x00\x03\x00\x00\x00"
RESET = b"\x1f"
PING = b"\x0e"
QUIT = b"\x01"


class Clock:
    """A clock that stands still unless a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Opener(Connector):
    """A connector that counts its closings, and fails with ``fails`` where a test sets it.

    ``fails_once``: only the next opening fails.
    """

    def __init__(self, options: ConnectOptions) -> None:
        super().__init__(options, self.nap)
        self.fails: Exception | None = None
        self.fails_once = False
        self.closed = 0
        self.meanwhile: Callable[[], None] = lambda: None

    def nap(self, seconds: float) -> None:
        self.meanwhile()

    def _round(self, *args: Any) -> Any:
        if error := self.fails:
            self.fails = None if self.fails_once else error
            raise error
        return super()._round(*args)

    def close(self) -> None:
        self.closed += 1


def pool_messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the pool itself has logged, without the messages of opening."""
    return [record.getMessage() for record in caplog.records if record.name == pools.__name__]


class World:
    """A server, a pool in front of it, a clock, and the messages of the pool."""

    def __init__(self, peer: Any, options: ConnectOptions, caplog: pytest.LogCaptureFixture) -> None:
        self.peer = peer
        self.clock = Clock()
        self.opener = Opener(options)
        self.pool = SessionPool(self.opener, self.clock)
        self.sessions: weakref.WeakSet[Session] = weakref.WeakSet()
        self._caplog = caplog

    @property
    def events(self) -> list[str]:
        return pool_messages(self._caplog)

    def acquire(self, cancelled: threading.Event | None = None) -> Any:
        session = self.pool.acquire(cancelled)
        self.sessions.add(session)
        return session

    def use(self, *statements: str, dirty: bool = False) -> None:
        with closing(self.acquire()) as session:
            for statement in statements:
                session.run(statement)
            session.dirty = dirty

    def sent(self) -> list[bytes]:
        """Return what clients sent since the last call: whole commands, and the first word of statements."""
        received = [each for each in self.peer.received if b"mysql_native_password" not in each]
        self.peer.received.clear()
        return [each[1:].split(b" ")[0] if each[:1] == b"\x03" else each[:1] for each in received]

    def hang_up(self) -> None:
        """Shut down every connection on the server's side."""
        for each in self.peer._open:
            each.shutdown(socket.SHUT_RDWR)

    @property
    def opened(self) -> int:
        """Number of connections that the server has accepted."""
        return int(self.peer.accepted)


@pytest.fixture
def answers() -> dict[str, bytes]:
    """The server's answers to statements by their beginning; others are answered by OK. A test may change them."""
    return {"-": b""}


@pytest.fixture
def world(
    mysql: Callable[..., Any],
    options_for: Callable[..., ConnectOptions],
    answers: dict[str, bytes],
    caplog: pytest.LogCaptureFixture,
) -> Any:
    """Return a function that makes a world with the given pool options."""
    worlds: list[World] = []
    caplog.set_level(logging.DEBUG, pools.__name__)

    def make(
        schema: str | None = "shop", mode: str = "pooled", seconds: float = PATIENCE, retries: int = 0, **pool: Any
    ) -> World:
        peer = mysql(answers)
        others = {"session": SessionOptions(schema=schema), "pool": PoolOptions(**pool), "connection_mode": mode}
        options = options_for(peer.endpoint, seconds=seconds, retries=retries, **others)
        worlds.append(World(peer, options, caplog))
        return worlds[-1]

    yield make
    for each in worlds:
        for session in list(each.sessions):
            session.close()
        each.pool.dispose()


def impatient_pool(
    endpoint: Endpoint, options_for: Callable[..., ConnectOptions], clock: Callable[[], float] = time.monotonic
) -> SessionPool:
    """Return a pool that opens connections without hurry, and waits half a second for what it asks of open ones."""
    pool = SessionPool(Connector(options_for(endpoint, seconds=2 * PATIENCE)), clock)
    pool.options = options_for(endpoint, seconds=0.5)
    return pool


@pytest.fixture
def threads() -> Iterator[Callable[..., threading.Thread]]:
    """Return a function that starts threads, and check after the test that they have ended."""
    started: list[threading.Thread] = []

    def start(target: Callable[[], Any]) -> threading.Thread:
        started.append(threading.Thread(target=target, daemon=True))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.join(PATIENCE)
        assert not each.is_alive()


class TestUses:
    def test_a_connection_serves_one_use_after_the_other_and_nothing_is_sent_between(self, world: Any) -> None:
        here = world()

        for _ in range(3):
            here.use("select 1")

        assert here.sent() == [b"set", b"use", b"select", b"select", b"select"]
        assert here.opened == 1

    def test_the_one_used_last_is_used_next(self, world: Any) -> None:
        here = world()
        first, second = here.acquire(), here.acquire()
        connection = first.connection
        second.close()
        first.close()

        assert here.acquire().connection is connection

    def test_a_session_that_is_closed_sends_nothing_more(self, world: Any) -> None:
        here = world()
        old = here.acquire()
        cursor = old.cursor()
        old.close()
        with closing(here.acquire()) as new:
            here.sent()
            assert new.connection is old.connection
            for attempt in (lambda: old.run("select 1"), lambda: cursor.execute("select 1"), lambda: old.use("shop")):
                with pytest.raises(pymysql.err.InterfaceError, match="the session is closed"):
                    attempt()
            old.rollback()
            old.commit()
            old.close()

            assert here.sent() == []
            assert not old.is_usable
            assert new.is_usable

    def test_flags_belong_to_one_use(self, world: Any) -> None:
        here = world()
        old = here.acquire()
        old.run("select 1")
        old.dirty, old.lost = True, "gone"
        old.close()

        new = here.acquire()
        old.cancelled = True

        assert (new.dirty, new.lost, new.cancelled, new.count, new.busy, new.statement) == (
            *(False, None, False, 0, False, ""),
        )

    def test_new_connections_for_each_use_where_the_profile_says_so(self, world: Any) -> None:
        here = world(mode="new")

        here.use("select 1")
        with closing(here.acquire()):
            assert here.pool.status() == "1 connections in use, none kept"

        assert here.opened == 2
        until(lambda: here.peer.received.count(QUIT) == 2)


class TestSize:
    def test_what_the_owners_need_together_as_long_as_they_live(self, world: Any) -> None:
        class Owner:
            pass

        pool, first, second = world().pool, Owner(), Owner()
        assert pool.size == 3

        pool.expect(first, 6)
        pool.expect(second, 10)
        pool.expect(second, 10)
        assert pool.size == 16

        del second
        gc.collect()
        assert pool.size == 6
        assert pool.is_used_by(first)
        assert not pool.is_used_by(pool)

    def test_the_profile_wins_over_the_owners(self, world: Any) -> None:
        here = world(size=2)
        here.pool.expect(here, 10)

        assert here.pool.size == 2

    def test_one_more_waits_until_one_is_given_back(self, world: Any, threads: Any) -> None:
        here = world(size=1)
        held, got = here.acquire(), []

        waiting = threads(lambda: got.append(here.acquire()))
        until(
            lambda: any("waiting for a connection: 1 of 1 connections in use, 0 idle" in each for each in here.events)
        )
        assert not got
        held.close()
        waiting.join(PATIENCE)

        assert got[0].is_usable
        assert here.opened == 1

    def test_waiting_ends_with_an_error_that_names_size_time_and_remedy(self, world: Any) -> None:
        here = world(size=1, timeout=7)
        held = here.acquire()

        def late() -> None:
            until(lambda: here.events and "waiting" in here.events[-1])
            here.clock.now += 7.5

        ticking = threading.Thread(target=late)
        ticking.start()
        with pytest.raises(errors.PoolExhausted) as raised:
            here.acquire(threading.Event())
        ticking.join()

        assert str(raised.value) == (
            "no connection became free within 7 s: all 1 are in use; raise pool.size to threads + 2, or leave it out"
        )
        assert held.is_usable

    def test_the_remedy_where_the_profile_names_no_size(self, world: Any) -> None:
        here = world(timeout=0)
        held = [here.acquire() for _ in range(3)]

        with pytest.raises(errors.PoolExhausted, match=r"within 0 s: all 3 are in use; lower threads$"):
            here.acquire()

        assert all(each.is_usable for each in held)

    def test_waiting_ends_when_the_run_is_cancelled(self, world: Any, threads: Any) -> None:
        here, mark, raised = world(size=1), threading.Event(), []
        held = here.acquire()

        def wait() -> None:
            with pytest.raises(SessionCancelled) as error:
                here.acquire(mark)
            raised.append(error)

        waiting = threads(wait)
        until(lambda: any("waiting" in each for each in here.events))
        mark.set()
        waiting.join(PATIENCE)

        assert raised
        assert held.is_usable

    def test_a_pool_that_grows_keeps_its_connections(self, world: Any) -> None:
        here = world()
        idle, *held = [here.acquire() for _ in range(3)]
        idle.close()
        here.pool.expect(here, 5)

        held += [here.acquire() for _ in range(3)]

        assert all(each.run("select 1") for each in held)
        assert held[2].connection is idle.connection
        for each in held:
            each.close()
        assert here.pool.status() == "0 of 5 connections in use, 5 idle"
        assert here.opened == 5

    def test_a_pool_that_grows_serves_those_who_wait(self, world: Any, threads: Any) -> None:
        here, got = world(), []
        held = [here.acquire() for _ in range(3)]
        waiting = threads(lambda: got.append(here.acquire()))
        until(lambda: any("waiting" in each for each in here.events))

        here.pool.expect(here, 4)

        waiting.join(PATIENCE)
        assert got[0].is_usable
        assert all(each.is_usable for each in held)

    def test_who_waits_is_served_in_the_order_of_arrival(self, world: Any, threads: Any) -> None:
        here, served = world(size=1), []
        held = here.acquire()

        def wait(number: int) -> None:
            with closing(here.acquire()):
                served.append(number)

        for number in range(5):
            threads(lambda number=number: wait(number))
            until(lambda number=number: len(here.pool._waiting) == number + 1)
        held.close()

        until(lambda: len(served) == 5)
        assert served == [0, 1, 2, 3, 4]
        assert here.opened == 1

    def test_a_failed_opening_takes_no_slot(self, world: Any) -> None:
        here = world(size=1)
        here.opener.fails = errors.HostUnreachable("not now")
        for _ in range(3):
            with pytest.raises(errors.HostUnreachable, match="not now"):
                here.acquire()

        here.opener.fails = None
        here.use("select 1")
        here.hang_up()
        here.opener.fails = errors.HostUnreachable("not now")
        # a server that was there before is waited for, for as long as nobody cancels
        cancelled = threading.Event()
        here.opener.meanwhile = cancelled.set
        with pytest.raises(errors.HostUnreachable):
            here.acquire(cancelled)
        here.opener.fails = None

        here.use("select 1")
        assert here.pool.status() == "0 of 1 connections in use, 1 idle"

    def test_a_session_that_nobody_closes_gives_its_slot_back_without_a_word(self, world: Any) -> None:
        here = world(size=1)
        session = here.acquire()
        session.run("begin")
        connection = session.connection
        here.sent()

        del session
        gc.collect()

        assert not connection.open
        assert here.pool.status() == "0 of 1 connections in use, 0 idle"
        here.use("select 1")
        assert here.opened == 2
        assert here.sent() == [b"set", b"use", b"select"]

    def test_it_wakes_who_waits_for_that_slot(self, world: Any, threads: Any) -> None:
        here, got = world(size=1, timeout=3600), []
        # not polled for: without a mark to look at, a waiting thread sleeps until it is woken
        held = [here.acquire()]
        waiting = threads(lambda: got.append(here.acquire()))
        until(lambda: here.pool._waiting)

        held.clear()
        gc.collect()

        waiting.join(PATIENCE)
        assert got[0].is_usable
        assert here.opened == 2

    def test_it_is_found_at_any_point_of_the_thread_that_works_with_the_pool(self, world: Any) -> None:
        here = world(size=2)
        session = here.acquire()
        connection = session.connection

        with here.pool._lock:
            del session
            gc.collect()

        assert not connection.open
        assert here.pool.status() == "0 of 2 connections in use, 0 idle"

    def test_an_interrupt_while_waiting_loses_no_slot(self, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        here = world(size=1)
        held = here.acquire()
        monkeypatch.setattr(here.pool, "_has_turn", lambda checkout: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            here.acquire()
        monkeypatch.undo()
        held.close()

        here.use("select 1")
        assert here.pool.status() == "0 of 1 connections in use, 1 idle"

    def test_an_interrupt_of_a_check_ends_the_connection(self, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        here = world(size=1)
        with closing(here.acquire()) as session:
            connection = session.connection
        monkeypatch.setattr(here.pool, "_why_unfit", lambda connection: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            here.acquire()
        monkeypatch.undo()

        assert not connection.open
        here.use("select 1")
        assert here.pool.status() == "0 of 1 connections in use, 1 idle"


class TestGivingBack:
    def test_an_open_transaction_is_rolled_back(self, world: Any, answers: dict[str, bytes]) -> None:
        here = world()
        answers["insert"] = IN_TRANSACTION

        here.use("insert")
        here.use("select 1")

        assert here.sent() == [b"set", b"use", b"insert", b"ROLLBACK", b"select"]
        assert here.opened == 1

    def test_a_transaction_that_does_not_end_ends_the_connection(self, world: Any, answers: dict[str, bytes]) -> None:
        here = world()
        answers.update(insert=IN_TRANSACTION, ROLLBACK=IN_TRANSACTION)

        here.use("insert")

        assert here.pool.status() == "0 of 3 connections in use, 0 idle"

    def test_a_changed_session_is_reset_and_told_everything_again(self, world: Any) -> None:
        here = world()

        here.use("set", dirty=True)
        here.use("select 1")

        assert here.sent() == [b"set", b"use", b"set", b"do", RESET, b"set", b"use", b"select"]
        assert here.opened == 1

    def test_what_is_sent_by_a_bare_cursor_counts_as_a_change(self, world: Any) -> None:
        here = world()
        with closing(here.acquire()) as session, session.cursor() as cursor:
            cursor.execute("set @x = 1")

        assert RESET in here.sent()

    def test_several_statements_are_refused_again_after_a_reset(self, world: Any) -> None:
        here = world()
        set_option = b"\x1b"

        here.use("select ';'", "select ';'", dirty=True)
        here.use("select ';'")

        assert [each for each in here.sent() if each in (set_option, RESET, b"select")] == [
            *(set_option, b"select", b"select", RESET, set_option, b"select")
        ]

    @pytest.mark.parametrize("schema", [None, "shop"])
    def test_a_changed_session_without_a_schema_to_return_to_is_ended(
        self, world: Any, answers: dict[str, bytes], wire: Any, schema: str | None
    ) -> None:
        here = world(schema=schema)
        answers["use `shop`"] = wire.error(1049, "Unknown database")

        here.use("use elsewhere", dirty=True)

        assert here.pool.status() == "0 of 3 connections in use, 0 idle"
        assert "cannot be left without a schema to use" in here.events[-1]

    def test_a_server_that_refuses_the_reset_costs_the_connection_and_nothing_else(self, world: Any) -> None:
        here = world()
        session = here.acquire()
        session.dirty = True
        session.connection.reset = lambda: (_ for _ in ()).throw(pymysql.err.NotSupportedError(1235, "Not supported"))

        session.close()

        assert here.events[-1].endswith("is not kept: it could not be made clean: Not supported")
        assert here.pool.status() == "0 of 3 connections in use, 0 idle"

    @pytest.mark.parametrize("statement", ["insert", "select"])
    def test_a_server_that_is_silent_is_not_waited_for(
        self,
        peer: Callable[..., Any],
        options_for: Callable[..., ConnectOptions],
        wire: Any,
        statement: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def handle(here: Any, client: socket.socket) -> None:
            client.sendall(wire.greeting())
            here.read(client)
            client.sendall(wire.packet(2, wire.OK))
            while here.read(client)[1:] not in (b"ROLLBACK", b"do release_all_locks()"):
                client.sendall(wire.packet(1, IN_TRANSACTION if here.received[-1][1:] == b"insert" else wire.OK))
            here.read(client)

        caplog.set_level(logging.DEBUG, pools.__name__)
        server = peer(handle)
        pool = impatient_pool(server.endpoint, options_for)
        session = pool.acquire()
        session.run(statement)
        session.dirty = statement != "insert"

        started = time.monotonic()
        session.close()

        assert time.monotonic() - started < PATIENCE
        assert pool.status() == "0 of 3 connections in use, 0 idle"
        assert "connections as old as it are replaced" in caplog.messages[-2]

    def test_a_session_whose_statement_was_killed_is_ended(
        self, world: Any, answers: dict[str, bytes], wire: Any
    ) -> None:
        here = world()
        answers["select"] = wire.error(1317, "Query execution was interrupted")
        with closing(here.acquire()) as session, pytest.raises(pymysql.err.MySQLError):
            session.run("select 1")

        assert not session.connection.open
        assert here.events[-1].endswith("is not kept: its statement was ended")

    @pytest.mark.parametrize(
        ("mode", "flags", "sent"),
        [
            ("pooled", ["cancelled"], [QUIT]),
            ("pooled", ["cancelled", "dirty"], [b"do", QUIT]),
            ("pooled", ["was_killed"], [QUIT]),
            ("pooled", ["was_killed", "dirty"], [b"do", QUIT]),
            ("new", [], [QUIT]),
            ("new", ["dirty"], [b"do", QUIT]),
            ("new", ["dirty", "cancelled", "was_killed"], [b"do", QUIT]),
        ],
    )
    def test_a_session_that_is_ended_releases_its_locks_and_says_nothing_more(
        self, world: Any, mode: str, flags: list[str], sent: list[bytes]
    ) -> None:
        here = world(mode=mode)
        session = here.acquire()
        here.sent()
        for flag in flags:
            setattr(session, flag, True)

        session.close()

        assert not session.connection.open
        until(lambda: QUIT in here.peer.received)
        assert here.sent() == sent

    @pytest.mark.parametrize(("mode", "flag"), [("pooled", "cancelled"), ("new", "dirty")])
    def test_a_server_that_does_not_release_the_locks_is_not_waited_for(
        self,
        peer: Callable[..., Any],
        options_for: Callable[..., ConnectOptions],
        wire: Any,
        mode: Literal["pooled", "new"],
        flag: str,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def handle(here: Any, client: socket.socket) -> None:
            client.sendall(wire.greeting())
            here.read(client)
            client.sendall(wire.packet(2, wire.OK))
            while here.read(client)[1:] != b"do release_all_locks()":
                client.sendall(wire.packet(1, wire.OK))
            here.read(client)

        monkeypatch.setattr(sessions, "RELEASE_SECONDS", 0.2)
        server = peer(handle)
        session = SessionPool(Connector(options_for(server.endpoint, connection_mode=mode))).acquire()
        session.dirty = True
        setattr(session, flag, True)

        started = time.monotonic()
        session.close()

        assert 0.2 <= time.monotonic() - started < PATIENCE
        assert server.received[-1] == b"\x03do release_all_locks()"
        assert not session.connection.open
        [warning] = [each.getMessage() for each in caplog.records if each.name == sessions.__name__]
        assert warning.startswith(f"named locks of a session on {server.endpoint} may still be held")

    def test_a_session_that_another_thread_closes_while_it_works_is_cut_off(
        self, peer: Callable[..., Any], options_for: Callable[..., ConnectOptions], wire: Any, threads: Any
    ) -> None:
        def handle(here: Any, client: socket.socket) -> None:
            client.sendall(wire.greeting())
            here.read(client)
            client.sendall(wire.packet(2, wire.OK))
            while here.read(client)[1:] != b"select sleep":
                client.sendall(wire.packet(1, wire.OK))
            here.read(client)

        server = peer(handle)
        pool = SessionPool(Connector(options_for(server.endpoint)))
        session, raised = pool.acquire(), []
        session.dirty = True

        def work() -> None:
            with pytest.raises(pymysql.err.MySQLError) as error:
                session.run("select sleep")
            raised.append(error)

        working = threads(work)
        until(lambda: session.busy and b"\x03select sleep" in server.received)
        session.close()
        working.join(PATIENCE)

        assert raised
        assert b"\x03do release_all_locks()" not in server.received
        assert not session.connection.open
        assert pool.status() == "0 of 3 connections in use, 0 idle"

    def test_so_is_one_that_is_closed_between_two_reads_of_the_driver(
        self, world: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = world().acquire()
        read = session.connection._read_query_result

        def read_late(unbuffered: bool = False) -> Any:
            session.close()
            return read(unbuffered=unbuffered)

        monkeypatch.setattr(session.connection, "_read_query_result", read_late)
        with pytest.raises(pymysql.err.OperationalError, match=r"\(2013, 'the session is closed'\)"):
            session.run("select 1")


class TestReplacing:
    def test_one_older_than_recycle(self, world: Any) -> None:
        here = world(recycle=1000, idle_check=10_000)
        here.use("select 1")

        here.clock.now += 899
        here.use("select 1")
        assert here.opened == 1
        here.clock.now += 102
        here.use("select 1")

        assert here.opened == 2
        assert here.events[-1].endswith("it is older than pool.recycle (1000 s)")

    def test_those_opened_together_do_not_end_together(self, world: Any) -> None:
        here = world(recycle=1000)
        here.pool.expect(here, 20)
        sessions = [here.acquire() for _ in range(20)]

        lives = {session._owner.connection.lifetime for session in sessions}

        assert len(lives) == 20
        assert all(900 <= life <= 1000 for life in lives)

    def test_a_ping_only_after_idle_check(self, world: Any) -> None:
        here = world(idle_check=30)
        here.use("select 1")
        here.sent()

        here.clock.now += 29
        here.use("select 1")
        assert here.sent() == [b"select"]
        here.clock.now += 31
        here.use("select 1")

        assert here.sent() == [PING, b"select"]
        assert here.opened == 1

    def test_one_that_the_server_has_ended_is_replaced_at_once_and_with_it_all_others(self, world: Any) -> None:
        here = world()
        idle, held, found = (here.acquire() for _ in range(3))
        for each in (idle, found):
            each.close()
        here.hang_up()

        here.use("select 1")

        assert here.opened == 4
        assert not idle.connection.open
        assert "has lost its link: connections as old as it are replaced" in here.events[-2]
        assert here.events[-1].endswith("its link is dead")
        held.close()
        assert here.pool.status() == "0 of 3 connections in use, 1 idle"

    def test_one_that_does_not_answer_the_ping_in_time(
        self, peer: Callable[..., Any], options_for: Callable[..., ConnectOptions], wire: Any
    ) -> None:
        def handle(here: Any, client: socket.socket) -> None:
            client.sendall(wire.greeting())
            here.read(client)
            client.sendall(wire.packet(2, wire.OK))
            while here.read(client) != PING:
                client.sendall(wire.packet(1, wire.OK))
            here.read(client)

        server, clock = peer(handle), Clock()
        pool = impatient_pool(server.endpoint, options_for, clock)
        pool.acquire().close()
        clock.now += 100

        started = time.monotonic()
        with closing(pool.acquire()) as session:
            session.run("select 1")

        assert time.monotonic() - started < PATIENCE
        assert server.accepted == 2

    def test_a_link_lost_in_use_drops_what_is_as_old_and_only_once(self, world: Any) -> None:
        here = world()
        idle, first, second = (here.acquire() for _ in range(3))
        idle.close()
        for each in here.peer._open[1:]:
            each.shutdown(socket.SHUT_RDWR)
        for each in (first, second):
            with pytest.raises(pymysql.err.MySQLError):
                each.run("select 1")

        first.close()
        here.use("select 1")
        second.close()
        here.use("select 1")

        assert not idle.connection.open
        assert here.pool.status() == "0 of 3 connections in use, 1 idle"
        assert here.opened == 4
        assert sum("connections as old as it are replaced" in each for each in here.events) == 1

    def test_a_link_that_was_cut_from_this_side_says_nothing_of_others(self, world: Any) -> None:
        here = world()
        idle, cut = here.acquire(), here.acquire()
        idle.close()
        cut.shut_down()
        with pytest.raises(pymysql.err.MySQLError):
            cut.run("select 1")

        cut.close()

        assert idle.connection.open
        assert here.pool.status() == "0 of 3 connections in use, 1 idle"

    def test_invalidate_replaces_idle_ones_and_those_in_use_after_it(self, world: Any) -> None:
        here = world()
        held, idle = here.acquire(), here.acquire()
        idle.close()

        here.pool.invalidate()

        assert here.events[-1] == "all connections opened so far are replaced"
        assert not idle.connection.open
        held.run("select 1")
        held.close()
        assert not held.connection.open

    def test_dispose_ends_idle_ones_and_those_in_use_after_it_and_all_goes_on(self, world: Any) -> None:
        here = world(size=2)
        held, idle = here.acquire(), here.acquire()
        idle.close()

        here.pool.dispose()

        assert not idle.connection.open
        assert here.opener.closed == 0
        held.run("select 1")
        with closing(here.acquire()) as other:
            assert here.pool.status() == "2 of 2 connections in use, 0 idle"
            held.close()
            assert not held.connection.open
        assert other.connection.open
        here.pool.dispose()
        assert here.opener.closed == 1
        here.use("select 1")
        assert here.pool.status() == "0 of 2 connections in use, 1 idle"

    def test_a_pool_shrinks_when_an_owner_has_gone_and_nothing_is_in_use(self, world: Any) -> None:
        class Owner:
            pass

        here, owner = world(timeout=0), Owner()
        here.pool.expect(owner, 5)
        here.use("select 1")

        del owner
        gc.collect()
        here.pool.dispose()
        held = [here.acquire() for _ in range(3)]

        with pytest.raises(errors.PoolExhausted):
            here.acquire()
        assert all(each.is_usable for each in held)

    def test_a_pool_shrinks_when_connections_are_given_back(self, world: Any) -> None:
        class Owner:
            pass

        here, owner = world(), Owner()
        here.pool.expect(owner, 5)
        held = [here.acquire() for _ in range(5)]

        del owner
        gc.collect()
        for each in held:
            each.close()

        assert here.pool.status() == "0 of 3 connections in use, 3 idle"
        assert sum(each.connection.open for each in held) == 3


class TestRaces:
    def test_a_generation_ends_once_for_all_that_find_it_dead(self, world: Any) -> None:
        pool = world().pool

        pool._invalidate_idle(0)
        pool._invalidate_idle(0)

        assert pool._generation == 1

    def test_a_connection_that_was_invalidated_while_it_was_handed_over_is_replaced(
        self, world: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = world()
        here.use("select 1")
        check = here.pool._why_unfit

        def check_late(connection: Any) -> Any:
            here.pool.invalidate()
            return check(connection)

        monkeypatch.setattr(here.pool, "_why_unfit", check_late)
        here.use("select 1")

        assert here.opened == 2
        assert here.events[-1].endswith("it was closed")

    def test_an_answer_that_comes_when_the_link_is_being_cut_is_none(
        self, world: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Late(Deadline):
            def __exit__(self, *exc_info: object) -> None:
                super().__exit__(*exc_info)
                self.expired = True

        here = world()
        session = here.acquire()
        session.dirty = True
        monkeypatch.setattr("dbt.adapters.oceanbase.connect.pool.pooled_connection.Deadline", Late)

        session.close()

        assert not session.connection.open
        assert here.events[-1].endswith(f"it could not be made clean: no answer within {PATIENCE} s")


class TestSchema:
    def test_a_schema_created_since_is_used_by_all_at_their_next_use(
        self, world: Any, answers: dict[str, bytes], wire: Any
    ) -> None:
        here = world()
        answers["use"] = wire.error(1049, "Unknown database")
        first, second, third = (here.acquire() for _ in range(3))
        del answers["use"]
        second.close()
        here.sent()

        first.use("shop")
        first.close()
        third.close()
        for _ in range(2):
            for each in [here.acquire() for _ in range(3)]:
                each.run("select 1")
                each.close()

        assert here.sent() == [*[b"use"] * 3, *[b"select"] * 6]
        assert here.opened == 3

    def test_a_schema_that_cannot_be_used_replaces_the_connection(
        self, world: Any, answers: dict[str, bytes], wire: Any
    ) -> None:
        here = world()
        first, second = here.acquire(), here.acquire()
        second.close()
        first.use("shop")
        answers["use"] = wire.error(1102, "Incorrect database name")

        with pytest.raises(errors.ConnectError, match="1102"):
            here.acquire()

        assert any("its schema could not be used: Incorrect database name" in each for each in here.events)

    def test_a_schema_that_is_still_missing_is_no_error(self, world: Any, answers: dict[str, bytes], wire: Any) -> None:
        here = world()
        answers["use"] = wire.error(1049, "Unknown database")
        with closing(here.acquire()) as session:
            session.use("shop")
        here.use("select 1")

        assert here.sent() == [b"set", b"use", b"use", b"select"]
        assert here.opened == 1


class TestRegistry:
    def test_one_pool_for_equal_options(self, options_for: Callable[..., ConnectOptions]) -> None:
        options, same = options_for(), options_for()
        other = options_for(pool=PoolOptions(size=4))

        assert options is not same
        assert pool_of(options) is pool_of(same)
        assert pool_of(options) is not pool_of(other)
        assert connector(options) is pool_of(options).connector

    def test_the_pools_of_an_owner(self, options_for: Callable[..., ConnectOptions]) -> None:
        class Owner:
            pass

        owner, stranger = Owner(), Owner()
        first, second = pool_of(options_for(seconds=3)), pool_of(options_for(seconds=4))
        first.expect(owner, 1)
        second.expect(owner, 1)
        second.expect(stranger, 1)

        assert pools_of(owner) == [first, second]
        assert pools_of(stranger) == [second]

    def test_what_is_shown_of_a_pool_holds_no_secret(self, options_for: Callable[..., ConnectOptions]) -> None:
        shown = repr(pool_of(options_for()))

        assert "0 of 3 connections in use, 0 idle" in shown
        assert "s3cr3t-word" not in shown

    def test_a_child_process_begins_with_nothing_and_leaves_the_links_alone(
        self, mysql: Callable[..., Any], options_for: Callable[..., ConnectOptions], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(registry, "_pools", {})
        monkeypatch.setattr(registry, "_inherited", [])
        monkeypatch.setattr(sessions, "_sessions", weakref.WeakSet())
        peer = mysql()
        pool = pool_of(options_for(peer.endpoint))
        idle, held = pool.acquire(), pool.acquire()
        idle.close()
        held.busy = True
        peer.received.clear()

        registry.reset_after_fork()

        assert not held.busy
        assert pool_of(options_for(peer.endpoint)) is not pool
        with pytest.raises(pymysql.err.InterfaceError, match="the session is closed"):
            held.run("select 1")
        held.close()
        pool.dispose()
        with closing(pool_of(options_for(peer.endpoint)).acquire()) as own:
            own.run("select 1")
        assert [each for each in peer.received if each in (QUIT, RESET)] == []


class TestFullServer:
    """The server has room for fewer connections than the pool: nodes share those that there are."""

    FULL = errors.ServerBusy("too many connections (1226)", 1226)

    def test_a_connection_in_use_is_waited_for(self, world: Any, threads: Any) -> None:
        here = world()
        first = here.acquire()
        here.opener.fails = self.FULL
        got: list[Any] = []
        thread = threads(lambda: got.append(here.acquire()))
        until(lambda: any("has no room (1226)" in event for event in here.events))
        assert not got

        first.close()

        thread.join(PATIENCE)
        assert [session.id for session in got] == [first.id]
        assert here.opened == 1

    def test_without_one_of_its_own_it_is_an_error(self, world: Any) -> None:
        here = world()
        here.opener.fails = self.FULL

        with pytest.raises(errors.ServerBusy):
            here.acquire()

        assert not here.events

    def test_who_waits_alone_takes_the_connection_that_others_got_meanwhile(self, world: Any) -> None:
        here = world(retries=9)
        here.opener.fails = self.FULL
        others: list[Any] = []

        def others_come_and_go() -> None:
            here.opener.fails = None
            others.append(here.acquire())
            here.opener.fails = self.FULL
            others[-1].close()

        here.opener.meanwhile = others_come_and_go

        with closing(here.acquire()) as session:
            assert [session.id] == [other.id for other in others]
        assert here.opened == 1

    def test_the_wait_has_an_end(self, world: Any, threads: Any) -> None:
        here, raised = world(timeout=5), []
        first = here.acquire()
        here.opener.fails = self.FULL

        def waits() -> None:
            with pytest.raises(errors.ServerBusy) as caught:
                here.acquire(threading.Event())
            raised.append(caught.value)

        thread = threads(waits)
        for count in (1, 2):
            until(lambda count=count: self.refusals(here) == count)
            here.clock.now += 3

        thread.join(PATIENCE)
        first.close()
        assert raised == [self.FULL]
        assert self.refusals(here) == 2

    def test_a_cancel_ends_it(self, world: Any, threads: Any) -> None:
        here, cancelled, raised = world(), threading.Event(), []
        first = here.acquire()
        here.opener.fails = self.FULL

        def waits() -> None:
            with pytest.raises(errors.ServerBusy) as caught:
                here.acquire(cancelled)
            raised.append(caught.value)

        thread = threads(waits)
        until(lambda: here.events)
        cancelled.set()

        thread.join(PATIENCE)
        first.close()
        assert raised == [self.FULL]

    @pytest.mark.parametrize("mark", [None, threading.Event()], ids=["alone", "with a mark"])
    def test_it_is_asked_again_while_nothing_is_free(
        self, mysql: Any, options_for: Any, threads: Any, mark: threading.Event | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, pools.__name__)
        opener = Opener(options_for(mysql().endpoint))
        pool, got = SessionPool(opener), []
        first = pool.acquire()
        opener.fails, opener.fails_once = self.FULL, True
        started = time.monotonic()

        threads(lambda: got.append(pool.acquire(mark))).join(PATIENCE)

        assert time.monotonic() - started >= 1
        assert first.connection is not got[0].connection
        assert len(pool_messages(caplog)) == 1

    def test_who_was_refused_is_served_before_those_who_came_later(self, world: Any, threads: Any) -> None:
        here, served = world(), []
        first = here.acquire()
        here.opener.fails = self.FULL

        def wait(number: int) -> None:
            with closing(here.acquire()):
                served.append(number)

        for number in range(2):
            threads(lambda number=number: wait(number))
            until(lambda number=number: self.refusals(here) == len(here.pool._waiting) == number + 1)
            here.clock.now += 0.5
        first.close()

        until(lambda: len(served) == 2)
        assert served == [0, 1]

    @staticmethod
    def refusals(here: Any) -> int:
        return sum("has no room" in event for event in here.events)
