"""Order the tests of a parallel session so that the longest classes start first, and place them on workers.

Otherwise a long class that starts last would keep one worker busy while the others are done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import Scheduling

ONE_WORKER = "tests/functional/connect/"
"""The tests of this folder run on one worker, because each worker that runs some of them starts a server of its own."""

WITHOUT_SERVER = frozenset(ONE_WORKER + name for name in ("test_engine.py", "test_engine_setup.py", "test_linger.py"))
"""Files of this folder that need no such server: all that they start are engines in processes."""

MARKS = (
    "takes(seconds): how long the class runs on two busy cores; longer classes start first",
    "any_kernel: what the test asserts does not depend on the kernel; `tox` runs it on kernel 1.4 only",
)


def prepare(config: pytest.Config) -> None:
    """Register the marks. Make ``pytest-xdist`` keep the order of ``arrange``, and not sort by number of tests."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    """Return the scheduler for ``--dist loadscope``. It gives each group of tests (see ``scope_of``) to one worker.

    Return None for any other value of ``--dist``. ``log`` is what ``pytest-xdist`` passes.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    return Scheduler(config, log) if config.getvalue("dist") == "loadscope" else None


def scope_of(nodeid: str) -> str:
    """Return the name of the group of tests that run on one worker and to which the test ``nodeid`` belongs."""
    needs_server = nodeid.startswith(ONE_WORKER) and nodeid.partition("::")[0] not in WITHOUT_SERVER
    return ONE_WORKER if needs_server else _class_of(nodeid)


def arrange(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the tests sorted by the duration of their group (see ``scope_of``), longest first.

    A class without the mark counts one second per test. The tests of a group stay in their order.
    """
    of_classes: Counter[str] = Counter(_class_of(item.nodeid) for item in items)
    for item in items:
        mark = item.get_closest_marker("takes")
        if mark is not None:
            name = _class_of(item.nodeid)
            of_classes[name] = max(of_classes[name], mark.args[0])
    seconds: Counter[str] = Counter()
    for name, amount in of_classes.items():
        seconds[scope_of(f"{name}::")] += amount
    place = {name: number for number, name in enumerate(seconds)}
    return sorted(items, key=lambda item: (-seconds[scope_of(item.nodeid)], place[scope_of(item.nodeid)]))


def _class_of(nodeid: str) -> str:
    return nodeid.rsplit("::", 1)[0]
