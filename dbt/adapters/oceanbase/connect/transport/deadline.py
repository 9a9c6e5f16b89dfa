"""Operations on a socket from outside: a deadline, a check for data, a shutdown, a close without sending."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading


class Deadline:
    """A context manager that shuts a socket down after ``seconds``, even if the peer sends bytes now and then."""

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
        # under the lock, so that a timer that fires now does not shut a good link down after the block
        with self._lock:
            self._over = True
        self._timer.cancel()


_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


def is_readable(link: socket.socket) -> bool:
    """Check whether ``link`` has data to read, or its peer has closed it."""
    with _Selector() as selector:
        selector.register(link, selectors.EVENT_READ)
        return bool(selector.select(0))


def shut_down(link: socket.socket) -> None:
    """Shut ``link`` down, which wakes the threads that wait on it. A socket that is already closed is no error."""
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)


def close_descriptor(link: socket.socket) -> None:
    """Close the descriptor of ``link`` alone: wait for no lock, and send no TLS close_notify."""
    with contextlib.suppress(OSError):
        os.close(link.detach())
