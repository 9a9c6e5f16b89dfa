"""The connection pool. It has a limited number of connections, lends each to one user at a time, and keeps it open."""

from __future__ import annotations

import bisect
import contextlib
import logging
import queue
import random
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import PoolExhausted, ServerBusy, SessionCancelled
from ..opening.connector import Connector
from ..session.session import Session
from .pooled_connection import PooledConnection

logger = logging.getLogger(__name__)

MIN_SIZE = 3
"""Minimum size of a pool if ``pool.size`` is not set: one connection for a thread, and two more that dbt needs."""

POLL_SECONDS = 0.1
"""Seconds after which a waiting thread checks again whether the run was cancelled."""

RETRY_SECONDS = (1.0, 3.0)
"""Range of the random time, in seconds, after which a thread tries again to connect to a server that was full.

A server is full if it refuses a connection with ServerBusy, because of too many connections or too little memory. The
thread stops waiting earlier if another thread gives a connection back to the pool.
"""


class SessionPool:
    """A pool that lends sessions. A session is one use of a connection. The pool can be shared between threads.

    The connection that was given back last is lent first. Threads that wait get connections in the order in which they
    came. With ``connection_mode: new`` each session gets a new connection, which is closed together with the session.
    """

    def __init__(self, connector: Connector, clock: Callable[[], float] = time.monotonic) -> None:
        self.connector = connector
        self.options = connector.options
        self._clock = clock
        # guards the attributes below; never held while something is sent or waited for
        self._lock = threading.Lock()
        self._owners: weakref.WeakKeyDictionary[object, int] = weakref.WeakKeyDictionary()
        self._idle: deque[PooledConnection] = deque()
        self._checkouts: set[Checkout] = set()
        self._waiting: list[Checkout] = []
        self._unpooled: weakref.WeakSet[Session] = weakref.WeakSet()
        self._generation = 0
        self._schema_mark = object()

    def __repr__(self) -> str:
        return f"<SessionPool of {self.connector!r}: {self.status()}>"

    def expect(self, owner: object, size: int) -> None:
        """Register that ``owner`` needs up to ``size`` connections at the same time.

        ``owner`` is the object that uses the connections, such as dbt's connection manager. Without ``pool.size``, the
        size of the pool is the sum of the numbers of all owners, but at least MIN_SIZE. With ``pool.size``, the number
        has no effect. The registration ends when ``owner`` is garbage-collected. A second call replaces the number of
        ``owner``. Nothing is opened.
        """
        with self._lock:
            self._owners[owner] = size
            self._serve_waiting()

    def is_used_by(self, owner: object) -> bool:
        """Check whether the object ``owner`` is registered as a user of this pool's connections. See ``expect``."""
        with self._lock:
            return owner in self._owners

    @property
    def size(self) -> int:
        """The number of connections that may be open at the same time.

        This is ``pool.size`` if configured. Otherwise it is the sum of the numbers registered with ``expect``, and at
        least MIN_SIZE. With ``connection_mode: new`` it has no effect, because the number is not limited.
        """
        with self._lock:
            return self._size()

    def _size(self) -> int:
        return self.options.pool.size or max(MIN_SIZE, sum(self._owners.values()))

    def _used(self) -> int:
        return len(self._checkouts) + sum(not session.closed for session in self._unpooled)

    def status(self) -> str:
        """Return a text for the log with the numbers of connections in use and of idle connections."""
        with self._lock:
            if self.options.connection_mode == "new":
                return f"{self._used()} connections in use, none kept"
            return f"{self._used()} of {self._size()} connections in use, {len(self._idle)} idle"

    # -- lending a connection

    def acquire(self, cancelled: threading.Event | None = None) -> Session:
        """Return a session on an idle connection, or on a new one. Closing the session gives its connection back.

        If all connections are in use, wait until one is free. With ``connection_mode: new``, open a connection at once,
        without a limit of their number. Raises PoolExhausted after a wait of ``pool.timeout`` seconds, SessionCancelled
        as soon as ``cancelled`` is set, and the errors of ``Connector.connect``.
        """
        if self.options.connection_mode == "new":
            session = self.connector.connect(cancelled=cancelled)
            with self._lock:
                self._unpooled.add(session)
            return session
        checkout = Checkout(self, self._clock() + self.options.pool.timeout, cancelled)
        try:
            return self._check_out(checkout)
        except BaseException:
            if checkout.connection is not None:
                checkout.connection.abandon()
            self._release(checkout)
            raise

    def _check_out(self, checkout: Checkout) -> Session:
        while True:
            self._await_turn(checkout)
            try:
                return self._lend(checkout)
            except ServerBusy as error:
                if self._clock() >= checkout.until or checkout.is_alone or checkout.is_cancelled:
                    raise
                self._release(checkout)
                checkout.refused_until = self._clock() + random.uniform(*RETRY_SECONDS)  # noqa: S311 - nothing secret
                text = f"the server has no room ({error.code}), waiting for a connection in use"
                logger.debug(f"{text}: {self.status()}")

    def _await_turn(self, checkout: Checkout) -> None:
        is_logged = checkout.refused_until > 0
        with self._lock:
            # a checkout that was refused by the server gets its old place in the order again
            bisect.insort(self._waiting, checkout, key=lambda each: each.until)
        while not self._has_turn(checkout):
            now = self._clock()
            is_refused, is_over = checkout.refused_until > now, checkout.is_cancelled or now >= checkout.until
            if is_over and not is_refused:
                raise self._unserved(checkout)
            if is_over:
                # the server is tried once more, because its error says more than that the wait is over
                checkout.refused_until = now
                continue
            if not is_logged:
                logger.debug(f"waiting for a connection: {self.status()}")
                is_logged = True
            seconds = (min(checkout.refused_until, checkout.until) if is_refused else checkout.until) - now
            if checkout.cancelled is not None:
                # the event is polled, because setting it does not wake this thread
                seconds = min(seconds, POLL_SECONDS)
            with contextlib.suppress(queue.Empty):
                checkout.wake_ups.get(timeout=seconds)

    def _has_turn(self, checkout: Checkout) -> bool:
        # serves all waiting checkouts, because a leaked connection wakes only the first of them
        with self._lock:
            self._serve_waiting()
            return checkout in self._checkouts

    def _serve_waiting(self) -> None:
        """Assign idle connections, or the right to open new ones, to waiting checkouts, up to the pool's size.

        The caller holds the lock. A checkout is one use of a connection, see ``Checkout``.
        """
        for checkout in tuple(self._waiting):
            if len(self._checkouts) >= self._size():
                return
            if self._idle:
                checkout.connection = self._idle.pop()
            elif self._clock() < checkout.refused_until:
                continue
            self._waiting.remove(checkout)
            self._checkouts.add(checkout)
            checkout.wake_ups.put(None)

    def _unserved(self, checkout: Checkout) -> Exception:
        if checkout.is_cancelled:
            return SessionCancelled("the run was cancelled: no connection is opened")
        remedy = "raise pool.size to threads + 2, or leave it out" if self.options.pool.size else "lower threads"
        seconds = self.options.pool.timeout
        return PoolExhausted(f"no connection became free within {seconds:g} s: all {self.size} are in use; {remedy}")

    def _lend(self, checkout: Checkout) -> Session:
        while checkout.connection is not None and (reason := self._why_unfit(checkout.connection)):
            logger.debug(f"replacing {checkout.connection}: {reason}")
            checkout.connection.close()
            with self._lock:
                checkout.connection = self._idle.pop() if self._idle else None
        checkout.connection = checkout.connection or self._open(checkout)
        session = checkout.connection.lend(checkout)
        # not called at exit, because a session that is still open then has not leaked
        weakref.finalize(session, self._recover, checkout).atexit = False  # type: ignore[misc]  # a property in fact
        return session

    def _open(self, checkout: Checkout) -> PooledConnection:
        def waits_when_full() -> bool:
            # if the pool has other connections, one of them is free sooner than the server has room
            with self._lock:
                checkout.is_alone = not self._idle and not any(each.connection for each in self._checkouts.copy())
                return checkout.is_alone

        schema_mark, checkout.is_alone = self._schema_mark, True
        session = self.connector.connect(cancelled=checkout.cancelled, waits_when_full=waits_when_full)
        return PooledConnection(session, self.options, self._clock(), self._generation, schema_mark)

    def _why_unfit(self, connection: PooledConnection) -> str | None:
        """Return the reason to replace an idle ``connection``, or None if the connection can be used again.

        A connection is replaced if it is closed, too old or does not answer a ping, or if a USE of the schema fails.
        The ping and the USE are sent by this method, and only if ``connection`` needs them.
        """
        now = self._clock()
        if not connection.is_open or connection.generation != self._generation:
            return "it was closed"
        if now - connection.opened > connection.lifetime:
            return f"it is older than pool.recycle ({self.options.pool.recycle:g} s)"
        if connection.needs_ping(now) and not connection.answers():
            self._drop_generation(connection)
            return "its link is dead"
        if connection.schema_mark is self._schema_mark:
            return None
        connection.schema_mark = self._schema_mark
        return connection.use_schema()

    # -- returning a connection

    def take_back(self, checkout: Checkout, connection: PooledConnection, session: Session) -> None:
        """Reset ``connection`` after its ``session`` was closed, and keep it. Close it if it cannot be used again.

        In both cases ``checkout``, which is the use of the connection, ends.
        """
        is_kept = False
        try:
            reason = connection.clean(session)
            if not connection.is_open and not session.was_cut and not session.cancelled:
                self._drop_generation(connection)
            if reason:
                logger.debug(f"{connection} is not kept: {reason}")
            else:
                is_kept = self._keep(checkout, connection)
        finally:
            if not is_kept:
                # in this order, so that never more than ``size`` connections are open
                session.end()
                self._release(checkout)

    def _keep(self, checkout: Checkout, connection: PooledConnection) -> bool:
        """End ``checkout``, make its ``connection`` idle and return True.

        Do nothing and return False if the pool has invalidated its connections since ``connection`` was opened, or if
        the pool has more than ``size`` connections.
        """
        with self._lock:
            if connection.generation != self._generation or self._used() + len(self._idle) > self._size():
                return False
            connection.idle_since = self._clock()
            self._idle.append(connection)
            self._checkouts.discard(checkout)
            self._serve_waiting()
            return True

    def _release(self, checkout: Checkout) -> None:
        """Remove ``checkout``, which waits for a connection or has one. Then serve the checkouts that wait."""
        with self._lock:
            self._checkouts.discard(checkout)
            self._waiting = [each for each in self._waiting if each is not checkout]
            self._serve_waiting()

    def _recover(self, checkout: Checkout) -> None:
        """Discard the connection of a session that was garbage-collected without being closed.

        The connection cannot be kept, because its state is unknown. The garbage collector may call this method in any
        thread at any time. So the method takes no lock, and it sends and logs nothing. Removing an object from a set is
        atomic, and ``SimpleQueue.put`` is reentrant.
        """
        if checkout in self._checkouts and checkout.connection is not None:
            checkout.connection.abandon()
            self._checkouts.discard(checkout)
            with contextlib.suppress(IndexError):
                self._waiting[0].wake_ups.put(None)

    # -- closing connections

    def invalidate(self) -> None:
        """Replace all connections: close the idle connections now, and each connection in use when it is given back."""
        logger.debug("all connections opened so far are replaced")
        self._invalidate_idle()

    def _drop_generation(self, connection: PooledConnection) -> None:
        """Invalidate all connections of the generation of ``connection``, which was lost.

        A generation consists of all connections opened between two invalidations. Do nothing if the pool already has a
        later generation, because the connections of the earlier one are invalid already.
        """
        if self._generation == connection.generation:
            logger.debug(f"{connection} has lost its link: connections as old as it are replaced")
            self._invalidate_idle(connection.generation)

    def _invalidate_idle(self, generation: int | None = None) -> None:
        """Close the idle connections now, and each connection in use when it is given back.

        Each call that closes connections begins a new generation of connections. ``generation`` is the number of the
        generation to close, or None for the current one. Do nothing if it is an earlier one, because an earlier call
        has closed it.
        """
        with self._lock:
            if generation not in (None, self._generation):
                return
            self._generation += 1
            idle, self._idle = self._idle, deque()
        for connection in idle:
            connection.close()

    def dispose(self) -> None:
        """Close the idle connections now, and each connection in use when it is given back.

        If no connection is in use, also close the connection to the bastion (SSH server). The pool can still be used: a
        later ``acquire`` opens new connections.
        """
        self._invalidate_idle()
        with self._lock:
            is_used = self._used() > 0
        if not is_used:
            self.connector.close()

    def note_schema(self, connection: PooledConnection) -> None:
        """Record that the profile's schema exists now and that it is the current database of ``connection``.

        Each other connection gets a USE of the schema before it is lent the next time.
        """
        self._schema_mark = connection.schema_mark = object()


@dataclass(eq=False)
class Checkout:
    """One use of a connection of the pool, from the start of the wait for a connection to its return.

    The session of this use calls ``take_back`` when it is closed, and ``note_schema`` after a successful USE of the
    profile's schema.

    ``until``: the end of the wait, as a time of the pool's clock. Checkouts are served in the order of this time.
    ``cancelled``: the event that ends the wait when it is set. ``connection``: the connection in use, or None before
    the pool has assigned one. ``refused_until``: the time before which this checkout opens no new connection, because
    the server has refused one with ServerBusy. ``is_alone``: the pool had no other connection at the time of this
    error. ``wake_ups``: a queue that gets an item when the wait may be over.
    """

    pool: SessionPool
    until: float
    cancelled: threading.Event | None
    connection: PooledConnection | None = None
    refused_until: float = 0
    is_alone: bool = True
    wake_ups: queue.SimpleQueue[None] = field(default_factory=queue.SimpleQueue)

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled is not None and self.cancelled.is_set()

    def take_back(self, session: Session) -> None:
        """Return the connection of the closed ``session`` to the pool."""
        if self.connection is not None:
            self.pool.take_back(self, self.connection, session)

    def note_schema(self) -> None:
        """Report to the pool that the profile's schema exists now."""
        if self.connection is not None:
            self.pool.note_schema(self.connection)
