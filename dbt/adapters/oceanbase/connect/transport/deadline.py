"""Sockets under a deadline: shut down from another thread, looked at without reading, closed without a word."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading


class Deadline:
    """Shuts a socket down when ``seconds`` have passed: bounds a peer that drips single bytes as well."""

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
        # under the lock: a timer that goes off just now must not hit a link that was handed out as good
        with self._lock:
            self._over = True
        self._timer.cancel()


_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


def is_readable(link: socket.socket) -> bool:
    """Tell whether something has come on ``link`` that was not read yet, or its other side has gone."""
    with _Selector() as selector:
        selector.register(link, selectors.EVENT_READ)
        return bool(selector.select(0))


def shut_down(link: socket.socket) -> None:
    """Wake whoever waits on ``link``, as if the peer had gone; a socket that is already gone is no error."""
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)


def close_descriptor(link: socket.socket) -> None:
    """Close what ``link`` stands for and nothing else: no lock is waited for, and TLS says no goodbye."""
    with contextlib.suppress(OSError):
        os.close(link.detach())
