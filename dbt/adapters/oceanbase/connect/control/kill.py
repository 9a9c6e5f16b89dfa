"""End what sessions run: by KILL QUERY on a control connection, or by shutting their links down."""

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
"""Seconds after which KILL QUERY is sent again: one that arrives before the statement starts has no effect."""

_POLL_SECONDS = 0.05

Inspect = Callable[[ControlConnection, Session], object]
"""Called with the control connection and a session before the session's statement is ended."""


def inspect_nothing(control: ControlConnection, session: Session) -> None:
    """Do nothing; the default of ``end_statements``."""


class RunningStatement:
    """The statement that a session runs when this object is made, with the steps taken to end it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._count, self._text = session.count, session.statement
        self._started = time.monotonic()
        self._killed: float | None = None
        self._is_cut = False

    @property
    def goes_on(self) -> bool:
        """Whether this very statement is still running, on a link that was not cut."""
        return self.session.busy and self.session.count == self._count and not self._is_cut

    def kill(self, process: Process | None, own: Process | None, control: ControlConnection) -> str | None:
        """Send KILL QUERY where it is due. Return the reason where it cannot be sent.

        ``process`` is what the server shows under the session's id, ``own`` what it shows under that of ``control``.
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
        """Check that ``process`` is this session, and not one of another server or proxy with the same id.

        It is this session if the text shown is the beginning of the statement. Without a proxy it also is in three
        other cases: the client address shown is that of this link; the link is a unix socket, which leads to one
        server only; or the statement is a CREATE TABLE ... AS, for which the server shows an INSERT of its own with
        the session's id in it.
        """
        text, session = process.text or "", self.session
        if text and self._text.startswith(text):
            return True
        if control.is_proxied:
            return False
        is_local = session.endpoint.unix_socket is not None
        return is_local or process.host == client_address(session) or f"`__ctas_{session.id}_" in text

    def cut_link(self, reason: str) -> None:
        """Shut the link down if the statement is still running. The server then drops the session."""
        if self.goes_on:
            self._is_cut = True
            self.session.shut_down()
            self._log(f"cut off session {self.session.id} on {self.session.endpoint}, {one_line(reason, 160)}")

    def _log(self, text: str) -> None:
        # a handler that fails must not keep the other statements running
        with contextlib.suppress(Exception):
            logger.debug(f"{text} (after {time.monotonic() - self._started:.3f} s)")


def end_statements(
    sessions: Collection[Session],
    connector: Connector,
    seconds: float = CONTROL_SECONDS,
    inspect: Inspect = inspect_nothing,
) -> None:
    """End what ``sessions`` run now, each on the server it runs on, within ``seconds``, as ``cancel_method`` says.

    KILL QUERY leaves the sessions as they are. The server is asked first what they run: an idle session is left
    alone, and nobody else's statement is ended. ``auto`` cuts the link where KILL QUERY is not possible at once (no
    control connection, a proxy in between, KILL QUERY refused), ``kill`` goes on trying, ``disconnect`` does not try.
    The link of a statement that has not ended in time is cut in any case, and the server then drops the session.
    ``inspect`` is called before, with the control connection and each session. Raises nothing but
    KeyboardInterrupt, which cuts all links first.
    """
    # a closed session's connection may belong to another process after a fork, or to another session
    running = [RunningStatement(session) for session in sessions if session.busy and not session.closed]
    reason = "the cancel was interrupted"
    try:
        if connector.options.cancel_method == "disconnect":
            reason = "cancel_method is disconnect"
        else:
            _Cancellation(connector, time.monotonic() + seconds, inspect).run(running)
            reason = f"its statement did not end within {seconds:g} s"
    except Exception as error:  # whatever it is, the statements must not go on
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
            # in the caller's context: handlers of the log look there for the node
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
        except Exception as error:  # whatever it is, the statements must not go on
            return error
        return None

    def _kill(self, control: ControlConnection, group: Sequence[RunningStatement]) -> None:
        if self.cuts_at_once and control.is_proxied:
            for statement in group:
                statement.cut_link("a proxy stands between, whose ids are not the server's")
        while running := [statement for statement in group if statement.goes_on]:
            shown = control.processes([statement.session for statement in running])
            for statement in running:
                # checked again: the id of a statement that has ended since may show another statement by now
                if not statement.goes_on:
                    continue
                reason = statement.kill(shown.get(statement.session.id), shown.get(control.session.id), control)
                if reason and self.cuts_at_once:
                    statement.cut_link(reason)
            time.sleep(_POLL_SECONDS)


def client_address(session: Session) -> str:
    """Return the address of this side of a session's link as servers show it, empty where there is none."""
    try:
        host, port = session.link.getsockname()[:2]
    except (OSError, ValueError):
        return ""
    return f"{host}:{port}"
