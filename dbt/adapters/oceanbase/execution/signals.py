"""Termination by SIGTERM and SIGHUP, as by Ctrl-C: dbt cancels what runs, and nodes clean up."""

from __future__ import annotations

import signal
import threading
from typing import Any, NoReturn

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that end a process without any clean-up by default: from a scheduler, a container or a closed terminal."""


def interrupt_on_termination() -> None:
    """Have SIGNALS raise KeyboardInterrupt in the main thread from now on, where nobody else has decided on them.

    Do nothing in another thread, for a signal that is ignored (``nohup``), or has a handler already.
    """
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _interrupt)


def restore() -> None:
    """Restore the default action of SIGNALS, if this module has changed it."""
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) is _interrupt:
                signal.signal(number, signal.SIG_DFL)


def _interrupt(number: int, frame: Any) -> NoReturn:
    raise KeyboardInterrupt(f"ended by {signal.Signals(number).name}")
