"""The order in which endpoints are tried, and the time for which those that failed are put aside."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..options import Endpoint, HostStrategy

PENALTY_SECONDS = 30.0
"""Seconds that an endpoint is put aside after its first failure; doubled with each further failure in a row."""

MAX_PENALTY_SECONDS = 300.0
"""Most seconds that an endpoint is put aside."""


class _Penalty(NamedTuple):
    until: float
    seconds: float


class HostList:
    """The endpoints of one profile, and which of them have failed. Safe to share between threads; uses no network.

    ``strategy``: ``ordered`` as listed, ``random`` in a new order each time, ``round_robin`` beginning with the next
    endpoint each time. ``clock`` returns seconds; ``rng`` makes the order of ``random``.
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
        # SystemRandom: any other generator would go on with the same numbers in parent and child after a fork
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
        """All endpoints in the configured order, including those that are skipped after a failure."""
        return self._endpoints

    def candidates(self) -> tuple[Endpoint, ...]:
        """Return the endpoints to try in this round, best first.

        Those put aside are left out. When all are put aside, all are returned, since one of them may be up again.
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
        """Put ``endpoint`` aside and return the seconds: 30, doubled with each failure in a row, at most 300.

        A failure while it is already put aside does not count, since threads that tried it together fail together.
        An endpoint that is not in the list is not put aside: 0.
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
        """Forget the failures of ``endpoint``; it is no longer put aside."""
        with self._lock:
            self._penalties.pop(endpoint, None)

    def replace(self, endpoints: Sequence[Endpoint]) -> bool:
        """Replace the list and return whether it has changed. An endpoint in both lists keeps its failures."""
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
