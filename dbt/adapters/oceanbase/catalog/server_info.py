"""The versions and features of a server. They are queried once per process and profile."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from ..connect import ConnectOptions, Session, forks
from ..execution.errors import DatabaseError
from ..execution.runner import ask

_QUERY = "select version(), @@version_comment, @@lower_case_table_names, @@max_allowed_packet"
_MVIEWS = "select 1 from oceanbase.DBA_MVIEWS limit 0"

NO_TABLE = 1146
"""The server's error code for a table that does not exist."""

NO_SCHEMA = 1049
"""The server's error code for a schema that does not exist."""

NO_RIGHT = 1142
"""The server's error code for a table that the user may not read."""

_VERSION = re.compile(r"OceanBase\S*\s+v?(\d+(?:\.\d+)+)")
_SEEKDB = re.compile(r"seekdb-v(\d+(?:\.\d+)+)")


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """The versions and features of a server.

    ``version`` is the version of OceanBase. ``seekdb`` is the version of seekdb, or None if the server is not seekdb.
    ``folds_names`` means that the case of relation names does not matter. ``max_packet`` is the maximum size of a
    statement in bytes. ``has_materialized_views`` means that the user may read the server's list of materialized views,
    and ``hides_materialized_views`` that the server has such a list and the user may not read it.
    """

    version: str
    seekdb: str | None
    folds_names: bool
    max_packet: int
    has_materialized_views: bool
    hides_materialized_views: bool

    def __str__(self) -> str:
        return f"OceanBase {self.version}" + (f", seekdb {self.seekdb}" if self.seekdb else "")


_known: dict[ConnectOptions, ServerInfo] = {}
_locks: dict[ConnectOptions, threading.Lock] = {}
_lock = threading.Lock()


def server_info(session: Callable[[], Session], options: ConnectOptions) -> ServerInfo:
    """Return the versions and features of the server that is reached with ``options``.

    They are queried once for these options, in a session that ``session()`` returns. Meanwhile, calls with the same
    options wait for the result, and calls with other options do not wait. Raises DatabaseError if a query fails.
    """
    if options in _known:
        return _known[options]
    # opened before locking, because a thread that waits for the lock may hold the connection that this thread needs
    own_session = session()
    with _lock:
        lock = _locks.setdefault(options, threading.Lock())
    with lock:
        if options not in _known:
            _known[options] = _query_server(own_session)
        return _known[options]


def _reset_after_fork() -> None:
    """Replace the module's locks in a forked child process.

    Threads that exist only in the parent process may hold the locks, so nobody would release them in the child.
    """
    global _lock
    _lock = threading.Lock()
    _locks.clear()


forks.reset_in_child(_reset_after_fork)


def parse_version(version: str, comment: str) -> tuple[str, str | None]:
    """Return the version of OceanBase, and the version of seekdb. The latter is None if the server is not seekdb.

    ``version`` and ``comment`` are the values of the server's ``version()`` and ``@@version_comment``.
    """
    kernel, seekdb = _VERSION.search(comment) or _VERSION.search(version), _SEEKDB.search(version)
    return kernel.group(1) if kernel else version, seekdb.group(1) if seekdb else None


def _query_server(session: Session) -> ServerInfo:
    version, comment, lower_case, max_packet = ask(session, _QUERY).fetchone()
    refusal = _refusal(session, _MVIEWS)
    kernel, seekdb = parse_version(str(version), str(comment))
    return ServerInfo(kernel, seekdb, int(lower_case) != 0, int(max_packet), refusal is None, refusal == NO_RIGHT)


def _refusal(session: Session, query: str) -> int | None:
    """Return the server's error code if ``query`` reads a table that is missing or may not be read, and None if not."""
    try:
        ask(session, query)
    except DatabaseError as error:
        # any other error, such as a lost connection, does not show whether the table exists
        if error.server_code not in (NO_TABLE, NO_SCHEMA, NO_RIGHT):
            raise
        return error.server_code
    return None
