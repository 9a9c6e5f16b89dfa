"""What the tests replace in dbt to be quicker says and writes the same."""

from __future__ import annotations

import datetime
import decimal
import importlib
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from dbt.clients import jinja_static
from dbt.context import base
from dbt.task import runnable
from dbt_common import behavior_flags
from dbt_common.clients import jinja, system
from support import dbt_costs

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


@pytest.mark.parametrize(
    ("command", "written"), [("run", []), ("build", []), ("parse", ["target"]), ("list", ["target"])]
)
def test_the_manifest_is_written_by_who_reads_it_or_at_the_end(
    command: str, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []
    monkeypatch.setattr(dbt_costs, "get_flags", lambda: Namespace(WHICH=command))
    monkeypatch.setattr(dbt_costs, "WRITE_MANIFEST", lambda manifest, target_path, which: found.append(target_path))

    dbt_costs.manifest.write_manifest(object(), "target")

    assert found == written
    assert runnable.write_manifest is not dbt_costs.write_manifest


@pytest.mark.parametrize("command", sorted(dbt_costs.WRITE_AT_THE_END))
def test_a_command_that_writes_it_at_the_end_is_one_of_nodes(command: str) -> None:
    task = getattr(importlib.import_module(f"dbt.task.{command}"), f"{command.title()}Task")

    assert issubclass(task, runnable.GraphRunnableTask)
    assert task.run is runnable.GraphRunnableTask.run


def test_the_calls_of_a_macro_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "{% macro any_one() %}{{ adapter.dispatch('one')() }} {% do two.three(four()) %}{% endmacro %}"

    mine = jinja_static.statically_extract_macro_calls(text, {})
    monkeypatch.setattr(jinja_static, "get_environment", jinja.get_environment)

    assert mine == jinja_static.statically_extract_macro_calls(text, {})
    assert "two.three" in mine


def test_the_modules_of_a_template_are_the_same() -> None:
    mine, theirs = base.get_context_modules(), base.get_context_modules.__wrapped__()  # type: ignore[attr-defined]

    assert {name: set(module) for name, module in mine.items()} == {
        name: set(module) for name, module in theirs.items()
    }
    assert [mine[name] for name in ("re", "datetime", "pytz")] == [theirs[name] for name in ("re", "datetime", "pytz")]


def test_the_names_of_a_project_are_made_for_each_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_costs, "RELATION_UPDATE", lambda *arguments: [*arguments])
    updates, config, first, second = dbt_costs.RelationUpdates(), object(), object(), object()

    once = updates(config, first, "schema")

    assert once == [config, first, "schema"]
    assert updates(config, first, "schema") is once
    assert updates(config, first, "alias") == [config, first, "alias"]
    assert updates(config, second, "schema") == [config, second, "schema"]
    assert updates(config, first, "schema") is not once
