"""Constraints that a contract gets after its table was built: enforced on new rows, added to the table if possible."""

from __future__ import annotations

import json
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture, write_file
from support.outside import Database

KINDS = {
    "a_not_null": ("varchar(10)", "'v{n}'", "cast(null as char(5))", "{type: not_null}", 1048),
    "a_check": ("int", "{n}", "-1", '{type: check, expression: "v > 0 AND id < 100"}', 3819),
    "a_named": ("int", "{n}", "-1", '{type: check, name: is_named, expression: "v >= 0"}', 3819),
    "an_or": ("int", "{n}", "-1", '{type: check, expression: "v > 0 or v < -5"}', 3819),
    "a_word": ("varchar(10)", "'v{n}'", "'bad'", "{type: check, expression: \"v not in ('bad', 'Bad')\"}", 3819),
    "a_unique": ("int", "{n}", "1", "{type: unique}", 1062),
    "a_primary": ("int", "{n}", "1", "{type: primary_key}", 1062),
    "a_foreign": (
        "int",
        "{n}",
        "-1",
        '{type: foreign_key, columns: [v], expression: "`SCHEMA`.parent (id)"}',
        1452,
    ),
}
"""By name: the column's type, the value of the row n, a value that breaks the constraint, the constraint, its code."""


def model(value: str, bad: str, stained: bool) -> str:
    """Return a model; ``stained``: the first rows break the constraint that comes later."""
    good = value.format(n="{{ var('n') }}")
    rows = {"good": f"select {{{{ var('n') }}}} as id, {good} as v"}
    rows["bad"] = f"select {{{{ var('n') }}}} as id, {bad} as v union all select 99, {bad}"
    rows["first"] = rows["bad"] if stained else rows["good"]
    cases = "".join(f"{{% if var('rows') == '{name}' %}}{sql}{{% endif %}}" for name, sql in rows.items())
    return f"{{{{ config(materialized='incremental', on_schema_change='append_new_columns') }}}} {cases}"


def schema_yml(schema: str, with_constraints: bool) -> str:
    models = []
    for name, (kind, _, _, constraint, _) in KINDS.items():
        of_model = "foreign_key" in constraint
        for each in (name, f"{name}_stained"):
            own = constraint.replace("SCHEMA", schema).replace("is_named", f"is_{each}")
            model_level = f"    constraints: [{own}]\n" if with_constraints and of_model else ""
            of_column = f", constraints: [{own}]" if with_constraints and not of_model else ""
            models.append(
                f"  - name: {each}\n    config: {{contract: {{enforced: true}}}}\n{model_level}    columns:\n"
                f"      - {{name: id, data_type: int}}\n      - {{name: V, data_type: {kind}{of_column}}}\n"
            )
    return "models:\n" + "".join(models)


def with_rows(rows: str, n: int) -> list[str]:
    return ["run", "--vars", json.dumps({"rows": rows, "n": n})]


@pytest.mark.takes(90)
class TestLater:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        found = {}
        for name, (_, value, bad, *_) in KINDS.items():
            found[f"{name}.sql"] = model(value, bad, stained=False)
            found[f"{name}_stained.sql"] = model(value, bad, stained=True)
        return found

    def constraints(self, db: Database) -> list[Any]:
        found = db.rows(
            "select table_name, constraint_type, count(*) from information_schema.table_constraints "
            f"where table_schema = '{db.schema}' and table_name <> 'parent' group by 1, 2 order by 1, 2"
        )
        return list(found)

    def test_later(self, project: Any, db: Database) -> None:
        db.run("create table {s}.parent (id int primary key)", "insert into {s}.parent values (1), (2), (3), (4)")
        write_file(schema_yml(db.schema, with_constraints=False), project.project_root, "models", "schema.yml")
        run_dbt(with_rows("first", 1))
        counts = {name: db.value(f"select count(*) from {{s}}.{name}") for name in db.relations()}
        write_file(schema_yml(db.schema, with_constraints=True), project.project_root, "models", "schema.yml")

        for result in run_dbt(with_rows("bad", 2), expect_pass=False):
            name = result.node.name
            code = KINDS[name.removesuffix("_stained")][-1]
            assert result.status == "error", name
            assert str(code) in str(result.message) or (code == 1452 and "5785" in str(result.message)), name
            assert db.value(f"select count(*) from {{s}}.{name}") == counts[name], name

        _, output = run_dbt_and_capture(with_rows("good", 2))
        for name, (_, _, bad, _, code) in KINDS.items():
            assert db.value(f"select count(*) from {{s}}.{name}") == 2, name
            with pytest.raises(pymysql.MySQLError) as error:
                db.run(f"insert into {{s}}.{name} values (5, {bad}), (6, {bad})")
            assert error.value.args[0] == code, name
            assert db.value(f"select count(*) from {{s}}.{name}_stained") == 3, name
            warnings = [line for line in output.splitlines() if f".`{name}_stained`: " in line]
            assert warnings, name
            assert "was not added to the table, whose rows break it" in warnings[0]
            assert f".`{name}`: " not in output
            db.run(f"insert into {{s}}.{name}_stained values (5, {bad}), (6, {bad})")

        before = self.constraints(db)
        run_dbt(with_rows("good", 3))
        assert self.constraints(db) == before, "nothing is added twice"
        assert all(count == 1 for _, _, count in before)


FIRST = "      - {name: id, data_type: int}\n      - {name: s, data_type: varchar(10)}\n"
LATER = """
      - {name: id, data_type: int}
      - {name: s, data_type: varchar(10)}
      - {name: n, data_type: int, constraints: [{type: not_null}, {type: check, expression: "n > 0"}]}
"""


class TestAppended:
    """Constraints of a column that is appended."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        config = "{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}"
        return {"m.sql": config + " select {{ var('select', \"1 as id, 'a' as s\") }}"}

    def test_appended(self, project: Any, db: Database) -> None:
        head = "models:\n  - name: m\n    config: {contract: {enforced: true}}\n    columns:\n"
        write_file(head + FIRST, project.project_root, "models", "schema.yml")
        run_dbt(["run"])
        write_file(head + LATER, project.project_root, "models", "schema.yml")

        for value, code in (("-5", "3819"), ("cast(null as signed)", "1048")):
            variables = json.dumps({"select": f"2 as id, 'b' as s, {value} as n"})
            [result] = run_dbt(["run", "--vars", variables], expect_pass=False)
            assert code in str(result.message)
            assert db.rows("select * from {s}.m") == [(1, "a")]

        variables = json.dumps({"select": "2 as id, 'b' as s, 5 as n"})
        _, output = run_dbt_and_capture(["run", "--vars", variables])
        assert db.rows("select * from {s}.m order by id") == [(1, "a", None), (2, "b", 5)]
        assert "not null of n was not added to the table, whose rows break it" in output
        with pytest.raises(pymysql.MySQLError, match="3819"):
            db.run("insert into {s}.m values (3, 'c', -1)")
