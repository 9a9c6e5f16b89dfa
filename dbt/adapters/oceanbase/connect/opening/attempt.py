"""One attempt to open a session: a chain of stages under one deadline."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import time
from dataclasses import dataclass, field, replace

from .. import codes
from ..errors import ConnectError
from ..options import ConnectOptions
from ..session import driver
from ..session.session import Session
from ..ssh.bastion import Bastion
from ..transport import sockets
from ..transport.deadline import Deadline
from . import steps
from .password import PasswordSource


@dataclass
class Attempt:
    """The state of one attempt to open a session, and what all attempts of a connector share.

    The stages replace ``request``. ``seconds`` limits connecting, TLS, login and session settings together, counted
    from ``started``, which is set when password and steps are done. ``source_password`` is the one that the password
    source returned, before a step replaced it.
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
        """Seconds left, at least 0.001, since a timeout of 0 would mean no limit."""
        return max(self.started + self.seconds - time.monotonic(), 0.001)


def run(attempt: Attempt) -> Session:
    """Run all stages of ``attempt`` in this order and return its session.

    Raises a ConnectError that names the endpoint, the code and the remedy, and leaves no descriptor open.
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
    """Get the password from the profile or from ``password_command``."""
    attempt.source_password = attempt.passwords.get()
    login = replace(attempt.request.login, password=attempt.source_password)
    attempt.request = replace(attempt.request, login=login)


def ask_steps(attempt: Attempt) -> None:
    """Have the steps of other packages change the request. The deadline begins after them."""
    attempt.request = steps.apply_before_connect(attempt.request, attempt.steps)
    attempt.started = time.monotonic()


def open_link(attempt: Attempt, undo: contextlib.ExitStack) -> socket.socket:
    """Connect a socket: a unix socket, TCP, or a channel through the bastion."""
    endpoint = attempt.request.endpoint
    if attempt.bastion is not None:
        return undo.enter_context(attempt.bastion.open_socket(endpoint, attempt.seconds_left))
    try:
        return undo.enter_context(sockets.open_socket(endpoint, attempt.seconds_left))
    except (OSError, UnicodeError) as error:
        raise codes.unreachable(error, endpoint, attempt.seconds) from error


def prepare(attempt: Attempt, undo: contextlib.ExitStack) -> driver.DriverConnection:
    """Make the driver's connection with its certificates and its guard of the password, without connecting it."""
    request = attempt.request
    charset = attempt.options.session.charset
    connection = driver.new_connection(request.endpoint, request.login, request.tls, charset)
    # the driver also holds the TLS socket and a file on it
    undo.callback(connection.abandon)
    return connection


def log_in(
    attempt: Attempt, connection: driver.DriverConnection, sock: socket.socket, undo: contextlib.ExitStack
) -> Session:
    """Start TLS, log in and set the session's variables. The link is shut down when the time is over."""
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
    """Return a warning if others on the network could read the link or answer in the server's place, or None.

    Nobody can on a unix socket, a loopback address or an SSH tunnel, which ends in a unix socket on this machine.
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
