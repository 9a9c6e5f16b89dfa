"""The profile as dbt sees it, and the way from there to frozen connect options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from dbt.adapters.contracts.connection import Credentials
from mashumaro.helper import pass_through

from .connect.options import (
    DEFAULT_PORT,
    ConnectOptions,
    Endpoint,
    EngineOptions,
    LoginOptions,
    PoolOptions,
    RetryOptions,
    SessionOptions,
    SshOptions,
    TlsOptions,
)
from .profile.checks import AUTO
from .profile.declaration import option_values
from .profile.fields import FIELDS, ProfileFields
from .profile.rules import checked
from .profile.values import split_endpoint

_SECRET = [name for name, field in FIELDS.items() if field.secret]
"""Passwords, and the fields that name files with keys: they are neither printed nor serialized."""

_PRINTED = [name for name, field in FIELDS.items() if field.printed and not field.secret]
"""Fields that ``dbt debug`` prints and ``target`` holds, if they are given."""


@dataclass
class OceanBaseCredentials(ProfileFields, Credentials):
    """One target of ``profiles.yml``. Every instance is valid: creating one checks all rules of ``profile.rules``.

    Timeouts are seconds. ``schema`` is OceanBase's database, and ``database`` is always None. A field that is
    None is not given. The first value that breaks a rule raises ValidationError with a text of one line.
    """

    database: str | None = None  # type: ignore[assignment]  # OceanBase has schemas only

    class Config(Credentials.Config):
        """Serializes numbers of seconds as they were written: 10 as 10, not as 10.0."""

        serialization_strategy = {**Credentials.Config.serialization_strategy, float: pass_through}

    @property
    def type(self) -> str:
        """Name of the adapter in a profile."""
        return "oceanbase"

    @property
    def unique_field(self) -> str:
        """The value that identifies this server; dbt hashes it before sending it anywhere."""
        return self.path or self.unix_socket or self.host or ",".join(self.hosts or ())

    def _connection_keys(self) -> tuple[str, ...]:
        return tuple(name for name in _PRINTED if getattr(self, name) is not None)

    def connection_info(self, *, with_aliases: bool = False) -> Iterator[tuple[str, Any]]:
        """Yield what ``dbt debug`` prints; with aliases also ``database``, since macros of packages read it.

        It is empty: ``{{ target.database }}`` of None would be the word None.
        """
        yield from super().connection_info(with_aliases=with_aliases)
        if with_aliases:
            yield "database", ""

    @classmethod
    def validate(cls, data: Any) -> None:
        """Check ``data``, a target as dbt read it. Raise ValidationError with one line that names the field."""
        checked(data)

    @classmethod
    def __pre_deserialize__(cls, data: dict[str, Any]) -> dict[str, Any]:
        return checked(data)

    def __post_init__(self) -> None:
        for name, value in checked(vars(self)).items():
            setattr(self, name, value)
        self.database = None

    def __post_serialize__(self, dct: dict[str, Any], context: Any = None) -> dict[str, Any]:
        return {name: value for name, value in dct.items() if name not in _SECRET}

    def options(self) -> ConnectOptions:
        """Return the frozen options for ``connect``.

        The first call resolves relative file names against the working folder. Later calls return the same
        object, so do not change fields after the first call.
        """
        return self._options

    @cached_property
    def _options(self) -> ConnectOptions:
        arguments = partial(option_values, FIELDS, vars(self))
        return ConnectOptions(
            login=LoginOptions(**arguments(LoginOptions)),
            endpoints=self._endpoints(),
            engine=EngineOptions(**arguments(EngineOptions)) if self.path else None,
            discover=self.hosts == [AUTO],
            ssh=SshOptions(**arguments(SshOptions)) if self.ssh else None,
            tls=TlsOptions(**arguments(TlsOptions)),
            session=SessionOptions(**arguments(SessionOptions)),
            retry=RetryOptions(**arguments(RetryOptions)),
            pool=PoolOptions(**arguments(PoolOptions)),
            **arguments(ConnectOptions),
        )

    def _endpoints(self) -> tuple[Endpoint, ...]:
        if self.unix_socket:
            return (Endpoint(unix_socket=self.unix_socket),)
        default = self.port or DEFAULT_PORT
        if self.host:
            return (Endpoint(self.host, default),)
        named = [split_endpoint(entry) for entry in self.hosts or ()]
        return tuple(Endpoint(host, port or default) for host, port in named)
