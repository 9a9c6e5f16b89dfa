"""The designs of all selected nodes are checked at once, and only where that is sure to be right."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.artifacts.resources.v1.model import ModelConfig
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.oceanbase.impl import OceanBaseAdapter
from dbt.adapters.oceanbase.relation_configs import run_check

OF_OTHERS = "their_table"


class Adapter(OceanBaseAdapter):
    """The adapter without a connection. ``selection`` is the answer of the macro that knows the selection."""

    def __init__(self, selection: dict[str, Any] | None = None) -> None:
        self._node = threading.local()
        self.config = SimpleNamespace(project_name="shop", credentials=SimpleNamespace(time_zone="+00:00"))
        self.selection = selection

    def get_macro_resolver(self) -> Any:
        """Return a manifest in which one materialization belongs to another package."""
        packages = {OF_OTHERS: "shop", "nowhere": None}

        def find(project: str, name: str, kind: str) -> Any:
            package = packages.get(name, "dbt_oceanbase")
            return SimpleNamespace(package_name=package) if package else None

        return SimpleNamespace(find_materialization_macro_by_name=find)

    def execute_macro(self, *_: Any, **__: Any) -> Any:
        """Return the selection."""
        return self.selection


def node(name: str, kind: str = "model", materialized: str = "table", **configs: Any) -> Any:
    """Return a node of dbt's manifest. ``columns_of`` are the columns of its contract."""
    columns = configs.pop("columns_of", {})
    config = ModelConfig(materialized=materialized, _extra=configs)
    config.contract.enforced = bool(columns)
    return SimpleNamespace(
        resource_type=kind,
        name=name,
        original_file_path=f"models/{name}.sql",
        unique_id=f"{kind}.shop.{name}",
        config=config,
        to_dict=lambda: {"resource_type": kind, "columns": columns},
    )


DAILY = {"column": "at", "every": "day", "from": "2026-01-01"}
KEY = {"id": {"name": "id", "constraints": [{"type": "primary_key"}]}}
WRONG = {"indexes": [{"column": ["a"]}]}


def test_all_wrong_configs_of_all_nodes_are_said_at_once() -> None:
    nodes = [
        node("right", indexes=[{"columns": ["a"]}], partition_by=DAILY),
        node("twice", table_options={"blok_size": 1}, **WRONG),
        node("keyed", "snapshot", "snapshot", partition_by=DAILY, primary_key="id"),
        node("agreed", partition_by=DAILY, columns_of=KEY),
        node("seen", materialized="view", primary_key="id"),
        node("divided_view", materialized="view", partition_by=DAILY, columns_of=KEY),
        node("refreshed", materialized="materialized_view", refresh_method="often"),
        node("rolled", materialized="materialized_view", partition_by=DAILY),
        node("written", materialized="external"),
        node("plain", refresh_next="1 day"),
        node("another", materialized=OF_OTHERS, **WRONG),
        node("odd", materialized="nowhere", **WRONG),
    ]

    with pytest.raises(DbtRuntimeError) as raised:
        Adapter().refuse_wrong_designs(nodes)

    first, *lines = raised.value.msg.splitlines()
    assert first == "nothing was built, since configs are wrong:"
    assert [line.partition(" is ")[0].split(": ")[:3] for line in lines] == [
        ["model twice (models/twice.sql)", "table_options", "blok_size"],
        ["model twice (models/twice.sql)", "indexes", "column"],
        ["snapshot keyed (models/keyed.sql)", "partition_by", "the primary key (id)"],
        ["model agreed (models/agreed.sql)", "partition_by", "the primary key (id)"],
        ["model seen (models/seen.sql)", "primary_key", "a view keeps no rows"],
        ["model divided_view (models/divided_view.sql)", "partition_by", "a view keeps no rows"],
        ["model refreshed (models/refreshed.sql)", "refresh_method", "'often'"],
        ["model rolled (models/rolled.sql)", "partition_by", "every"],
        ["model written (models/written.sql)", "location", "None"],
        ["model plain (models/plain.sql)", "refresh_next", "only a materialized view has it"],
    ]


@pytest.mark.parametrize(
    ("command", "selected", "refused"),
    [
        ("build", ["model.shop.one"], True),
        ("run", ["model.shop.one", "model.shop.two"], True),
        ("seed", ["model.shop.two"], False),
        ("snapshot", [], False),
        ("compile", ["model.shop.one"], False),
        ("test", ["model.shop.one"], False),
        ("clone", ["model.shop.one"], False),
    ],
)
def test_only_nodes_that_the_command_builds(
    monkeypatch: pytest.MonkeyPatch, command: str, selected: list[str], refused: bool
) -> None:
    filled: list[Any] = []
    monkeypatch.setattr(
        "dbt.adapters.base.impl.BaseAdapter.set_relations_cache", lambda self, nodes, *_: filled.extend(nodes)
    )
    monkeypatch.setattr("dbt.adapters.oceanbase.impl.OceanBaseAdapter._check_names", lambda self, nodes: None)
    adapter = Adapter({"command": command, "nodes": selected})
    nodes = [node("one", **WRONG), node("two")]

    if refused:
        with pytest.raises(DbtRuntimeError, match="model one"):
            adapter.set_relations_cache(iter(nodes))
        assert not filled
    else:
        adapter.set_relations_cache(iter(nodes))
        assert filled == nodes


def test_a_retry_has_no_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    """It leaves the list of the command before, whose nodes it may not build."""
    monkeypatch.setattr(run_check, "_last", {})
    selection = {"command": "run", "nodes": ["model.shop.one"]}

    assert Adapter(selection)._selected() == {"model.shop.one"}
    assert Adapter(selection)._selected() == set()
    assert Adapter({**selection, "nodes": list(selection["nodes"])})._selected() == {"model.shop.one"}
