"""End the statements of sessions, by KILL QUERY on a control connection or by shutting down the sessions' sockets."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import pymysql

from ..errors import code_of, is_link_lost, one_line, text_of
from ..opening.connector import Connector
from ..options import Endpoint
from ..session.session import Session
from .control_connection import CONTROL_SECONDS, ControlConnection, Process, open_control_connection

logger = logging.getLogger(__name__)

KILL_RETRY_SECONDS = 1.0
"""Seconds after which KILL QUERY is sent again for a statement that still runs.

The first KILL QUERY has no effect if it arrives before the server has started the statement.
"""

_POLL_SECONDS = 0.05

Inspect = Callable[[ControlConnection, Session], object]
"""Type of a function that ``end_statements`` calls before it ends the statement of a session.

The function gets an open control connection and the session. It can query the server about the session. Its result is
ignored.
"""


def inspect_nothing(control: ControlConnection, session: Session) -> None:
    """Do nothing. This function is the default for the argument ``inspect`` of ``end_statements``."""


class RunningStatement:
    """A statement that is to be ended: the statement that ``session`` runs when this object is created.

    The object also stores when KILL QUERY was sent for the statement, and whether its connection was shut down.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._count, self._text = session.count, session.statement
        self._started = time.monotonic()
        self._killed: float | None = None
        self._is_cut = False

    @property
    def goes_on(self) -> bool:
        """Whether the statement still runs and ``cut_link`` has not shut down its connection."""
        return self.session.busy and self.session.count == self._count and not self._is_cut

    def kill(self, process: Process | None, own: Process | None, control: ControlConnection) -> str | None:
        """Send KILL QUERY for the statement, if that is needed now, on the control connection ``control``.

        ``process`` is the row of the server's process list with the session's id, and ``own`` the row of the control
        connection. Each is None if the list has no such row. Both rows must have the same user.

        Return None if KILL QUERY was sent or is not needed now. It is not needed if the session is idle, or if KILL
        QUERY was sent less than KILL_RETRY_SECONDS ago. Return the reason as text if KILL QUERY is not possible: a row
        is missing, the session's row shows another user or statement, or the server refuses KILL QUERY. Raises
        ``pymysql.err.MySQLError`` if the control connection is lost.
        """
        if process is None or own is None:
            return "the server does not show it under its id"
        if not process.is_executing or process.text is None:
            return None
        if process.user != own.user or not self._is_shown_as(process, control):
            return "under its id the server shows another statement"
        if self._killed is not None and time.monotonic() - self._killed < KILL_RETRY_SECONDS:
            return None
        self._killed = time.monotonic()
        try:
            control.kill_query(self.session)
        except pymysql.err.MySQLError as error:
            if is_link_lost(error):
                raise
            return f"KILL QUERY was refused ({code_of(error)}): {text_of(error)}"
        self._log(f"KILL QUERY {self.session.id} on {self.session.endpoint}")
        return None

    def _is_shown_as(self, process: Process, control: ControlConnection) -> bool:
        """Check whether ``process`` shows the statement's session, and not another server's session with the same id.

        The result is true if the text of ``process`` is the beginning of the statement. Without a proxy, it is also
        true in three other cases. First, ``process`` has the client address of the session's connection. Second, the
        connection is a unix socket, so there is only one server. Third, the statement is a CREATE TABLE ... AS, for
        which the server shows an internal INSERT that contains the session's id.
        """
        text, session = process.text or "", self.session
        if text and self._text.startswith(text):
            return True
        if control.is_proxied:
            return False
        is_local = session.endpoint.unix_socket is not None
        return is_local or process.host == client_address(session) or f"`__ctas_{session.id}_" in text

    def cut_link(self, reason: str) -> None:
        """Shut the connection down if the statement is still running. The server then ends the session.

        ``reason`` is text for the log. It says why the connection is shut down.
        """
        if self.goes_on:
            self._is_cut = True
            self.session.shut_down()
            self._log(f"cut off session {self.session.id} on {self.session.endpoint}, {one_line(reason, 160)}")

    def _log(self, text: str) -> None:
        # a log handler that fails must not keep the other statements running
        with contextlib.suppress(Exception):
            logger.debug(f"{text} (after {time.monotonic() - self._started:.3f} s)")


def end_statements(
    sessions: Collection[Session],
    connector: Connector,
    seconds: float = CONTROL_SECONDS,
    inspect: Inspect = inspect_nothing,
) -> None:
    """End the statements that ``sessions`` run now, within ``seconds``.

    The option ``cancel_method`` of ``connector`` selects how. ``kill`` sends KILL QUERY until the statement ends.
    ``auto`` also sends KILL QUERY, but shuts the connection down if KILL QUERY is not possible at once: without a
    control connection, through a proxy, or if the server refuses. ``disconnect`` only shuts the connection down. With
    each method, the connection is shut down if its statement has not ended in time. After KILL QUERY the session can
    still be used. After a shutdown the server ends the session.

    KILL QUERY is sent on a control connection that ``connector`` opens. Before that, ``inspect`` is called with the
    control connection and each session. Then the process list is read, so that KILL QUERY ends no other statement.
    Sessions that run no statement are left alone.

    Raises no error but KeyboardInterrupt. After a KeyboardInterrupt, all connections with a running statement are shut
    down.
    """
    # the connection of a closed session may belong to another session, or to another process after a fork
    running = [RunningStatement(session) for session in sessions if session.busy and not session.closed]
    reason = "the cancel was interrupted"
    try:
        if connector.options.cancel_method == "disconnect":
            reason = "cancel_method is disconnect"
        else:
            _Cancellation(connector, time.monotonic() + seconds, inspect).run(running)
            reason = f"its statement did not end within {seconds:g} s"
    except Exception as error:  # whatever the error is, the statements must not go on
        reason = str(error)
    finally:
        for statement in running:
            statement.cut_link(reason)


@dataclass(frozen=True)
class _Cancellation:
    connector: Connector
    until: float
    inspect: Inspect

    @property
    def cuts_at_once(self) -> bool:
        return self.connector.options.cancel_method == "auto"

    @property
    def seconds_left(self) -> float:
        return max(self.until - time.monotonic(), 0)

    def run(self, running: Sequence[RunningStatement]) -> None:
        groups: dict[Endpoint, list[RunningStatement]] = {}
        for statement in running:
            groups.setdefault(statement.session.endpoint, []).append(statement)
        threads = []
        for endpoint, group in groups.items():
            # in the caller's context, because dbt's log handlers look there for the node
            run = contextvars.copy_context().run
            arguments = (self._end, endpoint, group)
            threads.append(threading.Thread(target=run, args=arguments, name=f"cancel-{endpoint}", daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join(self.seconds_left)

    def _end(self, endpoint: Endpoint, group: Sequence[RunningStatement]) -> None:
        while self.seconds_left and any(statement.goes_on for statement in group):
            if failure := self._try(endpoint, group):
                for statement in group if self.cuts_at_once else ():
                    statement.cut_link(f"no KILL QUERY is possible: {failure}")
                time.sleep(0 if self.cuts_at_once else min(KILL_RETRY_SECONDS, self.seconds_left))

    def _try(self, endpoint: Endpoint, group: Sequence[RunningStatement]) -> Exception | None:
        try:
            with open_control_connection(self.connector, endpoint, self.seconds_left) as control:
                for statement in group:
                    self.inspect(control, statement.session)
                self._kill(control, group)
        except Exception as error:  # whatever the error is, the statements must not go on
            return error
        return None

    def _kill(self, control: ControlConnection, group: Sequence[RunningStatement]) -> None:
        if self.cuts_at_once and control.is_proxied:
            for statement in group:
                statement.cut_link("a proxy stands between, whose ids are not the server's")
        while running := [statement for statement in group if statement.goes_on]:
            shown = control.processes([statement.session for statement in running])
            for statement in running:
                # checked again: the statement may have ended, and its session may run another statement by now
                if not statement.goes_on:
                    continue
                reason = statement.kill(shown.get(statement.session.id), shown.get(control.session.id), control)
                if reason and self.cuts_at_once:
                    statement.cut_link(reason)
            time.sleep(_POLL_SECONDS)


def client_address(session: Session) -> str:
    """Return the client's end of the connection of ``session`` as ``host:port``, as the server's process list shows it.

    Return "" if the connection is a unix socket, or if it is closed.
    """
    try:
        host, port = session.link.getsockname()[:2]
    except (OSError, ValueError):
        return ""
    return f"{host}:{port}"
