"""Registration of the functions that reset the state of ``connect`` in a child process after a fork."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack

_callbacks: list[Callable[[], None]] = []


def reset_in_child(callback: Callable[[], None]) -> None:
    """Register ``callback``, which is then called in every child process right after a fork.

    Callbacks are called in the order of registration. They replace locks and threads. Only the thread that forked
    exists in the child, so a lock that another thread of the parent held would stay locked there for ever.
    """
    _callbacks.append(callback)


def _reset() -> None:
    # an exit stack calls all callbacks even if some of them raise, and begins with the last
    with ExitStack() as stack:
        for callback in reversed(_callbacks):
            stack.callback(callback)


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows, which does not fork
    os.register_at_fork(after_in_child=_reset)
