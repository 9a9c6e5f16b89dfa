"""Facts about a server, queried once per process and profile."""

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
"""Error code for a table that does not exist."""

NO_SCHEMA = 1049
"""Error code for a schema that does not exist."""

NO_RIGHT = 1142
"""Error code for a table that the user may not read."""

_VERSION = re.compile(r"OceanBase\S*\s+v?(\d+(?:\.\d+)+)")
_SEEKDB = re.compile(r"seekdb-v(\d+(?:\.\d+)+)")


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A server's versions (``seekdb`` is None on other servers) and features.

    ``folds_names``: relation names are stored in lower case. ``max_packet``: bytes of the largest statement.
    """

    version: str
    seekdb: str | None
    folds_names: bool
    max_packet: int
    has_materialized_views: bool

    def __str__(self) -> str:
        return f"OceanBase {self.version}" + (f", seekdb {self.seekdb}" if self.seekdb else "")


_known: dict[ConnectOptions, ServerInfo] = {}
_locks: dict[ConnectOptions, threading.Lock] = {}
_lock = threading.Lock()


def server_info(session: Callable[[], Session], options: ConnectOptions) -> ServerInfo:
    """Return the facts about the server of ``options``; the first call opens a session and queries it.

    Meanwhile other callers for the same server wait; callers for other servers do not. Raises DatabaseError.
    """
    if options in _known:
        return _known[options]
    # before the lock: a thread that waits for the lock may hold the connection for which this thread would wait
    own_session = session()
    with _lock:
        lock = _locks.setdefault(options, threading.Lock())
    with lock:
        if options not in _known:
            _known[options] = _query_server(own_session)
        return _known[options]


def _reset_after_fork() -> None:
    """Replace the locks in a forked child, since threads that exist only in the parent may hold them."""
    global _lock
    _lock = threading.Lock()
    _locks.clear()


forks.reset_in_child(_reset_after_fork)


def parse_version(version: str, comment: str) -> tuple[str, str | None]:
    """Return the versions of OceanBase and of seekdb (or None) from ``version()`` and ``@@version_comment``."""
    kernel, seekdb = _VERSION.search(comment) or _VERSION.search(version), _SEEKDB.search(version)
    return kernel.group(1) if kernel else version, seekdb.group(1) if seekdb else None


def _query_server(session: Session) -> ServerInfo:
    version, comment, lower_case, max_packet = ask(session, _QUERY).fetchone()
    has_views = _can_read(session, _MVIEWS)
    kernel, seekdb = parse_version(str(version), str(comment))
    return ServerInfo(kernel, seekdb, int(lower_case) != 0, int(max_packet), has_views)


def _can_read(session: Session, query: str) -> bool:
    try:
        ask(session, query)
    except DatabaseError as error:
        # a lost connection is no answer to the question whether the table exists
        if error.server_code not in (NO_TABLE, NO_SCHEMA, NO_RIGHT):
            raise
        return False
    return True
