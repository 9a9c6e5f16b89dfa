"""Who counts as a user of a lingering engine, and for how long it waits."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect import errors
from dbt.adapters.oceanbase.connect.engine import linger, linger_process


class Clock:
    """A clock that moves only while the waiting process sleeps. ``after`` maps sleeps to what happens then."""

    def __init__(self) -> None:
        self.now = 0.0
        self.after: dict[float, object] = {}

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        happens = self.after.pop(self.now, None)
        if callable(happens):
            happens()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(linger_process, "time", clock)
    return clock


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "seekdb.clients").touch()
    (tmp_path / linger.USERS_FILE).touch()
    (tmp_path / linger.LINGER_FILE).write_text("10.000          \n")
    return tmp_path


def waited(folder: Path, clock: Clock) -> float:
    with (folder / linger.USERS_FILE).open("r+") as users, (folder / linger.LINGER_FILE).open("r+") as file:
        linger_process.wait(folder, users.fileno(), file.fileno())
    return clock.now


def test_the_time_begins_with_the_end_of_the_last_user(engine: Path, clock: Clock) -> None:
    first, second = linger.enter(engine), linger.enter(engine)
    clock.after = {3.0: first.close, 5.0: second.close}

    assert 14.5 <= waited(engine, clock) <= 15.5


def test_a_user_that_comes_back_begins_it_anew(engine: Path, clock: Clock) -> None:
    users = []
    clock.after = {8.0: lambda: users.append(linger.enter(engine)), 20.0: lambda: users.pop().close()}

    assert 29.5 <= waited(engine, clock) <= 30.5


def test_the_latest_time_counts(engine: Path, clock: Clock) -> None:
    clock.after = {4.0: lambda: linger.keep(engine, 0)}

    assert waited(engine, clock) == 4.0


def test_a_text_that_is_no_number_counts_as_none(engine: Path, clock: Clock) -> None:
    (engine / linger.LINGER_FILE).write_text("damaged")

    assert waited(engine, clock) == 0.0


def test_another_folder_of_that_name_is_not_waited_for(engine: Path, clock: Clock) -> None:
    def replace() -> None:
        (engine / linger.USERS_FILE).unlink()
        (engine / linger.USERS_FILE).touch()

    clock.after = {2.0: replace}

    assert waited(engine, clock) == 2.0


def test_a_new_user_waits_for_the_end_of_a_process_that_stops(engine: Path, clock: Clock) -> None:
    (engine / linger.LINGER_FILE).write_text("0")
    entered = threading.Event()
    with (engine / linger.USERS_FILE).open("r+") as users, (engine / linger.LINGER_FILE).open("r+") as file:
        linger_process.wait(engine, users.fileno(), file.fileno())

        newcomer = threading.Thread(target=lambda: (linger.enter(engine).close(), entered.set()))
        newcomer.start()
        assert not entered.wait(0.2)

    assert entered.wait(PATIENCE)
    newcomer.join()


def test_one_process_is_enough(engine: Path) -> None:
    assert not linger.is_kept(engine)
    with (engine / linger.LINGER_FILE).open("r+") as file:
        assert linger_process._take_lock(file.fileno())
        assert linger.is_kept(engine)
        linger_process.main(engine)  # it returns, and does not wait


def test_nothing_is_left_without_it(tmp_path: Path) -> None:
    linger.keep(tmp_path, 0)

    assert list(tmp_path.iterdir()) == []
    assert not linger.is_kept(tmp_path)


def test_a_process_that_cannot_be_started_is_one_line(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linger.sys, "executable", "/nowhere/python")

    with pytest.raises(errors.EngineFailed, match=r"engine\.linger: .*No such file.*remove linger from the profile"):
        linger.keep(engine, 10)


def test_its_own_error_is_shown(engine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linger, "START_SECONDS", PATIENCE)
    (engine / "run" / "seekdb.clients").unlink()

    with pytest.raises(errors.EngineFailed, match=r"engine\.linger: .*seekdb\.clients.*remove linger from the profile"):
        linger.keep(engine, 10)


def engine_runs(folder: Path) -> Iterator[None]:
    """Hold the lock of an engine that runs, from another process, since a process does not see its own."""
    (folder / "run" / "seekdb.pid").touch()
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        with (folder / "run" / "seekdb.pid").open("r+") as file:
            fcntl.lockf(file, fcntl.LOCK_EX)
            os.write(writer, b"x")
            signal.pause()
    os.read(reader, 1)
    yield
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reader), os.close(writer)


@pytest.fixture
def running(engine: Path) -> Iterator[Path]:
    with contextlib.contextmanager(engine_runs)(engine):
        yield engine


def test_the_end_is_waited_for(running: Path) -> None:
    assert not linger.await_stop(running, time.monotonic() + 0.2)


def test_an_engine_that_others_use_is_not_waited_for(running: Path) -> None:
    with linger.enter(running):
        assert not linger.await_stop(running, time.monotonic() + 3600)


def test_the_lock_of_a_waiting_process_is_no_use(running: Path) -> None:
    with (running / linger.USERS_FILE).open("r+") as users:
        assert linger_process._take_lock(users.fileno())
        assert not linger._is_used(running)


def test_an_engine_that_has_stopped_is_not_waited_for(engine: Path) -> None:
    assert linger.await_stop(engine, time.monotonic() + 3600)
    (engine / "run" / "seekdb.pid").touch()
    assert linger.await_stop(engine, time.monotonic() + 3600)


def test_others_cannot_lock_its_files(tmp_path: Path) -> None:
    linger.enter(tmp_path).close()

    assert (tmp_path / linger.USERS_FILE).stat().st_mode & 0o077 == 0
