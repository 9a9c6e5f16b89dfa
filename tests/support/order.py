"""In which order the workers of a parallel session get tests: long ones first, so that no worker is left with one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

MARK = "takes(seconds): a class that runs so long, on two busy cores; begun before those that are shorter"


def prepare(config: pytest.Config) -> None:
    """Have ``pytest-xdist`` keep the order that ``arrange`` gives: its own is by the number of tests."""
    config.addinivalue_line("markers", MARK)
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def arrange(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Give tests in the order of their classes' seconds; one that says none is taken for one second per test."""
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
