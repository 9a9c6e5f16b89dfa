"""A notice to the user while the embedded engine takes long to start."""

from __future__ import annotations

import contextlib
import contextvars
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

from ..errors import one_line

logger = logging.getLogger(__name__)

NOTICE = logging.INFO + 5
"""Log level of a message that the user should see although nothing is wrong. It lies between INFO and WARNING."""

SLOW_SECONDS = 2.0
"""Seconds after which the slow start of an engine is reported to the user."""


@contextlib.contextmanager
def noticed_if_slow(folder: Path) -> Iterator[None]:
    """Log one line for the user if the ``with`` block, which starts the engine in ``folder``, exceeds SLOW_SECONDS."""
    text = f"path: the engine on {one_line(str(folder), 80)} is starting"
    # in the caller's context, because dbt's log handlers look there for the node
    run = contextvars.copy_context().run
    timer = threading.Timer(SLOW_SECONDS, run, (logger.log, NOTICE, f"{text}, which takes longer than usual"))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
