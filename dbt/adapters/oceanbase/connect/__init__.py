"""Everything between a profile and an open session; imports nothing of dbt and can be used alone."""

from .connector import Connector
from .errors import ConnectError, SessionCancelled
from .options import ConnectOptions
from .pool import SessionPool
from .registry import connector, pool_of, pools_of
from .session import Session

__all__ = [
    "ConnectError",
    "ConnectOptions",
    "Connector",
    "Session",
    "SessionCancelled",
    "SessionPool",
    "connector",
    "pool_of",
    "pools_of",
]
