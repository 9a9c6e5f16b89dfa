"""A session: one use of an open connection."""

from __future__ import annotations

import logging
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
from ..transport.deadline import Deadline, close_descriptor, shut_down
from .driver import DriverConnection
from .settings import settings_statement

logger = logging.getLogger(__name__)

UNKNOWN_DATABASE = 1049
NO_DATABASE_RIGHT = 1044

FILE_REFUSED = 2068  # MySQL's client code CR_LOAD_DATA_LOCAL_INFILE_REJECTED

CLOSED = "the session is closed"

RELEASE_LOCKS = "do release_all_locks()"
"""Statement that releases all named locks of a session. It is run before a session is reset or closed.

seekdb 1.4 keeps a named lock for ever when its session ends, and refuses to reset a session that holds such a lock.
"""

RELEASE_SECONDS = 3.0
"""Time limit in seconds for RELEASE_LOCKS before a connection is closed. It is short because a user may be waiting."""

_sessions: weakref.WeakSet[Session] = weakref.WeakSet()


class StatementCursor(pymysql.cursors.Cursor):  # type: ignore[misc]  # PyMySQL is not typed
    """A cursor that also stores the id of its session, and the verb and OceanBase's trace id of its statement.

    ``Session.run`` sets the session's id. The caller of ``Session.run`` sets the verb (the leading keywords) and the
    trace id if it needs them.
    """

    verb: str = ""
    session_id: int = 0
    trace_id: str | None = None
    session: Session | None = None

    @property
    def fields(self) -> list[Any]:
        """The descriptors of the result's columns; empty if the statement returned no result."""
        return list(getattr(self._result, "fields", None) or [])

    def _get_db(self) -> Any:
        # after this session was closed, another session may be using the connection
        if self.session is not None and self.session.closed:
            raise pymysql.err.InterfaceError(0, CLOSED)
        return super()._get_db()


class ConnectionOwner(Protocol):
    """The owner of a connection, for example a pool. A session that is closed gives its connection to the owner."""

    def take_back(self, session: Session) -> None:
        """Receive the connection that ``session`` has used. The session is closed and sends nothing more."""

    def note_schema(self) -> None:
        """Record that the profile's schema exists now. It may have been missing when other connections were opened."""


class Session:
    """One use of an open connection: the driver's connection, the server's address and the state of this use.

    ``id``: the server's id of the connection. ``link``: a duplicate of the connection's socket, with which other
    threads can shut the connection down. ``owner``: gets the connection back when the session is closed. ``statement``:
    the text of the last statement. ``count``: the number of statements so far. ``busy``: a statement is running.
    ``dirty``: a statement may have changed the session's settings. ``was_killed``: KILL QUERY has ended a statement.
    ``was_cut``: this process has shut the connection down to end a statement. ``unanswered``: this process has shut the
    connection down because an answer was lost. ``lost``: the reason why the connection was lost, or None.

    ``settings``: the settings that were sent for the dbt node that uses this session, or None. ``undo``: the statements
    that undo these settings. ``undo_after_reset``: the statements to run instead of ``undo`` after a reset of the
    session, because a reset does not undo all of these settings.

    After ``cancelled`` is set, the session runs only statements that clean up. After ``closed`` is set, it runs none.
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
        self.settings: object = None
        self.undo: tuple[str, ...] = ()
        self.undo_after_reset: tuple[str, ...] = ()
        self._owner = owner
        self._closing = threading.Lock()
        _sessions.add(self)

    def __repr__(self) -> str:
        return f"<Session {self.id} on {self.endpoint}>"

    @property
    def is_usable(self) -> bool:
        """Whether the session and its connection are open on this side. The server may have closed the connection."""
        return not self.closed and bool(self.connection.open)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open on the connection. See ``DriverConnection.in_transaction``."""
        return not self.closed and self.connection.in_transaction

    @property
    def schema_denied(self) -> str | None:
        """The server's error text if it denied access to the schema at the last USE, or None."""
        return self.connection.schema_denied

    def apply(self, options: SessionOptions) -> None:
        """Send the session settings in ``options``, then make the schema the current database if it exists.

        If the schema is missing or access to it is denied, no error is raised. If access is denied, ``schema_denied``
        is set. Raises SessionRejected with the server's code if the server refuses a setting. Raises
        ``pymysql.err.MySQLError`` if the connection is lost, if the server's error is temporary, or if the schema
        cannot be used for another reason.
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
        """Make ``schema``, a name without quotes, the current database.

        If the schema is missing or access to it is denied, the current database stays the same, and no error is raised.
        If access is denied, ``schema_denied`` is set. Raises the errors of ``run`` for any other failure.
        """
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
        """Run the statement ``sql``, read all its results and return its cursor.

        ``sql`` is a single statement: the server refuses a text with several, see
        ``DriverConnection.refuse_several_statements``. ``bindings`` are the values for placeholders in the driver's
        style, a tuple for ``%s`` or a dict for ``%(name)s``. Without bindings, ``%`` is plain text. If the session was
        cancelled, SessionCancelled is raised and nothing is sent, unless ``cleans_up`` is True. Raises
        ``pymysql.err.MySQLError`` if any result is an error, the connection is lost, or the session is closed. Raises
        TypeError, ValueError or KeyError if ``bindings`` do not fit. The driver may raise other errors if it cannot
        read a broken answer, and the connection is closed then.
        """
        cursor = StatementCursor(self.connection)
        cursor.session_id = self.id
        text = cursor.mogrify(sql, bindings)
        self.statement = text
        self.count += 1
        # set before ``cancelled`` is read, because a cancel sets ``cancelled`` first and then looks for busy sessions
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
            # only a part of the answer was read, and the rest would be taken for the next statement's answer
            self.connection.abandon()
            if self.closed and isinstance(error, (AttributeError, ValueError)):
                # another thread has closed the connection between two reads, so the driver found no socket
                raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, CLOSED) from error
            if isinstance(error, RuntimeError):
                text = "the server asked for a file of this machine, which it never gets"
                raise pymysql.err.OperationalError(FILE_REFUSED, text) from error
            raise

    def cursor(self) -> Any:
        """Return a DB-API cursor for statements that do not go through ``run``.

        The session is marked as ``dirty``, because it does not see whether these statements change its settings.
        """
        self.dirty = True
        cursor = StatementCursor(self.connection)
        cursor.session = self
        return cursor

    def commit(self) -> None:
        """Commit if the server has a transaction open. Raises the errors of ``run`` if the COMMIT fails."""
        if self.in_transaction:
            self.run("COMMIT")

    def rollback(self) -> None:
        """Roll back if the server has a transaction open, even after a cancel. Raises the errors of ``run``.

        Do nothing if the session is not usable, or while another thread uses it.
        """
        # that thread would read the answer to this ROLLBACK; the server rolls back when the session ends
        if not self.busy and self.is_usable and self.in_transaction:
            self.run("ROLLBACK", cleans_up=True)

    def shut_down(self, *, unanswered: bool = False) -> None:
        """Shut the socket down, which wakes a thread that waits for an answer. The server then ends the session.

        ``unanswered`` is True if the reason is a lost answer. Then the attribute ``unanswered`` is set to True, and
        otherwise the attribute ``was_cut``.
        """
        self.was_cut, self.unanswered = not unanswered, unanswered
        shut_down(self.link)

    def close(self) -> None:
        """Close the session, and return its connection to the connection's owner, for example a pool.

        If the connection has no owner, release the session's named locks and close the connection. A second call does
        nothing.
        """
        with self._closing:
            if self.closed:
                return
            self.closed = True
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.take_back(self)
            return
        try:
            self.release_locks()
        finally:
            self.end()

    def release_locks(self) -> None:
        """Release the named locks of this closed session, before its connection is closed. Raise no error.

        If that fails, log a warning, since another session may wait for such a lock. Send nothing if the session is not
        ``dirty``, because it has no named lock then. Also send nothing while a statement is running, or if the
        connection is lost or was shut down. If the server does not answer within RELEASE_SECONDS, the connection is
        shut down.
        """
        is_cut = self.was_cut or self.unanswered or self.lost is not None or not self.connection.open
        if not self.dirty or self.busy or is_cut or self.connection.awaits_answer:
            return
        # by another session on the same connection, because a closed session sends nothing
        try:
            with Deadline(self.link, RELEASE_SECONDS):
                Session(self.connection, self.endpoint, self.link).run(RELEASE_LOCKS)
        except Exception as error:
            # the session is often closed because of another error, which must stay the one that is raised
            reason = one_line(text_of(error)) or "no answer"
            logger.warning(f"named locks of a session on {self.endpoint} may still be held, if it took any: {reason}")

    def end(self) -> None:
        """Close the connection itself, without giving it back to its owner. A second call does nothing."""
        self.closed = True
        if self.busy:
            # otherwise ``close`` would wait for the thread that reads the answer
            self.shut_down()
        try:
            self.connection.close()
        finally:
            self.link.close()

    def forget(self) -> None:
        """Close this process's copy of the connection after a fork.

        Nothing is sent, because the parent process still uses the connection. No lock is waited for, because another
        thread of the parent may have held it.
        """
        # a running statement belongs to the parent process
        self.closed, self.busy = True, False
        self._closing = threading.Lock()
        self.connection.forget_link()
        close_descriptor(self.link)


def forget_all() -> list[Session]:
    """Close the copies of connections that a forked process inherited from its parent, and return their sessions.

    Nothing is sent on the connections, see ``Session.forget``.
    """
    inherited = list(_sessions)
    for session in inherited:
        session.forget()
    return inherited
