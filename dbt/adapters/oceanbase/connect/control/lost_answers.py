"""Find statements whose answer will not come: after a while, ask the server whether it still runs them.

A request or an answer can get lost on a link that stays open: by a defect of a server or a proxy, or when the proxy
has lost its own other side. Keep-alive does not notice that, and the server's time limits end only what it runs.
"""

from __future__ import annotations

import contextvars
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import one_line
from ..opening.connector import Connector
from ..options import Endpoint
from ..session.session import Session
from ..transport.deadline import is_readable
from .control_connection import ControlConnection, Process, open_control_connection
from .kill import client_address

logger = logging.getLogger(__name__)

CHECK_AFTER_SECONDS = 60.0
"""Seconds that a statement runs before the server is asked for it."""

CHECK_INTERVAL_SECONDS = 20.0
"""Seconds between two checks."""

QUERY_SECONDS = 8.0
"""Time limit for all queries to one server in a check."""

MISSED_CHECKS = 2
"""Checks in a row that must not find the statement: during one, an answer may be on its way."""


@dataclass
class _Waiting:
    """The ``count``-th statement of a session, first seen at ``since`` (by the clock); ``missed``: checks in a row."""

    count: int
    since: float
    missed: int = 0


class LostAnswerDetector:
    """Checks the sessions it watches, in a thread that lives as long as one of them is open."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._watched: weakref.WeakKeyDictionary[Session, Connector] = weakref.WeakKeyDictionary()
        self._waiting: weakref.WeakKeyDictionary[Session, _Waiting] = weakref.WeakKeyDictionary()
        self._is_running = False

    def watch(self, session: Session, connector: Connector) -> None:
        """Check ``session`` until it is closed; shut its link down when its answer is lost."""
        with self._lock:
            self._watched[session] = connector
            if self._is_running:
                return
            self._is_running = True
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self._run,), name="oceanbase-lost-answers", daemon=True).start()

    def _run(self) -> None:
        while self._goes_on():
            time.sleep(CHECK_INTERVAL_SECONDS)
            self.check()

    def _goes_on(self) -> bool:
        with self._lock:
            for session in list(self._watched):
                if session.closed:
                    del self._watched[session]
            self._is_running = bool(self._watched)
            return self._is_running

    def check(self) -> None:
        """Ask the servers for statements that run for CHECK_AFTER_SECONDS. Shut down the links of those not found."""
        with self._lock:
            watched = dict(self._watched)
        groups: dict[tuple[Connector, Endpoint], list[Session]] = {}
        for session, connector in watched.items():
            if self._is_due(session):
                groups.setdefault((connector, session.endpoint), []).append(session)
        for (connector, endpoint), sessions in groups.items():
            self._check_on(connector, endpoint, sessions)

    def _is_due(self, session: Session) -> bool:
        count = session.count
        if not session.busy or session.cancelled or session.closed or not session.connection.awaits_answer:
            self._waiting.pop(session, None)
            return False
        waiting = self._waiting.get(session)
        if waiting is None or waiting.count != count:
            self._waiting[session] = _Waiting(count, self._clock())
            return False
        return self._clock() - waiting.since >= CHECK_AFTER_SECONDS

    def _check_on(self, connector: Connector, endpoint: Endpoint, sessions: list[Session]) -> None:
        try:
            with open_control_connection(connector, endpoint, QUERY_SECONDS) as control:
                self._compare(control, sessions)
        except Exception as error:  # whatever it is, nothing is known of the sessions
            logger.debug(f"{endpoint} could not be asked for what it runs: {one_line(str(error), 160)}")

    def _compare(self, control: ControlConnection, sessions: list[Session]) -> None:
        if control.is_proxied:
            return
        shown = control.processes(sessions)
        for session in sessions:
            waiting = self._waiting[session]
            waiting.missed = waiting.missed + 1 if _is_missed(session, shown.get(session.id)) else 0
            if waiting.missed >= MISSED_CHECKS and session.busy and session.count == waiting.count:
                seconds = self._clock() - waiting.since
                logger.debug(
                    f"{session.endpoint} runs nothing for session {session.id}: given up after {seconds:.0f} s"
                )
                session.shut_down(unanswered=True)


def _is_missed(session: Session, process: Process | None) -> bool:
    """Check whether the server shows a session as idle although its statement was not answered.

    A session that is not shown, or with another address than this link's, may belong to another server.
    """
    if process is None or process.is_executing or is_readable(session.link):
        return False
    return session.endpoint.unix_socket is not None or process.host == client_address(session)


_detector = LostAnswerDetector()


def watch(session: Session, connector: Connector) -> None:
    """Have this process's detector check ``session``, see ``LostAnswerDetector.watch``."""
    _detector.watch(session, connector)


def reset_after_fork() -> None:
    """Forget the parent's sessions in a forked process, where the parent's thread does not run."""
    global _detector
    _detector = LostAnswerDetector()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows, which does not fork
    os.register_at_fork(after_in_child=reset_after_fork)
