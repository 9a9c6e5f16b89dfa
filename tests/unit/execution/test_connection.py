"""The connections of the manager: of the adapter's own class, and otherwise the same as dbt makes them."""

from __future__ import annotations

import multiprocessing
import threading
from types import SimpleNamespace
from typing import Any

import dbt.adapters.base.connections
import pytest
from dbt.adapters.contracts.connection import Connection, ConnectionState, LazyHandle
from dbt.adapters.sql.connections import SQLConnectionManager

from dbt.adapters.oceanbase import connections
from dbt.adapters.oceanbase.connections import OceanBaseConnectionManager
from dbt.adapters.oceanbase.credentials import OceanBaseCredentials
from dbt.adapters.oceanbase.execution.connection import OceanBaseConnection

NAMES = [None, "master", "model.shop.orders", "model.shop.orders", None]


def manager() -> OceanBaseConnectionManager:
    profile: Any = SimpleNamespace(
        credentials=OceanBaseCredentials(schema="shop", host="ob1", user="dbt"), threads=1, log_cache_events=False
    )
    return OceanBaseConnectionManager(profile, multiprocessing.get_context("spawn"))


def shown(connection: Connection) -> dict[str, Any]:
    return {**connection.to_dict(), "_handle": type(connection._handle).__name__}


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The names and fields of the events that are fired."""
    fired: list[Any] = []

    def note(event: Any) -> None:
        fired.append((type(event).__name__, event.message()))

    monkeypatch.setattr(dbt.adapters.base.connections, "fire_event", note)
    monkeypatch.setattr(connections, "fire_event", note)
    return fired


def test_a_connection_is_as_dbt_makes_it(events: list[Any]) -> None:
    ours, theirs = manager(), manager()
    for name in NAMES:
        made = ours.set_connection_name(name)
        events_of_ours = events.copy()
        events.clear()
        expected = SQLConnectionManager.set_connection_name(theirs, name)

        assert isinstance(made, OceanBaseConnection)
        assert made is ours.get_thread_connection() is ours.get_if_exists()
        assert shown(made) == shown(expected)
        assert made.credentials is ours.credentials
        assert events_of_ours == events
        events.clear()


def test_a_new_connection_opens_nothing_before_it_is_used() -> None:
    made = manager().set_connection_name("node")

    assert isinstance(made, OceanBaseConnection)
    assert made.state == ConnectionState.INIT
    assert isinstance(made._handle, LazyHandle)
    assert made.session_if_open is None
    assert not made.cancelled.is_set()


def test_a_cancelled_connection_opens_nothing() -> None:
    owner = manager()
    made = owner.set_connection_name("node")
    owner.cancel(made)

    with pytest.raises(Exception, match="the run was cancelled: no further connection is opened"):
        owner.session()

    assert made.state == ConnectionState.FAIL


def test_the_next_run_gets_a_new_connection() -> None:
    """After ``cleanup_all`` the thread gets a new connection, which is not cancelled."""
    owner = manager()
    made = owner.set_connection_name("node")
    owner.cancel(made)
    owner.cleanup_all()

    again = owner.set_connection_name("node")

    assert again is not made
    assert isinstance(again, OceanBaseConnection)
    assert not again.cancelled.is_set()


def in_thread(owner: OceanBaseConnectionManager) -> list[Any]:
    """Begin a node in a new thread, and return its connection."""
    made: list[Any] = []

    def begins() -> None:
        made.append(owner.set_connection_name("model.shop.orders"))

    thread = threading.Thread(target=begins)
    thread.start()
    thread.join()
    return made


def test_a_thread_that_begins_its_first_node_after_a_cancel_opens_nothing() -> None:
    owner = manager()
    own = owner.set_connection_name("master")
    owner.cancel_open()

    [late] = in_thread(owner)

    assert late.cancelled.is_set()
    with pytest.raises(Exception, match="the run was cancelled: no further connection is opened"):
        late.session()
    assert isinstance(own, OceanBaseConnection)
    assert not own.cancelled.is_set()
    assert owner.set_connection_name("on-run-end") is own


def test_a_thread_of_the_next_run_is_not_cancelled() -> None:
    owner = manager()
    owner.set_connection_name("master")
    owner.cancel_open()
    owner.cleanup_all()

    [made] = in_thread(owner)

    assert not made.cancelled.is_set()


def test_each_connection_that_is_made_during_a_cancel_is_cancelled() -> None:
    """Whether a thread registers its connection before or after the cancel: it is cancelled in the end."""
    owner = manager()
    owner.set_connection_name("master")
    barrier = threading.Barrier(9)
    made: list[Any] = []

    def begins() -> None:
        barrier.wait()
        made.append(owner.set_connection_name("node"))

    threads = [threading.Thread(target=begins) for _ in range(8)]
    for thread in threads:
        thread.start()
    barrier.wait()
    owner.cancel_open()
    for thread in threads:
        thread.join()

    assert [each.cancelled.is_set() for each in made] == [True] * 8
