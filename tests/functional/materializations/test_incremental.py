"""Rows and columns of incremental models after the second run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.increments import model, rows
from support.outside import Database

pytestmark = pytest.mark.any_kernel

OLD, NEW = rows("1 'a'", "2 'b'"), rows("2 'c'", "3 'd'")
REPLACED = [(1, "a"), (2, "c"), (3, "d")]
KEYS = rows("1 1 'a'", "1 2 'b'", "null 1 'c'", "null null 'd'", names="k, l, word")
NEW_KEYS = rows("1 2 'B'", "null 1 'C'", "null null 'D'", "2 null 'E'", names="k, l, word")
REPLACED_KEYS = [(1, 1, "a"), (1, 2, "B"), (None, 1, "C"), (None, None, "D"), (2, None, "E")]
RESERVED = "`order`, `group`"
ODD = '`say "hi"`, `a b`'
CASES: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "appended": (model(OLD, NEW), [(1, "a"), (2, "b"), (2, "c"), (3, "d")]),
    "appended_by_name": (model(OLD, NEW, incremental_strategy="append"), [(1, "a"), (2, "b"), (2, "c"), (3, "d")]),
    "default_with_key": (model(OLD, NEW, unique_key="id"), REPLACED),
    "one_key": (model(OLD, NEW, unique_key="id", incremental_strategy="delete+insert"), REPLACED),
    "key_in_list": (model(OLD, NEW, unique_key=["id"], incremental_strategy="delete+insert"), REPLACED),
    "several_keys": (model(KEYS, NEW_KEYS, unique_key=["k", "l"]), REPLACED_KEYS),
    "expression": (
        model(rows("1 'ab'", "2 'ac'", "3 'b'"), rows("4 'ax'"), unique_key="left(word, 1)"),
        [(3, "b"), (4, "ax")],
    ),
    "expression_in_list": (
        model(rows("1 'ab'", "2 'ac'", "1 'b'"), rows("1 'ax'"), unique_key=["id", "left(word, 1)"]),
        [(1, "ax"), (1, "b"), (2, "ac")],
    ),
    "reserved": (
        model(rows("1 'a'", "2 'b'", names=RESERVED), rows("2 'c'", names=RESERVED), unique_key="order"),
        [(1, "a"), (2, "c")],
    ),
    "reserved_in_list": (
        model(
            rows("1 'a'", "2 'b'", names=RESERVED),
            rows("2 'b'", "2 'c'", names=RESERVED),
            unique_key=["order", "`group`"],
        ),
        [(1, "a"), (2, "b"), (2, "c")],
    ),
    "empty_key": (model(OLD, NEW, unique_key=""), [(1, "a"), (2, "b"), (2, "c"), (3, "d")]),
    "double_quoted": (model(OLD, NEW, unique_key='"ID"'), REPLACED),
    "double_quoted_in_list": (model(OLD, NEW, unique_key=[' "id" ']), REPLACED),
    "double_quoted_merge": (
        model(OLD, NEW, unique_key='"id"', incremental_strategy="merge", merge_update_columns=['"word"']),
        REPLACED,
    ),
    "double_quoted_odd": (
        model(
            rows("1 'a'", "2 'b'", "3 'c'", names=ODD),
            rows("2 'b'", "3 'd'", names=ODD),
            unique_key=['"say ""hi"""', '"a b"'],
        ),
        [(1, "a"), (2, "b"), (3, "c"), (3, "d")],
    ),
    "underscored_delete_insert": (model(OLD, NEW, unique_key="id", incremental_strategy="delete_insert"), REPLACED),
    "predicate": (
        model(OLD, rows("1 'x'", "2 'y'"), unique_key="id", incremental_predicates="id > 1"),
        [(1, "a"), (1, "x"), (2, "y")],
    ),
    "predicates": (
        model(
            OLD,
            rows("1 'x'", "2 'y'"),
            unique_key="id",
            incremental_predicates=["id > 0", "DBT_INTERNAL_DEST.word = 'b' or 1 = 0"],
        ),
        [(1, "a"), (1, "x"), (2, "y")],
    ),
    "duplicates": (model(OLD, rows("2 'c'", "2 'd'"), unique_key="id"), [(1, "a"), (2, "c"), (2, "d")]),
    "nothing_new": (model(OLD, f"select * from ({OLD}) q where false", unique_key="id"), [(1, "a"), (2, "b")]),
}
TYPES: dict[str, tuple[str, list[tuple[Any, ...]], str]] = {
    "wider_text": (model("select 'abc' as v", f"select '{'x' * 20}' as v"), [("abc",), ("x" * 20,)], "varchar(20)"),
    "narrower_text": (model("select 'abcdef' as v", "select 'x' as v"), [("abcdef",), ("x",)], "varchar(6)"),
    "long_text": (
        model("select 'abc' as v", "select cast(repeat('x', 300000) as char(300000)) as v"),
        [("abc",), ("x" * 300_000,)],
        "mediumtext",
    ),
    "scale": (model("select 1.5 as v", "select 123.456 as v"), [("1.500",), ("123.456",)], "decimal(6,3)"),
    "fraction": (
        model(
            "select cast('2026-01-01 10:00:00' as datetime) as v",
            "select cast('2026-01-02 10:00:00.123456' as datetime(6)) as v",
        ),
        [("2026-01-01 10:00:00.000000",), ("2026-01-02 10:00:00.123456",)],
        "datetime(6)",
    ),
    "was_null": (model("select null as v", "select 'abc' as v"), [(None,), ("abc",)], "varchar(3)"),
    "was_empty": (model("select '' as v", "select 'abc' as v"), [("",), ("abc",)], "varchar(3)"),
    "becomes_null": (model("select 1 as v", "select null as v"), [("1",), (None,)], "bigint"),
}


class TestRows:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        texts = {name: text for name, (text, _) in CASES.items()} | {name: text for name, (text, *_) in TYPES.items()}
        return {f"{name}.sql": text for name, text in texts.items()}

    @pytest.fixture(scope="class", autouse=True)
    def runs(self, project: Any) -> dict[str, str]:
        run_dbt(["run"])
        return {result.node.name: str(result.message) for result in run_dbt(["run"], expect_pass=None)}

    @pytest.mark.parametrize("name", CASES)
    def test_rows(self, db: Database, runs: dict[str, str], name: str) -> None:
        expected = CASES[name][1]
        found = db.rows(f"select * from {{s}}.{name}")

        assert sorted(found, key=str) == sorted(expected, key=str), runs[name]

    @pytest.mark.parametrize("name", TYPES)
    def test_types(self, db: Database, runs: dict[str, str], name: str) -> None:
        _, expected, column_type = TYPES[name]
        found = db.rows(f"select cast(v as char) from {{s}}.{name}")
        [(kept_type,)] = db.rows(
            "select column_type from information_schema.columns "
            f"where table_schema = '{db.schema}' and table_name = '{name}'"
        )

        assert sorted(found, key=str) == sorted(expected, key=str), runs[name]
        assert kept_type.replace("bigint(1)", "bigint").replace("bigint(20)", "bigint") == column_type

    def test_no_leftovers(self, db: Database) -> None:
        assert set(db.relations()) == {*CASES, *TYPES}


class TestComputedColumn:
    """A generated column that a user has added, and that the model does not select."""

    MODES = ("ignore", "fail", "append_new_columns", "sync_all_columns")

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        found = {mode: model("select 1 as id", "select 2 as id", on_schema_change=mode) for mode in self.MODES}
        found["merged"] = model("select 1 as id", "select 2 as id", incremental_strategy="merge", unique_key="id")
        return {f"{name}.sql": text for name, text in found.items()}

    def test_it_is_left_alone(self, project: Any, db: Database) -> None:
        run_dbt(["run"])
        for name in (*self.MODES, "merged"):
            db.run(f"alter table {{s}}.`{name}` add column doubled bigint generated always as (id * 2)")
        run_dbt(["run"])

        for name in (*self.MODES, "merged"):
            assert db.rows(f"select id, doubled from {{s}}.`{name}` order by id") == [(1, 2), (2, 4)]


class TestNotNull:
    """Keys, columns of a contract, and columns that a user has declared NOT NULL stay NOT NULL; no others are so."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        first = "select 1 as id, 'a' as word union all select 2, 'b'"
        contract = "models: [{name: agreed, config: {contract: {enforced: true}}, columns: [%s, %s]}]"
        return {
            "kept.sql": model(first, "select 3 as id, nullif('c', 'd') as word"),
            "declared.sql": model(first, "select 3 as id, nullif('c', 'c') as word"),
            "of_a_union.sql": model(first, "select 3 as id, nullif('c', 'c') as word"),
            "keyed.sql": model(first, "select nullif(1, 1) as id, 'c' as word"),
            "agreed.sql": model(first, "select 3 as id, nullif('c', 'c') as word", on_schema_change="fail"),
            "schema.yml": contract
            % ("{name: id, data_type: int}", "{name: word, data_type: varchar(9), constraints: [{type: not_null}]}"),
        }

    def test_it_stays(self, project: Any, db: Database) -> None:
        run_dbt(["run"])
        db.run("alter table {s}.keyed add primary key (id)")
        for name in ("kept", "declared"):
            db.run(f"alter table {{s}}.{name} modify word varchar(1) not null")
        messages = {result.node.name: result.message for result in run_dbt(["run"], expect_pass=False)}

        assert "1048" in messages["keyed"]
        assert "1048" in messages["agreed"]
        assert "1048" in messages["declared"]
        # a busy server keeps its own table of a failed CREATE TABLE ... AS for a moment
        columns = "select table_name from information_schema.columns where is_nullable = 'NO' and column_name = 'word'"
        found = db.rows(f"{columns} and table_schema = '{db.schema}' and left(table_name, 7) <> '__ctas_'")
        assert {name for (name,) in found} == {"kept", "declared", "agreed"}
        assert db.value("select count(*) from {s}.kept") == 3
        assert db.value("select count(*) from {s}.of_a_union where word is null") == 1


class TestSchemaChange:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        first, later = "select 1 as id, 'gone' as old, 1 as kind", "select 2 as id, 'x' as kind, 'new' as added"
        changed = {
            mode: model(first, later, unique_key="id", on_schema_change=mode) for mode in ("fail", "sync_all_columns")
        }
        more = {
            mode: model("select 1 as id", "select 2 as id, 'new' as added", on_schema_change=mode)
            for mode in ("ignore", "append_new_columns")
        }
        removed = {
            "removed": model("select 1 as id, 'old' as word", "select 2 as id", on_schema_change="append_new_columns")
        }
        ignored = {
            "removed_and_ignored": model("select 1 as id, 'old' as word", "select 2 as id"),
            "new_key": model("select 1 as id", "select 2 as id, 'b' as word", unique_key=["id", "`word`"]),
            "new_key_expression": model("select 1 as id", "select 2 as id, 'b' as word", unique_key="lower(word)"),
        }
        return {f"{name}.sql": text for name, text in (changed | more | removed | ignored).items()}

    def test_modes(self, project: Any, db: Database) -> None:
        run_dbt(["run"])
        messages = {result.node.name: str(result.message) for result in run_dbt(["run"], expect_pass=False)}

        assert "out of sync" in messages["fail"]
        assert "1054" in messages["removed_and_ignored"]
        assert db.rows("select * from {s}.removed_and_ignored") == [(1, "old")]
        assert (
            f"unique_key: `word`: no such column in `{db.schema}`.`new_key`: the model has it, so set"
            in (messages["new_key"])
        )
        reads_none = f"unique_key: lower(word) reads no column of `{db.schema}`.`new_key_expression`, so it is"
        assert reads_none in messages["new_key_expression"]
        assert sorted(db.rows("select * from {s}.removed"), key=str) == [(1, "old"), (2, None)]
        assert db.rows("select * from {s}.fail") == [(1, "gone", 1)]
        assert sorted(db.rows("select * from {s}.`ignore`")) == [(1,), (2,)]
        assert sorted(db.rows("select id, added from {s}.append_new_columns")) == [(1, None), (2, "new")]
        assert sorted(db.rows("select id, kind, added from {s}.sync_all_columns"), key=str) == [
            (1, "1", None),
            (2, "x", "new"),
        ], messages["sync_all_columns"]
        assert len(db.rows("describe {s}.sync_all_columns")) == 3
        failed = {"removed_and_ignored", "new_key", "new_key_expression"}
        assert set(db.relations()) == {"fail", "ignore", "append_new_columns", "sync_all_columns", "removed"} | failed


class TestEnumeration:
    """Values of an ENUM with quotes and backslashes, which the catalog shows without any escape."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        more = "select id + 1 as id, kind, more from {{ target.schema }}.facts"
        first = "select id from {{ target.schema }}.facts"
        modes = ("append_new_columns", "sync_all_columns")
        return {f"{mode}.sql": model(first, more, unique_key="id", on_schema_change=mode) for mode in modes}

    def test_added(self, project: Any, db: Database) -> None:
        db.run(
            r"create table {s}.facts (id int, kind enum('it''s', 'a\\b', 'x') default 'it''s', more set('\'', 'y'))",
            r"insert into {s}.facts values (1, 'it''s', '\',y'), (3, 'a\\b', 'y')",
        )
        for _ in range(3):
            run_dbt(["run"])

        for name in ("append_new_columns", "sync_all_columns"):
            added = [(2, "it's", "',y"), (4, "a\\b", "y")]
            assert sorted(db.rows(f"select * from {{s}}.{name} where id in (2, 4)")) == added
            assert len(db.rows(f"select * from {{s}}.{name}")) == 4


class TestZero:
    """A key of zero stays zero in an AUTO_INCREMENT column of a new table, of an existing one and of a seed."""

    COLUMNS = (
        "[{name: id, data_type: bigint, constraints: [{type: not_null}, {type: custom, expression: auto_increment}, "
        "{type: primary_key}]}, {name: word, data_type: varchar(10)}]"
    )

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        ways = {"merged": "merge", "replaced": "delete+insert"}
        found = {
            f"{name}.sql": model(
                rows("5 'a'", "0 'b'"),
                rows("0 'zero'", "6 'c'"),
                unique_key="id",
                incremental_strategy=way,
                on_schema_change="append_new_columns",
            )
            for name, way in ways.items()
        }
        listed = "".join(
            f"  - {{name: {name}, config: {{contract: {{enforced: true}}}}, columns: {self.COLUMNS}}}\n"
            for name in ways
        )
        return {**found, "schema.yml": f"models:\n{listed}"}

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        types = "{id: bigint auto_increment primary key}"
        named = f"{{name: s, config: {{column_types: {types}}}}}, {{name: z, config: {{column_types: {{id: serial}}}}}}"
        return {"s.csv": "id\n5\n0\n", "z.csv": "id\n5\n0\n", "s.yml": f"seeds: [{named}]"}

    def test_kept(self, project: Any, db: Database) -> None:
        run_dbt(["build"])
        run_dbt(["build"])

        for name in ("merged", "replaced"):
            assert sorted(db.rows(f"select * from {{s}}.{name}")) == [(0, "zero"), (5, "a"), (6, "c")]
        for seed in ("s", "z"):
            assert sorted(db.rows(f"select id from {{s}}.{seed}")) == [(0,), (5,)]


class TestContract:
    """The table has the declared types; the types of the SELECT's literals are no schema change."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        select = "select {{ var('id', 1) }} as id, {{ var('word', \"'a'\") }} as word, 1.5 as amount"
        return {
            "agreed.sql": "{{ config(materialized='incremental', unique_key='id', on_schema_change='fail') }}" + select,
            "schema.yml": """
models:
  - name: agreed
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: int, constraints: [{type: not_null}, {type: primary_key}]}
      - {name: word, data_type: varchar(20)}
      - {name: amount, data_type: "decimal(20,4)"}
""",
        }

    def test_runs_again(self, project: Any, db: Database) -> None:
        run_dbt(["run"])
        run_dbt(["run", "--vars", json.dumps({"id": 2, "word": "'longer'"})])

        assert [tuple(map(str, row)) for row in db.rows("select * from {s}.agreed order by id")] == [
            ("1", "a", "1.5000"),
            ("2", "longer", "1.5000"),
        ]
        assert [row[1] for row in db.rows("describe {s}.agreed")] == ["int(11)", "varchar(20)", "decimal(20,4)"]

    def test_checked_again(self, project: Any, db: Database) -> None:
        [result] = run_dbt(["run", "--vars", json.dumps({"id": "'words'"})], expect_pass=False)

        assert "contract" in result.message
        assert db.relations() == {"agreed": "table"}
