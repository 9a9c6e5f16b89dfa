"""The retry of opening: rounds, deadline, limits of the sleeps, and errors that are not retried."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

import pytest
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect import errors
from dbt.adapters.oceanbase.connect.opening import retry
from dbt.adapters.oceanbase.connect.opening.connector import Connector
from dbt.adapters.oceanbase.connect.options import ConnectOptions, Endpoint, RetryOptions

RETRYABLE = (errors.HostUnreachable, errors.ServerBusy, errors.TunnelUnreachable)
FATAL = (
    errors.ConnectError,
    errors.HostUnknown,
    errors.LoginRejected,
    errors.TenantElsewhere,
    errors.TlsFailed,
    errors.TlsNameMismatch,
    errors.NotMySQL,
    errors.TunnelFailed,
    errors.PasswordCommandFailed,
    errors.StepFailed,
    errors.DiscoveryFailed,
    errors.PoolExhausted,
    errors.EngineFailed,
    errors.SessionRejected,
)


def kinds(error: type[errors.ConnectError]) -> set[type[errors.ConnectError]]:
    return {error}.union(*map(kinds, error.__subclasses__()))


def test_every_kind_of_error_is_one_of_these() -> None:
    assert {*RETRYABLE, *FATAL} == kinds(errors.ConnectError)


class Clock:
    """A clock that only ``sleep`` moves forward."""

    def __init__(self) -> None:
        self.now = 500.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def attempts(
    options: RetryOptions,
    error: Exception,
    clock: Clock,
    works_at: int | None = None,
    takes: float = 0,
    is_patient: Callable[[], bool] = retry.never,
) -> int:
    """Run the policy over rounds of ``takes`` seconds that fail with ``error``, and return their number."""
    rounds = 0

    def attempt() -> str:
        nonlocal rounds
        rounds += 1
        clock.now += takes
        if rounds == works_at:
            return "open"
        raise error

    raises = pytest.raises(type(error)) if works_at is None else contextlib.nullcontext()
    with raises as caught:
        assert retry.policy(options, clock.sleep, None, clock, is_patient=is_patient)(attempt) == "open"
    assert caught is None or caught.value is error
    return rounds


@pytest.mark.parametrize("error", RETRYABLE)
@pytest.mark.parametrize("retries", [0, 1, 3, 7])
def test_rounds_after_the_first(error: type[errors.ConnectError], retries: int) -> None:
    clock = Clock()

    assert attempts(RetryOptions(connect_retries=retries, deadline=1e6), error("x"), clock) == retries + 1
    assert len(clock.slept) == retries


@pytest.mark.parametrize("error", FATAL)
def test_what_is_fatal_is_tried_once(error: type[errors.ConnectError]) -> None:
    clock = Clock()

    assert attempts(RetryOptions(connect_retries=5), error("x"), clock) == 1
    assert not clock.slept


@pytest.mark.parametrize("error", [*FATAL, *RETRYABLE])
def test_retry_all_tries_everything_again(error: type[errors.ConnectError]) -> None:
    assert attempts(RetryOptions(connect_retries=2, deadline=1e6, retry_all=True), error("x"), Clock()) == 3


@pytest.mark.parametrize("retry_all", [True, False])
@pytest.mark.parametrize("error", [ZeroDivisionError(), OSError(111, "refused"), errors.SessionCancelled("x")])
def test_what_is_no_connect_error_is_never_tried_again(error: Exception, retry_all: bool) -> None:
    assert attempts(RetryOptions(connect_retries=2, retry_all=retry_all), error, Clock()) == 1


LINK_ERRORS = (errors.HostUnreachable, errors.HostUnknown, errors.TunnelUnreachable)


@pytest.mark.parametrize("error", sorted(kinds(errors.ConnectError), key=lambda kind: kind.__name__))
def test_one_that_is_patient_waits_for_a_link_until_the_deadline(error: type[errors.ConnectError]) -> None:
    options, clock = RetryOptions(connect_retries=1, deadline=60), Clock()

    rounds = attempts(options, error("x"), clock, is_patient=lambda: True)

    if error in LINK_ERRORS:
        assert rounds > 5
        assert 500 + 60 - retry.MAX_BACKOFF_SECONDS < clock.now < 500 + 60
    else:
        assert rounds == (2 if error.retryable else 1)


def test_patience_that_ends_leaves_the_number_of_rounds() -> None:
    clock = Clock()
    options = RetryOptions(connect_retries=3, deadline=1e6)

    rounds = attempts(options, errors.HostUnreachable("x"), clock, is_patient=lambda: clock.now < 550)

    assert clock.now >= 550
    assert rounds == len(clock.slept) + 1
    assert clock.now - clock.slept[-1] < 550


def test_a_round_that_works_ends_it() -> None:
    options = RetryOptions(connect_retries=5, deadline=1e6)

    assert attempts(options, errors.HostUnreachable("x"), Clock(), works_at=3) == 3


@pytest.mark.parametrize(
    ("error", "longest"),
    [
        (errors.HostUnreachable, [0.5, 1, 2, 4, 8, 8, 8]),
        (errors.ServerBusy, [1, 2, 4, 8, 15, 15, 15]),
    ],
)
def test_sleeps_grow_up_to_a_cap_with_full_jitter(error: type[errors.ConnectError], longest: list[float]) -> None:
    runs = []
    for _ in range(100):
        clock = Clock()
        attempts(RetryOptions(connect_retries=7, deadline=1e6), error("x"), clock)
        runs.append(clock.slept)

    for number, bound in enumerate(longest):
        slept = [run[number] for run in runs]
        # sleeps from 0 to the longest: 100 sleeps miss one of the limits once in 10**12 runs
        assert 0 <= min(slept) < bound / 4
        assert bound * 3 / 4 < max(slept) <= bound


def test_each_sleep_goes_by_the_error_before_it() -> None:
    busy, gone = errors.ServerBusy("x"), errors.HostUnreachable("x")
    longest = [0.0, 0.0]
    for _ in range(100):
        clock, rounds = Clock(), iter([busy, gone, gone])

        def attempt(rounds: object = rounds) -> None:
            raise next(rounds)  # type: ignore[call-overload]

        with pytest.raises(errors.HostUnreachable):
            retry.policy(RetryOptions(connect_retries=2), clock.sleep, None, clock)(attempt)
        longest = list(map(max, longest, clock.slept))

    assert 0.75 < longest[0] <= 1
    assert 0.75 < longest[1] <= 1


def test_no_sleep_ends_past_the_deadline() -> None:
    for _ in range(50):
        clock = Clock()
        rounds = attempts(RetryOptions(connect_retries=1000, deadline=20), errors.HostUnreachable("x"), clock)

        assert rounds == len(clock.slept) + 1
        assert clock.now < 520
        assert clock.now > 520 - retry.MAX_BACKOFF_SECONDS


def test_the_rounds_themselves_count_towards_the_deadline() -> None:
    clock = Clock()

    assert attempts(RetryOptions(connect_retries=1000, deadline=20), errors.HostUnreachable("x"), clock, takes=20) == 1
    assert not clock.slept


def test_the_deadline_counts_from_the_policy_on() -> None:
    clock = Clock()
    policy = retry.policy(RetryOptions(connect_retries=1000, deadline=20), clock.sleep, None, clock)
    clock.now += 20

    with pytest.raises(errors.HostUnreachable):
        policy(fail)

    assert not clock.slept


def fail() -> None:
    raise errors.HostUnreachable("x")


def test_one_that_is_cancelled_before_is_not_tried_again() -> None:
    cancelled, clock = threading.Event(), Clock()
    cancelled.set()

    with pytest.raises(errors.HostUnreachable):
        retry.policy(RetryOptions(connect_retries=9), clock.sleep, cancelled, clock)(fail)

    assert not clock.slept


def test_one_that_is_cancelled_in_its_sleep_is_not_tried_again() -> None:
    cancelled, clock, rounds = threading.Event(), Clock(), 0

    def attempt() -> None:
        nonlocal rounds
        rounds += 1
        fail()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if rounds == 3:
            cancelled.set()

    with pytest.raises(errors.HostUnreachable):
        retry.policy(RetryOptions(connect_retries=9, deadline=1e6), sleep, cancelled, clock)(attempt)

    assert rounds == 3


class Cancelled(threading.Event):
    """An event that records when a thread waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.is_waited_for = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.is_waited_for.set()
        return super().wait(timeout)


def test_a_cancelled_connect_wakes_and_gives_up(
    closed_port: Endpoint,
    options_for: Callable[..., ConnectOptions],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(retry, "BACKOFF_SECONDS", 1e6)
    monkeypatch.setattr(retry, "MAX_BACKOFF_SECONDS", 1e6)
    options = options_for(closed_port, retry=RetryOptions(connect_retries=9, deadline=1e9))
    cancelled, caught = Cancelled(), []

    def connect() -> None:
        with pytest.raises(errors.HostUnreachable) as raised:
            Connector(options).connect(cancelled)
        caught.append(raised.value)

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    assert cancelled.is_waited_for.wait(PATIENCE)
    cancelled.set()
    thread.join(PATIENCE)

    assert not thread.is_alive()
    assert len(caught) == 1
    assert len([each for each in caplog.messages if " failed after " in each]) == 1


def test_one_round_does_not_wait(closed_port: Endpoint, options_for: Callable[..., ConnectOptions]) -> None:
    clock = Clock()

    with pytest.raises(errors.HostUnreachable):
        Connector(options_for(closed_port, retries=9), clock.sleep).connect_once()

    assert not clock.slept


def test_a_full_server_is_not_waited_for_where_others_can_give_room() -> None:
    tries: list[None] = []

    def fails() -> None:
        tries.append(None)
        raise errors.ServerBusy("full")

    for retry_all in (False, True):
        with pytest.raises(errors.ServerBusy):
            retry.policy(RetryOptions(retry_all=retry_all), lambda seconds: None, waits_when_full=lambda: False)(fails)

    assert len(tries) == 2
