"""Errors of opening a session, and the classes of driver errors.

Driver errors are classified by code, never by class: PyMySQL raises ``OperationalError`` for almost every code that it
does not know. The class tree::

    ConnectError                    carries .code and .host
      HostUnreachable               no TCP, no answer in time, server starting or stopping: another try may work
        HostUnknown                 no such name: only another host may work
      ServerBusy                    too many connections, no memory: a later try may work
      LoginRejected                 password, rights: neither another try nor another host helps
        TenantElsewhere             only another host may have the tenant
      TlsFailed                     certificate or mode: another try does not help; never continued without TLS
      NotMySQL                      another kind of server listens on the port
      TunnelFailed                  the bastion does not let the connection through: another try does not help
        TunnelUnreachable           the bastion does not answer now: another try may work
      PasswordCommandFailed         password_command printed no password
      StepFailed                    a step of another package failed
      DiscoveryFailed               the server does not show the servers of its tenant
      PoolExhausted                 no connection of the pool became free within pool.timeout
      EngineFailed                  the embedded engine did not start
      SessionRejected               the server refused a session setting

``SessionCancelled`` is not one of them: the statement was not sent because the run was cancelled.
"""

from __future__ import annotations

import pymysql

MAX_TEXT = 280
"""Characters of an error's text, which dbt shows on one line of at most 300."""


class ConnectError(Exception):
    """A connection could not be opened. ``code`` is the server's or client's code, or None; ``host`` is the address.

    ``retryable``: another round may work. ``capacity``: a later round may work, when others have finished.
    ``elsewhere``: another host may work at once.
    """

    retryable = False
    capacity = False
    elsewhere = False

    def __init__(self, text: str, code: int | None = None, host: str = "", limit: int = MAX_TEXT) -> None:
        super().__init__(one_line(text, limit))
        self.code = code
        self.host = host


class HostUnreachable(ConnectError):
    """The server cannot be reached now."""

    retryable = True
    elsewhere = True


class HostUnknown(HostUnreachable):
    """The host's name does not exist."""

    retryable = False


class ServerBusy(ConnectError):
    """The server refuses more connections, or has no memory for another one."""

    retryable = True
    capacity = True
    elsewhere = True


class LoginRejected(ConnectError):
    """The server rejects the login."""


class TenantElsewhere(LoginRejected):
    """The tenant has no unit on this server (5150)."""

    elsewhere = True


class TlsFailed(ConnectError):
    """TLS could not be set up as the options require."""


class NotMySQL(ConnectError):
    """The server on this port does not speak the MySQL protocol."""


class TunnelFailed(ConnectError):
    """The bastion does not let the connection through: its host key, the login, or forwarding is refused."""


class TunnelUnreachable(TunnelFailed):
    """The bastion does not answer now."""

    retryable = True


class PasswordCommandFailed(ConnectError):
    """``password_command`` printed no password."""


class StepFailed(ConnectError):
    """A step of another package failed."""


class DiscoveryFailed(ConnectError):
    """The server does not show the servers of its tenant (``hosts: auto``)."""


class PoolExhausted(ConnectError):
    """No connection of the pool became free within ``pool.timeout``."""


class EngineFailed(ConnectError):
    """The embedded engine could not be started."""


class SessionRejected(ConnectError):
    """The server refused the session settings of the profile."""


class SessionCancelled(Exception):
    """The run was cancelled: nothing was sent."""


LINK_LOST = frozenset(
    {
        1927,  # ER_CONNECTION_KILLED: a proxy's code for a session that was killed
        2006,  # CR_SERVER_GONE_ERROR: the statement could not be sent
        2013,  # CR_SERVER_LOST: no answer, or only a part of it
        2055,  # CR_SERVER_LOST_EXTENDED: the same, with the system's reason
        4064,  # OB_SESSION_KILLED: while it waited for a DDL, which may go on
        5066,  # OB_ERR_SESSION_INTERRUPTED: a statement was sent on a session that KILL has ended
    }
)
"""Codes for a lost session. Its last statement may have taken effect or not.

MySQL's 4031 is not one of them: in OceanBase it means something else.
"""

FATAL = range(8000, 9000)
"""Codes after which the client has to close the connection, by OceanBase's ``ob_errno.def``: the link is lost.

8001 (initializing) refuses a statement. 8002 (stopping) may also end one that is running, so the code does not say what
the statement has done by then.
"""

_WRONG_PACKET = "Packet sequence number wrong"

KILLED = 1317
"""The statement was ended by KILL QUERY; session and transaction survive."""


def one_line(text: str, limit: int = MAX_TEXT) -> str:
    """Return ``text`` on one line of at most ``limit`` characters; the middle of a longer text is cut out."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    head = limit * 2 // 3
    return f"{flat[: head - 3]}...{flat[-(limit - head) :]}"


def code_of(error: BaseException) -> int | None:
    """Return the numeric code of a driver error, or None if it has none."""
    first = error.args[0] if isinstance(error, pymysql.err.MySQLError) and error.args else None
    return first if isinstance(first, int) else None


def text_of(error: BaseException) -> str:
    """Return the text of a driver error without its code."""
    return str(error.args[-1]) if error.args else type(error).__name__


def is_link_lost(error: BaseException) -> bool:
    """Check whether the session is lost. PyMySQL raises InterfaceError(0, '') for a socket that it has closed."""
    code = code_of(error)
    if code is None:
        return is_protocol_error(error)
    return code == 0 or code in LINK_LOST or code in FATAL


def is_protocol_error(error: BaseException) -> bool:
    """Check whether the server sent no packet of the protocol, or not the next one. PyMySQL has no code for that."""
    return isinstance(error, pymysql.err.InternalError) and _WRONG_PACKET in str(error)
