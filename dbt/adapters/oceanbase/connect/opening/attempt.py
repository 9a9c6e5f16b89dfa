"""From a request to an open session: the chain of stages that each attempt goes through, under one deadline."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .. import codes
from ..errors import ConnectError
from ..options import ConnectOptions, Endpoint
from ..session import driver
from ..session.session import Session
from ..ssh.bastion import Bastion
from ..transport import sockets
from ..transport.deadline import Deadline
from . import steps
from .password import PasswordSource

Event = Callable[[str], None]
"""Told in one line what happened while opening; never a secret."""


def ignore_event(text: str) -> None:
    """Take an event and do nothing with it."""
    del text


@dataclass
class Attempt:
    """One attempt to open a session: what is asked for, and what all attempts of a connector share.

    ``request`` is what the stages made of it so far. ``seconds`` bound link, TLS, login and session settings
    together; they count from ``started``, which is when password and steps are done. ``kept_password`` is what the
    password source gave, before a step replaced it.
    """

    request: steps.ConnectRequest
    options: ConnectOptions
    seconds: float
    passwords: PasswordSource
    bastion: Bastion | None = None
    steps: tuple[steps.Step, ...] = ()
    started: float = field(default_factory=time.monotonic)
    kept_password: str = field(default="", repr=False)

    @property
    def left(self) -> float:
        """Seconds left, never quite 0: no timeout of 0 is to mean none."""
        return max(self.started + self.seconds - time.monotonic(), 0.001)


def run(attempt: Attempt) -> Session:
    """Send ``attempt`` through all stages, in this order, and give its session.

    Raises a ConnectError that names the endpoint, the code and the remedy. After it no descriptor is left open.
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
    """Take the password from the profile or from ``password_command``."""
    attempt.kept_password = attempt.passwords.get()
    login = replace(attempt.request.login, password=attempt.kept_password)
    attempt.request = replace(attempt.request, login=login)


def ask_steps(attempt: Attempt) -> None:
    """Let the steps of other packages change the request; the deadline begins after them."""
    attempt.request = steps.run_before(attempt.request, attempt.steps)
    attempt.started = time.monotonic()


def open_link(attempt: Attempt, undo: contextlib.ExitStack) -> socket.socket:
    """Connect a socket: unix, TCP, or a channel through the bastion."""
    endpoint = attempt.request.endpoint
    if attempt.bastion is not None:
        return undo.enter_context(attempt.bastion.open_socket(endpoint, attempt.left))
    try:
        return undo.enter_context(sockets.open_socket(endpoint, attempt.left))
    except (OSError, UnicodeError) as error:
        raise codes.unreachable(error, endpoint, attempt.seconds) from error


def prepare(attempt: Attempt, undo: contextlib.ExitStack) -> driver.DriverConnection:
    """Make the driver's connection, which does nothing yet: certificates and the guard of the password."""
    request = attempt.request
    charset = attempt.options.session.charset
    connection = driver.new_connection(request.endpoint, request.login, request.tls, charset)
    # the driver holds the socket that TLS makes of ours, and a file on it
    undo.callback(connection.abandon)
    return connection


def log_in(
    attempt: Attempt, connection: driver.DriverConnection, sock: socket.socket, undo: contextlib.ExitStack
) -> Session:
    """Secure the link, log in and say the session's settings; whoever is late is cut off."""
    link = undo.enter_context(sock.dup())
    guard = Deadline(link, attempt.left)
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
    if may_be_another and sockets.answers_otherwise(endpoint):
        return codes.not_mysql(endpoint)
    return codes.late(endpoint, attempt.seconds)


def caution(session: Session) -> str | None:
    """Say what is wrong with a link that others on its way could read, or answer in the server's place; or None.

    A unix socket, a loopback address and a tunnel (which ends in a unix socket here) have no such others.
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


def open_session(endpoint: Endpoint, options: ConnectOptions, seconds: float) -> Session:
    """Open one session on ``endpoint`` within ``seconds``, all stages together. Raises as ``run`` does."""
    request = steps.ConnectRequest(endpoint, options.login, options.tls)
    return run(Attempt(request, options, seconds, PasswordSource(options.login)))
