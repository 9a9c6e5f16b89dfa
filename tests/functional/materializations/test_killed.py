"""After kill -9 of dbt at any point, the next run leaves exactly the project's relations, with the right rows."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.dbt_process import DbtProcess
from support.outside import Database, until

pytestmark = pytest.mark.any_kernel

VALUE = "{{ var('value', 1) }} as value"
MODELS = {
    "a_table.sql": "{{ config(materialized='table') }} select 1 as id, " + VALUE,
    "an_increment.sql": "{{ config(materialized='incremental', unique_key='id') }} select 1 as id, " + VALUE,
    "a_view.sql": "{{ config(materialized='view') }} select 1 as id, " + VALUE,
}
RELATIONS = {"a_table": "table", "an_increment": "table", "a_view": "view", "history": "table"}


@pytest.mark.takes(80)
class TestKilled:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def snapshots(self, history: dict[str, str]) -> dict[str, str]:
        return history

    @pytest.fixture(autouse=True)
    def built(self, project: Any, db: Database) -> None:
        for name, kind in db.relations().items():
            db.run(f"drop {kind} {{s}}.`{name}`")
        run_dbt(["build"])

    def rerun(self, db: Database, value: int) -> None:
        run_dbt(["build", "--vars", f"{{value: {value}}}"])

        assert db.relations() == RELATIONS
        assert db.rows("select id, value from {s}.a_table") == [(1, value)]
        assert db.rows("select id, value from {s}.an_increment") == [(1, value)]
        assert db.rows("select id, value from {s}.a_view") == [(1, value)]
        assert db.rows("select value from {s}.history where dbt_valid_to is null") == [(value,)]

    @pytest.mark.parametrize(
        ("model", "flags"),
        [("a_table", []), ("an_increment", ["--full-refresh"]), ("an_increment", []), ("history", [])],
        ids=["table", "full_refresh", "increment", "snapshot"],
    )
    def test_before_the_change(
        self, db: Database, start: Callable[..., DbtProcess], connect: Any, model: str, flags: list[str]
    ) -> None:
        """A writer locks the table, so that the staging table is complete and the RENAME or the DML waits."""
        holder: pymysql.Connection = connect()
        with holder.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"update `{db.schema}`.{model} set value = 0")
            process = start("build", "--select", model, "--vars", "{value: 2}", *flags)
            staged = f"{model}__dbt_tmp"
            until(lambda: staged in db.relations() and db.running(db.schema, staged))
            process.kill()
            cursor.execute("rollback")
        holder.close()
        until(lambda: not db.running(db.schema))

        assert db.rows(f"select value from {{s}}.{model}")[0] in [(1,), (2,)]
        self.rerun(db, 3)

    # no statement can be made to wait at these moments, so the test makes the schema look as it does then
    @pytest.mark.parametrize("both", [False, True], ids=["renamed_away", "before_drop"])
    def test_leftover_backup(self, db: Database, both: bool) -> None:
        for name, kind in RELATIONS.items():
            db.run(f"rename table {{s}}.{name} to {{s}}.{name}__dbt_backup")
            if both:
                db.run(f"create {kind} {{s}}.{name} as select * from {{s}}.{name}__dbt_backup")
                db.run(f"create {kind} {{s}}.{name}__dbt_tmp as select 7 as id")

        self.rerun(db, 3)
        assert db.value("select count(*) from {s}.history") == 2  # the history from before is there

    def test_at_any_moment(self, db: Database, start: Callable[..., DbtProcess]) -> None:
        moments = random.Random(7)  # noqa: S311 - any moments will do, if they are the same every time
        for value in (4, 5):
            process = start("build", "--full-refresh", "--vars", f"{{value: {value}}}")
            until(lambda process=process: "START" in process.output or process.poll() is not None)
            time.sleep(moments.uniform(0.0, 0.3))
            process.kill()
            until(lambda: not db.running(db.schema))

        self.rerun(db, 6)
