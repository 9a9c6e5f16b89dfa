"""External tables: what the key ``external`` and the configs of a model become, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from dbt.adapters.oceanbase.column import OceanBaseColumn
from dbt.adapters.oceanbase.relation_configs import external_format, external_table
from dbt.adapters.oceanbase.relation_configs.components import ConfigError

COLUMNS = {"id": {"name": "id", "data_type": "int"}, "name": {"name": "na`me", "data_type": "varchar(9)"}}
CSV = (
    "format = (type = 'csv', field_delimiter = ',', field_optionally_enclosed_by = '\"', escape = '\"', "
    "empty_field_as_null = true)"
)


def statement(columns: Any = None, **external: Any) -> str:
    node = {"external": {"location": "/in", **external}, "columns": COLUMNS if columns is None else columns}
    return external_table.of_source(node).create_statement("`s`.`t`")


def test_create_statement() -> None:
    assert statement(row_format=None, tbl_properties=None, partitions=None) == (
        f"create external table `s`.`t` (`id` int, `na``me` varchar(9)) location = 'file:///in' {CSV}"
    )


@pytest.mark.parametrize(
    ("external", "clause"),
    [
        ({"location": "oss://b/x?host=h"}, "location = 'oss://b/x?host=h' format"),
        ({"location": "OSS://B/x"}, "location = 'oss://B/x' format"),
        ({"pattern": "a'b"}, "location = 'file:///in' pattern = 'a''b' format"),
        ({"auto_refresh": False}, " auto_refresh = off format"),
        ({"auto_refresh": "immediate"}, " auto_refresh = immediate format"),
        ({"using": "PARQUET"}, "format = (type = 'parquet')"),
        ({"format": "orc"}, "format = (type = 'orc')"),
        ({"options": {"sep": "|", "header": "true"}}, "field_delimiter = '|', "),
        ({"options": {"header": True}}, "skip_header = 1)"),
        ({"options": {"null_if": ["NULL", "-"], "parse_header": True}}, "parse_header = true, null_if = ('NULL', '-')"),
        (
            {"partitions": [{"name": "day", "data_type": "int", "expression": "metadata$x"}]},
            "`day` int as (metadata$x))",
        ),
        ({"partitions": [{"name": "day", "data_type": "varchar(3)", "meta": {}}]}, " as char(3))"),
        ({"partitions": [{"name": "day", "data_type": "bigint", "meta": {}}]}, ") partition by (`day`)"),
        ({"partitions": [{"name": "day", "data_type": "bigint unsigned"}]}, "as unsigned), null)))"),
        ({"partitions": [{"name": "day", "data_type": "int8"}]}, "as signed), null)))"),
        ({"partitions": [{"name": "day", "data_type": "string(9)"}]}, "as char(9)), null)))"),
    ],
)
def test_keys(external: dict[str, Any], clause: str) -> None:
    assert clause in statement(**external)


def test_expression_of_a_column() -> None:
    columns = {
        "a": {"name": "a", "data_type": "int", "expression": "metadata$filecol2"},
        "b": {"name": "b", "data_type": "string", "meta": {"expression": "1"}},
    }
    assert "(`a` int as (metadata$filecol2), `b` text as (1))" in statement(columns)


@pytest.mark.parametrize(
    ("external", "says"),
    [
        ({"location": None}, "external.location: None is no folder: write file:///a/folder"),
        ({"location": "in"}, "external.location: 'in' is no folder"),
        ({"location": "b/x?access_key=KEY"}, "external.location: 'b/x?access_key=***' is no folder"),
        ({"patern": "x"}, "external: patern is not known: write pattern"),
        ({"file_format": "csv", "using": "csv"}, "external: using and another key mean the same"),
        ({"file_format": "avro"}, "external.file_format: 'avro' is not known: write one of csv, parquet, orc"),
        ({"row_format": "x"}, "external.row_format: OceanBase has none"),
        ({"options": {"encodin": "x"}}, "external.options: encodin is not known: write encoding"),
        ({"options": "x"}, "external.options: 'x' is no mapping"),
        ({"options": {"field_delimiter": 1}}, "external.options.field_delimiter: 1 is no text"),
        ({"options": {"header": True, "skip_header": 1}}, "header and another option mean the same"),
        ({"options": {"header": 1}}, "external.options.header: 1 is no boolean"),
        ({"options": {"skip_header": -1}}, "external.options.skip_header: -1 is no integer"),
        ({"options": {"null_if": 1}}, "external.options.null_if: 1 is no list"),
        ({"format": "parquet", "options": {"sep": ";"}}, "external.options: parquet has no options: remove sep"),
        ({"format": "parquet", "options": {"header": True}}, "external.options: header is not for parquet"),
        ({"partitions": 7}, "external.partitions: 7 is no list: write"),
        ({"partitions": ["day"]}, "external.partitions: 'day' is no mapping"),
        ({"partitions": [{"name": "day"}]}, "has no name or no data_type"),
        (
            {"partitions": [{"name": "d", "data_type": "int"}]},
            "d: the server cannot compare partitions",
        ),
        ({"partitions": [{"name": "d", "data_type": "BOOLEAN"}]}, "partitions of the type BOOLEAN: write bigint"),
        ({"partitions": [{"name": "d", "data_type": "string"}]}, "type string: write varchar(n), bigint or date"),
        ({"partitions": [{"name": "d", "data_type": "text"}]}, "no partitions of the type text"),
        ({"partitions": [{"name": "d", "data_type": "decimal(5,2)"}]}, "no partitions of the type decimal(5,2)"),
        ({"partitions": [{"name": "d", "data_type": "timestamp"}]}, "no partitions of the type timestamp"),
        ({"partitions": [{"name": "ID", "data_type": "bigint"}]}, "id is the name of two columns"),
        ({"partitions": [{"name": "d", "data_type": "bigint", "vals": [1]}]}, "external.partitions: vals is not known"),
        ({"auto_refresh": "daily"}, "external.auto_refresh: 'daily' is not known"),
    ],
)
def test_refused_keys(external: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        statement(**external)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({}, "columns: an external table needs its columns"),
        ({"a": {"name": "a", "data_type": None}}, "column a: it has no data_type"),
        ({"a": {"name": "a", "data_type": "int", "expression": 1}}, "column a.expression: 1 is no text"),
    ],
)
def test_refused_columns(columns: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        statement(columns)


def files(**configs: Any) -> external_table.ModelFiles:
    return external_table.of_model({"location": "/out/", **configs}.get, "m__1")


@pytest.mark.parametrize(
    ("configs", "path", "rest"),
    [
        ({}, "/out/m__1.csv", " single = true"),
        ({"format": "parquet"}, "/out/m__1.parquet", "format = (type = 'parquet') single = true"),
        ({"options": {"max_file_size": 5}}, "/out/m__1", " single = false max_file_size = 5"),
        ({"location": "s3://b/x?host=h"}, "s3://b/x/m__1.csv?host=h", " single = true"),
        ({"location": "file:///a b"}, "/a b/m__1.csv", " single = true"),
    ],
)
def test_files_of_a_model(configs: dict[str, Any], path: str, rest: str) -> None:
    clause = files(**configs).into_clause()

    assert clause.startswith(f"into outfile '{path}' format = (type = ")
    assert clause.endswith(rest)


def test_table_over_the_files_of_a_model() -> None:
    columns = [OceanBaseColumn("id", "int"), OceanBaseColumn("X", "varchar", char_size=3)]
    table = files(options={"quote": "'"}).table(columns, {"x": "it's"}, "about")

    written = table.create_statement("`t`")
    assert "(`id` int, `X` varchar(3) comment 'it''s') comment = 'about' location = 'file:///out/'" in written
    assert "pattern = '.*m__1.*'" in written
    assert "field_optionally_enclosed_by = ''''" in written
    assert "empty_field_as_null" not in written


@pytest.mark.parametrize(
    ("configs", "says"),
    [
        ({"location": None}, "location: None is no folder"),
        ({"format": "json"}, "format: 'json' is not known"),
        ({"options": {"header": True}}, "options: the server writes no header"),
        ({"options": {"skip_header": 1}}, "options: skip_header is not known"),
        ({"options": {"escape": ""}}, "options.escape: an empty text cannot be read back"),
        ({"options": {"escape": '"'}}, "options.escape: NULL could not be read back"),
        ({"options": {"max_file_size": "1GB"}}, "options.max_file_size: '1GB' is no integer"),
        ({"format": "orc", "options": {"compression": "zstd"}}, "options: orc has no options"),
        ({"format": "parquet", "options": {"compression": "zip"}}, "options.compression: 'zip' is not known"),
    ],
)
def test_refused_files(configs: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        files(**configs)
    assert says in str(caught.value)


def test_bits_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"column b: bits cannot be read back from files: cast\(b as unsigned\)"):
        files().table([OceanBaseColumn("b", "bit(3)")], {})


def test_every_option_is_on_the_page() -> None:
    from pathlib import Path

    page = Path(__file__).parents[3].joinpath("docs", "files.md").read_text()
    options = {*external_format.READ_CSV, *external_format.WRITE_CSV, *external_format.WRITE_PARQUET}
    names = {*options, *external_format.ALIASES, *external_table.KEYS, *external_table.ALIASES} - {
        "charset",
        "escape_char",
    }

    assert {name for name in names if f"`{name}`" not in page} == set()
