"""Keep an embedded engine running for some seconds after the last dbt process has ended.

The next dbt run then starts faster. The engine stops when no process has a lock on its file ``run/seekdb.clients``. So
the adapter starts a small process, the waiting process, whose program is ``linger_process``. The waiting process holds
such a lock until no dbt process has used the engine for the number of seconds in the profile's ``engine.linger``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from ..errors import EngineFailed, one_line

USERS_FILE = "engine_users"
"""Name of a file in the engine's folder. Each process that uses the engine has a shared lock on this file."""

LINGER_FILE = "engine_linger"
"""Name of a file in the engine's folder with the number of seconds, as text, to keep the unused engine running.

The process that keeps the engine running has an exclusive lock on this file as long as it runs.
"""

START_SECONDS = 30.0
"""Longest time, in seconds, that the start of the waiting process, which keeps the engine running, may take."""

POLL_SECONDS = 0.05
"""Seconds between two checks whether an engine has stopped."""

_ENVIRONMENT = ("LD_LIBRARY_PATH", "PATH")


def enter(folder: Path) -> IO[str]:
    """Mark this process as a user of the engine in ``folder``. Return an open file that has to stay open.

    The process counts as a user until the file is closed. A forked child inherits the file and counts as well. If the
    process that keeps the unused engine running is about to end, first wait until it has ended.
    """
    file = _opened(folder / USERS_FILE)
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def _opened(path: Path) -> IO[str]:
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    # another user who could open the file could lock it, and dbt would wait for that user
    with contextlib.suppress(OSError):
        os.fchmod(file.fileno(), 0o600)
    return file


def keep(folder: Path, seconds: float) -> None:
    """Make the engine in ``folder`` keep running for ``seconds`` after the last process that uses it has ended.

    With 0 the engine stops together with that process. The number of a later call replaces the number of an earlier
    call. Raises EngineFailed if the process that keeps the engine running cannot be started, and OSError if ``folder``
    cannot be written.
    """
    if not seconds and not (folder / LINGER_FILE).exists():
        return
    # the length is fixed, so that a reader never sees a part of a longer text
    with _opened(folder / LINGER_FILE) as file:
        file.write(f"{seconds:<16.3f}\n")
    if seconds and not is_kept(folder):
        _start_waiting(folder)


def _start_waiting(folder: Path) -> None:
    """Start the process that keeps the engine in ``folder`` running. Return when this process has its two locks.

    They are locks on ``run/seekdb.clients`` and on LINGER_FILE. Raises EngineFailed if the process cannot be started.
    """
    program = [sys.executable, "-I", "-S", str(Path(__file__).with_name("linger_process.py")), str(folder)]
    # without the secrets in the environment of dbt
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        subprocess.run(  # noqa: S603  # Python itself and a file of this package
            program,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            env=environment,
            start_new_session=True,
            check=True,
            timeout=START_SECONDS,
        )
    except (OSError, subprocess.SubprocessError) as error:
        output = getattr(error, "stderr", None) or b""
        reason = one_line((output.decode("utf-8", "replace").strip() or str(error)).splitlines()[-1], 120)
        text = f"engine.linger: the process that waits cannot be started ({reason})"
        raise EngineFailed(f"{text}: remove linger from the profile") from error


def await_stop(folder: Path, deadline: float) -> bool:
    """Wait until the embedded engine that runs on ``folder`` has stopped, and return whether it has stopped.

    Return False if it still runs at ``deadline``, a time of ``time.monotonic``. While another process uses the engine,
    the engine does not stop, so the function does not wait.
    """
    while _has_stopped(folder) is False and not _is_used(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return _has_stopped(folder)


def _has_stopped(folder: Path) -> bool:
    # the engine has a lock on its pid file from its start to its end; a process id would also be that of a zombie
    try:
        with (folder / "run" / "seekdb.pid").open("r+") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


def _is_used(folder: Path) -> bool:
    with _opened(folder / USERS_FILE) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False  # the waiting process has the exclusive lock, so nobody else has one
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def is_kept(folder: Path) -> bool:
    """Check whether a process of the program ``linger_process`` keeps the engine in ``folder`` running."""
    try:
        with (folder / LINGER_FILE).open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False
