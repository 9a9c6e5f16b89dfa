"""Functions are created and replaced, and kept if the new code is refused; unsupported configs are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture, write_file
from support.outside import Database

BODIES = {
    "a_query": "select {{ var('by', 2) }} * `from` + (select max(id) from {{ ref('numbers') }}) -- a comment;\n;",
    "a_value": "-- a comment\nconcat(`from`, '{{ var('by', 2) }}')",
    "a_return": "return {{ var('by', 2) }} * `from`;",
    "a_block": "begin declare x int; set x = `from` * {{ var('by', 2) }}; return x; end;",
    "Upper`tick": "with q as (select 1 as one) select {{ var('by', 2) }} + `from` + one from q",
}
RESULTS = {"a_query": "27", "a_value": "102", "a_return": "20", "a_block": "20", "Upper`tick": "13"}
YML = "functions:\n" + "".join(
    f"""
  - name: {"odd" if "`" in name else name}
    description: "It's {name}"
    config:
      alias: "{name}"
      persist_docs: {{relation: true}}
      post_hook: "create or replace view hooked as select 1 as a"
    arguments: [{{name: from, data_type: {"string" if name == "a_value" else "integer"}}}]
    returns: {{data_type: {"varchar(20)" if name == "a_value" else "bigint"}}}
"""
    for name in BODIES
)


class TestFunctions:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "numbers.sql": "{{ config(materialized='table') }} select 7 as id",
            "calls.sql": "select {{ function('a_block') }}(10) as result",
            "a_value.sql": "{{ config(alias='a_return', materialized='table') }} select 1 as id",
        }

    @pytest.fixture(scope="class")
    def functions(self) -> dict[str, str]:
        files = {f"{'odd' if '`' in name else name}.sql": body for name, body in BODIES.items()}
        return {**files, "functions.yml": YML}

    def results(self, db: Database) -> dict[str, str]:
        quoted = {name: name.replace("`", "``") for name in BODIES}
        return {name: str(db.value(f"select {{s}}.`{quoted[name]}`(10)")) for name in BODIES}

    def test_again(self, project: Any, db: Database) -> None:
        for by, result in ((2, RESULTS), (3, {**RESULTS, "a_query": "37", "a_value": "103", "a_return": "30"})):
            run_dbt(["build", "--vars", json.dumps({"by": by})])
            expected = {**result, "a_block": str(10 * by), "Upper`tick": str(11 + by)}
            assert self.results(db) == expected

        described = "select routine_name, routine_comment from information_schema.routines"
        listed = f"{described} where routine_schema = '{db.schema}'"
        assert sorted(db.rows(listed)) == sorted((name, f"It's {name}") for name in BODIES)
        # a function and a table may have the same name
        assert db.relations() == {"numbers": "table", "calls": "view", "a_return": "table", "hooked": "view"}
        run_dbt(["run", "--full-refresh"])
        assert db.rows("select * from {s}.calls") == [(30,)]

    def test_refused_code_keeps_the_function(self, project: Any, db: Database) -> None:
        run_dbt(["build", "--select", "a_return"])
        write_file("return 1 +;", project.project_root, "functions", "a_return.sql")
        [result] = [r for r in run_dbt(["build", "--select", "a_return"], expect_pass=False) if r.status == "error"]

        assert "1064" in result.message
        assert db.value("select {s}.a_return(10)") == 20
        assert db.value(f"select count(*) from information_schema.routines where routine_schema = '{db.schema}'") == 5
        write_file(BODIES["a_return"], project.project_root, "functions", "a_return.sql")


REFUSED = {
    "python": (
        "f.py",
        "def f(x): return x",
        "config: {entry_point: f, runtime_version: '3.11'}",
        ["language: python", "write it in a .sql file"],
    ),
    "aggregate": ("f.sql", "sum(x)", "config: {type: aggregate}", ["type: aggregate", "scalar functions only"]),
    "table": ("f.sql", "select 1", "config: {type: table}", ["type: table", "scalar functions only"]),
    "misspelt": (
        "f.sql",
        "x",
        "config: {volatilty: deterministic}",
        ["volatilty: there is no such config, and volatility is spelled much like it: write volatility"],
    ),
    "hinted": (
        "f.sql",
        "x",
        "config: {optimizer_hints: [no_rewrite]}",
        ["optimizer_hints: it would have no effect, since a function has no query to put it in: remove it"],
    ),
    "keyed": (
        "f.sql",
        "x",
        "config: {primary_key: id}",
        ["primary_key: it would have no effect, since dbt builds no table for a function: remove it"],
    ),
    "clustered": (
        "f.sql",
        "x",
        "config: {cluster_by: [a]}",
        ["cluster_by: a config of other adapters, which has no effect here: write primary_key"],
    ),
    "copied": ("f.sql", "x", "config: {copy_grants: false}", ["outlive what had it: revoke them in a post-hook"]),
    "formatted": ("f.sql", "x", "config: {table_format: iceberg}", ["table_format: iceberg: OceanBase keeps its"]),
    "trial": ("f.sql", "x", "config: {volatility: deterministic}", ["stopped after the trial"]),
    "grants": ("f.sql", "x", "config: {grants: {execute: [someone]}}", ["grants on function f", "grant execute on"]),
}


STOPPED = """
{% macro oceanbase__function_execute_build_sql(build_sql, existing_relation, target_relation) %}
  {% do run_query(scalar_function_sql(adapter.register_staged(make_temp_relation(target_relation)))) %}
  {% do exceptions.raise_compiler_error('stopped after the trial') %}
{% endmacro %}
"""


class TestRefused:
    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"stopped.sql": STOPPED}

    @pytest.fixture(scope="class")
    def functions(self) -> dict[str, str]:
        return {"other.sql": "1", "other.yml": "functions: [{name: other, returns: {data_type: int}}]"}

    @pytest.mark.parametrize("name", REFUSED)
    def test_by_name(self, project: Any, db: Database, name: str) -> None:
        file, text, config, says = REFUSED[name]
        shape = "arguments: [{name: x, data_type: int}]\n    returns: {data_type: int}"
        write_file(text, project.project_root, "functions", file)
        write_file(f"functions:\n  - name: f\n    {shape}\n    {config}\n", project.project_root, "functions", "f.yml")
        try:
            _, output = run_dbt_and_capture(["build", "--select", "f"], expect_pass=False)
        finally:
            Path(project.project_root, "functions", file).unlink()

        assert all(text in output for text in says)
        assert db.rows(f"select 1 from information_schema.routines where routine_schema = '{db.schema}'") == []


class TestDefaults:
    @pytest.fixture(scope="class")
    def functions(self) -> dict[str, str]:
        argument = "{name: x, data_type: int, default_value: 100}"
        yml = f"functions: [{{name: doubled, arguments: [{argument}], returns: {{data_type: int}}}}]"
        return {"doubled.sql": "x * 2", "doubled.yml": yml}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"calls.sql": "select {{ function('doubled') }}(2) as result"}

    def test_said(self, project: Any, db: Database) -> None:
        _, output = run_dbt_and_capture(["build"])

        assert "default_value of argument x of function doubled" in output
        assert db.value("select {s}.doubled(4)") == 8
        run_dbt(["--warn-error", "build"], expect_pass=False)

    def test_a_function_of_the_same_run_is_not_deferred(self, project: Any, db: Database) -> None:
        run_dbt(["parse"])
        manifest = Path(project.project_root, "target", "manifest.json").read_text()
        Path(project.project_root, "state").mkdir()
        write_file(manifest.replace(db.schema, "elsewhere"), project.project_root, "state", "manifest.json")
        db.run("drop function if exists {s}.doubled", "drop view if exists {s}.calls")

        run_dbt(["build", "--select", "doubled+", "--defer", "--state", "state"])
        assert db.value("select result from {s}.calls") == 4

        # a function that is in neither place is still that of the state
        db.run("drop function {s}.doubled")
        [result] = run_dbt(["build", "--select", "calls", "--defer", "--state", "state"], expect_pass=False)
        assert "elsewhere" in result.message
