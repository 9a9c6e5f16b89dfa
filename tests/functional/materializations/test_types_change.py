"""A column gets another type: values stay the same, or nothing is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt.tests.util import run_dbt, write_file
from support.increments import model
from support.outside import Database

LONG = "\N{CJK UNIFIED IDEOGRAPH-6587}" * 22_000
"""A text of 66,000 bytes, which is more than a TEXT column takes."""

BOTH_FIT = {
    "whole_then_decimal": ("1", "1.5", ["1.0", "1.5"], "decimal(21,1)"),
    "decimal_then_whole": ("1.5", "1234", ["1.5", "1234.0"], "decimal(21,1)"),
    "date_then_moment": (
        "date '2026-01-01'",
        "cast('2026-01-02 10:00:00.5' as datetime(3))",
        ["2026-01-01 00:00:00.000", "2026-01-02 10:00:00.500"],
        "datetime(3)",
    ),
    "float_then_decimal": ("cast(1.5 as float)", "1.1", ["1.1", "1.5"], "double"),
    "sum": ("cast(1 as signed)", "sum(2)", ["1", "2"], "bigint"),
    "double_without_fraction": ("1", "2e0", ["1", "2"], "bigint"),
    "number_as_text": ("1", "'2'", ["1", "2"], "bigint"),
    "empty_then_number": ("''", "12.5", ["", "12.5"], "varchar(68)"),
    "small_in_double": ("1.5e0", "9007199254740992", ["1.5", "9.007199254740992e15"], "double"),
    "enum_then_member": ("ENUM", "WIDER_ENUM", ["1", "it's new"], "enum('1','0','B','it's new')"),
    "set_then_member": ("SET", "WIDER_SET", ["a,b", "b,c"], "set('a','b','c')"),
    "enum_then_text": ("ENUM", "'0'", ["0", "1"], "enum('1','0','B')"),
    "text_then_varchar": ("TEXT", "WIDE", ["a", LONG], "mediumtext"),
    "varchar_then_text": ("WIDE", "TEXT", ["a", LONG], "mediumtext"),
    "bytes_then_longer": ("BYTES", "LONG_BYTES", ["abc", "abcdefghi"], "varbinary(9)"),
    "bytes_then_blob": ("BYTES", "BLOB", ["abc", "of a blob"], "blob"),
    "unsigned_then_bigint": ("UNSIGNED", "5000000000", ["5000000000", "7"], "bigint unsigned"),
    "whole_then_unsigned": ("NEGATIVE", "UNSIGNED", ["-7", "7"], "bigint"),
    "whole_then_largest": ("NEGATIVE", "LARGEST", ["-7", "9000000000"], "bigint"),
}
"""Name -> the first value, a later one, all values in the end, the column's type then."""

REFUSED = {
    "whole_then_double": ("1", "1.7e0", "1.7 (double) would become another value in bigint"),
    "decimal_then_double": ("1.5", "1.23456789e0", "1.23456789 (double) would become another value in decimal(2,1)"),
    "time_then_moment": (
        "time '10:00:00'",
        "timestamp '2026-01-01 10:00:00'",
        "2026-01-01 10:00:00 (datetime) would become another value in time",
    ),
    "moment_then_time": ("timestamp '2026-01-01 10:00:00'", "time '10:00:00'", "(time) would become another value"),
    "whole_then_date": ("1", "date '2026-01-01'", "2026-01-01 (date) would become another value in bigint"),
    "whole_then_text": ("1", "'1.5'", "1.5 (varchar(3)) would become another value in bigint"),
    "moment_then_text": (
        "timestamp '2026-01-01 10:00:00'",
        "'2026-01-01 10:00:00.6'",
        "(varchar(21)) would become another value in datetime",
    ),
    "double_then_whole": ("1.5e0", "9223372036854775807", "9223372036854775807 (bigint) would become another value"),
    "double_then_decimal": ("1.5e0", "1234567890.12345678901", "(decimal(21,11)) would become another value in double"),
    "double_then_text": ("1.5e0", "'9007199254740993'", "9007199254740993 (varchar(16)) would become another value"),
    "text_then_double": ("'1.5'", "16777217e0", "16777217 (double) would become another value in varchar(3)"),
    "fixed_then_text": ("FIXED", "'a '", "a  (varchar(2)) would become another value in char(5)"),
    "enum_then_number": ("ENUM", "2", "2 (bigint) would become another value in enum('1','0','B')"),
    "enum_then_digits": ("ENUM", "'2'", "2 (varchar(1)) would become another value in enum('1','0','B')"),
    "enum_then_case": ("ENUM", "'b'", "b (varchar(1)) would become another value in enum('1','0','B')"),
    "whole_then_enum": ("1", "ENUM", "1 (enum('1','0','B')) would become another value in bigint"),
    "year_then_text": ("cast('2026' as year)", "'1.7'", "1.7 (varchar(3)) would become another value in year"),
    "time_then_year": ("time '10:00:00'", "cast('2026' as year)", "2026 (year) would become another value in time"),
    "time_then_text": ("time '10:00:00'", "'1e2'", "1e2 (varchar(3)) would become another value in time"),
    "moment_then_offset": (
        "timestamp '2026-01-01 10:00:00'",
        "'2026-01-01 10:00:00+02:00'",
        "2026-01-01 10:00:00+02:00 (varchar(25)) would become another value in datetime",
    ),
    "year_then_json": ("cast('2026' as year)", "cast('1.7' as json)", "1.7 (json) would become another value in year"),
    "json_then_text": ("cast('1.7' as json)", '\'{"a":1,"a":2}\'', "would become another value in json"),
}
"""Name -> the first value, a later one, what the error says."""

COLUMNS = {
    "ENUM": "enum_value",
    "FIXED": "fixed_value",
    "WIDER_ENUM": "wider_enum",
    "SET": "set_value",
    "WIDER_SET": "wider_set",
    "TEXT": "a_text",
    "WIDE": "wide_varchar",
    "SHORT": "short_in_wide",
    "BYTES": "bytes",
    "LONG_BYTES": "long_bytes",
    "BLOB": "a_blob",
    "UNSIGNED": "unsigned_int",
    "NEGATIVE": "negative_int",
    "LARGEST": "unsigned_bigint",
}
"""Values that are read from a column of a table, since no CAST has their types."""

MODES: tuple[dict[str, Any], ...] = (
    {"incremental_strategy": "append", "on_schema_change": "append_new_columns"},
    {"incremental_strategy": "merge", "unique_key": "id"},
    {"incremental_strategy": "delete+insert", "unique_key": "id"},
    {"incremental_strategy": "append"},
)


SYNC = {"incremental_strategy": "append", "on_schema_change": "sync_all_columns"}


def create_typed(db: Database) -> None:
    """Create the table that has the columns of ``COLUMNS``."""
    db.run(
        "create table {s}.typed (enum_value enum('1','0','B'), fixed_value char(5), "
        "wider_enum enum('it''s new','1'), set_value set('a','b'), wider_set set('b','c'), "
        "a_text text, wide_varchar varchar(22000), bytes varbinary(3), long_bytes varbinary(9), a_blob blob, "
        "unsigned_int int unsigned, negative_int int, unsigned_bigint bigint unsigned, "
        "short_in_wide varchar(22000))",
        "insert into {s}.typed values ('1', 'a', 'it''s new', 'a,b', 'b,c', "
        f"'a', '{LONG}', 'abc', 'abcdefghi', 'of a blob', 7, -7, 9000000000, 'short')",
    )


def of_values(first: str, later: str, config: dict[str, Any]) -> str:
    """Return a model with one row per run."""
    sources = (
        f"{COLUMNS[value]} as v from {{{{ target.schema }}}}.typed" if value in COLUMNS else f"{value} as v"
        for value in (first, later)
    )
    selects = (f"select {number} as id, {source}" for number, source in enumerate(sources, start=1))
    return model(*selects, **config)


class TestIncremental:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        values = {name: (first, later) for name, (first, later, *_) in (BOTH_FIT | REFUSED).items()}
        overwritten = model("select 1 as v", "select 1.7e0 as v", incremental_strategy="insert_overwrite")
        batch = (
            "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', "
            "batch_size='day', begin='2026-01-01') }} select timestamp '2026-01-01 10:00:00' as at, "
            "{% if is_incremental() %}1.7e0{% else %}1{% endif %} as v"
        )
        keyed = {
            f"key_{mode}": model("select 1 as id", "select 1.4 as id", unique_key="id", on_schema_change=mode)
            for mode in ("append_new_columns", "sync_all_columns")
        }
        keyed["word"] = model("select 1 as v", "select 'x' as v")
        strict = {"strict": model("select 1 as v", "select 1.5 as v", on_schema_change="fail")}
        synced = {
            "synced": model(
                "select '2026-01-01' as v", "select date '2026-01-02' as v", on_schema_change="sync_all_columns"
            )
        }
        found = {
            name: of_values(*pair, MODES[number % len(MODES)]) for number, (name, pair) in enumerate(values.items())
        }
        found["unsigned_then_negative"] = of_values("UNSIGNED", "NEGATIVE", MODES[0])
        found |= {"overwritten": overwritten, "batch": batch} | keyed | strict | synced
        read = "select unsigned_int as v, bytes as w from {{ target.schema }}.typed"
        for name, value in (("checked", 5), ("checked_large", 5_000_000_000)):
            found[name] = model(read, f"select {value} as v, long_bytes as w from {{{{ target.schema }}}}.typed")
        found["checked_sync"] = model(
            read, "select unsigned_bigint as v, bytes as w from {{ target.schema }}.typed", **SYNC
        )
        return {f"{name}.sql": text for name, text in found.items()}

    @pytest.fixture(scope="class", autouse=True)
    def runs(self, project: Any, db: Database) -> dict[str, str]:
        create_typed(db)
        times = ["--event-time-start", "2026-01-01", "--event-time-end", "2026-01-02"]
        run_dbt(["run", *times])
        db.run(
            "create table {s}.numbers (v int unsigned primary key)",
            "insert into {s}.numbers values (5), (7)",
            *(
                f"alter table {{s}}.{name} add constraint of_{name} foreign key (v) references {{s}}.numbers (v)"
                for name in ("checked", "checked_large", "checked_sync")
            ),
        )
        return {result.node.name: str(result.message) for result in run_dbt(["run", *times], expect_pass=None)}

    def kind(self, db: Database, name: str) -> str:
        return str({row[0]: row[1] for row in db.rows(f"describe {{s}}.{name}")}["v"])

    @pytest.mark.parametrize("name", BOTH_FIT)
    def test_both_fit(self, db: Database, runs: dict[str, str], name: str) -> None:
        *_, values, kind = BOTH_FIT[name]
        found = sorted(value for (value,) in db.rows(f"select cast(v as char) from {{s}}.{name}"))

        assert found == values, runs[name]
        assert self.kind(db, name).replace("(1)", "").replace("(20)", "") == kind

    @pytest.mark.parametrize("name", REFUSED)
    def test_refused(self, db: Database, runs: dict[str, str], name: str) -> None:
        assert "column v: " in runs[name]
        assert REFUSED[name][2] in runs[name]
        assert "on_schema_change: sync_all_columns, or --full-refresh" in runs[name]
        assert db.value(f"select count(*) from {{s}}.{name}") == 1

    def test_other_strategies(self, db: Database, runs: dict[str, str]) -> None:
        assert "1.7 (double) would become another value in bigint" in runs["overwritten"]
        assert db.rows("select v from {s}.overwritten") == [(1,)]
        assert db.rows("select v from {s}.batch") == [(1,)]
        assert not [name for name in db.relations() if "dbt_tmp" in name]

    def test_keys(self, db: Database, runs: dict[str, str]) -> None:
        for mode in ("append_new_columns", "sync_all_columns"):
            found = db.rows(f"select cast(id as char) from {{s}}.key_{mode} order by id")
            assert found == [("1.0",), ("1.4",)], runs[f"key_{mode}"]

    def test_other_modes(self, db: Database, runs: dict[str, str]) -> None:
        assert "column v: x (varchar(1)) would become another value in bigint" in runs["word"]
        assert "out of sync" in runs["strict"]
        assert self.kind(db, "strict").startswith("bigint")
        assert [str(value) for (value,) in db.rows("select v from {s}.synced order by 1")] == [
            "2026-01-01",
            "2026-01-02",
        ]
        assert self.kind(db, "synced") == "date"

    def test_a_type_that_the_server_does_not_change(self, db: Database, runs: dict[str, str]) -> None:
        """The server changes no type of a column in a foreign key; the values that have room are written."""
        assert db.rows("select v, w from {s}.checked order by v") == [(5, b"abcdefghi"), (7, b"abc")], runs["checked"]
        assert db.rows("select v, w from {s}.checked_large") == [(7, b"abc")]
        assert "(1264" in runs["checked_large"]
        assert self.kind(db, "checked") == "int(10) unsigned"
        assert "foreign key" in runs["checked_sync"].lower()
        assert db.rows("select v, w from {s}.checked_sync") == [(7, b"abc")]

    def test_an_unsigned_column_refuses_negative_numbers(self, db: Database, runs: dict[str, str]) -> None:
        assert "(1264" in runs["unsigned_then_negative"]
        assert db.rows("select v from {s}.unsigned_then_negative") == [(7,)]
        assert self.kind(db, "unsigned_then_negative") == "int(10) unsigned"


SYNC_REFUSED = {
    "moment_then_date": (
        "timestamp '2026-01-01 10:11:12'",
        "date '2026-01-02'",
        "column v: 2026-01-01 10:11:12 (datetime) would become another value in date",
    ),
    "decimal_then_whole": ("1.7", "5", "column v: 1.7 (decimal(2,1)) would become another value in bigint"),
    "date_then_whole": ("date '2026-01-01'", "7", "column v: 2026-01-01 (date) would become another value in bigint"),
    "text_then_enum": ("'2'", "ENUM", "column v: 2 (varchar(1)) would become another value in enum('1','0','B')"),
    "enum_then_whole": ("ENUM", "7", "column v: 1 (enum('1','0','B')) would become another value in bigint"),
    "text_then_whole": ("'1.5'", "7", "column v: 1.5 (varchar(3)) would become another value in bigint"),
    "wide_decimal_then_double": ("1234567890.12345678901", "1e0", "would become another value in double"),
    "staged_blank": ("FIXED", "'a '", "column v: a  (varchar(2)) would become another value in char(5)"),
}
"""Name -> the first value, a later one, what the error says."""

SYNCED = {
    "whole_then_decimal": ("1", "1.5", "decimal(2,1)", ["1.0", "1.5"]),
    "text_then_date": ("'2026-01-01'", "date '2026-01-02'", "date", ["2026-01-01", "2026-01-02"]),
    "whole_decimal_then_whole": ("cast(2 as decimal(5,1))", "7", "bigint(20)", ["2", "7"]),
    "text_with_collation_then_whole": ("'5' collate utf8mb4_bin", "7", "bigint(20)", ["5", "7"]),
    "enum_then_wider_enum": ("ENUM", "WIDER_ENUM", "enum('1','0','B','it's new')", ["1", "it's new"]),
    "enum_then_text": ("ENUM", "'word'", "varchar(4)", ["1", "word"]),
    "long_bytes_then_short": ("LONG_BYTES", "BYTES", "varbinary(9)", ["abcdefghi", "abc"]),
    "unsigned_then_negative": ("UNSIGNED", "NEGATIVE", "int(11)", ["7", "-7"]),
    "unsigned_then_larger": ("UNSIGNED", "5", "bigint(20)", ["7", "5"]),
    "varchar_then_text": ("SHORT", "TEXT", "text", ["short", "a"]),
}
"""Name -> the first value, a later one, the column's type then, all values in the end."""


class TestSync:
    """``sync_all_columns`` gives a column its new type only if the stored rows keep their values."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        values = {name: values[:2] for name, values in (SYNC_REFUSED | SYNCED).items()}
        return {f"{name}.sql": of_values(*pair, SYNC) for name, pair in values.items()}

    @pytest.fixture(scope="class", autouse=True)
    def runs(self, project: Any, db: Database) -> dict[str, str]:
        create_typed(db)
        run_dbt(["run"])
        return {result.node.name: str(result.message) for result in run_dbt(["run"], expect_pass=False)}

    @pytest.mark.parametrize("name", SYNC_REFUSED)
    def test_refused(self, db: Database, runs: dict[str, str], name: str) -> None:
        first, _, message = SYNC_REFUSED[name]
        stored = first if first not in COLUMNS else f"(select {COLUMNS[first]} from {{s}}.typed)"

        assert message in runs[name]
        assert db.rows(f"select id, v, v = {stored} from {{s}}.{name}") == [(1, db.value(f"select {stored}"), 1)], (
            "the stored row is as it was"
        )

    def test_remedy(self, runs: dict[str, str]) -> None:
        assert "on_schema_change: sync_all_columns: rows of " in runs["decimal_then_whole"]
        assert "cast it in the model to a type that holds both" in runs["decimal_then_whole"]

    @pytest.mark.parametrize("name", SYNCED)
    def test_synced(self, db: Database, runs: dict[str, str], name: str) -> None:
        *_, kind, values = SYNCED[name]

        assert [value for (value,) in db.rows(f"select cast(v as char) from {{s}}.{name} order by id")] == values, runs[
            name
        ]
        assert {row[0]: row[1] for row in db.rows(f"describe {{s}}.{name}")}["v"] == kind


CONTRACT = """
models:
  - name: agreed
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: int, constraints: [{type: not_null}, {type: primary_key}]}
      - {name: amount, data_type: "AMOUNT", constraints: [{type: not_null}]}
      - {name: at, data_type: "AT"}
"""


class TestContract:
    """A contract that has changed since the table was created."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        at = "cast('2026-01-01 10:00:00.5' as datetime(6))"
        select = "select {{ var('id', 1) }} as id, {{ var('amount', 1.555) }} as amount, "
        select += f"{{{{ var('at', {at!r}) }}}} as at"
        config = "{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}"
        return {"agreed.sql": config + select, "schema.yml": self.contract("decimal(10,1)", "datetime")}

    def contract(self, amount: str, at: str) -> str:
        return CONTRACT.replace("AMOUNT", amount).replace("AT", at)

    def take(self, project: Any, number: int, amount: str, at: str, variables: dict[str, str] | None = None) -> str:
        write_file(self.contract(amount, at), project.project_root, "models", "schema.yml")
        [result] = run_dbt(
            ["run", "--vars", json.dumps({"id": number, **(variables or {})})], expect_pass=not variables
        )
        return str(result.message)

    def test_contract_that_changes(self, project: Any, db: Database) -> None:
        first = {"amount": "1.6", "at": "cast('2026-01-01 10:00:01' as datetime(6))"}
        run_dbt(["run", "--vars", json.dumps(first)])
        self.take(project, 2, "decimal(12,3)", "datetime(6)")

        assert [(row[1], row[2]) for row in db.rows("describe {s}.agreed")] == [
            ("int(11)", "NO"),
            ("decimal(12,3)", "NO"),
            ("datetime(6)", "YES"),
        ]
        assert db.rows("select id, cast(amount as char), cast(at as char) from {s}.agreed order by id") == [
            (1, "1.600", "2026-01-01 10:00:01.000000"),
            (2, "1.555", "2026-01-01 10:00:00.500000"),
        ]

        later = {"amount": "2.5e0", "at": "time '10:00:00'"}
        message = self.take(project, 3, "double", "time", later)
        assert "column at: 10:00:00 (time) would become another value in datetime(6)" in message
        assert "column amount" not in message, "2.5 is the same in the decimal that is there"
        assert "declare in the contract the type that the column has, or run with --full-refresh" in message
        assert db.value("select count(*) from {s}.agreed") == 2


class TestSnapshot:
    """A source column gets another type: the history keeps its values, and unchanged rows get no new version."""

    TYPES = {
        "s_decimal": ("int", "1", "decimal(5,1)", "1.5"),
        "s_moment": ("date", "'2026-01-01'", "datetime(3)", "'2026-01-01 10:00:00.5'"),
        "s_double": ("decimal(5,1)", "1.5", "double", "1.23456789"),
        "s_same": ("decimal(5,1)", "1.5", "double", "2.5"),
        "s_time": ("datetime", "'2026-01-01'", "time", "'10:00:00'"),
        "s_case": ("enum('0','a')", "'a'", "varchar(5)", "'A'"),
        "s_set": ("set('a','b')", "'a,b'", "set('b','it''s new')", "'b,it''s new'"),
        "s_member": ("enum('0','1')", "'1'", "enum('2','0')", "'2'"),
        "s_bytes": ("varbinary(3)", "'abc'", "varbinary(9)", "'abcdefghi'"),
        "s_sign": ("int", "-7", "int unsigned", "3000000000"),
        "s_unsigned": ("int unsigned", "7", "int", "-7"),
    }

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        config = "{{ config(unique_key='id', strategy='check', check_cols='all', hard_deletes='invalidate') }}"
        select = "select * from {{ target.schema }}."
        return {
            f"{name}.sql": f"{{% snapshot {name} %}}{config} {select}of_{name}{{% endsnapshot %}}"
            for name in self.TYPES
        }

    def test_histories(self, project: Any, db: Database) -> None:
        for name, (kind, value, *_) in self.TYPES.items():
            db.run(
                f"create table {{s}}.of_{name} (id int, v {kind})", f"insert into {{s}}.of_{name} values (1, {value})"
            )
        run_dbt(["snapshot"])
        for name, (*_, kind, value) in self.TYPES.items():
            db.run(
                f"drop table {{s}}.of_{name}",
                f"create table {{s}}.of_{name} (id int, v {kind})",
                f"insert into {{s}}.of_{name} values (1, {value})",
            )
        run_dbt(["snapshot"], expect_pass=False)
        messages = {result.node.name: str(result.message) for result in run_dbt(["snapshot"], expect_pass=False)}
        versions = {
            name: [value for (value,) in db.rows(f"select cast(v as char) from {{s}}.{name} order by dbt_valid_from")]
            for name in self.TYPES
        }

        assert versions == {
            "s_decimal": ["1.0", "1.5"],
            "s_moment": ["2026-01-01 00:00:00.000", "2026-01-01 10:00:00.500"],
            "s_double": ["1.5"],
            "s_same": ["1.5", "2.5"],
            "s_time": ["2026-01-01 00:00:00"],
            "s_case": ["a"],
            "s_set": ["a,b", "b,it's new"],
            "s_member": ["1", "2"],
            "s_bytes": ["abc", "abcdefghi"],
            "s_sign": ["-7", "3000000000"],
            "s_unsigned": ["7"],
        }
        assert "column v: 1.23456789 (double) would become another value in decimal(5,1)" in messages["s_double"]
        assert "cast it in the snapshot, or give the column its new type: alter table" in messages["s_double"]
        assert "(1264" in messages["s_unsigned"]
        assert "column v: 10:00:00 (time) would become another value in datetime" in messages["s_time"]
        assert "column v: A (varchar(5)) would become another value in enum('0','a')" in messages["s_case"]
