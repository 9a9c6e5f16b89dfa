"""Constraints that a contract gets after its table was built: enforced on new rows, added to the table if possible."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
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


STEPS: dict[str, list[str]] = {
    "keyed": [
        '[{type: foreign_key, columns: [v], expression: "`SCHEMA`.parent (id)"}]',
        '[{type: foreign_key, columns: [v], expression: "`SCHEMA`.Parent (`ID`) on delete cascade"}]',
        '[{type: foreign_key, columns: [v], expression: "`SCHEMA`.parent (code) on update no action"}]',
    ],
    "ruled": ['[{type: foreign_key, columns: [v], expression: "`SCHEMA`.parent (id) on delete cascade"}]'] * 3,
    "indexed": ["[]", *['[{type: custom, expression: "unique key by_v (id, v)"}]'] * 2],
    "made_so": ['[{type: custom, expression: "unique key by_v (v, id)"}]'] * 3,
    "batched": ["[]", *['[{type: custom, expression: "unique key by_v (id, v, at)"}]'] * 2],
    "made_indexed": [
        '[{type: custom, expression: "index by_v (v asc)"}, {type: custom, expression: "index (id) local"}]'
    ]
    * 3,
}
"""By model: the constraints of the model in each step."""

COLUMNS: dict[str, list[str]] = {
    "indexed": [
        "{name: n, data_type: int, constraints: [{type: custom, expression: default 7}]}",
        "{name: n, data_type: int, constraints: [{type: not_null}, {type: custom, expression: default 7}]}, "
        "{name: flag, data_type: varchar(10), constraints: [{type: custom, expression: \"default 'new'\"}]}",
    ],
    "made_so": [
        "{name: n, data_type: int, constraints: [{type: not_null}, {type: custom, expression: default 0}]}, "
        "{name: at, data_type: datetime, constraints: [{type: custom, expression: default now() on update now()}]}",
    ],
    "batched": ["{name: at, data_type: datetime}"],
    "made_indexed": [
        "{name: on_day, data_type: datetime, constraints: [{type: custom, expression: \"default '2024-01-01'\"}]}, "
        "{name: is_new, data_type: tinyint(1), constraints: [{type: custom, expression: null default true}]}, "
        "{name: price, data_type: 'decimal(5,2)', constraints: [{type: custom, expression: default 1.5}]}, "
        "{name: word, data_type: varchar(10), constraints: [{type: custom, expression: character set utf8mb4 collate "
        "utf8mb4_general_ci default null}]}",
    ],
    "fixed": ["{name: e, data_type: vector(3)}", "{name: e, data_type: vector(3), constraints: [{type: not_null}]}"],
}
"""By model: the columns beside id and v in each step. The last entry is also for all further steps."""


class TestNotAdded:
    """Constraints that only CREATE TABLE can give to a table: each run warns of those that the table does not have."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        more = {
            "indexed": ", 1 as n{% if var('step') %}, 'a' as flag{% endif %}",
            "made_so": ", 1 as n, cast('2026-01-01' as datetime) as at",
            "fixed": ", '[1,2,3]' as e",
            "batched": ", cast('2026-01-01' as datetime) as at from dual where false",
            "made_indexed": ", cast('2026-01-01' as datetime) as on_day, 1 as is_new, 2.5 as price, 'a' as word",
        }
        batched = (
            ", incremental_strategy='microbatch', event_time='at', batch_size='year', lookback=2, "
            "begin=modules.datetime.datetime(modules.datetime.datetime.now().year - 1, 1, 1)"
        )
        return {
            f"{name}.sql": "{{ config(materialized='incremental', on_schema_change='append_new_columns'"
            + (batched if name == "batched" else "")
            + ") }} "
            "select {{ var('id') }} as id, {{ var('v', 1) }} as v" + more.get(name, "")
            for name in {**STEPS, **COLUMNS}
        }

    def warnings(
        self, project: Any, schema: str, step: int, number: int, failing: Sequence[str] = (), **variables: int
    ) -> list[str]:
        """Run all models with the contracts of ``step``, and return the warnings about constraints.

        The models ``failing`` have to fail, and all others to succeed.
        """
        listed = []
        for name in {**STEPS, **COLUMNS}:
            constraints = STEPS.get(name, ["[]"] * 3)[step].replace("SCHEMA", schema)
            more = COLUMNS.get(name, [""])
            columns = f"{{name: id, data_type: int}}, {{name: v, data_type: int}}, {more[min(step, len(more) - 1)]}"
            listed.append(
                f"  - name: {name}\n    config: {{contract: {{enforced: true}}}}\n    constraints: {constraints}\n"
                f"    columns: [{columns}]\n"
            )
        write_file("models:\n" + "".join(listed), project.project_root, "models", "schema.yml")
        variables = {"id": number, "step": step, **variables}
        results, output = run_dbt_and_capture(["run", "--vars", json.dumps(variables)], expect_pass=not failing)
        assert [each.node.name for each in results if each.status != "success"] == list(failing)
        return sorted(line.partition("contract of ")[2] for line in output.splitlines() if "contract of " in line)

    def keys(self, db: Database) -> list[Any]:
        return list(
            db.rows(
                "select k.referenced_column_name, r.delete_rule from information_schema.key_column_usage k "
                "join information_schema.referential_constraints r on r.constraint_schema = k.constraint_schema and "
                "r.constraint_name = k.constraint_name where k.referenced_table_name is not null "
                f"and k.table_schema = '{db.schema}' and k.table_name = 'keyed' order by 1"
            )
        )

    def test_not_added(self, project: Any, db: Database, logs_dir: str) -> None:
        db.run(
            "create table {s}.parent (id int primary key, code int, unique key (code))",
            "insert into {s}.parent values (1, 1), (2, 2), (3, 30)",
        )
        assert not self.warnings(project, db.schema, 0, 1)
        assert not self.warnings(project, db.schema, 0, 2)
        [(column, rule)] = self.keys(db)
        assert (column, rule in ("RESTRICT", "NO ACTION")) == ("id", True)

        for number in (3, 4):
            batched, fixed, of_column, of_table, keyed = self.warnings(project, db.schema, 1, number)
            assert batched.startswith(
                f"`{db.schema}`.`batched`: custom constraint unique key by_v (id, v, at) was not found in the table"
            )
            assert fixed == (
                f"`{db.schema}`.`fixed`: not null of e was not added to the table, as a column of this type gets it "
                "only with the table: run with --full-refresh"
            )
            assert of_table.startswith(
                f"`{db.schema}`.`indexed`: custom constraint unique key by_v (id, v) was not found in the table, which "
                "gets custom constraints only when it is made: run with --full-refresh"
            )
            assert of_column.startswith(
                f"`{db.schema}`.`indexed`: custom constraint default 'new' of flag was not found in the table"
            )
            assert keyed == (
                f"`{db.schema}`.`keyed`: foreign key (`v`) references `{db.schema}`.Parent (`ID`) on delete cascade "
                "was not added to the table, whose foreign key of these columns has other rules: "
                "run with --full-refresh"
            )
        asked = Path(logs_dir, "dbt.log").read_text().count(f"show create table `{db.schema}`.`batched`\n")
        assert asked == 2, "once per run, and not per batch"
        assert self.keys(db) == [(column, rule)]
        assert db.rows(
            "select is_nullable, column_default from information_schema.columns "
            f"where table_schema = '{db.schema}' and table_name = 'indexed' and column_name = 'n'"
        ) == [("NO", "7")]

        # 3 is an id of the parent, and no code
        self.warnings(project, db.schema, 2, 5, failing=["keyed"], v=3)
        assert db.value("select count(*) from {s}.keyed") == 4
        for number in (6, 7):
            assert len(self.warnings(project, db.schema, 2, number, v=2)) == 4
            assert self.keys(db) == [("code", rule), ("id", rule)], "the key is added once"
