"""Profiles loaded by dbt: accepted values, the options made from them, errors, and what dbt shows of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import Namespace
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.config import Profile
from dbt.config.renderer import ProfileRenderer
from dbt.exceptions import DbtProfileError
from dbt.flags import set_from_args
from dbt_common.dataclass_schema import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt.adapters.oceanbase.connect.options import (
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
from dbt.adapters.oceanbase.credentials import OceanBaseCredentials
from dbt.adapters.oceanbase.profile.fields import FIELDS

SECRET = "hunter2-not-to-be-seen"
MAX_LINE = 300
FRAME = 'Credentials in profile "nyc_flights_analytics", target "production" invalid: '
FILES = ("ca.pem", "cert.pem", "key.pem")

SERVER = {"host": "ob1", "user": "dbt", "schema": "jaffle_shop"}
SOCKET = {"unix_socket": "/run/ob/sql.sock", "user": "dbt", "schema": "jaffle_shop"}
EMBEDDED = {"path": "warehouse", "schema": "jaffle_shop"}
NOWHERE = {"user": "dbt", "schema": "jaffle_shop"}
TUNNEL = {"host": "bastion", "user": "dbt"}


@pytest.fixture(autouse=True)
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Create a working folder with certificates that profiles can name."""
    for name in FILES:
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    set_from_args(Namespace(), {})


def load(target: dict[str, Any], name: str = "dev") -> Profile:
    """Load one target as ``dbt run`` does."""
    raw = {"shop": {"target": name, "outputs": {name: {"type": "oceanbase", **target}}}}
    return Profile.from_raw_profiles(raw, "shop", ProfileRenderer({}))


def credentials(target: dict[str, Any]) -> OceanBaseCredentials:
    loaded = load(target).credentials
    assert isinstance(loaded, OceanBaseCredentials)
    return loaded


def options(**target: Any) -> ConnectOptions:
    return credentials(target).options()


# options made from valid values


@pytest.mark.parametrize(
    ("target", "endpoints"),
    [
        (SERVER, (Endpoint("ob1", 2881),)),
        (SERVER | {"port": 2883}, (Endpoint("ob1", 2883),)),
        (SERVER | {"port": "2883"}, (Endpoint("ob1", 2883),)),
        (SERVER | {"port": ""}, (Endpoint("ob1", 2881),)),
        (SERVER | {"host": "10.0.0.7"}, (Endpoint("10.0.0.7", 2881),)),
        (SERVER | {"host": "::1"}, (Endpoint("::1", 2881),)),
        (SERVER | {"host": "[fe80::1]"}, (Endpoint("fe80::1", 2881),)),
        (NOWHERE | {"hosts": ["ob1"]}, (Endpoint("ob1", 2881),)),
        (NOWHERE | {"hosts": ["ob1"], "port": 2883}, (Endpoint("ob1", 2883),)),
        (NOWHERE | {"hosts": ["ob1:2883"], "host_strategy": "ordered"}, (Endpoint("ob1", 2883),)),
        (NOWHERE | {"hosts": ["[::1]:2883"]}, (Endpoint("::1", 2883),)),
        (NOWHERE | {"hosts": ["ob1", "ob2:2883"]}, (Endpoint("ob1", 2881), Endpoint("ob2", 2883))),
        (SERVER | {"hosts": "auto", "port": 2882}, (Endpoint("ob1", 2882),)),
        (SOCKET, (Endpoint(unix_socket="/run/ob/sql.sock"),)),
        (EMBEDDED, ()),
    ],
)
def test_the_place_becomes_endpoints(target: dict[str, Any], endpoints: tuple[Endpoint, ...]) -> None:
    assert options(**target).endpoints == endpoints


def test_a_relative_path_is_made_absolute_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = credentials(EMBEDDED)
    first = loaded.options()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    assert first.engine == EngineOptions(str(tmp_path / "warehouse"))
    assert loaded.options() == first


def test_a_path_may_begin_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")

    assert options(**EMBEDDED | {"path": "~/warehouse"}).engine == EngineOptions("/home/ann/warehouse")


@pytest.mark.parametrize(
    ("engine", "expected"),
    [
        ({}, {}),
        (None, {}),
        ({"memory": "2G"}, {"memory": "2G"}),
        ({"memory": "2gb", "log_disk": "3000M"}, {"memory": "2G", "log_disk": "3000M"}),
        ({"datafile_max": "1T", "memory": ""}, {"datafile_max": "1T"}),
    ],
)
def test_the_engine_gets_its_limits(tmp_path: Path, engine: Any, expected: dict[str, str]) -> None:
    made = options(**EMBEDDED | {"engine": engine}).engine

    assert made == EngineOptions(str(tmp_path / "warehouse"), **expected)


@pytest.mark.parametrize(
    ("target", "login", "name"),
    [
        (SERVER, LoginOptions("dbt"), "dbt"),
        (SERVER | {"tenant": "t"}, LoginOptions("dbt", "t"), "dbt@t"),
        (SERVER | {"tenant": "t", "cluster": "c-1"}, LoginOptions("dbt", "t", "c-1"), "dbt@t#c-1"),
        (SERVER | {"user": "dbt@t#c"}, LoginOptions("dbt@t#c"), "dbt@t#c"),
        (SERVER | {"tenant": "", "cluster": None, "password": ""}, LoginOptions("dbt"), "dbt"),
        (SERVER | {"password": " 00:ö' "}, LoginOptions("dbt", password=" 00:ö' "), "dbt"),
        (EMBEDDED, LoginOptions("root"), "root"),
        (EMBEDDED | {"user": "ann", "password": "p"}, LoginOptions("ann", password="p"), "ann"),
        (SOCKET | {"tenant": "t"}, LoginOptions("dbt", "t"), "dbt@t"),
    ],
)
def test_who_becomes_the_login(target: dict[str, Any], login: LoginOptions, name: str) -> None:
    made = options(**target).login

    assert made == login
    assert made.name == name


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (SERVER, {"mode": "preferred"}),
        (SOCKET, {"mode": "disabled"}),
        (EMBEDDED, {"mode": "disabled"}),
        (EMBEDDED | {"ssl_mode": "disabled"}, {"mode": "disabled"}),
        (SERVER | {"ssl_mode": "REQUIRED"}, {"mode": "required"}),
        (SERVER | {"ssl_mode": "verify_identity"}, {"mode": "verify_identity"}),
        (SERVER | {"ssl_mode": "verify_ca", "ssl_ca": "ca.pem"}, {"mode": "verify_ca", "ca": "ca.pem"}),
        (
            SERVER | {"ssl_mode": "required", "ssl_cert": "cert.pem", "ssl_key": "key.pem"},
            {"mode": "required", "cert": "cert.pem", "key": "key.pem"},
        ),
        (
            SERVER | {"ssl_mode": "verify_identity", "ssl_server_name": "db.example"},
            {"mode": "verify_identity", "server_name": "db.example"},
        ),
    ],
)
def test_tls_fields_become_tls_options(tmp_path: Path, target: dict[str, Any], expected: dict[str, Any]) -> None:
    absolute = {key: str(tmp_path / value) if value in FILES else value for key, value in expected.items()}

    assert options(**target).tls == TlsOptions(**absolute)


@pytest.mark.parametrize(
    ("field", "value", "option", "expected"),
    [
        ("query_timeout", 7200, "query_timeout", 7200),
        ("query_timeout", "0.5", "query_timeout", 0.5),
        ("transaction_timeout", "60", "transaction_timeout", 60),
        ("lock_timeout", 1.5, "lock_timeout", 1.5),
        ("time_zone", "+08:00", "time_zone", "+08:00"),
        ("time_zone", "-12:59", "time_zone", "-12:59"),
        ("sql_mode", "STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY", "sql_mode", "STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY"),
        ("sql_mode", "", "sql_mode", ""),
        ("sql_mode", None, "sql_mode", None),
        ("charset", "gbk", "charset", "gbk"),
        ("collation", "utf8mb4_bin", "collation", "utf8mb4_bin"),
        ("session_variables", {}, "variables", ()),
        ("session_variables", {"Wait_Timeout": 9}, "variables", (("wait_timeout", 9),)),
        (
            "session_variables",
            {"a": "x y", "b": True, "c": 1.5, "d": None},
            "variables",
            (("a", "x y"), ("b", True), ("c", 1.5), ("d", None)),
        ),
    ],
)
def test_session_fields_become_session_options(field: str, value: Any, option: str, expected: Any) -> None:
    made = options(**SERVER | {field: value}).session

    assert made == SessionOptions(**{"schema": "jaffle_shop", option: expected})
    assert type(getattr(made, option)) is type(expected)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"connect_timeout": "7"}, {"connect_timeout": 7}),
        ({"connect_timeout": 0.25}, {"connect_timeout": 0.25}),
        ({"connect_retries": 0}, {"connect_retries": 0}),
        ({"connect_retry_deadline": 5}, {"deadline": 5}),
        ({"retry_all": True}, {"retry_all": True}),
        ({"retry_all": "true"}, {"retry_all": True}),
        ({"retry_all": "0"}, {"retry_all": False}),
    ],
)
def test_opening_fields_become_retry_options(target: dict[str, Any], expected: dict[str, Any]) -> None:
    assert options(**SERVER | target).retry == RetryOptions(**expected)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("track_trace_id", "yes", True),
        ("standard_sql", "Comments", "comments"),
        ("standard_sql", True, "true"),
        ("double_pipe", "Warn", "warn"),
        ("double_pipe", "", "concat"),
        ("standard_sql", "no", "false"),
        ("standard_sql", None, "true"),
        ("package_shims", "off", False),
        ("cancel_method", "KILL", "kill"),
        ("cancel_method", "disconnect", "disconnect"),
        ("connection_mode", "new", "new"),
        ("statement_retries", "0", 0),
        ("statement_retries", "5", 5),
    ],
)
def test_other_fields_are_kept(field: str, value: Any, expected: Any) -> None:
    assert getattr(credentials(SERVER | {field: value}), field) == expected


@pytest.mark.parametrize(("given", "expected"), [(True, "comments"), ("on", "comments"), ("no", "false"), (0, "false")])
def test_the_field_for_comments_is_part_of_standard_sql(given: Any, expected: str) -> None:
    assert credentials(SERVER | {"standard_comments": given}).standard_sql == expected


def test_several_hosts_have_a_strategy() -> None:
    several = NOWHERE | {"hosts": ["ob1", "ob2"]}

    assert options(**several).host_strategy == "ordered"
    assert options(**several | {"host_strategy": "Round_Robin"}).host_strategy == "round_robin"
    assert not options(**several).discover


def test_hosts_auto_asks_the_host_for_the_others() -> None:
    made = options(**SERVER | {"hosts": "auto", "host_strategy": "random"})

    assert (made.discover, made.host_strategy) == (True, "random")


@pytest.mark.parametrize(
    ("tunnel", "expected"),
    [
        ({}, {}),
        ({"port": "2222", "known_hosts": "ca.pem"}, {"port": 2222, "known_hosts": "ca.pem"}),
        ({"private_key": "key.pem", "password": SECRET}, {"private_key": "key.pem", "password": SECRET}),
    ],
)
def test_a_tunnel_has_absolute_file_names(tmp_path: Path, tunnel: dict[str, Any], expected: dict[str, Any]) -> None:
    absolute = {key: str(tmp_path / value) if value in FILES else value for key, value in expected.items()}

    made = options(**SERVER | {"ssh": TUNNEL | tunnel}).ssh

    assert made == SshOptions("bastion", "dbt", **absolute)
    assert SECRET not in repr(made)
    assert "key.pem" not in repr(made)


def test_a_command_may_give_the_password() -> None:
    made = options(**SERVER | {"password_command": ["vault", "read", SECRET]}).login

    assert made.password_command == ("vault", "read", SECRET)
    assert SECRET not in repr(made)


@pytest.mark.parametrize("given", [["get token", "x"], ["{folder}/get token"], ["{folder}/bin/get token"]])
def test_the_program_of_a_command_may_have_blanks_in_its_name(tmp_path: Path, given: list[str]) -> None:
    (tmp_path / "get token").touch()
    (tmp_path / "bin").symlink_to(tmp_path)
    command = [word.format(folder=tmp_path) for word in given]

    assert options(**SERVER | {"password_command": command}).login.password_command == tuple(command)


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        (None, PoolOptions()),
        ({}, PoolOptions()),
        ({"size": "10", "idle_check": 0, "timeout": 0.5, "recycle": 60}, PoolOptions(10, 0.5, 60, 0)),
    ],
)
def test_connections_are_pooled(pool: dict[str, Any] | None, expected: PoolOptions) -> None:
    made = options(**SERVER | {"pool": pool})

    assert (made.connection_mode, made.pool) == ("pooled", expected)


def test_defaults_are_those_of_the_options() -> None:
    expected = ConnectOptions(
        login=LoginOptions("dbt"),
        endpoints=(Endpoint("ob1"),),
        session=SessionOptions(schema="jaffle_shop"),
    )

    assert options(**SERVER) == expected


@pytest.mark.parametrize(
    "target",
    [SERVER | {"database": "jaffle_shop"}, NOWHERE | {"host": "ob1", "schema": "", "database": "jaffle_shop"}],
)
def test_database_is_taken_for_schema(target: dict[str, Any]) -> None:
    loaded = credentials(target)

    assert (loaded.schema, loaded.database) == ("jaffle_shop", None)


def test_equal_profiles_share_their_options() -> None:
    target = SERVER | {"session_variables": {"wait_timeout": 9}}

    assert len({options(**target), options(**target)}) == 1
    assert options(**target) != options(**SERVER)


# errors of invalid values

PLACE_ERRORS = [
    (NOWHERE, "no server is named: give host, hosts, unix_socket or path"),
    (SERVER | {"path": "w"}, "host and path are given together"),
    (SERVER | {"hosts": ["ob1"]}, "host and hosts are given together"),
    (SOCKET | {"path": "w"}, "unix_socket and path are given together"),
    (SERVER | {"host": "ob1:2883"}, "host has a port in it, 'ob1:2883': write host: ob1 and port: 2883"),
    (SERVER | {"host": "[::1]:2883"}, "write host: ::1 and port: 2883"),
    (SERVER | {"host": "ob1:x"}, "the port in host must be a whole number from 1 to 65535, not 'x'"),
    (SERVER | {"host": "ob1,ob2"}, "no URL, user or list), not 'ob1,ob2'"),
    (SERVER | {"host": "[ob1]"}, "host must be a host name or an IP address alone"),
    (SERVER | {"host": "http://ob1"}, "host must be a host name or an IP address alone"),
    (SERVER | {"host": f"mysql://dbt:{SECRET}@ob1"}, "host must be a host name or an IP address alone"),
    (SERVER | {"host": f"dbt:{SECRET}@ob1"}, "host must be a host name or an IP address alone"),
    (SERVER | {"host": 127}, "host must be a host name or an IP address, not 127"),
    (SERVER | {"port": 0}, "port must be a whole number from 1 to 65535, not 0"),
    (SERVER | {"port": 65536}, "not 65536"),
    (SERVER | {"port": "2_881"}, "not '2_881'"),
    (SERVER | {"port": True}, "not True"),
    (SERVER | {"port": 28.81}, "not 28.81"),
    (NOWHERE | {"hosts": "ob1:2881"}, "hosts must be a list such as ['ob1:2881', 'ob2:2881'], or auto, not"),
    (NOWHERE | {"hosts": []}, "hosts must be a list"),
    (
        NOWHERE | {"hosts": f"mysql://dbt:{SECRET}@ob1"},
        "hosts must be a list such as ['ob1:2881', 'ob2:2881'], or auto",
    ),
    (NOWHERE | {"hosts": {"url": f"dbt:{SECRET}@ob1"}}, "hosts must be a list such as"),
    (NOWHERE | {"hosts": [{"url": f"mysql://dbt:{SECRET}@ob1"}]}, "an IP address, not {'url': 'mysql://***@ob1'}"),
    (SERVER | {"port": f"mysql://dbt:it's-{SECRET}@ob1"}, 'not "mysql://***@ob1"'),
    (SOCKET | {"unix_socket": f"mysql://dbt:{SECRET}@ob1 "}, "must not begin or end with blanks"),
    (NOWHERE | {"hosts": ["ob1", "ob 2"]}, "not 'ob 2'"),
    (NOWHERE | {"hosts": ["ob1:0"]}, "the port in hosts must be a whole number from 1 to 65535, not '0'"),
    (NOWHERE | {"hosts": ["ob1", "ob1"]}, "hosts must name each server once"),
    (NOWHERE | {"hosts": ["ob1:2881"], "port": 2883}, "port has no meaning where every entry of hosts"),
    (NOWHERE | {"hosts": ["ob1"], "host_strategy": "fastest"}, "ordered, random, round_robin, not 'fastest'"),
    (SERVER | {"host_strategy": "ordered"}, "host_strategy has no meaning with host, only with hosts: remove it"),
    (SOCKET | {"port": 2881}, "port has no meaning with unix_socket, only with host or hosts: remove it"),
    (SOCKET | {"unix_socket": "a\nb"}, "unix_socket must not begin or end with blanks, or hold control"),
    (EMBEDDED | {"path": "ca.pem"}, "path must be a folder, and 'ca.pem' is a file"),
    (EMBEDDED | {"path": 5}, "path must be text, but 5 is a number: put it in quotes"),
    (EMBEDDED | {"port": 2881}, "port has no meaning with path"),
    (EMBEDDED | {"tenant": "t"}, "tenant has no meaning with path"),
    (EMBEDDED | {"cluster": "c"}, "cluster has no meaning with path"),
    (EMBEDDED | {"ssl_mode": "required"}, "ssl_mode has no meaning with path, only with host or hosts"),
    (EMBEDDED | {"ssl_ca": "ca.pem"}, "ssl_ca has no meaning with path"),
    (EMBEDDED | {"ssh": TUNNEL}, "ssh has no meaning with path"),
    (SERVER | {"engine": {"memory": "2G"}}, "engine has no meaning with host, only with path: remove it"),
    (EMBEDDED | {"engine": "2G"}, "engine must be a mapping with memory, log_disk, datafile_max, linger, not text"),
    (EMBEDDED | {"engine": {"memory": "512M"}}, "engine.memory must be a size of at least 1G"),
    (EMBEDDED | {"engine": {"log_disk": "1G"}}, "engine.log_disk must be a size of at least 2G"),
    (EMBEDDED | {"engine": {"datafile_max": "1.5G"}}, "not '1.5G'"),
    (EMBEDDED | {"engine": {"memory": 2147483648}}, "not 2147483648"),
    (EMBEDDED | {"engine": {"memory": "0G"}}, "not '0G'"),
]

LOGIN_ERRORS = [
    ({"host": "ob1", "user": "dbt"}, "schema is missing"),
    (SERVER | {"schema": ""}, "schema is missing"),
    (SERVER | {"schema": 2024}, "schema must be text, but 2024 is a number: put it in quotes"),
    (SERVER | {"schema": " s"}, "schema must not begin or end with blanks"),
    (SERVER | {"schema": "s" * 129}, "schema must have at most 128 characters, not 129"),
    (SERVER | {"database": "other"}, "database is 'other' and schema 'jaffle_shop': both name"),
    ({"host": "ob1", "schema": "s"}, "user is missing"),
    (SOCKET | {"user": ""}, "user is missing"),
    (SERVER | {"user": "dbt@t", "tenant": "t"}, "user 'dbt@t' names a tenant, and tenant is given too"),
    (SERVER | {"user": "dbt@t#c", "cluster": "c"}, "cluster is given too"),
    (SERVER | {"user": "dbt#c", "tenant": "t"}, "tenant is given too"),
    (SERVER | {"cluster": "c"}, "cluster 'c' needs tenant: the login is user@tenant#cluster"),
    (SERVER | {"tenant": "t#c"}, "tenant must be a name alone"),
    (SERVER | {"tenant": "t", "cluster": "c:1"}, "cluster must be a name alone"),
    (SERVER | {"password": 4711}, "password must be text, but YAML reads it as a number: put it in quotes"),
    (SERVER | {"password": True}, "password must be text, but YAML reads it as true or false"),
    (SERVER | {"password": [SECRET]}, "password must be text, but YAML reads it as a list"),
    (SERVER | {"password_command": SECRET}, "password_command must be a list of texts"),
    (SERVER | {"password_command": [SECRET, 1]}, "password_command must be a list of texts"),
    (SERVER | {"password_command": [f"curl -H {SECRET} https://vault"]}, "write each word as an item of its own"),
    (SERVER | {"password_command": [f"curl\t{SECRET}"]}, "write each word as an item of its own"),
    (SERVER | {"password": SECRET, "password_command": ["x"]}, "password and password_command are given"),
]

TLS_ERRORS = [
    (SERVER | {"ssl_mode": "on"}, "disabled, preferred, required, verify_ca, verify_identity, not 'on'"),
    (SERVER | {"ssl_mode": False}, "not False"),
    (SERVER | {"ssl_ca": "none.pem"}, "ssl_ca must be a file, and 'none.pem' is none"),
    (SERVER | {"ssl_mode": "verify_ca", "ssl_ca": "."}, "ssl_ca must be a file, and '.' is none"),
    (SERVER | {"ssl_ca": "ca.pem"}, "ssl_ca has no meaning with ssl_mode preferred: set ssl_mode to verify_id"),
    (SERVER | {"ssl_mode": "disabled", "ssl_server_name": "x"}, "ssl_server_name has no meaning with ssl_mode"),
    (SERVER | {"ssl_cert": "cert.pem"}, "ssl_cert needs ssl_key"),
    (SERVER | {"ssl_key": "key.pem"}, "ssl_key needs ssl_cert"),
    (SERVER | {"ssl_server_name": "a b"}, "ssl_server_name must be a host name"),
]

SETTING_ERRORS = [
    (SERVER | {"connect_timeout": 0}, "connect_timeout must be seconds from 0.001 to 31536000, not 0: 0 leaves"),
    (SERVER | {"connect_timeout": "10s"}, "not '10s'"),
    (SERVER | {"connect_timeout": float("nan")}, "not nan"),
    (SERVER | {"connect_timeout": float("inf")}, "not inf"),
    (SERVER | {"connect_retries": -1}, "connect_retries must be a whole number from 0 to 1000, not -1"),
    (SERVER | {"connect_retries": 1.5}, "not 1.5"),
    (SERVER | {"connect_retry_deadline": -1}, "connect_retry_deadline must be seconds"),
    (SERVER | {"retry_all": "maybe"}, "retry_all must be true or false, not 'maybe'"),
    (SERVER | {"retry_all": 2}, "not 2"),
    (SERVER | {"query_timeout": 0}, "not 0: the server takes 0 as no time at all, not as no limit"),
    (SERVER | {"query_timeout": "0"}, "the server takes 0 as no time at all"),
    (SERVER | {"query_timeout": -1}, "query_timeout must be seconds from 0.001 to 3216672000, not -1"),
    (SERVER | {"query_timeout": 10**13}, "not 10000000000000"),
    (SERVER | {"transaction_timeout": 0}, "transaction_timeout must be seconds"),
    (SERVER | {"lock_timeout": "never"}, "lock_timeout must be seconds from 0.001 to 3216672000, not 'never'"),
    (SERVER | {"time_zone": "Europe/Berlin"}, "(the server refuses names with 1298), not 'Europe/Berlin'"),
    (SERVER | {"time_zone": "+13:01"}, "from '-12:59' to '+13:00'"),
    (SERVER | {"time_zone": "-13:00"}, "from '-12:59' to '+13:00'"),
    (SERVER | {"time_zone": yaml.safe_load("+10:00")}, "an offset in quotes"),
    (SERVER | {"sql_mode": "ANSI'"}, 'sql_mode must be plain words joined by commas, not "ANSI\'"'),
    (SERVER | {"sql_mode": "ansi,no_backslash_escapes"}, "ANSI would falsify texts"),
    (SERVER | {"sql_mode": "no_backslash_escapes"}, "NO_BACKSLASH_ESCAPES would falsify texts"),
    *(
        (SERVER | {"sql_mode": f"traditional,{mode}"}, f"sql_mode: {mode.upper()} would falsify texts that dbt loads")
        for mode in ("POSTGRESQL", "oracle", "DB2", "MaxDB", "mssql")
    ),
    (SERVER | {"sql_mode": "ANSI_QUOTES"}, "ANSI_QUOTES would falsify texts"),
    (
        SERVER | {"charset": "utf8mb4;"},
        "charset must be one plain word, and not binary: statements are text, not 'utf8mb4;'",
    ),
    (SERVER | {"charset": "binary"}, "and not binary: statements are text, not 'binary'"),
    (SERVER | {"charset": "Binary"}, "and not binary: statements are text, not 'Binary'"),
    (SERVER | {"collation": "utf8mb4_bin x"}, "collation must be one plain word"),
    (SERVER | {"collation": "BINARY"}, "one plain word, and not binary: statements are text, not 'BINARY'"),
    (SERVER | {"collation": "gbk_bin"}, "collation gbk_bin is not of charset utf8mb4: choose utf8mb4_..."),
    (SERVER | {"session_variables": ["a"]}, "session_variables must be a mapping"),
    (SERVER | {"session_variables": {"@a": 1}}, "'@a' must be a plain variable name"),
    (SERVER | {"session_variables": {"global a": 1}}, "must be a plain variable name"),
    (SERVER | {"session_variables": {1: 1}}, "1 must be a plain variable name"),
    (SERVER | {"session_variables": {"a": [1]}}, "a must be a text, a number, true or false, not [1]"),
    (SERVER | {"session_variables": {"a": float("inf")}}, "not inf"),
    (SERVER | {"session_variables": {"a": 1, "A": 2}}, "a is given twice"),
    (SERVER | {"session_variables": {"OB_Query_Timeout": 1}}, "own: use query_timeout"),
    (SERVER | {"session_variables": {"max_execution_time": 1}}, "OceanBase takes no notice"),
    (SERVER | {"session_variables": {"autocommit": 0}}, "autocommit cannot be set: dbt begins and ends transactions"),
    (SERVER | {"session_variables": {"SQL_QUOTE_SHOW_CREATE": 0}}, "sql_quote_show_create cannot be set: dbt-"),
    (SERVER | {"session_variables": {"sql_select_limit": 9}}, "sql_select_limit cannot be set: it would cut off rows"),
    (SERVER | {"session_variables": {"foreign_key_checks": 0}}, "foreign_key_checks cannot be set: dbt-oceanbase"),
    (SERVER | {"session_variables": {"timestamp": 1}}, "timestamp cannot be set: it would stop the clock"),
    (
        SERVER | {"session_variables": {"Ob_Read_Consistency": "WEAK"}},
        "ob_read_consistency cannot be set: dbt reads what it has just written, which a weak read may not see (data "
        "tests and sources have the config read_consistency): remove it",
    ),
    (SERVER | {"cancel_method": "stop"}, "cancel_method must be one of auto, kill, disconnect, not 'stop'"),
    (SERVER | {"track_trace_id": "x"}, "track_trace_id must be true or false"),
    (SERVER | {"standard_comments": 1.0}, "standard_comments must be true or false"),
    (SERVER | {"standard_sql": "coments"}, "standard_sql must be true, comments or false, not 'coments'"),
    (SERVER | {"double_pipe": "and"}, "double_pipe must be one of warn, concat, or, not 'and'"),
    (SERVER | {"standard_sql": 1.0}, "standard_sql must be true, comments or false, not 1.0"),
    (SERVER | {"standard_sql": True, "standard_comments": True}, "are given together: keep standard_sql only"),
]

UNKNOWN_ERRORS = [
    (SERVER | {"conect_timeout": 3}, "unknown profile field 'conect_timeout': did you mean 'connect_timeout'?"),
    (SERVER | {"pass": SECRET}, "unknown profile field 'pass': did you mean 'password'?"),
    (SERVER | {"Username": "x"}, "did you mean 'user'?"),
    (SERVER | {"server": "x"}, "did you mean 'host'?"),
    (SERVER | {"dbname": "x"}, "did you mean 'schema'?"),
    (SERVER | {"ssl_disabled": True}, "did you mean 'ssl_mode'?"),
    (SERVER | {"warehouse_size": "L"}, "unknown profile field 'warehouse_size': remove it (docs/profile.md lists"),
    (SERVER | {7: "x"}, "unknown profile field '7'"),
    (EMBEDDED | {"engine": {"memry": "2G"}}, "unknown profile field 'engine.memry': did you mean 'engine.memory'"),
    (EMBEDDED | {"engine": {"cpu": 2}}, "'engine.cpu': engine has datafile_max, linger, log_disk, memory"),
    (SERVER | {"ssh": TUNNEL | {"pasword": SECRET}}, "did you mean 'ssh.password'?"),
    (SERVER | {"pool": {"sise": 1}}, "did you mean 'pool.size'?"),
]

CONNECTION_ERRORS = [
    (NOWHERE | {"hosts": "auto"}, "hosts auto needs host: the server that is asked first"),
    (NOWHERE | {"hosts": ["auto"], "unix_socket": "/run/sql.sock"}, "hosts auto needs host"),
    (NOWHERE | {"hosts": ["auto", "b"]}, "hosts: auto cannot stand beside servers: give host and hosts: auto, or name"),
    (NOWHERE | {"hosts": ["b:2881", "Auto"]}, "hosts: auto cannot stand beside servers"),
    (SERVER | {"hosts": ["ob2"]}, "host and hosts are given together, and each names a server: keep one"),
    (SERVER | {"host_strategy": "random"}, "host_strategy has no meaning with host, only with hosts"),
    (SERVER | {"ssh": "bastion"}, "ssh must be a mapping with host, port, user, private_key, password, known_ho"),
    (SERVER | {"ssh": {"user": "dbt"}}, "ssh.host is missing"),
    (SERVER | {"ssh": TUNNEL | {"port": 0}}, "ssh.port must be a whole number from 1 to 65535"),
    (SERVER | {"ssh": TUNNEL | {"private_key": "none"}}, "ssh.private_key must be a file"),
    (SERVER | {"ssh": TUNNEL | {"password": 4711}}, "ssh.password must be text, but YAML reads it as a number"),
    (EMBEDDED | {"ssh": TUNNEL}, "ssh has no meaning with path, only with host or hosts"),
    (SERVER | {"connection_mode": "shared"}, "connection_mode must be one of pooled, new, not 'shared'"),
    (SERVER | {"connection_mode": "new", "pool": {"size": 3}}, "pool has no meaning with connection_mode new"),
    (SERVER | {"pool": {"size": 0}}, "pool.size must be a whole number from 1 to 1000, not 0"),
    (SERVER | {"pool": {"recycle": 0}}, "pool.recycle must be seconds"),
    (SERVER | {"statement_retries": -1}, "statement_retries must be a whole number from 0 to 100, not -1"),
]


@pytest.mark.parametrize(
    ("target", "text"),
    [*PLACE_ERRORS, *LOGIN_ERRORS, *TLS_ERRORS, *SETTING_ERRORS, *UNKNOWN_ERRORS, *CONNECTION_ERRORS],
)
def test_a_bad_value_gives_one_line(target: dict[str, Any], text: str) -> None:
    with pytest.raises(DbtProfileError) as caught:
        load(target, name="production_eu_west")

    kind, *lines = str(caught.value).splitlines()
    assert kind == "Runtime Error"
    assert len(lines) == 1
    assert lines[0].strip().startswith('Credentials in profile "shop", target "production_eu_west" invalid: ')
    assert text in lines[0]
    assert len(lines[0]) <= MAX_LINE
    assert SECRET not in f"{caught.value} {caught.value.__cause__!r}"


def test_an_unreadable_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # the tests may run as a superuser, who can read every file
    monkeypatch.setattr(os, "access", lambda name, mode: (name, mode) != ("ca.pem", os.R_OK))

    with pytest.raises(DbtProfileError, match=r"ssl_ca: this user may not read 'ca.pem'"):
        load(SERVER | {"ssl_mode": "verify_ca", "ssl_ca": "ca.pem"})


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=400))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=5,
)


# a single example may take long on a busy machine
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*FIELDS, "database"]) | SCALARS, VALUES, max_size=6))
def test_any_yaml_is_taken_or_refused_in_one_line(extra: dict[Any, Any]) -> None:
    text = refusal(SERVER | extra)

    assert text is None or len(text.splitlines()) == 1
    assert len(FRAME + (text or "")) <= MAX_LINE


def refusal(target: dict[Any, Any]) -> str | None:
    try:
        OceanBaseCredentials.from_dict(target).options()
    except ValidationError as error:
        return str(error)
    return None


def test_every_field_has_a_check() -> None:
    names = {field.name for field in fields(OceanBaseCredentials)}

    assert names == {*FIELDS, "database"}


def test_a_changed_copy_is_checked_too() -> None:
    loaded = credentials(SERVER)

    assert loaded.replace(port=2883).options().endpoints == (Endpoint("ob1", 2883),)
    with pytest.raises(ValidationError, match="port must be"):
        loaded.replace(port=0)


# what dbt shows of a profile

SECRETIVE = SERVER | {
    "password": SECRET,
    "ssl_mode": "verify_ca",
    "ssl_ca": "ca.pem",
    "ssl_cert": "cert.pem",
    "ssl_key": "key.pem",
    "tenant": "t",
    "cluster": "c",
}


def test_secrets_stay_inside() -> None:
    profile = load(SECRETIVE)
    loaded = profile.credentials
    everything = [
        repr(loaded),
        repr(loaded.options()),
        repr(profile),
        loaded.to_dict(),
        profile.to_profile_info(serialize_credentials=True),
        profile.to_target_dict(),
        list(loaded.connection_info()),
        loaded.unique_field,
    ]

    assert SECRET not in str(everything)
    assert "key.pem" not in str(everything)
    assert loaded.options().login.password == SECRET


def test_target_and_debug_show_what_is_in_force() -> None:
    shown = load(SECRETIVE).to_target_dict()

    assert shown["schema"] == "jaffle_shop"
    assert (shown["host"], shown["port"], shown["user"]) == ("ob1", 2881, "dbt")
    assert (shown["tenant"], shown["cluster"], shown["ssl_mode"]) == ("t", "c", "verify_ca")
    assert (shown["query_timeout"], shown["connect_timeout"], shown["time_zone"]) == (86_400, 10, "+00:00")
    assert shown["database"] == ""  # macros of packages ask for target.database
    assert not {"path", "unix_socket", "sql_mode"} & shown.keys()
    assert "database" not in dict(load(SECRETIVE).credentials.connection_info())


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (SERVER, "ob1"),
        (SOCKET, "/run/ob/sql.sock"),
        (EMBEDDED, "warehouse"),
        (NOWHERE | {"hosts": ["ob1:2881"]}, "ob1:2881"),
    ],
)
def test_the_unique_field_is_the_place(target: dict[str, Any], expected: str) -> None:
    loaded = credentials(target | {"password": SECRET})

    assert (loaded.type, loaded.unique_field) == ("oceanbase", expected)


def dbt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dbt in a project with one model that prints ``target``."""
    target = {"type": "oceanbase", **SERVER, "host": "127.0.0.1", "port": 1, "connect_retries": 0}
    bad = target | {"password": SECRET, "conect_timeout": 3}
    outputs = {"dev": target | {"password": SECRET}, "bad": bad}
    project = {"name": "shop", "profile": "shop", "flags": {"send_anonymous_usage_stats": False}}
    (folder / "profiles.yml").write_text(yaml.safe_dump({"shop": {"target": "dev", "outputs": outputs}}))
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(project))
    (folder / "models").mkdir(exist_ok=True)
    (folder / "models" / "shown.sql").write_text("{{ tojson(target) }} [{{ target.password }}] {{ target }}")
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def leaks(folder: Path) -> list[Path]:
    """Return the files below ``folder`` that contain the secret, except profiles.yml."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "profiles.yml"]
    return [path for path in files if SECRET.encode() in path.read_bytes()]


def test_a_model_cannot_print_the_password(tmp_path: Path) -> None:
    done = dbt(tmp_path, "--log-level-file", "debug", "compile", "--no-populate-cache", "--no-introspect")

    assert done.returncode == 0, done.stdout
    printed = (tmp_path / "target" / "compiled" / "shop" / "models" / "shown.sql").read_text()
    assert json.loads(printed[: printed.index("} [") + 1])["host"] == "127.0.0.1"
    assert "} [] {" in printed
    assert SECRET not in done.stdout + done.stderr
    assert not leaks(tmp_path)


def test_debug_prints_no_password(tmp_path: Path) -> None:
    done = dbt(tmp_path, "--log-level", "debug", "debug")

    assert done.returncode == 1
    assert "host: 127.0.0.1" in done.stdout
    assert SECRET not in done.stdout + done.stderr
    assert not leaks(tmp_path)


@pytest.mark.parametrize(("command", "code"), [("run", 2), ("debug", 1)])
def test_a_bad_profile_ends_dbt_without_traceback(tmp_path: Path, command: str, code: int) -> None:
    done = dbt(tmp_path, command, "--target", "bad")

    assert done.returncode == code
    assert "unknown profile field 'conect_timeout': did you mean 'connect_timeout'?" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert not leaks(tmp_path)
