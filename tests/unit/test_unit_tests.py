"""The types to which expected values of unit tests are cast."""

from __future__ import annotations

from typing import Any

import pytest

from dbt.adapters.oceanbase.unit_tests import exact_type


@pytest.mark.parametrize(
    ("data_type", "value", "exact"),
    [
        ("decimal(2,1)", 0.5, "decimal(2,1)"),
        ("decimal(2,1)", "0.50", "decimal(2,1)"),
        ("decimal(2,1)", 0.54, "decimal(65,2)"),
        ("decimal(2,1)", "-0.54", "decimal(65,2)"),
        ("decimal(2,1)", 12, "decimal(65,1)"),
        ("decimal(10,2)", "1e-4", "decimal(65,4)"),
        ("decimal(10,2)", 0, "decimal(10,2)"),
        ("decimal(10,2)", 1e300, "decimal(65,2)"),
        ("decimal(10,2)", 1e-300, "decimal(65,30)"),
        ("decimal(10,2)", "nan", "decimal(10,2)"),
        ("bigint(20)", 2, "bigint(20)"),
        ("bigint(20)", 2.0, "bigint(20)"),
        ("bigint(20)", 2.4, "decimal(65,1)"),
        ("bigint(20)", "2abc", "bigint(20)"),
        ("bigint(20)", None, "bigint(20)"),
        ("bigint unsigned", 18446744073709551615, "decimal(65,0)"),
        ("tinyint(1)", True, "tinyint(1)"),
        ("int", True, "int"),
        ("double", 0.1, "double"),
        ("datetime", "2026-01-01 00:00:00", "datetime"),
        ("datetime", "2026-01-01 00:00:00.000", "datetime"),
        ("datetime", "2026-01-01 00:00:00.4", "datetime(1)"),
        ("datetime(6)", "2026-01-01T00:00:00.4", "datetime(6)"),
        ("timestamp(3)", "2026-01-01 00:00:00.1234567", "timestamp(6)"),
        ("time", "10:00:00.25", "time(2)"),
        ("date", "2026-01-01", "date"),
        ("date", "2026-01-01 00:00:00", "date"),
        ("date", "2026-01-01 10:00", "datetime(0)"),
        ("date", "2026-01-01 00:00:00.5", "datetime(1)"),
        ("varchar(3)", "1.234", "varchar(3)"),
        ("year", 2026, "year"),
    ],
)
def test_an_expected_value_keeps_its_digits(data_type: str, value: Any, exact: str) -> None:
    assert exact_type(data_type, value) == exact
