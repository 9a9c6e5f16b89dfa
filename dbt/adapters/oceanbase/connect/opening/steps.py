"""Call the steps of other packages, which are hooks around the opening of a connection.

A package registers a step by an entry point in the group ``dbt_oceanbase.connect``.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from ..errors import ConnectError, StepFailed, one_line
from ..options import Endpoint, LoginOptions, TlsOptions

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

logger = logging.getLogger(__name__)

GROUP = "dbt_oceanbase.connect"
"""The entry point group in which other Python packages register steps, the hooks around opening a connection."""

_METHODS = ("before_connect", "connected", "connect_failed", "hosts_changed")


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """The server, the login and the TLS options that the next attempt to connect will use.

    A step changes a request with ``dataclasses.replace``. The repr shows neither the password nor the key file.
    """

    endpoint: Endpoint
    login: LoginOptions
    tls: TlsOptions


class Step(Protocol):
    """The methods that a step may have. A step needs at least one of them. docs/steps.md has an example.

    Several threads may call the methods at the same time. A step need not inherit from this class.
    """

    def before_connect(self, request: ConnectRequest) -> ConnectRequest:
        """Return ``request`` or a changed copy of it. This method is called before each attempt to connect.

        If this method raises an error, the attempt fails, and no other attempt follows unless the profile sets
        ``retry_all``. The time limit ``connect_timeout`` does not include this call. It begins when all steps have been
        called.
        """
        return request

    def connected(self, endpoint: Endpoint, session_id: int) -> None:
        """React to a new session on ``endpoint``. ``session_id`` is the server's id of the session."""

    def connect_failed(self, endpoint: Endpoint, error: ConnectError) -> None:
        """React to an attempt to connect to ``endpoint`` that has failed with ``error``."""

    def hosts_changed(self, endpoints: tuple[Endpoint, ...]) -> None:
        """React to a changed list of servers, which ``hosts: auto`` has found. ``endpoints`` is the new list."""


class _Origin(NamedTuple):
    """The names of a step's entry point and of the distribution that installed the step, for error messages."""

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
    """Return the steps of all installed packages, sorted by the names of their entry points.

    A step is an object with hooks around the opening of a connection (see ``Step``). The first call loads the steps,
    and later calls return the same objects. If a step cannot be loaded, StepFailed is raised, and the next call loads
    all steps again.
    """
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _loaded = tuple(_load(*found) for found in _entry_points())
    return _loaded


def reset_after_fork() -> None:
    """Replace the module's lock in a forked process, since another thread of the parent may have held it."""
    global _lock
    _lock = threading.Lock()


def apply_before_connect(request: ConnectRequest, steps: Sequence[Step]) -> ConnectRequest:
    """Pass ``request`` through the ``before_connect`` of each step and return the last result.

    Raises StepFailed if a step raises an error or does not return a valid request. The text names the step and the
    class of its error. The step's own error text is left out, since it may contain secrets.
    """
    for step in steps:
        method = getattr(step, "before_connect", None)
        if method is None:
            continue
        try:
            request = method(request)
        except Exception as error:
            raise _origin(step).failed(f"failed: before_connect {_error_kind(error, type(step).__module__)}") from None
        if problem := _problem(request):
            raise _origin(step).failed(f"failed: before_connect {problem}")
    return request


def notify(
    steps: Sequence[Step], method: Literal["connected", "connect_failed", "hosts_changed"], *args: object
) -> None:
    """Call ``method`` with ``args`` on each of the ``steps`` that has this method. A step's error is only logged."""
    for step in steps:
        function = getattr(step, method, None)
        if function is None:
            continue
        try:
            function(*args)
        except Exception as error:
            logger.debug(f"{_origin(step)} failed: {method} {_error_kind(error, type(step).__module__)}")


def _entry_points() -> list[tuple[_Origin, EntryPoint]]:
    # imported here because only the opening of a connection needs it
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
        kind = _error_kind(error, point.module)
        raise origin.failed(f"cannot be loaded: {one_line(point.value, 60)} {kind}") from None
    if not any(callable(getattr(step, method, None)) for method in _METHODS):
        raise origin.failed(f"cannot be loaded: it has none of the methods {', '.join(_METHODS)}")
    _origins[id(step)] = origin
    return step


def _origin(step: Step) -> _Origin:
    return _origins.get(id(step)) or _Origin(type(step).__name__, type(step).__module__)


def _problem(request: object) -> str | None:
    if not isinstance(request, ConnectRequest):
        return f"returned {type(request).__name__}, not a ConnectRequest"
    for part, kind in ((request.endpoint, Endpoint), (request.login, LoginOptions), (request.tls, TlsOptions)):
        if not isinstance(part, kind):
            return f"returned a request with {type(part).__name__} in place of {kind.__name__}"
    password = request.login.password
    return None if isinstance(password, str) else f"returned a password of type {type(password).__name__}, not str"


def _error_kind(error: Exception, module: str) -> str:
    """Return a description of ``error``, which a step has raised: its class and the place where it was raised.

    The place is the file and the line of the last call in the traceback that belongs to the step's own package.
    ``module`` is the name of any module of the step's package.
    """
    package, place = module.partition(".")[0], ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if str(frame.f_globals.get("__name__")).partition(".")[0] == package:
            place = f" ({PurePath(frame.f_code.co_filename).name}, line {line})"
    missing = f" of {error.name!r}" if isinstance(error, ImportError) and error.name else ""
    return f"raised {type(error).__name__}{missing}{place}"
