"""Grants, comments and contracts of a relation, also after it has been built again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import Database, account, change_account

pytestmark = pytest.mark.any_kernel

KINDS = ("a_table", "an_increment", "a_view", "a_seed", "a_history")


class TestGrants:
    @pytest.fixture(scope="class")
    def readers(self, server: pymysql.Connection, unique_schema: str) -> Iterator[tuple[str, str]]:
        names = (f"r1_{unique_schema[4:20]}", f"r2_{unique_schema[4:20]}")
        with server.cursor() as cursor:
            accounts = (f"'{names[0]}'@'%'", f"'{names[1]}'@'10.0.0.%'")
            for account in accounts:
                change_account(cursor, f"create user if not exists {account}")
            yield names
            for account in accounts:
                change_account(cursor, f"drop user if exists {account}")

    @pytest.fixture(scope="class")
    def project_config_update(self, readers: tuple[str, str]) -> dict[str, Any]:
        granted = {"+grants": "{{ fromjson(var('grants', '{}')) }}"}
        return {"models": granted, "seeds": granted, "snapshots": granted}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "a_table.sql": "{{ config(materialized='table') }} select 1 as id",
            "an_increment.sql": "{{ config(materialized='incremental', unique_key='id') }} select 1 as id",
            "a_view.sql": "select 1 as id",
        }

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"a_seed.csv": "id\n1\n"}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        config = "{{ config(unique_key='id', strategy='check', check_cols='all') }}"
        return {"a_history.sql": f"{{% snapshot a_history %}}{config} select 1 as id{{% endsnapshot %}}"}

    def granted(self, db: Database) -> dict[str, set[tuple[str, str]]]:
        found = db.rows(
            "select table_name, replace(grantee, '''', ''), lower(privilege_type) "
            f"from information_schema.table_privileges where table_schema = '{db.schema}'"
        )
        return {name: {(grantee, right) for table, grantee, right in found if table == name} for name in KINDS}

    def test_life_of_a_grant(self, project: Any, db: Database, readers: tuple[str, str]) -> None:
        first, second = f"{readers[0]}@%", f"{readers[1]}@10.0.0.%"
        steps = [
            ({"select": [readers[0], second]}, {(first, "select"), (second, "select")}),
            ({"select": [readers[0], second]}, {(first, "select"), (second, "select")}),  # they survive a rebuild
            ({"select": [second], "insert": [readers[0]]}, {(second, "select"), (first, "insert")}),
            ({"select": []}, set()),
        ]
        for wanted, expected in steps:
            run_dbt(["build", "--vars", json.dumps({"grants": json.dumps(wanted)})])

            assert self.granted(db) == dict.fromkeys(KINDS, expected), wanted


class TestHiddenGrants:
    """The server shows the grants of other users only to a user who may read the schema mysql."""

    @pytest.fixture(scope="class")
    def user(self, server: pymysql.Connection, unique_schema: str) -> Iterator[str]:
        with account(server, unique_schema, "grant all on {s}.* to {user} with grant option") as name:
            yield name

    @pytest.fixture(scope="class")
    def readers(self, server: pymysql.Connection, unique_schema: str) -> Iterator[list[str]]:
        names = [f"r{number}_{unique_schema[4:20]}" for number in (1, 2)]
        with server.cursor() as cursor:
            for name in names:
                change_account(cursor, f"create user if not exists {name}")
            yield names
            for name in names:
                change_account(cursor, f"drop user if exists {name}")

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, dbt_profile_target: dict[str, Any], user: str) -> dict[str, Any]:
        return {**dbt_profile_target, "user": user, "password": ""}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        config = "{{ config(materialized='table', grants={'select': var('readers')}) }}"
        return {f"{name}.sql": f"{config} select 1 as id" for name in ("one", "two")}

    def test_warned_of(self, project: Any, db: Database, user: str, readers: list[str]) -> None:
        def run(*names: str) -> tuple[int, set[tuple[Any, ...]]]:
            """Return the number of warnings, and the grantees of both tables."""
            results, output = run_dbt_and_capture(["run", "--vars", json.dumps({"readers": names})])
            assert [result.status for result in results] == ["success"] * 2
            privileges = "select grantee from information_schema.table_privileges"
            found = [
                set(db.rows(f"{privileges} where table_name = '{name}' and table_schema = '{db.schema}'"))
                for name in ("one", "two")
            ]
            assert found[0] == found[1]
            return output.count("grants: dbt's user may not see the grants of other users, so none is revoked"), found[
                0
            ]

        first, second = (f"'{name}'@'%'" for name in readers)
        assert run(*readers) == (1, {(first,), (second,)})
        assert run(readers[0]) == (1, {(first,), (second,)})
        assert run() == (1, {(first,), (second,)})

        db.run(f"grant select on mysql.* to {user}")
        assert run(readers[0]) == (0, {(first,)})
        assert run() == (0, set())


NASTY = 'It\'s a "test" \\ of `comments`; 100 % -- 😀\nsecond line'


class TestDocs:
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        persisted = {"+persist_docs": {"relation": True, "columns": True}}
        return {"models": persisted, "seeds": persisted, "snapshots": persisted}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        described = [
            {"name": name, "description": NASTY, "columns": [{"name": "id", "description": NASTY + name}]}
            for name in ("a_table", "an_increment", "a_view")
        ]
        return {
            "a_table.sql": "{{ config(materialized='table') }} select 1 as id, 'x' as word",
            "an_increment.sql": "{{ config(materialized='incremental', unique_key='id') }} select 1 as id, 'x' as word",
            "a_view.sql": "select 1 as id",
            "schema.yml": json.dumps({"models": described}, ensure_ascii=False),
        }

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        described = {
            "name": "a_seed",
            "description": NASTY,
            "columns": [{"name": "ID", "description": NASTY + "a_seed"}],
        }
        return {"a_seed.csv": "id,word\n1,x\n", "seeds.yml": json.dumps({"seeds": [described]}, ensure_ascii=False)}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        config = "{{ config(unique_key='id', strategy='check', check_cols='all') }}"
        history = f"{{% snapshot a_history %}}{config} select 1 as id{{% endsnapshot %}}"
        columns = [{"name": "id", "description": NASTY + "a_history"}]
        described = {"snapshots": [{"name": "a_history", "description": NASTY, "columns": columns}]}
        return {"a_history.sql": history, "snapshots.yml": json.dumps(described, ensure_ascii=False)}

    def test_comments(self, project: Any, db: Database) -> None:
        tables = [name for name in KINDS if name != "a_view"]
        for time in range(3):
            run_dbt(["build", "--full-refresh"] if time == 2 else ["build"])
            for name in tables:
                of_table = f"select table_comment from information_schema.tables where table_schema = '{db.schema}'"
                assert db.value(f"{of_table} and table_name = '{name}'") == NASTY, (name, time)
                of_column = f"select column_comment from information_schema.columns where table_schema = '{db.schema}'"
                assert db.value(f"{of_column} and table_name = '{name}' and column_name = 'id'") == NASTY + name, name
                db.run(f"alter table {{s}}.{name} comment = 'of somebody else'")

    def test_views_have_none(self, project: Any) -> None:
        _, output = run_dbt_and_capture(["--warn-error", "run"])

        assert output.count("persist_docs: OceanBase stores no comments of views; ") == 1


ODD = {
    "id": "bigint unsigned not null auto_increment primary key",
    "word": r"""varchar(40) collate utf8mb4_bin not null default 'it''s "x", \\ COMMENT ''y'''""",
    "kind": r"enum('it''s','(a,b)','b\\c','COMMENT ''x''') not null default 'it''s' comment 'NOT NULL'",
    "flags": "set('x','y''s') default 'x,y''s'",
    "bits": "bit(8) default b'101'",
    "changed": "datetime(6) not null default current_timestamp(6) on update current_timestamp(6)",
    "amount": "decimal(10,2) unsigned not null default 1.5 comment 'it''s DEFAULT 2'",
    "letters": "int generated always as (((length(concat(word, ' COMMENT ''(')) + 1) * 2) + 3) stored",
    "shown": r"varchar(80) generated always as (concat(word, '\\n')) virtual not null",
    "an `odd` name": "int default (1 + (2 * 3))",
}


class TestDefinitions:
    """An ALTER that changes a comment has to repeat the whole definition, or parts of it are dropped."""

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        relation = "api.Relation.create(schema=target.schema, identifier='odd', type='table')"
        describe = f"{{% macro describe(columns) %}}{{% do adapter.comment_columns({relation}, columns) %}}"
        return {"describe.sql": f"{describe}{{% endmacro %}}"}

    @pytest.mark.parametrize("text", [NASTY, ""], ids=["new", "none"])
    def test_all_else_is_kept(self, project: Any, db: Database, text: str) -> None:
        columns = ", ".join(f"`{name.replace('`', '``')}` {definition}" for name, definition in ODD.items())
        db.run(
            "drop table if exists {s}.odd", f"create table {{s}}.odd ({columns})", "insert into {s}.odd (id) values (1)"
        )
        of_table = f"from information_schema.columns where table_schema = '{db.schema}' and table_name = 'odd'"
        definitions = (
            "select column_name, column_type, column_default, is_nullable, extra, collation_name, column_key, "
            f"generation_expression {of_table} order by ordinal_position"
        )
        before, row = db.rows(definitions), db.rows("select * from {s}.odd")

        described = {name: {"description": text} for name in ODD}
        run_dbt(["run-operation", "describe", "--args", json.dumps({"columns": described}, ensure_ascii=False)])

        assert db.rows(definitions) == before
        assert db.rows("select * from {s}.odd") == row
        assert db.rows(f"select distinct column_comment {of_table}") == [(text,)]


class TestLongDescriptions:
    """The server refuses a comment that is longer than its limit, and a description may be longer."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        config = "{{ config(materialized='table', persist_docs={'relation': true, 'columns': true}) }}"
        columns = [{"name": "longest", "description": "😀" * 1024}, {"name": "longer", "description": "😀" * 1025}]
        described = {"name": "told", "description": "😀" * 1025, "columns": columns}
        return {
            "told.sql": f"{config} select 1 as longest, 2 as longer",
            "schema.yml": json.dumps({"models": [described]}, ensure_ascii=False),
        }

    def test_they_are_cut_with_a_warning(self, project: Any, db: Database) -> None:
        for _ in range(2):
            _, output = run_dbt_and_capture(["run"])

            assert "a comment is cut to the server's 4096 bytes" in output
            assert "a comment is cut to the server's 1024 characters" in output
            assert db.rows(
                f"select table_comment from information_schema.tables where table_schema = '{db.schema}'"
            ) == [("😀" * 1023 + "...",)]
            assert dict(
                db.rows(
                    "select column_name, column_comment from information_schema.columns "
                    f"where table_schema = '{db.schema}'"
                )
            ) == {"longest": "😀" * 1024, "longer": "😀" * 1021 + "..."}


AGREED = """
models:
  - name: agreed
    config: {contract: {enforced: true}}
    constraints:
      - {type: check, name: positive, expression: "id > 0"}
    columns:
      - {name: id, data_type: bigint, constraints: [{type: not_null}, {type: primary_key}]}
      - {name: word, data_type: varchar(10)}
"""


class TestContract:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        select = "select 'a' as word, {{ var('id', 1) }} as id"
        return {"agreed.sql": "{{ config(materialized='table') }} " + select, "schema.yml": AGREED}

    def test_built_and_rebuilt(self, project: Any, db: Database) -> None:
        for _ in range(3):
            run_dbt(["run"])

            assert db.rows("select id, word from {s}.agreed") == [(1, "a")]
            assert {row[0]: row[2:4] for row in db.rows("describe {s}.agreed")} == {
                "id": ("NO", "PRI"),
                "word": ("YES", ""),
            }
            with pytest.raises(pymysql.err.MySQLError, match=r"3819|violated"):
                db.run("insert into {s}.agreed (id) values (-1)")
        assert db.relations() == {"agreed": "table"}

    @pytest.mark.parametrize(
        ("value", "says"),
        [("cast(null as signed)", "null"), ("-1", "3819"), ("'text'", "data_type")],
        ids=["not_null", "check", "type"],
    )
    def test_broken(self, project: Any, db: Database, value: str, says: str) -> None:
        run_dbt(["run"])
        [result] = run_dbt(["run", "--vars", json.dumps({"id": value})], expect_pass=False)

        assert says in result.message
        assert db.rows("select id, word from {s}.agreed") == [(1, "a")]
        assert db.relations() == {"agreed": "table"}
