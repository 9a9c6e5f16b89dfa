"""A limit of time for statements that the server does not bound."""

from __future__ import annotations

import contextvars
import threading

from ..opening.attempt import Event, ignore_event
from ..opening.connector import Connector
from ..session.session import Session
from .control_connection import SECONDS, Side
from .kill import end_statements


class Watchdog:
    """Ends the statement of ``session`` when it has run for ``seconds``, as a cancel would.

    The server bounds neither DDL that waits for open writers nor CREATE TABLE ... AS. ``expired`` and ``waited_for``
    (who held the locks then, where the server shows it) tell afterwards what happened.
    """

    def __init__(self, session: Session, connector: Connector, seconds: float, on_event: Event = ignore_event) -> None:
        self.expired = False
        self.waited_for: list[str] = []
        self.seconds = seconds
        self._session = session
        self._connector = connector
        self._on_event = on_event
        self._done = threading.Event()
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._watch,), name=f"watchdog-{session.id}", daemon=True)

    def _watch(self) -> None:
        if self._done.wait(self.seconds):
            return
        # first: who leaves without it has said so before, and nothing is ended any more
        self.expired = True
        if not self._done.is_set():
            end_statements([self._session], self._connector, self._on_event, SECONDS, self._look)

    def _look(self, side: Side, session: Session) -> None:
        # through a proxy the server knows the session by another id, and would name it as a holder
        self.waited_for = [] if side.is_proxied else side.holders(session)

    def __enter__(self) -> Watchdog:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        if self.expired:
            self._thread.join()
