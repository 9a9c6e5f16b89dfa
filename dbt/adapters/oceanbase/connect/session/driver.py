"""The last stage: a PyMySQL connection on a socket that is already open, logged in within a deadline."""

from __future__ import annotations

import contextlib
import ssl
from typing import Any, NoReturn

import pymysql
from pymysql.charset import charset_by_name
from pymysql.constants import CLIENT, COMMAND, CR, SERVER_STATUS

from .. import codes
from ..errors import SessionRejected, is_link_lost
from ..options import Endpoint, LoginOptions, TlsOptions
from ..transport import tls
from ..transport.deadline import close_descriptor

REVEALING_PLUGINS = ("mysql_clear_password", "dialog", "sha256_password", "caching_sha2_password")
"""Plugins that hand the password to whoever asks, in clear or under a key that nobody has vouched for."""


class _Refuse:
    """Answers a server that asks for the password in a revealing way."""

    def __init__(self, connection: Any) -> None:
        del connection

    def authenticate(self, packet: Any) -> NoReturn:
        del packet
        raise pymysql.err.OperationalError(
            CR.CR_AUTH_PLUGIN_CANNOT_LOAD,
            "the server asked for the password in a form that anybody on the way could read",
        )


MULTI_STATEMENTS_OFF = b"\x01\x00"
"""Argument of COM_SET_OPTION (MYSQL_OPTION_MULTI_STATEMENTS_OFF); both reference kernels heed it."""

RESET_CONNECTION = 0x1F
"""COM_RESET_CONNECTION; PyMySQL knows no name for it."""


class DriverConnection(pymysql.connections.Connection):  # type: ignore[misc]  # PyMySQL is not typed
    """PyMySQL's connection, sending nothing of its own after the login and guarding the password."""

    _sock: Any
    _rfile: Any
    link_is_verified = False
    endpoint = Endpoint()
    server_version: str | None = None
    schema_in_use = False
    schema_denied: str | None = None
    awaits_answer = False
    _takes_single_statements = False

    def __repr__(self) -> str:
        return f"<DriverConnection to {self.endpoint}>"

    def set_character_set(self, charset: str, collation: str | None = None) -> None:
        """Send nothing: the session statement says character set and collation together with all the rest."""
        self.charset, self.collation = charset, collation

    def _request_authentication(self) -> None:
        if self._auth_plugin_name in REVEALING_PLUGINS and not self.link_is_verified:
            _Refuse(self).authenticate(None)
        try:
            super()._request_authentication()
        except ssl.SSLError as error:
            raise codes.tls_failed(error, self.endpoint) from error
        except OSError as error:
            # PyMySQL gives all other errors of the link a code, so this one is of the TLS handshake
            raise codes.tls_cut(error, self.endpoint) from error

    @property
    def greeted(self) -> bool:
        """Tell whether the server has said its name: it speaks the protocol."""
        return self.server_version is not None

    @property
    def link_is_encrypted(self) -> bool:
        """Tell whether the link has become a TLS one."""
        return isinstance(self._sock, ssl.SSLSocket)

    @property
    def in_transaction(self) -> bool:
        """Tell whether the last packet of the server said that a transaction is open."""
        return bool(self.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)

    def refuse_several_statements(self) -> None:
        """Have the server refuse a text of several statements instead of running them all.

        It finds some in comments: the line ``# x; create table y as`` would begin one. A server or proxy that does
        not know the command stays as it is; who was told once is not told again. Raises the driver's error when the
        link is lost.
        """
        if self._takes_single_statements:
            return
        try:
            self._execute_command(COMMAND.COM_SET_OPTION, MULTI_STATEMENTS_OFF)
            self._read_packet()
        except pymysql.err.MySQLError as error:
            if is_link_lost(error):
                raise
        self._takes_single_statements = True

    def _read_query_result(self, unbuffered: bool = False) -> Any:
        # until here the statement may still be on its way out
        self.awaits_answer = True
        try:
            return super()._read_query_result(unbuffered)
        finally:
            self.awaits_answer = False

    def drain(self) -> None:
        """Read all results of the last text sent, so that a later one's error is not raised by the next call."""
        # ``server_status`` does not tell: the driver sets it by answers without rows only
        while self._result is not None and self._result.has_next:
            self.next_result()

    def reset(self) -> None:
        """Have the server undo what statements have set; it keeps the current database, and its default settings.

        Raises the driver's error; kernel 1.4 refuses it, and ends the session, while that holds a named lock.
        """
        self._takes_single_statements = False
        self._execute_command(RESET_CONNECTION, b"")
        self._read_ok_packet()

    def close(self) -> None:
        """Say goodbye and close the socket; a second call does nothing."""
        with contextlib.suppress(pymysql.err.Error):
            super().close()

    def forget_link(self) -> None:
        """Close this process's descriptor of a link that another one goes on with."""
        link, self._sock = self._sock, None
        # closing the file would wait for a thread that reads it, and that thread is in the other process
        self._inherited, self._rfile = self._rfile, None
        if link is not None:
            close_descriptor(link)

    def abandon(self) -> None:
        """Drop the link without another word: what comes next on it is unknown."""
        with contextlib.suppress(Exception):
            self._force_close()


def new_connection(endpoint: Endpoint, login: LoginOptions, options: TlsOptions, charset: str) -> DriverConnection:
    """Make a connection object without connecting it.

    Raises TlsFailed when a certificate cannot be read, SessionRejected for a character set that is not known.
    """
    if charset_by_name(charset) is None:
        raise SessionRejected(f"charset: {charset!r} is unknown to the client: use one of MySQL's, such as utf8mb4")
    context = tls.context(options) if endpoint.unix_socket is None else None
    verified = endpoint.unix_socket is not None or options.mode in tls.VERIFIED
    connection = DriverConnection(
        host=options.server_name or endpoint.host or "localhost",
        port=endpoint.port,
        user=login.name.encode(),
        password=login.password.encode(),
        charset=charset,
        autocommit=None,
        ssl=context,
        ssl_disabled=context is None,
        local_infile=False,
        program_name="dbt-oceanbase",
        auth_plugin_map={} if verified else dict.fromkeys(REVEALING_PLUGINS, _Refuse),
        defer_connect=True,
    )
    connection.link_is_verified = verified
    connection.endpoint = endpoint
    if context is not None and not tls.is_required(options):
        connection._ssl_required = False
        connection.client_flag &= ~CLIENT.SSL
    return connection
