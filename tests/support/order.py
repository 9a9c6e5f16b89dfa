"""Order the tests of a parallel session so that the longest classes start first.

Otherwise a long class that starts last would keep one worker busy while the others are done.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

MARK = "takes(seconds): how long the class runs on two busy cores; longer classes start first"


def prepare(config: pytest.Config) -> None:
    """Register the mark. Make ``pytest-xdist`` keep the order of ``arrange``, and not sort by number of tests."""
    config.addinivalue_line("markers", MARK)
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def arrange(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the tests sorted by the duration of their class, longest first.

    A class without the mark counts one second per test.
    """
    seconds: dict[str, float] = {}
    for item in items:
        seconds[_class_of(item)] = seconds.get(_class_of(item), 0) + 1
    for item in items:
        mark = item.get_closest_marker("takes")
        if mark is not None:
            seconds[_class_of(item)] = max(seconds[_class_of(item)], mark.args[0])
    place = {name: number for number, name in enumerate(seconds)}
    return sorted(items, key=lambda item: (-seconds[_class_of(item)], place[_class_of(item)]))


def _class_of(item: pytest.Item) -> str:
    return item.nodeid.rsplit("::", 1)[0]
