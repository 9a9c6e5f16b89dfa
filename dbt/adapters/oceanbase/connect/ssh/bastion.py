"""Connect to servers through a bastion (SSH jump host). All connections share one SSH login."""

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

SILENCE_SECONDS = 1.0
"""Seconds without an answer to a keep-alive request after which an SSH login is not used for new connections any more.

After a shorter silence, new connections still use the login, because the bastion may only be slow for a moment.
"""

_bastions: weakref.WeakSet[Bastion] = weakref.WeakSet()
_logins: weakref.WeakSet[Login] = weakref.WeakSet()


class Bastion:
    """A client that connects to servers through a bastion, with one SSH login for all connections of a connector.

    ``options`` describe the bastion and the login. Threads can share this object. A forked process logs in again.
    """

    def __init__(self, options: SshOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._login: Future[Login] | None = None
        _bastions.add(self)

    def __repr__(self) -> str:
        return f"<Bastion {self._options}>"

    def open_socket(self, endpoint: Endpoint, timeout: float) -> socket.socket:
        """Connect to ``endpoint`` through the bastion within ``timeout`` seconds and return the socket.

        The socket has no timeout set. The bastion resolves the host name of ``endpoint``. If there is no usable SSH
        login, a new login is made first, in the same time limit.

        Raises HostUnreachable if the bastion answers, but cannot connect to ``endpoint``, or not in time. Raises
        TunnelFailed if the bastion's host key is not trusted, if the bastion refuses the login or does not allow
        connections to ``endpoint``, if an ``ssh`` setting is wrong, or if paramiko is missing. Raises
        TunnelUnreachable, a subclass of TunnelFailed, if the bastion does not answer, closes the SSH connection or has
        no room for another connection.
        """
        until = time.monotonic() + timeout
        login = self._logged_in(timeout)
        opening = login.open(endpoint)
        try:
            wait([opening], max(until - time.monotonic(), 0) / 2)
            # a keep-alive request shows whether it is the bastion that does not answer, or the server behind it
            asked = time.monotonic()
            answered = None if opening.done() else login.send_keep_alive()
            wait([opening], max(until - time.monotonic(), 0))
        finally:
            is_late = opening.cancel()
        if answered is None or not is_late:
            return opening.result()
        if answered.is_set():
            raise ssh_errors.late(endpoint, self._options, timeout)
        if time.monotonic() - asked >= SILENCE_SECONDS:
            # its open connections may recover, but new connections must not wait for that
            login.close_when_unused()
        raise ssh_errors.unanswered(self._options, timeout)

    def close(self) -> None:
        """Close the SSH login as soon as no connection uses it. The next ``open_socket`` logs in again."""
        with self._lock:
            login, self._login = self._login, None
        if login is not None:
            login.add_done_callback(_close_when_unused)

    def reset_after_fork(self) -> None:
        """Forget the parent's SSH login in a forked process, without sending anything to the bastion."""
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
        """Log in within ``timeout`` seconds, and set the login or its error as the result of ``promise``.

        Other threads wait for ``promise``. If the login fails, each of these threads raises the same error and does not
        try to log in itself.
        """
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
            from .tunnel import log_in
        except ImportError as error:
            raise ssh_errors.paramiko_missing(self._options, error) from error
        return log_in(self._options, timeout, until)


def _close_when_unused(login: Future[Login]) -> None:
    if login.exception() is None:
        login.result().close_when_unused()


def reset_after_fork() -> None:
    """Forget all SSH logins of the parent in a forked process.

    The child shares the SSH connections with its parent. Any byte that the child sent would break them for the parent.
    """
    for login in list(_logins):
        login.forget()
    for bastion in list(_bastions):
        bastion.reset_after_fork()


forks.reset_in_child(reset_after_fork)
