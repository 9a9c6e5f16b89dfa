"""A time limit for statements whose time the server does not limit."""

from __future__ import annotations

import contextvars
import threading

from ..opening.connector import Connector
from ..session.session import Session
from .control_connection import CONTROL_SECONDS, ControlConnection
from .kill import end_statements


class StatementTimeout:
    """A context manager that ends the statement of its block if the statement runs longer than ``seconds``.

    The server itself limits neither DDL that waits for other transactions nor CREATE TABLE ... AS. ``session`` runs the
    statement. After ``seconds``, ``kill.end_statements`` ends the statement, with a control connection that
    ``connector`` opens. The statement then raises ``pymysql.err.MySQLError`` in the block. The context manager itself
    raises no error.

    After the block, ``expired`` is True if the statement took too long. In that case ``waited_for`` has descriptions of
    at most three sessions that held locks, if the server shows them.
    """

    def __init__(self, session: Session, connector: Connector, seconds: float) -> None:
        self.expired = False
        self.waited_for: list[str] = []
        self.seconds = seconds
        self._session = session
        self._connector = connector
        self._done = threading.Event()
        run = contextvars.copy_context().run
        name = f"statement-timeout-{session.id}"
        self._thread = threading.Thread(target=run, args=(self._watch,), name=name, daemon=True)

    def _watch(self) -> None:
        if self._done.wait(self.seconds):
            return
        # set before the check below: a block that still reads False has set ``_done`` before, and nothing is ended then
        self.expired = True
        if not self._done.is_set():
            end_statements([self._session], self._connector, CONTROL_SECONDS, self._note_lock_holders)

    def _note_lock_holders(self, control: ControlConnection, session: Session) -> None:
        # through a proxy the server knows the session by another id, and would list it as a holder of locks
        self.waited_for = [] if control.is_proxied else control.lock_holders(session)

    def __enter__(self) -> StatementTimeout:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        if self.expired:
            self._thread.join()
