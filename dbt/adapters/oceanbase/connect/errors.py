"""What can go wrong between the profile and an open session.

Errors are told apart by code, never by class: PyMySQL raises ``OperationalError`` for almost every code it does
not know. The tree::

    ConnectError                    carries .code and .host
      HostUnreachable               no TCP, no answer in time, server starting or stopping: worth another try
        HostUnknown                 no such name: only another host may do better
      ServerBusy                    too many connections, no memory: worth a later try
      LoginRejected                 password, rights: never worth another try, nor another host
        TenantElsewhere             only another host may have the tenant
      TlsFailed                     certificate or mode: never worth another try, never downgraded
      NotMySQL                      something else listens there
      TunnelFailed                  the bastion does not let this link through: never worth another try
        TunnelUnreachable           the bastion does not answer now: worth another try
      PasswordCommandFailed         password_command gave no password
      StepFailed                    a step of another package failed
      DiscoveryFailed               the server does not show the servers of its tenant
      PoolExhausted                 no connection of the pool became free in time
      EngineFailed                  the embedded engine did not start
      SessionRejected               the server refused a session setting

``SessionCancelled`` stands beside it: not sent, because the run was cancelled.
"""

from __future__ import annotations

import pymysql

MAX_TEXT = 280
"""Characters of an error's text: dbt shows it on one line of at most 300."""


class ConnectError(Exception):
    """A connection could not be opened. ``code`` is the server's or client's code, or None; ``host`` the place.

    ``retryable``: another round may work. ``capacity``: a later one. ``elsewhere``: another host may work at once.
    """

    retryable = False
    capacity = False
    elsewhere = False

    def __init__(self, text: str, code: int | None = None, host: str = "", limit: int = MAX_TEXT) -> None:
        super().__init__(one_line(text, limit))
        self.code = code
        self.host = host


class HostUnreachable(ConnectError):
    """The place cannot be reached now."""

    retryable = True
    elsewhere = True


class HostUnknown(HostUnreachable):
    """The host's name does not exist."""

    retryable = False


class ServerBusy(ConnectError):
    """The server refuses more connections or has no memory for one."""

    retryable = True
    capacity = True
    elsewhere = True


class LoginRejected(ConnectError):
    """The server does not let this user in."""


class TenantElsewhere(LoginRejected):
    """The tenant has no unit on this server (5150)."""

    elsewhere = True


class TlsFailed(ConnectError):
    """The link could not be secured as asked."""


class NotMySQL(ConnectError):
    """The port does not speak the MySQL protocol."""


class TunnelFailed(ConnectError):
    """The bastion does not let this link through: host key, login, or a place it cannot reach."""


class TunnelUnreachable(TunnelFailed):
    """The bastion does not answer now."""

    retryable = True


class PasswordCommandFailed(ConnectError):
    """``password_command`` ended without a password."""


class StepFailed(ConnectError):
    """A step that another package added to the pipeline failed."""


class DiscoveryFailed(ConnectError):
    """The server does not show the servers of its tenant (``hosts: auto``)."""


class PoolExhausted(ConnectError):
    """No connection of the pool became free in time."""


class EngineFailed(ConnectError):
    """The embedded engine could not be started."""


class SessionRejected(ConnectError):
    """The server refused the session settings of the profile."""


class SessionCancelled(Exception):
    """The session was cancelled: the statement was not sent."""


LINK_LOST = frozenset(
    {
        1927,  # ER_CONNECTION_KILLED: what a proxy says of a session that somebody killed
        2006,  # CR_SERVER_GONE_ERROR: the statement could not be sent
        2013,  # CR_SERVER_LOST: no answer, or the beginning of one
        2055,  # CR_SERVER_LOST_EXTENDED: the same, with the system's reason
        4064,  # OB_SESSION_KILLED: while it waited for a DDL, which may go on without it
        5066,  # OB_ERR_SESSION_INTERRUPTED: what is asked on a session that KILL has ended
    }
)
"""The session is gone, and its last statement may have taken effect or not. MySQL's 4031 means something else here."""

FATAL = range(8000, 9000)
"""After these codes the client has to close the connection, says OceanBase's ``ob_errno.def``: the link is lost.

8001 (initializing) refuses a statement, but 8002 (stopping) also ends one that is under way, where it finds the server
stopping: nobody can tell from the code what has been done by then.
"""

_OUT_OF_STEP = "Packet sequence number wrong"

KILLED = 1317
"""The statement was ended by KILL QUERY; session and transaction survive."""


def one_line(text: str, limit: int = MAX_TEXT) -> str:
    """Give ``text`` on one line of at most ``limit`` characters, its middle cut out when longer."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    head = limit * 2 // 3
    return f"{flat[: head - 3]}...{flat[-(limit - head) :]}"


def code_of(error: BaseException) -> int | None:
    """Give the numeric code of a driver error, or None where it has none."""
    first = error.args[0] if isinstance(error, pymysql.err.MySQLError) and error.args else None
    return first if isinstance(first, int) else None


def text_of(error: BaseException) -> str:
    """Give the text of a driver error without its code."""
    return str(error.args[-1]) if error.args else type(error).__name__


def is_link_lost(error: BaseException) -> bool:
    """Tell whether the session is gone. PyMySQL says InterfaceError(0, '') for a socket it has closed itself."""
    code = code_of(error)
    if code is None:
        return is_out_of_step(error)
    return code == 0 or code in LINK_LOST or code in FATAL


def is_out_of_step(error: BaseException) -> bool:
    """Tell whether what came was no packet of the protocol, or not the next one; PyMySQL gives that no code."""
    return isinstance(error, pymysql.err.InternalError) and _OUT_OF_STEP in str(error)
