"""Real OceanBase kernels for the tests, each in its own process and folder, reached by unix socket only.

The wheels of the two kernels cannot live in one environment, so each is installed into a cache folder
(``wheel``). A kernel is opened by a child process (this file, run as a script), not by the test process:
the tests may then open another kernel themselves, and a Ctrl-C in the terminal does not reach it. Every
xdist worker has a child of its own on the one folder of its session; ``pylibseekdb`` starts the engine for
the first, lets the others join, and stops it when the last child is gone, however it went. One engine per
session is enough, since every test has its own database, and sparing: an engine takes 0.3 GB (1.4) to 1 GB
(1.3) before the first row is stored.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pymysql

VERSIONS = {"1.3": "1.3.0.post5", "1.4": "1.4.0.post1"}
"""Version of ``pylibseekdb`` that carries each kernel, by the name that ``--kernel`` takes."""

CACHE = Path(os.environ.get("OCEANBASE_TEST_ENGINES", Path(__file__).parents[2] / ".cache" / "engines"))
START_SECONDS = 120  # 1 to 4 s on an idle machine; the rest is for one with two busy cores
STOP_SECONDS = 30
LOGIN_SECONDS = 5

ROOM_FOR_PLANS = "set global ob_plan_cache_percentage = 20"  # what the adapter's own engines get
SETTINGS = {"1.3": (ROOM_FOR_PLANS,), "1.4": (ROOM_FOR_PLANS, "alter system set syslog_level = 'ERROR'")}
"""What each kernel is told after its start: the log of 1.4 is a quarter of its work, and only its errors are read."""

PREFIX = "oceanbase-"
MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - what is made there has a name of its own
MEMORY_DISK_BYTES = 6 * 1024**3
"""Free memory from which engines lie on it: the log of one may grow to 2 GiB, and it needs memory of its own."""
ABANDONED_SECONDS = 6 * 3600
"""Age from which what lies there is of tests that were killed: no session takes an hour."""


class EngineError(RuntimeError):
    """A kernel could not be installed or started; the text ends with the log's last errors."""


def wheel(kernel: str) -> Path:
    """Return the folder that holds ``pylibseekdb`` of this kernel, after installing it there if it is not."""
    version = VERSIONS[kernel]
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / f"{version}-{sys.implementation.cache_tag}"
    with open(CACHE / f"{folder.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=CACHE) as staging:
                _install(version, Path(staging) / "wheel")
                # the rename comes last, so a folder that exists is complete
                os.rename(Path(staging) / "wheel", folder)
    return folder


def _install(version: str, target: Path) -> None:
    requirement = f"pylibseekdb=={version}"
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(target),
        requirement,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineError(f"pip cannot install {requirement}: {done.stderr.strip()[-2000:]}")


@contextmanager
def running(kernel: str, folder: Path) -> Iterator[str]:
    """Open the kernel on ``folder`` and yield its unix socket once a login succeeds; leave it at the end.

    Raises EngineError when no login succeeds within START_SECONDS.
    """
    command = [sys.executable, __file__, str(wheel(kernel)), str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        try:
            deadline = time.monotonic() + START_SECONDS
            unix_socket = _announced(child, deadline, kernel, folder)
            _await_login(unix_socket, deadline, kernel, folder)
            _set_up(unix_socket, kernel)
            yield unix_socket
        finally:
            assert child.stdin is not None
            with suppress(BrokenPipeError):
                child.stdin.close()
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


def _announced(child: subprocess.Popen[str], deadline: float, kernel: str, folder: Path) -> str:
    assert child.stdout is not None
    ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
    line = child.stdout.readline() if ready else ""
    if not line:
        child.kill()
        raise EngineError(f"kernel {kernel} did not open {folder}; its log ends with:\n{log_tail(folder)}")
    return str(json.loads(line)["unix_socket"])


def _await_login(unix_socket: str, deadline: float, kernel: str, folder: Path) -> None:
    while True:
        try:
            login(unix_socket).close()
        except (pymysql.MySQLError, OSError) as error:  # noqa: PERF203 - it waits for a server
            if time.monotonic() > deadline:
                log = log_tail(folder)
                raise EngineError(f"kernel {kernel} refuses a login ({error}); its log:\n{log}") from error
            time.sleep(0.1)
        else:
            return


def _set_up(unix_socket: str, kernel: str) -> None:
    connection = login(unix_socket)
    with connection, connection.cursor() as cursor:
        set_up(cursor, kernel)


def set_up(cursor: pymysql.cursors.Cursor, kernel: str) -> None:
    """Make a kernel that was just started quicker, by root's ``cursor``."""
    for setting in SETTINGS[kernel]:
        cursor.execute(setting)


def new_folder() -> Path:
    """Make a folder for a session's engine: in memory, where no statement waits for a disk, if there is room."""
    for folder in MEMORY_DISK.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > ABANDONED_SECONDS:
                remove(folder)
    return Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY_DISK if _memory_disk_will_do() else None))


def _memory_disk_will_do() -> bool:
    try:
        free = min(shutil.disk_usage(MEMORY_DISK).free, os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
        if free < MEMORY_DISK_BYTES:
            return False
        with tempfile.NamedTemporaryFile(dir=MEMORY_DISK) as probe:
            # the engine opens its files so, and tmpfs of a Linux before 6.6 refuses it
            os.close(os.open(probe.name, os.O_RDWR | os.O_DIRECT))
    except OSError:
        return False
    return True


def login(unix_socket: str, password: str = "") -> pymysql.Connection:
    """Log in as root by a unix socket. Raises the driver's error, or OSError where nobody listens.

    The link is opened here: PyMySQL leaves a socket that cannot be connected to the garbage collector, and the warning
    of that would appear wherever this happens to run.
    """
    connection = pymysql.connect(user="root", password=password, autocommit=None, ssl_disabled=True, defer_connect=True)
    link = socket.socket(socket.AF_UNIX)
    try:
        link.settimeout(LOGIN_SECONDS)
        link.connect(unix_socket)
    except BaseException:
        link.close()
        raise
    connection.connect(link)
    return connection


def log_tail(folder: Path, lines: int = 15) -> str:
    """Return the last errors of the engine's log in ``folder``, or its last lines when it has no error."""
    try:
        text = (folder / "log" / "seekdb.log").read_text(errors="replace").splitlines()
    except OSError as error:
        return str(error)
    return "\n".join(([line for line in text if " ERROR " in line] or text)[-lines:])


def at_work(unix_socket: str) -> str:
    """Give what the sessions of an engine do now, or why it does not say."""
    try:
        connection = login(unix_socket)
        with connection, connection.cursor() as cursor:
            cursor.execute("show full processlist")
            return "\n".join(map(str, cursor.fetchall()))
    except (pymysql.MySQLError, OSError) as error:
        return f"{type(error).__name__}: {error}"


def remove(folder: Path) -> None:
    """Remove the folder of an engine, after the engine that was opened on it is gone."""
    pid_file = folder / "run" / "seekdb.pid"
    with suppress(OSError, ValueError):
        pid = int(pid_file.read_text())
        deadline = time.monotonic() + STOP_SECONDS
        while _is_seekdb(pid, folder) and time.monotonic() < deadline:
            time.sleep(0.1)
        if _is_seekdb(pid, folder):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def _is_seekdb(pid: int, folder: Path) -> bool:
    """Whether this process serves ``folder``: a number from an old pid file may belong to anybody by now."""
    command = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return f"--base-dir={folder}" in command.stdout


def _hold(package: str, folder: str) -> None:
    """Open the engine, print how to reach it, and keep it until the parent closes the pipe or is gone."""
    sys.path.insert(0, package)
    import pylibseekdb

    engine = pylibseekdb.open(folder)
    print(json.dumps(engine.connection_options()), flush=True)
    sys.stdin.read()
    engine.close()


if __name__ == "__main__":
    _hold(*sys.argv[1:])
