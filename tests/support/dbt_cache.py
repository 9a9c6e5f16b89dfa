"""Prepare a process that runs dbt many times. No part of dbt is replaced."""

from __future__ import annotations

import gc

from dbt_common.tests import enable_test_caching

ALLOCATIONS_PER_COLLECTION = 100_000


def prepare() -> None:
    """Cache parsed macros between runs, and exclude the objects that exist now from garbage collection.

    dbt has a switch for its own tests that caches macros by their text. A manifest holds about 100,000 objects, and
    each run builds several: with Python's default threshold the garbage collector would scan them many times.
    """
    enable_test_caching()
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION, 20, 20)
    gc.collect()
    gc.freeze()
