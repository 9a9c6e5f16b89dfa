"""When to try again to open: rounds over all hosts, exponential back-off with full jitter between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import tenacity

from ..errors import ConnectError
from ..options import RetryOptions

BASE, CAP = 0.5, 8.0
"""Seconds: the longest sleep after the first round, doubled after each further one, and the longest of all."""

CAPACITY_BASE, CAPACITY_CAP = 1.0, 15.0
"""Seconds, for a server that is full: others must finish first."""


def always() -> bool:
    """Say that a full server is waited for."""
    return True


def policy(
    options: RetryOptions,
    sleep: Callable[[float], Any] = time.sleep,
    cancelled: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    *,
    waits_when_full: Callable[[], bool] = always,
) -> tenacity.Retrying:
    """Give the policy for the rounds of one opening; ``deadline`` counts from now, in seconds of ``clock``.

    Stops after ``connect_retries`` rounds beyond the first, or where a sleep would end past ``deadline``, or when
    ``cancelled`` is set, also during a sleep, and re-raises the last error. Only errors whose code says that
    another try may work are tried again, unless ``retry_all`` is on; that of a full server only if
    ``waits_when_full`` says so then.
    """
    ordinary = tenacity.wait_random_exponential(multiplier=BASE, max=CAP)
    capacity = tenacity.wait_random_exponential(multiplier=CAPACITY_BASE, max=CAPACITY_CAP)
    until = clock() + options.deadline
    last: BaseException | None = None

    def is_retryable(error: BaseException) -> bool:
        nonlocal last
        last = error
        if not isinstance(error, ConnectError) or (error.capacity and not waits_when_full()):
            return False
        return options.retry_all or error.retryable

    def wait(state: tenacity.RetryCallState) -> float:
        return capacity(state) if isinstance(last, ConnectError) and last.capacity else ordinary(state)

    def is_cancelled() -> bool:
        return cancelled is not None and cancelled.is_set()

    def is_over(state: tenacity.RetryCallState) -> bool:
        is_late = clock() + state.upcoming_sleep >= until
        return is_late or is_cancelled() or state.attempt_number > options.connect_retries

    def nap(seconds: float) -> None:
        sleep(seconds)
        if last is not None and is_cancelled():
            raise last

    return tenacity.Retrying(
        stop=is_over,
        wait=wait,
        retry=tenacity.retry_if_exception(is_retryable),
        sleep=nap,
        reraise=True,
    )
