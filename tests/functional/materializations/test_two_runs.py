"""Two runs of one node at the same time never mix their rows, and at least one of them fails with an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.dbt_process import DbtProcess
from support.outside import PATIENCE, Database, until

pytestmark = pytest.mark.any_kernel

KEYED = """
{{{{ config(materialized='incremental', unique_key='id', incremental_strategy='{strategy}') }}}}
select 1 as id, '{{{{ var("run", "old") }}}}' as run
union all select {{{{ var("key", 2) }}}}, '{{{{ var("run", "old") }}}}'
"""
APPENDED = """
{{ config(materialized='incremental', post_hook=['update ' ~ this.schema ~ '.gate set n = 2', var('then', '')]) }}
select 1 as id union all select 2
"""
HISTORY = """
{% snapshot a_history %}
{{ config(unique_key='id', strategy='check', check_cols='all') }}
select 1 as id, '{{ var("run", "old") }}' as run
union all select {{ var("key", 2) }}, '{{ var("run", "old") }}'
{% endsnapshot %}
"""
OF_THE_SECOND = [(1, "2nd"), (2, "old"), (6, "2nd")]
SAYS_SO = "another run builds it at the same time"


class TestTwoRuns:
    """The second run begins while the first, whose rows are staged, waits for a lock on the target."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        strategies = {"a_delete": "delete+insert", "a_merge": "merge"}
        keyed = {f"{name}.sql": KEYED.format(strategy=strategy) for name, strategy in strategies.items()}
        return {**keyed, "an_append.sql": APPENDED}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {"a_history.sql": HISTORY}

    @pytest.mark.parametrize("node", ["a_delete", "a_merge", "a_history"])
    def test_rows_are_those_of_whole_runs(
        self,
        project: Any,
        db: Database,
        connect: Callable[..., pymysql.Connection],
        start: Callable[..., DbtProcess],
        node: str,
    ) -> None:
        run_dbt(["--quiet", "build", "--full-refresh", "--select", node])
        with connect() as holder, holder.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"select * from `{db.schema}`.`{node}` for update")
            first = start(*self.of_run("1st", node, 5))
            until(lambda: self.staged_by(db, node) and db.running(f"{node}__dbt_tmp"))
            by_first = self.staged_by(db, node)
            second = start(*self.of_run("2nd", node, 6))
            until(lambda: self.staged_by(db, node) not in ([], by_first))
            cursor.execute("rollback")
        codes = [first.wait(PATIENCE), second.wait(PATIENCE)]

        assert codes == [1, 0], first.output + second.output
        assert SAYS_SO in first.output or "1146" in first.output
        newest = "where dbt_valid_to is null" if node == "a_history" else ""
        assert db.rows(f"select id, run from {{s}}.{node} {newest} order by id") == OF_THE_SECOND
        assert set(db.relations()) & {f"{node}__dbt_tmp"} == set()

    @pytest.mark.parametrize(("then", "error"), [("", SAYS_SO), ("select n from nowhere", "1146")])
    def test_staging_table_of_another_run_is_kept(
        self,
        project: Any,
        db: Database,
        connect: Callable[..., pymysql.Connection],
        start: Callable[..., DbtProcess],
        then: str,
        error: str,
    ) -> None:
        db.run("create table if not exists {s}.gate as select 1 as n")
        run_dbt(["--quiet", "build", "--full-refresh", "--select", "an_append"])

        with connect() as holder, holder.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"select * from `{db.schema}`.gate for update")
            run = start("run", "--select", "an_append", "--vars", json.dumps({"then": then}))
            until(lambda: db.running(f"update {db.schema}.gate") or run.poll() is not None)
            db.run("alter table {s}.an_append__dbt_tmp comment 'dbt run another'")
            cursor.execute("rollback")

        assert run.wait(PATIENCE) == 1
        assert error in run.output
        assert db.value("select count(*) from {s}.an_append") == 2
        assert "an_append__dbt_tmp" in db.relations()

    @staticmethod
    def of_run(name: str, node: str, key: int) -> tuple[str, ...]:
        return ("build", "--select", node, "--vars", json.dumps({"run": name, "key": key}))

    @staticmethod
    def staged_by(db: Database, node: str) -> list[Any]:
        return db.rows(
            "select table_comment from information_schema.tables "
            f"where table_schema = '{db.schema}' and table_name = '{node}__dbt_tmp'"
        )
