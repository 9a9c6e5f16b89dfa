"""Cancelling dbt's connections: none opens or sends anything more, and what they run is ended."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..connect import ConnectError, Connector, Session
from ..connect.control import kill
from ..connect.control.control_connection import open_control_connection
from ..connect.opening import password
from ..connect.transport.deadline import Deadline

if TYPE_CHECKING:
    from dbt.adapters.contracts.connection import Connection

CLEAN_UP_SECONDS = 4.0
"""For each leftover that is dropped after a cancel; a user waits for it, and the next run drops it as well."""


def cancelled(connection: Connection) -> threading.Event:
    """Give the mark that ``connection`` is cancelled; it stands beside dbt's own fields."""
    event: threading.Event = vars(connection).setdefault("cancelled", threading.Event())
    return event


def cancel(connections: Sequence[Connection], connector: Connector) -> None:
    """Cancel ``connections`` and wait for it, at most ``CONTROL_SECONDS``; handles that were never opened stay so.

    Marks are set before what runs is looked for: who opens
    or sends looks for the mark after it is visible itself. Raises nothing but KeyboardInterrupt, after which no link
    of ``connections`` that was at work is left.
    """
    for connection in connections:
        cancelled(connection).set()
    sessions = [connection._handle for connection in connections if isinstance(connection._handle, Session)]
    for session in sessions:
        session.cancelled = True
    password.end_commands()
    kill.end_statements(sessions, connector)


@contextlib.contextmanager
def cleaning_session(connection: Connection, connector: Connector) -> Iterator[Session]:
    """Give a session to clean up with after ``connection``: its own, or a fresh one where that has lost its link.

    After a cancel it is cut in CLEAN_UP_SECONDS; a connection that was never opened, or whose server did not answer
    the last time, gets none. Raises ConnectError.
    """
    session, is_cancelled = connection._handle, cancelled(connection).is_set()
    if isinstance(session, Session) and session.is_usable:
        with Deadline(session.link, CLEAN_UP_SECONDS) if is_cancelled else contextlib.nullcontext():
            yield session
    elif not is_cancelled:
        with contextlib.closing(connector.connect_once()) as fresh:
            yield fresh
    elif isinstance(session, Session) and not vars(connection).get("is_out_of_reach"):
        vars(connection)["is_out_of_reach"] = True
        with open_control_connection(connector, session.endpoint, CLEAN_UP_SECONDS) as control:
            vars(connection)["is_out_of_reach"] = False
            yield control.session
    else:
        raise ConnectError("the run was cancelled: no further connection is opened")
