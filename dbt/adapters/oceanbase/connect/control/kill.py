"""Ending what sessions run: KILL QUERY from a side connection, or their links cut."""

from __future__ import annotations

import contextlib
import contextvars
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import pymysql

from ..errors import code_of, is_link_lost, one_line, text_of
from ..opening.attempt import Event, ignore_event
from ..opening.connector import Connector
from ..options import Endpoint
from ..session.session import Session
from .control_connection import SECONDS, Process, Side, opened

AGAIN = 1.0
"""Seconds after which KILL QUERY is sent again: one that comes before the statement starts has no effect."""

_POLL = 0.05

Look = Callable[[Side, Session], object]
"""What to ask on the side connection before a session's statement is ended."""


def ask_nothing(side: Side, session: Session) -> None:
    """Learn nothing on the side connection."""


class Running:
    """The statement that a session runs at the moment this is made, and what was done to end it."""

    def __init__(self, session: Session, on_event: Event) -> None:
        self.session = session
        self._on_event = on_event
        self._count, self._text = session.count, session.statement
        self._started = time.monotonic()
        self._killed: float | None = None
        self._is_cut = False

    @property
    def goes_on(self) -> bool:
        """Tell whether this very statement is still under way, on a link that was not cut."""
        return self.session.busy and self.session.count == self._count and not self._is_cut

    def end(self, process: Process | None, own: Process | None, side: Side) -> str | None:
        """Send KILL QUERY where it is due; give the reason where it cannot be.

        ``process`` and ``own``: what the server shows under the session's id, and under that of ``side``.
        """
        if process is None or own is None:
            return "the server does not show it under its id"
        if not process.is_executing or process.text is None:
            return None
        if process.user != own.user or not self._is_shown_as(process, side):
            return "under its id the server shows another statement"
        if self._killed is not None and time.monotonic() - self._killed < AGAIN:
            return None
        self._killed = time.monotonic()
        try:
            side.kill_query(self.session)
        except pymysql.err.MySQLError as error:
            if is_link_lost(error):
                raise
            return f"KILL QUERY was refused ({code_of(error)}): {text_of(error)}"
        self._tell(f"KILL QUERY {self.session.id} on {self.session.endpoint}")
        return None

    def _is_shown_as(self, process: Process, side: Side) -> bool:
        """Tell whether ``process`` is this session, and not one of another server or proxy that has the same id.

        It is where the text shown is the statement's beginning. Without a proxy also where the client's address
        shown is this link's own, over a unix socket, which leads to one server only, and for CREATE TABLE ... AS, of
        which the server shows an INSERT of its own that has the session's id in it.
        """
        text, session = process.text or "", self.session
        if text and self._text.startswith(text):
            return True
        if side.is_proxied:
            return False
        is_local = session.endpoint.unix_socket is not None
        return is_local or process.host == address_of(session) or f"`__ctas_{session.id}_" in text

    def cut_off(self, reason: str) -> None:
        """Shut the link down if the statement still goes on; the server then drops the session."""
        if self.goes_on:
            self._is_cut = True
            self.session.shut_down()
            self._tell(f"cut off session {self.session.id} on {self.session.endpoint}, {one_line(reason, 160)}")

    def _tell(self, text: str) -> None:
        with contextlib.suppress(Exception):
            self._on_event(f"{text} (after {time.monotonic() - self._started:.3f} s)")


def end_statements(
    sessions: Collection[Session],
    connector: Connector,
    on_event: Event = ignore_event,
    seconds: float = SECONDS,
    look: Look = ask_nothing,
) -> None:
    """End what ``sessions`` run now, each on the server it runs on, within ``seconds``, as ``cancel_method`` says.

    KILL QUERY leaves the sessions as they are. The server is asked first what they do: an idle session is left
    alone, and nobody else's is hit. ``auto`` cuts the link where that is not possible at once (no side connection, a
    proxy between, KILL QUERY refused), ``kill`` goes on trying, ``disconnect`` does not try; what has not ended in
    time is cut off in any case, and the server then drops the session. ``look`` is called with the side connection
    and each session before, for what can be learnt there. Raises nothing; KeyboardInterrupt cuts all links on its
    way through.
    """
    # the connection of a closed one is another process's after a fork, or may be another session's
    running = [Running(session, on_event) for session in sessions if session.busy and not session.closed]
    reason = "the cancel was interrupted"
    try:
        if connector.options.cancel_method == "disconnect":
            reason = "cancel_method is disconnect"
        else:
            _Ending(connector, on_event, time.monotonic() + seconds, look).wait_for(running)
            reason = f"its statement did not end within {seconds:g} s"
    except Exception as error:  # whatever it is, the statements must not go on
        reason = str(error)
    finally:
        for statement in running:
            statement.cut_off(reason)


@dataclass(frozen=True)
class _Ending:
    connector: Connector
    on_event: Event
    until: float
    look: Look

    @property
    def gives_up(self) -> bool:
        return self.connector.options.cancel_method == "auto"

    @property
    def left(self) -> float:
        return max(self.until - time.monotonic(), 0)

    def wait_for(self, running: Sequence[Running]) -> None:
        groups: dict[Endpoint, list[Running]] = {}
        for statement in running:
            groups.setdefault(statement.session.endpoint, []).append(statement)
        threads = []
        for endpoint, group in groups.items():
            # in the caller's context: who is told of events may ask there whose they are
            run = contextvars.copy_context().run
            arguments = (self._end, endpoint, group)
            threads.append(threading.Thread(target=run, args=arguments, name=f"cancel-{endpoint}", daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join(self.left)

    def _end(self, endpoint: Endpoint, group: Sequence[Running]) -> None:
        while self.left and any(statement.goes_on for statement in group):
            if failure := self._try(endpoint, group):
                for statement in group if self.gives_up else ():
                    statement.cut_off(f"no KILL QUERY is possible: {failure}")
                time.sleep(0 if self.gives_up else min(AGAIN, self.left))

    def _try(self, endpoint: Endpoint, group: Sequence[Running]) -> Exception | None:
        try:
            with opened(self.connector, endpoint, self.left, self.on_event) as side:
                for statement in group:
                    self.look(side, statement.session)
                self._end_on(side, group)
        except Exception as error:  # as above
            return error
        return None

    def _end_on(self, side: Side, group: Sequence[Running]) -> None:
        if self.gives_up and side.is_proxied:
            for statement in group:
                statement.cut_off("a proxy stands between, whose ids are not the server's")
        while running := [statement for statement in group if statement.goes_on]:
            shown = side.processes([statement.session for statement in running])
            for statement in running:
                # asked again: of what has ended since, another statement may be shown by now
                if not statement.goes_on:
                    continue
                reason = statement.end(shown.get(statement.session.id), shown.get(side.session.id), side)
                if reason and self.gives_up:
                    statement.cut_off(reason)
            time.sleep(_POLL)


def address_of(session: Session) -> str:
    """Give the address of this side of a session's link as servers show it, empty where there is none."""
    try:
        host, port = session.link.getsockname()[:2]
    except (OSError, ValueError):
        return ""
    return f"{host}:{port}"
