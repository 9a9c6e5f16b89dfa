"""A PyMySQL connection that logs in on a socket that was connected before."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable
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
"""Authentication plugins that send the password in plain text, or encrypted with a key that is not verified."""


class _Refuse:
    """An authentication plugin that raises an error, so that the password is not sent.

    It replaces the plugins in REVEALING_PLUGINS on a connection whose server is not verified.
    """

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
"""PyMySQL's converters between Python values and the protocol, with two changes.

A BIT becomes an integer, and a TIME stays the text that the server sends.
"""

MULTI_STATEMENTS_OFF = b"\x01\x00"
"""Argument of the command COM_SET_OPTION that makes the server refuse a text with several statements.

Its name in MySQL is MYSQL_OPTION_MULTI_STATEMENTS_OFF. seekdb 1.3 and 1.4 implement it.
"""

RESET_CONNECTION = 0x1F
"""Number of the command COM_RESET_CONNECTION. PyMySQL does not define it."""


class _Result(pymysql.connections.MySQLResult):  # type: ignore[misc]  # PyMySQL is not typed
    """A result that returns a text as bytes if the connection's character set cannot decode the text.

    This is needed for BIT values. The server declares them as text if they are the result of a function such as ``if``
    or ``coalesce``.
    """

    def _read_row_from_packet(self, packet: Any) -> Any:
        try:
            return super()._read_row_from_packet(packet)
        except UnicodeDecodeError:
            packet.rewind()
        return tuple(
            _decoded(packet.read_length_coded_string(), encoding, converter) for encoding, converter in self.converters
        )


def _decoded(data: bytes | None, encoding: str | None, converter: Callable[[Any], Any] | None) -> Any:
    if data is None:
        return None
    value: Any = data
    if encoding is not None:
        try:
            value = data.decode(encoding)
        except UnicodeDecodeError:
            return data
    return value if converter is None else converter(value)


class DriverConnection(pymysql.connections.Connection):  # type: ignore[misc]  # PyMySQL is not typed
    """A PyMySQL connection that sends no statements by itself after the login, and never reveals the password.

    If a server that is not verified asks for the password by one of the REVEALING_PLUGINS, the login fails.

    ``link_is_verified``: TLS verifies the server's certificate, or the connection is a unix socket. ``endpoint``: the
    address of the server. ``server_version``: the version in the server's greeting, or None before the greeting.
    ``schema_in_use``: the last USE has succeeded. ``schema_denied``: the server's error text if access to the schema
    was denied. ``awaits_answer``: a statement was sent completely, and its answer has not been read to the end.
    """

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
        """Store character set and collation without sending anything. The SET statement of the session sends them."""
        self.charset, self.collation = charset, collation

    def _request_authentication(self) -> None:
        if self._auth_plugin_name in REVEALING_PLUGINS and not self.link_is_verified:
            _Refuse(self).authenticate(None)
        try:
            super()._request_authentication()
        except ssl.SSLError as error:
            raise codes.tls_failed(error, self.endpoint) from error
        except OSError as error:
            # only the TLS handshake raises OSError, because PyMySQL converts all other errors of the socket
            raise codes.tls_cut(error, self.endpoint) from error

    @property
    def greeted(self) -> bool:
        """Whether the server has sent its greeting, which shows that it speaks the MySQL protocol."""
        return self.server_version is not None

    @property
    def link_is_encrypted(self) -> bool:
        """Whether the connection uses TLS."""
        return isinstance(self._sock, ssl.SSLSocket)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open, according to the server's last answer that had no rows.

        PyMySQL stores this state only from answers without rows.
        """
        return bool(self.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)

    def refuse_several_statements(self) -> None:
        """Make the server refuse a text with several statements. Without this call, the server runs all of them.

        The call is needed for a single statement as well, because the server splits a text also at semicolons in
        comments. In the comment ``# x; create table y as select 1`` it would run the CREATE TABLE.

        The command COM_SET_OPTION is sent once per connection, and again after a reset. A server or proxy that does not
        know the command goes on running all statements, without an error. Raises ``pymysql.err.MySQLError`` if the
        connection is lost.
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
        del unbuffered  # no cursor of the adapter is
        # set here, since before this call the statement may not have been sent completely
        self.awaits_answer = True
        self._result = None
        result = _Result(self)
        try:
            result.read()
        finally:
            self.awaits_answer = False
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return result.affected_rows

    def drain(self) -> None:
        """Read the remaining results of the last SQL text that was sent.

        Raises ``pymysql.err.MySQLError`` if one of these results is an error. Without this call, the next statement
        would raise that error.
        """
        # ``server_status`` does not show this, because the driver sets it only from answers without rows
        while self._result is not None and self._result.has_next:
            self.next_result()

    def reset(self) -> None:
        """Send COM_RESET_CONNECTION. Variables return to the server's defaults, and the current database stays.

        Raises ``pymysql.err.MySQLError`` if the server refuses the command. seekdb 1.4 refuses it, and closes the
        session, if the session holds a named lock.
        """
        self._takes_single_statements = False
        self._execute_command(RESET_CONNECTION, b"")
        self._read_ok_packet()

    def close(self) -> None:
        """Send COM_QUIT and close the socket. A second call does nothing."""
        with contextlib.suppress(pymysql.err.Error):
            super().close()

    def forget_link(self) -> None:
        """Close this process's descriptor of a socket that the parent process still uses.

        This method is called in a child process after a fork. It sends nothing.
        """
        link, self._sock = self._sock, None
        # closing the file object would wait for a thread that reads it, which only the parent process has
        self._inherited, self._rfile = self._rfile, None
        if link is not None:
            close_descriptor(link)

    def abandon(self) -> None:
        """Close the connection without sending anything. This is safe even if an answer was read only in part."""
        with contextlib.suppress(Exception):
            self._force_close()


def new_connection(endpoint: Endpoint, login: LoginOptions, options: TlsOptions, charset: str) -> DriverConnection:
    """Return a connection object for the server at ``endpoint``. It is not connected yet.

    Its login will use ``login``, the TLS ``options`` and ``charset``. On a unix socket it uses no TLS. Raises TlsFailed
    if a certificate or key file cannot be used (see ``tls.context``), and SessionRejected if PyMySQL does not know
    ``charset``.
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
