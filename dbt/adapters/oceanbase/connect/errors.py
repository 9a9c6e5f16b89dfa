"""Errors of opening a session, and functions that classify errors of the driver.

Errors of the driver are classified by code and never by class, because PyMySQL raises ``OperationalError`` for almost
every code that it does not know. The classes of errors of opening a session::

    ConnectError                    has .code and .host
      HostUnreachable               no connection or answer in time, server starts or stops; another try may work
        HostUnknown                 the host name does not exist; only another host may work
      ServerBusy                    too many connections or no memory; a later try may work
      LoginRejected                 wrong password or missing right; neither another try nor another host helps
        TenantElsewhere             this server cannot serve the tenant; only another host may work
      TlsFailed                     wrong certificate or ssl_mode; another try does not help, plain text is not tried
        TlsNameMismatch             the server's certificate is for another name or address
      NotMySQL                      a server of another protocol listens on the port
      TunnelFailed                  no SSH tunnel through the bastion (SSH server); another try does not help
        TunnelUnreachable           the bastion does not answer now; another try may work
      PasswordCommandFailed         password_command failed, took too long or printed no password
      StepFailed                    a connect step, provided by another package, failed
      DiscoveryFailed               the server does not list the servers of its tenant
      PoolExhausted                 no connection of the pool became free within pool.timeout
      EngineFailed                  the embedded engine did not start or cannot be used
      SessionRejected               the server refused a session setting, or the driver does not know the character set

``SessionCancelled`` is no ``ConnectError``. It means that the run was cancelled and nothing was sent.
"""

from __future__ import annotations

import pymysql

MAX_TEXT = 280
"""Maximum characters of an error's text. With the words that dbt adds, the line has at most 300 characters."""


class ConnectError(Exception):
    """The base class of errors of opening a session.

    The arguments are ``text``, the reason and the remedy; ``code``, an error code of server or client, or None;
    ``host``, the address of the server or bastion; and ``limit``, the number of characters to which the text is
    shortened.

    Three attributes of each class say what may help. ``retryable``: another round over all hosts may work.
    ``capacity``: the server is full, and a later round may work when other sessions have ended. ``elsewhere``: another
    host may work at once.
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
    """The host name does not exist."""

    retryable = False


class ServerBusy(ConnectError):
    """The server refuses more connections, or has no memory for another connection."""

    retryable = True
    capacity = True
    elsewhere = True


class LoginRejected(ConnectError):
    """The server rejects the login."""


class TenantElsewhere(LoginRejected):
    """The tenant has no resource unit on this server (5150), or the server is read-only (1290)."""

    elsewhere = True


class TlsFailed(ConnectError):
    """TLS could not be set up as the options require."""


class TlsNameMismatch(TlsFailed):
    """The server's certificate is not issued for the name or address that is checked."""


class NotMySQL(ConnectError):
    """The server on this port does not speak the MySQL protocol."""


class TunnelFailed(ConnectError):
    """The SSH tunnel failed: host key, login or forwarding was refused, ``ssh`` is invalid, or paramiko is missing."""


class TunnelUnreachable(TunnelFailed):
    """The bastion does not answer now."""

    retryable = True


class PasswordCommandFailed(ConnectError):
    """``password_command`` failed, took too long or printed no password."""


class StepFailed(ConnectError):
    """A connect step, which is a hook that another package provides, failed. See ``opening.steps``."""


class DiscoveryFailed(ConnectError):
    """The server does not list the servers of its tenant. ``hosts: auto`` needs this list."""


class PoolExhausted(ConnectError):
    """No connection of the pool became free within ``pool.timeout``."""


class EngineFailed(ConnectError):
    """The embedded engine did not start or cannot be used, for example because it refuses a limit of the profile."""


class SessionRejected(ConnectError):
    """The server refused a session setting of the profile, or the driver does not know the character set."""


class SessionCancelled(Exception):
    """The run was cancelled before a statement was sent or a session was opened."""


LINK_LOST = frozenset(
    {
        1927,  # ER_CONNECTION_KILLED: the session was killed (proxies send this code)
        2006,  # CR_SERVER_GONE_ERROR: the statement could not be sent
        2013,  # CR_SERVER_LOST: no answer, or only a part of it
        2055,  # CR_SERVER_LOST_EXTENDED: as 2013, with the operating system's reason
        4064,  # OB_SESSION_KILLED: the session was killed while it waited for a DDL, and the DDL may go on
        5066,  # OB_ERR_SESSION_INTERRUPTED: the session was ended by KILL before the statement was sent
    }
)
"""Codes of errors after which the session is lost. Its last statement may have taken effect or not.

MySQL's code 4031 is not included, because it means something else in OceanBase.
"""

FATAL = range(8000, 9000)
"""Codes after which the client has to close the connection, according to OceanBase's ``ob_errno.def``.

After 8001 (initializing) the statement was not run. After 8002 (stopping) it may have been run, because the server also
ends running statements with this code. So a code of this range does not show whether the statement took effect.
"""

_WRONG_PACKET = "Packet sequence number wrong"

KILLED = 1317
"""Error code of a statement that KILL QUERY has ended. The session and its transaction survive."""


def one_line(text: str, limit: int = MAX_TEXT) -> str:
    """Return ``text`` on one line of at most ``limit`` characters. In a longer text, ``...`` replaces the middle.

    Each run of blanks and line ends becomes one blank. Blanks at both ends are removed.
    """
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    head = limit * 2 // 3
    return f"{flat[: head - 3]}...{flat[-(limit - head) :]}"


def code_of(error: BaseException) -> int | None:
    """Return the numeric code of an error of the driver, or None if ``error`` has no code or is another error."""
    first = error.args[0] if isinstance(error, pymysql.err.MySQLError) and error.args else None
    return first if isinstance(first, int) else None


def text_of(error: BaseException) -> str:
    """Return the text of ``error`` without the code that an error of the driver has.

    The text is the last argument of ``error``. It may be empty. If ``error`` has no arguments, return the name of its
    class.
    """
    return str(error.args[-1]) if error.args else type(error).__name__


def is_link_lost(error: BaseException) -> bool:
    """Check whether ``error`` means that the session is lost.

    This is true for the codes in LINK_LOST and FATAL, and for a protocol error (see ``is_protocol_error``). It is also
    true for code 0, because PyMySQL raises ``InterfaceError(0, '')`` if it has closed the socket itself. It is false
    for all errors that are not PyMySQL's, such as OSError.
    """
    code = code_of(error)
    if code is None:
        return is_protocol_error(error)
    return code == 0 or code in LINK_LOST or code in FATAL


def is_protocol_error(error: BaseException) -> bool:
    """Check whether ``error`` means that the server's answer was no MySQL packet, or had a wrong sequence number.

    PyMySQL raises this error without a code, so the text of ``error`` is checked.
    """
    return isinstance(error, pymysql.err.InternalError) and _WRONG_PACKET in str(error)
