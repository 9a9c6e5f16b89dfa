"""The class for a target of ``profiles.yml``, with its conversion to immutable options for the package ``connect``."""

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
"""Fields that hold a password or the name of a key file. They are neither printed nor serialized."""

_PRINTED = [name for name, field in FIELDS.items() if field.printed and not field.secret]
"""Fields that ``dbt debug`` prints and that the variable ``target`` holds, if the profile sets them."""


@dataclass
class OceanBaseCredentials(ProfileFields, Credentials):
    """One target of ``profiles.yml``.

    Creating an instance checks all rules of ``profile.rules``, so every instance is valid. ValidationError is raised,
    with a message of one line, for the first value that is wrong or missing, or for fields that do not fit together.
    Timeouts are in seconds. ``schema`` is what OceanBase calls a database, and ``database`` is always None. A field
    that the profile does not set has its default, or None if it has no default.
    """

    database: str | None = None  # type: ignore[assignment]  # OceanBase has schemas only

    class Config(Credentials.Config):
        """The options for serializing a target. A number of seconds stays unchanged: 10 does not become 10.0."""

        serialization_strategy = {**Credentials.Config.serialization_strategy, float: pass_through}

    @property
    def type(self) -> str:
        """The name of the adapter, which is the value of ``type`` in a profile."""
        return "oceanbase"

    @property
    def unique_field(self) -> str:
        """The value that identifies the profile's server: its folder, socket, host or hosts (joined by commas).

        A port is part of it only in ``hosts``. dbt hashes the value before it sends the value anywhere.
        """
        return self.path or self.unix_socket or self.host or ",".join(self.hosts or ())

    def _connection_keys(self) -> tuple[str, ...]:
        return tuple(name for name in _PRINTED if getattr(self, name) is not None)

    def connection_info(self, *, with_aliases: bool = False) -> Iterator[tuple[str, Any]]:
        """Yield the names and values of the fields that ``dbt debug`` prints: no secrets, and no fields that are None.

        dbt sets ``with_aliases`` to make the variable ``target`` for macros. In this case the result also has
        ``database``, since macros of dbt packages read ``target.database``. Its value is an empty text, because Jinja
        would render None as the word None.
        """
        yield from super().connection_info(with_aliases=with_aliases)
        if with_aliases:
            yield "database", ""

    @classmethod
    def validate(cls, data: Any) -> None:
        """Raise ValidationError if ``data``, the fields of a target in ``profiles.yml``, breaks a rule.

        The rules are those of ``profile.rules``. A rule is broken if a field is unknown, wrong or missing, or if fields
        do not fit together. The message has one line and names the field. ``data`` is not changed.
        """
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
        """Return the immutable options for the package ``connect``.

        The first call resolves relative file names against the working folder. Later calls return the same
        object, so changes to the fields after the first call have no effect.
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
