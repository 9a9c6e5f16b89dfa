"""The SET statement of a session, and the current schema."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pymysql
import pytest

from dbt.adapters.oceanbase.connect import ConnectOptions, errors
from dbt.adapters.oceanbase.connect.opening.connector import Connector
from dbt.adapters.oceanbase.connect.options import SessionOptions
from dbt.adapters.oceanbase.connect.quoting import identifier, literal
from dbt.adapters.oceanbase.connect.session.settings import settings_statement

HEAD = (
    "set autocommit = 1, character_set_client = 'utf8mb4', character_set_results = 'utf8mb4', "
    "character_set_connection = 'utf8mb4', "
    "collation_connection = if(locate('utf8mb4_', @@global.collation_connection) = 1, "
    "@@global.collation_connection, @@collation_connection), "
    "ob_query_timeout = 86400000000, ob_trx_timeout = 86400000000, ob_trx_lock_timeout = 120000000, "
    "time_zone = '+00:00', ob_read_consistency = 'STRONG', group_concat_max_len = 4294967295, recyclebin = 0"
)
DEFAULT = HEAD + (
    ", sql_mode = concat('STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', "
    "replace(replace(replace(replace(replace(replace(replace(replace("
    "concat(',', @@global.sql_mode, ','), ',NO_BACKSLASH_ESCAPES,', ','), ',ANSI_QUOTES,', ','), ',ANSI,', ','), "
    "',DB2,', ','), ',MAXDB,', ','), ',MSSQL,', ','), ',ORACLE,', ','), ',POSTGRESQL,', ','))"
)


def test_the_statement_of_a_profile_that_says_nothing() -> None:
    assert settings_statement(SessionOptions()) == DEFAULT


@pytest.mark.parametrize(
    ("option", "value", "part"),
    [
        ("query_timeout", 1.5, "ob_query_timeout = 1500000,"),
        ("query_timeout", 0.001, "ob_query_timeout = 1000,"),
        ("query_timeout", 3_216_672_000, "ob_query_timeout = 3216672000000000,"),
        ("transaction_timeout", 30, "ob_trx_timeout = 30000000,"),
        ("lock_timeout", 2, "ob_trx_lock_timeout = 2000000,"),
        ("time_zone", "+08:00", "time_zone = '+08:00',"),
        ("charset", "gbk", "character_set_client = 'gbk', character_set_results = 'gbk', "),
        ("charset", "gbk", "locate('gbk_', @@global.collation_connection)"),
        ("collation", "utf8mb4_bin", "collation_connection = 'utf8mb4_bin',"),
    ],
)
def test_an_option_in_the_statement(option: str, value: Any, part: str) -> None:
    assert part in settings_statement(SessionOptions(**{option: value}))


@pytest.mark.parametrize(("mode", "end"), [("", ", sql_mode = ''"), ("ANSI_QUOTES", ", sql_mode = 'ANSI_QUOTES'")])
def test_sql_mode_comes_last_where_it_is_given(mode: str, end: str) -> None:
    assert settings_statement(SessionOptions(sql_mode=mode)) == HEAD + end


def test_further_variables_as_literals() -> None:
    variables = (("a", "it's \\"), ("b", 3), ("c", 1.5), ("d", True), ("e", None), ("f", "100%"))

    statement = settings_statement(SessionOptions(variables=variables))

    assert statement == DEFAULT + ", a = 'it''s \\\\', b = 3, c = 1.5, d = 1, e = default, f = '100%'"


@pytest.mark.parametrize("name", ["group_concat_max_len", "recyclebin"])
def test_a_variable_of_the_profile_wins_over_a_default(name: str) -> None:
    statement = settings_statement(SessionOptions(variables=((name, 10),)))

    assert f", {name} = 10, " in statement
    assert statement.count(name) == 1


@pytest.mark.parametrize(("name", "quoted"), [("a", "`a`"), ("a`b", "`a``b`"), ("a.b", "`a.b`")])
def test_a_schema_is_quoted(name: str, quoted: str) -> None:
    assert identifier(name) == quoted


@pytest.mark.parametrize(("value", "text"), [(True, "1"), (False, "0"), (0, "0"), (None, "default"), ("", "''")])
def test_literals(value: Any, text: str) -> None:
    assert literal(value) == text


def opened(peer: Any, options_for: Callable[..., ConnectOptions], **session: Any) -> Any:
    return Connector(options_for(peer.endpoint, session=SessionOptions(**session))).connect()


def test_the_settings_are_one_statement_and_the_schema_another(
    mysql: Callable[..., Any], options_for: Callable[..., ConnectOptions]
) -> None:
    peer = mysql()

    opened(peer, options_for, schema="shop").close()

    assert [each[1:].decode() for each in peer.received[1:3]] == [DEFAULT, "use `shop`"]


@pytest.mark.parametrize(("code", "denied"), [(1049, None), (1044, "said the server")])
def test_a_schema_that_cannot_be_used_leaves_the_session_open(
    mysql: Callable[..., Any], options_for: Callable[..., ConnectOptions], wire: Any, code: int, denied: str | None
) -> None:
    peer = mysql({"use `shop`": wire.error(code, "said the server")})

    with closing(opened(peer, options_for, schema="shop")) as session:
        assert session.is_usable
        assert session.schema_denied == denied
        session.use("other")
        assert session.schema_denied is None


def test_another_error_of_use_is_an_error(
    mysql: Callable[..., Any], options_for: Callable[..., ConnectOptions], wire: Any
) -> None:
    peer = mysql({"use": wire.error(1102, "Incorrect database name")})

    with pytest.raises(errors.ConnectError, match=r"\(1102\): Incorrect database name"):
        opened(peer, options_for, schema="shop")


@pytest.mark.parametrize(("code", "text"), [(1193, "Unknown system variable 'x'"), (1231, "Variable 'sql_mode' ...")])
def test_a_setting_that_the_server_refuses(
    mysql: Callable[..., Any], options_for: Callable[..., ConnectOptions], wire: Any, code: int, text: str
) -> None:
    peer = mysql({"set": wire.error(code, text)})

    with pytest.raises(errors.SessionRejected) as raised:
        opened(peer, options_for)

    assert not raised.value.retryable
    assert str(raised.value) == (
        f"{peer.endpoint}: the server refused a session setting of the profile ({code}): {text}; "
        "correct or remove that setting"
    )


@pytest.mark.parametrize("code", [4012, 8001, 1053, 4013, 5066])
def test_a_server_that_is_not_ready_for_the_settings_is_worth_another_try(
    mysql: Callable[..., Any], options_for: Callable[..., ConnectOptions], wire: Any, code: int
) -> None:
    peer = mysql({"set": wire.error(code, "not now")})

    with pytest.raises(errors.ConnectError) as raised:
        opened(peer, options_for)

    assert not isinstance(raised.value, errors.SessionRejected)
    assert raised.value.code == code


def test_what_is_sent_after_a_cancel(mysql: Callable[..., Any], options_for: Callable[..., ConnectOptions]) -> None:
    peer = mysql()
    with closing(opened(peer, options_for)) as session:
        session.cancelled = True
        with pytest.raises(errors.SessionCancelled):
            session.run("select 1")
        session.run("drop table if exists t", cleans_up=True)

    assert b"\x03select 1" not in peer.received
    assert b"\x03drop table if exists t" in peer.received


def test_a_file_that_the_server_asks_for_is_not_given_and_ends_the_session(
    mysql: Callable[..., Any], options_for: Callable[..., ConnectOptions], wire: Any
) -> None:
    peer = mysql({"select": wire.ASKS_FOR_FILE})
    with closing(opened(peer, options_for)) as session:
        with pytest.raises(pymysql.err.OperationalError, match="which it never gets"):
            session.run("select 1")

        assert not session.is_usable
        assert not session.busy
    assert not any(b"root:" in each for each in peer.received)
