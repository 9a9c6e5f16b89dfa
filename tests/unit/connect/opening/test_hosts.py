"""The order of endpoints, and the time for which one that failed is left out."""

from __future__ import annotations

import random
import threading
from collections import Counter

import pytest

from dbt.adapters.oceanbase.connect.opening.hosts import MAX_PENALTY_SECONDS, PENALTY_SECONDS, HostList
from dbt.adapters.oceanbase.connect.options import Endpoint

A, B, C = (Endpoint(name) for name in ("ob1", "ob2", "ob3"))


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_ordered_is_the_order_of_the_list(clock: Clock) -> None:
    hosts = HostList([B, A, C], clock=clock)

    assert [hosts.candidates() for _ in range(3)] == [(B, A, C)] * 3


def test_an_endpoint_listed_twice_is_tried_once(clock: Clock) -> None:
    assert HostList([A, B, A], clock=clock).candidates() == (A, B)


def test_round_robin_begins_with_the_next_one_each_time(clock: Clock) -> None:
    hosts = HostList([A, B, C], "round_robin", clock)

    assert [hosts.candidates() for _ in range(4)] == [(A, B, C), (B, C, A), (C, A, B), (A, B, C)]


def test_round_robin_spreads_over_what_is_not_put_aside(clock: Clock) -> None:
    hosts = HostList([A, B, C], "round_robin", clock)
    hosts.failed(B)

    first = Counter(hosts.candidates()[0] for _ in range(10))

    assert first == {A: 5, C: 5}


def test_round_robin_is_even_between_threads(clock: Clock) -> None:
    hosts = HostList([A, B, C], "round_robin", clock)
    first: Counter[Endpoint] = Counter()
    lock = threading.Lock()

    def ask() -> None:
        mine = Counter(hosts.candidates()[0] for _ in range(300))
        with lock:
            first.update(mine)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert first == {A: 800, B: 800, C: 800}


def test_random_gives_every_order_about_as_often(clock: Clock) -> None:
    hosts = HostList([A, B, C], "random", clock, random.Random(7))  # noqa: S311 - the same orders in each run

    orders = Counter(hosts.candidates() for _ in range(6000))

    assert set(map(frozenset, orders)) == {frozenset((A, B, C))}
    assert len(orders) == 6
    assert all(850 < count < 1150 for count in orders.values())


def test_random_needs_no_generator(clock: Clock) -> None:
    hosts = HostList([A, B], "random", clock)

    assert {hosts.candidates() for _ in range(200)} == {(A, B), (B, A)}


@pytest.mark.parametrize("strategy", ["ordered", "random", "round_robin"])
def test_an_empty_list_has_no_candidates(strategy: str) -> None:
    assert HostList([], strategy).candidates() == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("strategy", ["ordered", "random", "round_robin"])
def test_a_failed_endpoint_is_left_out_until_its_time_is_over(clock: Clock, strategy: str) -> None:
    hosts = HostList([A, B, C], strategy, clock)  # type: ignore[arg-type]

    assert hosts.failed(A) == PENALTY_SECONDS == 30

    for clock.now in (1000, 1029.9):
        assert set(hosts.candidates()) == {B, C}
    clock.now = 1030
    assert set(hosts.candidates()) == {A, B, C}


def test_the_penalty_doubles_with_each_failure_in_a_row_up_to_a_cap(clock: Clock) -> None:
    hosts = HostList([A, B], clock=clock)

    penalties = []
    for _ in range(6):
        penalties.append(hosts.failed(A))
        clock.now += penalties[-1]

    assert penalties == [30, 60, 120, 240, 300, 300]
    assert MAX_PENALTY_SECONDS == 300


def test_failures_of_threads_that_tried_together_count_once(clock: Clock) -> None:
    hosts = HostList([A, B], clock=clock)

    assert [hosts.failed(A) for _ in range(8)] == [30] * 8

    clock.now += 30
    assert hosts.candidates() == (A, B)
    assert hosts.failed(A) == 60


def test_a_success_clears_the_penalty(clock: Clock) -> None:
    hosts = HostList([A, B], clock=clock)
    hosts.failed(A)
    clock.now += 30
    hosts.failed(A)

    hosts.succeeded(A)

    assert hosts.candidates() == (A, B)
    assert hosts.failed(A) == 30


def test_a_success_of_one_that_never_failed_changes_nothing(clock: Clock) -> None:
    hosts = HostList([A, B], clock=clock)

    hosts.succeeded(A)

    assert hosts.candidates() == (A, B)


def test_when_all_are_put_aside_all_are_tried(clock: Clock) -> None:
    hosts = HostList([A, B], clock=clock)
    hosts.failed(A)
    clock.now += 10
    hosts.failed(B)

    assert hosts.candidates() == (A, B)

    clock.now += 20
    assert hosts.candidates() == (A,)


def test_a_single_endpoint_is_always_tried(clock: Clock) -> None:
    hosts = HostList([A], clock=clock)

    hosts.failed(A)

    assert hosts.candidates() == (A,)


def test_one_that_is_not_in_the_list_is_not_put_aside(clock: Clock) -> None:
    hosts = HostList([A], clock=clock)

    assert hosts.failed(B) == 0
    hosts.replace([A, B])

    assert hosts.candidates() == (A, B)


def test_a_new_list_keeps_aside_what_stays(clock: Clock) -> None:
    hosts = HostList([A, B], clock=clock)
    hosts.failed(A)
    hosts.failed(B)

    assert hosts.replace([A, C])

    assert hosts.candidates() == (C,)


def test_one_that_left_the_list_comes_back_without_a_past(clock: Clock) -> None:
    hosts = HostList([A, B], clock=clock)
    hosts.failed(A)

    hosts.replace([B])
    hosts.replace([A, B])

    assert hosts.candidates() == (A, B)


@pytest.mark.parametrize(("new", "changed"), [([A, B], False), ([A, B, A], False), ([B, A], True), ([A], True)])
def test_a_new_list_tells_whether_it_is_another(new: list[Endpoint], changed: bool, clock: Clock) -> None:
    assert HostList([A, B], clock=clock).replace(new) is changed


def test_its_text_tells_what_is_put_aside(clock: Clock) -> None:
    hosts = HostList([A, Endpoint("fe80::1", 2883), C], "round_robin", clock)
    hosts.failed(A)
    hosts.failed(C)
    clock.now += 4.5
    hosts.succeeded(C)

    assert repr(hosts) == "<HostList round_robin: ob1:2881 (aside for 25.5 s more), [fe80::1]:2883, ob3:2881>"

    clock.now += 25.5
    assert repr(hosts) == "<HostList round_robin: ob1:2881, [fe80::1]:2883, ob3:2881>"
    assert repr(HostList([])) == "<HostList ordered: no endpoint>"


def test_threads_leave_a_consistent_list(clock: Clock) -> None:
    hosts = HostList([A, B, C], "round_robin", clock)
    faults: list[object] = []

    def use(endpoint: Endpoint) -> None:
        for number in range(300):
            hosts.failed(endpoint) if number % 2 else hosts.succeeded(endpoint)
            found = hosts.candidates()
            if not found or len(set(found)) != len(found):
                faults.append(found)

    threads = [threading.Thread(target=use, args=(endpoint,)) for endpoint in (A, B, C, A, B, C)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for endpoint in (A, B, C):
        hosts.succeeded(endpoint)

    assert not faults
    assert set(hosts.candidates()) == {A, B, C}
