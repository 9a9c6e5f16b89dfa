"""Make dbt faster in a process that runs it many times, without replacing any part of dbt."""

from __future__ import annotations

import gc

from dbt_common.tests import enable_test_caching

ALLOCATIONS_PER_COLLECTION = 100_000


def prepare() -> None:
    """Cache parsed macros between runs, and exclude the objects that exist now from garbage collection.

    The cache is a feature of dbt for its own tests. It finds macros by their text. The threshold of the garbage
    collector is raised, because a manifest has about 100,000 objects and each run builds several manifests. With
    Python's default threshold they would be scanned many times.
    """
    enable_test_caching()
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION, 20, 20)
    gc.collect()
    gc.freeze()
