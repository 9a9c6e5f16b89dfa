"""The engine enforces each constraint of a contract, also after rebuilds of the model and of its parent."""

from __future__ import annotations

import json
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture, write_file
from support.outside import Database

CHILD = """
{{ config(materialized=var('kind', 'table'), unique_key='id', on_schema_change='fail') }}
-- depends_on: {{ ref('parent') }}
select {{ var('id', 1) }} as id, {{ var('parent_id', 1) }} as parent_id, 'a' as `order`,
  cast({{ var('amount', 1) }} as decimal(10, 2)) as amount
"""
SCHEMA = """
models:
  - name: parent
    config: {contract: {enforced: true}, materialized: table}
    constraints:
      - {type: check, name: positive, expression: "id > 0"}
    columns:
      - {name: id, data_type: int, constraints: [{type: primary_key, name: its_key}, {type: not_null}]}
  - name: child
    config: {contract: {enforced: true}}
    constraints:
      - {type: primary_key, columns: [id]}
      - {type: not_null, columns: [amount]}
      - {type: unique, name: "odd `name`", columns: [order, ID]}
      - {type: check, name: positive, expression: "id > 0"}
      - {type: check, expression: "amount < 100", name: LONG}
      - type: foreign_key
        name: to_parent
        columns: [parent_id]
        to: ref('parent')
        to_columns: [id]
        expression: on delete cascade
  - name: by_column
    config: {contract: {enforced: true}, materialized: table}
    columns:
      - name: Order
        data_type: integer
        constraints:
          - {type: foreign_key, to: ref('parent'), to_columns: [id], name: of_column}
          - {type: check, expression: "`order` < 10"}
          - {type: unique}
          - {type: not_null}
""".replace("LONG", "a_check_" + "x" * 70)
COLUMNS = "id, parent_id, `order`, amount"
BROKEN = {
    "primary_key": ("(1, 1, 'b', 1)", 1062),
    "check": ("(-1, 1, 'b', 1)", 3819),
    "check_with_a_long_name": ("(2, 1, 'b', 100)", 3819),
    "foreign_key": ("(2, 7, 'b', 1)", 1452),
    "not_null": ("(2, 1, 'b', null)", 1048),
}


def with_vars(**values: Any) -> list[str]:
    return ["--vars", json.dumps(values)]


@pytest.mark.takes(100)
class TestEnforced:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        rows = "select 1 as id union all select 2" + "{% if var('shrunk', false) %} limit 1{% endif %}"
        by_column = "select id as `order` from {{ ref('parent') }}"
        columns = [("id", "bigint"), ("parent_id", "int"), ("order", "varchar(20)"), ("amount", "decimal(10, 2)")]
        declared = "".join(f"      - {{name: {name}, data_type: '{kind}'}}\n" for name, kind in columns)
        schema = SCHEMA.replace("  - name: by_column", f"    columns:\n{declared}  - name: by_column")
        return {"parent.sql": rows, "child.sql": CHILD, "by_column.sql": by_column, "schema.yml": schema}

    @pytest.mark.parametrize("kind", ["table", "incremental"])
    def test_after_rebuilds(self, project: Any, db: Database, kind: str) -> None:
        for name in ("child", "by_column", "parent"):
            db.run(f"drop table if exists {{s}}.{name}")
        for _ in range(4):
            run_dbt(["run", *with_vars(kind=kind, amount=5)])
            run_dbt(["run", "--select", "parent"])

        for broken, (row, code) in BROKEN.items():
            with pytest.raises(pymysql.MySQLError) as refused:
                db.run(f"insert into {{s}}.child ({COLUMNS}) values {row}")
            assert refused.value.args[0] == code, broken
        for value, code in ((7, 1452), (1, 1062), (10, 3819), ("null", 1048)):
            with pytest.raises(pymysql.MySQLError) as refused:
                db.run(f"insert into {{s}}.by_column values ({value})")
            assert refused.value.args[0] == code, value
        assert db.relations() == dict.fromkeys(("parent", "child", "by_column"), "table")
        kept = db.rows(
            "select constraint_type, count(*), max(length(constraint_name)) <= 64 "
            f"from information_schema.table_constraints where table_schema = '{db.schema}' and table_name = 'child' "
            "group by constraint_type order by constraint_type"
        )
        assert kept == [("CHECK", 2, 1), ("FOREIGN KEY", 1, 1), ("PRIMARY KEY", 1, 1), ("UNIQUE", 1, 1)]
        db.run("delete from {s}.by_column where `order` = 1", "delete from {s}.parent where id = 1")
        assert db.rows("select * from {s}.child") == []

    @pytest.mark.parametrize("values", [{"id": -1}, {"parent_id": 7}, {"amount": 100}, {"amount": "null"}], ids=str)
    @pytest.mark.parametrize("kind", ["table", "incremental"])
    def test_rows_that_break_one(self, project: Any, db: Database, kind: str, values: dict[str, Any]) -> None:
        run_dbt(["run", *with_vars(kind="table")])
        before = db.rows("select * from {s}.child")
        [result] = run_dbt(["run", "--select", "child", *with_vars(kind=kind, **values)], expect_pass=False)

        assert any(code in result.message for code in ("3819", "1452", "1048"))
        assert db.rows("select * from {s}.child") == before
        assert db.relations() == dict.fromkeys(("parent", "child", "by_column"), "table")


MODEL = "{{ config(materialized='table', contract={'enforced': true}) }} select "
SPELLINGS = [
    # data_type in the contract, expression in the model, type of the column
    ("int", "1", "int(11)"),
    ("integer", "1", "int(11)"),
    ("bool", "true", "tinyint(1)"),
    ("tinyint(1)", "1 = 1", "tinyint(1)"),
    ("varchar(255)", "'a'", "varchar(255)"),
    ("string", "'a'", "text"),
    ("character varying(9)", "'a'", "varchar(9)"),
    ("decimal", "1.0", "decimal(10,0)"),
    ("numeric(12, 3)", "cast(1 as decimal(5, 1))", "decimal(12,3)"),
    ("double precision", "1e0", "double"),
    ("timestamp without time zone", "now()", "datetime(6)"),
    ("DATETIME", "cast(now() as datetime(6))", "datetime"),
    ("blob", "unhex('00')", "blob"),
    ("int", "year('2026-01-01')", "int(11)"),
    ("enum('a','b')", "'a'", "enum('a','b')"),
    ("json", "cast('{}' as json)", "json"),
    ("vector(2)", "'[1,2]'", "VECTOR(2)"),
]


class TestTypes:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        columns = "".join(f'\n      - {{name: c{i}, data_type: "{kind}"}}' for i, (kind, _, _) in enumerate(SPELLINGS))
        wrong = ", ".join(
            f"{{name: {name}, data_type: {kind}}}" for name, kind in {"a": "int", "b": "date", "x": "int"}.items()
        )
        return {
            "spelled.sql": MODEL + ", ".join(f"{value} as C{i}" for i, (_, value, _) in enumerate(SPELLINGS)),
            "different.sql": MODEL + "1 as A, now() as b, 1.5 as y",
            "spelled.yml": f"models:\n  - name: spelled\n    columns:{columns}\n",
            "different.yml": f"models: [{{name: different, columns: [{wrong}]}}]\n",
        }

    def test_spellings(self, project: Any, db: Database) -> None:
        _, output = run_dbt_and_capture(["run", "--select", "spelled"])

        assert output.count("a value with a fraction fails the model") == 1
        assert [row[1] for row in db.rows("show columns from {s}.spelled")] == [found for _, _, found in SPELLINGS]

    def test_only_what_differs_is_listed(self, project: Any) -> None:
        [result] = run_dbt(["run", "--select", "different"], expect_pass=False)

        rows = [[cell.strip() for cell in line.split("|")[1:5]] for line in result.message.splitlines() if "| " in line]
        assert rows[2:] == [
            ["b", "datetime", "date", "data type mismatch"],
            ["x", "", "int", "missing in definition"],
            ["y", "decimal(2,1)", "", "missing in contract"],
        ]


TOO_LITTLE = {
    "check": "{type: check}",
    "unique": "{type: unique}",
    "foreign_key": "{type: foreign_key, columns: [id]}",
    "custom": "{type: custom}",
}


class TestTooLittle:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"said.sql": MODEL + "1 as id"}

    @pytest.mark.parametrize("kind", TOO_LITTLE)
    def test_refused(self, project: Any, db: Database, kind: str) -> None:
        column = "columns: [{name: id, data_type: int}]"
        write_file(
            f"models: [{{name: said, constraints: [{TOO_LITTLE[kind]}], {column}}}]",
            project.project_root,
            "models",
            "s.yml",
        )
        _, output = run_dbt_and_capture(["run"], expect_pass=False)

        assert f"constraint {kind}" in output
        assert "it says too little to be enforced: give its" in output
        assert db.relations() == {}
