"""The shims of dbt_profiler, found without any configuration and compared with references in Python."""

from __future__ import annotations

import statistics
from decimal import Decimal
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database
from support.stand_in import stand_in

MEASURES = (
    "not_null_proportion",
    "distinct_proportion",
    "distinct_count",
    "is_unique",
    "std_dev_population",
    "std_dev_sample",
)

DISPATCHED = {
    "type_string": "",
    "is_numeric_dtype": "dtype",
    "is_date_or_time_dtype": "dtype",
    "is_struct_dtype": "dtype",
    "select_from_information_schema_columns": "relation",
    "measure_median": "column_name, data_type, cte_name",
    **{f"measure_{measure}": "column_name, data_type" for measure in MEASURES},
}

COLUMNS: dict[str, tuple[str, str, list[Any]]] = {
    "number": ("int", "int", [1, 2, 2, 9, None]),
    "price": ("decimal(10,2)", "decimal", [Decimal("1.50"), Decimal("2.25"), None, None, None]),
    "large": ("bigint", "bigint", [4_000_000_001, -4_000_000_001, 2**63 - 1, 3_037_000_499, 5]),
    "far": ("double", "double", [1_000_000_001.0, 1_000_000_002.0, 1_000_000_003.0, 1_000_000_004.0, None]),
    "equal": ("float", "float", [0.5, 0.5, 0.5, 0.5, 0.5]),
    "nothing": ("smallint", "smallint", [None, None, None, None, None]),
    "flag": ("tinyint(1)", "boolean", [1, 0, 1, 0, None]),
    "word": ("varchar(9)", "varchar", ["a", "A", "á", "a ", "a"]),
    "size": ("enum('b','c')", "enum", ["b", "c", "b", "c", None]),
    "day": ("date", "date", ["2024-01-01", "2024-01-02", None, None, None]),
}
"""Columns of a table that is made outside of dbt: type, type in information_schema, and values."""

NUMBERS = ("number", "price", "large", "far", "equal", "nothing")

GROUPED = {"even": list(range(100)), "odd": [7, -3, 10]}
"""Values of a table with groups."""


def profile(columns: dict[str, str], table: str, group: str = "") -> str:
    """Return a model with all measures of ``columns``, which have the types of their values."""
    selects = []
    for name, type in columns.items():
        measures = [f"({{{{ dbt_profiler.measure_{m}('{name}', '{type}') }}}}) as {m}" for m in MEASURES]
        measures.append(f"({{{{ dbt_profiler.measure_median('{name}', '{type}', 'source_data') }}}}) as median")
        selects.append(
            f"select {group + ',' if group else ''} '{name}' as name, {', '.join(measures)} "
            f"from source_data {'group by ' + group if group else ''}"
        )
    return f"with source_data as (select * from {{{{ target.schema }}}}.{table}) " + " union all ".join(selects)


TYPES = {name: type for name, (_, type, _) in COLUMNS.items()}

CHECKED = ("tinyint", "mediumint", "decimal", "double", "boolean", "bit", "year", "time", "datetime", "array(int)")

CHECKS = " union all ".join(
    f"select '{type}' as type, {{{{ dbt_profiler.is_numeric_dtype('{type}') }}}} as numeric_type, "
    f"{{{{ dbt_profiler.is_date_or_time_dtype('{type}') }}}} as time_type, "
    f"{{{{ dbt_profiler.is_struct_dtype('{type}') }}}} as struct_type"
    for type in CHECKED
)

MODELS = {
    "profile": profile(TYPES, "typed"),
    "profile_stored": "{{ config(materialized='table') }}" + profile(TYPES, "typed"),
    "profile_of_nothing": profile(TYPES, "empty"),
    "profile_of_groups": profile({"n": "int"}, "grouped", "g"),
    "profile_of_many": profile({"n": "int"}, "many"),
    "profile_of_arrays": profile({"list": "array(int)"}, "arrays"),
    "checks": CHECKS,
    "columns": "{{ dbt_profiler.select_from_information_schema_columns("
    "api.Relation.create(schema=target.schema, identifier='typed')) }}",
    "written": "select cast(12345.5 as {{ dbt_profiler.type_string() }}) as found",
}


class TestShims:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {f"{name}.sql": text for name, text in MODELS.items()}

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any, install: Any, db: Database) -> None:
        install("dbt_profiler", stand_in("dbt_profiler", DISPATCHED))
        columns = ", ".join(f"`{name}` {type}" for name, (type, _, _) in COLUMNS.items())
        rows = zip(*(values for _, _, values in COLUMNS.values()), strict=True)
        groups = ", ".join(f"('{group}', {value})" for group, values in GROUPED.items() for value in values)
        db.run(
            f"create table {{s}}.typed ({columns})",
            f"create table {{s}}.empty ({columns})",
            "create table {s}.grouped (g varchar(4), n int)",
            f"insert into {{s}}.grouped values {groups}",
            "create table {s}.arrays (list array(int))",
            "insert into {s}.arrays values ('[1]'), (null)",
            "create table {s}.many as with recursive numbers as "
            "(select 0 as n union all select n + 1 from numbers where n < 999) "
            "select nullif(one.n * 1000 + other.n, 7) as n from numbers one, numbers other where one.n < 100",
        )
        for row in rows:
            values = ", ".join("null" if value is None else f"'{value}'" for value in row)
            db.run(f"insert into {{s}}.typed values ({values})")
        run_dbt(["run"])

    def measured(self, db: Database, model: str) -> dict[str, dict[str, Any]]:
        """Return the measures of a model by column."""
        names = ("median", *MEASURES)
        rows = db.rows(f"select name, {', '.join(names)} from {{s}}.{model}")
        return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}

    @pytest.mark.parametrize("model", ["profile", "profile_stored"])
    def test_values_are_counted_byte_for_byte(self, db: Database, model: str) -> None:
        measured = self.measured(db, model)

        for name, (_, _, values) in COLUMNS.items():
            present = [value for value in values if value is not None]
            measures = measured[name]
            assert measures["distinct_count"] == len(set(present)), name
            assert measures["distinct_proportion"] == Decimal(len(set(present))) / 5, name
            assert measures["not_null_proportion"] == Decimal(len(present)) / 5, name
            assert measures["is_unique"] == (len(set(present)) == 5), name

    def test_numbers_have_a_median_and_deviations(self, db: Database) -> None:
        measured = self.measured(db, "profile")

        for name, (_, _, values) in COLUMNS.items():
            present = [value for value in values if value is not None] if name in NUMBERS else []
            measures = measured[name]
            if present:
                assert measures["median"] == pytest.approx(float(statistics.median(present)), rel=1e-15), name
                assert measures["std_dev_population"] == pytest.approx(float(statistics.pstdev(present))), name
                assert measures["std_dev_sample"] == pytest.approx(float(statistics.stdev(present))), name
            else:
                assert measures["median"] is measures["std_dev_population"] is measures["std_dev_sample"] is None, name

    def test_without_rows_there_is_nothing_but_a_count(self, db: Database) -> None:
        measured = self.measured(db, "profile_of_nothing")

        assert set(measured) == set(COLUMNS)
        for measures in measured.values():
            assert measures.pop("distinct_count") == 0
            assert set(measures.values()) == {None}

    def test_a_group_has_its_own_median(self, db: Database) -> None:
        rows = dict(db.rows("select g, median from {s}.profile_of_groups"))

        assert rows == {group: statistics.median(values) for group, values in GROUPED.items()}

    def test_one_null_among_many_rows_is_seen(self, db: Database) -> None:
        measures = self.measured(db, "profile_of_many")["n"]

        assert measures["not_null_proportion"] == measures["distinct_proportion"] == Decimal("0.99999")
        assert measures["median"] == statistics.median(n for n in range(100_000) if n != 7)

    def test_arrays_are_only_checked_for_null(self, db: Database) -> None:
        """The server refuses DISTINCT for them."""
        measures = self.measured(db, "profile_of_arrays")["list"]

        assert measures.pop("not_null_proportion") == Decimal("0.5")
        assert set(measures.values()) == {None}

    def test_types_are_told_apart(self, db: Database) -> None:
        rows = db.rows("select type, numeric_type, time_type, struct_type from {s}.checks")

        assert {row[0] for row in rows if row[1]} == {"tinyint", "mediumint", "decimal", "double"}
        assert {row[0] for row in rows if row[2]} == {"year", "time", "datetime"}
        assert {row[0] for row in rows if row[3]} == {"array(int)"}

    def test_columns_are_read_with_their_types(self, db: Database) -> None:
        rows = db.rows("select column_name, data_type from {s}.columns order by ordinal_position")

        assert rows == list(TYPES.items())
        assert db.value("select found from {s}.written") == "12345.5"
