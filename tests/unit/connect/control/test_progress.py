"""Statements that run for long are reported, again and again, and short ones never."""

from __future__ import annotations

import logging
import re
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect import errors
from dbt.adapters.oceanbase.connect.control import progress


class Heard(logging.Handler):
    """Keeps the texts of records, and sets ``event`` at the second of them."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.event = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        assert record.levelno == progress.NOTICE
        self.texts.append(record.getMessage())
        if len(self.texts) > 1:
            self.event.set()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    handler = Heard()
    monkeypatch.setattr(progress.logger, "handlers", [handler])
    progress.logger.setLevel(logging.DEBUG)
    return handler


def no_connector() -> Any:
    raise errors.ConnectError("no control connection", None, "ob1:2881")


def session(**state: Any) -> Any:
    return SimpleNamespace(endpoint="ob1:2881", id=7, **{"closed": False, "cancelled": False, **state})


def test_a_long_statement_is_reported_also_if_the_server_cannot_be_asked(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "REPORT_SECONDS", 0.01)
    reporter = progress.ProgressReporter()
    with reporter.watching("model.shop.orders: select", session(), no_connector):
        assert heard.event.wait(PATIENCE)
    assert heard.texts[0].startswith("model.shop.orders: select runs for ")
    assert heard.texts[0].endswith(" s")


def test_the_seconds_between_reports_are_those_that_the_page_names() -> None:
    page = (Path(__file__).parents[4] / "docs" / "connections.md").read_text()
    named = re.findall(r"A statement that has run for (\d+) seconds .*, and again every (\d+) seconds", page)
    assert named == [("30", "30")]
    assert progress.REPORT_SECONDS == 30


def test_missed_reports_are_not_made_up_for(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "REPORT_SECONDS", 0.05)
    reporter, dues, made = progress.ProgressReporter(), list[float](), threading.Event()

    def report(running: Any) -> None:
        dues.append(running.due)
        if len(dues) == 1:
            running.started -= 60  # as if this report had taken a minute
        else:
            made.set()

    monkeypatch.setattr(reporter, "_report", report)
    with reporter.watching("model.shop.orders: select", session(), no_connector):
        assert made.wait(PATIENCE)
    assert dues[1] > dues[0]


def test_nothing_is_asked_for_a_short_statement_and_the_thread_ends(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "REPORT_SECONDS", 0.01)
    started: list[threading.Thread] = []
    real = threading.Thread

    def remembered(**arguments: Any) -> threading.Thread:
        started.append(real(**arguments))
        return started[-1]

    monkeypatch.setattr(progress.threading, "Thread", remembered)
    reporter = progress.ProgressReporter()
    for _ in range(3):
        with reporter.watching("model.shop.orders: select", session(closed=True), no_connector):
            pass
    for thread in started:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert heard.texts == []


def test_a_statement_runs_without_reports_if_no_thread_can_be_started(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "REPORT_SECONDS", 0.01)
    monkeypatch.setattr(progress.logger, "handlers", [])
    reporter, refused = progress.ProgressReporter(), []

    def refuse(thread: threading.Thread) -> None:
        refused.append(thread)
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with reporter.watching("model.shop.orders: select", session(), no_connector):
            pass
    assert len(refused) == 1

    monkeypatch.setattr(progress.logger, "handlers", [heard])
    with reporter.watching("model.shop.orders: select", session(), no_connector):
        assert heard.event.wait(PATIENCE)


@pytest.mark.parametrize(
    ("control", "text"),
    [
        ({"is_proxied": True}, ""),
        ({"trace_id": None}, ""),
        ({"trace_id": "Y1"}, ", trace Y1"),
        ({"trace_id": "Y1", "rows": "12"}, ", trace Y1, 12 rows in its largest step"),
    ],
)
def test_what_a_report_says(control: dict[str, Any], text: str) -> None:
    asked: Any = SimpleNamespace(
        is_proxied=control.get("is_proxied", False),
        trace_id=lambda session: control.get("trace_id"),
        rows_so_far=lambda trace: control.get("rows"),
    )
    assert progress._state(asked, session()) == text
