"""Configs of other adapters have remedies that exist, and configs without effect are found on each kind of node."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.contracts.graph.model_config import ModelConfig

from dbt.adapters.oceanbase.build import config_names, neighbour_configs, unused_configs
from dbt.adapters.oceanbase.build.neighbour_configs import INSTEAD
from dbt.adapters.oceanbase.configs import OceanBaseConfig

CONFIGS = config_names.declared(OceanBaseConfig)
KNOWN = CONFIGS | config_names.declared(ModelConfig)


def test_no_config_of_this_adapter_is_refused() -> None:
    assert not INSTEAD.keys() & (CONFIGS | config_names.declared_anywhere())


@pytest.mark.parametrize("instead", sorted(set(INSTEAD.values())))
def test_a_remedy_names_configs_of_this_adapter(instead: str) -> None:
    if instead.startswith("remove it, since "):
        return
    first = re.fullmatch(r"write (\w+)\b.*", instead)

    assert first is not None
    assert first[1] in KNOWN
    assert set(re.findall(r"\b[a-z]+_[a-z_]+\b", instead)) <= KNOWN | {"materialized_view"}


def test_the_error_is_one_line() -> None:
    assert neighbour_configs.error("dist") == (
        "dist: a config of other adapters, which has no effect here: write partition_by with type: hash or key, and "
        "count, or list dist in the variable known_configs"
    )


def node(kind: str, name: str = "n", materialized: str = "view", change: str = "apply", **extra: Any) -> Any:
    config = SimpleNamespace(extra=extra, materialized=materialized, on_configuration_change=change)
    return SimpleNamespace(resource_type=kind, name=name, config=config)


@pytest.mark.parametrize(
    ("found", "configs"),
    [
        (
            node("model", materialized="ephemeral", indexes=[], standard_sql=False, owner="x"),
            ["indexes", "standard_sql"],
        ),
        (node("model", materialized="ephemeral", indexes=None), []),
        (node("model", change="continue"), ["on_configuration_change"]),
        (node("model", materialized="table", change="fail"), ["on_configuration_change"]),
        (node("model", materialized="incremental", change="fail", indexes=[]), []),
        (node("model", columns=["a"]), []),
        (node("source", double_pipe="or", query_timeout=5, read_consistency="weak"), ["double_pipe"]),
        (node("function", columns=["a"], standard_sql=False), ["columns"]),
        (node("test", format="csv", overwrite=True, query_tag="x"), ["format", "overwrite"]),
        (node("seed", columns=["a"]), []),
    ],
)
def test_configs_without_effect(found: Any, configs: list[str]) -> None:
    unused = unused_configs.unused_configs([found], CONFIGS, lambda _: frozenset())

    assert [each.config for each in unused] == configs
    assert unused_configs.unused_configs([found], CONFIGS, lambda _: frozenset(configs)) == {}


def test_one_warning_names_the_nodes() -> None:
    nodes = [node("model", name, "ephemeral", indexes=[]) for name in "dcba"]
    [(unused, names)] = unused_configs.unused_configs(nodes, CONFIGS, lambda _: frozenset()).items()

    assert unused_configs.warning(unused, names) == (
        "indexes: no effect on an ephemeral model, since its SQL becomes a part of other models "
        "(a, b, c and 1 more): set it on the models that select from it"
    )
