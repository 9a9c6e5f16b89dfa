"""Hooks and headers of several statements, their order, and which of them a failing node rolls back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt.contracts.project import ProjectFlags
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import Database

pytestmark = pytest.mark.any_kernel

HEADERS_IN_TESTS = "require_sql_header_in_test_configs"
LOG = "insert into {{ target.schema }}.log (said) values"
SEVERAL = f"""
  -- a comment; with a semicolon
  set @header = 'a;b'; /* and ; another */
  set @more = concat(@header, ";c''"), @last = `database`();  # the end
  {LOG} ('header of {{{{ this.name }}}}');
"""
HEADED = "{% call set_sql_header(config) %}" + SEVERAL + "{% endcall %} select cast(@more as char(20)) as said"
PAIR = f"{LOG} ('before {{{{ this.name }}}}; 1'); {LOG} ('before {{{{ this.name }}}}; 2')"


def hooked(materialized: str) -> str:
    return f"{{{{ config(materialized='{materialized}', pre_hook=\"{PAIR}\") }}}}\n{HEADED}"


class Logged:
    @pytest.fixture(scope="class", autouse=True)
    def log(self, project: Any, db: Database) -> None:
        db.run("create table {s}.log (n bigint auto_increment primary key, said varchar(200))")

    def said(self, db: Database) -> list[str]:
        """Return what was written since the last call."""
        found = [row[0] for row in db.rows("select said from {s}.log order by n")]
        db.run("delete from {s}.log")
        return found


class TestSeveralStatements(Logged):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {
            "flags": {HEADERS_IN_TESTS: True} if HEADERS_IN_TESTS in ProjectFlags.__dataclass_fields__ else {},
            "on-run-start": [f"{LOG} ('start; 1'); {LOG} ('start; 2');"],
            "on-run-end": [f"{LOG} ('end; 1'); -- done;\n {LOG} ('end; 2')"],
        }

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "a_table.sql": hooked("table"),
            "an_increment.sql": hooked("incremental"),
            "agreed.sql": hooked("table"),
            "described.sql": hooked("table"),
            "schema.yml": """
models:
  - name: agreed
    config: {contract: {enforced: true}}
    columns: [{name: said, data_type: varchar(20)}]
  - name: described
    config: {persist_docs: {columns: true}}
    columns: [{name: said, description: what was said}]
""",
        }

    @pytest.fixture(scope="class")
    def tests(self) -> dict[str, str]:
        set_user_variable = "set @wanted = 'a;b;c'''''; set @wanted = @wanted;"
        header = f'{{{{ config(sql_header="{set_user_variable}") }}}}'
        return {"headed.sql": header + " select * from {{ ref('a_table') }} where said <> @wanted or @wanted is null"}

    @pytest.mark.parametrize("time", ["new", "again"])
    def test_one_by_one(self, db: Database, time: str) -> None:
        run_dbt(["run", "--threads", "1"])

        said = self.said(db)
        assert (said[:2], said[-2:]) == (["start; 1", "start; 2"], ["end; 1", "end; 2"])
        middle = said[2:-2]
        for name in ("a_table", "an_increment", "agreed", "described"):
            own = [text for text in middle if name in text]
            assert own[:3] == [f"before {name}; 1", f"before {name}; 2", f"header of {name}"]
            # a query reads the types for a contract and for described columns, with the header before it
            assert own[3:] == [f"header of {name}"] * (name in ("agreed", "described")), name
            assert db.rows(f"select distinct said from {{s}}.{name}") == [("a;b;c''",)]

    def test_data_test(self, db: Database) -> None:
        is_sent = HEADERS_IN_TESTS in ProjectFlags.__dataclass_fields__
        _, output = run_dbt_and_capture(["test"], expect_pass=is_sent)

        warning = f"sql_header: no effect on a test, since dbt sends it with the flag {HEADERS_IN_TESTS} only (headed)"
        assert (warning in output) == (not is_sent)


class TestTransactions(Logged):
    """Hooks inside the node's transaction are rolled back with it, unless a CREATE has committed them."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        hooks = f"""
  pre_hook=[before_begin("{LOG} ('before_begin')"), "{LOG} ('pre')"],
  post_hook=["{LOG} ('post {{{{ var('fails', '') }}}}')", after_commit("{LOG} ('after_commit')")]"""
        failing = "{{ config(materialized='%s', %s) }} select {{ var('id', 1) }} as id"
        return {
            "a_view.sql": failing % ("view", hooks),
            "a_table.sql": failing % ("table", hooks),
            "an_increment.sql": failing % ("incremental", hooks),
        }

    @pytest.mark.parametrize("name", ["a_view", "a_table", "an_increment"])
    def test_order(self, db: Database, name: str) -> None:
        for _ in range(2):
            run_dbt(["run", "--select", name])

            assert self.said(db) == ["before_begin", "pre", "post ", "after_commit"]

    @pytest.mark.parametrize("name", ["a_view", "a_table", "an_increment"])
    def test_pre_hook_is_committed_by_the_create_that_fails(self, db: Database, name: str) -> None:
        run_dbt(["run", "--select", name, "--vars", "id: no_such_column"], expect_pass=False)

        assert self.said(db) in (["before_begin", "pre"], ["before_begin"])

    def test_failing_post_hook_rolls_back_the_hooks_of_its_transaction(self, db: Database) -> None:
        run_dbt(["run", "--select", "a_table"])
        self.said(db)
        quote_breaks_the_hook = json.dumps({"fails": "' oops", "id": 2})
        [result] = run_dbt(["run", "--select", "a_table", "--vars", quote_breaks_the_hook], expect_pass=False)

        assert result.status == "error"
        assert self.said(db) == ["before_begin", "pre"]
        assert db.rows("select id from {s}.a_table") == [(2,)]  # the swap had committed


class TestFailingIncrement(Logged):
    """The DML of an incremental model is one transaction, which is rolled back as a whole."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        config = f"materialized='incremental', unique_key='id', pre_hook=\"{LOG} ('pre')\""
        rows = "select 1 as id, {{ var('value', 1) }} as value union all select 2, 2"
        return {"an_increment.sql": f"{{{{ config({config}) }}}} {rows}"}

    def test_rows_stay(self, db: Database) -> None:
        run_dbt(["run"])
        db.run("alter table {s}.an_increment modify value bigint not null, add primary key (id)")
        before = db.rows("select * from {s}.an_increment order by id")
        self.said(db)
        [result] = run_dbt(["run", "--vars", "value: cast(null as signed)"], expect_pass=False)

        assert "1048" in result.message
        assert db.rows("select * from {s}.an_increment order by id") == before == [(1, 1), (2, 2)]
        assert self.said(db) == ["pre"]  # committed by the CREATE that staged the rows
        assert set(db.relations()) == {"an_increment", "log"}


class TestHooksWithoutStatement:
    NOTHING = ("--", ";", "-- a comment\n--", "--\n;")

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"on-run-start": list(self.NOTHING)}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        hooks = [{"sql": text, "transaction": inside} for text in self.NOTHING for inside in (True, False)]
        return {"a_table.sql": f"{{{{ config(materialized='table', pre_hook={hooks!r}) }}}} select 1 as id"}

    def test_they_do_nothing(self, project: Any, db: Database) -> None:
        run_dbt(["run"])

        assert db.rows("select id from {s}.a_table") == [(1,)]


class TestHooksWithoutStatementAndComment(TestHooksWithoutStatement):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"on-run-start": list(self.NOTHING), "query-comment": None}
