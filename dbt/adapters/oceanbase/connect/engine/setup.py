"""Set up a new engine: it loads its system packages, and must not be stopped before that is done.

Seen on kernel 1.4: an engine that was stopped during the load may start again with a lock that no session holds, and
every DDL on that folder then waits for ever. The load begins some seconds after the first opening and takes about 4 s.
"""

from __future__ import annotations

import atexit
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pymysql
from pymysql.cursors import DictCursor

from ..errors import EngineFailed

LOAD_STATUS = "select job_status from oceanbase.DBA_OB_ROOTSERVICE_JOBS where job_type = 'LOAD_MYSQL_SYS_PACKAGE'"
LOAD_DONE = "SUCCESS"

READY_FILE = "engine_ready"
"""File in the engine's folder that exists when its first load is done."""

LOAD_SECONDS = 30.0
"""Time limit for the load."""

APPEAR_SECONDS = 10.0
"""Seconds after the opening of the engine within which the load's job must appear."""

POLL_SECONDS = 0.2
"""Seconds between two queries for the load's status."""

READ_TIMEOUT_SECONDS = 20
"""Time limit for an answer of the engine, since all threads that need an engine wait for the one that starts it."""

PROBE_STATEMENTS = ("create database if not exists dbt_probe", "drop database if exists dbt_probe")
"""DDL that takes milliseconds on an engine that works."""

ENLARGE_PLAN_CACHE = "set global ob_plan_cache_percentage = 20"
"""A larger plan cache. A new engine has 2 % of its memory for plans, 21 MB of 1 GB, but those of a dbt project take
45 MB (1.4) to 82 MB (1.3).

Plans then evict each other. With the larger cache the same build takes 20 % (1.4) to 40 % (1.3) less CPU time.
"""

SHOW_LOG_LEVEL = "show parameters like 'syslog_level'"
VERBOSE_LOG_LEVEL = "EDIAG"
"""Kernel 1.4's log level after each start. A build writes 30 MB of log, a quarter of the engine's work."""

SET_LOG_LEVEL = "alter system set syslog_level = 'WARN'"
"""Kernel 1.3's log level after a start, which includes errors. Neither kernel keeps a changed level after its end."""


def prepare(folder: Path, unix_socket: str, is_new: bool) -> None:
    """Make this process wait for the load before it ends, and check that an earlier load was not interrupted.

    Every engine gets SET_LOG_LEVEL. A new one also gets ENLARGE_PLAN_CACHE, which its folder keeps; the setting of an
    older one is left to its owner. ``READY_FILE`` is missing in the folder until a process has seen the load done:
    the engine itself cannot be asked, since after an interrupted load it says that it is done. Raises EngineFailed if
    such a folder takes no DDL any more.
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
    """Wait until the packages are loaded, at most LOAD_SECONDS, and create ``READY_FILE`` then.

    An engine that was ``opened`` (by ``clock``) more than APPEAR_SECONDS ago and has no such job loads nothing.
    """
    deadline = clock() + LOAD_SECONDS
    with (
        contextlib.suppress(pymysql.err.MySQLError),
        contextlib.closing(login(unix_socket)) as connection,
    ):
        while clock() < deadline:
            status = _status(connection)
            if status == LOAD_DONE:
                # without the file the next process only waits again
                with contextlib.suppress(OSError):
                    (folder / READY_FILE).touch()
            if status == LOAD_DONE or (status is None and clock() - opened > APPEAR_SECONDS):
                return
            sleep(POLL_SECONDS)


def login(unix_socket: str) -> pymysql.connections.Connection:
    """Log in to an engine as root, with READ_TIMEOUT_SECONDS for each answer. Raises the driver's error."""
    # with TLS the driver would load all certificates of the system
    options = {"ssl_disabled": True, "read_timeout": READ_TIMEOUT_SECONDS}
    return pymysql.connect(unix_socket=unix_socket, user="root", autocommit=None, **options)


def _status(connection: pymysql.connections.Connection) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(LOAD_STATUS)
        row = cursor.fetchone()
    return str(row[0]) if row else None


def _reduce_logging(unix_socket: str) -> None:
    # an error is ignored: with more logging the engine is only slower
    with (
        contextlib.suppress(pymysql.err.MySQLError),
        login(unix_socket) as connection,
        connection.cursor(DictCursor) as cursor,
    ):
        cursor.execute(SHOW_LOG_LEVEL)
        if any(row["value"] == VERBOSE_LOG_LEVEL for row in cursor.fetchall()):
            cursor.execute(SET_LOG_LEVEL)


def _enlarge_plan_cache(connection: pymysql.connections.Connection) -> None:
    # an error is ignored: with the smaller cache the engine is only slower
    with contextlib.suppress(pymysql.err.MySQLError), connection.cursor() as cursor:
        cursor.execute(ENLARGE_PLAN_CACHE)


def _probe(connection: pymysql.connections.Connection) -> None:
    try:
        with connection.cursor() as cursor:
            for statement in PROBE_STATEMENTS:
                cursor.execute(statement)
    except pymysql.err.MySQLError as error:
        raise EngineFailed(
            "path: the engine in this folder was stopped while it set itself up and does no DDL any more "
            f"({error.args[0]}): its data can be saved with seekdb-dump; then remove the folder and build again"
        ) from error
