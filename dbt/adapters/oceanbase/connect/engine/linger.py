"""Keep an embedded engine running for some seconds after the last dbt process, so that the next one need not start it.

The engine stops when no process has a lock on its list of clients. A small process of its own, ``linger_process``, has
such a lock for the time in the profile's ``engine.linger``.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from ..errors import EngineFailed, one_line

USERS_FILE = "engine_users"
"""Name of a file in the engine's folder on which each process that uses the engine has a shared lock."""

LINGER_FILE = "engine_linger"
"""Name of a file in the engine's folder with the seconds to wait. The waiting process has an exclusive lock on it."""

START_SECONDS = 30.0
"""Longest time, in seconds, that the start of the waiting process may take."""

_ENVIRONMENT = ("LD_LIBRARY_PATH", "PATH")


def enter(folder: Path) -> IO[str]:
    """Return the open file that shows that this process uses the engine in ``folder``, until the file is closed.

    A forked child shows the same. Wait for the end of a process that has just stopped the engine.
    """
    file = (folder / USERS_FILE).open("a+")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def keep(folder: Path, seconds: float) -> None:
    """Keep the running engine in ``folder`` for ``seconds`` after the last process that uses it.

    0 is the engine's own way: it stops with the last process. The latest call counts. Raises EngineFailed if the
    process that waits cannot be started.
    """
    if not seconds and not (folder / LINGER_FILE).exists():
        return
    # the length is fixed, so that a reader never sees a part of a longer text
    with (folder / LINGER_FILE).open("r+" if (folder / LINGER_FILE).exists() else "w") as file:
        file.write(f"{seconds:<16.3f}\n")
    if seconds and not is_kept(folder):
        _start_waiting(folder)


def _start_waiting(folder: Path) -> None:
    """Start the waiting process, and return when it has taken its locks."""
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


def is_kept(folder: Path) -> bool:
    """Check whether a process is there that keeps the engine in ``folder`` running."""
    try:
        with (folder / LINGER_FILE).open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False
