"""The first seconds of a new engine: it loads its system packages, and must not be stopped before that is done.

Seen on kernel 1.4: an engine that ends during the load may come back with a lock that nobody holds, and every DDL on
that folder then waits for ever. The load begins some seconds after the first opening and takes about four.
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

STATUS = "select job_status from oceanbase.DBA_OB_ROOTSERVICE_JOBS where job_type = 'LOAD_MYSQL_SYS_PACKAGE'"
DONE = "SUCCESS"

MARKER = "engine_ready"
"""File in the engine's folder: its first load is over."""

LOAD_SECONDS, APPEAR_SECONDS, POLL_SECONDS = 30.0, 10.0, 0.2
"""How long to wait for the load, for its job to appear after the engine was opened, and between two looks."""

ANSWER_SECONDS = 20
"""How long to wait for an answer of an engine: who starts one may hold up all that need any."""

PROBE = ("create database if not exists dbt_probe", "drop database if exists dbt_probe")
"""DDL that any folder in order does in milliseconds."""

ROOM_FOR_PLANS = "set global ob_plan_cache_percentage = 20"
"""A new engine keeps 2 % of its memory for plans, 21 MB of 1 GB, and a dbt project's take 45 MB (1.4) to 82 MB (1.3).

They then throw each other out: with room for them the engine spends 20 % (1.4) to 40 % (1.3) less on the same build.
"""

LOG_LEVEL = "show parameters like 'syslog_level'"
TALKATIVE = "EDIAG"
"""Level of the log that kernel 1.4 begins with, at each start: a build writes 30 MB, a quarter of the engine's work."""

QUIETER = "alter system set syslog_level = 'WARN'"
"""The level that kernel 1.3 begins with; errors stay. Neither kernel keeps it after its end."""


def prepare(folder: Path, unix_socket: str, is_new: bool) -> None:
    """Make sure that the load ends before this process does, and that an earlier one was not cut off.

    A new engine also gets ROOM_FOR_PLANS, which its folder keeps; that of an older one is its owner's. Each that has
    just been started gets the level QUIETER. Until a process has seen the load done, ``MARKER`` is missing in the
    folder: an engine that was cut off says itself that it is done. Raises EngineFailed where such a folder takes no DDL
    any more.
    """
    _quieten(unix_socket)
    if (folder / MARKER).exists():
        return
    with login(unix_socket) as connection:
        if is_new:
            _give_room(connection)
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
    """Wait until the packages are loaded, at most LOAD_SECONDS; ``MARKER`` is only there when they are.

    An engine that was ``opened`` (by ``clock``) more than APPEAR_SECONDS ago and has no such job loads nothing.
    """
    deadline = clock() + LOAD_SECONDS
    with (
        contextlib.suppress(pymysql.err.MySQLError),
        contextlib.closing(login(unix_socket)) as connection,
    ):
        while clock() < deadline:
            status = _status(connection)
            if status == DONE:
                # without the marker the next process only looks again
                with contextlib.suppress(OSError):
                    (folder / MARKER).touch()
            if status == DONE or (status is None and clock() - opened > APPEAR_SECONDS):
                return
            sleep(POLL_SECONDS)


def login(unix_socket: str) -> pymysql.connections.Connection:
    """Log in to an engine as root, waiting up to ANSWER_SECONDS for each answer. Raises the driver's error."""
    # else the driver would load all certificates of the system
    options = {"ssl_disabled": True, "read_timeout": ANSWER_SECONDS}
    return pymysql.connect(unix_socket=unix_socket, user="root", autocommit=None, **options)


def _status(connection: pymysql.connections.Connection) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(STATUS)
        row = cursor.fetchone()
    return str(row[0]) if row else None


def _quieten(unix_socket: str) -> None:
    # an engine that writes more is only slower
    with (
        contextlib.suppress(pymysql.err.MySQLError),
        login(unix_socket) as connection,
        connection.cursor(DictCursor) as cursor,
    ):
        cursor.execute(LOG_LEVEL)
        if any(row["value"] == TALKATIVE for row in cursor.fetchall()):
            cursor.execute(QUIETER)


def _give_room(connection: pymysql.connections.Connection) -> None:
    # an engine without it is only slower
    with contextlib.suppress(pymysql.err.MySQLError), connection.cursor() as cursor:
        cursor.execute(ROOM_FOR_PLANS)


def _probe(connection: pymysql.connections.Connection) -> None:
    try:
        with connection.cursor() as cursor:
            for statement in PROBE:
                cursor.execute(statement)
    except pymysql.err.MySQLError as error:
        raise EngineFailed(
            "path: the engine in this folder was stopped while it set itself up and does no DDL any more "
            f"({error.args[0]}): its data can be saved with seekdb-dump; then remove the folder and build again"
        ) from error
