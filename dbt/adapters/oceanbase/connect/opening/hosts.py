"""The order in which endpoints are tried. An endpoint that has failed is tried last for some time."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..options import Endpoint, HostStrategy

PENALTY_SECONDS = 30.0
"""Seconds to skip an endpoint after its first failure. Each further failure in a row doubles the time."""

MAX_PENALTY_SECONDS = 300.0
"""Longest time to skip an endpoint, in seconds."""


class _Penalty(NamedTuple):
    until: float
    seconds: float


class HostList:
    """The endpoints of one profile, with the failures of each. Threads can share a list. It opens no connections.

    A round is one pass over the endpoints to open one connection. ``strategy`` sets the order of the endpoints in a
    round: ``ordered`` keeps the configured order, ``random`` draws a new order for each round, and ``round_robin``
    starts each round one endpoint further on. ``clock`` returns seconds. ``rng`` is the generator of random numbers for
    ``random``, or None for the system's generator.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        strategy: HostStrategy = "ordered",
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self._endpoints = _distinct(endpoints)
        self._strategy = strategy
        self._clock = clock
        # SystemRandom, since any other generator would yield the same numbers in parent and child after a fork
        self._rng = rng or random.SystemRandom()
        self._penalties: dict[Endpoint, _Penalty] = {}
        self._turn = 0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        with self._lock:
            now = self._clock()
            places = [self._state(endpoint, now) for endpoint in self._endpoints]
        return f"<HostList {self._strategy}: {', '.join(places) or 'no endpoint'}>"

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All endpoints in the order in which they were passed to the list or to ``replace``, also skipped ones."""
        return self._endpoints

    def candidates(self) -> tuple[Endpoint, ...]:
        """Return the endpoints to try in the next round, in the order of the strategy.

        Endpoints that are skipped now because they have failed are left out, and the connector tries them after the
        others. If all endpoints are skipped now, all are returned, since one of them may be running again.
        """
        with self._lock:
            now = self._clock()
            fit = [endpoint for endpoint in self._endpoints if not self._is_aside(endpoint, now)]
            chosen = fit or list(self._endpoints)
            if self._strategy == "random":
                self._rng.shuffle(chosen)
            elif self._strategy == "round_robin" and chosen:
                start = self._turn % len(chosen)
                self._turn += 1
                chosen = chosen[start:] + chosen[:start]
            return tuple(chosen)

    def failed(self, endpoint: Endpoint) -> float:
        """Record a failure of ``endpoint``, and return for how many seconds the endpoint is skipped.

        The time is 30 s after the first failure. Each further failure in a row doubles the time, up to 300 s. A failure
        of an endpoint that is already skipped does not change the time, because several threads may have tried the
        endpoint at the same moment. Returns 0 for an endpoint that is not in the list.
        """
        with self._lock:
            if endpoint not in self._endpoints:
                return 0.0
            now, last = self._clock(), self._penalties.get(endpoint)
            if last is None or now >= last.until:
                seconds = PENALTY_SECONDS if last is None else min(2 * last.seconds, MAX_PENALTY_SECONDS)
                last = self._penalties[endpoint] = _Penalty(now + seconds, seconds)
            return last.seconds

    def succeeded(self, endpoint: Endpoint) -> None:
        """Forget the failures of ``endpoint``, so that it is no longer skipped."""
        with self._lock:
            self._penalties.pop(endpoint, None)

    def replace(self, endpoints: Sequence[Endpoint]) -> bool:
        """Replace all endpoints by ``endpoints`` and return whether the list has changed.

        An endpoint that is in the old and the new list keeps its record of failures, which decides whether and how long
        it is skipped.
        """
        with self._lock:
            before, self._endpoints = self._endpoints, _distinct(endpoints)
            self._penalties = {each: penalty for each, penalty in self._penalties.items() if each in self._endpoints}
            return self._endpoints != before

    def _is_aside(self, endpoint: Endpoint, now: float) -> bool:
        penalty = self._penalties.get(endpoint)
        return penalty is not None and now < penalty.until

    def _state(self, endpoint: Endpoint, now: float) -> str:
        penalty = self._penalties.get(endpoint)
        if penalty is None or now >= penalty.until:
            return str(endpoint)
        return f"{endpoint} (aside for {penalty.until - now:.3g} s more)"


def _distinct(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    return tuple(dict.fromkeys(endpoints))
