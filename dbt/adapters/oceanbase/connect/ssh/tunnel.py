"""Connect to servers through one SSH login at a bastion.

For each connection, the driver gets one end of a socket pair. Threads copy data between the other end and an SSH
channel. The driver cannot use the channel itself, because TLS needs a real socket. A listening port is not used,
because every user of this machine could connect to it.
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
from . import login

OPENING_SECONDS = 180
"""Time limit in seconds for opening an SSH channel. A caller may stop waiting earlier.

A bastion that cannot reach the server gives up after about 130 s.
"""

UP_CHUNK = 32_000
"""Maximum bytes to send in one SSH message. OpenSSH accepts 32,768 bytes, and paramiko leaves 64 of them unused."""

DOWN_CHUNK = 2 << 20
"""Maximum number of bytes to receive at once.

This is a whole SSH window, which is the number of bytes that the bastion may send before this side confirms some. With
a smaller number, paramiko would copy the rest of its buffer after each read.
"""

CHECK_SECONDS = 1.0
"""Seconds without data from the bastion after which a thread checks whether the driver has closed its socket."""

_NO_ORIGIN = ("127.0.0.1", 0)

_LINK_ERRORS = (OSError, EOFError, paramiko.SSHException)


class Login:
    """An SSH login at a bastion, through which connections to servers can be opened."""

    def __init__(self, client: paramiko.SSHClient, options: SshOptions) -> None:
        self._client, self._transport, self._options = client, login.transport_of(client), options
        self._lock = threading.Lock()
        self._links = 0
        self._is_closing = False

    @property
    def is_usable(self) -> bool:
        """Whether new connections can be opened through this login."""
        return not self._is_closing and self._transport.is_active()

    def open(self, endpoint: Endpoint) -> Future[socket.socket]:
        """Begin to connect to ``endpoint`` through the bastion, in another thread.

        Return a future of the connected socket. The future raises HostUnreachable if the bastion cannot connect to
        ``endpoint``, TunnelFailed if the bastion does not permit the forwarding, and its subclass TunnelUnreachable if
        the SSH connection is lost or the bastion has no room for another connection. If the future is cancelled first,
        the connection is closed as soon as it opens. The method itself raises TunnelUnreachable if
        ``close_when_unused`` was called before.
        """
        opening: Future[socket.socket] = Future()
        with self._lock:
            if self._is_closing:
                raise ssh_errors.dropped(self._options, "it was closed meanwhile")
            self._links += 1
        try:
            _in_thread("ssh-link", lambda: self._serve(endpoint, opening))
        except BaseException:
            self._end_link()
            raise
        return opening

    def send_keep_alive(self) -> threading.Event:
        """Send a keep-alive request to the bastion, and return an event that is set when the answer arrives."""
        answered = threading.Event()

        def wait() -> None:
            with contextlib.suppress(*_LINK_ERRORS):
                self._transport.global_request("keepalive@openssh.com", wait=True)
                if self._transport.is_active():
                    answered.set()

        _in_thread("ssh-keep-alive", wait)
        return answered

    def close_when_unused(self) -> None:
        """Open no new connections from now on, and close the login when the last connection through it is closed."""
        with self._lock:
            self._is_closing = True
        self._close_if_unused()

    def forget(self) -> None:
        """Discard the login in a forked process. Nothing is sent, because the parent still uses the SSH connection."""
        self._transport.stop_thread()

    def _serve(self, endpoint: Endpoint, opening: Future[socket.socket]) -> None:
        try:
            channel, theirs = self._connected(endpoint, opening)
        except ConnectError as error:
            with contextlib.suppress(InvalidStateError):
                opening.set_exception(error)
        else:
            forward(theirs, channel)
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
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        with self._lock:
            is_unused = self._is_closing and not self._links
        if is_unused:
            self._client.close()

    def _refused(self, error: Exception, endpoint: Endpoint) -> ConnectError:
        code = error.code if isinstance(error, paramiko.ChannelException) else None
        reason = one_line(str(error) or type(error).__name__, ssh_errors.MAX_REASON)
        if code == OPEN_FAILED_RESOURCE_SHORTAGE or not self._transport.is_active():
            return ssh_errors.dropped(self._options, reason)
        if code in (None, OPEN_FAILED_CONNECT_FAILED):
            # None, since paramiko reports the reason to only one of several connections that fail at the same time
            return ssh_errors.not_reached(endpoint, self._options)
        bastion, target = ssh_errors.place(self._options), ssh_errors.place(endpoint)
        text = f"ssh.host: {bastion} does not forward to {target}: {reason}; allow it there"
        return ssh_errors.failed(self._options, f"{text} (AllowTcpForwarding, PermitOpen)")


def log_in(options: SshOptions, seconds: float, until: float) -> Login:
    """Log in to the bastion before ``until``, a time of ``time.monotonic``, and return the login.

    ``seconds`` is the whole time limit, which the texts of errors name. The time left until ``until`` may be shorter.

    Raises TunnelFailed if another try does not help, because the host key, the login or a file is wrong. Raises its
    subclass TunnelUnreachable if another try may work, because the bastion is not reached, or does not answer, or
    closes the connection.
    """
    return Login(login.log_in(options, seconds, until), options)


def forward(sock: socket.socket, channel: paramiko.Channel) -> None:
    """Copy data between ``sock`` and ``channel`` until both directions have ended, then close both and return."""
    channel.settimeout(CHECK_SECONDS)
    try:
        up = _in_thread("ssh-link-up", lambda: _copy_up(sock, channel))
        _copy_down(channel, sock)
        up.join()
    finally:
        _shut_down_both(sock, channel)
        sock.close()


def _copy_up(sock: socket.socket, channel: paramiko.Channel) -> None:
    try:
        while data := sock.recv(UP_CHUNK):
            while data:
                with contextlib.suppress(TimeoutError):  # the SSH window is full now, so try again
                    data = data[channel.send(data) :]
        channel.shutdown_write()
    except _LINK_ERRORS:
        _shut_down_both(sock, channel)


def _copy_down(channel: paramiko.Channel, sock: socket.socket) -> None:
    try:
        while (data := _received(channel)) != b"":
            # sending b"" fails if the driver has closed its socket, but not if the driver has only stopped sending
            sock.sendall(data or b"")
        sock.shutdown(socket.SHUT_RDWR if channel.closed else socket.SHUT_WR)
    except _LINK_ERRORS:
        _shut_down_both(sock, channel)


def _received(channel: paramiko.Channel) -> bytes | None:
    """Return the next bytes from ``channel``: b"" at its end, or None if nothing arrives for CHECK_SECONDS."""
    try:
        return channel.recv(DOWN_CHUNK)
    except TimeoutError:
        return None


def _shut_down_both(sock: socket.socket, channel: paramiko.Channel) -> None:
    """Shut ``sock`` and ``channel`` down, which wakes the threads that wait for one of them."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(*_LINK_ERRORS):
        channel.close()


def _in_thread(name: str, run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread
