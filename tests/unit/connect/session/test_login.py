"""The login: user name, sending of the password, places where it must not appear, and private names of the driver."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Any

import pymysql
import pytest
from pymysql.constants import CLIENT

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, connector, errors
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, TlsOptions
from dbt.adapters.oceanbase.connect.session import driver

PASSWORD = "s3cr3t-word"


@pytest.mark.parametrize(
    ("login", "name"),
    [
        (LoginOptions("dbt"), "dbt"),
        (LoginOptions("dbt", "analytics"), "dbt@analytics"),
        (LoginOptions("dbt", "analytics", "obdemo"), "dbt@analytics#obdemo"),
        (LoginOptions("dbt@analytics#obdemo"), "dbt@analytics#obdemo"),
    ],
)
def test_the_name_on_the_wire(login: LoginOptions, name: str) -> None:
    assert login.name == name


@pytest.mark.parametrize("password", ["plain", "käse", "пароль", "密码🔑", ""])
def test_a_password_is_scrambled_as_utf_8(
    mysql: Callable[..., Any], options_for: Callable[..., ConnectOptions], password: str
) -> None:
    server = mysql()

    Connector(options_for(server.endpoint, login=LoginOptions("dbt", password=password))).connect().close()

    payload = server.received[0]
    answer = payload[payload.index(b"dbt\0") + 4 :]
    assert answer[1 : 1 + answer[0]] == scrambled(password.encode(), bytes(range(1, 21)))


def scrambled(password: bytes, salt: bytes) -> bytes:
    """Return the answer of mysql_native_password: sha1(password) xor sha1(salt + sha1(sha1(password)))."""
    if not password:
        return b""
    once = hashlib.sha1(password).digest()  # noqa: S324 - the protocol's
    mask = hashlib.sha1(salt + hashlib.sha1(once).digest()).digest()  # noqa: S324
    return bytes(a ^ b for a, b in zip(once, mask, strict=True))


def test_a_password_shows_nowhere(
    mysql: Callable[..., Any],
    options_for: Callable[..., ConnectOptions],
    wire: Any,
    closed_port: Endpoint,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    good = options_for(mysql().endpoint)
    session = connector(good).connect()
    shown = [session, session.connection, good, good.login, connector(good), session.run("select 1")]
    session.close()
    rejected = mysql({"set": wire.error(1193, "x")}, login=wire.error(1045, "Access denied (using password: YES)"))
    for endpoint in (rejected.endpoint, closed_port):
        with pytest.raises(errors.ConnectError) as raised:
            Connector(options_for(endpoint)).connect()
        shown += [raised.value, raised.value.__cause__]

    text = "".join(f"{each!r} {each}" for each in shown) + caplog.text + "".join(capsys.readouterr())

    assert PASSWORD not in text
    assert len(caplog.messages) == 3


def test_the_driver_still_has_the_private_names_that_are_used() -> None:
    connection = pymysql.connections.Connection(defer_connect=True)

    assert connection._ssl_required is False
    assert connection._auth_plugin_name == ""
    assert callable(connection._request_authentication)
    assert callable(connection._force_close)
    assert callable(connection.set_character_set)
    assert connection.open is False
    assert isinstance(connection.client_flag, int)


def test_the_driver_asks_for_authentication_by_the_method_that_is_guarded(
    mysql: Callable[..., Any], options_for: Callable[..., ConnectOptions], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    original = driver.DriverConnection._request_authentication

    def guarded(self: Any) -> None:
        asked.append(True)
        original(self)

    monkeypatch.setattr(driver.DriverConnection, "_request_authentication", guarded)

    Connector(options_for(mysql().endpoint)).connect().close()

    assert asked == [True]


@pytest.mark.parametrize(
    ("mode", "required"),
    [("disabled", False), ("preferred", False), ("required", True), ("verify_ca", True), ("verify_identity", True)],
)
def test_what_the_driver_is_told_of_tls(mode: str, required: bool) -> None:
    login, options = LoginOptions("dbt"), TlsOptions(mode)  # type: ignore[arg-type]

    connection = driver.new_connection(Endpoint("ob1"), login, options, "utf8mb4")

    assert bool(connection.ssl) is (mode != "disabled")
    assert connection._ssl_required is required
    assert bool(connection.client_flag & CLIENT.SSL) is required
    assert connection.link_is_verified is mode.startswith("verify")


def test_files_of_this_machine_are_never_sent() -> None:
    connection = driver.new_connection(Endpoint("ob1"), LoginOptions("dbt"), TlsOptions(), "utf8mb4")

    assert connection._local_infile is False
    assert not connection.client_flag & CLIENT.LOCAL_FILES


def test_an_unknown_character_set_names_the_field() -> None:
    with pytest.raises(errors.SessionRejected, match=r"^charset: 'latin99' is unknown to the client: use one of"):
        driver.new_connection(Endpoint("ob1"), LoginOptions("dbt"), TlsOptions(), "latin99")


def test_one_connector_for_equal_options(options_for: Callable[..., ConnectOptions]) -> None:
    assert connector(options_for(Endpoint("a"))) is connector(options_for(Endpoint("a")))
    assert connector(options_for(Endpoint("a"))) is not connector(options_for(Endpoint("b")))
