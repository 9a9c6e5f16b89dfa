"""Declarations of all fields of a dbt profile. The tables in docs/profile.md are generated from them."""

# ruff: noqa: RUF009  # profile_field and profile_section return dataclass fields

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from ..connect.options import (
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
from .checks import (
    YEAR,
    DoublePipe,
    StandardSql,
    host_list,
    login_part,
    opening_timeout,
    schema_name,
    session_timeout,
    size,
    sql_modes,
    standard_sql_level,
    text_encoding,
    time_zone_offset,
    variables,
)
from .declaration import Option, ProfileField, declared_fields, profile_field, profile_section
from .values import boolean, command, file, file_name, folder, host_name, one_of, seconds, secret, text, whole_number

TCP = ("host", "hosts")
"""Names of the fields for servers that are reached by TCP."""


def _pairs(mapping: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(mapping.items())


_ENGINE_KEYS = {
    "memory": ProfileField(
        size("1G"), "Memory of the engine.", Option(EngineOptions, "memory"), default_text="the engine's own"
    ),
    "log_disk": ProfileField(
        size("2G"), "Disk space for its log.", Option(EngineOptions, "log_disk"), default_text="the engine's own"
    ),
    "datafile_max": ProfileField(
        size(), "Maximum size of its data file.", Option(EngineOptions, "datafile_max"), default_text="the engine's own"
    ),
    "linger": ProfileField(
        seconds(0, 86_400),
        "Seconds for which the engine keeps running after the last dbt process, so that the next one need not start "
        "it. See [a lingering engine](#a-lingering-engine).",
        Option(EngineOptions, "linger"),
    ),
}

_SSH_KEYS = {
    "host": ProfileField(
        host_name, "Name or address of the SSH server.", Option(SshOptions, "host"), default_text="required"
    ),
    "port": ProfileField(whole_number(1, 65_535), "Port of the SSH server.", Option(SshOptions, "port")),
    "user": ProfileField(text, "User on the SSH server.", Option(SshOptions, "user"), default_text="required"),
    "private_key": ProfileField(
        file,
        "File of the private key. It must not be encrypted: load an encrypted key into your SSH agent.",
        Option(SshOptions, "private_key", os.path.abspath),
        default_text="without `ssh.password`: your keys and agent, as for `ssh`",
    ),
    "password": ProfileField(secret, "Password of the user.", Option(SshOptions, "password")),
    "known_hosts": ProfileField(
        file,
        "File with the public key of the SSH server. A server with an unknown key is refused.",
        Option(SshOptions, "known_hosts", os.path.abspath),
        default_text="your own file",
    ),
}

_POOL_KEYS = {
    "size": ProfileField(
        whole_number(1, 1000),
        "Maximum number of connections.",
        Option(PoolOptions, "size"),
        default_text="`threads` + 2",
    ),
    "timeout": ProfileField(opening_timeout, "Seconds to wait for a free connection.", Option(PoolOptions, "timeout")),
    "recycle": ProfileField(opening_timeout, "Age at which a connection is replaced.", Option(PoolOptions, "recycle")),
    "idle_check": ProfileField(
        seconds(0, YEAR),
        "A connection that was idle for longer is pinged before its next use.",
        Option(PoolOptions, "idle_check"),
    ),
}


@dataclass
class ProfileFields:
    """All fields of a profile, in the order in which ``dbt debug`` prints them.

    A field that the profile does not give has its default, or None if it has no default.
    """

    path: str | None = profile_field(
        folder,
        "Folder of the embedded engine, relative to the folder where dbt is started. Several dbt processes may share "
        "it. The first one on a new folder may wait some seconds at its end, until the engine has set itself up. A new "
        "engine gets 20 % of its memory for plans (`ob_plan_cache_percentage`): the kernel's own 2 % hold only some of "
        "a project's plans. Its log is limited to warnings. Its files are closed to other users on every start.",
        group="Server",
        option=Option(EngineOptions, "path", os.path.abspath),
        default=None,
    )
    engine: dict[str, Any] | None = profile_section(
        _ENGINE_KEYS,
        "Limits of the embedded engine, and how long it lingers.",
        group="Embedded engine",
        only_with=("path",),
    )
    unix_socket: str | None = profile_field(
        file_name, "Socket of a server on this machine.", group="Server", option=Option(Endpoint, "unix_socket")
    )
    host: str | None = profile_field(
        host_name,
        "OceanBase server (observer), seekdb server, ODP, or a load balancer.",
        group="Server",
        option=Option(Endpoint, "host"),
    )
    port: int | None = profile_field(
        whole_number(1, 65_535),
        "Port of `host`, and of entries of `hosts` without one. 2881 is the port of an observer, 2883 that of an ODP.",
        group="Server",
        option=Option(Endpoint, "port"),
        only_with=TCP,
        default=None,
    )
    hosts: list[str] | None = profile_field(
        host_list,
        "Several servers instead of `host`. If one fails, the next is tried. `auto` goes with `host`: that server is "
        "asked for all servers of the tenant.",
        group="Server",
    )
    host_strategy: HostStrategy | None = profile_field(
        one_of(*get_args(HostStrategy)),
        "Order in which `hosts` are tried.",
        group="Server",
        option=Option(ConnectOptions, "host_strategy"),
        only_with=("hosts",),
        default=None,
    )

    user: str = profile_field(
        text,
        "Database user: the name alone, or the whole login `user@tenant#cluster`.",
        group="Login",
        option=Option(LoginOptions, "user"),
        default="",
        default_text="`root` with `path`, otherwise required",
    )
    tenant: str | None = profile_field(
        login_part,
        "Tenant of the user.",
        group="Login",
        option=Option(LoginOptions, "tenant"),
        only_with=(*TCP, "unix_socket"),
    )
    cluster: str | None = profile_field(
        login_part,
        "Cluster of the tenant, for an ODP that serves several. Needs `tenant`.",
        group="Login",
        option=Option(LoginOptions, "cluster"),
        only_with=(*TCP, "unix_socket"),
    )
    password: str = profile_field(
        secret,
        "Password of the user, sent in UTF-8. Put digits in quotes.",
        group="Login",
        option=Option(LoginOptions, "password"),
        secret=True,
    )
    password_command: list[str] | None = profile_field(
        command,
        "Command that prints the password, instead of `password`. It is run without a shell, once per process, and "
        "again when the server refuses the password.",
        group="Login",
        option=Option(LoginOptions, "password_command", tuple),
        default=None,
        secret=True,
    )
    schema: str = profile_field(
        schema_name,
        "OceanBase database in which models are built. It is created if it does not exist. `database` is accepted for "
        "the same thing.",
        group="Login",
        option=Option(SessionOptions, "schema"),
        default="",
        default_text="required",
    )

    ssl_mode: SslMode | None = profile_field(
        one_of(*get_args(SslMode)),
        "`preferred` encrypts if the server can, `required` always; neither checks the certificate. `verify_ca` also "
        "checks who signed it, and `verify_identity` the host name in it too.",
        group="TLS",
        option=Option(TlsOptions, "mode"),
        only_with=TCP,
        default=None,
    )
    ssl_ca: str | None = profile_field(
        file,
        "File of the authority that signed the server's certificate, for the two modes that verify. With the system's "
        "authorities, `verify_ca` checks the host name too.",
        group="TLS",
        option=Option(TlsOptions, "ca", os.path.abspath),
        only_with=TCP,
        default_text="the system's authorities",
    )
    ssl_cert: str | None = profile_field(
        file,
        "Client certificate. Needs `ssl_key`.",
        group="TLS",
        option=Option(TlsOptions, "cert", os.path.abspath),
        only_with=TCP,
        secret=True,
    )
    ssl_key: str | None = profile_field(
        file,
        "Private key of the client certificate. Needs `ssl_cert`.",
        group="TLS",
        option=Option(TlsOptions, "key", os.path.abspath),
        only_with=TCP,
        secret=True,
    )
    ssl_server_name: str | None = profile_field(
        host_name,
        "Name that the server's certificate must have.",
        group="TLS",
        option=Option(TlsOptions, "server_name"),
        only_with=TCP,
        default_text="`host`",
    )
    ssh: dict[str, Any] | None = profile_section(
        _SSH_KEYS, "SSH server (bastion) through which every connection goes.", group="SSH", only_with=TCP, secret=True
    )

    connect_timeout: float = profile_field(
        opening_timeout,
        "Seconds for one attempt: TCP, TLS, login and session settings together.",
        group="Opening connections",
        option=Option(RetryOptions, "connect_timeout"),
    )
    connect_retries: int = profile_field(
        whole_number(0, 1000),
        "Rounds after the first one, with exponential back-off. A round tries each host once. Wrong passwords and "
        "certificates are not retried. Once a server was reached, a lost link and a restart are waited for until "
        "`connect_retry_deadline`, whatever the number of rounds.",
        group="Opening connections",
        option=Option(RetryOptions, "connect_retries"),
    )
    connect_retry_deadline: float = profile_field(
        opening_timeout,
        "Seconds for all attempts together.",
        group="Opening connections",
        option=Option(RetryOptions, "deadline"),
    )
    retry_all: bool = profile_field(
        boolean,
        "Retry after every error, also after a refused password or certificate.",
        group="Opening connections",
        option=Option(RetryOptions, "retry_all"),
    )
    connection_mode: ConnectionMode = profile_field(
        one_of(*get_args(ConnectionMode)),
        "`pooled`: nodes reuse connections. `new`: every node opens a connection of its own.",
        group="Connection pool",
        option=Option(ConnectOptions, "connection_mode"),
    )
    pool: dict[str, Any] | None = profile_section(
        _POOL_KEYS, "Settings of the connection pool, for `connection_mode: pooled`.", group="Connection pool"
    )

    query_timeout: float = profile_field(
        session_timeout,
        "Seconds for one statement (`ob_query_timeout`; the server's own 10 s end ordinary models). It also applies to "
        "CREATE TABLE and other DDL, and to the refresh of a materialized view, for which the server itself has no "
        "limit.",
        group="Session",
        option=Option(SessionOptions, "query_timeout"),
    )
    transaction_timeout: float = profile_field(
        session_timeout,
        "Seconds for one transaction (`ob_trx_timeout`).",
        group="Session",
        option=Option(SessionOptions, "transaction_timeout"),
    )
    lock_timeout: float = profile_field(
        session_timeout,
        "Seconds to wait for a row lock (`ob_trx_lock_timeout`), and for a RENAME, DROP or TRUNCATE to wait for open "
        "transactions. The error of one of these three names the sessions that hold locks.",
        group="Session",
        option=Option(SessionOptions, "lock_timeout"),
    )
    time_zone: str = profile_field(
        time_zone_offset,
        "Time zone of the session.",
        group="Session",
        option=Option(SessionOptions, "time_zone"),
    )
    sql_mode: str | None = profile_field(
        sql_modes,
        "SQL mode of the session. Unless given, two modes are added to the server's: `STRICT_ALL_TABLES`, so that no "
        "value is cut without an error, and `NO_AUTO_VALUE_ON_ZERO`, so that a zero stays a zero in an AUTO_INCREMENT "
        "column. `ANSI_QUOTES`, `NO_BACKSLASH_ESCAPES` and the modes that turn on the first (`ANSI`, `DB2`, `MAXDB`, "
        "`MSSQL`, `ORACLE`, `POSTGRESQL`) are refused here, and removed from the server's.",
        group="Session",
        option=Option(SessionOptions, "sql_mode"),
        default_text="the server's, made strict",
    )
    charset: str = profile_field(
        text_encoding,
        "Character set of the session.",
        group="Session",
        option=Option(SessionOptions, "charset"),
    )
    collation: str | None = profile_field(
        text_encoding,
        "Collation of the session. It has to belong to `charset`.",
        group="Session",
        option=Option(SessionOptions, "collation"),
        default_text="the server's",
    )
    session_variables: dict[str, Any] = profile_field(
        variables,
        "Other session variables, set once per connection. Those that dbt needs as they are, such as "
        "`ob_read_consistency` and `sql_select_limit`, are [refused](node-settings.md#session_variables).",
        group="Session",
        option=Option(SessionOptions, "variables", _pairs),
        default={},
        printed=False,
    )

    cancel_method: CancelMethod = profile_field(
        one_of(*get_args(CancelMethod)),
        "How running statements are ended: `kill` by KILL QUERY, `disconnect` by closing the connection, `auto` by "
        "KILL QUERY unless there is a proxy.",
        group="Cancelling",
        option=Option(ConnectOptions, "cancel_method"),
    )
    track_trace_id: bool = profile_field(
        boolean,
        "Write OceanBase's trace id to `run_results.json` (`query_id`) by one more query for each statement or hook. "
        "`row_count()`, `found_rows()` and SHOW WARNINGS see that query, except about a statement of the same hook.",
        group="Other",
        default=False,
    )
    standard_sql: StandardSql = profile_field(
        standard_sql_level,
        "Which [standard SQL](standard-sql.md) that the server cannot parse is rewritten: `true` all of it, `comments` "
        "only `--comment` without a blank after the dashes, `false` nothing.",
        group="Other",
        default="true",
    )
    double_pipe: DoublePipe = profile_field(
        one_of(*get_args(DoublePipe)),
        "What becomes of `||`, which is a [logical OR](standard-sql.md#double-pipes) for the server: `concat` rewrites "
        "it to `concat(...)`, `or` sends it, `warn` sends it and warns once for each node or hook.",
        group="Other",
        default="concat",
    )
    package_shims: bool = profile_field(
        boolean,
        "Replace macros of dbt packages that OceanBase cannot run, or runs with another result, by the adapter's own. "
        "See [packages](packages.md).",
        group="Other",
        default=True,
    )
    statement_retries: int = profile_field(
        whole_number(0, 100),
        "Repetitions of a statement outside of a transaction after a lock wait timeout or a deadlock. With 0, a SELECT "
        "is not repeated after a lost connection either.",
        group="Other",
        default=2,
    )


FIELDS = declared_fields(ProfileFields)
"""The declarations of the fields by name. ``database`` and ``standard_comments`` have none: see ``rules.checked``."""
