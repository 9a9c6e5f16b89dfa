"""A connection of the pool, with the checks before each use and the cleanup after it."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable, Iterator

import pymysql

from ..errors import one_line, text_of
from ..options import ConnectOptions
from ..session.driver import DriverConnection
from ..session.session import RELEASE_LOCKS, ConnectionOwner, Session
from ..transport.deadline import Deadline, is_readable

JITTER = 0.1
"""Maximum fraction of ``pool.recycle`` by which the lifetime of a connection is shortened at random.

So connections that were opened together are not replaced together.
"""


class PooledConnection:
    """A connection of the pool, from its opening through all its uses.

    ``session`` is the session that was created when the connection was opened. ``opened`` and ``idle_since`` are times
    of the pool's clock, and ``lifetime`` is in seconds. ``generation`` is the number of the pool's generation when the
    connection was opened. The pool begins a new generation when it replaces all connections.

    ``schema_mark`` shows whether the connection must send a USE of the profile's schema before its next use. It is the
    object that the pool had as its mark when this connection last sent such a USE. If the pool has another mark by now,
    a USE is sent. The pool makes a new object its mark when a session finds that the schema exists.
    """

    def __init__(
        self, session: Session, options: ConnectOptions, opened: float, generation: int, schema_mark: object
    ) -> None:
        self.opened = self.idle_since = opened
        self.lifetime = options.pool.recycle * (1 - random.uniform(0, JITTER))  # noqa: S311 - nothing secret
        self.generation = generation
        self.schema_mark = schema_mark
        self._opener = session
        self._options = options

    def __str__(self) -> str:
        return f"session {self._opener.id} on {self._opener.endpoint}"

    @property
    def connection(self) -> DriverConnection:
        return self._opener.connection

    @property
    def is_open(self) -> bool:
        return bool(self.connection.open)

    def lend(self, owner: ConnectionOwner | None = None) -> Session:
        """Return a session for one use of this connection.

        When the session is closed, ``owner`` gets the connection back. Without an owner, the connection is closed then.
        """
        return Session(self.connection, self._opener.endpoint, self._opener.link, owner)

    def close(self) -> None:
        """Log out and close the connection. A second call does nothing."""
        self._opener.end()

    def abandon(self) -> None:
        """Close the connection without sending anything and without waiting. A second call does nothing."""
        self.connection.abandon()
        self._opener.link.close()

    def needs_ping(self, now: float) -> bool:
        """Check whether the connection needs a ping before its next use. ``now`` is a time of the pool's clock.

        A ping is needed after ``idle_check`` seconds without use, or if the socket is readable. A readable socket
        usually means that the server has closed the connection.
        """
        return now - self.idle_since > self._options.pool.idle_check or is_readable(self._opener.link)

    def answers(self) -> bool:
        """Check whether the server answers a ping within ``connect_timeout``. Close the connection if it does not."""
        try:
            with self._bounded():
                self.connection.ping(reconnect=False)
        except Exception:  # whatever the error is, this connection cannot be used
            self.abandon()
        return self.is_open

    def use_schema(self) -> str | None:
        """Make the profile's schema the current database, if it exists. Return the reason if that failed, or None.

        A schema that does not exist is no failure, and neither is a schema to which the user has no access.
        """
        try:
            with self._bounded():
                self.lend().use(self._options.session.schema or "")
        except Exception as error:
            return f"its schema could not be used: {_reason(error)}"
        return None

    def clean(self, session: Session) -> str | None:
        """Undo what the closed ``session`` left behind. Return the reason if this connection cannot be kept, or None.

        The connection cannot be kept if the session was cancelled or still runs a statement, if its statement was
        killed, if the connection is lost, or if the cleaning fails. If the session left nothing behind, nothing is
        sent. An open transaction is rolled back. The statements in ``session.undo`` restore the settings from before
        the dbt node. Named locks are released, also if the session was cancelled or its statement was killed.

        If other statements may have changed the session's settings, the session is reset: the server clears its
        variables, modes, prepared statements, locks and transaction. Then the settings of the profile, a USE of its
        schema and the statements in ``session.undo_after_reset`` are sent. If the USE does not succeed, the connection
        cannot be kept either: a reset does not change the current database, and ``session`` may have selected another
        one than the profile's schema.
        """
        if session.cancelled or session.busy or session.was_killed:
            session.release_locks()
            return "its statement was ended" if session.was_killed else "it was cancelled"
        if not self.is_open:
            return "its link is lost"
        try:
            if session.dirty:
                with self._bounded():
                    self._reset(session.undo_after_reset)
            elif self.connection.in_transaction or session.undo:
                with self._bounded():
                    self._undo(session.undo)
        except Exception as error:  # the dbt node has done its work, and only this connection is lost
            return f"it could not be made clean: {_reason(error)}"
        if session.dirty and not self.connection.schema_in_use:
            return "the database that it was left in cannot be left without a schema to use"
        return "its transaction does not end" if self.connection.in_transaction else None

    def _undo(self, statements: Iterable[str]) -> None:
        session = self.lend()
        if self.connection.in_transaction:
            session.run("ROLLBACK")
        for statement in statements:
            session.run(statement)

    def _reset(self, statements: Iterable[str]) -> None:
        session = self.lend()
        with contextlib.suppress(pymysql.err.MySQLError):
            session.run(RELEASE_LOCKS)
        self.connection.reset()
        session.apply(self._options.session)
        for statement in statements:
            session.run(statement)

    @contextlib.contextmanager
    def _bounded(self) -> Iterator[None]:
        """Limit the ``with`` block to ``connect_timeout`` seconds, and shut the connection down after that time.

        If the block is waiting for the server then, the driver raises an error in it. If the block ends without an
        error after the time limit, TimeoutError is raised.
        """
        seconds = self._options.retry.connect_timeout
        with Deadline(self._opener.link, seconds) as guard:
            yield
        if guard.expired:
            self.abandon()
            raise TimeoutError(f"no answer within {seconds:g} s")


def _reason(error: Exception) -> str:
    return one_line(text_of(error) or type(error).__name__, 120)
