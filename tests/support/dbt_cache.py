"""Make dbt faster in a process that runs it many times, without replacing any part of dbt."""

from __future__ import annotations

import gc
import json
from typing import Any, TextIO

from dbt_common.tests import enable_test_caching

ALLOCATIONS_PER_COLLECTION = 100_000


def prepare() -> None:
    """Cache parsed macros, write JSON faster, and exclude the objects that exist now from garbage collection.

    The cache is a feature of dbt for its own tests. It finds macros by their text. The threshold of the garbage
    collector is raised, because a manifest has about 100,000 objects and each run builds several manifests. With
    Python's default threshold they would be scanned many times.
    """
    enable_test_caching()
    json.dump = _dump
    gc.set_threshold(ALLOCATIONS_PER_COLLECTION, 20, 20)
    gc.collect()
    gc.freeze()


def _dump(data: Any, file: TextIO, **options: Any) -> None:
    """Do what ``json.dump`` does, which dbt calls twice per run to write a manifest of 3 MB.

    Python's own function encodes in Python code and writes each value alone. ``json.dumps`` encodes in C.
    """
    file.write(json.dumps(data, **options))
