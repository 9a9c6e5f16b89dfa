"""``hosts: auto`` on real kernels, which have no list of their servers, and with a view that imitates it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pymysql
import pytest
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector
from dbt.adapters.oceanbase.connect.errors import DiscoveryFailed, HostUnreachable
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, RetryOptions

pytestmark = pytest.mark.any_kernel

VIEW = "oceanbase.DBA_OB_ACCESS_POINT"
REFUSAL = f"hosts auto: this server has no view {VIEW} (seekdb, or OceanBase before 4.x): list the servers in hosts"
NOT_GRANTED = (
    f"hosts auto: the user may not read {VIEW} (1142): grant it select on that view, or list the servers in hosts"
)
ONE_TRY = RetryOptions(connect_timeout=PATIENCE, connect_retries=0, deadline=PATIENCE)

Rows = list[tuple[str, str, int]]


@pytest.fixture
def seed(own_server: Any) -> Endpoint:
    """The server that is asked first. It listens on all addresses, so 127.0.0.2 is also this server."""
    return Endpoint("127.0.0.1", own_server.port)


@pytest.fixture
def options(seed: Endpoint, server_profile: dict[str, Any]) -> ConnectOptions:
    login = LoginOptions(server_profile["user"], password=server_profile["password"])
    return ConnectOptions(login, (seed,), discover=True, retry=ONE_TRY)


@pytest.fixture
def lists(server: pymysql.Connection) -> Iterator[Callable[[Rows], None]]:
    """Create a view like OceanBase's on the server, with these rows. It is dropped after the test."""

    def make(rows: Rows) -> None:
        selects = [
            f"select {number} as tenant_id, '{tenant}' as tenant_name, '{ip}' as svr_ip, {port} as sql_port"
            for number, (tenant, ip, port) in enumerate(rows)
        ]
        with server.cursor() as cursor:
            cursor.execute(f"create or replace view {VIEW} as {' union all '.join(selects)}")

    yield make
    with server.cursor() as cursor:
        cursor.execute(f"drop view if exists {VIEW}")


@pytest.fixture
def unprivileged(server: pymysql.Connection) -> Iterator[LoginOptions]:
    """A user without any privilege."""
    with server.cursor() as cursor:
        cursor.execute("create user nobody identified by 'n0-right'")
        yield LoginOptions("nobody", password="n0-right")
        cursor.execute("drop user nobody")


def place(connector: Connector) -> str:
    """Open a session, use it, and return its endpoint."""
    with closing(connector.connect()) as session:
        assert session.run("select 1").fetchall() == ((1,),)
        return str(session.endpoint)


def test_a_kernel_without_the_list_is_refused(options: ConnectOptions) -> None:
    with pytest.raises(DiscoveryFailed) as caught:
        Connector(options).connect()

    assert str(caught.value) == REFUSAL


def test_a_user_without_rights_is_told_the_same_of_a_kernel_without_the_list(
    options: ConnectOptions, seed: Endpoint, unprivileged: LoginOptions
) -> None:
    with pytest.raises(DiscoveryFailed) as caught:
        Connector(ConnectOptions(unprivileged, (seed,), discover=True, retry=ONE_TRY)).connect()

    assert str(caught.value) == REFUSAL


def test_a_user_who_may_not_read_the_list_is_told_so(
    seed: Endpoint, unprivileged: LoginOptions, lists: Callable[[Rows], None]
) -> None:
    lists([("sys", "127.0.0.2", seed.port)])

    with pytest.raises(DiscoveryFailed) as caught:
        Connector(ConnectOptions(unprivileged, (seed,), discover=True, retry=ONE_TRY)).connect()

    assert str(caught.value) == NOT_GRANTED


def test_sessions_go_to_the_servers_of_the_list(
    options: ConnectOptions, seed: Endpoint, lists: Callable[[Rows], None], caplog: pytest.LogCaptureFixture
) -> None:
    lists([("sys", "127.0.0.3", seed.port), ("sys", "127.0.0.2", seed.port), ("other", "127.0.0.4", seed.port)])
    connector = Connector(options)

    found = [place(connector) for _ in range(3)]

    assert found == [str(seed), f"127.0.0.2:{seed.port}", f"127.0.0.2:{seed.port}"]
    told = [text for text in caplog.messages if text.startswith("servers of the tenant")]
    assert told == [f"servers of the tenant: 127.0.0.2:{seed.port}, 127.0.0.3:{seed.port}"]


def test_the_list_is_read_again_after_a_server_has_failed(
    options: ConnectOptions,
    seed: Endpoint,
    free_port: int,
    lists: Callable[[Rows], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    lists([("sys", "127.0.0.2", free_port), ("sys", "127.0.0.3", seed.port)])
    connector = Connector(options)
    assert place(connector) == str(seed)

    lists([("sys", "127.0.0.4", seed.port)])
    caplog.clear()

    assert place(connector) == f"127.0.0.3:{seed.port}"
    assert place(connector) == f"127.0.0.4:{seed.port}"
    assert f"127.0.0.2:{free_port} is put aside for 30 s (2003)" in caplog.messages
    assert f"servers of the tenant: 127.0.0.4:{seed.port}" in caplog.messages


def test_when_the_whole_list_is_gone_the_server_of_the_profile_is_asked(
    options: ConnectOptions, seed: Endpoint, free_port: int, lists: Callable[[Rows], None]
) -> None:
    lists([("sys", "127.0.0.2", free_port)])
    connector = Connector(options)

    assert [place(connector) for _ in range(3)] == [str(seed)] * 3


def test_without_the_profiles_server_either_each_is_named(
    options: ConnectOptions, free_port: int, server_profile: dict[str, Any]
) -> None:
    dead = Endpoint("127.0.0.1", free_port)

    with pytest.raises(HostUnreachable) as caught:
        Connector(ConnectOptions(options.login, (dead,), discover=True, retry=ONE_TRY)).connect()

    assert str(dead) in str(caught.value)


class TestProfile:
    """The same with a profile of dbt."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"one.sql": "select 1 as id"}

    @pytest.mark.parametrize("command", ["debug", "run"])
    def test_the_refusal_is_one_line(self, command: str, dbt: Callable[..., Any]) -> None:
        outcome = dbt(command, hosts="auto", connect_retries=0)

        assert outcome.code != 0
        assert outcome.line("hosts auto").endswith(REFUSAL)
        assert outcome.console.count(REFUSAL) == 1
        assert outcome.has_no_traceback()

    def test_a_run_uses_the_servers_of_the_list(
        self, dbt: Callable[..., Any], seed: Endpoint, lists: Callable[[Rows], None]
    ) -> None:
        lists([("sys", "127.0.0.2", seed.port)])

        outcome = dbt("run", hosts="auto", connection_mode="new")

        assert outcome.code == 0, outcome.console
        assert outcome.messages(f"connected to 127.0.0.2:{seed.port} as session ")
