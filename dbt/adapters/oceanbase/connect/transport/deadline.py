"""Limit the time of a socket that a driver uses, check it for data, shut it down, or close it without sending."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading


class Deadline:
    """A context manager that shuts the socket ``link`` down if its block takes longer than ``seconds``.

    After that, ``expired`` is True. The context manager itself raises no error, but the use of the socket in the block
    then fails. A timeout of the socket itself is not enough, since it begins again with every byte from the peer.
    """

    def __init__(self, link: socket.socket, seconds: float) -> None:
        self.expired = False
        self.link = link
        self._over = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def _expire(self) -> None:
        with self._lock:
            if not self._over:
                self.expired = True
                shut_down(self.link)

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        # under the lock, so that a timer that fires now does not shut the socket down after the block
        with self._lock:
            self._over = True
        self._timer.cancel()


_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


def is_readable(link: socket.socket) -> bool:
    """Check whether the socket ``link`` has data to read or was closed by its peer, without waiting.

    Raises ValueError if this process has closed ``link``.
    """
    with _Selector() as selector:
        selector.register(link, selectors.EVENT_READ)
        return bool(selector.select(0))


def shut_down(link: socket.socket) -> None:
    """Shut the socket ``link`` down, which wakes all threads that wait on it. Do nothing if it is closed already."""
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)


def close_descriptor(link: socket.socket) -> None:
    """Close the file descriptor of the socket ``link`` without waiting for a lock or sending a TLS close_notify."""
    with contextlib.suppress(OSError):
        os.close(link.detach())
