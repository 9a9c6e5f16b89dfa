"""What the tests replace in dbt to be quicker says and writes the same."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path
from typing import Any

import dbt_costs
import pytest
from dbt_common import behavior_flags
from dbt_common.clients import system

ARTIFACT: dict[str, Any] = {
    "text": 'é "quoted" \N{GRINNING FACE} </script>\n',
    "nested": {"list": [1, 2.5, None, True, []], "": {}, 7: "a number as a key"},
    "at": datetime.datetime(2026, 1, 2, 3, 4, 5, 6),
    "amount": decimal.Decimal("1.50"),
}


def test_an_artifact_is_the_same_to_the_byte(tmp_path: Path) -> None:
    assert dbt_costs.write_json(str(tmp_path / "new" / "folder" / "mine.json"), ARTIFACT)
    assert system.write_json(str(tmp_path / "theirs.json"), ARTIFACT)

    assert (tmp_path / "new" / "folder" / "mine.json").read_bytes() == (tmp_path / "theirs.json").read_bytes()


def test_what_cannot_be_written_is_an_error_for_both(tmp_path: Path) -> None:
    for write in (dbt_costs.write_json, system.write_json):
        with pytest.raises(TypeError, match="not JSON serializable"):
            write(str(tmp_path / "any.json"), {"an object": object()})


def test_a_flag_has_the_same_source() -> None:
    assert dbt_costs.DEFAULT_SOURCE() == __name__
    assert dbt_costs.default_source() == __name__
    flag = behavior_flags.BehaviorFlagRendered({"name": "any", "default": False, "docs_url": ""}, {})
    assert flag._behavior_change_event.flag_source == __name__
