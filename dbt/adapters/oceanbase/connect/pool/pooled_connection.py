"""A connection of the pool: the checks before a use, and the cleaning after one."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator

import pymysql

from ..errors import one_line, text_of
from ..options import ConnectOptions
from ..session.driver import DriverConnection
from ..session.session import ConnectionOwner, Session
from ..transport.deadline import Deadline, is_readable

JITTER = 0.1
"""Part of ``recycle`` by which lifetimes differ, so that connections opened together are not replaced together."""

RELEASE_LOCKS = "do release_all_locks()"
"""Kernel 1.4 keeps a named lock for ever when its session ends, and refuses to reset a session that holds one."""


class PooledConnection:
    """A connection through all its uses.

    ``opened`` and ``idle_since`` are readings of the pool's clock, ``lifetime`` is in seconds. ``generation`` is the
    pool's at the time of opening. ``schema_mark`` is the pool's at the time of the last USE: the pool has another one
    as soon as the schema was reported to exist.
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
        """Return a session for one use of this connection."""
        return Session(self.connection, self._opener.endpoint, self._opener.link, owner)

    def close(self) -> None:
        """Log out and close the link; a second call does nothing."""
        self._opener.end()

    def abandon(self) -> None:
        """Close the link without sending anything or waiting; a second call does nothing."""
        self.connection.abandon()
        self._opener.link.close()

    def needs_ping(self, now: float) -> bool:
        """Check whether this connection was idle for long, or has something to read: usually that the peer left."""
        return now - self.idle_since > self._options.pool.idle_check or is_readable(self._opener.link)

    def answers(self) -> bool:
        """Check whether the server answers a ping within ``connect_timeout``; close the link if it does not."""
        try:
            with self._bounded():
                self.connection.ping(reconnect=False)
        except Exception:  # whatever the error is, this connection cannot be used
            self.abandon()
        return self.is_open

    def use_schema(self) -> str | None:
        """Make the profile's schema the current database. Return why that failed, or None."""
        try:
            with self._bounded():
                self.lend().use(self._options.session.schema or "")
        except Exception as error:
            return f"its schema could not be used: {_reason(error)}"
        return None

    def clean(self, session: Session) -> str | None:
        """Undo what ``session``, which has ended, left behind. Return why this connection cannot be kept, or None.

        Sends nothing where nothing was left. Otherwise the server rolls back, or resets the session: it forgets
        variables, modes, prepared statements, locks and the open transaction, and USE is run again.
        """
        if session.cancelled or session.busy or session.was_killed:
            return "its statement was ended" if session.was_killed else "it was cancelled"
        if not self.is_open:
            return "its link is lost"
        try:
            if session.dirty:
                with self._bounded():
                    self._reset()
            elif self.connection.in_transaction:
                with self._bounded():
                    self.lend().run("ROLLBACK")
        except Exception as error:  # the node has done its work: only this connection is lost
            return f"it could not be made clean: {_reason(error)}"
        if session.dirty and not self.connection.schema_in_use:
            return "the database that it was left in cannot be left without a schema to use"
        return "its transaction does not end" if self.connection.in_transaction else None

    def _reset(self) -> None:
        session = self.lend()
        with contextlib.suppress(pymysql.err.MySQLError):
            session.run(RELEASE_LOCKS)
        self.connection.reset()
        session.apply(self._options.session)

    @contextlib.contextmanager
    def _bounded(self) -> Iterator[None]:
        """Close the link and raise TimeoutError if the body takes longer than ``connect_timeout``."""
        seconds = self._options.retry.connect_timeout
        with Deadline(self._opener.link, seconds) as guard:
            yield
        if guard.expired:
            self.abandon()
            raise TimeoutError(f"no answer within {seconds:g} s")


def _reason(error: Exception) -> str:
    return one_line(text_of(error) or type(error).__name__, 120)
