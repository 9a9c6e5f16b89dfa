"""A slow start of the engine is worth one line, a quick one none."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect.engine import notice


class Heard(logging.Handler):
    """Keeps the records, and sets ``event`` at the first of them."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.event = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.event.set()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    handler = Heard()
    monkeypatch.setattr(notice.logger, "handlers", [handler])
    notice.logger.setLevel(logging.DEBUG)
    return handler


def test_a_slow_start_says_so_while_it_lasts(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice, "SLOW_SECONDS", 0.0)
    with notice.noticed_if_slow(Path("/data/warehouse")):
        assert heard.event.wait(PATIENCE)
    [record] = heard.records
    assert record.levelno == notice.NOTICE
    assert record.getMessage() == "path: the engine on /data/warehouse is starting, which takes longer than usual"


def test_a_quick_start_says_nothing(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    timers: list[threading.Timer] = []
    real = threading.Timer

    def remembered(*arguments: object) -> threading.Timer:
        timers.append(real(*arguments))  # type: ignore[arg-type]
        return timers[-1]

    monkeypatch.setattr(notice.threading, "Timer", remembered)
    monkeypatch.setattr(notice, "SLOW_SECONDS", 2 * PATIENCE)
    with notice.noticed_if_slow(Path("/data/warehouse")):
        pass
    timers[0].join(PATIENCE)
    assert not timers[0].is_alive()
    assert heard.records == []
