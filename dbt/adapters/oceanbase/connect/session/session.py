"""A session: one use of an open connection."""

from __future__ import annotations

import socket
import threading
import weakref
from typing import Any, Protocol

import pymysql
import pymysql.cursors
from pymysql.constants import CR

from ..codes import OPENING
from ..errors import KILLED, SessionCancelled, SessionRejected, code_of, is_link_lost, one_line, text_of
from ..options import Endpoint, SessionOptions
from ..quoting import identifier
from ..transport.deadline import close_descriptor, shut_down
from .driver import DriverConnection
from .settings import settings_statement

UNKNOWN_DATABASE = 1049
NO_DATABASE_RIGHT = 1044

FILE_REFUSED = 2068  # MySQL client code CR_LOAD_DATA_LOCAL_INFILE_REJECTED

CLOSED = "the session is closed"

_sessions: weakref.WeakSet[Session] = weakref.WeakSet()


class StatementCursor(pymysql.cursors.Cursor):  # type: ignore[misc]  # PyMySQL is not typed
    """A cursor with the session's id, and where the caller sets them, its statement's verb and OceanBase's trace id."""

    verb: str = ""
    session_id: int = 0
    trace_id: str | None = None
    session: Session | None = None

    @property
    def fields(self) -> list[Any]:
        """The descriptors of the result's columns; empty if the statement returned no result."""
        return list(getattr(self._result, "fields", None) or [])

    def _get_db(self) -> Any:
        # another session may use the connection by now
        if self.session is not None and self.session.closed:
            raise pymysql.err.InterfaceError(0, CLOSED)
        return super()._get_db()


class ConnectionOwner(Protocol):
    """The owner of a session's connection, which gets the connection back when the session is closed."""

    def take_back(self, session: Session) -> None:
        """Receive the connection of ``session``, which is closed and sends nothing more."""

    def note_schema(self) -> None:
        """Note that the schema exists now. It may have been missing when other connections were opened."""


class Session:
    """One use of an open connection: the driver's connection, its endpoint and its state.

    ``busy``: ``statement`` is running, the ``count``-th of the session. ``dirty``: a statement may have changed the
    session's settings. ``was_killed``: KILL QUERY has ended a statement. ``was_cut``: this side has shut the link down.
    ``unanswered``: it has done so since the answer is lost. ``lost``: the error text when the link was found dead, or
    None. A ``cancelled`` session runs only statements that clean up, a ``closed`` one runs none.
    """

    def __init__(
        self,
        connection: DriverConnection,
        endpoint: Endpoint,
        link: socket.socket,
        owner: ConnectionOwner | None = None,
    ) -> None:
        self.connection = connection
        self.endpoint = endpoint
        self.link = link
        self.id: int = connection.thread_id()
        self.cancelled = False
        self.busy = False
        self.count = 0
        self.statement = ""
        self.dirty = False
        self.was_killed = False
        self.was_cut = False
        self.unanswered = False
        self.closed = False
        self.lost: str | None = None
        self._owner = owner
        self._closing = threading.Lock()
        _sessions.add(self)

    def __repr__(self) -> str:
        return f"<Session {self.id} on {self.endpoint}>"

    @property
    def is_usable(self) -> bool:
        """Whether statements can be sent, as far as this side knows."""
        return not self.closed and bool(self.connection.open)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, by the server's last answer."""
        return not self.closed and self.connection.in_transaction

    @property
    def schema_denied(self) -> str | None:
        """The server's error text if the schema exists and may not be used, or None."""
        return self.connection.schema_denied

    def apply(self, options: SessionOptions) -> None:
        """Send the settings, then use the schema if it exists.

        Raises SessionRejected with the code if the server refuses a setting, and the driver's error if the link is
        lost.
        """
        try:
            self.run(settings_statement(options))
        except pymysql.err.MySQLError as error:
            code = code_of(error)
            known = OPENING.get(code) if code is not None else None
            if code is None or is_link_lost(error) or (known is not None and known.error.retryable):
                raise
            text = f"{self.endpoint}: the server refused a session setting of the profile ({code}): {text_of(error)}"
            text = f"{one_line(text, 220)}; correct or remove that setting"
            raise SessionRejected(text, code, str(self.endpoint)) from error
        if options.schema:
            self._use(options.schema)

    def use(self, schema: str) -> None:
        """Make ``schema`` the current database. If it is missing, or access is denied, the session stays as it was."""
        self._use(schema)
        if self._owner is not None and self.connection.schema_in_use:
            self._owner.note_schema()

    def _use(self, schema: str) -> None:
        self.connection.schema_in_use, self.connection.schema_denied = False, None
        try:
            self.run(f"use {identifier(schema)}")
            self.connection.schema_in_use = True
        except pymysql.err.MySQLError as error:
            if code_of(error) == NO_DATABASE_RIGHT:
                self.connection.schema_denied = text_of(error)
            elif code_of(error) != UNKNOWN_DATABASE:
                raise

    def run(self, sql: str, bindings: Any = None, *, cleans_up: bool = False) -> StatementCursor:
        """Run one statement, read all its results and return its cursor. An error of a later result is raised here.

        ``bindings`` (a tuple or dict of values) replaces the driver's placeholders; without it ``%`` is text. A
        cancelled session runs the statement only if it ``cleans_up``. Raises the driver's error, or SessionCancelled
        if nothing was sent.
        """
        cursor = StatementCursor(self.connection)
        cursor.session_id = self.id
        text = cursor.mogrify(sql, bindings)
        self.statement = text
        self.count += 1
        # set before ``cancelled`` is read: a cancel sets ``cancelled`` first and then looks for busy sessions
        self.busy = True
        try:
            if self.cancelled and not cleans_up:
                raise SessionCancelled("the run was cancelled: the statement was not sent")
            if self.closed:
                raise pymysql.err.InterfaceError(0, CLOSED)
            if ";" in text:
                self.connection.refuse_several_statements()
            self._execute(cursor, text)
        finally:
            self.busy = False
        return cursor

    def _execute(self, cursor: StatementCursor, text: str) -> None:
        try:
            cursor.execute(text)
            self.connection.drain()
        except (pymysql.err.MySQLError, UnicodeEncodeError) as error:
            self.was_killed = self.was_killed or code_of(error) == KILLED
            raise
        except BaseException as error:
            # the answer was read in part only, and its rest would be taken for the next statement's answer
            self.connection.abandon()
            if self.closed and isinstance(error, (AttributeError, ValueError)):
                # another thread has closed the connection between two reads: the driver finds no socket
                raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, CLOSED) from error
            if isinstance(error, RuntimeError):
                text = "the server asked for a file of this machine, which it never gets"
                raise pymysql.err.OperationalError(FILE_REFUSED, text) from error
            raise

    def cursor(self) -> Any:
        """Return a DB-API cursor. Its statements are not seen here, so the session counts as changed."""
        self.dirty = True
        cursor = StatementCursor(self.connection)
        cursor.session = self
        return cursor

    def commit(self) -> None:
        """Commit if the server has a transaction open."""
        if self.in_transaction:
            self.run("COMMIT")

    def rollback(self) -> None:
        """Roll back if the server has a transaction open."""
        # not if another thread runs a statement, which would read this answer; the server rolls back at the end
        if not self.busy and self.is_usable and self.in_transaction:
            self.run("ROLLBACK", cleans_up=True)

    def shut_down(self, *, unanswered: bool = False) -> None:
        """Shut the link down, which wakes a thread that waits for the answer. The server then drops the session.

        ``unanswered``: the answer will not come, so the link counts as lost and not as cut by this side.
        """
        self.was_cut, self.unanswered = not unanswered, unanswered
        shut_down(self.link)

    def close(self) -> None:
        """End this use of the connection, and return the connection to its owner. A second call does nothing."""
        with self._closing:
            if self.closed:
                return
            self.closed = True
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.take_back(self)
        else:
            self.end()

    def end(self) -> None:
        """Close the connection itself. A second call does nothing."""
        self.closed = True
        if self.busy:
            # otherwise closing would wait for the thread that reads the answer
            self.shut_down()
        try:
            self.connection.close()
        finally:
            self.link.close()

    def forget(self) -> None:
        """Close this process's copy of a connection after a fork.

        Nothing is sent, because the parent process still uses the connection, and no lock is waited for.
        """
        # a running statement is the parent's
        self.closed, self.busy = True, False
        self._closing = threading.Lock()
        self.connection.forget_link()
        close_descriptor(self.link)


def forget_all() -> list[Session]:
    """Forget all sessions of the parent in a forked process, and return them."""
    inherited = list(_sessions)
    for session in inherited:
        session.forget()
    return inherited
