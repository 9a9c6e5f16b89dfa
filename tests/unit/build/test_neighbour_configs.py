"""Configs of other adapters have remedies that exist, and configs without effect are found on each kind of node."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from dbt.contracts.graph.model_config import ModelConfig

from dbt.adapters.oceanbase.build import config_names, neighbour_configs, unused_configs
from dbt.adapters.oceanbase.build.config_check import ConfigCheckMixin
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
    assert set(re.findall(r"\b[a-z]+_[a-z_]+\b", instead)) <= KNOWN | {"materialized_view", "insert_overwrite"}


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
            node("model", materialized="ephemeral", indexes=[], standard_sql=False, query_tag="a", owner="x"),
            ["indexes"],
        ),
        (node("model", materialized="ephemeral", indexes=None), []),
        (node("model", change="continue"), ["on_configuration_change"]),
        (node("model", materialized="table", change="fail"), ["on_configuration_change"]),
        (node("model", materialized="incremental", change="fail", indexes=[]), []),
        (node("model", columns=["a"]), []),
        (node("source", double_pipe="or", query_timeout=5, read_consistency="weak", indexes=[]), ["indexes"]),
        (node("function", columns=["a"], standard_sql=False), ["columns"]),
        (node("test", format="csv", overwrite=True, query_tag="x"), ["format", "overwrite"]),
        (node("seed", columns=["a"]), []),
    ],
)
def test_configs_without_effect(found: Any, configs: list[str]) -> None:
    unused = unused_configs.unused_configs([found], CONFIGS, lambda _: frozenset())

    assert [each.config for each in unused] == configs
    assert unused_configs.unused_configs([found], CONFIGS, lambda _: frozenset(configs)) == {}


def test_the_header_of_a_data_test_has_no_effect_without_the_flag() -> None:
    declared = node("test", "of_1_12")
    declared.config.sql_header = "set @a = 1"
    nodes = [node("test", "extra", sql_header="set @a = 1"), declared, node("test"), node("model", sql_header="x")]

    def headed(has_flag: bool) -> list[tuple[unused_configs.Unused, list[str]]]:
        return list(unused_configs.unused_configs(nodes, CONFIGS, lambda _: frozenset(), has_flag).items())

    [(unused, names)] = headed(False)
    assert unused_configs.warning(unused, names) == (
        "sql_header: no effect on a test, since dbt sends it with the flag require_sql_header_in_test_configs only "
        "(extra, of_1_12): set it, with dbt-core 1.12 or later, or remove the config"
    )
    assert headed(True) == [(unused, ["extra"])]


def test_names_of_folders() -> None:
    project = {"shop": {"+indexes": [], "raw": {"query_tag": "a", "+persist_docs": {"relation": True}}}}

    assert {"indexes", "query_tag", "persist_docs"} <= unused_configs.set_for_folders(project)
    assert unused_configs.set_for_folders(None) == set()


def test_what_a_folder_sets_or_a_package_has_is_not_warned_about() -> None:
    def in_package(package: str, **extra: Any) -> Any:
        return SimpleNamespace(**vars(node("model", materialized="ephemeral", **extra)), package_name=package)

    nodes = [in_package("shop", indexes=[], analyze=True, table_options={}), in_package("other", primary_key="id")]
    adapter: Any = SimpleNamespace(
        config=SimpleNamespace(
            project_name="shop",
            models={"shop": {"raw": {"+analyze": True}}},
            sources={},
            data_tests={},
            functions={},
            flags={},
        ),
        _all_nodes=lambda kind: nodes if kind == "nodes" else [],
        _adapter_configs=lambda: CONFIGS,
        _listed=lambda _: frozenset(),
        _read_by_project=lambda _: iter(["table_options"]),
    )

    [warning] = ConfigCheckMixin._unused_warnings(adapter)

    assert warning.startswith("indexes: no effect")


def test_ordinary_words_have_remedies() -> None:
    assert INSTEAD.keys() >= neighbour_configs.ORDINARY_WORDS


def test_one_warning_names_the_nodes() -> None:
    nodes = [node("model", name, "ephemeral", indexes=[]) for name in "dcba"]
    [(unused, names)] = unused_configs.unused_configs(nodes, CONFIGS, lambda _: frozenset()).items()

    assert unused_configs.warning(unused, names) == (
        "indexes: no effect on an ephemeral model, since its SQL becomes a part of other models "
        "(a, b, c and 1 more): set it on the models that select from it"
    )
