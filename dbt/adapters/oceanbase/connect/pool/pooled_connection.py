"""A connection between its opening and its end: what makes it fit for another use, and clean after one."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Iterator

import pymysql

from ..errors import one_line, text_of
from ..options import ConnectOptions
from ..session.driver import DriverConnection
from ..session.session import Home, Session
from ..transport.deadline import Deadline, is_readable

JITTER = 0.1
"""Part of ``recycle`` by which connections differ, so that those opened together do not end together."""

LOOK = 0.1
"""Seconds between two looks, while waiting for a free connection, at whether the run was cancelled."""

NEXT_TRY = (1.0, 3.0)
"""Seconds, from and to, after which a server that had no room is asked again, while nobody gives a connection back."""

RELEASE_LOCKS = "do release_all_locks()"
"""Kernel 1.4 keeps a named lock for ever when its session ends, and refuses to reset a session that holds one."""


class Kept:
    """A connection through all its uses; to a pool of SQLAlchemy it is the DB-API connection.

    ``opened`` and ``idle_since`` are readings of the pool's clock, ``lifetime`` is seconds. ``generation``: of the
    pool, when it was opened. ``schema_uses``: how often the pool had heard, when this connection last said USE, that
    the schema is there now.
    """

    def __init__(
        self, session: Session, options: ConnectOptions, opened: float, generation: int, schema_uses: int
    ) -> None:
        self.opened = self.idle_since = opened
        self.lifetime = options.pool.recycle * (1 - random.uniform(0, JITTER))  # noqa: S311 - nothing secret
        self.generation = generation
        self.schema_uses = schema_uses
        self.is_new = True
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

    def lend(self, home: Home | None = None) -> Session:
        """Give a session for one use of this connection."""
        return Session(self.connection, self._opener.endpoint, self._opener.link, home)

    def close(self) -> None:
        """End the connection; a second call does nothing."""
        self._opener.end()

    def abandon(self) -> None:
        """Drop the link without a word, and without waiting for anything; a second call does nothing."""
        self.connection.abandon()
        self._opener.link.close()

    # -- before a use

    def needs_ping(self, now: float) -> bool:
        """Tell whether this connection was idle for long, or has something to read: most often, that the peer left."""
        return now - self.idle_since > self._options.pool.idle_check or is_readable(self._opener.link)

    def answers(self) -> bool:
        """Tell whether the server answers a ping in time; a link that is silent for longer is cut."""
        try:
            with self._bounded():
                self.connection.ping(reconnect=False)
        except Exception:  # whatever it is, this is no connection to work with
            self.abandon()
        return self.is_open

    def use_schema(self) -> str | None:
        """Make the profile's schema the current database; give why that failed, or None."""
        try:
            with self._bounded():
                self.lend().use(self._options.session.schema or "")
        except Exception as error:
            return f"its schema could not be used: {_reason(error)}"
        return None

    # -- after a use

    def clean(self, session: Session) -> str | None:
        """Undo what ``session``, which has ended, left behind; give why this connection is not to be kept, or None.

        Nothing is sent where nothing was left. The server forgets variables, modes, prepared statements, locks and
        the open transaction; the current database is said again.
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
        seconds = self._options.retry.connect_timeout
        with Deadline(self._opener.link, seconds) as guard:
            yield
        if guard.expired:
            self.abandon()
            raise TimeoutError(f"no answer within {seconds:g} s")


class IdleConnections:
    """The idle connections of a pool, all of the same generation, and what the pool knows of the schema.

    Safe to share between threads; nothing is closed here.
    """

    def __init__(self) -> None:
        self.generation = 0
        self.schema_uses = 0
        self._idle: set[Kept] = set()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._idle)

    def __contains__(self, kept: object) -> bool:
        # without the lock: the garbage collector asks, in a thread that may hold it
        return kept in self._idle

    def add(self, kept: Kept, now: float) -> bool:
        """Keep ``kept``; gives False, and does not, where it is of an earlier generation."""
        with self._lock:
            if kept.generation != self.generation:
                return False
            kept.idle_since = now
            self._idle.add(kept)
            return True

    def take(self, kept: Kept) -> bool:
        """Take ``kept`` out; gives False where it was not there any more."""
        with self._lock:
            was_idle = kept in self._idle
            self._idle.discard(kept)
            return was_idle

    def await_one(self, cancelled: threading.Event | None) -> None:
        """Wait until a connection is idle, ``cancelled`` is set, or it is time to ask a full server again."""
        until = time.monotonic() + random.uniform(*NEXT_TRY)  # noqa: S311 - nothing secret
        while not self._idle and time.monotonic() < until:
            if cancelled is None:
                time.sleep(LOOK)
            elif cancelled.wait(LOOK):
                return

    def begin_generation(self, after: int | None = None) -> set[Kept]:
        """Begin a generation and give what was idle, to be closed; only if the present one is ``after``, if given."""
        with self._lock:
            if after not in (None, self.generation):
                return set()
            self.generation += 1
            idle, self._idle = self._idle, set()
            return idle

    def note_schema(self, kept: Kept) -> None:
        """Note that the schema is there now, and that ``kept`` uses it."""
        with self._lock:
            self.schema_uses += 1
            kept.schema_uses = self.schema_uses

    def has_schema_for(self, kept: Kept) -> bool:
        """Tell, once for each connection, that the schema was noted since it last said USE."""
        with self._lock:
            was_noted, kept.schema_uses = kept.schema_uses != self.schema_uses, self.schema_uses
            return was_noted


def _reason(error: Exception) -> str:
    return one_line(text_of(error) or type(error).__name__, 120)
