"""Other users cannot read the engine's files, whatever rights its folder had."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dbt.adapters.oceanbase.connect.engine import permissions
from dbt.adapters.oceanbase.connect.errors import EngineFailed


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    """Create folders with the rights that a test states, whatever the umask of the user is."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "engine"
    found.mkdir()
    found.chmod(0o755)
    return found


@pytest.mark.parametrize("before", [0o755, 0o777, 0o750, 0o711, 0o701, 0o700])
def test_a_folder_of_the_engine_is_closed(folder: Path, before: int) -> None:
    (folder / "store").mkdir()
    (folder / "engine_version").touch()
    folder.chmod(before)

    permissions.tighten(folder)

    assert mode(folder) == 0o700


def test_a_new_folder_is_closed(tmp_path: Path) -> None:
    permissions.tighten(tmp_path / "a" / "b")

    assert mode(tmp_path / "a" / "b") == 0o700


def test_a_folder_with_other_things_keeps_its_rights(folder: Path) -> None:
    (folder / "dbt_project.yml").touch()
    (folder / "models").mkdir(mode=0o755)
    (folder / "store").mkdir(mode=0o755)

    permissions.tighten(folder)

    assert (mode(folder), mode(folder / "models")) == (0o755, 0o755)
    assert {mode(folder / name) for name in permissions.FOLDERS} == {0o700}


def test_a_folder_of_another_user_keeps_its_rights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change = os.chmod

    def refuses(path: Any, *args: Any, **others: Any) -> None:
        if Path(path) == folder:
            raise PermissionError(1, "Operation not permitted")
        change(path, *args, **others)

    monkeypatch.setattr(os, "chmod", refuses)

    permissions.tighten(folder)

    assert mode(folder) == 0o755
    assert {mode(folder / name) for name in permissions.FOLDERS} == {0o700}


@pytest.mark.parametrize("error", [PermissionError(1, "Operation not permitted"), None])
def test_what_cannot_be_closed_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, error: OSError | None) -> None:
    (folder / "store").mkdir(mode=0o755)

    def refuses(path: Any, *args: Any, **others: Any) -> None:
        if error:
            raise error

    monkeypatch.setattr(os, "chmod", refuses)

    with pytest.raises(EngineFailed) as raised:
        permissions.tighten(folder)

    text = str(raised.value)
    assert text.startswith("path: other users can read the data in ")
    assert "chmod -R go-rwx" in text
    assert len(text) <= 300
