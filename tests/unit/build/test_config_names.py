"""Names of configs: which of them something reads, and which are misspelt."""

from __future__ import annotations

import pytest
from dbt.artifacts.resources import FunctionConfig, ModelConfig, NodeConfig, SeedConfig, SnapshotConfig, TestConfig

from dbt.adapters.oceanbase.build import config_names
from dbt.adapters.oceanbase.configs import OceanBaseConfig

OF_MODELS = config_names.declared(ModelConfig) | config_names.declared(OceanBaseConfig)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("materialised", "materialized"),
        ("unqiue_key", "unique_key"),
        ("unique_keys", "unique_key"),
        ("Materialized", "materialized"),
        ("on-schema-change", "on_schema_change"),
        ("pre_hooks", "pre_hook"),
        ("incremental_stategy", "incremental_strategy"),
        ("tag", "tags"),
    ],
)
def test_a_misspelt_name(name: str, meant: str) -> None:
    assert config_names.misspelt(name, OF_MODELS) == meant


@pytest.mark.parametrize(
    "name",
    ["query_label", "owner", "cluster_by", "distributed_by", "transient", "engine", "order_by", "labels",
     "file_format", "dist", "sort", "sla", "pii", "dbt-osmosis", "partition_type", "buckets", "keys", "ttl", "secure"],
)  # fmt: skip
def test_a_name_of_its_own(name: str) -> None:
    assert config_names.misspelt(name, OF_MODELS) is None


@pytest.mark.parametrize("config", [NodeConfig, ModelConfig, SeedConfig, SnapshotConfig, TestConfig, FunctionConfig])
def test_no_config_of_dbt_is_unknown(config: type) -> None:
    assert config_names.declared(config) <= config_names.declared_anywhere()
    assert {"enabled", "materialized", "meta"} <= config_names.declared(config)


def test_aliases_of_dbt_are_known() -> None:
    assert {"pre-hook", "post-hook", "pre_hook"} <= config_names.declared(NodeConfig)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("{{ config.get('a') }} {{ config.require( \"b\") }}", {"a", "b"}),
        ("{{ model.config.a }} {{ model.config['b'] }}", {"a", "b"}),
        ("{{ config(a='b') }} select 'c.d'", set()),
    ],
)
def test_names_that_code_reads(code: str, names: set[str]) -> None:
    assert config_names.read_by(code) == names


def test_names_that_a_macro_could_read() -> None:
    code = "{% set c = model.config %}{{ c.get('a') ~ c.b }}"

    assert {"a", "b"} <= config_names.possibly_read_by(code)
    assert config_names.possibly_read_by("{% set c = config %}{% do found.append(1) %}{{ c.b }}") == {"b"}
    assert config_names.possibly_read_by("{{ settings.get('a') }}") == set()


def test_the_warning_names_three_nodes() -> None:
    text = config_names.unread_warning("pii", ["d", "c", "b", "a"])

    assert text.startswith("pii: not read by dbt")
    assert "(a, b, c and 1 more)" in text
    assert "(a, b)" in config_names.unread_warning("pii", ["b", "a"])
