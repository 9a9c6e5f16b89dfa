"""Set up an embedded engine after its start, and let this process exit only after the load of the system packages.

A new engine must not be stopped during this load. With kernel 1.4, an engine that was stopped during it sometimes
started again with a lock that no session held, and every DDL statement in that folder then waited for ever. The load
begins some seconds after the folder was first opened and takes about 4 s.
"""

from __future__ import annotations

import atexit
import contextlib
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import pymysql
from pymysql.cursors import DictCursor

from ..errors import EngineFailed

LOAD_STATUS = "select job_status from oceanbase.DBA_OB_ROOTSERVICE_JOBS where job_type = 'LOAD_MYSQL_SYS_PACKAGE'"
LOAD_DONE = "SUCCESS"

READY_FILE = "engine_ready"
"""Name of a file in the engine's folder. It is created when the engine has loaded its system packages."""

LOAD_SECONDS = 30.0
"""Longest time, in seconds, to wait until the engine has loaded its system packages."""

APPEAR_SECONDS = 10.0
"""Seconds to wait, after an engine was opened, for it to begin to load its system packages.

If the load has not begun within this time, there is nothing to load.
"""

POLL_SECONDS = 0.2
"""Seconds between two queries whether the engine has loaded its system packages."""

READ_TIMEOUT_SECONDS = 20
"""Time limit in seconds for each answer of the engine to the statements that set it up.

Without the limit, threads that need an engine might wait for ever.
"""

PROBE_STATEMENTS = ("create database `{name}`", "drop database `{name}`")
"""DDL statements that find out whether an engine is damaged because it was stopped while it set itself up.

They take milliseconds on a healthy engine, and fail after READ_TIMEOUT_SECONDS on a damaged engine. The database has a
random name with PROBE_PREFIX, so it is never one of the user's. If a database of this name exists, nothing is dropped.
"""

PROBE_PREFIX = "dbt_probe_"
"""Beginning of the name of the database that PROBE_STATEMENTS create. It stays if the process is killed in between."""

ENLARGE_PLAN_CACHE = "set global ob_plan_cache_percentage = 20"
"""Statement that lets an engine use 20 % of its memory for its plan cache. ``prepare`` sends it to each new engine.

The engine keeps this setting in its folder, also after a restart. By default it uses 2 % for this cache, which is 21 MB
of 1 GB. The execution plans of a dbt project take 45 MB (kernel 1.4) to 82 MB (kernel 1.3), so they evict each other
from the small cache. With the larger cache, the same build takes 20 % (kernel 1.4) to 40 % (kernel 1.3) less CPU time.
"""

SHOW_LOG_LEVEL = "show parameters like 'syslog_level'"
VERBOSE_LOG_LEVEL = "EDIAG"
"""Log level that kernel 1.4 has after each start.

At this level, the engine writes 30 MB of log in a dbt build. Writing this log is a quarter of the engine's work.
"""

SET_LOG_LEVEL = "alter system set syslog_level = 'WARN'"
"""Statement that sets the log level WARN, sent after each start of an engine that logs at VERBOSE_LOG_LEVEL.

Kernel 1.4 starts with VERBOSE_LOG_LEVEL, and kernel 1.3 with WARN. At the level WARN, errors are still logged. The
statement is needed after each start, because neither kernel keeps a changed level when it stops.
"""


def prepare(folder: Path, unix_socket: str, is_new: bool) -> None:
    """Set up the engine that was just opened in ``folder`` and listens on ``unix_socket``.

    If the engine logs at VERBOSE_LOG_LEVEL, its log level is reduced. A new engine (``is_new``) also gets a larger plan
    cache, which the engine stores in its folder. An older engine keeps its plan cache, because the user may have
    changed the size.

    If ``folder`` has no READY_FILE, the load of the system packages may not be finished. This process then waits for
    the load before it exits. An engine that is not new may have been stopped during its load, so a DDL statement is
    tried on it. The engine's own report about the load is of no use here, because it shows an interrupted load as done.
    Raises EngineFailed if the DDL fails, and ``pymysql.err.MySQLError`` if the login fails.
    """
    _reduce_logging(unix_socket)
    if (folder / READY_FILE).exists():
        return
    with login(unix_socket) as connection:
        if is_new:
            _enlarge_plan_cache(connection)
        else:
            _probe(connection)
    atexit.register(await_setup, folder, unix_socket, time.monotonic())


def await_setup(
    folder: Path,
    unix_socket: str,
    opened: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until the engine in ``folder`` has loaded its system packages, and then create READY_FILE there.

    This function is called when Python exits. The wait ends after LOAD_SECONDS in any case, and after an error of the
    driver. It also ends if the load has not begun within APPEAR_SECONDS after ``opened``, because then there is nothing
    to load.

    ``unix_socket`` is the engine's socket, on which the status of the load is queried. ``opened`` is the time, by
    ``clock``, at which the engine was opened. ``sleep`` is called with the seconds between two queries.
    """
    deadline = clock() + LOAD_SECONDS
    with (
        contextlib.suppress(pymysql.err.MySQLError),
        contextlib.closing(login(unix_socket)) as connection,
    ):
        while clock() < deadline:
            status = _status(connection)
            if status == LOAD_DONE:
                # an error is ignored, since without the file the next process only checks and waits again
                with contextlib.suppress(OSError):
                    (folder / READY_FILE).touch()
            if status == LOAD_DONE or (status is None and clock() - opened > APPEAR_SECONDS):
                return
            sleep(POLL_SECONDS)


def login(unix_socket: str) -> pymysql.connections.Connection:
    """Log in as root to the engine that listens on ``unix_socket``, and return the connection.

    Raises ``pymysql.err.MySQLError`` if the login fails. A later statement on the connection raises it if an answer
    takes more than READ_TIMEOUT_SECONDS.
    """
    # without TLS, for which the driver would load all certificates of the system
    options = {"ssl_disabled": True, "read_timeout": READ_TIMEOUT_SECONDS}
    return pymysql.connect(unix_socket=unix_socket, user="root", autocommit=None, **options)


def _status(connection: pymysql.connections.Connection) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(LOAD_STATUS)
        row = cursor.fetchone()
    return str(row[0]) if row else None


def _reduce_logging(unix_socket: str) -> None:
    # an error is ignored, because with more logging the engine is only slower
    with (
        contextlib.suppress(pymysql.err.MySQLError),
        login(unix_socket) as connection,
        connection.cursor(DictCursor) as cursor,
    ):
        cursor.execute(SHOW_LOG_LEVEL)
        if any(row["value"] == VERBOSE_LOG_LEVEL for row in cursor.fetchall()):
            cursor.execute(SET_LOG_LEVEL)


def _enlarge_plan_cache(connection: pymysql.connections.Connection) -> None:
    # an error is ignored, because with the smaller cache the engine is only slower
    with contextlib.suppress(pymysql.err.MySQLError), connection.cursor() as cursor:
        cursor.execute(ENLARGE_PLAN_CACHE)


def _probe(connection: pymysql.connections.Connection) -> None:
    name = f"{PROBE_PREFIX}{secrets.token_hex(8)}"
    try:
        with connection.cursor() as cursor:
            for statement in PROBE_STATEMENTS:
                cursor.execute(statement.format(name=name))
    except pymysql.err.MySQLError as error:
        raise EngineFailed(
            "path: the engine in this folder was stopped while it set itself up and does no DDL any more "
            f"({error.args[0]}): its data can be saved with seekdb-dump; then remove the folder and build again"
        ) from error
