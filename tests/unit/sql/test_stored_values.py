"""The condition that a value of a query is the one that a column of another kind of type has stored."""

from __future__ import annotations

from itertools import product

import pytest
from support.type_values import VALUES

from dbt.adapters.oceanbase.column import OceanBaseColumn
from dbt.adapters.oceanbase.sql.stored_values import same_as_stored
from dbt.adapters.oceanbase.sql.type_pairs import family_of, loss_condition

PAIRS = list(product(VALUES, VALUES))


@pytest.mark.parametrize(
    ("stored_type", "selected_type", "condition"),
    [
        ("varbinary(9)", "float", "cast(h as binary) <=> cast(cast(s as char) as binary)"),
        ("varchar(3)", "bit", "cast(convert(h using utf8mb4) as binary) <=> cast(cast(s + 0 as char) as binary)"),
        ("int", "year", "h <=> s + 0"),
        (
            "bigint",
            "double",
            "case when abs(s) >= 1e20 then false when s <> round(s) then false else h <=> cast(s as decimal(65,0)) end",
        ),
        (
            "double",
            "bigint",
            "case when s not between -9007199254740992 and 9007199254740992 and s % 2048 <> 0 then false "
            "else h <=> s end",
        ),
        (
            "date",
            "varchar(10)",
            "(cast(h as binary) <=> cast(s as binary) or case when concat(cast(s as char), ';') not regexp "
            "'^([0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00(:00([.]0*)?)?)?);$' then false "
            "else h <=> cast(cast(s as char) as date) end)",
        ),
        ("array(int)", "int", "h is null and s is null"),
        (
            "double(10,2)",
            "float",
            "case when cast(cast(s as char) as double) <> round(cast(cast(s as char) as double), 2) then false "
            "else h <=> round(s, 2) end",
        ),
    ],
)
def test_conditions(stored_type: str, selected_type: str, condition: str) -> None:
    assert same_as_stored("h", stored_type, "s", selected_type) == condition


@pytest.mark.parametrize(
    ("stored_type", "selected_type"),
    [
        ("int", "bigint"),
        ("decimal(5,2)", "bigint"),
        ("float", "double"),
        ("date", "datetime(6)"),
        ("varchar(3)", "text"),
        ("varchar(3)", "varbinary(3)"),
        ("binary(3)", "blob"),
        ("enum('a')", "char(1)"),
        ("text", "int"),
        ("text", "json"),
        ("json", "int"),
        ("vector(3)", "char(9)"),
        ("roaringbitmap", "varbinary(9)"),
        ("varbinary(9)", "geometry"),
    ],
)
def test_pairs_that_the_server_compares_well(stored_type: str, selected_type: str) -> None:
    assert same_as_stored("h", stored_type, "s", selected_type) is None


def test_a_value_that_changes_is_never_the_stored_one() -> None:
    """A condition that converts the value first checks that the conversion keeps it."""
    looked_at = 0
    for stored_type, selected_type in PAIRS:
        condition = same_as_stored("h", stored_type, "s", selected_type)
        is_text = family_of(selected_type) in ("char", "text")
        new_type = "double" if family_of(stored_type) == "flt" and not is_text else stored_type
        lost = loss_condition("cast(s as char)" if is_text else "s", selected_type, new_type)
        if condition and "else h" in condition and lost:
            assert f"when {lost} then false" in condition, (stored_type, selected_type)
            looked_at += 1

    assert looked_at > 50


def test_every_condition_is_null_safe() -> None:
    for stored_type, selected_type in PAIRS:
        condition = same_as_stored("h", stored_type, "s", selected_type)
        if stored_type == selected_type:
            assert condition is None
        elif condition:
            assert "<=>" in condition or condition == "h is null and s is null", (stored_type, selected_type)


def test_a_column_gives_both_types() -> None:
    stored = OceanBaseColumn.from_catalog("v", "varbinary(9)")
    selected = OceanBaseColumn("v", "float")

    assert selected.same_as_stored(stored, "s", "h") == same_as_stored("h", "varbinary(9)", "s", "float")
