"""The model configs that the adapter adds to dbt's own."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from dbt.artifacts.resources.v1.function import FunctionConfig
from dbt.artifacts.resources.v1.model import ModelConfig
from dbt.artifacts.resources.v1.seed import SeedConfig
from dbt.artifacts.resources.v1.snapshot import SnapshotConfig
from dbt_common.dataclass_schema import ValidationError

from dbt.adapters.oceanbase.configs import OceanBaseConfig
from dbt.adapters.oceanbase.impl import OceanBaseAdapter

ROOT = Path(__file__).parents[2]
MACROS = "\n".join(path.read_text() for path in (ROOT / "dbt" / "include").rglob("*.sql"))
PYTHON = "\n".join(path.read_text() for path in (ROOT / "dbt" / "adapters").rglob("*.py") if path.name != "impl.py")

LISTED = {field.name for field in dataclasses.fields(OceanBaseConfig)} - {"_extra"}
OF_DBT = {
    field.name
    for config in (ModelConfig, SeedConfig, SnapshotConfig, FunctionConfig)
    for field in dataclasses.fields(config)
}
SET_BY_DBT = {"expected_rows", "expected_sql", "snapshot_table_column_names"}
"""Configs that dbt sets when it compiles a unit test or a snapshot; users do not write them."""

OF_GENERIC_TESTS = {"collation"}
"""Configs of data tests, for which dbt has no class of the adapter's."""


def test_dbt_reads_the_class() -> None:
    assert OceanBaseAdapter.AdapterSpecificConfigs is OceanBaseConfig


@pytest.mark.parametrize("name", sorted(LISTED))
def test_each_listed_config_is_used(name: str) -> None:
    assert re.search(rf"""['"]{name}['"]""", MACROS + PYTHON)


def test_each_config_that_a_macro_reads_is_known() -> None:
    read = set(re.findall(r"config\.get\('(\w+)'", MACROS))

    assert read - LISTED - OF_DBT - SET_BY_DBT - OF_GENERIC_TESTS == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("incremental_predicates", 1),
        ("merge_update_columns", {"id": True}),
        ("merge_exclude_columns", [1]),
        ("partitions", 20240101),
        ("sql_header", ["set @a = 1"]),
        ("copy_grants", "no"),
    ],
)
def test_a_wrong_type_is_no_valid_config(name: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        OceanBaseConfig.validate({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("incremental_predicates", "a > 1"),
        ("partitions", ["p0"]),
        ("partition_by", {"field": "a"}),
        ("copy_grants", True),
    ],
)
def test_a_right_type_is_a_valid_config(name: str, value: Any) -> None:
    OceanBaseConfig.validate({name: value})


def test_dbt_checks_its_own_configs_and_merges_those_of_the_adapter() -> None:
    project = ModelConfig().update_from({"partitions": ["p0"], "sql_header": "set @a = 1"}, OceanBaseConfig)
    model = project.update_from({"partitions": ["p1"], "unique_key": "id"}, OceanBaseConfig)

    assert model.finalize_and_validate()._extra == {"partitions": ["p1"], "sql_header": "set @a = 1"}
    with pytest.raises(ValidationError):
        model.update_from({"unique_key": {"id": 1}}, OceanBaseConfig, validate=False).finalize_and_validate()
