"""Error codes of the server and the client, with the meaning of each and a remedy.

A code may mean one thing while a session is opened, and another thing for a statement.
"""

from __future__ import annotations

import socket
import ssl
import struct
from typing import NamedTuple

from .errors import (
    ConnectError,
    HostUnknown,
    HostUnreachable,
    LoginRejected,
    NotMySQL,
    ServerBusy,
    TenantElsewhere,
    TlsFailed,
    TlsNameMismatch,
    code_of,
    is_protocol_error,
    one_line,
    text_of,
)
from .options import Endpoint

MAX_PLACE = 80
"""Maximum characters of a server's address in an error's text.

A longer address is shortened in the middle. So the code and the remedy, which follow the address, also fit into the
text.
"""

MAX_LOGIN = 60
"""Maximum characters of a user name in an error's text. A longer name is shortened in the middle."""


class Opening(NamedTuple):
    """What an error code means while a session is opened.

    ``error`` is the class of the error to raise. ``meaning`` and ``remedy`` are parts of its text.
    """

    error: type[ConnectError]
    meaning: str
    remedy: str


_PASSWORD = "check user, password and, on a cluster, tenant and cluster (user@tenant#cluster)"
_STARTING = "wait until it is ready, or raise connect_retries and connect_retry_deadline"
_NETWORK = "check host, port (observer 2881, ODP 2883) and that the server is running"
_ELSEWHERE = "check tenant and hosts, or connect through ODP"
_TENANT = "check tenant, or the name after @ in user"
_CLUSTER = "check cluster, or the name after # in user"
_SCHEMA = "grant the user rights on schema"
_RIGHT = "grant the user the right it lacks"
_CLIENT = "create the user for this host"
_TLS = "set ssl_mode, or turn TLS on in the server"
_NATIVE = "use mysql_native_password"
_GUARDED = "use mysql_native_password, or ssl_mode verify_ca"
_BUSY = "lower threads, or raise the server's connection limit"

OPENING: dict[int, Opening] = {
    # another try may work, on any host, after a lost connection, a start or stop, or a change of the leader replica
    2002: Opening(HostUnreachable, "cannot connect", _NETWORK),  # CR_CONNECTION_ERROR
    2003: Opening(HostUnreachable, "cannot connect", _NETWORK),  # CR_CONN_HOST_ERROR
    2006: Opening(HostUnreachable, "the server closed the link", _NETWORK),  # CR_SERVER_GONE_ERROR
    2013: Opening(HostUnreachable, "the link was lost during login", _NETWORK),  # CR_SERVER_LOST
    2055: Opening(HostUnreachable, "the link was lost", _NETWORK),  # CR_SERVER_LOST_EXTENDED
    1053: Opening(HostUnreachable, "the server is shutting down", _STARTING),  # ER_SERVER_SHUTDOWN
    4012: Opening(HostUnreachable, "the login timed out in the server", _STARTING),  # OB_TIMEOUT
    4038: Opening(HostUnreachable, "the server is not the leader now", _STARTING),  # OB_NOT_MASTER
    4654: Opening(HostUnreachable, "the leader's location is not known now", _STARTING),  # OB_LOCATION_LEADER_NOT_EXIST
    8001: Opening(HostUnreachable, "the server is initializing", _STARTING),  # OB_SERVER_IS_INIT
    8002: Opening(HostUnreachable, "the server is stopping", _STARTING),  # OB_SERVER_IS_STOPPING
    # a later try may work, when other sessions have ended
    1040: Opening(ServerBusy, "too many connections", _BUSY),  # ER_CON_COUNT_ERROR, also sent for OceanBase's 5271
    1203: Opening(ServerBusy, "too many connections of this user", _BUSY),  # ER_TOO_MANY_USER_CONNECTIONS
    1226: Opening(ServerBusy, "too many connections of this user", _BUSY),  # ER_USER_LIMIT_REACHED
    4013: Opening(ServerBusy, "the server has no memory left", _BUSY),  # OB_ALLOCATE_MEMORY_FAILED
    4019: Opening(ServerBusy, "a queue of the server is full", _BUSY),  # OB_SIZE_OVERFLOW
    4030: Opening(ServerBusy, "the tenant has no memory left", _BUSY),  # OB_EXCEED_MEM_LIMIT
    # only another host may work
    1290: Opening(TenantElsewhere, "the server is read-only", _ELSEWHERE),  # ER_OPTION_PREVENTS_STATEMENT
    5150: Opening(TenantElsewhere, "the tenant is not on this server", _ELSEWHERE),  # OB_TENANT_NOT_IN_SERVER
    # not tried again, because the server would give the same answer and could lock the account
    1044: Opening(LoginRejected, "no right to use the database", _SCHEMA),  # ER_DBACCESS_DENIED_ERROR
    1045: Opening(LoginRejected, "access denied", _PASSWORD),  # ER_ACCESS_DENIED_ERROR
    1049: Opening(LoginRejected, "unknown database", "check schema"),  # ER_BAD_DB_ERROR
    1130: Opening(LoginRejected, "this client host is not allowed", _CLIENT),  # ER_HOST_NOT_PRIVILEGED
    1227: Opening(LoginRejected, "access denied", _RIGHT),  # ER_SPECIFIC_ACCESS_DENIED_ERROR
    1251: Opening(LoginRejected, "the authentication protocol is not supported", _NATIVE),  # ER_NOT_SUPPORTED_AUTH_MODE
    1524: Opening(LoginRejected, "the authentication plugin is not loaded", _NATIVE),  # ER_PLUGIN_IS_NOT_LOADED
    2059: Opening(LoginRejected, "the password was not given away", _GUARDED),  # CR_AUTH_PLUGIN_CANNOT_LOAD
    2061: Opening(LoginRejected, "authentication failed", _PASSWORD),  # CR_AUTH_PLUGIN_ERR
    4669: Opening(LoginRejected, "no such cluster", _CLUSTER),  # OB_CLUSTER_NOT_EXIST
    5157: Opening(LoginRejected, "no such tenant", _TENANT),  # OB_TENANT_NOT_EXIST
    # not tried again, because only a try without TLS could work
    2026: Opening(TlsFailed, "the server offers no TLS", _TLS),  # CR_SSL_CONNECTION_ERROR
}
"""What each known error code means while a session is opened, by code.

An error with any other code becomes a plain ``ConnectError``. The codes are from MySQL's client and server and from
OceanBase's ``ob_errno.def``. Code 4669 is from ODP (OceanBase Database Proxy).
"""


class StatementMeaning(NamedTuple):
    """What an error code means if a statement fails with it, and the remedy. The error that the user sees has both.

    For a missing right (``execution.errors.NO_RIGHTS``), the user sees the server's own text instead of the meaning.
    """

    meaning: str
    remedy: str


STATEMENT: dict[int, StatementMeaning] = {
    1044: StatementMeaning("no right to use the schema", "grant the user rights on that schema"),
    1048: StatementMeaning(
        "a column refuses NULL, as declared or as CREATE TABLE ... AS made it of values without NULL",
        "correct the rows, or alter the column, or run with --full-refresh",
    ),
    1142: StatementMeaning("no right to do this", "grant the user that right"),
    1143: StatementMeaning("no right to do this", "grant the user that right"),
    1149: StatementMeaning(
        "this server takes one statement at a time, and sees one in a comment with a semicolon",
        "take semicolons out of comments, or correct the privilege's name",
    ),
    # not repeated, because the statement would be as large again
    1153: StatementMeaning("the statement is larger than max_allowed_packet", "raise it in the server"),
    1205: StatementMeaning("another transaction holds the lock", "rerun, or raise lock_timeout"),
    1213: StatementMeaning("deadlock with another transaction", "rerun with dbt retry"),
    1227: StatementMeaning("no right to do this", "grant the user that right"),
    1235: StatementMeaning("this server does not support the form", "see docs of the config used"),
    1451: StatementMeaning(
        "rows of another table refer to these by a foreign key",
        "use incremental_strategy merge, which keeps rows in their place, or correct the other table first",
    ),
    # KILL QUERY ended the statement on purpose
    1317: StatementMeaning("the statement was cancelled", "rerun with dbt retry"),
    1370: StatementMeaning("no right to do this", "grant the user that right"),
    1406: StatementMeaning("a value is longer than its column", "cast it, or declare the column wider"),
    1462: StatementMeaning(
        "a view cannot select from itself, as by {{ this }}", "materialize the model as table or incremental"
    ),
    # not repeated, because the statement would run as long again; most servers send this code for 6225, too
    4012: StatementMeaning("the server's time limit ended it", "raise query_timeout or transaction_timeout"),
    # not repeated, because the statement would need as much memory again
    4013: StatementMeaning("the server has no memory left", "lower threads, or give the server more"),
    # OB_SIZE_OVERFLOW; not repeated, because it may also mean a limit that the statement itself exceeds
    4019: StatementMeaning("a queue or a limit of the server is full", "lower threads, or make the statement smaller"),
    4023: StatementMeaning("the server was not ready for it", "rerun with dbt retry"),
    4030: StatementMeaning("the tenant has no memory left", "lower threads, or give the tenant more"),
    4184: StatementMeaning("the data disk is full", "free space or raise datafile_maxsize"),
    4264: StatementMeaning("the log disk is full", "raise log_disk_size"),
    5307: StatementMeaning(
        "the server has no worker free for its parallel parts", "lower threads, or rerun with dbt retry"
    ),
    5362: StatementMeaning("there is no such relation or grant", "rerun with dbt retry"),
    5627: StatementMeaning("relations were changed at the same moment", "rerun with dbt retry"),
    # not repeated, because the earlier statements of the transaction are undone, too
    6002: StatementMeaning("the transaction was rolled back", "rerun with dbt retry"),
    6224: StatementMeaning("the transaction must be rolled back", "rerun with dbt retry"),
    10502: StatementMeaning("table_options: ttl: the table has no such column", "write the name of one of its columns"),
    10503: StatementMeaning(
        "table_options: ttl: the column is neither DATETIME nor TIMESTAMP",
        "cast it to datetime in the model, or name another column",
    ),
}
"""What each known error code means if a statement fails with it, by code.

This table only explains errors. ``REPEATED`` has the codes after which a statement is sent again.
"""

OVERWRITE_IN_TRANSACTION = StatementMeaning(
    "earlier statements of the transaction have changed rows",
    "as a hook, write {'sql': '...', 'transaction': false}, or else commit first",
)
"""What error 1235 means for an INSERT OVERWRITE in a transaction."""

REPEATED: dict[int, str] = {
    1205: "lock wait",  # ER_LOCK_WAIT_TIMEOUT, sent for 6003 to 6006; the holder of the lock has had time to finish
    1213: "deadlock",  # ER_LOCK_DEADLOCK, sent for 4101; this transaction was undone, and the other transaction goes on
    4023: "try again",  # OB_EAGAIN; something was not ready, and the server has stopped its own retries
    # OB_ERR_INSUFFICIENT_PX_WORKER; also for some seconds after a start of the server (CREATE MATERIALIZED VIEW)
    5307: "no parallel worker",
    # seen for a table right after the RENAME that gave it its name, on seekdb 1.4 under load
    5362: "no such grant",
    5627: "schema try again",  # OB_SCHEMA_EAGAIN; a DDL, perhaps of another session, was not known everywhere yet
    9809: "base table altered",  # CREATE MATERIALIZED VIEW, while another session made a log of a table that it reads
}
"""Codes of temporary failures, after which the adapter sends a statement again, each with its name in the log.

A statement is sent again only outside of a transaction, and only if it has no effect when it fails. So a CALL or LOAD
DATA is not sent again, because a part of its effect may remain. DDL is sent again: a failed CREATE ... AS or FORK
leaves no relation, and a failed RENAME renames no relation.
"""

UNKNOWN = frozenset(
    {
        4081,  # OB_RESULT_UNKNOWN
        4192,  # OB_DDL_TASK_EXECUTE_TOO_MUCH_TIME; the server continues the DDL
        6222,  # OB_TRANS_STATE_UNKNOWN
        6225,  # OB_TRANS_UNKNOWN, for a COMMIT; most servers send 4012 instead
    }
)
"""Error codes that leave open whether the statement took effect. Even the server does not know that yet."""


_NAME_MISMATCH = (62, 64)
"""OpenSSL's codes X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""

_NO_GREETING = (struct.error, IndexError, ValueError)  # PyMySQL raises these if the first packet is no MySQL greeting


def opening_error(error: BaseException, endpoint: Endpoint, login: str) -> ConnectError:
    """Return the ``ConnectError`` for ``error``, which was raised while a session on ``endpoint`` was opened.

    Its class is TlsFailed for an error of TLS, and NotMySQL for an answer that is no MySQL packet. For any other error,
    it is the class that OPENING has for the error's code, or ConnectError itself if OPENING lacks the code. Its text
    has the address, the code and the remedy. ``login`` is the user name that was sent. Only the text for a rejected
    login contains the user name.
    """
    cause = getattr(error, "original_exception", error)
    if isinstance(cause, ssl.SSLError):
        return tls_failed(cause, endpoint)
    if is_protocol_error(error) or isinstance(error, _NO_GREETING):
        return not_mysql(endpoint)
    code, place = code_of(error), one_line(str(endpoint), MAX_PLACE)
    known = OPENING.get(code) if code is not None else None
    if known is None:
        text = f"{place}: no session could be opened ({code or type(error).__name__}): {one_line(text_of(error), 120)}"
        return ConnectError(f"{text}; see the server's log for the cause", code, str(endpoint))
    detail = f": {cause.strerror or cause}" if isinstance(cause, OSError) else ""
    who = f" as {one_line(login, MAX_LOGIN)!r}" if issubclass(known.error, LoginRejected) else ""
    text = f"{place}{who}: {known.meaning}{one_line(detail, 60)} ({code}); {known.remedy}"
    return known.error(text, code, str(endpoint))


def unreachable(error: Exception, endpoint: Endpoint, seconds: float) -> ConnectError:
    """Return the error to raise if no socket could be connected to ``endpoint``.

    The returned error is HostUnknown if the host name does not exist, and HostUnreachable in all other cases. ``error``
    is the OSError or UnicodeError with which connecting failed, and ``seconds`` is the time limit for connecting.
    """
    if isinstance(error, TimeoutError):
        return late(endpoint, seconds)
    reason = getattr(error, "strerror", None) or str(error)
    code, fields = (2002, "unix_socket") if endpoint.unix_socket else (2003, "host and port (observer 2881, ODP 2883)")
    unknown = isinstance(error, UnicodeError)
    if isinstance(error, socket.gaierror):
        unknown = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
    remedy = "check host" if unknown else f"check {fields} and that the server is running"
    text = f"cannot connect to {one_line(str(endpoint), MAX_PLACE)} ({code}): {one_line(reason, 80)}; {remedy}"
    return (HostUnknown if unknown else HostUnreachable)(text, code, str(endpoint))


def late(endpoint: Endpoint, seconds: float) -> HostUnreachable:
    """Return the error to raise if no session could be opened on ``endpoint`` within ``seconds``."""
    remedy = "check that an OceanBase server answers there, or raise connect_timeout"
    text = f"{one_line(str(endpoint), MAX_PLACE)}: no session within {seconds:.3g} s (2013); {remedy}"
    return HostUnreachable(text, 2013, str(endpoint))


def not_mysql(endpoint: Endpoint) -> NotMySQL:
    """Return the error to raise if a server of another protocol listens on ``endpoint``."""
    text = f"no MySQL protocol on {one_line(str(endpoint), MAX_PLACE)} (2027), but another server; {_NETWORK}"
    return NotMySQL(text, 2027, str(endpoint))


def tls_failed(error: OSError, endpoint: Endpoint) -> TlsFailed:
    """Return the error to raise if the TLS handshake with ``endpoint`` or the certificate check raised ``error``.

    It is TlsNameMismatch if the certificate is for another name or address, and TlsFailed in all other cases.
    """
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
    remedy = "check ssl_ca, ssl_mode and the server's certificate"
    is_misnamed = getattr(error, "verify_code", 0) in _NAME_MISMATCH
    if is_misnamed:
        remedy += ", or set ssl_server_name to a name in the certificate"
    limit = 60 if is_misnamed else 100
    text = f"TLS to {one_line(str(endpoint), MAX_PLACE)} failed (2026): {one_line(reason, limit)}; {remedy}"
    return (TlsNameMismatch if is_misnamed else TlsFailed)(text, 2026, str(endpoint))


def tls_cut(error: OSError, endpoint: Endpoint) -> HostUnreachable:
    """Return the error to raise if the connection to ``endpoint`` was lost with ``error`` during the TLS handshake.

    A server that offers TLS but has no certificates closes the connection during the handshake.
    """
    remedy = "check the server's certificates, or set ssl_mode disabled"
    reason = error.strerror or str(error)
    text = f"TLS to {one_line(str(endpoint), MAX_PLACE)} was cut off (2013): {one_line(reason, 80)}; {remedy}"
    return HostUnreachable(text, 2013, str(endpoint))
