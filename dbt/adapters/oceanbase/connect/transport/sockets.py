"""From an endpoint to a connected socket: TCP with keep-alive, or a unix socket."""

from __future__ import annotations

import queue
import socket
import threading
import time
from typing import Any

from ..options import Endpoint

KEEP_IDLE, KEEP_INTERVAL, KEEP_COUNT = 60, 15, 4
"""Seconds idle before the first probe, seconds between probes, probes before the link counts as dead."""

USER_TIMEOUT_MS = 120_000
"""Milliseconds that sent data may stay unacknowledged: keep-alive does not act while data is under way."""

_HEAD = 4  # bytes of a packet's head; the last one counts packets, from 0

_QUEUE_SECONDS = 0.01

PROBE_SECONDS = 1.0
"""For ``answers_otherwise``, after the time to connect has passed already."""


def open_socket(endpoint: Endpoint, timeout: float) -> socket.socket:
    """Connect to ``endpoint`` within ``timeout`` seconds, all addresses of its name together.

    Raises OSError (also TimeoutError and socket.gaierror) as the system words it, and UnicodeError for a name that
    cannot be one. The socket blocks without limit.
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
    """Look the host up in a thread of its own: the resolver takes no time limit, and may wait for minutes."""
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
    while not _has_room(sock, address):
        if time.monotonic() >= until:
            raise TimeoutError("the server's queue is full")
        time.sleep(_QUEUE_SECONDS)


def _has_room(sock: socket.socket, address: str | tuple[int | str | bytes, ...]) -> bool:
    try:
        sock.connect(address)
    except BlockingIOError:
        # a unix socket with a time limit does not wait where its server's queue is full
        return False
    return True


def keep_alive(sock: socket.socket) -> None:
    """Set keep-alive and the user timeout on a TCP socket, as far as the system knows them."""
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


def answers_otherwise(endpoint: Endpoint) -> bool:
    """Tell whether what kept silent on ``endpoint`` answers a request of HTTP, and not by a packet of MySQL.

    A MySQL server speaks first; a server of another protocol that waits for its client looks like one that hangs.
    """
    try:
        with open_socket(endpoint, PROBE_SECONDS) as sock:
            sock.settimeout(PROBE_SECONDS)
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            head = b""
            while len(head) < _HEAD and (more := sock.recv(_HEAD - len(head))):
                head += more
    except (OSError, UnicodeError):
        return False
    return len(head) == _HEAD and head[-1] != 0
