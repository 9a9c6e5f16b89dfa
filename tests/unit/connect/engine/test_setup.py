"""The set-up of a new engine: the wait for its load, the file in its folder, and a folder without that file."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterable
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pymysql
import pytest
from faults import rogue, wire
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect import errors
from dbt.adapters.oceanbase.connect.engine import setup as engine_setup
from dbt.adapters.oceanbase.connect.options import Endpoint

END = b"\xfe\x00\x00\x02\x00"


def status_answer(status: str | None) -> bytes:
    """Return the answer to the query for the job: its row, or no row."""
    whole = wire.one_value("job_status", status or "")
    if status is not None:
        return whole
    head = b""
    for _ in range(3):
        length = 4 + int.from_bytes(whole[:3], "little")
        head, whole = head + whole[:length], whole[length:]
    return head + wire.packet(4, END)


def engine(statuses: Iterable[str | None] = (), hangs: bool = False, level: str = "WARN") -> rogue.Handler:
    """An engine whose job has the next of ``statuses`` at each query.

    ``hangs``: it does not answer DDL. ``level``: its log level.
    """
    following = iter(statuses)

    def handle(peer: Any, client: socket.socket) -> None:
        client.sendall(wire.greeting())
        peer.read(client)
        client.sendall(wire.packet(2, wire.OK))
        while True:
            statement = peer.read(client)[1:].decode()
            if statement == engine_setup.LOAD_STATUS:
                client.sendall(status_answer(next(following)))
            elif statement == engine_setup.SHOW_LOG_LEVEL:
                client.sendall(wire.one_value("value", level))
            elif not (hangs and " database " in statement):
                client.sendall(wire.packet(1, wire.OK))

    return handle


def statements(peer: Any) -> list[str]:
    return [payload[1:].decode() for payload in peer.received if payload[:1] == bytes([wire.QUERY])]


@pytest.fixture(autouse=True)
def by_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect to a port whose number stands in place of the path of an engine's socket."""
    connect = pymysql.connect

    def to_port(unix_socket: str, **options: Any) -> Any:
        return connect(host="127.0.0.1", port=int(unix_socket), **options)

    monkeypatch.setattr(pymysql, "connect", to_port)
    monkeypatch.setattr(engine_setup, "READ_TIMEOUT_SECONDS", PATIENCE)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The functions to call at exit, with their arguments."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(engine_setup.atexit, "register", lambda *call: calls.append(call))
    return calls


class Clock:
    """A clock that only ``sleep`` moves forward."""

    def __init__(self, now: float = 0) -> None:
        self.began = self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    @property
    def waited(self) -> float:
        return self.now - self.began


def is_marked(folder: Path) -> bool:
    return (folder / engine_setup.READY_FILE).exists()


@pytest.mark.parametrize(
    ("statuses", "opened", "waited", "marked"),
    [
        (["SUCCESS"], 0, 0, True),
        ([None, None, "INPROGRESS", "SUCCESS"], 100, 3 * engine_setup.POLL_SECONDS, True),
        ([None] * 1000, 100, engine_setup.APPEAR_SECONDS, False),
        ([None] * 1000, 100 - engine_setup.APPEAR_SECONDS / 2, engine_setup.APPEAR_SECONDS / 2, False),
        ([None] * 1000, 0, 0, False),
        (["INPROGRESS"] * 1000, 0, engine_setup.LOAD_SECONDS, False),
    ],
    ids=["done", "appears", "never_appears", "never_appears_opened_before", "opened_long_before", "never_done"],
)
def test_only_a_load_that_is_seen_done_is_noted(
    peer: Callable[..., Any], tmp_path: Path, statuses: list[str | None], opened: float, waited: float, marked: bool
) -> None:
    clock = Clock(100)

    engine_setup.await_setup(tmp_path, str(peer(engine(statuses)).port), opened, clock, clock.sleep)

    assert clock.waited == pytest.approx(waited, abs=2 * engine_setup.POLL_SECONDS)
    assert is_marked(tmp_path) == marked


def test_an_engine_that_has_gone_is_not_waited_for(tmp_path: Path, closed_port: Endpoint) -> None:
    clock = Clock()

    engine_setup.await_setup(tmp_path, str(closed_port.port), 0, clock, clock.sleep)

    assert not clock.waited
    assert not is_marked(tmp_path)


def test_a_new_folder_is_looked_at_when_the_process_ends(
    peer: Callable[..., Any], tmp_path: Path, registered: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_setup, "LOAD_SECONDS", PATIENCE)
    place = peer(engine(chain(["INPROGRESS"], repeat("SUCCESS"))))
    before = time.monotonic()

    engine_setup.prepare(tmp_path, str(place.port), is_new=True)

    assert [sql for sql in statements(place) if "set global" in sql] == [engine_setup.ENLARGE_PLAN_CACHE]
    [(at_exit, *arguments)] = registered
    assert arguments[:2] == [tmp_path, str(place.port)]
    assert before <= arguments[2] <= time.monotonic()
    at_exit(*arguments)
    assert is_marked(tmp_path)


def test_an_unmarked_folder_is_probed_before_it_is_used(
    peer: Callable[..., Any], tmp_path: Path, registered: list[tuple[Any, ...]]
) -> None:
    place = peer(engine())

    engine_setup.prepare(tmp_path, str(place.port), is_new=False)

    created, dropped = [sql for sql in statements(place) if " database " in sql or "set global" in sql]
    name = re.fullmatch("create database (`dbt_probe_[0-9a-f]{16}`)", created)
    assert name
    assert dropped == f"drop database {name[1]}"
    assert len(registered) == 1


def test_a_probe_of_an_engine_drops_nothing_that_it_has_not_made(
    peer: Callable[..., Any], tmp_path: Path, registered: list[tuple[Any, ...]]
) -> None:
    def handle(here: Any, client: socket.socket) -> None:
        client.sendall(wire.greeting())
        here.read(client)
        client.sendall(wire.packet(2, wire.OK))
        while True:
            exists = here.read(client)[1:].startswith(b"create database")
            client.sendall(wire.packet(1, wire.error(1007, "database exists") if exists else wire.OK))

    place = peer(handle)

    with pytest.raises(errors.EngineFailed):
        engine_setup.prepare(tmp_path, str(place.port), is_new=False)

    assert not [sql for sql in statements(place) if "drop" in sql]


def test_a_new_engine_that_refuses_the_room_for_plans_is_used_all_the_same(
    peer: Callable[..., Any], tmp_path: Path, registered: list[tuple[Any, ...]]
) -> None:
    def handle(here: Any, client: socket.socket) -> None:
        client.sendall(wire.greeting())
        here.read(client)
        client.sendall(wire.packet(2, wire.OK))
        while True:
            refused = here.read(client)[1:].decode() == engine_setup.ENLARGE_PLAN_CACHE
            client.sendall(wire.packet(1, wire.error(1193, "Unknown system variable") if refused else wire.OK))

    engine_setup.prepare(tmp_path, str(peer(handle).port), is_new=True)

    assert len(registered) == 1


def test_a_marked_folder_is_left_alone(
    peer: Callable[..., Any], tmp_path: Path, registered: list[tuple[Any, ...]]
) -> None:
    place = peer(engine())
    (tmp_path / engine_setup.READY_FILE).touch()

    engine_setup.prepare(tmp_path, str(place.port), is_new=False)

    assert statements(place)[1:] == [engine_setup.SHOW_LOG_LEVEL]  # after the driver's SET NAMES
    assert not registered


@pytest.mark.parametrize(("level", "is_told"), [("EDIAG", True), ("WARN", False), ("DEBUG", False)])
def test_only_a_log_of_the_level_that_kernel_1_4_begins_with_is_made_quieter(
    peer: Callable[..., Any], tmp_path: Path, level: str, is_told: bool
) -> None:
    place = peer(engine(level=level))
    (tmp_path / engine_setup.READY_FILE).touch()

    engine_setup.prepare(tmp_path, str(place.port), is_new=False)

    assert (engine_setup.SET_LOG_LEVEL in statements(place)) == is_told


def test_an_engine_that_gives_no_login_for_its_log_is_used_all_the_same(tmp_path: Path, closed_port: Endpoint) -> None:
    (tmp_path / engine_setup.READY_FILE).touch()

    engine_setup.prepare(tmp_path, str(closed_port.port), is_new=False)


def test_a_folder_that_does_no_ddl_any_more_is_refused(
    peer: Callable[..., Any], tmp_path: Path, registered: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    login = engine_setup.login

    def impatient(unix_socket: str) -> Any:
        connection: Any = login(unix_socket)
        assert connection._read_timeout == engine_setup.READ_TIMEOUT_SECONDS
        connection._read_timeout = 0.5
        return connection

    monkeypatch.setattr(engine_setup, "login", impatient)
    place = peer(engine(hangs=True))

    with pytest.raises(errors.EngineFailed) as raised:
        engine_setup.prepare(tmp_path, str(place.port), is_new=False)

    text = str(raised.value)
    assert "was stopped while it set itself up and does no DDL any more (2013): its data can be saved with" in text
    assert "\n" not in text
    assert len(text) <= 300
    assert not registered
