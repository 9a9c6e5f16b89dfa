"""From an endpoint to a connected socket through a bastion: one login for all links, made when first needed."""

from __future__ import annotations

import socket
import threading
import time
import weakref
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

from .. import forks
from ..errors import ConnectError
from ..options import Endpoint, SshOptions
from . import errors as ssh_errors

if TYPE_CHECKING:
    from .tunnel import Login

SILENCE = 1.0
"""Seconds without an answer after which a login takes no new links; shorter ones may be a slow moment."""

_bastions: weakref.WeakSet[Bastion] = weakref.WeakSet()
_logins: weakref.WeakSet[Login] = weakref.WeakSet()


class Bastion:
    """One SSH login that all links of a connector go through. Safe to share between threads, and after a fork."""

    def __init__(self, options: SshOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._login: Future[Login] | None = None
        _bastions.add(self)

    def __repr__(self) -> str:
        return f"<Bastion {self._options}>"

    def open_socket(self, endpoint: Endpoint, timeout: float) -> socket.socket:
        """Give a socket whose other end is ``endpoint`` as the bastion sees it, within ``timeout`` seconds.

        Logs in first where there is no login, or a dead one. Raises HostUnreachable when the bastion cannot connect
        to ``endpoint``, TunnelUnreachable when the bastion does not answer or drops the link, and TunnelFailed when
        it does not let the link through. The socket blocks without limit.
        """
        until = time.monotonic() + timeout
        login = self._logged_in(timeout)
        opening = login.open(endpoint)
        try:
            wait([opening], max(until - time.monotonic(), 0) / 2)
            # who is silent, the server or the bastion?
            asked = time.monotonic()
            sign_of_life = None if opening.done() else login.ask()
            wait([opening], max(until - time.monotonic(), 0))
        finally:
            is_late = opening.cancel()
        if sign_of_life is None or not is_late:
            return opening.result()
        if sign_of_life.is_set():
            raise ssh_errors.late(endpoint, self._options, timeout)
        if time.monotonic() - asked >= SILENCE:
            # its links may still come back, but new ones are not to wait for that
            login.give_up()
        raise ssh_errors.unanswered(self._options, timeout)

    def close(self) -> None:
        """End the login when no link uses it any more; the next link logs in again. May be called at any time."""
        with self._lock:
            login, self._login = self._login, None
        if login is not None:
            login.add_done_callback(_give_up)

    def start_anew(self) -> None:
        """Forget the login without a word to the bastion, in a process that was forked."""
        self._lock, self._login = threading.Lock(), None

    def _logged_in(self, timeout: float) -> Login:
        with self._lock:
            login = self._login
            if login is not None and login.done() and not login.result().is_usable:
                login = None
            if is_ours := login is None:
                login = self._login = Future()
        if is_ours:
            return self._log_in(login, timeout)
        wait([login], timeout)
        if not login.done():
            raise ssh_errors.unanswered(self._options, timeout)
        error = login.exception()
        if isinstance(error, ConnectError):
            raise type(error)(str(error), error.code, error.host) from error
        return login.result()

    def _log_in(self, promise: Future[Login], timeout: float) -> Login:
        """Log in for all who wait for ``promise``: one login is tried at a time, also one that fails."""
        try:
            login = self._new_login(timeout)
        except BaseException as error:
            with self._lock:
                if self._login is promise:
                    self._login = None
            interrupted = ssh_errors.dropped(self._options, "the login was interrupted")
            promise.set_exception(error if isinstance(error, ConnectError) else interrupted)
            raise
        _logins.add(login)
        promise.set_result(login)
        return login

    def _new_login(self, timeout: float) -> Login:
        until = time.monotonic() + timeout
        try:
            from . import tunnel as ssh_links
        except ImportError as error:
            raise ssh_errors.paramiko_missing(self._options, error) from error
        return ssh_links.log_in(self._options, max(until - time.monotonic(), 0.001))


def _give_up(login: Future[Login]) -> None:
    if login.exception() is None:
        login.result().give_up()


def _after_fork() -> None:
    """The child has the parent's descriptors, but not its threads: what it sends would break the parent's links."""
    for login in list(_logins):
        login.forget()
    for bastion in list(_bastions):
        bastion.start_anew()


forks.reset_in_child(_after_fork)
