"""The embedded engine: an OceanBase kernel (seekdb) that keeps its data in the folder given as ``path`` in the profile.

The package ``pylibseekdb`` starts the engine, which then serves all connections of this process. Several processes can
use one folder at the same time. The engine stops when the last of them has ended, even if that process was killed, or
some seconds later if the profile's ``engine.linger`` says so. The engine listens on a unix socket only.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import pymysql

from .. import forks
from ..errors import EngineFailed, one_line, text_of
from ..options import Endpoint, EngineOptions
from . import linger, permissions
from . import log as engine_log
from . import setup as engine_setup
from .first_start import VERSION_FILE, first_start, is_new
from .notice import noticed_if_slow

_MISSING = "path: needs the embedded engine: pip install pylibseekdb (Python 3.11 or newer), or give host"

STOP_SECONDS = 60.0
"""Longest time, in seconds, for which an exiting process waits until the engine has stopped."""

MAX_SOCKET_NAME = 103
"""Longest path of a unix socket, in bytes, that every system accepts. macOS accepts 103 and Linux 107."""

_engines: dict[Path, Any] = {}
_users: dict[Path, IO[str]] = {}
_limited: set[EngineOptions] = set()
_stopping: set[Path] = set()
_lock = threading.Lock()


def start(options: EngineOptions) -> Endpoint:
    """Return the endpoint (a unix socket) of the engine in the folder ``options.path``, and start the engine if needed.

    The first call with these options also sets the engine's limits of memory and disk, and its time to linger, which
    means to keep running after the last process has ended. A limit that is None is not changed. Other threads that need
    an engine wait during the start, since they usually need the same engine. Raises EngineFailed if the engine cannot
    be used. The error names the package to install, the versions that do not match, the limit that the kernel refuses,
    or another cause, such as one from the engine's log.
    """
    with _lock:
        try:
            folder = Path(options.path).resolve()
            if folder not in _engines:
                _engines[folder] = _open(folder)
            endpoint = Endpoint(unix_socket=_socket(folder, _engines[folder]))
            if options not in _limited:
                _limit(endpoint, options)
                linger.keep(folder, options.linger)
                _stopping.discard(folder)
                _limited.add(options)
        except (OSError, RuntimeError, pymysql.err.MySQLError) as error:
            text = f"path: the engine on {one_line(options.path, 80)} cannot be used: {one_line(text_of(error), 120)}"
            raise EngineFailed(f"{text}; check the folder, and its log/seekdb.log") from error
    return endpoint


def stop_lingering(options: EngineOptions) -> bool:
    """Make the engine in ``options.path`` stop when the last process that uses it ends, without lingering.

    To linger means to keep running for ``options.linger`` seconds after that process has ended. Return whether the
    engine had a waiting process, which makes an engine linger (see ``linger``).

    When this process exits, it waits at most STOP_SECONDS until the engine has stopped, so that the folder can be
    copied afterwards. It does not wait if another process uses the engine. Raises EngineFailed if the folder cannot be
    written.
    """
    folder = Path(options.path).resolve()
    try:
        was_kept = linger.is_kept(folder)
        linger.keep(folder, 0)
    except OSError as error:
        text = f"path: {one_line(str(folder), 80)} cannot be written: {one_line(text_of(error), 120)}"
        raise EngineFailed(f"{text}; check the rights on the folder") from error
    # a later use in this process makes the engine linger again
    _limited.discard(options)
    if folder not in _stopping:
        _stopping.add(folder)
        atexit.register(_leave, folder)
    return was_kept


def _leave(folder: Path) -> None:
    """Close this process's handle of the engine in ``folder``, and wait until the engine has stopped.

    Python calls this function when this process exits after ``stop_lingering``. The wait ends after STOP_SECONDS, or at
    once if another process uses the engine. If the engine then still runs, a line on standard error says so. Do nothing
    if this process has used the engine again since ``stop_lingering``.
    """
    with _lock:
        if folder not in _stopping:
            return
        _stopping.discard(folder)
        engine, users = _engines.pop(folder, None), _users.pop(folder, None)
    if engine is not None:
        if not (folder / engine_setup.READY_FILE).exists():
            engine_setup.await_setup(folder, _socket(folder, engine), time.monotonic())
        engine.close()
    if users is not None:
        users.close()
    if not linger.await_stop(folder, time.monotonic() + STOP_SECONDS):
        text = f"path: the engine on {one_line(str(folder), 80)} still runs, since another process uses it"
        print(f"{text}: do not copy or remove the folder before that has ended", file=sys.stderr)


def reset_after_fork() -> None:
    """Replace the module's lock in a forked process, since another thread of the parent may have held it.

    The child can go on using the parent's engines. An engine runs as long as a process has a lock on the engine's list
    of clients, and the child has inherited the open file with this lock.
    """
    global _lock
    _lock = threading.Lock()


forks.reset_in_child(reset_after_fork)


def forget_dead(options: EngineOptions) -> None:
    """Discard this process's handle of the engine in ``options.path`` if the engine accepts no connections.

    The next ``start`` opens the engine again.
    """
    with _lock, contextlib.suppress(OSError, RuntimeError):
        folder = Path(options.path).resolve()
        engine = _engines.get(folder)
        if engine is not None and not _listens(_socket(folder, engine)):
            del _engines[folder]
            # limits are the engine's, and the process that lets it linger may have ended with it
            _limited.discard(options)
            engine.close()


def _socket(folder: Path, engine: Any) -> str:
    """Return the path of the unix socket of ``engine``, whose data is in ``folder``.

    This is ``run/sql.sock`` in the folder, if that path exists and has at most MAX_SOCKET_NAME bytes. In all other
    cases it is the path that pylibseekdb returns, a symbolic link to the socket. The link is the second choice, because
    after a fork the first process that exits removes the link.
    """
    own = str(folder / "run" / "sql.sock")
    is_named = len(os.fsencode(own)) <= MAX_SOCKET_NAME and os.path.exists(own)
    return own if is_named else str(engine.connection_options()["unix_socket"])


def _listens(unix_socket: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(0)
        try:
            sock.connect(unix_socket)
        except BlockingIOError:  # the queue of new connections is full, so the engine is running
            return True
        except OSError:
            return False
    return True


def _open(folder: Path) -> Any:
    pylibseekdb, version = _library()
    log = folder / "log" / "seekdb.log"
    permissions.tighten(folder)
    begin, starts_new = engine_log.size(log), is_new(folder)
    _check_running(folder, version)
    try:
        with noticed_if_slow(folder), first_start(folder, starts_new), _interrupts_blocked():
            if folder not in _users:
                _users[folder] = linger.enter(folder)
            engine = pylibseekdb.open(str(folder))
    except (OSError, pylibseekdb.SeekdbError) as error:
        raise EngineFailed(_start_failure(error, folder, version, engine_log.cause(log, begin))) from error
    _note_version(folder / VERSION_FILE, version)
    engine_setup.prepare(folder, _socket(folder, engine), starts_new)
    return engine


def _note_version(file: Path, version: str) -> None:
    # an error is ignored, since the file only makes a later error message clearer
    with contextlib.suppress(OSError):
        # by a rename, because another process may read it at this moment
        if not file.exists() or file.read_text().strip() != version:
            part = file.with_name(f"{VERSION_FILE}.{os.getpid()}")
            part.write_text(version)
            part.replace(file)


def _check_running(folder: Path, version: str) -> None:
    """Raise EngineFailed if an engine of another version than ``version`` is running in ``folder``.

    ``version`` is the version of the installed package pylibseekdb.
    """
    with contextlib.suppress(OSError):
        written = (folder / VERSION_FILE).read_text().strip()
        if written and written != version and _listens(str(folder / "run" / "sql.sock")):
            raise EngineFailed(
                f"path: engine {written} runs in {one_line(folder.name, 60)}, and this one is {version}: end the other "
                f"processes, or run dbt run-operation stop_engine with pylibseekdb=={written}"
            )


def _library() -> tuple[Any, str]:
    try:
        import pylibseekdb

        return pylibseekdb, metadata.version("pylibseekdb")
    except ModuleNotFoundError as error:
        raise EngineFailed(_MISSING) from error
    except ImportError as error:
        text = f"path: the embedded engine is installed and cannot be loaded: {one_line(str(error), 120)}"
        raise EngineFailed(f"{text}; install it for this system, or give host") from error


def _limit(endpoint: Endpoint, options: EngineOptions) -> None:
    """Set the limits in ``options`` as parameters of the engine, which stores them in its folder.

    ``endpoint`` is the engine's unix socket. A limit that is None is not changed. The parameter for the memory is
    ``memory_budget`` on kernel 1.4 and ``memory_limit`` on kernel 1.3. Raises EngineFailed if the kernel does not have
    a parameter or refuses its value.
    """
    wanted = (
        (("memory_budget", "memory_limit"), options.memory),
        (("log_disk_size",), options.log_disk),
        (("datafile_maxsize",), options.datafile_max),
    )
    if not any(value for _, value in wanted):
        return
    with engine_setup.login(str(endpoint.unix_socket)) as connection:
        cursor = connection.cursor()
        for names, value in wanted:
            if value is None:
                continue
            cursor.execute("show parameters where name in %s", (names,))
            columns = [str(column[0]).lower() for column in cursor.description]
            known = [row[columns.index("name")] for row in cursor.fetchall()]
            if not known:
                raise EngineFailed(f"engine: this kernel has no parameter {names[0]}: remove it from the profile")
            name = next(name for name in names if name in known)
            try:
                cursor.execute(f"alter system set {name} = %s", (value,))
            except pymysql.err.MySQLError as error:
                text = f"engine: the kernel refuses {name} = {value} ({error.args[0]}): {one_line(text_of(error), 120)}"
                raise EngineFailed(f"{text}; choose another size") from error


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block SIGINT, SIGTERM and SIGHUP in the ``with`` block, which starts the engine.

    Ctrl-C sends its signal to all processes of a process group, and the engine belongs to the group of this process.
    The engine inherits the signal mask of the thread that starts it. So the signals stay blocked in the engine, and the
    engine ends only when its last client ends.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_failure(error: Exception, folder: Path, version: str, logged: str | None) -> str:
    with contextlib.suppress(OSError):
        written = (folder / VERSION_FILE).read_text().strip()
        if written and written != version:
            return (
                f"path: {one_line(folder.name, 60)} was written by engine {written} and this one is {version}: install "
                f"pylibseekdb=={written}, or move the data with seekdb-dump and seekdb-restore"
            )
    reason = logged or f"its log names no cause ({text_of(error)})"
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        reason = "this user may not read and write there"
    text = f"path: the engine on {one_line(str(folder), 80)} did not start: {one_line(reason, 120)}"
    return f"{text}; check the folder, and its log/seekdb.log"
