"""The options of a connection. From the profile, the package ``connect`` gets these and the number of threads.

Every class is frozen and hashable, so that connections with equal options share one connector. Durations are in
seconds, as int or float. ``repr`` does not show secrets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SslMode = Literal["disabled", "preferred", "required", "verify_ca", "verify_identity"]
HostStrategy = Literal["ordered", "random", "round_robin"]
CancelMethod = Literal["auto", "kill", "disconnect"]
ConnectionMode = Literal["pooled", "new"]

DEFAULT_PORT = 2881
"""Default SQL port: the port of an observer (OceanBase's server). An OceanBase Database Proxy (ODP) listens on 2883."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a server: ``host`` and ``port``, or ``unix_socket`` alone.

    ``host`` has no brackets. ``str`` returns ``host:port``, with brackets around an IPv6 address, or the socket's path.
    """

    host: str | None = None
    port: int = DEFAULT_PORT
    unix_socket: str | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host
        return self.unix_socket or f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """The data folder (``path``) of the embedded engine, and limits for its memory, log disk and data file.

    A limit is a size such as ``2G``, or None to leave the engine's limit unchanged. ``linger`` is the number of seconds
    for which the engine keeps running after the last process that used it has ended.
    """

    path: str
    memory: str | None = None
    log_disk: str | None = None
    datafile_max: str | None = None
    linger: float = 0.0


@dataclass(frozen=True, slots=True)
class LoginOptions:
    """The user, tenant, cluster and password of a login.

    ``password_command`` is a program with its arguments that prints the password, such as a token that expires soon. If
    it is set, ``password`` is not used.
    """

    user: str
    tenant: str | None = None
    cluster: str | None = None
    password: str = field(default="", repr=False)
    password_command: tuple[str, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The user name to send: ``user@tenant#cluster``, without the parts that are not set."""
        tenant = f"@{self.tenant}" if self.tenant else ""
        cluster = f"#{self.cluster}" if self.cluster else ""
        return f"{self.user}{tenant}{cluster}"


@dataclass(frozen=True, slots=True)
class SshOptions:
    """The bastion (SSH server) that connections go through, the login there, and the file with its host key.

    ``private_key`` is the name of a file. Without ``private_key`` and ``password``, the keys in ``~/.ssh`` and the SSH
    agent are used, as the command ``ssh`` does. Without ``known_hosts``, ``~/.ssh/known_hosts`` is used.
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
    """TLS options with the names and meanings of MySQL's ``ssl`` options, except for ``verify_ca`` without a CA file.

    ``mode`` is MySQL's ``ssl_mode`` in lower case. ``ca``, ``cert`` and ``key`` are files, absolute or relative to the
    working folder. Without ``ca``, the system's certificates are trusted, and ``verify_ca`` checks the host name, too.
    ``server_name`` is the name for which the server's certificate must be issued, if that is checked. None means the
    host of the connection. A unix socket never uses TLS.
    """

    mode: SslMode = "preferred"
    ca: str | None = None
    cert: str | None = None
    key: str | None = field(default=None, repr=False)
    server_name: str | None = None


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """The settings of a session, sent once per connection and again after each reset of it. Timeouts are in seconds.

    ``schema`` becomes the current database if it exists and the user may use it. Otherwise the session has no current
    database. If ``sql_mode`` is None, the mode is ``SQL_MODE`` in the module ``connect.session.settings``: the server's
    modes, adapted to dbt. If ``collation`` is None, the session gets the server's collation if that belongs to
    ``charset``, and otherwise the default collation of ``charset``. ``variables`` are pairs of the name and the value
    of a session variable. The value None stands for the server's default.
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
    """Limits of opening a session. A round tries each host once.

    ``connect_timeout``: seconds for one attempt on one host. ``connect_retries``: maximum number of rounds after the
    first round. ``deadline``: seconds for all rounds together. ``retry_all``: also retry after errors that are usually
    final, such as a wrong password.
    """

    connect_timeout: float = 10
    connect_retries: int = 3
    deadline: float = 60
    retry_all: bool = False


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """Options of the connection pool. Times are in seconds.

    ``size``: maximum number of open connections. None means the sum of the numbers that the users of the pool have
    registered with ``SessionPool.expect``, but at least 3. ``timeout``: maximum wait for a free connection.
    ``recycle``: age after which a connection is replaced before its next use. ``idle_check``: idle time after which a
    connection is pinged before its next use.
    """

    size: int | None = None
    timeout: float = 60
    recycle: float = 1800
    idle_check: float = 30


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """All options of a connection. A connection goes either to one of ``endpoints`` or to the embedded ``engine``.

    ``discover``: ask the first server that answers for all servers of the tenant. From then on, these servers are tried
    before ``endpoints``. ``connection_mode``: ``pooled`` keeps connections open for later sessions, ``new`` opens a
    connection per session. ``cancel_method``: how running statements are ended, see ``control.kill.end_statements``.
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
