"""The control connection: a short-lived connection that shows and ends the statements that other sessions run."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pymysql

from ..errors import is_link_lost
from ..opening.connector import Connector
from ..options import Endpoint
from ..quoting import literal
from ..session.session import Session
from ..transport.deadline import Deadline

OPEN_SECONDS = 3.0
"""Time limit in seconds for opening the control connection."""

CONTROL_SECONDS = 8.0
"""Time limit in seconds for opening and using a control connection. After Ctrl-C, a user waits at most that long."""

_TEXT_CHARACTERS = 1024
"""Maximum characters of a statement that the query for the process list returns.

The query does not ask for the whole statement, because the server cuts it at 65,535 bytes, even inside a character, and
the driver could not decode the text then.
"""

_PROCESSES = (
    f"select id, user, host, command <> 'Sleep', left(info, {_TEXT_CHARACTERS}) "
    "from information_schema.processlist where id in "
)

_TABLE_LOCK_HOLDERS = """
select p.id, p.user, round(p.time), p.state from oceanbase.V$OB_PROCESSLIST p
where p.id <> {waiting} and p.trans_id <> 0 and p.id in (
  select l.session_id from oceanbase.V$OB_LOCKS l where l.type = 'TM' and l.id3 + 0 >= 200000)
order by p.time desc limit 3"""
"""Query for at most three sessions that hold a table lock on a user's table.

``{waiting}`` is the id of the session that waits for a lock. That session is left out. A table lock is listed with the
id of a tablet, which is the storage of a table or partition. The ids of tablets of users' tables begin at 200000.
"""

_IDLE_TRANSACTIONS = """
select p.id, p.user, round(p.time), p.state from oceanbase.V$OB_PROCESSLIST p
where p.id not in ({waiting}, connection_id()) and p.trans_id <> 0 and p.state = 'SLEEP'
order by p.time desc limit 3"""
"""Query for at most three idle sessions with an open transaction, used on servers that do not show locks.

``{waiting}`` is the id of the session that waits for a lock. That session is left out.
"""


_TRACE_ID = "select trace_id from oceanbase.V$OB_PROCESSLIST where id = {}"
_ROWS = "select max(output_rows) from oceanbase.V$SQL_PLAN_MONITOR where trace_id = {}"
"""Query for the largest number of rows that one operator of a running statement's plan has returned so far.

``{}`` is the trace id of the statement, as a literal. seekdb 1.4 does not have the view V$SQL_PLAN_MONITOR.
"""


class Process(NamedTuple):
    """A row of the server's process list: a session and what it runs.

    ``id`` is the server's id of the session, ``user`` its user, and ``host`` the address of its client as
    ``host:port``. ``is_executing`` is False for an idle session. ``text`` is the beginning of the statement, at most
    1024 characters, or None if there is no statement.
    """

    id: int
    user: str
    host: str
    is_executing: bool
    text: str | None


class ControlConnection:
    """An open control connection, with methods that query the server and end statements.

    ``processes``, ``is_proxied`` and ``kill_query`` raise ``pymysql.err.MySQLError`` if their query fails. If the query
    of another method fails, that method returns None or an empty list.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._is_proxied: bool | None = None

    def processes(self, sessions: list[Session]) -> dict[int, Process]:
        """Return the rows of the server's process list for ``sessions`` and for the control connection itself.

        The result is a dict by session id. It lacks the sessions that the server does not show. Raises
        ``pymysql.err.MySQLError`` if the query fails.
        """
        ids = ", ".join(str(each.id) for each in (self.session, *sessions))
        shown = (Process(int(row[0]), str(row[1]), str(row[2]), bool(row[3]), row[4]) for row in self._rows(ids))
        return {process.id: process for process in shown}

    def _rows(self, ids: str) -> list[Any]:
        return list(self.session.run(f"{_PROCESSES}({ids})").fetchall())

    @property
    def is_proxied(self) -> bool:
        """Whether the connection goes through a proxy. The server is asked once, at the first use.

        One of three signs is enough. The first is that the server's ``connection_id()`` differs from the id that the
        driver got at the login. The second is that the process list does not show the driver's id. The third is that
        the SQL function ``proxy_version()`` exists. Raises ``pymysql.err.MySQLError`` if the server cannot be asked for
        the first or the second sign, or if the connection is lost.
        """
        if self._is_proxied is None:
            own = self.session.id
            shown = self.session.run("select connection_id()").fetchone()[0]
            self._is_proxied = int(shown) != own or own not in self.processes([]) or self._has_proxy_version()
        return self._is_proxied

    def _has_proxy_version(self) -> bool:
        try:
            self.session.run("select proxy_version()")
        except pymysql.err.MySQLError as error:
            if is_link_lost(error):
                raise
            return False
        return True

    def kill_query(self, session: Session) -> None:
        """End the statement that ``session`` runs, by KILL QUERY. The session survives and can still be used.

        Raises ``pymysql.err.MySQLError`` if the server refuses this or the control connection is lost.
        """
        self.session.run(f"kill query {session.id}")

    def trace_id(self, session: Session) -> str | None:
        """Return OceanBase's trace id of the statement that ``session`` runs, or None if the server shows none."""
        return self._value(_TRACE_ID.format(session.id))

    def rows_so_far(self, trace_id: str) -> str | None:
        """Return how many rows a running statement has processed so far, as text, or None if the server shows none.

        The number is the largest number of rows that one operator of the execution plan has returned. ``trace_id`` is
        OceanBase's trace id of the statement.
        """
        return self._value(_ROWS.format(literal(trace_id)))

    def _value(self, query: str) -> str | None:
        with contextlib.suppress(pymysql.err.MySQLError):
            row = self.session.run(query).fetchone()
            return None if row is None or row[0] in (None, "") else str(row[0])
        return None

    def lock_holders(self, session: Session) -> list[str]:
        """Return descriptions of at most three sessions whose locks ``session`` may be waiting for.

        A description is such as ``session 12 of 'root' (sleep for 3 s)``. The session that has been in its state for
        the longest time comes first. The list is empty if the server does not show such sessions.
        """
        for query in (_TABLE_LOCK_HOLDERS, _IDLE_TRANSACTIONS):
            with contextlib.suppress(pymysql.err.MySQLError):
                rows: list[Any] = list(self.session.run(query.format(waiting=session.id)).fetchall())
                return [f"session {row[0]} of {row[1]!r} ({str(row[3]).lower()} for {row[2]} s)" for row in rows]
        return []


@contextlib.contextmanager
def open_control_connection(connector: Connector, endpoint: Endpoint, seconds: float) -> Iterator[ControlConnection]:
    """Open a control connection to the server at ``endpoint`` for a ``with`` block, and close it after the block.

    ``connector`` makes the connection. If the block has not ended ``seconds`` after the start of this call, the
    connection is shut down. A query of the block then raises ``pymysql.err.MySQLError``. Raises ConnectError if the
    connection cannot be opened within OPEN_SECONDS, or within ``seconds`` if these are fewer.
    """
    until = time.monotonic() + seconds
    session = connector.open_control_session(endpoint, min(OPEN_SECONDS, seconds))
    with contextlib.closing(session), Deadline(session.link, max(until - time.monotonic(), 0)):
        yield ControlConnection(session)
