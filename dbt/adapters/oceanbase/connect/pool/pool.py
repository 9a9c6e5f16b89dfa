"""Connections kept between uses: a ``QueuePool`` of SQLAlchemy's, by its public API, under rules of our own.

Three lifetimes: the pool of one set of options, a connection (``Kept``), and a ``Session``, which is one use of it.
SQLAlchemy knows slots and waiting; what makes a connection fit for its next use is decided here.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from ..errors import PoolExhausted, ServerBusy, SessionCancelled
from ..opening.connector import Connector
from ..session.session import Session
from .pooled_connection import LOOK, IdleConnections, Kept

if TYPE_CHECKING:
    from sqlalchemy.pool import PoolProxiedConnection, QueuePool

Event = Callable[[str], None]


def ignore_event(text: str) -> None:
    """Take an event and do nothing with it."""
    del text


LEAST = 3
"""Connections that a pool whose size nobody has named may have open: one thread, and what comes and goes beside it."""


class SessionPool:
    """Gives sessions for one set of options and takes their connections back; safe to share between threads.

    In ``connection_mode: new`` a session has a connection of its own, which ends with it.
    """

    def __init__(self, connector: Connector, clock: Callable[[], float] = time.monotonic) -> None:
        self.connector = connector
        self.options = connector.options
        self._clock = clock
        self._idle = IdleConnections()
        self._request = threading.local()
        # for what follows, and never held while something is sent or waited for
        self._lock = threading.Lock()
        self._owners: weakref.WeakKeyDictionary[object, int] = weakref.WeakKeyDictionary()
        self._lent: weakref.WeakSet[Session] = weakref.WeakSet()
        self._queue: QueuePool | None = None

    def __repr__(self) -> str:
        return f"<SessionPool of {self.connector!r}: {self.status()}>"

    def expect(self, owner: object, size: int) -> None:
        """Note that ``owner``, as long as it lives, needs up to ``size`` connections at the same time."""
        with self._lock:
            self._owners[owner] = size

    def is_used_by(self, owner: object) -> bool:
        """Tell whether ``owner`` has said what it needs."""
        with self._lock:
            return owner in self._owners

    @property
    def size(self) -> int:
        """Connections that may be open at the same time: ``pool.size``, or what the living owners need together."""
        with self._lock:
            return self._wanted()

    def _wanted(self) -> int:
        return self.options.pool.size or max(LEAST, sum(self._owners.values()))

    def status(self) -> str:
        """Say how many connections are in use and idle."""
        with self._lock:
            used = sum(not session.closed for session in self._lent)
            if self.options.connection_mode == "new":
                return f"{used} connections in use, none kept"
            return f"{used} of {self._wanted()} connections in use, {len(self._idle)} idle"

    # -- getting a session

    def acquire(self, on_event: Event = ignore_event, cancelled: threading.Event | None = None) -> Session:
        """Give a session on a connection that was idle, or on a new one; its ``close`` gives the connection back.

        Waits up to ``pool.timeout`` seconds while all are in use, until ``cancelled`` is set. Raises PoolExhausted
        after that, SessionCancelled, and what the connector raises.
        """
        if self.options.connection_mode == "new":
            session = self.connector.connect(cancelled=cancelled)
        else:
            session = self._check_out(on_event, cancelled)
        with self._lock:
            self._lent.add(session)
        return session

    def _check_out(self, on_event: Event, cancelled: threading.Event | None) -> Session:
        from sqlalchemy import exc

        self._request.on_event, self._request.cancelled, self._request.is_alone = on_event, cancelled, True
        until, tell = self._clock() + self.options.pool.timeout, on_event
        while True:
            queue = self._slots()
            try:
                slot = queue.connect()
            except exc.TimeoutError:
                if cancelled is not None and cancelled.is_set():
                    raise SessionCancelled("the run was cancelled: no connection is opened") from None
                if self._clock() >= until:
                    raise self._exhausted() from None
                tell(f"waiting for a connection: {self.status()}")
                tell = ignore_event
            except ServerBusy as error:
                if self._clock() >= until or self._request.is_alone or (cancelled and cancelled.is_set()):
                    raise
                on_event(f"the server has no room ({error.code}), waiting for a connection in use: {self.status()}")
                self._idle.await_one(cancelled)
            else:
                loan = _Loan(self, queue, slot, on_event)
                return loan.kept.lend(loan)

    def _is_alone(self) -> bool:
        # of a server without room another connection of ours is had sooner than a new one
        with self._lock:
            self._request.is_alone = not self._idle and all(session.closed for session in self._lent)
            return bool(self._request.is_alone)

    def _exhausted(self) -> PoolExhausted:
        remedy = "raise pool.size to threads + 2, or leave it out" if self.options.pool.size else "lower threads"
        seconds = self.options.pool.timeout
        return PoolExhausted(f"no connection became free within {seconds:g} s: all {self.size} are in use; {remedy}")

    def _slots(self) -> QueuePool:
        from sqlalchemy import event
        from sqlalchemy.pool import QueuePool

        outgrown: set[Kept] = set()
        with self._lock:
            size, queue = self._wanted(), self._queue
            if queue is None or size > queue.size():
                outgrown = self._idle.begin_generation()
                queue = self._queue = QueuePool(
                    cast("Any", self._open),
                    pool_size=size,
                    max_overflow=0,
                    timeout=LOOK,
                    use_lifo=True,
                    reset_on_return=None,
                )
                event.listen(queue, "checkout", self._checked_out)
                event.listen(queue, "checkin", self._checked_in)
        _close_all(outgrown)
        return queue

    def _open(self) -> Kept:
        schema_uses = self._idle.schema_uses
        request = self._request
        session = self.connector.connect(cancelled=request.cancelled, waits_when_full=self._is_alone)
        return Kept(session, self.options, self._clock(), self._idle.generation, schema_uses)

    def _checked_out(self, kept: Kept, record: Any, slot: Any) -> None:
        """Refuse a connection that is not fit for use: SQLAlchemy then opens another one in its slot."""
        from sqlalchemy import exc

        del record, slot
        # a new one is never refused: SQLAlchemy would give up
        if kept.is_new:
            kept.is_new = False
        elif reason := self._why_unfit(kept):
            self._request.on_event(f"replacing {kept}: {reason}")
            raise exc.DisconnectionError(reason)

    def _why_unfit(self, kept: Kept) -> str | None:
        if not self._idle.take(kept) or not kept.is_open:
            return "it was closed"
        now = self._clock()
        if now - kept.opened > kept.lifetime:
            return f"it is older than pool.recycle ({self.options.pool.recycle:g} s)"
        if kept.needs_ping(now) and not kept.answers():
            self._drop(kept, self._request.on_event)
            return "its link is dead"
        return kept.use_schema() if self._idle.has_schema_for(kept) else None

    # -- taking a connection back

    def _take_back(self, loan: _Loan, session: Session) -> None:
        is_kept = False
        try:
            reason = loan.kept.clean(session)
            if not loan.kept.is_open and not session.was_cut and not session.cancelled:
                self._drop(loan.kept, loan.on_event)
            is_kept = reason is None and loan.queue is self._queue and self._idle.add(loan.kept, self._clock())
            if reason:
                loan.on_event(f"{loan.kept} is not kept: {reason}")
        finally:
            if not is_kept:
                session.end()
            loan.slot.close()

    def _checked_in(self, kept: Kept | None, record: Any) -> None:
        """Drop a connection whose session was never closed: nobody knows what it was left with.

        The garbage collector may call this at any point of any thread, so it takes no lock and sends nothing.
        """
        del record
        if kept is not None and kept not in self._idle:
            kept.abandon()

    # -- ending connections

    def invalidate(self, on_event: Event = ignore_event) -> None:
        """Have every connection that is open now replaced before its next use."""
        on_event("all connections opened so far are replaced")
        _close_all(self._idle.begin_generation())

    def _drop(self, kept: Kept, on_event: Event) -> None:
        """Invalidate the generation of ``kept``, whose link was lost; once for all that find theirs lost."""
        if self._idle.generation == kept.generation:
            on_event(f"{kept} has lost its link: connections as old as it are replaced")
            _close_all(self._idle.begin_generation(after=kept.generation))

    def dispose(self) -> None:
        """End the idle connections; those in use end when they are given back. ``acquire`` opens new ones after it."""
        idle = self._idle.begin_generation()
        with self._lock:
            queue = self._queue
            is_used = any(not session.closed for session in self._lent)
            is_used = is_used or (queue is not None and queue.checkedout() > 0)
            if queue is not None and not is_used and queue.size() != self._wanted():
                self._queue = None
        _close_all(idle)
        if not is_used:
            self.connector.close()


class _Loan:
    """One use of a connection: the slot that it takes, and how both are given back."""

    def __init__(self, pool: SessionPool, queue: QueuePool, slot: PoolProxiedConnection, on_event: Event) -> None:
        self.pool = pool
        self.queue = queue
        self.slot = slot
        self.kept = cast("Kept", slot.dbapi_connection)
        self.on_event = on_event

    def take_back(self, session: Session) -> None:
        self.pool._take_back(self, session)

    def schema_is_there(self) -> None:
        self.pool._idle.note_schema(self.kept)


def _close_all(connections: set[Kept]) -> None:
    for kept in connections:
        kept.close()
