"""Answers that will not come: of a statement that is under way for long, the server is asked whether it runs it.

A request or an answer can get lost on a link that stays open: in a server or a proxy that has a defect, or whose
other side has gone. Keep-alive does not tell, and the server's own time limits end only what it runs.
"""

from __future__ import annotations

import contextvars
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass

from .. import forks
from ..errors import one_line
from ..opening.attempt import Event
from ..opening.connector import Connector
from ..options import Endpoint
from ..session.session import Session
from ..transport.deadline import is_readable
from .control_connection import Process, Side, opened
from .kill import address_of

SILENT = 60.0
"""Seconds that a statement is under way before the server is asked for it."""

INTERVAL = 20.0
"""Seconds between two looks."""

ASK_SECONDS = 8.0
"""For all that is asked of one server in a look."""

LOOKS = 2
"""Looks in a row that must not find the statement: one may come while an answer is on its way."""


@dataclass
class _Waiting:
    """The ``count``-th statement of a session, under way at least ``since`` (by the clock); looks that missed it."""

    count: int
    since: float
    missed: int = 0


class Monitor:
    """Looks after the sessions it was told of, in a thread that lives as long as one of them is open."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._watched: weakref.WeakKeyDictionary[Session, tuple[Connector, Event]] = weakref.WeakKeyDictionary()
        self._waiting: weakref.WeakKeyDictionary[Session, _Waiting] = weakref.WeakKeyDictionary()
        self._is_running = False

    def watch(self, session: Session, connector: Connector, on_event: Event) -> None:
        """Look after ``session`` until it is closed; ``on_event`` is told when its link is given up."""
        with self._lock:
            self._watched[session] = connector, on_event
            if self._is_running:
                return
            self._is_running = True
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self._run,), name="oceanbase-monitor", daemon=True).start()

    def _run(self) -> None:
        while self._goes_on():
            time.sleep(INTERVAL)
            self.look()

    def _goes_on(self) -> bool:
        with self._lock:
            for session in list(self._watched):
                if session.closed:
                    del self._watched[session]
            self._is_running = bool(self._watched)
            return self._is_running

    def look(self) -> None:
        """Ask the servers for what is under way for SILENT seconds, and give up what they do not run."""
        with self._lock:
            watched = dict(self._watched)
        groups: dict[tuple[Connector, Endpoint], list[Session]] = {}
        for session, (connector, _) in watched.items():
            if self._is_due(session):
                groups.setdefault((connector, session.endpoint), []).append(session)
        for (connector, endpoint), sessions in groups.items():
            _, on_event = watched[sessions[0]]
            try:
                with opened(connector, endpoint, ASK_SECONDS, on_event) as side:
                    self._ask(side, sessions, on_event)
            except Exception as error:  # whatever it is, nothing is known of them
                on_event(f"{endpoint} could not be asked for what it runs: {one_line(str(error), 160)}")

    def _is_due(self, session: Session) -> bool:
        count = session.count
        if not session.busy or session.cancelled or session.closed or not session.connection.awaits_answer:
            self._waiting.pop(session, None)
            return False
        waiting = self._waiting.get(session)
        if waiting is None or waiting.count != count:
            self._waiting[session] = _Waiting(count, self._clock())
            return False
        return self._clock() - waiting.since >= SILENT

    def _ask(self, side: Side, sessions: list[Session], on_event: Event) -> None:
        if side.is_proxied:
            return
        shown = side.processes(sessions)
        for session in sessions:
            waiting = self._waiting[session]
            waiting.missed = waiting.missed + 1 if _is_missed(session, shown.get(session.id)) else 0
            if waiting.missed >= LOOKS and session.busy and session.count == waiting.count:
                seconds = self._clock() - waiting.since
                on_event(f"{session.endpoint} runs nothing for session {session.id}: given up after {seconds:.0f} s")
                session.shut_down(unanswered=True)


def _is_missed(session: Session, process: Process | None) -> bool:
    """Tell whether the server shows a session as idle for whose statement nothing has come back.

    A session that is not shown, or with another address than this link's, may be one of another server.
    """
    if process is None or process.is_executing or is_readable(session.link):
        return False
    return session.endpoint.unix_socket is not None or process.host == address_of(session)


_monitor = Monitor()


def watch(session: Session, connector: Connector, on_event: Event) -> None:
    """Have the process's monitor look after ``session``, see ``Monitor.watch``."""
    _monitor.watch(session, connector, on_event)


def reset_after_fork() -> None:
    """Leave the parent's sessions to the parent: its thread has not come along."""
    global _monitor
    _monitor = Monitor()


forks.reset_in_child(reset_after_fork)
