"""The profile: its fields with their defaults, and the way from there to frozen connect options."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dbt.adapters.contracts.connection import Credentials
from mashumaro.helper import pass_through

from .connect.options import (
    DEFAULT_PORT,
    CancelMethod,
    ConnectionMode,
    ConnectOptions,
    Endpoint,
    EngineOptions,
    HostStrategy,
    LoginOptions,
    PoolOptions,
    RetryOptions,
    SessionOptions,
    SshOptions,
    SslMode,
    TlsOptions,
)
from .profile.fields import AUTO
from .profile.rules import checked
from .profile.values import split_endpoint

_HIDDEN = ("password", "password_command", "ssl_cert", "ssl_key", "ssh")
"""Secrets and the files that hold them: neither printed nor serialized."""

_SHOWN = (
    "path",
    "engine",
    "unix_socket",
    "host",
    "port",
    "hosts",
    "host_strategy",
    "user",
    "tenant",
    "cluster",
    "schema",
    "ssl_mode",
    "ssl_ca",
    "ssl_server_name",
    "connect_timeout",
    "connect_retries",
    "connect_retry_deadline",
    "retry_all",
    "connection_mode",
    "pool",
    "query_timeout",
    "transaction_timeout",
    "lock_timeout",
    "time_zone",
    "sql_mode",
    "charset",
    "collation",
    "cancel_method",
    "track_trace_id",
    "standard_comments",
    "statement_retries",
)
"""What ``dbt debug`` prints and ``target`` holds, as far as it is given."""


def _absolute(name: str | None) -> str | None:
    return os.path.abspath(name) if name else None


@dataclass
class OceanBaseCredentials(Credentials):
    """One target of ``profiles.yml``. Every instance is valid: the rules of ``profile_checks`` hold.

    Timeouts are seconds. ``schema`` is OceanBase's database, and ``database`` is always None. A field that is
    None is not given. Raises ValidationError, its text one line, on the first value that breaks a rule.
    """

    database: str | None = None  # type: ignore[assignment]  # OceanBase has schemas only
    schema: str = ""

    host: str | None = None
    port: int | None = None
    hosts: list[str] | None = None
    host_strategy: HostStrategy | None = None
    unix_socket: str | None = None
    path: str | None = None
    engine: dict[str, str] | None = None

    user: str = ""
    tenant: str | None = None
    cluster: str | None = None
    password: str = field(default="", repr=False)
    password_command: list[str] | None = field(default=None, repr=False)

    ssl_mode: SslMode | None = None
    ssl_ca: str | None = None
    ssl_cert: str | None = field(default=None, repr=False)
    ssl_key: str | None = field(default=None, repr=False)
    ssl_server_name: str | None = None
    ssh: dict[str, Any] | None = field(default=None, repr=False)

    connect_timeout: float = 10
    connect_retries: int = 3
    connect_retry_deadline: float = 60
    retry_all: bool = False
    connection_mode: ConnectionMode = "pooled"
    pool: dict[str, Any] | None = None

    query_timeout: float = 86_400
    transaction_timeout: float = 86_400
    lock_timeout: float = 120
    time_zone: str = "+00:00"
    sql_mode: str | None = None
    charset: str = "utf8mb4"
    collation: str | None = None
    session_variables: dict[str, Any] = field(default_factory=dict)

    cancel_method: CancelMethod = "auto"
    track_trace_id: bool = False
    standard_comments: bool = True
    statement_retries: int = 2

    class Config(Credentials.Config):
        """Keeps a number of seconds as it was written: 10 is shown as 10."""

        serialization_strategy = {**Credentials.Config.serialization_strategy, float: pass_through}

    @property
    def type(self) -> str:
        """Name of the adapter in a profile."""
        return "oceanbase"

    @property
    def unique_field(self) -> str:
        """What tells this installation from others; dbt hashes it before it leaves the machine."""
        return self.path or self.unix_socket or self.host or ",".join(self.hosts or ())

    def _connection_keys(self) -> tuple[str, ...]:
        return tuple(name for name in _SHOWN if getattr(self, name) is not None)

    def connection_info(self, *, with_aliases: bool = False) -> Iterator[tuple[str, Any]]:
        """Yield what ``dbt debug`` prints; with aliases what ``target`` holds, where macros of packages ask for it."""
        yield from super().connection_info(with_aliases=with_aliases)
        if with_aliases:
            yield "database", None

    @classmethod
    def validate(cls, data: Any) -> None:
        """Check ``data``, a target as dbt read it. Raises ValidationError: one line that names the field."""
        checked(data)

    @classmethod
    def __pre_deserialize__(cls, data: dict[str, Any]) -> dict[str, Any]:
        return checked(data)

    def __post_init__(self) -> None:
        for name, value in checked(vars(self)).items():
            setattr(self, name, value)
        self.database = None

    def __post_serialize__(self, dct: dict[str, Any], context: Any = None) -> dict[str, Any]:
        return {name: value for name, value in dct.items() if name not in _HIDDEN}

    def options(self) -> ConnectOptions:
        """Return all that ``connect`` needs, frozen.

        Relative file names are resolved against the working folder of the first call; later calls return the
        same object, so fields are not to be changed after it.
        """
        return self._options

    @cached_property
    def _options(self) -> ConnectOptions:
        limits = self.engine or {}
        return ConnectOptions(
            login=LoginOptions(self.user, self.tenant, self.cluster, self.password, tuple(self.password_command or ())),
            endpoints=self._endpoints(),
            engine=EngineOptions(os.path.abspath(self.path), **limits) if self.path else None,
            host_strategy=self.host_strategy or "ordered",
            discover=self.hosts == [AUTO],
            ssh=self._ssh(),
            tls=self._tls(),
            session=self._session(),
            retry=RetryOptions(
                connect_timeout=self.connect_timeout,
                connect_retries=self.connect_retries,
                deadline=self.connect_retry_deadline,
                retry_all=self.retry_all,
            ),
            connection_mode=self.connection_mode,
            pool=PoolOptions(**self.pool or {}),
            cancel_method=self.cancel_method,
        )

    def _endpoints(self) -> tuple[Endpoint, ...]:
        if self.unix_socket:
            return (Endpoint(unix_socket=self.unix_socket),)
        default = self.port or DEFAULT_PORT
        if self.host:
            return (Endpoint(self.host, default),)
        named = [split_endpoint(entry) for entry in self.hosts or ()]
        return tuple(Endpoint(host, port or default) for host, port in named)

    def _ssh(self) -> SshOptions | None:
        if self.ssh is None:
            return None
        files = {name: _absolute(self.ssh.get(name)) for name in ("private_key", "known_hosts")}
        return SshOptions(**{**self.ssh, **files})

    def _tls(self) -> TlsOptions:
        return TlsOptions(
            mode=self.ssl_mode or "disabled",
            ca=_absolute(self.ssl_ca),
            cert=_absolute(self.ssl_cert),
            key=_absolute(self.ssl_key),
            server_name=self.ssl_server_name,
        )

    def _session(self) -> SessionOptions:
        return SessionOptions(
            schema=self.schema,
            query_timeout=self.query_timeout,
            transaction_timeout=self.transaction_timeout,
            lock_timeout=self.lock_timeout,
            time_zone=self.time_zone,
            sql_mode=self.sql_mode,
            charset=self.charset,
            collation=self.collation,
            variables=tuple(self.session_variables.items()),
        )
