"""The columns of a table that is made of a SELECT: nullable, without defaults, and of a type that holds values."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture, write_file
from support.increments import model
from support.outside import Database

SOURCE = """create table {s}.src (
  id int not null default 7 primary key, word varchar(20) not null default 'new', loaded datetime default now(),
  n int not null default 3, kind enum('a', 'b') not null default 'b', bits bit(3) not null default b'101'
)"""
LITERALS = {
    "number": "1",
    "decimal": "1.5",
    "double": "1e0",
    "word": "'dummy'",
    "empty": "''",
    "truth": "true",
    "day": "date '2026-01-01'",
    "clock": "time '10:00:00'",
    "cast_word": "cast('dummy' as char(100))",
    "cast_number": "cast(1 as signed)",
    "counted": "count(*)",
    "bytes": "x'4142'",
}
NULLS = {
    "untyped": "null",
    "typed": "cast(null as char)",
    "by_macro": "cast(null as {{ dbt.type_string() }})",
    "by_cast": "{{ dbt.cast('null', 'varchar') }}",
    "bytes": "cast(null as binary)",
}
KINDS = ("view", "table", "incremental")


def listed(columns: dict[str, str]) -> str:
    """Return the SELECT list of columns."""
    return ", ".join(f"{text} as `{name}`" for name, text in columns.items())


def hook(columns: int, value: str) -> str:
    """Return a post-hook that inserts a row with the same value in every column."""
    values = ", ".join([value] * columns)
    return f'{{{{ config(materialized="table", post_hook="insert into {{{{ this }}}} values ({values})") }}}}\n'


class TestNullable:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        table = "{{ config(materialized='table') }}\n"
        source = "{{ target.schema }}.src"
        return {
            "literals.sql": hook(len(LITERALS), "null") + f"select {listed(LITERALS)}",
            "no_rows.sql": hook(2, "null") + "select * from (select 'dummy' as a, 1 as b) as empty_table where 1 = 0",
            "nulls.sql": hook(len(NULLS), "repeat('x', 70000)") + f"with d as (select 1) select {listed(NULLS)} from d",
            "columns.sql": hook(6, "null") + f"select * from {source} -- the last line",
            "ending.sql": hook(1, "null") + "select 1 as id;\n",
            "union.sql": hook(1, "null") + "(select 1 as id) union all (select 2) order by 1 desc limit 2",
            "locked.sql": table + f"select id from {source} for update",
            "assigned.sql": table + "select @n := 5 as n",
        }

    def test_rows(self, project: Any, db: Database) -> None:
        db.run(SOURCE, "insert into {s}.src (id) values (1), (2)")
        run_dbt(["run"])

        for name, rows in {"literals": 2, "no_rows": 1, "columns": 3, "ending": 2, "union": 3}.items():
            found = db.rows(f"select * from {{s}}.`{name}`")
            assert len(found) == rows, name
            assert (None,) * len(found[0]) in found, name
        columns = (
            "select table_name, column_name from information_schema.columns where (column_default is not null or "
            f"is_nullable = 'NO') and table_schema = '{db.schema}' and table_name not in ('src', 'locked', 'assigned')"
        )
        assert db.rows(columns) == []
        assert sorted(db.rows("select * from {s}.locked")) == [(1,), (2,)]
        assert db.rows("select * from {s}.assigned") == [(5,)]

    def test_types(self, project: Any, db: Database) -> None:
        """A join around the SELECT changes no type."""
        db.run(
            "create table {s}.plain as select " + listed(LITERALS),
            "create table {s}.plain_columns as select * from {s}.src",
        )
        types = (
            "select column_name, column_type, collation_name from information_schema.columns "
            f"where table_schema = '{db.schema}' and table_name = '%s' order by ordinal_position"
        )
        assert db.rows(types % "literals") == db.rows(types % "plain")
        assert db.rows(types % "columns") == db.rows(types % "plain_columns")

    def test_null_is_a_text(self, project: Any, db: Database) -> None:
        text = "x" * 70000
        texts = [text] * (len(NULLS) - 1)
        assert set(db.rows("select * from {s}.nulls")) == {(None,) * len(NULLS), (*texts, text.encode())}


class TestNullGetsValues:
    """In an incremental model, a NULL without a type takes the type of the values that come later."""

    LATER = {"number": ("5", 5), "word": ("'abc'", "abc"), "json": ("json_object('a', 1)", '{"a": 1}')}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        found = {name: model("select null as v", f"select {later} as v") for name, (later, _) in self.LATER.items()}
        typed = {
            name: model("select cast(null as char) as v", f"select {sql} as v") for name, (sql, _) in self.LATER.items()
        }
        empty = {"number": model("select '' as v", "select 5 as v")}
        found |= {f"typed_{name}": text for name, text in typed.items()} | {
            f"empty_{n}": text for n, text in empty.items()
        }
        return {f"{name}.sql": text for name, text in found.items()}

    def test_it(self, project: Any, db: Database) -> None:
        for _ in range(3):
            run_dbt(["run"])

        for name, (_, value) in self.LATER.items():
            assert db.rows(f"select v from {{s}}.`{name}` order by v is not null") == [(None,), (value,), (value,)]
            assert db.rows(f"select v from {{s}}.typed_{name} order by v is not null") == [
                (None,),
                (str(value),),
                (str(value),),
            ]
        assert sorted(db.rows("select v from {s}.empty_number")) == [("",), ("5",), ("5",)]


class TestSourceDefaults:
    """Rows that come after the source has lost a column get NULL in it, never the default that the source had."""

    STRATEGIES = ("append", "delete+insert", "merge")

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        select = "select * from {{ target.schema }}.src"
        return {
            f"{strategy.replace('+', '_')}.sql": model(
                select,
                select,
                incremental_strategy=strategy,
                on_schema_change="append_new_columns",
                **({} if strategy == "append" else {"unique_key": "id"}),
            )
            for strategy in self.STRATEGIES
        }

    def test_it(self, project: Any, db: Database) -> None:
        db.run(SOURCE, "insert into {s}.src (id, word, loaded, n) values (1, 'a', '2026-01-01', 1), (2, 'b', null, 2)")
        run_dbt(["run"])
        db.run("delete from {s}.src where id = 1", "insert into {s}.src (id) values (3)")
        db.run("alter table {s}.src drop column word, drop column loaded, drop column n, drop column kind")
        run_dbt(["run"])

        for strategy in self.STRATEGIES:
            name = strategy.replace("+", "_")
            new = db.rows(f"select word, loaded, n, kind from {{s}}.{name} where id = 3")
            assert new == [(None, None, None, None)], strategy
            assert db.rows(f"select word, n, kind from {{s}}.{name} where id = 1") == [("a", 1, "b")], strategy


class TestWideTexts:
    """Texts that are too long for VARCHAR, or together for a row, become TEXT in tables and staging tables."""

    EIGHT = ", ".join(f"cast(short as {{{{ dbt.type_string() }}}}) as t{i}" for i in range(8))
    PART = "{{ dbt.split_part('`long`', \"'-'\", 2) }} as part, cast(`long` as binary) as bytes"
    FROM = "from {{ target.schema }}.texts"

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        eight, part = f"select id, {self.EIGHT} {self.FROM}", f"select {self.PART} {self.FROM}"
        declared = ", ".join(f"{{name: t{i}, data_type: varchar(65535)}}" for i in range(8))
        short = ", ".join(f"{{name: t{i}, data_type: varchar(50)}}" for i in range(8))
        contract = "{{ config(materialized='table', contract={'enforced': true}) }} "
        keys = {"delete": "delete+insert", "merged": "merge"}
        increments = {
            f"{name}.sql": model(eight, f"{eight} where id > 1", unique_key="id", incremental_strategy=strategy)
            for name, strategy in keys.items()
        }
        return {
            "eight.sql": "{{ config(materialized='table') }} "
            f"select id, {self.EIGHT}, array(1, 2) as numbers, map('a', 1) as named {self.FROM}",
            "part.sql": "{{ config(materialized='table') }} " + part,
            "a_view.sql": eight,
            "of_a_view.sql": "{{ config(materialized='table') }} select *, t0 as `null` from {{ ref('a_view') }}",
            "narrow.sql": "{{ config(materialized='table') }} select cast('abc' as char) as w, short as t " + self.FROM,
            "grown.sql": model("select 1 as id, 'x' as t0", f"select id, {self.EIGHT} {self.FROM}"),
            "agreed.sql": contract + eight,
            "short.sql": f"{contract} select {self.EIGHT}, cast(`long` as binary) as bytes {self.FROM} where id = 2",
            "schema.yml": f"models: [{{name: agreed, columns: [{{name: id, data_type: int}}, {declared}]}}, "
            f"{{name: short, columns: [{short}, {{name: bytes, data_type: varbinary(50)}}]}}, "
            "{name: a_view, columns: [{name: id, data_tests: [{not_null: {config: {store_failures: true}}}]}]}]",
            **increments,
        }

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        config = "{{ config(unique_key='id', strategy='check', check_cols='all') }}"
        text = f"{{% snapshot history %}} {config} select id, {self.EIGHT} {self.FROM} {{% endsnapshot %}}"
        return {"history.sql": text}

    @pytest.fixture(scope="class")
    def tests(self) -> dict[str, str]:
        config = "{{ config(store_failures=true, severity='warn', limit=1, alias='kept') }}"
        return {"kept.sql": f"{config} select * from {{{{ ref('a_view') }}}} where id = 1"}

    def test_it(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.texts (id int, short text, `long` longtext)",
            "insert into {s}.texts values (1, repeat('x', 60000), concat('a-', repeat('y', 300000))), (2, 'b', 'c-d')",
        )
        failed = {result.node.name for result in run_dbt(["build"], expect_pass=False) if result.status == "error"}
        assert failed == {"agreed"}  # its types are what the user has declared
        db.run("update {s}.texts set short = concat(short, 'n') where id = 2")
        found = {result.node.name: str(result.status) for result in run_dbt(["build", "--exclude", "agreed"])}
        assert (found["kept"], found["not_null_a_view_id"]) == ("warn", "pass")

        wide, new = "x" * 60000, "bn"
        for name in ("eight", "of_a_view", "a_view", "delete", "merged"):
            found = sorted(db.rows(f"select id, t0, t7 from {{s}}.{name}"))
            assert found == [(1, wide, wide), (2, new, new)], name
        assert db.rows("select numbers, named from {s}.eight") == [("[1,2]", '{"a":1}')] * 2
        assert db.rows("select part, bytes from {s}.part order by length(part)") == [
            ("d", b"c-d"),
            ("y" * 300000, b"a-" + b"y" * 300000),
        ]
        assert sorted(db.rows("select id, t7, dbt_valid_to is null from {s}.history")) == [
            (1, wide, 1),
            (2, "b", 0),
            (2, new, 1),
        ]
        assert sorted(db.rows("select id, t0 from {s}.grown")) == [(1, "x"), (1, wide), (2, new)]
        assert "agreed" not in db.relations()
        assert db.rows(f"select id, t0, t7 from `{db.schema}_dbt_test__audit`.kept") == [(1, wide, wide)]
        # the declared types have room for texts whose types in the query have not
        assert db.rows("select t0, t7, bytes from {s}.short") == [(new, new, b"c-d")]

    def test_types(self, project: Any, db: Database) -> None:
        types = (
            "select distinct column_type from information_schema.columns "
            f"where table_schema = '{db.schema}' and table_name = '%s' and column_name in ('t', 't0', 't7', 'w')"
        )
        assert db.rows(types % "eight") == [("mediumtext",)]
        assert set(db.rows(types % "narrow")) == {("varchar(3)",), ("text",)}


@pytest.mark.any_kernel
class TestFinalSemicolon:
    """A query may end in a semicolon and a comment, also where the adapter makes it a part of a larger query."""

    END = " ;\n-- the end"

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        table = "{{ config(materialized='table') }} "
        row = "select {{ var('id', 1) }} as id, cast(1.5 as decimal(20,6)) as price" + self.END
        columns = "columns: [{name: id, data_type: bigint}, {name: price, data_type: 'decimal(5,2)'}]"
        listed = ", ".join(
            f"{{name: {name}, config: {{contract: {{enforced: true}}}}, {columns}}}"
            for name in ("a_view", "looked_at", "grown")
        )
        described = "{name: described, config: {persist_docs: {columns: true}}, columns: [{name: day, description: d}]}"
        one = "model: noted, given: [], expect: {format: sql, rows: 'select 1 as id, null as note;'}"
        return {
            "indexed.sql": "{{ config(materialized='table', indexes=[{'columns': ['id']}]) }} select 1 as id;",
            "noted.sql": table + "select 1 as id, null as note" + self.END,
            "described.sql": table + "select 1 as id, date '2026-01-31' as day" + self.END,
            "a_view.sql": row,
            "looked_at.sql": table + row,
            "grown.sql": "{{ config(materialized='incremental', on_schema_change='fail') }} " + row,
            "schema.yml": f"models: [{listed}, {described}]\nunit_tests: [{{name: one, {one}}}]",
        }

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        row = "select 1 as id, {{ var('id', 1) }} as value" + self.END
        checks = {"history": "'all'", "part": "['value']"}
        config = "{{ config(unique_key='id', strategy='check', hard_deletes='invalidate', check_cols=%s) }}"
        return {
            f"{name}.sql": f"{{% snapshot {name} %}} {config % check} {row}\n{{% endsnapshot %}}"
            for name, check in checks.items()
        }

    @pytest.fixture(scope="class")
    def tests(self) -> dict[str, str]:
        return {"nothing.sql": "select 1 as id from dual where 1 = 0" + self.END}

    def test_it(self, project: Any, db: Database) -> None:
        run_dbt(["build"])
        run_dbt(["build", "--vars", "id: 2"])

        assert db.rows("select * from {s}.indexed") == [(1,)]
        assert db.rows("select * from {s}.noted") == [(1, None)]
        assert db.value("select count(day) from {s}.described") == 1
        assert db.rows("select id, cast(price as char) from {s}.a_view") == [(2, "1.500000")]
        assert db.rows("select id, cast(price as char) from {s}.looked_at") == [(2, "1.50")]
        assert db.rows("select id, cast(price as char) from {s}.grown order by id") == [(1, "1.50"), (2, "1.50")]
        for name in ("history", "part"):
            found = db.rows(f"select value, dbt_valid_to is null from {{s}}.{name} order by value")
            assert found == [(1, 0), (2, 1)], name

    def test_view_that_reads_itself(self, project: Any) -> None:
        write_file("select * from {{ this }}" + self.END, project.project_root, "models", "loop.sql")
        [result] = run_dbt(["run", "--select", "loop"], expect_pass=False)
        assert "would read from itself, because it selects from {{ this }}" in result.message


class TestFloatLiterals:
    """A float literal loses digits in views and tables: each node is warned about once; a cast keeps the value."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        lossy, exact = "4/365.25e0 as a, 1e0/3 as b", "4/cast(365.25e0 as double) as a, cast(1e0 as double)/3 as b"
        selects = {"lossy": f"select\n{lossy}", "exact": f"select {exact}, '1e0' as c"}
        return {
            f"{name}_{kind}.sql": f"{{{{ config(materialized='{kind}') }}}}\n{select}"
            for name, select in selects.items()
            for kind in KINDS
        }

    def test_it(self, project: Any, db: Database) -> None:
        run_dbt(["run"])
        _, log = run_dbt_and_capture(["run"])

        for kind in KINDS:
            [said] = [line for line in log.splitlines() if "write cast(" in line and f"lossy_{kind}" in line]
            assert "365.25e0 in line 3" in said
            assert "and 1 more like it" in said
            assert set(db.rows(f"select a, b from {{s}}.exact_{kind}")) == {(4 / 365.25, 1 / 3)}
        assert "exact_" not in "".join(line for line in log.splitlines() if "write cast(" in line)
