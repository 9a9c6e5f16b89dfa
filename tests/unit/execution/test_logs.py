"""What ``connect`` logs appears in dbt's log once, at its level and with its node."""

from __future__ import annotations

import contextvars
import io
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from dbt.adapters.events.types import AdapterEventDebug, AdapterEventInfo, AdapterEventWarning
from dbt_common.events.contextvars import log_contextvars
from dbt_common.events.event_manager_client import add_callback_to_manager, get_event_manager

from dbt.adapters.oceanbase import connections  # noqa: F401 - its import installs the handler
from dbt.adapters.oceanbase.connect.engine.notice import NOTICE
from dbt.adapters.oceanbase.execution import logs

SOURCE = logging.getLogger("dbt.adapters.oceanbase.connect.opening.connector")


@pytest.fixture
def fired(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the list of all events that dbt's event manager gets from now on."""
    manager = get_event_manager()
    monkeypatch.setattr(manager, "callbacks", list(manager.callbacks))
    found: list[Any] = []
    add_callback_to_manager(found.append)
    return found


@pytest.mark.parametrize(
    ("log", "level", "name"),
    [
        (SOURCE.debug, "debug", AdapterEventDebug.__name__),
        (SOURCE.info, "debug", AdapterEventDebug.__name__),
        (partial(SOURCE.log, NOTICE), "info", AdapterEventInfo.__name__),
        (SOURCE.warning, "warn", AdapterEventWarning.__name__),
        (SOURCE.error, "warn", AdapterEventWarning.__name__),
    ],
)
def test_a_record_becomes_one_event_of_its_level(
    log: Callable[..., None], level: str, name: str, fired: list[Any]
) -> None:
    log("connected to %s {as it is}", "ob1:2881")

    (event,) = fired
    assert (event.info.level, event.info.name) == (level, name)
    assert event.info.msg == "OceanBase adapter: connected to ob1:2881 {as it is}"


def test_the_node_is_that_of_the_thread_that_logs(fired: list[Any]) -> None:
    with log_contextvars(node_info={"unique_id": "model.shop.orders"}):
        SOURCE.debug("here")
        run = contextvars.copy_context().run
        thread = threading.Thread(target=run, args=(SOURCE.debug, "in a thread of the node"))
    thread.start()
    thread.join()
    SOURCE.debug("elsewhere")

    assert [event.data.node_info.unique_id for event in fired] == ["model.shop.orders", "model.shop.orders", ""]


def test_a_second_call_changes_nothing_and_the_root_logger_gets_nothing(
    fired: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    console = io.StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.StreamHandler(console)])

    logs.forward_connect_logs()
    SOURCE.warning("once")

    assert len(fired) == 1
    assert console.getvalue() == ""


def test_an_error_while_it_is_logged_is_not_raised(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(text: str) -> None:
        raise ValueError(text)

    monkeypatch.setattr(logs.logger, "debug", fails)

    SOURCE.debug("connected")

    assert "ValueError" in capsys.readouterr().err
