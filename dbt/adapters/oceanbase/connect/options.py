"""The options of a connection, which is all that the profile passes to ``connect``.

Every class is frozen and hashable, so that one connector serves all connections with equal options. Seconds are floats
or ints as the user wrote them. Secrets have ``repr=False``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SslMode = Literal["disabled", "preferred", "required", "verify_ca", "verify_identity"]
HostStrategy = Literal["ordered", "random", "round_robin"]
CancelMethod = Literal["auto", "kill", "disconnect"]
ConnectionMode = Literal["pooled", "new"]

DEFAULT_PORT = 2881
"""SQL port of an observer; an OceanBase Database Proxy (ODP) listens on 2883."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a server: ``host`` and ``port``, or ``unix_socket`` alone."""

    host: str | None = None
    port: int = DEFAULT_PORT
    unix_socket: str | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host
        return self.unix_socket or f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """The embedded engine: its data folder, and limits such as ``2G``, or None for the engine's defaults."""

    path: str
    memory: str | None = None
    log_disk: str | None = None
    datafile_max: str | None = None


@dataclass(frozen=True, slots=True)
class LoginOptions:
    """The user, tenant, cluster and password of a login.

    ``password_command`` (program and arguments) prints the password, for tokens that expire soon.
    """

    user: str
    tenant: str | None = None
    cluster: str | None = None
    password: str = field(default="", repr=False)
    password_command: tuple[str, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The user name as OceanBase parses it: ``user@tenant#cluster``."""
        tenant = f"@{self.tenant}" if self.tenant else ""
        cluster = f"#{self.cluster}" if self.cluster else ""
        return f"{self.user}{tenant}{cluster}"


@dataclass(frozen=True, slots=True)
class SshOptions:
    """The bastion that connections go through, the login there, and the file with its host key.

    Without ``private_key`` and ``password`` the user's own keys and agent are used, as ``ssh`` does. Without
    ``known_hosts`` the user's own file is used.
    """

    host: str
    user: str
    port: int = 22
    private_key: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    known_hosts: str | None = None

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class TlsOptions:
    """TLS options as MySQL clients name them. File names are absolute or relative to the working folder."""

    mode: SslMode = "preferred"
    ca: str | None = None
    cert: str | None = None
    key: str | None = field(default=None, repr=False)
    server_name: str | None = None


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Session variables that are set once per connection. Timeouts are seconds; None keeps the server's value.

    ``schema`` becomes the current database if it exists.
    """

    schema: str | None = None
    query_timeout: float = 86_400
    transaction_timeout: float = 86_400
    lock_timeout: float = 120
    time_zone: str = "+00:00"
    sql_mode: str | None = None
    charset: str = "utf8mb4"
    collation: str | None = None
    variables: tuple[tuple[str, str | int | float | bool | None], ...] = ()


@dataclass(frozen=True, slots=True)
class RetryOptions:
    """Limits of opening: seconds for one attempt, rounds after the first, seconds for all rounds together.

    ``retry_all`` also retries after errors that are final, such as a wrong password.
    """

    connect_timeout: float = 10
    connect_retries: int = 3
    deadline: float = 60
    retry_all: bool = False


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """The pool of connections. ``size`` None: as many as the owners of the pool need together.

    In seconds: ``timeout`` for a connection to become free, ``recycle`` after which a connection is replaced,
    ``idle_check`` after which an idle one is pinged before its next use.
    """

    size: int | None = None
    timeout: float = 60
    recycle: float = 1800
    idle_check: float = 30


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """All options of a connection. Exactly one of ``endpoints`` and ``engine`` is set.

    ``discover``: ask the first server that answers for all servers of the tenant.
    """

    login: LoginOptions
    endpoints: tuple[Endpoint, ...] = ()
    engine: EngineOptions | None = None
    host_strategy: HostStrategy = "ordered"
    discover: bool = False
    ssh: SshOptions | None = None
    tls: TlsOptions = TlsOptions()
    session: SessionOptions = SessionOptions()
    retry: RetryOptions = RetryOptions()
    connection_mode: ConnectionMode = "pooled"
    pool: PoolOptions = PoolOptions()
    cancel_method: CancelMethod = "auto"
