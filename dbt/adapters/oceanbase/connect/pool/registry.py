"""One pool per distinct options in a process. The engine, the bastion and the loaded steps are shared likewise."""

from __future__ import annotations

import threading

from .. import forks
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
    """Return the pool for ``options``, the same one for equal options."""
    with _lock:
        found = _pools.get(options)
        if found is None:
            found = _pools[options] = SessionPool(Connector(options))
        return found


def pools_of(owner: object) -> list[SessionPool]:
    """Return the pools with which ``owner`` has registered its need of connections."""
    with _lock:
        return [pool for pool in _pools.values() if pool.is_used_by(owner)]


def connector(options: ConnectOptions) -> Connector:
    """Return the connector for ``options``, the same one for equal options."""
    return pool_of(options).connector


def reset_after_fork() -> None:
    """Share nothing with the parent process: keep its links untouched, and open new ones on first need.

    Pools and sessions of the parent stay referenced, so that nothing of them is closed or waited for.
    """
    global _pools, _lock
    _lock = threading.Lock()
    _inherited.extend((_pools, forget_all()))
    _pools = {}
    embedded.reset_after_fork()
    steps.reset_after_fork()


forks.reset_in_child(reset_after_fork)
