"""Log reports about statements that run for long, one every 30 seconds for each statement."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pymysql

from .. import forks
from ..engine.notice import NOTICE
from ..errors import ConnectError
from ..opening.connector import Connector
from ..session.session import Session
from .control_connection import CONTROL_SECONDS, ControlConnection, open_control_connection

logger = logging.getLogger(__name__)

REPORT_SECONDS = 30.0
"""Seconds after which a running statement is first reported, and seconds between two reports about it."""


@dataclass(eq=False)
class _Running:
    """A running statement.

    ``name`` is its name in reports. ``connector`` returns the connector that opens control connections to its server.
    ``context`` has the context variables of the thread that runs the statement, for dbt's log handlers. ``started`` is
    a time of ``time.monotonic``.
    """

    name: str
    session: Session
    connector: Callable[[], Connector]
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    started: float = field(default_factory=time.monotonic)
    reports: int = 0
    """The number of reports that were due so far. A report is skipped if its time passes during an earlier report."""

    @property
    def due(self) -> float:
        return self.started + (self.reports + 1) * REPORT_SECONDS


class ProgressReporter:
    """Logs reports about statements that run for long.

    A report is a line such as ``model.a: insert runs for 60 s, trace Y1-2, 500 rows in its largest step``. The trace id
    and the number of rows are left out if the server does not show them.

    One thread makes the reports of all statements. The thread ends when no statement runs. Nothing is sent to the
    server for a statement that ends before its first report. For a report, a control connection is opened.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[_Running] = []
        self._has_thread = False

    @contextlib.contextmanager
    def watching(self, name: str, session: Session, connector: Callable[[], Connector]) -> Iterator[None]:
        """Log a report every REPORT_SECONDS while the ``with`` block runs a statement on ``session``.

        ``name`` is the name of the statement in the reports, such as ``model.a: insert``. ``connector`` is a function
        that returns a connector to the server. It is called for each report, which queries the server on a connection
        of its own. Errors of a report are ignored.
        """
        running = _Running(name, session, connector)
        with self._lock:
            self._running.append(running)
            starts, self._has_thread = not self._has_thread, True
        if starts:
            self._start()
        try:
            yield
        finally:
            # a child that was forked in the body has forgotten the statement
            with self._lock, contextlib.suppress(ValueError):
                self._running.remove(running)

    def _start(self) -> None:
        try:
            threading.Thread(target=self._watch, name="progress", daemon=True).start()
        except RuntimeError as error:
            # the process has no more threads, or it is ending; the statement can do without reports
            with self._lock:
                self._has_thread = False
            logger.debug("statements are not reported: %s", error)

    def _watch(self) -> None:
        until = time.monotonic() + REPORT_SECONDS
        while True:
            time.sleep(max(until - time.monotonic(), 0))
            with self._lock:
                if not self._running:
                    self._has_thread = False
                    return
                due = [each for each in self._running if each.due <= time.monotonic()]
            for each in due:
                # a handler that fails must not end the reports of other statements
                with contextlib.suppress(Exception):
                    each.context.run(self._report, each)
                # a report that took long, or a machine that stood still, must not be followed by several at once
                each.reports = max(each.reports + 1, int((time.monotonic() - each.started) // REPORT_SECONDS))
            with self._lock:
                until = min((each.due for each in self._running), default=time.monotonic() + REPORT_SECONDS)

    def _report(self, running: _Running) -> None:
        session, found = running.session, ""
        if session.closed or session.cancelled:
            return
        with (
            contextlib.suppress(ConnectError, pymysql.err.MySQLError, OSError),
            open_control_connection(running.connector(), session.endpoint, CONTROL_SECONDS) as control,
        ):
            found = _state(control, session)
        with self._lock:
            goes_on = running in self._running
        if goes_on:
            logger.log(NOTICE, f"{running.name} runs for {time.monotonic() - running.started:.0f} s{found}")


def _state(control: ControlConnection, session: Session) -> str:
    """Return what the server shows about the progress of the statement of ``session``, as the end of a report's text.

    The text has the trace id and, if known, the number of rows: ``, trace Y1-2, 500 rows in its largest step``. It is
    empty if the server shows nothing.
    """
    # through a proxy the server knows the session by another id
    trace = None if control.is_proxied else control.trace_id(session)
    if trace is None:
        return ""
    rows = control.rows_so_far(trace)
    return f", trace {trace}" + ("" if rows is None else f", {rows} rows in its largest step")


reporter = ProgressReporter()
"""The one ProgressReporter of this process, which reports the statements of all its sessions."""


def _reset_after_fork() -> None:
    """Forget the parent's statements in a forked process, because the reporting thread exists only in the parent."""
    reporter.__init__()  # type: ignore[misc]  # made anew in its place, since other modules have imported it


forks.reset_in_child(_reset_after_fork)
