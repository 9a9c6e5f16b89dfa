"""The control connection: a short-lived connection that shows which statements other sessions run, and ends them."""

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
"""Time limit in seconds for opening and using the control connection. A user who pressed Ctrl-C waits that long."""

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
"""Query for sessions that hold a table lock on a user's table. The ids of tablets of such tables begin at 200000."""

_IDLE_TRANSACTIONS = """
select p.id, p.user, round(p.time), p.state from oceanbase.V$OB_PROCESSLIST p
where p.id not in ({waiting}, connection_id()) and p.trans_id <> 0 and p.state = 'SLEEP'
order by p.time desc limit 3"""
"""Query for idle sessions with an open transaction, used on servers that do not show locks."""


_TRACE_ID = "select trace_id from oceanbase.V$OB_PROCESSLIST where id = {}"
_ROWS = "select max(output_rows) from oceanbase.V$SQL_PLAN_MONITOR where trace_id = {}"
"""Query for the rows that a running statement has read or made so far.

Not every server has the view V$SQL_PLAN_MONITOR (seekdb 1.4 has not).
"""


class Process(NamedTuple):
    """A row of the server's process list: a session and what it runs.

    ``host`` is the address of the session's client. ``text`` is the statement or its beginning, or None.
    """

    id: int
    user: str
    host: str
    is_executing: bool
    text: str | None


class ControlConnection:
    """An open control connection, with methods that query the server and end statements.

    ``processes``, ``is_proxied`` and ``kill_query`` raise the driver's error if their query fails. The other methods
    return None or an empty list instead.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._is_proxied: bool | None = None

    def processes(self, sessions: list[Session]) -> dict[int, Process]:
        """Return a dict of the server's processes of ``sessions`` and of the control connection itself, by session id.

        A session that the server does not show is left out.
        """
        ids = ", ".join(str(each.id) for each in (self.session, *sessions))
        shown = (Process(int(row[0]), str(row[1]), str(row[2]), bool(row[3]), row[4]) for row in self._rows(ids))
        return {process.id: process for process in shown}

    def _rows(self, ids: str) -> list[Any]:
        return list(self.session.run(f"{_PROCESSES}({ids})").fetchall())

    @property
    def is_proxied(self) -> bool:
        """Whether the connection goes through a proxy.

        This is so if the SQL function ``proxy_version()`` exists, or if the server knows this connection under another
        id than the driver.
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
        """End the statement that ``session`` runs, by KILL QUERY. The session survives and can still be used."""
        self.session.run(f"kill query {session.id}")

    def trace_id(self, session: Session) -> str | None:
        """Return the trace id of the statement that ``session`` runs, or None if the server does not show it."""
        return self._value(_TRACE_ID.format(session.id))

    def rows_so_far(self, trace_id: str) -> str | None:
        """Return the number of rows that a running statement has processed so far, or None if that is not shown.

        It is the largest number of rows that one operator of the execution plan has returned. ``trace_id`` is
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

        The list is empty if the server does not show such sessions.
        """
        for query in (_TABLE_LOCK_HOLDERS, _IDLE_TRANSACTIONS):
            with contextlib.suppress(pymysql.err.MySQLError):
                rows: list[Any] = list(self.session.run(query.format(waiting=session.id)).fetchall())
                return [f"session {row[0]} of {row[1]!r} ({str(row[3]).lower()} for {row[2]} s)" for row in rows]
        return []


@contextlib.contextmanager
def open_control_connection(connector: Connector, endpoint: Endpoint, seconds: float) -> Iterator[ControlConnection]:
    """Open a control connection to ``endpoint`` by ``connector``, and close it after the ``with`` block.

    If the block has not ended ``seconds`` after the start of this call, the connection's socket is shut down. Raises
    ConnectError if the control connection cannot be opened.
    """
    until = time.monotonic() + seconds
    session = connector.open_control_session(endpoint, min(OPEN_SECONDS, seconds))
    with contextlib.closing(session), Deadline(session.link, max(until - time.monotonic(), 0)):
        yield ControlConnection(session)
