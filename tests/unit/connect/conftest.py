"""Fake servers on loopback ports, and options that connect to them."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from faults import rogue, wire
from support.outside import PATIENCE

from dbt.adapters.oceanbase.connect.opening.password import PasswordSource
from dbt.adapters.oceanbase.connect.options import ConnectOptions, Endpoint, LoginOptions, RetryOptions


class Peer(rogue.Peer):
    """A fake server with an endpoint for the options of a connection."""

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


@pytest.fixture(autouse=True)
def _password_commands_have_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise the time limit of a password command where a test sets none: on a busy machine, programs start slowly."""
    for method in (PasswordSource.get, PasswordSource.renew):
        monkeypatch.setattr(method, "__defaults__", (PATIENCE,))


@pytest.fixture
def peer() -> Iterator[Callable[[rogue.Handler], Peer]]:
    """Return a function that starts a server with a handler. It is closed after the test."""
    started: list[Peer] = []

    def start(handle: rogue.Handler) -> Peer:
        started.append(Peer(handle))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def mysql(peer: Callable[..., Peer]) -> Callable[..., Peer]:
    """Return a function that starts a server that speaks MySQL (see ``speaks_mysql``)."""
    return lambda *args, **kwargs: peer(rogue.speaks_mysql(*args, **kwargs))


@pytest.fixture(name="wire")
def parts_of_the_protocol() -> Any:
    """The module of the protocol's packets."""
    return wire


@pytest.fixture
def options_for() -> Callable[..., ConnectOptions]:
    """Return a function that makes options for endpoints: by default one round, with time limits that do not expire."""

    def make(*endpoints: Endpoint, seconds: float = PATIENCE, retries: int = 0, **others: object) -> ConnectOptions:
        retry = RetryOptions(connect_timeout=seconds, connect_retries=retries, deadline=2 * PATIENCE)
        arguments = {"login": LoginOptions("dbt", "analytics", "obdemo", "s3cr3t-word"), "retry": retry, **others}
        return ConnectOptions(endpoints=endpoints, **arguments)  # type: ignore[arg-type]

    return make


@pytest.fixture
def closed_port() -> Iterator[Endpoint]:
    """A port of this host on which no server listens, and which no other process gets during the test."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield Endpoint("127.0.0.1", sock.getsockname()[1])


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))
