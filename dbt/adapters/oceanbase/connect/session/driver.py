"""The PyMySQL connection, which logs in on a socket that is already connected."""

from __future__ import annotations

import contextlib
import ssl
from functools import partial
from typing import Any, NoReturn

import pymysql
from pymysql.charset import charset_by_name
from pymysql.constants import CLIENT, COMMAND, CR, FIELD_TYPE, SERVER_STATUS
from pymysql.converters import conversions, through

from .. import codes
from ..errors import SessionRejected, is_link_lost
from ..options import Endpoint, LoginOptions, TlsOptions
from ..transport import tls
from ..transport.deadline import close_descriptor

REVEALING_PLUGINS = ("mysql_clear_password", "dialog", "sha256_password", "caching_sha2_password")
"""Plugins that send the password in plain text, or encrypted with a key that is not verified."""


class _Refuse:
    """The plugin that refuses a server which asks for the password by one of REVEALING_PLUGINS."""

    def __init__(self, connection: Any) -> None:
        del connection

    def authenticate(self, packet: Any) -> NoReturn:
        del packet
        raise pymysql.err.OperationalError(
            CR.CR_AUTH_PLUGIN_CANNOT_LOAD,
            "the server asked for the password in a form that anybody on the way could read",
        )


CONVERTERS = {
    **conversions,
    # big-endian, see the MySQL protocol; PyMySQL leaves the bytes, of which also b"\0" counts as true
    FIELD_TYPE.BIT: partial(int.from_bytes, byteorder="big"),
    # the server's text: PyMySQL's timedelta reads "-1 day, 14:00:00" for -10:00:00
    FIELD_TYPE.TIME: through,
}
"""PyMySQL's converters between Python and the protocol, with those that this adapter replaces."""

MULTI_STATEMENTS_OFF = b"\x01\x00"
"""Argument of COM_SET_OPTION (MYSQL_OPTION_MULTI_STATEMENTS_OFF). Kernels 1.3 and 1.4 implement it."""

RESET_CONNECTION = 0x1F
"""COM_RESET_CONNECTION, which PyMySQL does not define."""


class DriverConnection(pymysql.connections.Connection):  # type: ignore[misc]  # PyMySQL is not typed
    """A PyMySQL connection that sends no statements of its own after the login, and guards the password."""

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
        """Send nothing: the SET statement of the session includes character set and collation."""
        self.charset, self.collation = charset, collation

    def _request_authentication(self) -> None:
        if self._auth_plugin_name in REVEALING_PLUGINS and not self.link_is_verified:
            _Refuse(self).authenticate(None)
        try:
            super()._request_authentication()
        except ssl.SSLError as error:
            raise codes.tls_failed(error, self.endpoint) from error
        except OSError as error:
            # an error of the TLS handshake: PyMySQL raises its own classes for all other errors of the link
            raise codes.tls_cut(error, self.endpoint) from error

    @property
    def greeted(self) -> bool:
        """Whether the server has sent its greeting, so it speaks the protocol."""
        return self.server_version is not None

    @property
    def link_is_encrypted(self) -> bool:
        """Whether the link uses TLS."""
        return isinstance(self._sock, ssl.SSLSocket)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, by the server's last packet."""
        return bool(self.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)

    def refuse_several_statements(self) -> None:
        """Have the server refuse a text of several statements instead of running all of them.

        The server also splits inside of comments: after ``# x;`` a ``create table y as`` in the same line would run.
        The command is sent once per session. A server or proxy that does not know it runs all statements as before.
        Raises the driver's error if the link is lost.
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
        # set here, since before this call the statement may not have been sent completely
        self.awaits_answer = True
        try:
            return super()._read_query_result(unbuffered)
        finally:
            self.awaits_answer = False

    def drain(self) -> None:
        """Read all results of the last text sent, so that the error of a later one is not raised by the next call."""
        # not by ``server_status``, which the driver sets only from answers without rows
        while self._result is not None and self._result.has_next:
            self.next_result()

    def reset(self) -> None:
        """Send COM_RESET_CONNECTION: variables return to the server's defaults, the current database stays.

        Raises the driver's error. Kernel 1.4 refuses the command and ends the session if that holds a named lock.
        """
        self._takes_single_statements = False
        self._execute_command(RESET_CONNECTION, b"")
        self._read_ok_packet()

    def close(self) -> None:
        """Send COM_QUIT and close the socket. A second call does nothing."""
        with contextlib.suppress(pymysql.err.Error):
            super().close()

    def forget_link(self) -> None:
        """Close this process's descriptor of a link that another process goes on using."""
        link, self._sock = self._sock, None
        # closing the file would wait for the thread that reads it, which is in the other process
        self._inherited, self._rfile = self._rfile, None
        if link is not None:
            close_descriptor(link)

    def abandon(self) -> None:
        """Close the link without sending anything. For a link whose next bytes are unknown."""
        with contextlib.suppress(Exception):
            self._force_close()


def new_connection(endpoint: Endpoint, login: LoginOptions, options: TlsOptions, charset: str) -> DriverConnection:
    """Return a connection object that is not connected yet.

    Raises TlsFailed if a certificate cannot be read, SessionRejected for an unknown character set.
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
        conv=CONVERTERS,
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
