"""Seeds: inferred types, literals, and rows packed into statements."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import agate
import pytest
from dbt_common.clients.agate_helper import from_csv
from dbt_common.exceptions import DbtRuntimeError
from pymysql.converters import escape_string

from dbt.adapters.oceanbase import seeds
from dbt.adapters.oceanbase.impl import OceanBaseAdapter

PACKET = 16 * 2**20


def escape(text: str) -> str:
    return f"'{escape_string(text)}'"


@pytest.fixture(params=["file", "table"])
def read(tmp_path: Path, request: pytest.FixtureRequest):
    """Read a CSV from its file, or with dbt's loader."""

    def rows(text: str, declared: Mapping[str, str] | None = None) -> seeds.SeedRows:
        path = tmp_path / "seed.csv"
        path.write_bytes(text.encode())
        if request.param == "table":
            table = seeds.with_all_digits(lambda: from_csv(str(path), text_columns=declared or {}))
            table.original_abspath = str(path)  # as dbt's load_agate_table sets it
            return seeds.TableRows(table, table, OceanBaseAdapter.convert_type)
        found = seeds.read_file(path, declared or {}, ",")
        assert found
        return found

    return rows


@pytest.fixture
def types_of(read):
    def found(text: str) -> list[str]:
        rows = read(text)
        return [rows.inferred_type(index) for index in range(len(rows.column_names))]

    return found


def statements_of(rows: seeds.SeedRows, declared: Mapping[str, str], max_packet: int = PACKET) -> list[str]:
    kinds = [
        seeds.declared_type(declared[name], rows.values(index)) if name in declared else None
        for index, name in enumerate(rows.column_names)
    ]
    return list(seeds.packed_inserts("t", rows.chunks(), rows.literals(kinds, escape), max_packet))


@pytest.fixture
def packed(read):
    def statements(text: str, declared: Mapping[str, str] | None = None, max_packet: int = PACKET) -> list[str]:
        return statements_of(read(text, declared), declared or {}, max_packet)

    return statements


@pytest.fixture
def literal(packed):
    """Return the literal of a value, with or without a declared type."""

    def found(value: str, declared: str | None = None) -> str:
        quoted = '"' + value.replace('"', '""') + '"'
        (statement,) = packed(f"n,a\n1,{quoted}\n", {"a": declared} if declared else None)
        return statement.removeprefix("insert into t values (1,").removesuffix(")")

    return found


@pytest.fixture
def refusal(literal):
    def found(value: str, declared: str | None = None) -> str:
        with pytest.raises(DbtRuntimeError) as error:
            literal(value, declared)
        return str(error.value.msg)

    return found


# -- types from values


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "-2", "0"], "bigint"),
        (["9223372036854775807", "-9223372036854775808"], "bigint"),
        (["9223372036854775808"], "decimal(38,0)"),
        (["-9223372036854775809"], "decimal(38,0)"),
        (["1" * 28 + "0" * 12], "decimal(40,0)"),
        (["1e5"], "bigint"),
        (["1.0", "2"], "bigint"),
        (["1.5"], "decimal(38,1)"),
        (["1.50", "0.125"], "decimal(38,3)"),
        (["1e-5"], "decimal(38,5)"),
        (["1234567890123456789012.5", "0." + "0" * 19 + "1"], "decimal(42,20)"),
        (["1" * 35 + "." + "1" * 30], "decimal(65,30)"),
        (["1e-30"], "decimal(38,30)"),
        (["1e-31"], "double"),
        (["1e65"], "double"),
        (["1e64"], "decimal(65,0)"),
        (["0.0"], "bigint"),
        (["true", "False"], "boolean"),
        (["2024-01-05"], "date"),
        (["2024-01-05 10:00:00"], "datetime"),
        (["2024-01-05T10:00:00"], "datetime"),
        (["2024-01-05T10:00:00.25"], "datetime(6)"),
        (["2024-01-05T10:00:00Z", "2024-01-05T10:00:00+02:00"], "datetime"),
        (["2024-01-05", "2024-01-05T10:00:00"], "varchar(255)"),
        (["1", "a"], "varchar(255)"),
        (["x" * 255], "varchar(255)"),
        (["\N{GRINNING FACE}" * 255], "varchar(255)"),
        (["x" * 256], "text"),
        (["x" * 65_535], "text"),
        (["x" * 65_536], "longtext"),
        (["\N{GRINNING FACE}" * 16_384], "longtext"),
        (["", ""], "bigint"),
        ([], "bigint"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_type_from_values(types_of, values: list[str], expected: str) -> None:
    assert types_of("n,a\n" + "".join(f"1,{value}\n" for value in values))[1] == expected


def test_a_null_leaves_the_type_to_the_other_values(types_of) -> None:
    assert types_of("a,b,c,d\n1,1.5,true,2024-01-05\n,,,\n") == ["bigint", "decimal(38,1)", "boolean", "date"]


def test_declared_types_come_before_inferred_ones() -> None:
    found = seeds.declared_or_inferred(["a", "b"], {"b": "INT"}, lambda index: f"inferred {index}", lambda index: [])

    assert found == {"a": "inferred 0", "b": "INT"}


def test_a_declared_column_that_is_missing_is_refused() -> None:
    with pytest.raises(DbtRuntimeError, match="column_types: the seed has no column c; it has a, b: correct the name"):
        seeds.declared_or_inferred(["a", "b"], {"c": "int"}, str, lambda index: [])


@pytest.mark.parametrize("kind", [5, None, "", " ", ["int"]])
def test_a_declared_type_that_is_no_text_is_refused(kind: object) -> None:
    with pytest.raises(DbtRuntimeError, match=r"column_types: .* for 'a' is no type"):
        seeds.declared_or_inferred(["a"], {"a": kind}, str, lambda index: [])


# -- literals of values without a declared type


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", "1"),
        ("-1", "-1"),
        ("1e5", "100000"),
        ("-12.50", "-12.50"),
        ("1e-7", "0.0000001"),
        ("123456789012345678.123456789", "123456789012345678.123456789"),
        ("-" + "1" * 40 + ".1", "-" + "1" * 40 + ".1"),
        ("1e-40", "1e-40"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("TRUE", "1"),
        ("false", "0"),
        ("2024-01-05", "'2024-01-05'"),
        ("2024-01-05T10:00:00.5", "'2024-01-05 10:00:00.500000'"),
        ("2024-01-05T10:00:00+08:00", "'2024-01-05 02:00:00'"),
        ("2024-01-05T10:00:00Z", "'2024-01-05 10:00:00'"),
        ("it's", r"'it\'s'"),
        ("\\", r"'\\'"),
        ("", "null"),
        ("null", "null"),
        ("NA", "'NA'"),
    ],
)
def test_literal_of_a_value(literal, value: str, expected: str) -> None:
    assert literal(value) == expected


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-inf"])
def test_a_number_that_is_not_finite_is_refused(refusal, value: str) -> None:
    assert refusal(value).startswith("row 1, column 'a': ")
    assert "is no number that the server has: leave it empty for NULL" in refusal(value)


def test_a_number_with_more_digits_than_any_type_is_refused(refusal) -> None:
    assert "would lose digits, and no decimal type holds all values" in refusal("1.2345678901234567890123e-20")


@pytest.mark.parametrize(
    "value",
    [
        "2024-01-05T10:20:30.1234567",
        "2024-01-05T10:20:30,0000001Z",
        "20240105T102030.12345678+05:30",
        "2024-01-05T10:20.12345678",
        "2024-01-05T10.123456789",
        "2024-01-05T10:20:30." + "1" * 5_000,
    ],
)
def test_a_time_that_dbts_reader_would_cut_is_refused(refusal, literal, value: str) -> None:
    shown = repr(value) if len(value) <= 60 else f"{value[:60]!r}..."
    assert refusal(value) == (
        f"row 1, column 'a': {shown} has more fractions of a second than a datetime keeps: shorten it, or declare the "
        "column in column_types, as varchar to keep them"
    )
    assert literal(value, "text") == f"'{value}'"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-01-05T10:20:30.123456000", "'2024-01-05 10:20:30.123456'"),
        ("2024-01-05T10:20:30,5Z", "'2024-01-05 10:20:30.500000'"),
        ("2024-01-05T10:20.00001", "'2024-01-05 10:20:00.000600'"),
        ("2024-01-05T10.5", "'2024-01-05 10:30:00'"),
        (" 2024-01-05T10:20:30.25 ", "'2024-01-05 10:20:30.250000'"),
    ],
)
def test_a_time_of_whole_microseconds_is_kept(literal, value: str, expected: str) -> None:
    assert literal(value) == expected


# -- literals of values with a declared type


@pytest.mark.parametrize(
    ("declared", "value", "expected"),
    [
        ("int", "5", "5"),
        ("INTEGER", " +5 ", "5"),
        ("bigint", "5.0", "5"),
        ("int", "1e+05", "100000"),
        ("bigint", "-9223372036854775808", "-9223372036854775808"),
        ("bigint unsigned", "18446744073709551615", "18446744073709551615"),
        ("tinyint(1)", "5", "5"),
        ("tinyint(1)", "yes", "1"),
        ("boolean", "T", "1"),
        ("bool", "off", "0"),
        ("bit(8)", "255", "255"),
        ("bit", "true", "1"),
        ("decimal(10,2)", "1.25", "1.25"),
        ("numeric(38,30)", "12345678.123456789012345678901234567890", "12345678.123456789012345678901234567890"),
        ("decimal(30,20)", "1.2345678901234567890e5", "123456.78901234567890"),
        ("decimal", ".5", "0.5"),
        ("double", "1e300", "1e+300"),
        ("FLOAT", "0.1", "0.1"),
        ("date", "2024-1-5", "'2024-01-05'"),
        ("date", "20240105", "'2024-01-05'"),
        ("date", "2024/01/05", "'2024-01-05'"),
        ("date", "2024-01-05 23:59:59.9", "'2024-01-05'"),
        ("date", "2024-01-05T10:00:00Z", "'2024-01-05'"),
        ("date", "0000-00-00", "'0000-00-00'"),
        ("datetime", "2024-01-05", "'2024-01-05 00:00:00'"),
        ("datetime", "2024-01-05 10:20", "'2024-01-05 10:20:00'"),
        ("datetime(6)", "2024-01-05T10:20:30.123456", "'2024-01-05 10:20:30.123456'"),
        ("datetime(6)", "2024-01-05 10:20:30.1234560-05:00", "'2024-01-05 15:20:30.1234560'"),
        ("datetime", "2024-01-05 10:20:30.5", "'2024-01-05 10:20:30.5'"),
        ("decimal", "12345678901.555", "12345678901.555"),
        ("double", "0.12345678901234567890", "0.12345678901234568"),
        ("float4", "0.1234567", "0.1234567"),
        ("float4", "16777200", "16777200.0"),
        ("datetime", "2024-01-05 10:20:30 +0530", "'2024-01-05 04:50:30'"),
        ("datetime", "2024-01-05 10:20:30 UTC", "'2024-01-05 10:20:30'"),
        ("datetime", "0000-00-00 00:00:00", "'0000-00-00 00:00:00'"),
        ("timestamp", "2024-01-05 10:20:30", "'2024-01-05 10:20:30'"),
        (
            "timestamp(3)",
            "2024-01-05T10:20:30.25+01",
            "convert_tz('2024-01-05 09:20:30.25','+00:00',@@session.time_zone)",
        ),
        ("time", "10:20", "'10:20'"),
        ("time(3)", "-838:59:59.125", "'-838:59:59.125'"),
        ("year", "2024", "'2024'"),
        ("varchar(4)", "abcd", "'abcd'"),
        ("char(2)", "\N{GRINNING FACE}x", "'\N{GRINNING FACE}x'"),
        ("text", "NA", "'NA'"),
        ("varchar(10)", "007", "'007'"),
        ("enum('1','b')", "1", "'1'"),
        ("json", '{"a": 1}', "'{\\\"a\\\": 1}'"),
        ("some_new_type", "x", "'x'"),
        ("roaringbitmap", " 5, 1 ", "rb_from_string('5,1')"),
        ("array(array(int))", "[]", "array_remove(array(array(1)), array(1))"),
        ("varchar(9)[][][]", " [] ", "array_remove(array(array(array(1))), array(array(1)))"),
        ("array(array(int))", "[[1]]", "'[[1]]'"),
        ("array(int)", "[]", "'[]'"),
        ("array(int)", "[1.0, 1e2, NULL, true]", None),
        ("array(bigint)", "[9223372036854775807, 9223372036854774784.0]", None),
        ("array(float)", "[123456, 0.1234567, 1e38]", None),
        ("array(float)", "[1234567, -16777216, 1234567.5, 1700000000]", None),
        ("map(float,array(float))", "{1234567:[16777216], 1234567.5:[]}", None),
        ("array(boolean)", "[true, 2, 1.0, -128, NULL]", None),
        ("array(vector(2))", "[[16777217,1.5]]", None),
        ("array(varchar(9))", '[1, 1.25, "1.50", "x: 1.50", null]', None),
        ("map(int,array(int))", "{1:[1,1], 2:[]}", None),
        ("map(varchar(9),int)", '{"a:1.5": 1, A: 2, a: 3, 1.50: 4}', None),
        ("INT Not Null", " 5.0 ", "5"),
        ("boolean not null default 0", "T", "1"),
        ("double precision not null", "1e300", "1e+300"),
        ("date not null", "2024-1-5", "'2024-01-05'"),
        ("bigint auto_increment primary key", "7", "7"),
        ("roaringbitmap not null", " 5, 1 ", "rb_from_string('5,1')"),
        ("array(array(int)) not null", "[]", "array_remove(array(array(1)), array(1))"),
        ("enum('a','it''s not null') default ('a')", "it's not null", r"'it\'s not null'"),
        ("serial", "3", "3"),
        ("double(10,2)", "-12345678.50", "-12345678.5"),
        ("double(5)", "1.5", "1.5"),
        ("float(7)", "1.5", "1.5"),
        ("real(3,1)", "99.900", "99.9"),
        ("float(7,2)", "12345.67", "12345.67"),
        ("json", '{"a":{"b":1},"b":[1.50,-0,1e2,1e23,18446744073709551615,0.1]}', None),
        ("json", '"12345678901234567890123"', None),
    ],
)
def test_literal_of_a_declared_type(literal, declared: str, value: str, expected: str | None) -> None:
    assert literal(value, declared) == (escape(value) if expected is None else expected)


@pytest.mark.parametrize("declared", ["int", "decimal(10,2)", "double", "boolean", "date", "datetime", "time", "bit"])
@pytest.mark.parametrize("value", ["", " ", "NA", "n/a", "NULL", "None", "."])
def test_null_words_are_null_in_columns_other_than_text(literal, declared: str, value: str) -> None:
    assert literal(value, declared) == "null"


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("int", "x"),
        ("int", "5.5"),
        ("int", "1,000"),
        ("int", "\N{ARABIC-INDIC DIGIT THREE}"),
        ("int", "2147483648"),
        ("int unsigned", "-1"),
        ("tinyint", "128"),
        ("tinyint(1)", "maybe"),
        ("bigint", "1e1000000"),
        ("boolean", "2"),
        ("bit(2)", "4"),
        ("decimal(10,2)", "123456789"),
        ("decimal(10,2)", "1.2.3"),
        ("double", "1e400"),
        ("double", "nan"),
        ("date", "01/02/2024"),
        ("date", "2024-02-30"),
        ("date", "24-01-05"),
        ("date", "2024-01-05x"),
        ("date", "2024-01-05T00:00:00+01:00"),
        ("datetime", "5/1/24"),
        ("datetime", "2024-01-05 10:00 PM"),
        ("datetime", "2024-01-05 24:00:00"),
        ("datetime", "0001-01-01T00:00:00+01:00"),
        ("timestamp", "now"),
        ("time", "1030"),
        ("time", "10:20 PM"),
        ("time", "10:20:30Z"),
        ("year", "24"),
        ("roaringbitmap", "-1"),
        ("roaringbitmap", "18446744073709551616"),
        ("roaringbitmap", "1,,2"),
        ("roaringbitmap", "1_0"),
        ("roaringbitmap", "1,\u0664"),
        ("double(10,2)", "123456789"),
        ("float(3,3)", "1"),
        ("json", "{a: 1}"),
        ("json", "[NaN]"),
        ("json", "[" * 100_000),
        ("json", "1e99999999999999999999"),
    ],
    ids=lambda value: value[:40],
)
def test_a_value_of_another_type_is_refused(refusal, declared: str, value: str) -> None:
    shown = repr(value) if len(value) <= 60 else f"{value[:60]!r}..."
    assert refusal(value, declared) == (
        f"row 1, column 'a': {shown} is no {declared}: correct the value or column_types"
    )


@pytest.mark.parametrize(
    ("declared", "bare", "value"),
    [
        ("int not null", "int", "1.5"),
        ("int default '5' comment 'n'", "int", "1.5"),
        ("date primary key", "date", "5/1/24"),
        ("DATETIME NOT NULL", "DATETIME", "1/2/24 10:00"),
        ("boolean not null", "boolean", "2"),
        ("decimal(5,2) unsigned not null default (1)", "decimal(5,2) unsigned", "1000"),
        ("timestamp without time zone not null", "timestamp without time zone", "now"),
        ("roaringbitmap null", "roaringbitmap", "-1"),
        ("json not null", "json", "{a: 1}"),
    ],
)
def test_attributes_do_not_change_what_a_type_takes(refusal, declared: str, bare: str, value: str) -> None:
    assert refusal(value, declared) == f"row 1, column 'a': {value!r} is no {bare}: correct the value or column_types"


@pytest.mark.parametrize(
    ("declared", "value", "reason"),
    [
        ("varchar(3)", "abcd", "has 4 characters, too many for varchar(3): correct the value or column_types"),
        ("varchar(3)", "abc ", "has 4 characters, too many for varchar(3): correct the value or column_types"),
        ("char", "ab", "has 2 characters, too many for char: correct the value or column_types"),
        ("tinytext", "é" * 128, "has 256 bytes, too many for tinytext: declare longtext in column_types"),
        ("varchar", "x" * 65_536, "has 65536 bytes, too many for varchar: declare longtext in column_types"),
        ("enum('a','b')", "1", "is no member of enum('a','b'): correct the value or column_types"),
        ("set('a','b')", "3", "is no member of set('a','b'): correct the value or column_types"),
        ("enum('a','B')", "b", "is no member of enum('a','B'): correct the value or column_types"),
        ("enum('a','b')", "a ", "is no member of enum('a','b'): correct the value or column_types"),
        ("set('a','b')", "a,B", "is no member of set('a','b'): correct the value or column_types"),
        ("char(3)", "a ", "ends in blanks, which char(3) does not keep: declare varchar(3) in column_types"),
        *(
            (kind, text, f"has the number {number}, which {kind} does not keep: correct the value or column_types")
            for kind, text, number in (
                ("array(int)", "[1,1.5]", "1.5"),
                ("array(array(int))", "[[1],[2.5]]", "2.5"),
                ("array(bigint)", "[9223372036854775808]", "9223372036854775808"),
                ("array(bigint)", "[9007199254740993.0]", "9007199254740993.0"),
                ("array(bigint unsigned)", "[-1]", "-1"),
                ("array(float)", "[16777217]", "16777217"),
                ("array(float)", "[1234567,1700000001]", "1700000001"),
                ("array(float)", "[1e39]", "1e39"),
                ("array(boolean)", "[true,128]", "128"),
                ("array(bool)", "[1.5]", "1.5"),
                ("array(double)", "[9007199254740993]", "9007199254740993"),
                ("map(int,int)", "{1.5:2}", "1.5"),
                ("map(int,int)", '{"1.5":2}', "1.5"),
                ("map(int,int)", r'{"\u0031.5":2}', "1.5"),
                ("map(float,int)", r'{"\u0031e99999999999999999999":2}', "1e99999999999999999999"),
                ("map(varchar(5),int)", '{"a":2.5}', "2.5"),
                ("map(int,array(int))", "{1:[1.5]}", "1.5"),
            )
        ),
        ("map(int,int)", "{1:2,1:3}", "has the key 1 twice, which map(int,int) does not keep: remove one of them"),
        (
            "map(float,int)",
            "{1234567:1,1234567.01:2}",
            "has the key 1234567.01 twice, which map(float,int) does not keep: remove one of them",
        ),
        (
            "map(varchar(5),int)",
            '{"a":1,a:2}',
            "has the key a twice, which map(varchar(5),int) does not keep: remove one of them",
        ),
        *(
            (
                "array(varchar(5))",
                f"[{number}]",
                f"has the number {number}, which array(varchar(5)) writes in another way: put it in quotes",
            )
            for number in ("1.50", "1e9999999999999999999", "-1e-9999999999999999999")
        ),
        (
            "binary(3)",
            "é",
            "has 2 bytes, which binary(3) fills up with zero bytes: declare varbinary(3) in column_types",
        ),
    ],
)
def test_a_text_that_the_server_would_truncate_or_misread_is_refused(
    refusal, declared: str, value: str, reason: str
) -> None:
    shown = repr(value) if len(value) <= 60 else f"{value[:60]!r}..."
    assert refusal(value, declared) == f"row 1, column 'a': {shown} {reason}"


@pytest.mark.parametrize(
    ("declared", "value", "reason"),
    [
        ("decimal(5,2)", "1.555", "has more digits after the point"),
        ("numeric(4)", "1.5", "has more digits after the point"),
        ("decimal", "0." + "0" * 30 + "1", "has more digits after the point"),
        ("double", "9007199254740993", "has more digits before the point"),
        ("float(24)", "1234567", "has more digits before the point"),
        ("datetime(0)", "2024-01-05 10:00:00.6", "has more fractions of a second"),
        ("timestamp(3)", "2024-01-05T10:00:00.1234Z", "has more fractions of a second"),
        ("datetime", "2024-01-05 10:00:00.1234567", "has more fractions of a second"),
        ("time(1)", "10:00:00.25", "has more fractions of a second"),
        ("numeric(4,1) not null", "1.55", "has more digits after the point"),
        ("datetime not null", "2024-01-05 10:00:00.1234567", "has more fractions of a second"),
        ("double(10,2)", "1.555", "has more digits after the point"),
        ("real(10,2)", "1e-3", "has more digits after the point"),
        ("float(7,2)", "-0.001", "has more digits after the point"),
        ("double(20,0) unsigned", "1.5", "has more digits after the point"),
        ("json", '{"a": 1, "a": 2}', "has the same key twice"),
        ("json", '[{"a": {"b": 1, "\\u0062": 1}}]', "has the same key twice"),
        ("json", '{"n": 12345678901234567890123}', "has a number of more digits"),
        ("json", "18446744073709551616", "has a number of more digits"),
        ("json", "[0.1234567890123456789]", "has a number of more digits"),
        ("json", "1e-400", "has a number of more digits"),
    ],
)
def test_a_value_that_the_type_would_not_keep_is_refused(refusal, declared: str, value: str, reason: str) -> None:
    assert refusal(value, declared).startswith(f"row 1, column 'a': {value!r} {reason}, which ")
    assert refusal(value, declared).endswith(" does not keep: correct the value or column_types")


@pytest.mark.parametrize(
    ("declared", "values", "expected"),
    [
        ("numeric", ["1.555", "NA", None, "x", "12"], "decimal(38,3)"),
        ("DECIMAL unsigned", ["1.5"], "decimal(38,1) unsigned"),
        ("number", ["1" * 40 + ".5"], "decimal(41,1)"),
        ("numeric", ["1e-40", "1e70", "inf"], "decimal(38,30)"),
        ("decimal(5,2)", ["1.555"], "decimal(5,2)"),
        ("timestamp", ["2024-01-05 10:00:00.60"], "timestamp(6)"),
        ("timestamp", ["2024-01-05 10:00:00.000"], "timestamp"),
        ("datetime(0)", ["2024-01-05 10:00:00.6"], "datetime(0)"),
        ("Time", ["10:00:00.5"], "time(6)"),
        ("timestamp_ntz", ["2024-01-05"], "timestamp_ntz"),
        ("varchar", ["1.5"], "varchar"),
        ("numeric not null", ["1.555"], "decimal(38,3) not null"),
        ("NUMERIC unsigned DEFAULT (1) Comment 'It''s'", ["1.5"], "decimal(38,1) unsigned DEFAULT (1) Comment 'It''s'"),
        ("Float Not Null", ["1.5"], "double Not Null"),
        ("timestamp not null", ["2024-01-05 10:00:00.6"], "timestamp(6) not null"),
        ("time(0) not null", ["10:00:00.6"], "time(0) not null"),
        ("varchar(3) not null  collate = utf8mb4_bin unique", [], "varchar(3) collate utf8mb4_bin not null unique"),
        ("varchar(3) check (v collate utf8mb4_bin <> 'a')", [], "varchar(3) check (v collate utf8mb4_bin <> 'a')"),
        (
            "varchar(3) check (v collate gbk_bin <> 'a') collate utf8mb4_bin null",
            [],
            "varchar(3) collate utf8mb4_bin check (v collate gbk_bin <> 'a') null",
        ),
        ("varchar(3) binary not null", [], "varchar(3) binary not null"),
        *(
            (f"{kind} {clauses}", [moment], f"{sized} {clauses_if_sized}")
            for clauses, clauses_if_sized in {
                "not null default current_timestamp": "not null default current_timestamp(6)",
                "DEFAULT Now() ON  UPDATE LocalTime ( 0 ) unique": "DEFAULT Now(6) ON  UPDATE LocalTime(6) unique",
                "default localtimestamp comment 'default now()'": "default localtimestamp(6) comment 'default now()'",
                "default (now()) check (v < now())": "default (now()) check (v < now())",
                "default now(3)": "default now(3)",
            }.items()
            for kind, moment, sized in (
                ("timestamp", "2024-01-05 10:20:30.5", "timestamp(6)"),
                ("datetime", "2024-01-05 10:20:30.5", "datetime(6)"),
                ("timestamp_ntz", "2024-01-05 10:20:30", "timestamp_ntz"),
            )
        ),
        ("timestamp default current_timestamp", ["2024-01-05 10:20:30"], "timestamp default current_timestamp"),
        ("datetime(3) default now(3)", ["2024-01-05 10:20:30.5"], "datetime(3) default now(3)"),
        ("uuid not null", [], "uuid not null"),
        ("varchar(max) not null", [], "varchar(max) not null"),
    ],
)
def test_a_declared_type_without_a_size_gets_the_one_that_the_values_need(
    declared: str, values: list[str | None], expected: str
) -> None:
    assert seeds.declared_type(declared, values) == expected


def test_members_of_a_set_may_stand_in_any_order(literal) -> None:
    assert literal("b,it's", "set('it''s','b')") == r"'b,it\'s'"


def test_the_refusal_names_the_row_and_is_one_line(packed) -> None:
    text = "a,b\n" + "1,1\n" * 7_000 + '1,"x\n\ny"\n' + "1,1\n"

    with pytest.raises(DbtRuntimeError) as error:
        packed(text, {"b": "int"})

    assert error.value.msg == r"row 7001, column 'b': 'x\n\ny' is no int: correct the value or column_types"


# -- packing


def rows_of(statement: str) -> int:
    return statement.count("),(") + 1


def test_rows_are_packed_by_number(packed) -> None:
    found = packed("a\n" + "1\n" * 12_000)

    assert [rows_of(statement) for statement in found] == [5_000, 5_000, 2_000]
    assert found[2] == "insert into t values " + ",".join(["(1)"] * 2_000)


def test_no_rows_make_no_statement(packed) -> None:
    assert packed("a,b\n") == []


@pytest.mark.parametrize("character", ["x", "é", "\N{GRINNING FACE}"])
def test_rows_are_packed_by_bytes(packed, character: str) -> None:
    found = packed("a\n" + f"{character * 100}\n" * 500, max_packet=10_000)

    assert all(len(statement.encode()) <= 5_000 for statement in found)
    assert sum(map(rows_of, found)) == 500
    assert len(found) <= 500 * (100 * len(character.encode()) + 5) // 5_000 * 1.2 + 1


def test_a_row_of_more_than_the_share_goes_alone(packed) -> None:
    found = packed(f"a\nx\n{'y' * 8_000}\nz\n", max_packet=10_000)

    assert found == [
        "insert into t values ('x')",
        f"insert into t values ('{'y' * 8_000}')",
        "insert into t values ('z')",
    ]


def test_a_row_of_more_than_the_packet_is_refused(packed) -> None:
    with pytest.raises(DbtRuntimeError, match=r"^Runtime Error\n  row 2: it takes 10005 bytes") as error:
        packed(f"a\nx\n{'y' * 10_000}\n", max_packet=10_000)

    assert "the server refuses statements of 10000: raise max_allowed_packet in the server" in error.value.msg


def test_a_statement_is_below_the_packet_and_one_byte_more_is_refused(packed) -> None:
    bare = len("insert into t values ('')")

    (statement,) = packed(f"a\n{'y' * (9_998 - bare)}\n", max_packet=10_000)

    assert len(statement) == 9_998
    with pytest.raises(DbtRuntimeError):
        packed(f"a\n{'y' * (9_999 - bare)}\n", max_packet=10_000)


def test_a_date_without_a_declared_type_is_formatted(packed) -> None:
    early = datetime.datetime(5, 1, 2, 3, 4, 5)
    loaded = agate.Table([[early, Decimal("1.5")]], ["a", "b"])

    (statement,) = statements_of(seeds.TableRows(loaded, loaded, OceanBaseAdapter.convert_type), {})

    assert statement == "insert into t values ('0005-01-02 03:04:05',1.5)"
