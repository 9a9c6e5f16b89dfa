"""Several hosts in one profile: which is tried, which is put aside for a while, and the loss of one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from faults.odp import Odp
from faults.server import PASSWORD, Server
from faults.tcp_proxy import FaultProxy, Link, place_of
from support.outside import PATIENCE, Database, until

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, Session, errors
from dbt.adapters.oceanbase.connect.opening.hosts import MAX_PENALTY_SECONDS, PENALTY_SECONDS, HostList
from dbt.adapters.oceanbase.connect.options import Endpoint, HostStrategy, LoginOptions, RetryOptions

pytestmark = pytest.mark.any_kernel

TABLE = "{{ config(materialized='table') }} select 1 as id"


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def proxies(server_profile: dict[str, Any]) -> Iterator[tuple[FaultProxy, FaultProxy]]:
    """Two proxies to one server."""
    with FaultProxy(place_of(server_profile)) as first, FaultProxy(place_of(server_profile)) as second:
        yield first, second


@pytest.fixture
def connector(clock: Clock) -> Callable[..., Connector]:
    """Return a function that makes a connector to proxies: by default one round, with ``clock`` for its hosts."""

    def make(
        *places: Any, strategy: HostStrategy = "ordered", seconds: float = PATIENCE, retries: int = 0
    ) -> Connector:
        endpoints = tuple(Endpoint("127.0.0.1", place.port) for place in places)
        retry = RetryOptions(connect_timeout=seconds, connect_retries=retries, deadline=2 * PATIENCE)
        login = LoginOptions("root", password=PASSWORD)
        made = Connector(ConnectOptions(login, endpoints, host_strategy=strategy, retry=retry), lambda seconds: None)
        made.hosts = HostList(endpoints, strategy, clock)
        return made

    return make


def port(connector: Connector) -> int:
    """Open a session that works, and return its port."""
    with closing(connector.connect()) as session:
        assert session.run("select 1").fetchone() == (1,)
        return session.endpoint.port


class TestOneIsDead:
    def test_the_next_one_is_taken_and_the_dead_one_left_alone(
        self,
        proxies: tuple[FaultProxy, FaultProxy],
        connector: Callable[..., Connector],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        dead, good = proxies
        dead.stop_listening()
        opening = connector(dead, good)

        assert port(opening) == good.port
        assert f"{dead.place} is put aside for {PENALTY_SECONDS:g} s (2003)" in caplog.messages
        dead.listen()
        assert [port(opening) for _ in range(3)] == [good.port] * 3
        assert dead.accepted == 0

    def test_it_is_tried_again_when_its_time_is_over(
        self, proxies: tuple[FaultProxy, FaultProxy], connector: Callable[..., Connector], clock: Clock
    ) -> None:
        back, good = proxies
        back.stop_listening()
        opening = connector(back, good)
        port(opening)
        back.listen()

        clock.now = PENALTY_SECONDS - 0.1
        assert port(opening) == good.port
        clock.now = PENALTY_SECONDS
        assert port(opening) == back.port

    def test_the_time_grows_while_it_stays_dead_and_a_success_ends_it(
        self,
        proxies: tuple[FaultProxy, FaultProxy],
        connector: Callable[..., Connector],
        clock: Clock,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        dead, good = proxies
        dead.stop_listening()
        opening = connector(dead, good)
        for _ in range(5):
            port(opening)
            clock.now += MAX_PENALTY_SECONDS
        dead.listen()
        assert port(opening) == dead.port
        dead.stop_listening()
        port(opening)

        aside = [each.split(" for ")[1] for each in caplog.messages if "is put aside" in each]
        assert aside == [f"{seconds} s (2003)" for seconds in (30, 60, 120, 240, 300, 30)]

    @pytest.mark.parametrize(
        "hold", [FaultProxy.black_hole, lambda proxy: proxy.limit_rate(1)], ids=["silent", "dripping"]
    )
    def test_one_that_says_too_little_is_dead_too(
        self,
        proxies: tuple[FaultProxy, FaultProxy],
        connector: Callable[..., Connector],
        hold: Callable[[FaultProxy], None],
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        mute, good = proxies
        hold(mute)
        opening = connector(mute, good)
        attempt = opening._attempt

        def impatient(endpoint: Endpoint, seconds: float, options: ConnectOptions) -> Session:
            # the other one may be slow
            return attempt(endpoint, 2 if endpoint.port == mute.port else seconds, options)

        monkeypatch.setattr(opening, "_attempt", impatient)

        assert port(opening) == good.port
        assert f"{mute.place} is put aside for {PENALTY_SECONDS:g} s (2013)" in caplog.messages
        assert port(opening) == good.port
        # the second connection is the check for another protocol
        until(lambda: mute.accepted >= 2)
        assert mute.accepted == 2

    def test_one_that_is_lost_within_the_login(
        self, proxies: tuple[FaultProxy, FaultProxy], connector: Callable[..., Connector]
    ) -> None:
        bad, good = proxies
        rule = bad.at("set autocommit", "answered", Link.reset, times=None)

        assert port(connector(bad, good)) == good.port
        assert rule.hits == 1


class TestAllAreDead:
    def test_the_error_lists_each_with_its_reason(
        self,
        proxies: tuple[FaultProxy, FaultProxy],
        connector: Callable[..., Connector],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        refusing, mute = proxies
        refusing.stop_listening()
        mute.black_hole()

        with pytest.raises(errors.HostUnreachable) as raised:
            connector(refusing, mute, seconds=1, retries=2).connect()

        text = str(raised.value)
        assert "\n" not in text
        assert f"cannot connect to {refusing.place} (2003): Connection refused" in text
        assert f"{mute.place}: no session within 1 s (2013)" in text
        for place in (refusing.place, mute.place):
            assert sum(each.startswith(f"connect to {place} failed after") for each in caplog.messages) == 3

    def test_all_are_tried_although_all_are_put_aside(
        self, proxies: tuple[FaultProxy, FaultProxy], connector: Callable[..., Connector]
    ) -> None:
        first, second = proxies
        opening = connector(first, second)
        for proxy in proxies:
            proxy.stop_listening()
        with pytest.raises(errors.HostUnreachable):
            opening.connect()
        second.listen()

        assert port(opening) == second.port


class TestStrategies:
    def test_ordered_is_one_as_long_as_it_lives(
        self, proxies: tuple[FaultProxy, FaultProxy], connector: Callable[..., Connector]
    ) -> None:
        opening = connector(*proxies)

        assert [port(opening) for _ in range(4)] == [proxies[0].port] * 4

    def test_round_robin_goes_around(
        self, proxies: tuple[FaultProxy, FaultProxy], connector: Callable[..., Connector]
    ) -> None:
        opening = connector(*proxies, strategy="round_robin")
        first, second = (proxy.port for proxy in proxies)

        assert [port(opening) for _ in range(4)] == [first, second, first, second]

    def test_random_takes_all(
        self, proxies: tuple[FaultProxy, FaultProxy], connector: Callable[..., Connector]
    ) -> None:
        opening = connector(*proxies, strategy="random")

        # a random order would use only one of them in one of 2**39 runs
        assert {port(opening) for _ in range(40)} == {proxy.port for proxy in proxies}


class TestTwoServers:
    def test_a_server_that_is_killed_and_comes_back(
        self, own_server: Server, second_server: Server, connector: Callable[..., Connector], clock: Clock
    ) -> None:
        opening = connector(own_server, second_server)
        assert port(opening) == own_server.port

        own_server.kill()
        try:
            assert port(opening) == second_server.port
        finally:
            own_server.start()
        assert port(opening) == second_server.port
        clock.now = PENALTY_SECONDS
        assert port(opening) == own_server.port


class TestProxies:
    """Two fake ODPs in front of one server, as in the profile of a cluster."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {f"m{i}.sql": TABLE for i in range(1, 5)}

    @pytest.fixture
    def odps(self, server_profile: dict[str, Any]) -> Iterator[tuple[Odp, Odp]]:
        with Odp(place_of(server_profile)) as first, Odp(place_of(server_profile)) as second:
            yield first, second

    @pytest.fixture
    def target(self, odps: tuple[Odp, Odp]) -> dict[str, Any]:
        hosts = {"host": None, "port": None, "hosts": [odp.place for odp in odps]}
        return {**hosts, "tenant": "analytics", "cluster": "obdemo", "threads": 1}

    def test_a_run_goes_on_when_one_dies_for_good(
        self, dbt: Callable[..., Any], odps: tuple[Odp, Odp], target: dict[str, Any], db: Database
    ) -> None:
        first, second = odps

        def die(link: Link) -> None:
            del link
            first.stop_listening()
            first.cut()

        rule = first.at(lambda sql: "create table" in sql.lower() and "`m2" in sql, "before", die)

        outcome = dbt("run", **target)

        assert rule.hits == 1
        assert outcome.code == 1, outcome.console
        assert "PASS=3 WARN=0 ERROR=1" in outcome.console
        assert f"the connection to {first.place} was lost" in outcome.console
        assert "whether the statement took effect is unknown" in outcome.console
        assert outcome.messages(f"{first.place} is put aside for 30 s (2003)")
        assert set(db.relations()) == {"m1", "m3", "m4"}
        assert set(first.logins) == set(second.logins) == {"root@analytics#obdemo"}
        assert outcome.has_no_traceback()

        again = dbt("retry", **target)
        assert again.code == 0, again.console
        assert set(db.relations()) == {"m1", "m2", "m3", "m4"}

    def test_an_unknown_tenant_is_not_asked_for_elsewhere(self, odps: tuple[Odp, Odp]) -> None:
        endpoints = tuple(Endpoint("127.0.0.1", odp.port) for odp in odps)
        login = LoginOptions("root", "nowhere", "obdemo", PASSWORD)
        retry = RetryOptions(connect_timeout=PATIENCE, deadline=PATIENCE)

        with pytest.raises(errors.LoginRejected, match=r"no such tenant \(5157\)") as raised:
            Connector(ConnectOptions(login, endpoints, retry=retry)).connect()

        assert str(raised.value).startswith(f"{odps[0].place} as 'root@nowhere#obdemo': ")
        assert [odp.logins for odp in odps] == [["root@nowhere#obdemo"], []]
