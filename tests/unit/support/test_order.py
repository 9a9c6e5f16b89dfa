"""The longest tests start first."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from support import order


def item(name: str, seconds: int | None = None) -> Any:
    mark = None if seconds is None else SimpleNamespace(args=(seconds,))
    return SimpleNamespace(nodeid=name, get_closest_marker=lambda wanted: mark if wanted == "takes" else None)


def test_classes_are_ordered_by_their_seconds_and_not_split() -> None:
    items = [item("a::One::x"), item("b::Two::x"), item("b::Two::y"), item("c::Long::x", 60), item("d::Four::x")]
    mixed = [items[1], items[0], items[3], items[2], items[4]]

    assert order.arrange(mixed) == [items[3], items[1], items[2], items[0], items[4]]


def test_a_class_counts_at_least_one_second_per_test() -> None:
    many = [item(f"a::Many::x{number}", 2) for number in range(5)]

    assert order.arrange([item("b::Long::x", 4), *many])[:5] == many


def test_a_folder_for_one_worker_is_one_group() -> None:
    folder = order.ONE_WORKER
    items = [item("a::Long::x", 50), item(f"{folder}b.py::One::x", 30), item(f"{folder}c.py::y", 25)]

    assert order.arrange(items) == [items[1], items[2], items[0]]
    assert {order.scope_of(each.nodeid) for each in items} == {"a::Long", folder}


def test_files_of_the_folder_that_need_no_server_are_groups_of_their_own() -> None:
    root = Path(__file__).parents[3]
    for name in order.WITHOUT_SERVER:
        assert order.scope_of(f"{name}::test_x") == name
        assert not re.findall(r"\b(?:own_server|server_profile|proxy|connect|project): ", (root / name).read_text())
