"""What is known of a server: asked for once per process and profile."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pymysql

from ..connect import ConnectOptions, Session, forks
from ..connect.errors import code_of
from ..execution.errors import translated

_QUERY = "select version(), @@version_comment, @@lower_case_table_names, @@max_allowed_packet"
_MVIEWS = "select 1 from oceanbase.DBA_MVIEWS limit 0"
NO_TABLE, NO_SCHEMA, NO_RIGHT = 1146, 1049, 1142
_VERSION = re.compile(r"OceanBase\S*\s+v?(\d+(?:\.\d+)+)")
_SEEKDB = re.compile(r"seekdb-v(\d+(?:\.\d+)+)")


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A server's version (OceanBase's, and seekdb's own or None), and what its catalog offers.

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
    """Give what is known of the server behind ``options``; the first time a session is asked for and asked.

    Others who want to know it wait meanwhile, those of another server do not. Raises DatabaseError.
    """
    if options in _known:
        return _known[options]
    # before the lock: who waits for it may have the connection that this one would wait for
    mine = session()
    with _lock:
        asking = _locks.setdefault(options, threading.Lock())
    with asking:
        if options not in _known:
            _known[options] = _ask(mine)
        return _known[options]


def _reset_after_fork() -> None:
    """Free the locks that other threads of the parent process may have held; for the child after a fork."""
    global _lock
    _lock = threading.Lock()
    _locks.clear()


forks.reset_in_child(_reset_after_fork)


def parse_version(version: str, comment: str) -> tuple[str, str | None]:
    """Give OceanBase's version and seekdb's own from ``version()`` and ``@@version_comment``."""
    kernel, seekdb = _VERSION.search(comment) or _VERSION.search(version), _SEEKDB.search(version)
    return kernel.group(1) if kernel else version, seekdb.group(1) if seekdb else None


def _ask(session: Session) -> ServerInfo:
    sql = _QUERY
    try:
        version, comment, lower_case, max_packet = session.run(sql).fetchone()
        sql = _MVIEWS
        has_views = _is_there(session, sql)
    except pymysql.err.MySQLError as error:
        raise translated(error, sql, session) from error
    kernel, seekdb = parse_version(str(version), str(comment))
    return ServerInfo(kernel, seekdb, int(lower_case) != 0, int(max_packet), has_views)


def _is_there(session: Session, query: str) -> bool:
    try:
        session.run(query)
    except pymysql.err.MySQLError as error:
        # a link that was lost says nothing of the catalog
        if code_of(error) not in (NO_TABLE, NO_SCHEMA, NO_RIGHT):
            raise
        return False
    return True
