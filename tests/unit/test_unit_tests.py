"""Values of fixtures as SQL."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from dbt_common.exceptions import DbtRuntimeError
from pymysql.constants import FIELD_TYPE

from dbt.adapters.oceanbase.column import OceanBaseColumn, column_from_field
from dbt.adapters.oceanbase.sql.field_types import BITMAP_LENGTH
from dbt.adapters.oceanbase.unit_test_adapter import UnitTestMixin
from dbt.adapters.oceanbase.unit_test_rows import as_loaded, is_from_file
from dbt.adapters.oceanbase.unit_tests import (
    NotReadableError,
    compared,
    expected_type,
    fixture_value,
    given_type,
    row_text,
)


@pytest.mark.parametrize(
    ("data_type", "value", "sql"),
    [
        ("decimal(2,1)", 0.5, "cast(0.5 as decimal(2,1))"),
        ("decimal(2,1)", "0.50", "cast(0.50 as decimal(2,1))"),
        ("decimal(2,1)", "-0.54", "cast(-0.54 as decimal(3,2))"),
        ("decimal(2,1)", 100.25, "cast(100.25 as decimal(5,2))"),
        ("decimal(10,2)", "1e-4", "cast(0.0001 as decimal(12,4))"),
        ("decimal(10,2)", True, "cast(1 as decimal(10,2))"),
        ("bigint(20)", 2, "cast(2 as signed)"),
        ("bigint(20)", " 2.0", "cast(2 as signed)"),
        ("bigint(20)", 2.4, "cast(2.4 as decimal(19,1))"),
        ("bigint(20)", "True", "cast(1 as signed)"),
        ("bigint(20)", None, "cast(null as signed)"),
        ("bigint unsigned", 18446744073709551615, "cast(18446744073709551615 as decimal(20,0))"),
        ("int unsigned", -1, "cast(-1 as decimal(18,0))"),
        ("int unsigned", 1, "cast(1 as unsigned)"),
        ("tinyint(1)", True, "cast(1 as signed)"),
        ("tinyint(1)", "no", "cast(0 as signed)"),
        ("tinyint(1)", 2, "cast(2 as signed)"),
        ("double", 0.1, "cast(0.1 as double)"),
        ("double", "1e-7", "cast(1e-07 as double)"),
        ("bit(1)", True, "cast(1 as unsigned)"),
        ("bit(4)", "15", "cast(15 as unsigned)"),
        ("datetime", "2026-01-01 00:00:00.000", "cast('2026-01-01 00:00:00.000' as datetime(0))"),
        ("datetime", "2026-01-01 23:59:59.9999", "cast('2026-01-01 23:59:59.9999' as datetime(4))"),
        ("datetime(6)", "2026-01-01T00:00:00.4", "cast('2026-01-01 00:00:00.4' as datetime(6))"),
        ("datetime", "2026-01-01 10:00:00-05:00", "cast('2026-01-01 15:00:00' as datetime(0))"),
        ("time", "-838:59:59", "cast('-838:59:59' as time(0))"),
        ("time", "10:00:00.25", "cast('10:00:00.25' as time(2))"),
        ("date", "2026-01-01", "cast('2026-01-01' as date)"),
        ("date", "2026-01-01 00:00:00", "cast('2026-01-01' as date)"),
        ("date", "2026-01-01 10:00", "cast('2026-01-01 10:00:00' as datetime(0))"),
        ("year", 2026, "cast('2026' as year)"),
        ("varchar(3)", "it's long", "cast('it''s long' as char)"),
        ("varchar(3)", 12345678, "cast('12345678' as char)"),
        ("varchar(3)", 1e22, "cast('10000000000000000000000' as char)"),
        ("text", True, "cast('true' as char)"),
        ("binary(4)", "ab", "cast('ab' as binary(4))"),
        ("binary(4)", "abcdef", "cast('abcdef' as binary)"),
        ("json", {"a": [1, "ü", None]}, """cast('{"a": [1, "ü", null]}' as json)"""),
        ("json", '"text"', """cast('"text"' as json)"""),
        ("array(int)", [1, None], "array(1,null)"),
        ("array(int)", "[1,NULL]", "array(1,null)"),
        ("array(varchar(9))", [], "array_remove(array(''),'')"),
        ("array(array(int))", [[1], []], "array(array(1),array_remove(array(1),1))"),
        ("vector(3)", "[1, 2.50, 3e2]", "array(1,2.50,300)"),
        ("vector(3)", None, "null"),
        ("map(int,varchar(9))", {1: "a"}, "map(1,'a')"),
        ("map(int,int)", "{1:2,-3:4}", "map(1,2,-3,4)"),
        ("map(varchar(9),int)", '{"1":2}', "map('1',2)"),
        ("map(int,varchar(9))", '{1:"x, 2:3 NULL", 2:NULL}', "map(1,'x, 2:3 NULL',2,null)"),
        ("map(varchar(9),varchar(9))", '{"a":"x, 1:2"}', "map('a','x, 1:2')"),
        ("map(varchar(9),varchar(9))", '{"a":"NULL","b":null}', "map('a','NULL','b',null)"),
        ("array(varchar(9))", '["a","NULL"]', "array('a','NULL')"),
        ("array(varchar(9))", '["\\"NULL", NULL, "is NULL"]', """array('"NULL',null,'is NULL')"""),
        ("point", "POINT(1 2)", "st_geomfromtext('POINT(1 2)')"),
    ],
)
def test_a_value_keeps_its_digits(data_type: str, value: Any, sql: str) -> None:
    assert fixture_value(value, data_type) == sql


@pytest.mark.parametrize(
    ("data_type", "value"),
    [
        ("bigint", "1,000"),
        ("bigint", "2abc"),
        ("bigint", "yes"),
        ("tinyint(1)", "maybe"),
        ("decimal(10,2)", "12.5 EUR"),
        ("decimal(10,2)", "nan"),
        ("decimal(10,2)", 1e300),
        ("decimal(10,2)", "1e-31"),
        ("decimal(65,30)", "1e40"),
        ("double", "1e400"),
        ("bit(1)", 2),
        ("bit(8)", -1),
        ("date", "2024-02-30"),
        ("date", "5/1/24"),
        ("datetime", "2024-01-01 25:00:00"),
        ("datetime", "2024-01-01 00:00:00.1234567"),
        ("time", "839:00:00"),
        ("time", "10:60"),
        ("time", "1030"),
        ("year", 2156),
        ("json", "{a: 1}"),
        ("json", "NaN"),
        ("array(int)", "1,2"),
        ("array(int)", {"a": 1}),
        ("vector(3)", [1, 2]),
        ("vector(2)", ["a", "b"]),
        ("map(int,int)", "{}"),
        ("map(int,int)", {"a": 1}),
        ("point", "1 2"),
        ("sparsevector", "{1:0.5}"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_remedy(data_type: str, value: Any) -> None:
    with pytest.raises(NotReadableError, match=r"correct the value|use `format: sql`"):
        fixture_value(value, data_type)


@pytest.mark.parametrize(
    ("length", "data_type", "sql"),
    [(BITMAP_LENGTH, "roaringbitmap", "rb_to_string(`r`) as `r`"), (2**32 - 1, "longblob", "`r`")],
)
def test_of_all_blobs_only_bitmaps_are_compared_as_text(length: int, data_type: str, sql: str) -> None:
    """A query's result shows a bitmap as a BLOB, so only its length tells it apart."""
    field = SimpleNamespace(name="r", type_code=FIELD_TYPE.BLOB, flags=0, length=length, charsetnr=63, scale=0)
    column = column_from_field(field)

    assert expected_type(column) == data_type
    assert compared(column) == sql


def test_a_row_is_named_in_short() -> None:
    assert row_text({"id": 1, "v": None}) == "{id: 1, v: None}"
    assert len(row_text({"id": "x" * 500})) == 122


@pytest.mark.parametrize(
    ("collation", "type_of_session", "kind"),
    [
        ("utf8mb4_bin", "utf8mb4_general_ci", "collated_text"),
        ("utf8mb4_general_ci", "utf8mb4_unicode_ci", "collated_text"),
        ("utf8mb4_bin", "utf8mb4_bin", "varchar(9)"),
        ("gbk_chinese_ci", "utf8mb4_general_ci", "varchar(9)"),
        (None, "utf8mb4_general_ci", "varchar(9)"),
    ],
)
def test_only_another_collation_of_the_same_character_set_matters(
    collation: str | None, type_of_session: str, kind: str
) -> None:
    column = OceanBaseColumn.from_catalog("a", "varchar(9)", collation=collation)

    assert given_type(column, type_of_session) == kind


GIVEN = [
    {"input": "ref('own')", "rows": [{"id": 1}]},
    {"input": "ref( 'of_file' )"},
    {"input": 'ref("other", "own")', "rows": None},
    {"input": "ref('with_kwargs', env='dev')"},
    {"input": "ref('of_fixture')", "format": "csv", "fixture": "f"},
    {"input": "source('shop', 'of_source')"},
]


@pytest.mark.parametrize(
    ("package", "name", "expected"),
    [
        ("shop", "own", False),
        ("other", "own", True),
        ("shop", "of_file", True),
        ("shop", "with_kwargs", True),
        ("shop", "of_fixture", False),
        ("shop", "not_given", False),
    ],
)
def test_rows_of_a_seeds_file_are_those_that_the_unit_test_does_not_write(
    package: str, name: str, expected: bool
) -> None:
    assert is_from_file(GIVEN, name, package) is expected


def test_texts_of_a_seeds_file_that_mean_null() -> None:
    row = {"a": "", "b": " NULL ", "c": "n/a", "d": "n/a", "e": None, "f": "x", "g": "oops"}

    [loaded] = as_loaded([row], {"c": "int", "d": "varchar(9)", "g": "int"})

    assert loaded == {"a": None, "b": None, "c": None, "d": "n/a", "e": None, "f": "x", "g": "oops"}


def test_without_the_yaml_file_an_empty_text_of_a_seed_is_refused() -> None:
    """An empty text may mean NULL, and nothing else would show it."""
    nodes = {"seed.shop.s": SimpleNamespace(config=SimpleNamespace(column_types={}))}
    manifest = SimpleNamespace(nodes=nodes, unit_tests={}, files={})
    connection = SimpleNamespace(name="unit_test.shop.m.t")
    adapter = SimpleNamespace(
        get_macro_resolver=lambda: manifest,
        connections=SimpleNamespace(get_thread_connection=lambda: connection),
        _given_in_file=lambda manifest: UnitTestMixin._given_in_file(adapter, manifest),
    )
    given = partial(UnitTestMixin.given_rows, adapter)
    model = {"name": "s", "package_name": "shop", "unique_id": "model.shop.s"}

    assert given([{"id": "1"}], model) == [{"id": "1"}]
    assert given([{"id": ""}], {**model, "unique_id": "model.shop.a_source__s"}) == [{"id": ""}]
    with pytest.raises(DbtRuntimeError, match=r"unit test fixture for 's': .* an empty text means NULL"):
        given([{"id": ""}], model)
