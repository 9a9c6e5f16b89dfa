"""The adapter's behavior flags are dbt's own, and cost no search of the call stack."""

from __future__ import annotations

import inspect

import pytest
from dbt.adapters.base.impl import DEFAULT_BASE_BEHAVIOR_FLAGS
from dbt_common.behavior_flags import Behavior, BehaviorFlag

from dbt.adapters.oceanbase.behavior import AdapterBehavior

FLAGS: list[BehaviorFlag] = [
    *DEFAULT_BASE_BEHAVIOR_FLAGS,
    {"name": "with_source", "default": True, "source": "somewhere", "docs_url": "https://example.com"},
]
NAMES = [flag["name"] for flag in FLAGS]


@pytest.mark.parametrize("overrides", [{}, {NAMES[0]: True}, {NAMES[0]: False, "with_source": False}])
def test_settings_and_events_are_those_of_dbt(overrides: dict[str, bool]) -> None:
    ours, dbts = AdapterBehavior(FLAGS, overrides), Behavior(FLAGS, overrides)
    for name in NAMES:
        assert getattr(ours, name).no_warn is getattr(dbts, name).no_warn
        ours_event = getattr(ours, name)._behavior_change_event
        dbts_event = getattr(dbts, name)._behavior_change_event
        assert (ours_event.flag_name, ours_event.description, ours_event.docs_url) == (
            dbts_event.flag_name,
            dbts_event.description,
            dbts_event.docs_url,
        )
    assert ours.with_source._behavior_change_event.flag_source == "somewhere"


def test_the_call_stack_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect, "stack", lambda *args: pytest.fail("the call stack was searched"))
    assert AdapterBehavior(FLAGS, {}).with_source
