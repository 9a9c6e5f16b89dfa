"""The one place that registers what a child process resets after a fork."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack

_callbacks: list[Callable[[], None]] = []


def reset_in_child(callback: Callable[[], None]) -> None:
    """Call ``callback`` in every child process after a fork, after the callbacks that were registered before it.

    The child has only the thread that forked: locks that other threads of the parent held stay locked in it.
    """
    _callbacks.append(callback)


def _reset() -> None:
    # an exit stack calls all of them, also where one raises; it begins with the last
    with ExitStack() as stack:
        for callback in reversed(_callbacks):
            stack.callback(callback)


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows, which does not fork
    os.register_at_fork(after_in_child=_reset)
