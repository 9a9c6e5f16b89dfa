"""Connect to a server by TCP, with keep-alive, or by a unix socket."""

from __future__ import annotations

import queue
import socket
import threading
import time
from typing import Any

from ..options import Endpoint

KEEP_IDLE = 60
"""TCP_KEEPIDLE: seconds without traffic before the first keep-alive probe."""

KEEP_INTERVAL = 15
"""TCP_KEEPINTVL: seconds between two keep-alive probes."""

KEEP_COUNT = 4
"""TCP_KEEPCNT: number of unanswered keep-alive probes after which the system closes the connection."""

USER_TIMEOUT_MS = 120_000
"""TCP_USER_TIMEOUT: milliseconds after which the system closes a connection whose peer acknowledges no data.

Keep-alive does not help in this case, because the system sends no probes while data is unacknowledged.
"""

_HEADER_BYTES = 4  # length of a MySQL packet's header; its last byte is the sequence number, which begins with 0

_BACKLOG_RETRY_SECONDS = 0.01

PROBE_SECONDS = 1.0
"""Time limit in seconds for each socket operation of ``speaks_other_protocol``, which is called after a timeout."""


def open_socket(endpoint: Endpoint, timeout: float) -> socket.socket:
    """Connect to ``endpoint`` within ``timeout`` seconds and return the socket, which has no timeout set.

    If the host name has several addresses, they are tried in turn, and each gets an equal part of the time. If all
    fail, the error of the last one is raised. Raises OSError (including TimeoutError and socket.gaierror), and
    UnicodeError for an invalid host name.
    """
    if endpoint.unix_socket is not None:
        return _connected(socket.AF_UNIX, endpoint.unix_socket, timeout)
    until = time.monotonic() + timeout
    found = _addresses(endpoint, timeout)
    while True:
        family, _, _, _, address = found.pop(0)
        share = max(until - time.monotonic(), 0.001) / (len(found) + 1)
        try:
            return _connected(family, address, share)
        except OSError:
            if not found:
                raise


def _addresses(endpoint: Endpoint, timeout: float) -> list[Any]:
    """Return the addresses of ``endpoint`` from ``socket.getaddrinfo``, or raise its error.

    ``getaddrinfo`` is called in another thread, since it has no time limit and may take minutes. Raises TimeoutError
    after ``timeout`` seconds.
    """
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=look_up, name=f"look-up-{endpoint.host}", daemon=True).start()
    try:
        answer = found.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError(f"the name {endpoint.host} was not found in time") from None
    if isinstance(answer, Exception):
        raise answer
    return list(answer)


def _connected(family: int, address: str | tuple[int | str | bytes, ...], timeout: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        _connect(sock, address, timeout)
        if family != socket.AF_UNIX:
            keep_alive(sock)
        sock.settimeout(None)
    except BaseException:
        sock.close()
        raise
    return sock


def _connect(sock: socket.socket, address: str | tuple[int | str | bytes, ...], timeout: float) -> None:
    until = time.monotonic() + timeout
    while not _try_connect(sock, address):
        if time.monotonic() >= until:
            raise TimeoutError("the server's queue is full")
        time.sleep(_BACKLOG_RETRY_SECONDS)


def _try_connect(sock: socket.socket, address: str | tuple[int | str | bytes, ...]) -> bool:
    try:
        sock.connect(address)
    except BlockingIOError:
        # raised at once for a unix socket with a timeout, if the server's queue of new connections is full
        return False
    return True


def keep_alive(sock: socket.socket) -> None:
    """Set TCP_NODELAY, keep-alive and TCP_USER_TIMEOUT on the TCP socket ``sock``.

    The values are the constants of this module. An option that the system does not have is left out.
    """
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", KEEP_IDLE),
        ("TCP_KEEPINTVL", KEEP_INTERVAL),
        ("TCP_KEEPCNT", KEEP_COUNT),
        ("TCP_USER_TIMEOUT", USER_TIMEOUT_MS),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def speaks_other_protocol(endpoint: Endpoint) -> bool:
    """Check whether the server answers an HTTP request with something that is not a MySQL packet.

    Call this for a server that sent no MySQL greeting. Such a server may be a MySQL server that hangs, or a server of a
    protocol in which the client speaks first. The second kind usually answers the request, for example with an error.
    If no answer comes, the result is False.
    """
    try:
        with open_socket(endpoint, PROBE_SECONDS) as sock:
            sock.settimeout(PROBE_SECONDS)
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            head = b""
            while len(head) < _HEADER_BYTES and (more := sock.recv(_HEADER_BYTES - len(head))):
                head += more
    except (OSError, UnicodeError):
        return False
    return len(head) == _HEADER_BYTES and head[-1] != 0
