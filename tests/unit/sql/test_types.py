"""Type names; functional tests compare them with the server's."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt.adapters.oceanbase.column import OceanBaseColumn
from dbt.adapters.oceanbase.sql.types import base_type, canonical_type, cast_target, ddl_type, matches_character_set

# name as written, canonical type, type for DDL, type for CAST
NAMES = [
    ("int", "int", "int", "signed"),
    ("INTEGER", "int", "int", "signed"),
    ("int(11)", "int", "int", "signed"),
    ("int4", "int", "int", "signed"),
    ("int64", "bigint", "bigint", "signed"),
    ("int8", "bigint", "bigint", "signed"),
    ("int unsigned", "int unsigned", "int unsigned", "unsigned"),
    ("int(10) unsigned", "int unsigned", "int unsigned", "unsigned"),
    ("BigInt( 20 )  Unsigned", "bigint unsigned", "bigint unsigned", "unsigned"),
    ("bigint signed", "bigint", "bigint", "signed"),
    ("signed", "bigint", "bigint", "signed"),
    ("signed integer", "bigint", "bigint", "signed"),
    ("unsigned", "bigint unsigned", "bigint unsigned", "unsigned"),
    ("serial", "bigint unsigned", "serial", "unsigned"),
    ("int zerofill", "int(10) unsigned zerofill", "int(10) unsigned zerofill", "unsigned"),
    ("int(5) unsigned zerofill", "int(5) unsigned zerofill", "int(5) unsigned zerofill", "unsigned"),
    ("tinyint", "tinyint", "tinyint", "signed"),
    ("tinyint(4)", "tinyint", "tinyint", "signed"),
    ("tinyint(1)", "tinyint(1)", "tinyint(1)", "signed"),
    ("tinyint(1) unsigned", "tinyint unsigned", "tinyint unsigned", "unsigned"),
    ("bool", "tinyint(1)", "bool", "signed"),
    ("BOOLEAN", "tinyint(1)", "boolean", "signed"),
    ("int2", "smallint", "smallint", "signed"),
    ("middleint", "mediumint", "mediumint", "signed"),
    ("bit", "bit(1)", "bit(1)", "unsigned"),
    ("bit(4)", "bit(4)", "bit(4)", "unsigned"),
    ("decimal", "decimal(10,0)", "decimal(10,0)", "decimal(10,0)"),
    ("numeric", "decimal(10,0)", "decimal(10,0)", "decimal(10,0)"),
    ("numeric(28,6)", "decimal(28,6)", "decimal(28,6)", "decimal(28,6)"),
    ("dec ( 10 , 2 )", "decimal(10,2)", "decimal(10,2)", "decimal(10,2)"),
    ("number(38)", "decimal(38,0)", "decimal(38,0)", "decimal(38,0)"),
    ("fixed(7,3)", "decimal(7,3)", "decimal(7,3)", "decimal(7,3)"),
    ("decimal(10,2) unsigned", "decimal(10,2) unsigned", "decimal(10,2) unsigned", "decimal(10,2)"),
    ("float", "float", "float", "float"),
    ("float(24)", "float", "float", "float"),
    ("float(25)", "double", "double", "double"),
    ("float(7,2)", "float(7,2)", "float(7,2)", "float"),
    ("float unsigned", "float unsigned", "float unsigned", "float"),
    ("float4", "float", "float", "float"),
    ("float8", "double", "double", "double"),
    ("double precision", "double", "double", "double"),
    ("Double  Precision  unsigned", "double unsigned", "double unsigned", "double"),
    ("real", "double", "double", "double"),
    ("double(8,3)", "double(8,3)", "double(8,3)", "double"),
    ("date", "date", "date", "date"),
    ("datetime", "datetime", "datetime", "datetime"),
    ("datetime(0)", "datetime", "datetime", "datetime"),
    ("DATETIME (6)", "datetime(6)", "datetime(6)", "datetime(6)"),
    ("timestamp", "timestamp", "timestamp", "datetime(6)"),
    ("timestamp(3)", "timestamp(3)", "timestamp(3)", "datetime(3)"),
    ("timestamp without time zone", "datetime(6)", "datetime(6)", "datetime(6)"),
    ("timestamp(3) without time zone", "datetime(3)", "datetime(3)", "datetime(3)"),
    ("time", "time", "time", "time"),
    ("time(6)", "time(6)", "time(6)", "time(6)"),
    ("time(2) without time zone", "time(2)", "time(2)", "time(2)"),
    ("year", "year", "year", "year"),
    ("year(4)", "year", "year", "year"),
    ("char", "char(1)", "char(1)", "char"),
    ("char(3)", "char(3)", "char(3)", "char(3)"),
    ("character(4)", "char(4)", "char(4)", "char(4)"),
    ("varchar", "text", "text", "char"),
    ("varchar(10)", "varchar(10)", "varchar(10)", "char(10)"),
    ("varchar(0)", "varchar(0)", "varchar(0)", "char(0)"),
    ("character varying", "text", "text", "char"),
    ("Character  Varying ( 20 )", "varchar(20)", "varchar(20)", "char(20)"),
    ("nvarchar(6)", "varchar(6)", "varchar(6)", "char(6)"),
    ("string", "text", "text", "char"),
    ("string(20)", "varchar(20)", "varchar(20)", "char(20)"),
    ("text", "text", "text", "char"),
    ("text(64)", "tinytext", "tinytext", "char"),
    ("text(65)", "text", "text", "char"),
    ("text(16385)", "mediumtext", "mediumtext", "char"),
    ("text(4194305)", "longtext", "longtext", "char"),
    ("longtext", "longtext", "longtext", "char"),
    ("clob", "longtext", "longtext", "char"),
    ("long varchar", "mediumtext", "mediumtext", "char"),
    ("varchar(10) collate utf8mb4_bin", "varchar(10)", "varchar(10) collate utf8mb4_bin", "char(10)"),
    ("varchar(9) binary", "varchar(9)", "varchar(9) binary", "char(9)"),
    ("string BINARY collate gbk_bin", "text", "text binary collate gbk_bin", "char"),
    ("char(3) charset utf8mb4 binary", "char(3)", "char(3) binary character set utf8mb4", "char(3)"),
    ("varchar(9) charset latin1", "varchar(9)", "varchar(9) character set latin1", "char(9)"),
    ("varchar(9) character set binary", "varbinary(9)", "varbinary(9)", "binary"),
    ("binary", "binary(1)", "binary(1)", "binary"),
    ("binary(16)", "binary(16)", "binary(16)", "binary(16)"),
    ("varbinary(16)", "varbinary(16)", "varbinary(16)", "binary"),
    ("blob", "blob", "blob", "binary"),
    ("blob(257)", "blob", "blob", "binary"),
    ("bytea", "longblob", "longblob", "binary"),
    ("json", "json", "json", "json"),
    ("jsonb", "json", "json", "json"),
    ("ENUM( 'a' , 'B, c' )", "enum('a','B, c')", "enum('a','B, c')", "char"),
    ("set('x','it''s  (1)')", "set('x','it''s  (1)')", "set('x','it''s  (1)')", "char"),
    ("ARRAY(INT)", "array(int)", "array(int)", "array(int)"),
    ("integer[]", "array(int)", "array(int)", "array(int)"),
    ("varchar(10)[][]", "array(array(varchar(10)))", "array(array(varchar(10)))", "array(array(varchar(10)))"),
    ("MAP(VARCHAR(5), integer)", "map(varchar(5),int)", "map(varchar(5),int)", "map(varchar(5),int)"),
    ("VECTOR(3)", "vector(3)", "vector(3)", "vector(3)"),
    ("geometrycollection", "geomcollection", "geomcollection", "geomcollection"),
]
# unknown names: the server gets, and refuses, what was written
UNKNOWN = ["timestamp with time zone", "timestamptz", "uuid", "interval day", "varchar(max)", "struct<a int>", ""]


@pytest.mark.parametrize(("written", "canonical", "ddl", "cast"), NAMES, ids=[name[0] for name in NAMES])
def test_each_name_has_one_spelling_a_column_type_and_a_cast_target(
    written: str, canonical: str, ddl: str, cast: str
) -> None:
    assert (canonical_type(written), ddl_type(written), cast_target(written)) == (canonical, ddl, cast)


@pytest.mark.parametrize("written", [name[0] for name in NAMES if "'" not in name[0]])
def test_upper_case_and_blanks_make_no_difference(written: str) -> None:
    odd = f"  {written.upper().replace('(', ' ( ')}\n"

    assert canonical_type(odd) == canonical_type(written)
    assert cast_target(odd) == cast_target(written)


@pytest.mark.parametrize("written", [name[0] for name in NAMES])
def test_a_column_made_of_a_name_has_the_type_of_that_name(written: str) -> None:
    assert canonical_type(ddl_type(written)) == canonical_type(written)


@pytest.mark.parametrize("written", UNKNOWN)
def test_an_unknown_name_is_left_to_the_server(written: str) -> None:
    assert {canonical_type(written), ddl_type(written), cast_target(written), base_type(written)} == {written}


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ("decimal(10,2) unsigned", "decimal"),
        ("BIGINT(20) UNSIGNED", "bigint"),
        ("character varying(9)", "varchar"),
        ("varchar", "text"),
        ("boolean", "tinyint"),
        ("float(30)", "double"),
        ("enum('a')", "enum"),
        ("int[]", "array"),
        ("double precision", "double"),
    ],
)
def test_base_type_is_the_name_alone(written: str, base: str) -> None:
    assert base_type(written) == base


@pytest.mark.parametrize(
    ("declared", "is_kept"),
    [
        ("varchar(10)", True),
        ("int", True),
        ("varchar(10) collate UTF8MB4_BIN", True),
        ("varchar(10) character set utf8mb4 collate utf8mb4_bin", True),
        ("text charset utf8 collate utf8_bin", True),
        ("text charset utf8mb3", True),
        ("varchar(10) collate utf8mb4_general_ci", False),
        ("varchar(10) character set gbk", False),
    ],
)
def test_a_declared_collation_is_compared(declared: str, is_kept: bool) -> None:
    assert matches_character_set(declared, "utf8mb4", "utf8mb4_bin") is is_kept


@pytest.mark.parametrize("declared", ["varchar(9) binary", "text BINARY character set utf8mb4"])
def test_the_word_binary_is_compared_as_the_collation_that_it_means(declared: str) -> None:
    assert matches_character_set(declared, "utf8mb4", "utf8mb4_bin")
    assert not matches_character_set(declared, "utf8mb4", "utf8mb4_general_ci")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine may take long for any example
@given(st.text(st.sampled_from("int varchar(10)',ENUM[]é\\unsigned collate"), max_size=30))
def test_no_text_is_too_odd_and_the_canonical_spelling_is_stable(text: str) -> None:
    canonical = canonical_type(text)

    assert canonical_type(canonical) == canonical
    assert isinstance(base_type(text) + ddl_type(text) + cast_target(text), str)


def test_the_type_of_a_boolean_is_equal_to_both_of_its_names() -> None:
    kind = OceanBaseColumn.from_catalog("b", "tinyint(1)").data_type
    assert f"{kind}" == "tinyint(1)"
    assert kind == "tinyint(1)"
    assert kind == "boolean"
    assert "boolean" == kind  # noqa: SIM300  # the other operand's method is called
    assert kind != "int"
    assert kind in ("bool", "x")
    assert OceanBaseColumn.from_catalog("b", "tinyint(4)").data_type != "boolean"


@pytest.mark.parametrize(
    ("written", "data_type"),
    [
        ("numeric", "decimal"),  # dbt warns about a DECIMAL without a precision by this name
        ("decimal unsigned", "decimal(10,0) unsigned"),
        ("numeric(5, 2)", "decimal(5,2)"),
        ("dec(5,2) unsigned zerofill", "decimal(5,2) unsigned zerofill"),
    ],
)
def test_a_decimal_keeps_what_is_written_after_its_name(written: str, data_type: str) -> None:
    assert OceanBaseColumn.create("n", written).data_type == data_type
