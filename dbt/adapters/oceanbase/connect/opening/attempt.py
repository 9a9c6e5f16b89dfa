"""One attempt to open a session on one server, as a sequence of stages with a common deadline."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .. import codes
from ..errors import ConnectError
from ..options import ConnectOptions
from ..session import driver
from ..session.session import Session
from ..transport import sockets
from ..transport.deadline import Deadline
from . import steps
from .password import PasswordSource

if TYPE_CHECKING:
    from ..ssh.bastion import Bastion


@dataclass
class Attempt:
    """The state of one attempt to open a session. ``run`` passes it to all stages of the attempt.

    ``request`` has the server, the login and the TLS options. A stage may replace it. ``options`` are all options of
    the connection. ``steps`` are hooks of other packages, which may change the request. ``passwords`` finds the
    password, and ``source_password`` is the password that it found, before a hook could replace it. The connection goes
    through ``bastion``, an SSH server, unless that is None.

    ``seconds`` is the time limit for connecting, TLS, login and session settings together. It counts from ``started``,
    the time of ``time.monotonic`` when the password was known and all hooks had run.
    """

    request: steps.ConnectRequest
    options: ConnectOptions
    seconds: float
    passwords: PasswordSource
    bastion: Bastion | None = None
    steps: tuple[steps.Step, ...] = ()
    started: float = field(default_factory=time.monotonic)
    source_password: str = field(default="", repr=False)

    @property
    def seconds_left(self) -> float:
        """Seconds until the time limit, but never less than 0.001, because a socket refuses a negative timeout."""
        return max(self.started + self.seconds - time.monotonic(), 0.001)


def run(attempt: Attempt) -> Session:
    """Run all stages of ``attempt``, from the password to the session settings, and return the opened session.

    Raises a ConnectError if a stage fails. If the stage raised an error of another class, the ConnectError comes from
    ``codes.opening_error`` and names the endpoint. After an error no socket stays open.
    """
    with contextlib.ExitStack() as undo:
        try:
            find_password(attempt)
            ask_steps(attempt)
            sock = open_link(attempt, undo)
            connection = prepare(attempt, undo)
            session = log_in(attempt, connection, sock, undo)
        except ConnectError:
            raise
        except Exception as error:
            raise codes.opening_error(error, attempt.request.endpoint, attempt.request.login.name) from error
        undo.pop_all()
        return session


def find_password(attempt: Attempt) -> None:
    """Put the password of the profile, or the output of ``password_command``, into the request of ``attempt``.

    Raises PasswordCommandFailed if the command fails or prints no password.
    """
    attempt.source_password = attempt.passwords.get()
    login = replace(attempt.request.login, password=attempt.source_password)
    attempt.request = replace(attempt.request, login=login)


def ask_steps(attempt: Attempt) -> None:
    """Call the hooks of other packages, which may change the request, and then start the time limit of ``attempt``.

    Raises StepFailed if a hook fails.
    """
    attempt.request = steps.apply_before_connect(attempt.request, attempt.steps)
    attempt.started = time.monotonic()


def open_link(attempt: Attempt, undo: contextlib.ExitStack) -> socket.socket:
    """Return a socket connected to the endpoint of ``attempt``: TCP, a unix socket, or a link through the bastion.

    The socket is registered with ``undo``, which closes it if this or a later stage fails. Raises ConnectError if
    connecting fails or the time limit is over.
    """
    endpoint = attempt.request.endpoint
    if attempt.bastion is not None:
        return undo.enter_context(attempt.bastion.open_socket(endpoint, attempt.seconds_left))
    try:
        return undo.enter_context(sockets.open_socket(endpoint, attempt.seconds_left))
    except (OSError, UnicodeError) as error:
        raise codes.unreachable(error, endpoint, attempt.seconds) from error


def prepare(attempt: Attempt, undo: contextlib.ExitStack) -> driver.DriverConnection:
    """Return a connection object of the driver that is not connected yet, with its TLS context loaded.

    The object is registered with ``undo``, which closes it if a later stage fails. Raises TlsFailed if a certificate
    file cannot be read, and SessionRejected if the driver does not know the character set.
    """
    request = attempt.request
    charset = attempt.options.session.charset
    connection = driver.new_connection(request.endpoint, request.login, request.tls, charset)
    # the driver also owns the TLS socket and a file object that reads from it
    undo.callback(connection.abandon)
    return connection


def log_in(
    attempt: Attempt, connection: driver.DriverConnection, sock: socket.socket, undo: contextlib.ExitStack
) -> Session:
    """Log in with ``connection`` on the connected socket ``sock``, set the session's variables, and return the session.

    TLS is started before the login if the options ask for it. If the time limit of ``attempt`` is over first, ``sock``
    is shut down and HostUnreachable is raised. NotMySQL is raised instead if the server has sent no greeting by then
    and speaks another protocol. This is tested on a second connection, but not for a unix socket or behind a bastion.
    Raises another ConnectError or ``pymysql.err.MySQLError`` if TLS, the login or a variable fails.

    The session gets a duplicate of ``sock``, so that another thread can shut the connection down while the driver waits
    on ``sock``. The duplicate is registered with ``undo``, which closes it after an error.
    """
    link = undo.enter_context(sock.dup())
    guard = Deadline(link, attempt.seconds_left)
    try:
        with guard:
            connection.connect(sock)
            session = Session(connection, attempt.request.endpoint, link)
            session.apply(attempt.options.session)
    except Exception as error:
        if guard.expired:
            raise _late(attempt, connection) from error
        raise
    if guard.expired:
        raise _late(attempt, connection)
    return session


def _late(attempt: Attempt, connection: driver.DriverConnection) -> ConnectError:
    endpoint = attempt.request.endpoint
    may_be_another = not connection.greeted and endpoint.unix_socket is None and attempt.bastion is None
    if may_be_another and sockets.speaks_other_protocol(endpoint):
        return codes.not_mysql(endpoint)
    return codes.late(endpoint, attempt.seconds)


def link_caution(session: Session) -> str | None:
    """Return a warning if others on the network could read what ``session`` sends, or pose as its server.

    Return None if the connection is safe. A connection is safe if TLS verifies the server, or if it uses a unix socket,
    a loopback address or an SSH tunnel, whose local end is a unix socket.
    """
    if session.connection.link_is_verified or _is_local(session.link):
        return None
    is_encrypted = session.connection.link_is_encrypted
    state = "is encrypted, but the server has not proven who it is" if is_encrypted else "is plain text"
    remedy = "set ssl_mode verify_identity, with ssl_ca where the CA is your own"
    return f"the link to {session.endpoint} {state}: {remedy}"


def _is_local(link: socket.socket) -> bool:
    if link.family == getattr(socket, "AF_UNIX", None):
        return True
    try:
        return ipaddress.ip_address(link.getpeername()[0].partition("%")[0]).is_loopback
    except (OSError, ValueError):
        return False
