"""Start OceanBase's embedded engine for the tests, with kernel 1.3 or 1.4.

The engine runs in its own process and folder and is reached by a unix socket only. Both kernels are versions of the
package ``pylibseekdb``, so they cannot be installed into one environment. Each is installed into a cache folder (see
``wheel``).

The kernel is opened by a child process, which is this file run as a script. So the test process itself may open the
other kernel, and a Ctrl-C in the terminal does not stop the engine. Each xdist worker starts its own child process, and
all of them open the same folder. ``pylibseekdb`` starts the engine for the first child and connects the other children
to it. It stops the engine after the last child has ended or was killed.

All tests of a session share one engine, and each test has its own database in it. An engine takes 0.3 GB (kernel 1.4)
to 1 GB (kernel 1.3) of memory before the first row is stored.
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
"""Version of ``pylibseekdb`` for each value of ``--kernel``."""

CACHE = Path(os.environ.get("OCEANBASE_TEST_ENGINES", Path(__file__).parents[2] / ".cache" / "engines"))
START_SECONDS = 300  # a start takes 1 to 4 s on an idle machine, and longer if both cores are busy
STOP_SECONDS = 30
LOGIN_SECONDS = 5

PLAN_CACHE_SIZE = "set global ob_plan_cache_percentage = 20"  # as the adapter sets it for embedded engines
NO_STATISTICS_JOB = "call dbms_scheduler.disable('ASYNC_GATHER_STATS_JOB_PROC')"
SETTINGS = {
    "1.3": (PLAN_CACHE_SIZE, NO_STATISTICS_JOB),
    "1.4": (PLAN_CACHE_SIZE, NO_STATISTICS_JOB, "alter system set syslog_level = 'ERROR'"),
}
"""Statements to run in each kernel after its start.

The job gathers statistics of all tables 15 minutes after the start and then every 15 minutes. A catalog that a test
makes at this moment would have statistics that the test does not expect. Kernel 1.4 is set to log errors only, because
its full log takes a quarter of its time.
"""

SETUP = "dbt.adapters.oceanbase.connect.engine.setup"
PATIENT_SETUP = {
    f"{SETUP}.APPEAR_SECONDS": 120.0,
    f"{SETUP}.LOAD_SECONDS": 600.0,
    f"{SETUP}.READ_TIMEOUT_SECONDS": 300.0,
}
"""Patches for a ``DbtProcess`` that begins an engine: the set-up is not given up on a busy machine.

An engine that stops within its set-up may be damaged.
"""

PREFIX = "oceanbase-"
MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - folders there get unique names
MEMORY_DISK_BYTES = 6 * 1024**3
"""Free memory that is needed to put the folder of an engine into MEMORY_DISK.

The log of an engine may grow to 2 GiB, and the engine itself needs memory too.
"""
ABANDONED_SECONDS = 6 * 3600
"""Age in seconds at which a folder in MEMORY_DISK is removed. It must belong to killed tests, as none run that long."""


class EngineError(RuntimeError):
    """Raised if a kernel cannot be installed or started. The message ends with the last errors of pip or the kernel."""


def wheel(kernel: str) -> Path:
    """Return the folder that contains ``pylibseekdb`` for this kernel. Install it first if it is missing."""
    version = VERSIONS[kernel]
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / f"{version}-{sys.implementation.cache_tag}"
    with open(CACHE / f"{folder.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=CACHE) as staging:
                _install(version, Path(staging) / "wheel")
                # the rename comes last, so that an existing folder is complete
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
    """Open the kernel on ``folder``, wait until a login succeeds, and yield the path of its unix socket.

    The kernel is closed at the end of the ``with`` block. Raise EngineError if no login succeeds within START_SECONDS.
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
        except (pymysql.MySQLError, OSError) as error:  # noqa: PERF203 - the loop waits for a server
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
    """Run the SETTINGS of a kernel by a cursor of root. They make tests faster and repeatable."""
    for setting in SETTINGS[kernel]:
        cursor.execute(setting)


def new_folder() -> Path:
    """Create and return a folder for the engine of a test session.

    The folder is in MEMORY_DISK if enough memory is free, because statements then wait for no disk. Old folders in
    MEMORY_DISK, which were left behind by killed tests, are removed.
    """
    for folder in MEMORY_DISK.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > ABANDONED_SECONDS:
                remove(folder)
    return Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY_DISK if _is_memory_disk_usable() else None))


def _is_memory_disk_usable() -> bool:
    try:
        free = min(shutil.disk_usage(MEMORY_DISK).free, os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
        if free < MEMORY_DISK_BYTES:
            return False
        with tempfile.NamedTemporaryFile(dir=MEMORY_DISK) as probe:
            # the engine opens its files with O_DIRECT, which tmpfs refuses before Linux 6.6
            os.close(os.open(probe.name, os.O_RDWR | os.O_DIRECT))
    except OSError:
        return False
    return True


def login(unix_socket: str, password: str = "") -> pymysql.Connection:
    """Return a new connection of root by a unix socket. Raise the driver's error, or OSError if no server listens.

    The connection sends a statement again while the server refuses it because of another session's DDL.

    The socket is not opened by PyMySQL, because PyMySQL does not close a socket that it cannot connect. The garbage
    collector would close it later, and the ResourceWarning would appear in another test.
    """
    from support.outside import Connection  # here, because this file is also run as a script, without the package

    connection = Connection(user="root", password=password, autocommit=None, ssl_disabled=True, defer_connect=True)
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
    """Return the last errors in the log of the engine in ``folder``, or its last lines if it has no errors."""
    try:
        text = (folder / "log" / "seekdb.log").read_text(errors="replace").splitlines()
    except OSError as error:
        return str(error)
    return "\n".join(([line for line in text if " ERROR " in line] or text)[-lines:])


def processlist(unix_socket: str) -> str:
    """Return the sessions of an engine and their current statements as text, or the error if the query fails."""
    try:
        connection = login(unix_socket)
        with connection, connection.cursor() as cursor:
            cursor.execute("show full processlist")
            return "\n".join(map(str, cursor.fetchall()))
    except (pymysql.MySQLError, OSError) as error:
        return f"{type(error).__name__}: {error}"


def remove(folder: Path) -> None:
    """Wait until an engine has ended, kill it if it still runs after STOP_SECONDS, and remove its folder."""
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
    """Check whether the process ``pid`` is the engine of ``folder``, since the id may belong to another process now."""
    command = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return f"--base-dir={folder}" in command.stdout


def _hold(package: str, folder: str) -> None:
    """Open the engine, print its connection options as JSON, and close it when the parent closes the pipe or ends."""
    sys.path.insert(0, package)
    import pylibseekdb

    engine = pylibseekdb.open(folder)
    print(json.dumps(engine.connection_options()), flush=True)
    sys.stdin.read()
    engine.close()


if __name__ == "__main__":
    _hold(*sys.argv[1:])
