"""The retry policy for opening a session: exponential back-off with full jitter between rounds over all hosts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import tenacity

from ..errors import ConnectError, HostUnreachable, TunnelUnreachable
from ..options import RetryOptions

BACKOFF_SECONDS = 0.5
"""Longest sleep after the first round over all hosts, in seconds. The limit doubles with each further round."""

MAX_BACKOFF_SECONDS = 8.0
"""Longest sleep after any round over all hosts, in seconds."""

BUSY_BACKOFF_SECONDS = 1.0
"""Longest sleep after the first round over all hosts, in seconds, if a server is full.

The limit doubles with each further round. It is longer than BACKOFF_SECONDS, because another client has to end its
session first.
"""

MAX_BUSY_BACKOFF_SECONDS = 15.0
"""Longest sleep after any round over all hosts, in seconds, if a server is full."""


LINK_ERRORS = (HostUnreachable, TunnelUnreachable)
"""Classes of the errors of a server or bastion that cannot be reached now, or that is starting or stopping."""


def always() -> bool:
    """Return True. This is the default of the argument ``waits_when_full`` of ``policy``: retry if a server is full."""
    return True


def never() -> bool:
    """Return False. This is the default of the argument ``is_patient`` of ``policy``.

    With this default, the policy limits the number of rounds for every error.
    """
    return False


def policy(
    options: RetryOptions,
    sleep: Callable[[float], Any] = time.sleep,
    cancelled: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    *,
    waits_when_full: Callable[[], bool] = always,
    is_patient: Callable[[], bool] = never,
) -> tenacity.Retrying:
    """Return the retry policy for opening one session. Each attempt of the policy is a round over all hosts.

    The policy retries after a ConnectError that is ``retryable``, or after any ConnectError if ``options.retry_all`` is
    set. It retries after the error of a full server only if ``waits_when_full()`` returns True. Any other error is
    raised at once. The policy gives up and raises the last error in three cases: ``options.connect_retries`` rounds
    beyond the first have failed, the next sleep would not end within ``options.deadline`` seconds after this call, or
    ``cancelled`` is set. While ``is_patient()`` returns True, each error in LINK_ERRORS is retried, in any number of
    rounds before the deadline. ``sleep`` gets the seconds between two rounds. ``clock`` returns the time in seconds.
    """
    ordinary = tenacity.wait_random_exponential(multiplier=BACKOFF_SECONDS, max=MAX_BACKOFF_SECONDS)
    busy = tenacity.wait_random_exponential(multiplier=BUSY_BACKOFF_SECONDS, max=MAX_BUSY_BACKOFF_SECONDS)
    until = clock() + options.deadline
    cancelled = cancelled or threading.Event()
    last: BaseException | None = None

    def is_retryable(error: BaseException) -> bool:
        nonlocal last
        last = error
        if not isinstance(error, ConnectError) or (error.capacity and not waits_when_full()):
            return False
        return options.retry_all or error.retryable or is_waited_for()

    def is_waited_for() -> bool:
        return isinstance(last, LINK_ERRORS) and is_patient()

    def is_over(state: tenacity.RetryCallState) -> bool:
        is_last = state.attempt_number > options.connect_retries and not is_waited_for()
        return is_last or cancelled.is_set() or clock() + state.upcoming_sleep >= until

    def sleep_unless_cancelled(seconds: float) -> None:
        sleep(seconds)
        if last is not None and cancelled.is_set():
            raise last

    return tenacity.Retrying(
        stop=is_over,
        wait=lambda state: (busy if isinstance(last, ConnectError) and last.capacity else ordinary)(state),
        retry=tenacity.retry_if_exception(is_retryable),
        sleep=sleep_unless_cancelled,
        reraise=True,
    )
