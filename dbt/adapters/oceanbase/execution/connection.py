"""dbt's connections and the sessions behind them: opened from the profile's pool, which all of a process share."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, cast

from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.exceptions import FailedToConnectError
from dbt_common.exceptions import DbtRuntimeError

from ..connect import ConnectError, SessionCancelled, pool_of, pools_of
from ..connect.control import lost_answers
from .cancel import cancelled

if TYPE_CHECKING:
    from dbt.adapters.base.connections import BaseConnectionManager

    from ..credentials import OceanBaseCredentials

logger = AdapterLogger("OceanBase")

BESIDE_THREADS = 2
"""Connections that a run needs beside one for each thread: dbt's main thread has one, and lists relations meanwhile."""


def belongs_to(connection: Connection, manager: BaseConnectionManager) -> None:
    """Note whose ``connection`` is, for the size of the pool; it stands beside dbt's own fields."""
    vars(connection)["manager"] = weakref.ref(manager)


def open_session(connection: Connection) -> None:
    """Give ``connection`` a session from its profile's pool.

    Raises FailedToConnectError with one line that names the place, the code and the remedy, and DbtRuntimeError
    where the connection was cancelled before.
    """
    mark, session = cancelled(connection), None
    try:
        if not mark.is_set():
            pool = pool_of(cast("OceanBaseCredentials", connection.credentials).options())
            manager = vars(connection).get("manager", lambda: None)()
            if manager is not None:
                pool.expect(manager, manager.profile.threads + BESIDE_THREADS)
            session = pool.acquire(logger.debug, mark)
            lost_answers.watch(session, pool.connector)
    except ConnectError as error:
        connection.handle = None
        connection.state = ConnectionState.FAIL
        raise FailedToConnectError(str(error)) from error
    except SessionCancelled:
        mark.set()
    connection.handle = session
    # asked after the handle is there: who cancels sets the mark first and looks for a handle then
    if session is None or mark.is_set():
        connection.state = ConnectionState.FAIL
        raise DbtRuntimeError("the run was cancelled: no further connection is opened")
    connection.state = ConnectionState.OPEN


def dispose(manager: BaseConnectionManager) -> None:
    """End the connections that ``manager`` has left idle; other managers that share them go on with new ones."""
    for pool in pools_of(manager):
        logger.debug(f"closing the idle connections of {pool}")
        pool.dispose()
