"""The links through one login at a bastion, each a socket whose other end is carried over a channel.

A socket, since TLS needs a real one; one of a pair, since a listening port would serve every user of this machine.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError

import paramiko
from paramiko.common import OPEN_FAILED_CONNECT_FAILED, OPEN_FAILED_RESOURCE_SHORTAGE

from ..errors import ConnectError, one_line
from ..options import Endpoint, SshOptions
from . import errors as ssh_errors
from . import login as ssh_login

OPENING_SECONDS = 180
"""How long a link may still come up when nobody waits for it any more; a bastion gives up after about 130 s."""

UP_CHUNK = 32_000
"""Bytes that fit into one message: OpenSSH takes 32,768, of which paramiko leaves 64 free."""

DOWN_CHUNK = 2 << 20
"""Bytes taken at once, a whole window: paramiko moves what it keeps in memory, each time."""

CHECK_SECONDS = 1.0
"""Seconds without a byte from the bastion after which a link looks whether its driver is still there."""

_NO_ORIGIN = ("127.0.0.1", 0)

_LINK_ERRORS = (OSError, EOFError, paramiko.SSHException)


class Login:
    """A login at a bastion. After ``give_up`` it takes no new links, and ends when its last one has."""

    def __init__(self, client: paramiko.SSHClient, options: SshOptions) -> None:
        self._client, self._transport, self._options = client, ssh_login.transport_of(client), options
        self._lock = threading.Lock()
        self._links = 0
        self._is_given_up = False

    @property
    def is_usable(self) -> bool:
        """Tell whether new links may go through."""
        return not self._is_given_up and self._transport.is_active()

    def open(self, endpoint: Endpoint) -> Future[socket.socket]:
        """Begin a link to ``endpoint``. One that comes up after the future was cancelled is closed.

        The future raises HostUnreachable, TunnelFailed or TunnelUnreachable.
        """
        opening: Future[socket.socket] = Future()
        with self._lock:
            if self._is_given_up:
                raise ssh_errors.dropped(self._options, "it was closed meanwhile")
            self._links += 1
        try:
            _in_thread("ssh-link", lambda: self._serve(endpoint, opening))
        except BaseException:
            self._end_link()
            raise
        return opening

    def ask(self) -> threading.Event:
        """Ask the bastion for a sign of life; the event is set when it comes."""
        answered = threading.Event()

        def wait() -> None:
            with contextlib.suppress(*_LINK_ERRORS):
                self._transport.global_request("keepalive@openssh.com", wait=True)
                if self._transport.is_active():
                    answered.set()

        _in_thread("ssh-ask", wait)
        return answered

    def give_up(self) -> None:
        """Take no new links, and end with the last one."""
        with self._lock:
            self._is_given_up = True
        self._end_if_over()

    def forget(self) -> None:
        """Let go of the link in a process that was forked: not a byte of it may reach the bastion."""
        self._transport.stop_thread()

    def _serve(self, endpoint: Endpoint, opening: Future[socket.socket]) -> None:
        try:
            channel, theirs = self._connected(endpoint, opening)
        except ConnectError as error:
            with contextlib.suppress(InvalidStateError):
                opening.set_exception(error)
        else:
            carry(theirs, channel)
        finally:
            self._end_link()

    def _connected(self, endpoint: Endpoint, opening: Future[socket.socket]) -> tuple[paramiko.Channel, socket.socket]:
        target = (endpoint.host or "", endpoint.port)
        try:
            channel = self._transport.open_channel("direct-tcpip", target, _NO_ORIGIN, timeout=OPENING_SECONDS)
            ours, theirs = socket.socketpair()
        except _LINK_ERRORS as error:
            raise self._refused(error, endpoint) from error
        try:
            opening.set_result(ours)
        except InvalidStateError:
            ours.close()
        return channel, theirs

    def _end_link(self) -> None:
        with self._lock:
            self._links -= 1
        self._end_if_over()

    def _end_if_over(self) -> None:
        with self._lock:
            is_over = self._is_given_up and not self._links
        if is_over:
            self._client.close()

    def _refused(self, error: Exception, endpoint: Endpoint) -> ConnectError:
        code = error.code if isinstance(error, paramiko.ChannelException) else None
        reason = one_line(str(error) or type(error).__name__, ssh_errors.MAX_REASON)
        if code == OPEN_FAILED_RESOURCE_SHORTAGE or not self._transport.is_active():
            return ssh_errors.dropped(self._options, reason)
        if code in (None, OPEN_FAILED_CONNECT_FAILED):
            # None: of links that fail at the same time only one is told why
            return ssh_errors.not_reached(endpoint, self._options)
        bastion, target = ssh_errors.place(self._options), ssh_errors.place(endpoint)
        text = f"ssh.host: {bastion} does not forward to {target}: {reason}; allow it there"
        return ssh_errors.failed(self._options, f"{text} (AllowTcpForwarding, PermitOpen)")


def log_in(options: SshOptions, seconds: float) -> Login:
    """Log in within ``seconds``. Raises TunnelFailed or TunnelUnreachable."""
    return Login(ssh_login.log_in(options, seconds), options)


def carry(sock: socket.socket, channel: paramiko.Channel) -> None:
    """Copy between ``sock`` and ``channel``, each way until it ends; both are closed after that."""
    channel.settimeout(CHECK_SECONDS)
    try:
        up = _in_thread("ssh-link-up", lambda: _copy_up(sock, channel))
        _copy_down(channel, sock)
        up.join()
    finally:
        _hang_up(sock, channel)
        sock.close()


def _copy_up(sock: socket.socket, channel: paramiko.Channel) -> None:
    try:
        while data := sock.recv(UP_CHUNK):
            while data:
                with contextlib.suppress(TimeoutError):  # the bastion takes nothing at present
                    data = data[channel.send(data) :]
        channel.shutdown_write()
    except _LINK_ERRORS:
        _hang_up(sock, channel)


def _copy_down(channel: paramiko.Channel, sock: socket.socket) -> None:
    try:
        while (data := _received(channel)) != b"":
            # None: sending nothing still fails when the driver has closed its end, and not only done with writing
            sock.sendall(data or b"")
        sock.shutdown(socket.SHUT_RDWR if channel.closed else socket.SHUT_WR)
    except _LINK_ERRORS:
        _hang_up(sock, channel)


def _received(channel: paramiko.Channel) -> bytes | None:
    """Give what has come, b"" at the end, and None when nothing came for a while."""
    try:
        return channel.recv(DOWN_CHUNK)
    except TimeoutError:
        return None


def _hang_up(sock: socket.socket, channel: paramiko.Channel) -> None:
    """Wake whoever waits on either of them."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(*_LINK_ERRORS):
        channel.close()


def _in_thread(name: str, run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
