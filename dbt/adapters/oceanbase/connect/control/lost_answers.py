"""Find statements whose answer will not come, by asking the server whether it still runs them.

A request or an answer can get lost on a connection that stays open, for example by a defect of the server. TCP
keep-alive does not notice this loss. The server's time limits do not help either, because they end only statements that
the server runs. Connections through a proxy, an SSH tunnel or a load balancer that hides the client's address are not
checked, since the server's process list does not identify their sessions.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from .. import forks
from ..errors import one_line
from ..opening.connector import Connector
from ..options import Endpoint
from ..session.session import Session
from ..transport.deadline import is_readable
from .control_connection import ControlConnection, Process, open_control_connection
from .kill import client_address

logger = logging.getLogger(__name__)

CHECK_AFTER_SECONDS = 60.0
"""Seconds for which a statement must have waited for its answer before the server is asked about it."""

CHECK_INTERVAL_SECONDS = 20.0
"""Seconds between two checks whether open sessions wait for an answer that will never come."""

QUERY_SECONDS = 8.0
"""Time limit in seconds for each control connection of a check. It includes the opening and all queries on it."""

MISSED_CHECKS = 2
"""Number of checks in a row that must show a session as idle before the answer to its statement counts as lost.

One check is not enough, because the answer may be on its way at that moment.
"""


@dataclass
class _Waiting:
    """A statement that waits for its answer.

    ``count`` is the number of the statement in its session, counted from 1, and ``since`` the time of the detector's
    clock at which a check first saw the statement waiting. ``missed`` is the number of checks in a row that have shown
    the session as idle, and ``idle_since`` the time of the first of them.
    """

    count: int
    since: float
    missed: int = 0
    idle_since: float = 0.0


class _Watched(NamedTuple):
    """How a session is checked. See ``LostAnswerDetector.watch`` for the fields."""

    connector: Connector
    lock_wait: Callable[[str], float]


class LostAnswerDetector:
    """Checks whether sessions wait for an answer of the server that was lost, and so will never come.

    The checks run in a thread, as long as one of the sessions is open. ``watch`` adds a session. ``clock`` returns
    seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._watched: weakref.WeakKeyDictionary[Session, _Watched] = weakref.WeakKeyDictionary()
        self._waiting: weakref.WeakKeyDictionary[Session, _Waiting] = weakref.WeakKeyDictionary()
        self._is_running = False

    def watch(self, session: Session, connector: Connector, lock_wait: Callable[[str], float]) -> None:
        """Check ``session`` regularly until it is closed. If an answer is lost, shut the session's connection down.

        ``connector`` opens the control connection for each check. ``lock_wait`` is called with the text of a statement
        and returns for how many seconds the server may let it wait for a lock. It must not refer to ``session``. If no
        thread can be started, this is only logged, and the next call tries it again.
        """
        with self._lock:
            self._watched[session] = _Watched(connector, lock_wait)
            if self._is_running:
                return
            self._is_running = True
        run = contextvars.copy_context().run
        try:
            threading.Thread(target=run, args=(self._run,), name="oceanbase-lost-answers", daemon=True).start()
        except RuntimeError as error:
            # the process has no more threads, or it is ending; the session can do without checks
            with self._lock:
                self._is_running = False
            logger.debug("lost answers are not looked for: %s", error)

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
        """Ask the servers about all statements that have been waiting for an answer for CHECK_AFTER_SECONDS.

        If the server shows a session as idle in MISSED_CHECKS checks in a row, the answer is lost, and the session's
        connection is shut down. If the statement may wait for a lock, the session must also have been idle for the
        longest time of such a wait, because OceanBase 4.2 may show a session that waits for a row lock as idle. If a
        server cannot be asked, this is only logged.
        """
        with self._lock:
            watched = dict(self._watched)
        groups: dict[tuple[Connector, Endpoint], list[Session]] = {}
        for session, how in watched.items():
            if self._is_due(session):
                groups.setdefault((how.connector, session.endpoint), []).append(session)
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
        except Exception as error:  # whatever the error is, nothing is known about the sessions
            logger.debug(f"{endpoint} could not be asked for what it runs: {one_line(str(error), 160)}")

    def _compare(self, control: ControlConnection, sessions: list[Session]) -> None:
        if control.is_proxied:
            return
        shown = control.processes(sessions)
        for session in sessions:
            waiting = self._waiting[session]
            if not _is_missed(session, shown.get(session.id)):
                waiting.missed = 0
                continue
            if waiting.missed == 0:
                waiting.idle_since = self._clock()
            waiting.missed += 1
            is_lost = waiting.missed >= MISSED_CHECKS and not self._may_wait_for_lock(session, waiting)
            if is_lost and session.busy and session.count == waiting.count:
                seconds = self._clock() - waiting.since
                logger.debug(
                    f"{session.endpoint} runs nothing for session {session.id}: given up after {seconds:.0f} s"
                )
                session.shut_down(unanswered=True)

    def _may_wait_for_lock(self, session: Session, waiting: _Waiting) -> bool:
        return self._clock() - waiting.idle_since < self._watched[session].lock_wait(session.statement)


def _is_missed(session: Session, process: Process | None) -> bool:
    """Check whether the server shows ``session`` as idle although no answer to its statement has arrived.

    ``process`` is the session's row in the server's process list, or None if the list has no such row. The result is
    false if that row is missing or has the address of another client, because the session may then be on another
    server.
    """
    if process is None or process.is_executing or is_readable(session.link):
        return False
    return session.endpoint.unix_socket is not None or process.host == client_address(session)


_detector = LostAnswerDetector()


def watch(session: Session, connector: Connector, lock_wait: Callable[[str], float]) -> None:
    """Check regularly, until ``session`` is closed, whether it waits for an answer that was lost.

    This function calls ``LostAnswerDetector.watch`` on the one detector of this process, with the same arguments.
    """
    _detector.watch(session, connector, lock_wait)


def reset_after_fork() -> None:
    """Replace this module's LostAnswerDetector in a forked process, since its thread exists only in the parent."""
    global _detector
    _detector = LostAnswerDetector()


forks.reset_in_child(reset_after_fork)
