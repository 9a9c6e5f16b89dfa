"""Which endpoints to try, in which order, and which are put aside for a while because they failed."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..options import Endpoint, HostStrategy

PENALTY, MAX_PENALTY = 30.0, 300.0
"""Seconds that an endpoint is put aside: after its first failure, doubled with each in a row, and at most."""


class _Aside(NamedTuple):
    until: float
    seconds: float


class HostList:
    """The endpoints of one profile, best first. Safe to share between threads; nothing is asked of the network.

    ``strategy``: ``ordered`` as listed, ``random`` in a new order each time, ``round_robin`` from the next one each
    time. ``clock`` gives seconds, ``rng`` the order of ``random``.
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
        # the system's, since after a fork parent and child would go on with the same numbers
        self._rng = rng or random.SystemRandom()
        self._aside: dict[Endpoint, _Aside] = {}
        self._turn = 0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        with self._lock:
            now = self._clock()
            places = [self._state(endpoint, now) for endpoint in self._endpoints]
        return f"<HostList {self._strategy}: {', '.join(places) or 'no endpoint'}>"

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All of them as they are listed, also those put aside."""
        return self._endpoints

    def candidates(self) -> tuple[Endpoint, ...]:
        """Give the endpoints to try in this round, best first.

        Those put aside are left out; when all are, all are given: one of them may be back.
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
        """Put ``endpoint`` aside and give the seconds: 30, doubled with each failure in a row, at most 300.

        A failure while it is aside already is no further one (threads that tried it together fail together), and
        one that is not in the list is not put aside: 0.
        """
        with self._lock:
            if endpoint not in self._endpoints:
                return 0.0
            now, last = self._clock(), self._aside.get(endpoint)
            if last is None or now >= last.until:
                seconds = PENALTY if last is None else min(2 * last.seconds, MAX_PENALTY)
                last = self._aside[endpoint] = _Aside(now + seconds, seconds)
            return last.seconds

    def succeeded(self, endpoint: Endpoint) -> None:
        """Take ``endpoint`` back, and forget its failures."""
        with self._lock:
            self._aside.pop(endpoint, None)

    def replace(self, endpoints: Sequence[Endpoint]) -> bool:
        """Take a new list; what stays in it stays put aside. Tell whether the list has changed."""
        with self._lock:
            before, self._endpoints = self._endpoints, _distinct(endpoints)
            self._aside = {endpoint: aside for endpoint, aside in self._aside.items() if endpoint in self._endpoints}
            return self._endpoints != before

    def _is_aside(self, endpoint: Endpoint, now: float) -> bool:
        aside = self._aside.get(endpoint)
        return aside is not None and now < aside.until

    def _state(self, endpoint: Endpoint, now: float) -> str:
        aside = self._aside.get(endpoint)
        if aside is None or now >= aside.until:
            return str(endpoint)
        return f"{endpoint} (aside for {aside.until - now:.3g} s more)"


def _distinct(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    return tuple(dict.fromkeys(endpoints))
