"""SIGTERM and SIGHUP interrupt as Ctrl-C does, unless somebody else has decided on them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from dbt.adapters.oceanbase.execution import signals


@pytest.fixture(autouse=True)
def default_actions() -> Iterator[None]:
    before = {number: signal.signal(number, signal.SIG_DFL) for number in signals.SIGNALS}
    yield
    for number, action in before.items():
        signal.signal(number, action)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_interrupts(number: signal.Signals) -> None:
    signals.interrupt_on_termination()

    with pytest.raises(KeyboardInterrupt, match=number.name):
        os.kill(os.getpid(), number)


@pytest.mark.parametrize("action", [signal.SIG_IGN, lambda number, frame: None])
def test_what_others_have_set_stays(action: object) -> None:
    signal.signal(signal.SIGHUP, action)  # type: ignore[arg-type]

    signals.interrupt_on_termination()
    signals.restore()

    assert signal.getsignal(signal.SIGHUP) is action


def test_the_default_comes_back() -> None:
    signals.interrupt_on_termination()
    signals.restore()

    assert {signal.getsignal(number) for number in signals.SIGNALS} == {signal.SIG_DFL}


def test_another_thread_changes_nothing() -> None:
    thread = threading.Thread(target=signals.interrupt_on_termination)
    thread.start()
    thread.join()

    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
