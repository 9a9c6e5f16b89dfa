"""The process that keeps an embedded engine running for some seconds after the last dbt process that used it has ended.

This file is run as a program of its own, with the engine's folder as the argument. It must not import anything of this
package, because Python is started with ``-I -S``, which hide installed packages.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from pathlib import Path

POLL_SECONDS = 0.25
"""Seconds between two checks whether the engine is still used."""

ATTEMPTS = 4
"""Number of attempts to lock the file ``engine_linger``.

An attempt may fail because a dbt process locks this file for a moment, to check whether the engine is kept running.
"""


def main(folder: Path) -> None:
    """Start a child process that keeps the engine in ``folder`` running. Return when the child has its two locks.

    The engine stops when no process has a lock on ``run/seekdb.clients``. The child has a lock on this file and one on
    ``engine_linger`` until it ends. It ends when no dbt process has used the engine for a time, or when the folder was
    removed (see ``wait``). If another process keeps this engine running already, return without starting a child.
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
    """Wait until no dbt process has used the engine in ``folder`` for a time, or until the folder is removed.

    ``users`` and ``linger`` are the descriptors of the open files ``engine_users`` and ``engine_linger`` in the folder.
    Each dbt process has a shared lock on ``engine_users`` as long as it uses the engine. ``engine_linger`` has the
    number of seconds to wait after the last of these processes has ended. A dbt process may change the number at any
    time.

    When this function returns because the time is over, this process has an exclusive lock on ``engine_users``. A new
    dbt process then waits until this process has ended.
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
    """Lock an open file exclusively and return True. Return False if another process has a lock on the file."""
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
