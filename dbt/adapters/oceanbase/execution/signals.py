"""Handle the signals SIGTERM and SIGHUP like Ctrl-C, so that dbt cancels running statements and nodes clean up."""

from __future__ import annotations

import signal
import threading
from typing import Any, NoReturn

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that by default end a process without clean-up. A scheduler, a container or a closed terminal sends them."""


def interrupt_on_termination() -> None:
    """Make SIGTERM and SIGHUP raise KeyboardInterrupt in the main thread from now on.

    A signal that is ignored (as by ``nohup``) or that has a handler already is not changed. A call in any other thread
    than the main thread does nothing.
    """
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _interrupt)


def restore() -> None:
    """Restore the default action of SIGTERM and SIGHUP if ``interrupt_on_termination`` has changed it."""
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) is _interrupt:
                signal.signal(number, signal.SIG_DFL)


def _interrupt(number: int, frame: Any) -> NoReturn:
    raise KeyboardInterrupt(f"ended by {signal.Signals(number).name}")
