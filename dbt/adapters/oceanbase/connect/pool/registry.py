"""Keep the session pools of this process. All connections with equal options share one pool.

So they also share the pool's connector, which opens the sessions, and its login to the bastion (SSH jump host), if any.
"""

from __future__ import annotations

import threading

from .. import forks
from ..opening import steps
from ..opening.connector import Connector
from ..options import ConnectOptions
from ..session.session import forget_all
from .pool import SessionPool

_pools: dict[ConnectOptions, SessionPool] = {}
_lock = threading.Lock()
_inherited: list[object] = []


def pool_of(options: ConnectOptions) -> SessionPool:
    """Return the pool for ``options``. Equal options share one pool. Nothing is opened."""
    with _lock:
        found = _pools.get(options)
        if found is None:
            found = _pools[options] = SessionPool(Connector(options))
        return found


def pools_of(owner: object) -> list[SessionPool]:
    """Return the pools at which ``owner`` has registered itself with ``SessionPool.expect``."""
    with _lock:
        return [pool for pool in _pools.values() if pool.is_used_by(owner)]


def connector(options: ConnectOptions) -> Connector:
    """Return the connector for ``options``. Equal options share one connector."""
    return pool_of(options).connector


def reset_after_fork() -> None:
    """Make a forked process open its own connections, and leave the connections of its parent process open.

    The child keeps references to the parent's pools and sessions, so that garbage collection does not close them.
    """
    global _pools, _lock
    _lock = threading.Lock()
    _inherited.extend((_pools, forget_all()))
    _pools = {}
    steps.reset_after_fork()


forks.reset_in_child(reset_after_fork)
