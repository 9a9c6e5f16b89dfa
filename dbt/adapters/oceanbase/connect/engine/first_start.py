"""Detect that the first start of an embedded engine in its folder did not complete.

If the engine is killed while it starts in a new folder, it may not be able to start there again. Kernel 1.4 then fails
with an error that looks like damaged data (-4023), or its start never returns. The folder has no data at this time.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from ..errors import EngineFailed, one_line
from .setup import READY_FILE

STARTING_FILE = "engine_starting"
"""Name of a file in the engine's folder that exists until the first start has completed."""

VERSION_FILE = "engine_version"
"""Name of a file in the engine's folder with the version of pylibseekdb that last opened the engine there."""

_DATA_FOLDERS = ("etc", "store")
"""Folders in the engine's folder in which the engine keeps its settings and its data."""


def is_new(folder: Path) -> bool:
    """Check whether no engine has been started in ``folder`` yet, so that the folder has no data.

    The engine's log does not matter, because it is often left out of a copy.
    """
    return not _was_opened(folder) and not any(_has_content(folder / name) for name in _DATA_FOLDERS)


def _was_opened(folder: Path) -> bool:
    """Check whether this adapter has opened the engine in ``folder`` before, so that the first start has completed."""
    return (folder / VERSION_FILE).exists() or (folder / READY_FILE).exists()


def _has_content(path: Path) -> bool:
    # a link whose target is missing may be one to a disk that is not mounted now
    return os.path.lexists(path) and (not path.is_dir() or any(path.iterdir()))


@contextlib.contextmanager
def first_start(folder: Path, is_new: bool) -> Iterator[None]:
    """Mark ``folder`` by STARTING_FILE while the ``with`` block starts the engine there for the first time.

    ``is_new`` means that no engine has been started in the folder yet (see the function ``is_new``). If it is False and
    the folder has no mark, only run the block. If another process is making the first start there, wait until that
    process is done with it. Raise EngineFailed if an earlier first start did not complete. A mark in a folder in which
    the engine was opened before means nothing, since the folder may have data. It is removed after the block.
    """
    mark = folder / STARTING_FILE
    if _was_opened(folder):
        yield
        mark.unlink(missing_ok=True)
        return
    if not is_new and not mark.exists():
        yield
        return
    with mark.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if _is_removed(mark, file.fileno()):  # another process has completed the first start
            yield
            return
        if file.tell():
            raise EngineFailed(
                f"path: the first start of the engine on {one_line(str(folder), 80)} did not complete, so it has no "
                f"data yet: remove etc, log, run, store, wallet and {STARTING_FILE} there, or give another folder"
            )
        file.write("the first start has not completed\n")
        file.flush()
        try:
            yield
        except BaseException:
            if not (folder / "log").exists():  # the engine has made nothing that the next start could meet
                mark.unlink(missing_ok=True)
            raise
        mark.unlink(missing_ok=True)


def _is_removed(path: Path, descriptor: int) -> bool:
    """Check whether the file that is open as ``descriptor`` was removed from ``path`` or replaced by another file."""
    try:
        return not os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return True
