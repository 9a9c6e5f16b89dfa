"""Connections to OceanBase: everything between a profile and an open session.

This package imports nothing of dbt and can be used alone. It logs to the logger of its name: events at debug level, a
link that others could read as a warning.
"""

from .errors import ConnectError, SessionCancelled
from .opening.connector import Connector
from .opening.steps import ConnectRequest
from .options import ConnectOptions, Endpoint
from .pool.pool import SessionPool
from .pool.registry import connector, pool_of, pools_of
from .session.session import Session

__all__ = [
    "ConnectError",
    "ConnectOptions",
    "ConnectRequest",
    "Connector",
    "Endpoint",
    "Session",
    "SessionCancelled",
    "SessionPool",
    "connector",
    "pool_of",
    "pools_of",
]
