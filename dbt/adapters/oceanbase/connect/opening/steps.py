"""Steps that other packages add to opening: found by entry point, asked before each attempt, told of what happened."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from ..errors import ConnectError, StepFailed, one_line
from ..options import Endpoint, LoginOptions, TlsOptions

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "dbt_oceanbase.connect"
"""The group of entry points that steps are found by."""

_METHODS = ("before_connect", "connected", "connect_failed", "hosts_changed")


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """One attempt to connect, before it is made: where, as whom, and how the link is secured.

    A step changes it by ``dataclasses.replace``; its text shows neither password nor key.
    """

    endpoint: Endpoint
    login: LoginOptions
    tls: TlsOptions


class Step(Protocol):
    """What a step may do: any of these methods, called from several threads at a time. docs/steps.md has an example.

    A class need not inherit from this one; one that does has all four.
    """

    def before_connect(self, request: ConnectRequest) -> ConnectRequest:
        """Give ``request`` or a changed copy of it, before each attempt; an error ends the attempt, and opening.

        Its time is its own: ``connect_timeout`` begins after the last step.
        """
        return request

    def connected(self, endpoint: Endpoint, session_id: int) -> None:
        """Be told that a session was opened, and the server's id of it."""

    def connect_failed(self, endpoint: Endpoint, error: ConnectError) -> None:
        """Be told that an attempt failed."""

    def hosts_changed(self, endpoints: tuple[Endpoint, ...]) -> None:
        """Be told that ``hosts: auto`` has found another list of servers."""


class _Origin(NamedTuple):
    """Who a step is: its entry point and the distribution that brings it."""

    name: str
    distribution: str

    def __str__(self) -> str:
        return f"step {one_line(self.name, 60)!r} of {one_line(self.distribution, 60)}"

    def failed(self, what: str) -> StepFailed:
        return StepFailed(f"{self} {what}: correct or uninstall it")


_origins: dict[int, _Origin] = {}
_loaded: tuple[Step, ...] | None = None
_lock = threading.Lock()


def steps() -> tuple[Step, ...]:
    """Give the steps of all installed packages in the order of their entry points' names.

    They are loaded by the first call that loads them all, and kept as long as the process lives. Raises StepFailed
    for one that cannot be loaded.
    """
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _loaded = tuple(_load(*found) for found in _entry_points())
    return _loaded


def reset_after_fork() -> None:
    """Free the lock that another thread of the parent process may have held; for the child after a fork."""
    global _lock
    _lock = threading.Lock()


def run_before(request: ConnectRequest, steps: Sequence[Step]) -> ConnectRequest:
    """Send ``request`` through the steps, each getting what the one before has given.

    Raises StepFailed, which names the step and the kind of its error, but not the error's text: it may hold secrets.
    """
    for step in steps:
        method = getattr(step, "before_connect", None)
        if method is None:
            continue
        try:
            request = method(request)
        except Exception as error:
            raise _origin(step).failed(f"failed: before_connect {_raised(error, type(step).__module__)}") from None
        if fault := _fault(request):
            raise _origin(step).failed(f"failed: before_connect {fault}")
    return request


def tell(
    steps: Sequence[Step],
    method: Literal["connected", "connect_failed", "hosts_changed"],
    on_event: Callable[[str], None],
    *args: object,
) -> None:
    """Call ``method`` with ``args`` on the steps that have it; ``on_event`` gets a line for each that fails."""
    for step in steps:
        told = getattr(step, method, None)
        if told is None:
            continue
        try:
            told(*args)
        except Exception as error:
            on_event(f"{_origin(step)} failed: {method} {_raised(error, type(step).__module__)}")


def _entry_points() -> list[tuple[_Origin, EntryPoint]]:
    # reads the metadata of all that is installed, which only opening has to pay for
    from importlib.metadata import entry_points

    found = [
        (_Origin(point.name, point.dist.name if point.dist else "an unknown distribution"), point)
        for point in entry_points(group=GROUP)
    ]
    return sorted(found, key=lambda each: each[0])


def _load(origin: _Origin, point: EntryPoint) -> Step:
    try:
        step: Step = point.load()()
    except Exception as error:
        raise origin.failed(f"cannot be loaded: {one_line(point.value, 60)} {_raised(error, point.module)}") from None
    if not any(callable(getattr(step, method, None)) for method in _METHODS):
        raise origin.failed(f"cannot be loaded: it has none of the methods {', '.join(_METHODS)}")
    _origins[id(step)] = origin
    return step


def _origin(step: Step) -> _Origin:
    return _origins.get(id(step)) or _Origin(type(step).__name__, type(step).__module__)


def _fault(request: object) -> str | None:
    if not isinstance(request, ConnectRequest):
        return f"returned {type(request).__name__}, not a ConnectRequest"
    for part, kind in ((request.endpoint, Endpoint), (request.login, LoginOptions), (request.tls, TlsOptions)):
        if not isinstance(part, kind):
            return f"returned a request with {type(part).__name__} in place of {kind.__name__}"
    password = request.login.password
    return None if isinstance(password, str) else f"returned a password of type {type(password).__name__}, not str"


def _raised(error: Exception, module: str) -> str:
    """Say the kind of an error and the last line of the step's own package that it passed."""
    package, place = module.partition(".")[0], ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if str(frame.f_globals.get("__name__")).partition(".")[0] == package:
            place = f" ({PurePath(frame.f_code.co_filename).name}, line {line})"
    missing = f" of {error.name!r}" if isinstance(error, ImportError) and error.name else ""
    return f"raised {type(error).__name__}{missing}{place}"
