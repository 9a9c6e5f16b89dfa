"""Cancel dbt's connections: end their statements, and let none of them open or send anything more."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..connect import ConnectError, Connector, Session
from ..connect.control import kill
from ..connect.control.control_connection import open_control_connection
from ..connect.opening import password
from ..connect.transport.deadline import Deadline

if TYPE_CHECKING:
    from .connection import OceanBaseConnection

CLEAN_UP_SECONDS = 4.0
"""Limit for dropping one leftover after a cancel. A user waits for it, and the next run drops the leftover as well."""


def cancel(connections: Sequence[OceanBaseConnection], connector: Connector) -> None:
    """Cancel ``connections`` and wait for it, at most ``CONTROL_SECONDS``. Unopened handles stay unopened.

    Raise nothing but KeyboardInterrupt; after one, no link that had a statement under way is left.
    """
    # set before the sessions are collected: a thread that opens a session or sends a statement makes that visible
    # first and checks these marks afterwards
    for connection in connections:
        connection.cancelled.set()
    sessions = [session for connection in connections if (session := connection.session_if_open) is not None]
    for session in sessions:
        session.cancelled = True
    password.end_commands()
    kill.end_statements(sessions, connector)


@contextlib.contextmanager
def cleaning_session(connection: OceanBaseConnection, connector: Connector) -> Iterator[Session]:
    """Yield a session to clean up after ``connection``: its own, or a new one if its own has lost the link.

    After a cancel the session is cut off after CLEAN_UP_SECONDS. Raise ConnectError if no session can be opened; after
    a cancel also if the connection was never opened, or if its server did not answer the last time.
    """
    session, is_cancelled = connection.session_if_open, connection.cancelled.is_set()
    if session is not None and session.is_usable:
        with Deadline(session.link, CLEAN_UP_SECONDS) if is_cancelled else contextlib.nullcontext():
            yield session
    elif not is_cancelled:
        with contextlib.closing(connector.connect_once()) as fresh:
            yield fresh
    elif session is not None and not connection.is_out_of_reach:
        connection.is_out_of_reach = True
        with open_control_connection(connector, session.endpoint, CLEAN_UP_SECONDS) as control:
            connection.is_out_of_reach = False
            yield control.session
    else:
        raise ConnectError("the run was cancelled: no further connection is opened")
