"""Models with ``materialized: external``: their rows are files, and an external table reads them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture, write_file
from dbt_common.exceptions import DbtRuntimeError
from support.outside import Database

ODD = [
    "'plain'",
    "'a\\\\b\"c\\n,d'",
    "''",
    "'N'",
    "'\\\\N'",
    "'NULL'",
    "' x '",
    "concat('q', char(0 using utf8mb4), 'z')",
    "'ünï😀'",
    "'\"'",
    "'\\\\'",
    "null",
]
"""Texts, as SQL, that files could spoil."""

TYPED = """
select 1 as id, cast('1.0000000001' as decimal(38,10)) as exact, 2.5e300 as approximate, date '2026-01-31' as day,
  cast('2026-01-31 10:00:00.123456' as datetime(6)) as moment, cast('12:30:00.12' as time(2)) as hour,
  x'00ff' as bytes, cast(18446744073709551615 as unsigned) as big, true as flag, cast(16777217 as float) as coarse
union all select 2, null, null, null, null, null, null, null, null, null
"""
ROWS = [
    (
        1,
        Decimal("1.0000000001"),
        2.5e300,
        datetime.date(2026, 1, 31),
        datetime.datetime(2026, 1, 31, 10, 0, 0, 123456),
        datetime.timedelta(hours=12, minutes=30, microseconds=120000),
        b"\x00\xff",
        18446744073709551615,
        1,
        16777216.0,
    ),
    (2, *[None] * 9),
]


COLLATED = """
select 1 as id, 'a' collate utf8mb4_bin as word, null as nothing
union all select 2, 'A', null union all select 3, 'á', null
"""
MIXED = """
select 'A' collate utf8mb4_bin as word, 'b' collate utf8mb4_general_ci as plain, 1 as id, convert('中' using gbk) as old
from dual where 'access_key=SECRETKEY' <> ''
"""


def config(folder: Path, **more: Any) -> str:
    given = {"materialized": "external", "location": str(folder), **more}
    return "{{ config(" + ", ".join(f"{name}={value!r}" for name, value in given.items()) + ") }}\n"


def run(*models: str, expect_pass: bool = True) -> dict[str, str]:
    """Run models and return the messages of their results by name."""
    results = run_dbt(["run", "--select", *models], expect_pass=expect_pass).results
    return {result.node.name: str(result.message) for result in results}


class TestModels:
    @pytest.fixture(scope="class")
    def models(self, folder: Path) -> dict[str, str]:
        texts = " union all ".join(f"select {n} as id, {text} as word" for n, text in enumerate(ODD))
        described = (
            "models: [{name: typed_csv, description: about it, "
            "config: {persist_docs: {relation: true, columns: true}}, "
            "columns: [{name: Exact, description: the number}]}, "
            f"{{name: typed_parquet, description: {'ü' * 2050}, "
            "config: {persist_docs: {relation: true, columns: true}}, "
            f"columns: [{{name: exact, description: {'ü' * 1025}}}]}}]"
        )
        return {
            "texts.sql": config(folder) + texts + "; -- the last one",
            "texts_semicolon.sql": config(folder, options={"sep": ";", "compression": "gzip"}) + texts,
            "typed_csv.sql": config(folder) + TYPED,
            "typed_parquet.sql": config(folder, format="parquet", options={"compression": "zstd"}) + TYPED,
            "collated_csv.sql": config(folder) + COLLATED,
            "collated_parquet.sql": config(folder, format="parquet") + COLLATED,
            "mixed_csv.sql": config(folder) + MIXED,
            "several.sql": config(folder, options={"max_file_size": 1000000}) + "select id from {{ ref('texts') }}",
            "empty.sql": config(folder, format="parquet") + "select 1 as id from dual where 1 = 0",
            "reader.sql": "select count(*) as n from {{ ref('typed_parquet') }} join {{ ref('typed_csv') }} using (id)",
            "schema.yml": described,
        }

    @pytest.fixture(scope="class", autouse=True)
    def needed_external_tables(self, has_external_tables: bool) -> None:
        if not has_external_tables:
            pytest.skip("the refusal is tested by TestRefused")

    def test_rows_come_back(self, project: Any, db: Database, folder: Path) -> None:
        for written in (1, 2):
            results, output = run_dbt_and_capture(["run"])
            assert "a comment is cut to the server's 4096 bytes" in output
            assert "a comment is cut to the server's 1024 characters" in output
            assert {result.node.name: result.adapter_response.get("rows_affected") for result in results} == {
                "texts": len(ODD),
                "texts_semicolon": len(ODD),
                "typed_csv": 2,
                "typed_parquet": 2,
                "collated_csv": 3,
                "collated_parquet": 3,
                "mixed_csv": 1,
                "several": len(ODD),
                "empty": 0,
                "reader": 0,
            }
            # the files of the earlier run remain
            assert len(list(folder.glob("texts__*.csv"))) == written
            assert len(list(folder.glob("typed_parquet__*.parquet"))) == written

        expected = [db.rows(f"select {text}")[0][0] for text in ODD]
        for table in ("texts", "texts_semicolon"):
            assert [word for (word,) in db.rows(f"select word from {{s}}.{table} order by id")] == expected
        for table in ("typed_csv", "typed_parquet"):
            # the server shows a FLOAT with six digits
            shown = "id, exact, approximate, day, moment, hour, bytes, big, flag, cast(coarse as double)"
            assert db.rows(f"select {shown} from {{s}}.{table} order by id") == ROWS
        for table in ("collated_csv", "collated_parquet"):
            assert db.value(f"select count(distinct word) from {{s}}.{table}") == 3
        assert db.rows("select word, plain, old, id from {s}.mixed_csv") == [("A", "b", "中", 1)]
        collations = "collation(word), collation(plain), collation(old)"
        assert db.rows(f"select {collations} from {{s}}.mixed_csv") == [
            ("utf8mb4_bin", "utf8mb4_general_ci", "gbk_chinese_ci")
        ]
        # the key of a bucket would be in the statement as this text is
        written = Path(project.project_root, "target", "run", "test", "models", "mixed_csv.sql").read_text()
        assert "into outfile" in written
        assert "SECRETKEY" not in written
        assert db.value("select count(*) from {s}.several") == len(ODD)
        assert db.value("select count(*) from {s}.empty") == 0
        assert db.value("select n from {s}.reader") == 2
        assert (folder / next(folder.glob("texts_semicolon__*")).name).read_bytes()[:2] == b"\x1f\x8b"

        kinds = dict(
            db.rows(f"select table_name, table_type from information_schema.tables where table_schema = '{db.schema}'")
        )
        assert kinds.pop("reader") == "VIEW"
        assert set(kinds.values()) == {"EXTERNAL TABLE"}
        assert len(kinds) == 9
        shown = str(db.rows("show create table {s}.typed_csv")[0][1])
        assert "COMMENT 'the number'" in shown
        assert "COMMENT = 'about it'" in shown
        shown = str(db.rows("show create table {s}.typed_parquet")[0][1])
        assert f"COMMENT '{'ü' * 1021}...'" in shown
        assert f"COMMENT = '{'ü' * 2046}...'" in shown

    def test_other_kinds_and_back(self, project: Any, db: Database, folder: Path) -> None:
        for kind, text in {
            "BASE TABLE": "{{ config(materialized='table') }} select 1 as n",
            "EXTERNAL TABLE": config(folder) + "select 2 as n",
            "VIEW": "select 3 as n",
        }.items():
            for text_now, kind_now in ((text, kind), (config(folder) + "select 4 as n", "EXTERNAL TABLE")):
                write_file(text_now, project.project_root, "models", "turning.sql")
                run("turning")
                listed = "select table_type from information_schema.tables where table_name = 'turning'"
                assert db.rows(f"{listed} and table_schema = '{db.schema}'") == [(kind_now,)]
        assert db.value("select n from {s}.turning") == 4

    def test_a_failure_keeps_the_earlier_rows(self, project: Any, db: Database, folder: Path) -> None:
        write_file(config(folder) + "select 1 as n", project.project_root, "models", "kept.sql")
        run("kept")
        db.run("create table {s}.bits (n bit(3))")
        for text, expected in {
            config(folder / "missing") + "select 2 as n": "location: there is no such folder on the server",
            config(folder) + "select n from {{ target.schema }}.bits": "column n: bits cannot be read back",
            config(folder, format="parquet") + MIXED: "format: parquet: the text columns have several collations",
            config(folder, format="parquet") + "select json_object('a', 1) as n": "parquet type not supported",
            config(folder) + "select cast('x' as nothing) as n": "1064",
        }.items():
            write_file(text, project.project_root, "models", "kept.sql")
            assert expected in run("kept", expect_pass=False)["kept"]
            assert db.rows("select * from {s}.kept") == [(1,)]
            assert not [name for name in db.relations() if name.startswith("kept__")]

        db.run("create table {s}.parent (n int primary key)")
        db.run("create table {s}.child (n int, constraint to_parent foreign key (n) references {s}.parent (n))")
        write_file(config(folder) + "select 1 as n", project.project_root, "models", "parent.sql")
        message = run("parent", expect_pass=False)["parent"]
        assert f"`{db.schema}`.`parent` cannot become an external table, since foreign keys refer to it" in message
        assert "foreign key `to_parent`" in message
        assert db.relations()["parent"] == "table"
        assert not list(folder.glob("parent__*"))

        # another run builds the same model now
        write_file(
            config(folder, pre_hook="create table {{ this.schema }}.twice__dbt_tmp as select 7 as n") + "select 1 as n",
            project.project_root,
            "models",
            "twice.sql",
        )
        assert "exists already, because another run builds it now" in run("twice", expect_pass=False)["twice"]
        assert db.rows("select * from {s}.twice__dbt_tmp") == [(7,)]
        db.run("drop table {s}.twice__dbt_tmp")

    def test_configs_that_are_refused(self, project: Any, folder: Path) -> None:
        query = "select 1 as n"
        texts = {
            "no_location": "{{ config(materialized='external') }}" + query,
            "relative": config(Path("files")) + query,
            "misspelt": config(folder, options={"field_delimitter": ";"}) + query,
            "header": config(folder, options={"header": True}) + query,
            "orc": config(folder, format="orc") + query,
            "keyed": config(folder, primary_key="n") + query,
            "replacing": config(folder, overwrite=True) + query,
            "a_replacing_table": "{{ config(materialized='table', overwrite=True) }}" + query,
            "a_table": f"{{{{ config(materialized='table', location='{folder}') }}}}" + query,
            "a_view": "{{ config(format='csv') }}" + query,
        }
        for name, text in texts.items():
            write_file(text, project.project_root, "models", f"{name}.sql")
        with pytest.raises(DbtRuntimeError) as stopped:
            run(*texts)
        lines = [line.strip() for line in str(stopped.value).splitlines()]
        for name, expected in {
            "no_location": "location: None is no folder",
            "relative": "location: 'files' is no folder",
            "misspelt": "options: field_delimitter is not known: write field_delimiter",
            "header": "options: the server writes no header: remove header",
            "keyed": "primary_key: the rows are in files",
            "replacing": "overwrite: no model has it, since files are never overwritten: remove the config",
            "a_replacing_table": "overwrite: no model has it",
            "a_table": "location: only an external model has it",
            "a_view": "format: only an external model has it",
        }.items():
            assert [expected in line for line in lines if line.startswith(f"model {name} ")] == [True], name
        assert "format: orc: OceanBase" in run("orc", expect_pass=False)["orc"].splitlines()[-1]


class TestRefused:
    """Kernel 1.4 has no external tables, so no file is written."""

    @pytest.fixture(scope="class")
    def models(self, folder: Path) -> dict[str, str]:
        source = (
            f"sources: [{{name: landing, tables: [{{name: places, external: {{location: {folder}}}, "
            "columns: [{name: id, data_type: int}]}]}]"
        )
        return {"refused.sql": config(folder) + "select 1 as id", "sources.yml": source}

    def test_one_line(self, project: Any, db: Database, folder: Path, has_external_tables: bool) -> None:
        if has_external_tables:
            pytest.skip("this server has external tables")
        message = run("refused", expect_pass=False)["refused"]

        assert "materialized: external: OceanBase" in message
        assert "does not have it (error 1064); OceanBase 4.3.5 and seekdb 1.3 have it" in message
        assert not list(folder.iterdir())
        _, log = run_dbt_and_capture(["run-operation", "stage_external_sources"], expect_pass=False)
        assert "source landing.places: external: OceanBase" in log
        assert db.relations() == {}
