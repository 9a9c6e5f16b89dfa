"""The process that keeps an embedded engine running for some seconds after the last dbt process that used it.

It is started as a program of its own, with the engine's folder as its argument, so it imports nothing of this package.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from pathlib import Path

POLL_SECONDS = 0.25
"""Seconds between two checks of the folder."""

ATTEMPTS = 4
"""Number of attempts to lock ``engine_linger``, which a dbt process locks for a moment when it reads it."""


def main(folder: Path) -> None:
    """Keep the engine in ``folder`` running in a child process, and return as soon as the engine is safe.

    The engine stops when no process has a lock on ``run/seekdb.clients``. The child has such a lock, and ends with the
    wait that ``wait`` describes. Nothing is done if another process keeps the engine in this folder running.
    """
    with (
        (folder / "engine_linger").open("r+") as linger,
        (folder / "engine_users").open("r+") as users,
        (folder / "run" / "seekdb.clients").open("rb") as clients,
    ):
        for _ in range(ATTEMPTS):
            if _take_lock(linger.fileno()):
                break
            time.sleep(POLL_SECONDS)
        else:
            return
        fcntl.flock(clients, fcntl.LOCK_SH)
        if os.fork() == 0:
            # the parent's caller reads until this file is closed
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            wait(folder, users.fileno(), linger.fileno())


def wait(folder: Path, users: int, linger: int) -> None:
    """Return when the engine in ``folder`` has to stop, or when the folder was removed.

    ``users`` and ``linger`` are the descriptors of two open files in the folder. Each dbt process has a shared lock on
    ``users`` as long as it uses the engine. ``linger`` has the number of seconds to wait after the last of them, which
    a dbt process may change at any time. If the engine has to stop, this process has the exclusive lock on ``users``
    until it ends, so a new dbt process waits for that.
    """
    idle_since = time.monotonic()
    while _is_there(folder, users):
        if not _take_lock(users):
            idle_since = time.monotonic()
        elif time.monotonic() - idle_since >= _seconds(linger):
            return
        else:
            fcntl.flock(users, fcntl.LOCK_UN)
        time.sleep(POLL_SECONDS)


def _is_there(folder: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat((folder / "engine_users").stat(), os.fstat(descriptor))
    except OSError:
        return False


def _take_lock(descriptor: int) -> bool:
    """Lock an open file exclusively. Return False if another process has a lock on the file."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _seconds(descriptor: int) -> float:
    # a text that cannot be read is being written at this moment, or was damaged: the engine is not kept for ever
    try:
        return float(os.pread(descriptor, 32, 0))
    except ValueError:
        return 0.0


if __name__ == "__main__":
    main(Path(sys.argv[1]))
