"""One pool per distinct options in a process: the engine, the bastion, and what connections share, are process-wide."""

from __future__ import annotations

import os
import threading

from ..engine import embedded
from ..opening import steps
from ..opening.connector import Connector
from ..options import ConnectOptions
from ..session.session import forget_all
from .pool import SessionPool

_pools: dict[ConnectOptions, SessionPool] = {}
_lock = threading.Lock()
_inherited: list[object] = []


def pool_of(options: ConnectOptions) -> SessionPool:
    """Give the pool for ``options``, the same one for equal options."""
    with _lock:
        found = _pools.get(options)
        if found is None:
            found = _pools[options] = SessionPool(Connector(options))
        return found


def pools_of(owner: object) -> list[SessionPool]:
    """Give the pools that ``owner`` has said it needs connections of."""
    with _lock:
        return [pool for pool in _pools.values() if pool.is_used_by(owner)]


def connector(options: ConnectOptions) -> Connector:
    """Give the connector for ``options``, the same one for equal options."""
    return pool_of(options).connector


def _begin_anew() -> None:
    """Share nothing with the parent process: its links stay its own, and all is opened again on first need.

    What it had is kept, unused, so that nothing of it is closed or waited for.
    """
    global _pools, _lock
    _lock = threading.Lock()
    _inherited.extend((_pools, forget_all()))
    _pools = {}
    embedded.reset_after_fork()
    steps.reset_after_fork()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows, which does not fork
    os.register_at_fork(after_in_child=_begin_anew)
