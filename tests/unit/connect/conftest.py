"""Options that connect to peers on loopback ports, and the peers."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from faults import rogue, wire

from dbt.adapters.oceanbase.connect.options import ConnectOptions, Endpoint, LoginOptions, RetryOptions


class Peer(rogue.Peer):
    """A peer that the options of a connection can name."""

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint("127.0.0.1", self.port)


@pytest.fixture(autouse=True)
def _logs_are_captured(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have caplog record all messages of ``connect``, and nothing else: neither dbt nor the root logger gets them."""
    source = logging.getLogger("dbt.adapters.oceanbase.connect")
    caplog.set_level(logging.DEBUG, logger=source.name)
    monkeypatch.setattr(source, "handlers", [caplog.handler])
    monkeypatch.setattr(source, "propagate", False)


@pytest.fixture
def peer() -> Iterator[Callable[[rogue.Handler], Peer]]:
    """Start a server with a handler; it is gone after the test."""
    started: list[Peer] = []

    def start(handle: rogue.Handler) -> Peer:
        started.append(Peer(handle))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def mysql(peer: Callable[..., Peer]) -> Callable[..., Peer]:
    """Start a server that speaks MySQL (see ``speaks_mysql``)."""
    return lambda *args, **kwargs: peer(rogue.speaks_mysql(*args, **kwargs))


@pytest.fixture(name="wire")
def parts_of_the_protocol() -> Any:
    """The parts of the protocol that a peer is made of."""
    return wire


@pytest.fixture
def options_for() -> Callable[..., ConnectOptions]:
    """Give options that connect to endpoints once, within 2 seconds unless told."""

    def make(*endpoints: Endpoint, seconds: float = 2, retries: int = 0, **others: object) -> ConnectOptions:
        retry = RetryOptions(connect_timeout=seconds, connect_retries=retries, deadline=60)
        arguments = {"login": LoginOptions("dbt", "analytics", "obdemo", "s3cr3t-word"), "retry": retry, **others}
        return ConnectOptions(endpoints=endpoints, **arguments)  # type: ignore[arg-type]

    return make


@pytest.fixture
def closed_port() -> Endpoint:
    """A port of this host on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return Endpoint("127.0.0.1", sock.getsockname()[1])


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))
