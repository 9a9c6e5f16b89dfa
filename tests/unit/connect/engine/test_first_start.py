"""A first start of the engine that does not complete is found by the next one."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect.engine.first_start import STARTING_FILE, first_start
from dbt.adapters.oceanbase.connect.errors import EngineFailed


def fail(folder: Path, made: str | None = None) -> None:
    if made:
        (folder / made).mkdir()
    raise OSError("no room")


def test_a_completed_start_leaves_no_file(tmp_path: Path) -> None:
    with first_start(tmp_path, is_new=True):
        assert (tmp_path / STARTING_FILE).exists()
    assert list(tmp_path.iterdir()) == []
    with first_start(tmp_path, is_new=False):
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_new", [True, False])
def test_after_one_that_did_not_complete_the_next_is_refused(tmp_path: Path, is_new: bool) -> None:
    with pytest.raises(OSError, match="no room"), first_start(tmp_path, is_new=True):
        fail(tmp_path, "log")
    with pytest.raises(EngineFailed, match=r"did not complete.*no data yet: remove"), first_start(tmp_path, is_new):
        pytest.fail("the engine would be started")


def test_one_that_made_nothing_is_not_held_against_the_next(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no room"), first_start(tmp_path, is_new=True):
        fail(tmp_path)
    with first_start(tmp_path, is_new=True):
        pass


def test_another_process_waits_and_then_starts(tmp_path: Path) -> None:
    entered = threading.Event()

    def other() -> None:
        with first_start(tmp_path, is_new=True):
            entered.set()

    with first_start(tmp_path, is_new=True):
        thread = threading.Thread(target=other)
        thread.start()
        assert not entered.wait(0.2)
    thread.join(PATIENCE)
    assert entered.is_set()
