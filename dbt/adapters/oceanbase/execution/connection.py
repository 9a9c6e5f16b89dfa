"""dbt's connection. Its handle is a session from the connection pool of the profile."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from dbt.adapters.base.connections import BaseConnectionManager
from dbt.adapters.contracts.connection import Connection, ConnectionState, Identifier
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.exceptions import FailedToConnectError
from dbt_common.exceptions import DbtRuntimeError

from ..connect import ConnectError, Session, SessionCancelled, pool_of, pools_of
from ..connect.control import lost_answers
from ..sql.statement import Statement

if TYPE_CHECKING:
    from ..credentials import OceanBaseCredentials
    from .node_settings import NodeSettings

logger = AdapterLogger("OceanBase")

MAIN_THREAD_CONNECTIONS = 2
"""Connections that a run needs in addition to one per thread.

dbt's main thread has one, and a second one is open while dbt lists relations.
"""


class OceanBaseConnection(Connection):
    """A connection of dbt, used by one thread. If it is open, its handle is a session, a connection to the server.

    ``manager`` is the connection manager that made it. ``cancelled`` is set when the connection is cancelled. After
    that, nothing is opened or sent for it, except to end its running statement and to drop the relations that its node
    leaves behind. ``is_out_of_reach`` is set if the server could not be reached to drop these relations. ``settings``
    are the settings of the node that uses the connection, or None. ``keeps_transaction`` is set by
    ``keeping_transaction``.
    """

    def __init__(
        self, name: str, credentials: OceanBaseCredentials, manager: BaseConnectionManager | None = None
    ) -> None:
        super().__init__(type=Identifier("oceanbase"), name=name, credentials=credentials)
        self.cancelled = threading.Event()
        self.is_out_of_reach = False
        self.keeps_transaction = False
        self.settings: NodeSettings | None = None
        self._manager = None if manager is None else weakref.ref(manager)

    @property
    def profile(self) -> OceanBaseCredentials:
        """The credentials of the profile."""
        return cast("OceanBaseCredentials", self.credentials)

    @property
    def session_if_open(self) -> Session | None:
        """The session, even if it is closed or lost by now, or None if no session has been opened."""
        return self._handle if isinstance(self._handle, Session) else None

    def session(self) -> Session:
        """Return the session. If none was opened yet, or if it was closed, open one first.

        A lost session is returned as it is. Raise FailedToConnectError if no session can be opened, and DbtRuntimeError
        if the connection was cancelled.
        """
        if self.state == ConnectionState.CLOSED:
            self.open()
        return cast("Session", self.handle)

    def open(self) -> None:
        """Open a session from the pool of the profile, make it the handle of this connection, and set the state OPEN.

        Raise FailedToConnectError if no session can be opened. Its text is one line with the server's address, the code
        and the remedy. Raise DbtRuntimeError if the connection was cancelled. After an error the state is FAIL.
        """
        session = None
        try:
            if not self.cancelled.is_set():
                pool = pool_of(self.profile.options())
                manager = self._manager() if self._manager is not None else None
                if manager is not None:
                    pool.expect(manager, manager.profile.threads + MAIN_THREAD_CONNECTIONS)
                session = pool.acquire(self.cancelled)
                lost_answers.watch(session, pool.connector, _lock_wait(self.profile))
        except ConnectError as error:
            self.handle = None
            self.state = ConnectionState.FAIL
            raise FailedToConnectError(str(error)) from error
        except SessionCancelled:
            self.cancelled.set()
        self.handle = session
        # checked after the handle is set, because a cancel first sets the event and then looks for a handle
        if session is None or self.cancelled.is_set():
            self.state = ConnectionState.FAIL
            raise DbtRuntimeError("the run was cancelled: no further connection is opened")
        self.state = ConnectionState.OPEN

    def discard_session(self) -> None:
        """Close the session without sending anything. The next use of this connection opens a new session."""
        session = self.session_if_open
        if session is not None:
            # abandoned first, because the socket may still be open if an answer of the server reported the loss
            session.connection.abandon()
            session.close()
        self.state = ConnectionState.CLOSED

    def fail_with(self, lost: Session) -> None:
        """Make ``lost``, a lost session, the session of this connection again, and set the connection's state to FAIL.

        ``lost`` takes the place of a new session that could not be used. The node then fails with the error with which
        ``lost`` was lost.
        """
        if self.session_if_open is not None:
            self.session_if_open.close()
        self.handle, self.state = lost, ConnectionState.FAIL

    @contextlib.contextmanager
    def keeping_transaction(self) -> Iterator[None]:
        """Return a context manager in whose body the transaction stays open if the server refuses a statement.

        The caller rolls back after a refusal, or goes on in the transaction. If the session is lost, the transaction
        ends as usual.
        """
        before, self.keeps_transaction = self.keeps_transaction, True
        try:
            yield
        finally:
            self.keeps_transaction = before

    def roll_back(self) -> None:
        """Roll back the transaction if the server has one open. Do not open a session for this.

        A transaction that dbt has begun ends, even if BEGIN was never sent. An error of the ROLLBACK is only logged. If
        no session has been opened, do nothing.
        """
        session = self.session_if_open
        if session is not None:
            if session.in_transaction:
                BaseConnectionManager._rollback_handle(self)
            self.transaction_open = False

    def end_transaction(self) -> None:
        """End the transaction after a statement has failed.

        If the session is usable, roll back, but not in the body of ``keeping_transaction``. If it is not usable, the
        server rolls back by itself, and the state of this connection becomes FAIL.
        """
        session = self.session_if_open
        if session is not None and not session.is_usable:
            self.state = ConnectionState.FAIL
            self.transaction_open = False
        elif session is None or not self.keeps_transaction:
            self.roll_back()


def _lock_wait(profile: OceanBaseCredentials) -> Callable[[str], float]:
    """Return a function that returns for how many seconds the server may let a statement wait for a row lock."""
    return lambda sql: profile.lock_timeout if Statement(sql).may_wait_for_rows else 0


def close_idle_connections(manager: BaseConnectionManager) -> None:
    """Close the idle connections of all pools that ``manager`` uses.

    A connection that is in use now is closed when it is given back. Another manager that uses the same pool opens new
    connections when it needs them.
    """
    for pool in pools_of(manager):
        logger.debug(f"closing the idle connections of {pool}")
        pool.dispose()
