"""Connect to OceanBase: from the options of a profile to an open session.

This package does not import dbt and can be used without it. Each module logs to the standard library's logger with the
module's name. Most messages have the level debug or info. Messages that a user should see have the level NOTICE, which
lies between info and warning. A warning is logged if others on the network could read a connection or answer in the
server's place.
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
