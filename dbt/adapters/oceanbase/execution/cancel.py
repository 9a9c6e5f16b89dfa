"""Cancel dbt's connections: end their statements, and prevent them from opening or sending anything more."""

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
"""Time limit in seconds for dropping one leftover relation after a cancel.

It is short because a user waits, and because the next run would drop the relation, too.
"""


def cancel(connections: Sequence[OceanBaseConnection], connector: Connector) -> None:
    """Cancel ``connections``, and wait until their statements have ended.

    The wait takes at most CONTROL_SECONDS (8 s). ``connector`` opens the short control connections by which the
    statements are ended, as the profile's ``cancel_method`` says. From the start of this call, the connections open no
    session, except to drop leftover relations, and send only statements that clean up. All password commands that this
    process is running are killed. Raise nothing but KeyboardInterrupt. After a KeyboardInterrupt, every connection on
    which a statement was running is shut down.
    """
    # set before the sessions are collected, because another thread first makes visible that it opens a session or
    # sends a statement, and then checks these flags
    for connection in connections:
        connection.cancelled.set()
    sessions = [session for connection in connections if (session := connection.session_if_open) is not None]
    for session in sessions:
        session.cancelled = True
    password.end_commands()
    kill.end_statements(sessions, connector)


@contextlib.contextmanager
def cleaning_session(connection: OceanBaseConnection, connector: Connector) -> Iterator[Session]:
    """Return a context manager whose session can drop the relations that a failed node of ``connection`` leaves behind.

    The session is the connection's own session if that is usable. Otherwise ``connector`` opens a new session, which is
    closed after the body. Raise ConnectError if no session can be opened.

    If ``connection`` was cancelled, its own session runs only statements with ``cleans_up=True`` (see ``Session.run``),
    and the session is shut down if the body takes longer than CLEAN_UP_SECONDS. In this case no new session is opened
    if ``connection`` never had one, or if its server could not be reached in an earlier call. ConnectError is raised
    instead.
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
