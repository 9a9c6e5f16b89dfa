"""Materialized views: refreshes, logs, schedules, changes of query, configs and type, with the models of the docs."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from dbt_common.exceptions import DbtRuntimeError
from support import doc_page
from support.outside import Database, change_account, two_targets, until

DOCUMENTED = doc_page.files("materialized-views.md", "models")

SALES = """
{{ config(materialized=var('sales', 'incremental'), post_hook=var('hooks', []), column_groups=var('groups', none)) }}
select {{ var('id', 1) }} as id, cast('2026-01-01' as date) as day,
  cast({{ var('amount', 10) }} as decimal(10, 2)) as amount
"""

CHANGING = """
{{ config(materialized=var('kind', 'materialized_view'), **var('configs', {})) }}
select day, count(*) as orders {{ var('more', '') }} from {{ ref('sales') }} group by day
"""

TYPE_OF_CHANGING = """
-- depends_on: {{ ref('changing') }}
{{ config(materialized='table') }}
select '{{ load_relation(ref('changing')).type if execute }}' as type
"""

SCHEMA = """
version: 2
models:
  - name: sales_by_day
    description: '{{ var("text", "it''s by day") }}'
    config: {persist_docs: {relation: true, columns: true}, grants: {select: ["{{ var('reader', 'root') }}"]}}
    columns: [{name: orders, description: how many}]
"""


def run(select: str, *arguments: str, passes: bool = True, **variables: Any) -> Any:
    return run_dbt(["run", "--select", select, "--vars", json.dumps(variables), *arguments], expect_pass=passes)


class Base:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        own = {"sales.sql": SALES, "changing.sql": CHANGING, "type_of_changing.sql": TYPE_OF_CHANGING}
        return {**own, "schema.yml": SCHEMA, **DOCUMENTED}


def kind(db: Database, name: str) -> str | None:
    rows = db.rows(
        f"select object_type from oceanbase.DBA_OBJECTS where owner = '{db.schema}' and object_name = '{name}' "
        "and object_type in ('TABLE', 'VIEW', 'MATERIALIZED VIEW')"
    )
    return rows[0][0] if rows else None


def logged(db: Database, table: str = "sales") -> set[str]:
    """Return the columns in the log of a table, without those that the server adds. It is empty without a log."""
    rows = db.rows(
        "select column_name from information_schema.columns "
        f"where table_schema = '{db.schema}' and table_name = 'mlog$_{table}'"
    )
    return {name for (name,) in rows if not name.endswith("$$")}


def last_refresh(db: Database, name: str) -> str:
    return str(
        db.value(
            f"select last_refresh_type from oceanbase.DBA_MVIEWS where owner = '{db.schema}' and mview_name = '{name}'"
        )
    )


def jobs(db: Database) -> list[tuple[Any, ...]]:
    return db.rows(
        "select job_action, repeat_interval from oceanbase.DBA_SCHEDULER_JOBS "
        f"where job_name like 'MVIEW_REFRESH%' and job_action like '%{db.schema}.%'"
    )


class TestLogs(Base):
    @pytest.fixture(scope="class")
    def profiles_config_update(self, dbt_profile_target: dict[str, Any], unique_schema: str) -> dict[str, Any]:
        return two_targets(dbt_profile_target, unique_schema)

    def test_fast_refresh(self, db: Database) -> None:
        run("sales sales_by_day sales_by_month")
        assert logged(db) == {"day", "amount"}

        run("sales sales_by_day sales_by_month", id=2)
        assert last_refresh(db, "sales_by_day") == "FAST"
        assert db.rows("select orders, amount from {s}.sales_by_day") == [(2, 20)]
        assert db.value("select orders from {s}.sales_by_month") == 2

        # a second view reads another column, so the log is replaced: the first view is refreshed completely, then fast
        fast = {"refresh_method": "fast"}
        run("changing", configs=fast, more=", sum(id) as s, count(id) as c")
        assert logged(db) == {"day", "amount", "id"}
        run("sales sales_by_day", id=3)
        assert last_refresh(db, "sales_by_day") == "COMPLETE"
        run("sales sales_by_day", id=4)
        assert last_refresh(db, "sales_by_day") == "FAST"
        assert db.value("select orders from {s}.sales_by_day") == 4

        # a table that is built anew loses its log, and gets it back
        _, log = run_dbt_and_capture(["run", "--select", "sales", "--vars", '{"sales": "table"}'])
        assert "the materialized view log of" in log
        assert f"{db.schema}.sales_by_day" in log
        assert logged(db) == set()
        run("sales_by_day")
        assert db.value("select orders from {s}.sales_by_day") == 1
        assert logged(db) == {"day", "amount"}
        run("sales sales_by_day", id=2)
        assert last_refresh(db, "sales_by_day") == "FAST"
        assert db.value("select orders from {s}.sales_by_day") == 2

        # the reason for no fast refresh; the present view stays
        failed = run("changing", passes=False, configs=fast, more=", max(amount) as m, sum(id) as s")[0]
        assert "refresh_method: fast: cannot fast refresh materialized view" in failed.message
        assert db.rows("show columns from {s}.changing")[-1][0] == "c"

        # a changed type: the view is built again
        run("sales", "--full-refresh", amount="1.5", sales="table")
        db.run("alter table {s}.sales modify amount decimal(20, 4)")
        run("sales_by_day")
        assert db.value("select amount from {s}.sales_by_day") == 1.5

        # logs are dropped with the last view that needs them
        run("changing", kind="view")
        assert "day" in logged(db)
        db.run("drop materialized view {s}.sales_by_month")
        (Path(".") / "models" / "sales_by_day.sql").write_text("select day, 1 as orders from {{ ref('sales') }}")
        run("sales_by_day")
        assert kind(db, "sales_by_day") == "VIEW"
        assert logged(db) == set()

    def test_hook_that_the_log_is_in_the_way_of(self, db: Database) -> None:
        fast = {"refresh_method": "fast"}
        run("sales", "--full-refresh")
        run("changing", configs=fast)
        alter = "alter table {{ this }} modify amount decimal(20, 4)"

        failed = run("sales", passes=False, id=2, hooks=[alter])[0]
        assert "write a hook as {'sql': ..., 'transaction': false}" in failed.message
        assert db.rows("select id from {s}.sales") == [(1,)]
        assert logged(db) == {"day"}

        hooks = [{"sql": f"update {{{{ this }}}} set amount = amount + 1; {alter}", "transaction": False}]
        failed = run("sales", passes=False, id=2, hooks=hooks)[0]
        assert "write each statement as a hook of its own" in failed.message
        assert logged(db) == {"day"}

        run("sales", id=3, hooks=[{"sql": alter, "transaction": False}])
        assert db.rows("select id, amount from {s}.sales order by id") == [(1, 11), (2, 11), (3, 10)]
        assert logged(db) == set()

    def test_clone_and_a_new_column_group(self, db: Database, project: Any) -> None:
        """A table with a log is cloned as a view. The server refuses it a column group, so the log is dropped."""
        run("sales", "--full-refresh")
        run("changing", configs={"refresh_method": "fast"})
        state = Path(project.project_root, "state")
        state.mkdir()
        shutil.copy(Path(project.project_root, "target", "manifest.json"), state)
        try:
            _, log = run_dbt_and_capture(["clone", "--select", "sales", "--state", "state", "--target", "other"])
            reason = "fork table on table with materialized view log is not supported (1235)"
            assert f"becomes a view of `{db.schema}`.`sales`, since the server cannot fork it: {reason}\n" in log
            other = Database(db.connection, f"{db.schema}_other")
            assert other.relations() == {"sales": "view"}
            assert other.rows("select id from {s}.sales") == [(1,)]
            assert logged(db) == {"day"}
        finally:
            db.run(f"drop database if exists {db.schema}_other")

        words = ["run", "--select", "sales", "--vars", '{"groups": "each column", "id": 2}']
        _, log = run_dbt_and_capture(words)
        assert "the materialized view log of" in log
        assert "COLUMN GROUP" in db.rows("show create table {s}.sales")[0][1]
        assert db.rows("select id from {s}.sales order by id") == [(1,), (2,)]
        assert logged(db) == set()
        run("changing", configs={"refresh_method": "fast"})
        assert db.value("select orders from {s}.changing") == 2
        assert logged(db) == {"day"}
        run("sales", "--full-refresh")

    def test_query_timeout_ends_a_refresh(self, db: Database) -> None:
        run("sales", "--full-refresh")
        slow = ", max(sleep(id - 1)) as slept"
        run("changing", "--full-refresh", more=slow)
        failed = run("sales changing", passes=False, id=91, more=slow, configs={"query_timeout": 8})[-1]
        assert "call ran longer than query_timeout of the node (8 s)" in failed.message
        assert db.value("select orders from {s}.changing") == 1
        run("changing", "--full-refresh")

    def test_failed_view_leaves_no_logs(self, db: Database) -> None:
        run("sales", "--full-refresh")
        run("changing", kind="view")
        assert logged(db) == set()

        wrong = {"refresh_method": "fast", "indexes": [{"columns": ["nowhere"]}]}
        run("changing", passes=False, configs=wrong)
        assert kind(db, "changing") == "VIEW"
        assert logged(db) == set()

    @pytest.fixture
    def reader(self, server: pymysql.Connection, unique_schema: str) -> Iterator[str]:
        """Return the name of a user without any right."""
        name = f"r_{unique_schema[4:20]}"
        with server.cursor() as cursor:
            change_account(cursor, f"create user if not exists {name}")
            yield name
            change_account(cursor, f"drop user if exists {name}")

    def test_grants_comments_and_catalog(
        self, db: Database, reader: str, connect: Callable[..., pymysql.Connection]
    ) -> None:
        (Path(".") / "models" / "sales_by_day.sql").write_text(DOCUMENTED["sales_by_day.sql"])
        container = f"select container_name from oceanbase.DBA_MVIEWS where owner = '{db.schema}'"
        db.run("drop view if exists {s}.sales_by_day")
        containers = []
        for flags in ((), (), ("--full-refresh",)):  # a new view, a refresh, a view that is built aside
            run("sales sales_by_day", *flags, reader=reader, id=len(containers) + 1)
            containers.append(db.value(f"{container} and mview_name = 'sales_by_day'"))
            with connect(user=reader) as connection:
                as_reader = Database(connection, db.schema)
                rows = db.value("select count(*) from {s}.sales")
                assert as_reader.value("select orders from {s}.sales_by_day") == rows
                with pytest.raises(pymysql.MySQLError, match="denied"):
                    as_reader.rows("select 1 from {s}.sales")
        assert containers[0] == containers[1] != containers[2]

        run("sales sales_by_day", reader=reader, id=4, text="one row a day")
        assert db.value(f"{container} and mview_name = 'sales_by_day'") == containers[2]
        documented = ["docs", "generate", "--select", "sales_by_day", "sales"]
        assert run_dbt(documented).nodes["model.test.sales_by_day"].metadata.comment == "one row a day"
        run("sales_by_day", reader=reader)

        entry = run_dbt(documented).nodes["model.test.sales_by_day"]
        assert entry.metadata.type == "MATERIALIZED VIEW"
        assert entry.metadata.comment == "it's by day"
        assert entry.columns["orders"].comment == "how many"
        assert "orders" in entry.columns


class TestChanges(Base):
    def test_schedule(self, db: Database) -> None:
        run("sales sales_total")
        assert jobs(db) == [
            (f"DBMS_MVIEW.refresh('{db.schema}.sales_total',nested=>FALSE)", "sysdate() + interval 1 day")
        ]
        run("sales_total", "--full-refresh")
        assert jobs(db) == [
            (f"DBMS_MVIEW.refresh('{db.schema}.sales_total',nested=>FALSE)", "sysdate() + interval 1 day")
        ]
        assert db.rows("show index from {s}.sales_total")[0][2] == "PRIMARY"
        self.check_list(db)

        (Path(".") / "models" / "sales_total.sql").write_text(DOCUMENTED["sales_total.sql"].replace("1 day", "2 hour"))
        run("sales_total")
        assert [interval for _, interval in jobs(db)] == ["sysdate() + interval 2 hour"]

        following = "now() + interval '1' day"
        text = DOCUMENTED["sales_total.sql"].replace("'1 day'", f'"{following}"')
        (Path(".") / "models" / "sales_total.sql").write_text(text)
        for is_changed in (True, False):
            _, log = run_dbt_and_capture(["--debug", "run", "--select", "sales_total"])
            assert ("Applying ALTER to" in log) == is_changed
            assert [interval for _, interval in jobs(db)] == [following]

        text = DOCUMENTED["sales_total.sql"].replace("refresh_start='1 hour', refresh_next='1 day',", "")
        (Path(".") / "models" / "sales_total.sql").write_text(text)
        run("sales_total")
        assert jobs(db) == []

        (Path(".") / "models" / "sales_total.sql").write_text(DOCUMENTED["sales_total.sql"])
        run("sales_total")
        assert len(jobs(db)) == 1
        (Path(".") / "models" / "sales_total.sql").write_text("select * from {{ ref('sales') }}")
        run("sales_total")
        assert jobs(db) == []

    def check_list(self, db: Database) -> None:
        """The operation lists the refresh of ``sales_total``, the next one, and the error of one that has failed."""
        schedule = "alter materialized view {s}.sales_total refresh start with sysdate() next sysdate() + interval "
        failed = (
            "select 1 from oceanbase.DBA_SCHEDULER_JOB_RUN_DETAILS where code <> 0 and message like '%{}.sales.day%'"
        )
        db.run("alter table {s}.sales rename column day to night", f"{schedule} 1 second")
        until(lambda: db.rows(failed.format(db.schema)))

        for arguments in ({}, {"schema": db.schema}):
            words = ["run-operation", "oceanbase__list_refreshes", "--args", json.dumps(arguments)]
            _, log = run_dbt_and_capture(words)
            at = r"at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
            expected = (
                f"`{db.schema}`.`sales_total` (complete): 1 rows; complete refresh AT in N s; data as of N s ago; "
                f"next AT; last error AT: Unknown column '{db.schema}.sales.day' in 'field list'"
            )
            found = re.search(re.escape(expected).replace("AT", at).replace("N", r"(\d+)"), log)
            assert found is not None, log
            assert int(found[2]) < 3600
            assert "1 materialized views" in log
        db.run(f"{schedule} 1 day", "alter table {s}.sales rename column night to day")

    def test_query_configs_and_types(self, db: Database) -> None:
        run("sales changing", "--full-refresh")
        container = "select container_name from oceanbase.DBA_MVIEWS where owner = '{}' and mview_name = 'changing'"
        before = db.value(container.format(db.schema))
        run("sales changing", id=2)
        assert db.value(container.format(db.schema)) == before
        assert db.value("select orders from {s}.changing") == 2

        run("changing", configs={"indexes": [{"columns": ["orders"], "name": "by_orders"}]})
        assert db.value(container.format(db.schema)) == before
        assert "by_orders" in {row[2] for row in db.rows("show index from {s}.changing")}

        run("changing", more=", max(amount) as most")
        assert db.value(container.format(db.schema)) != before
        assert db.value("select most from {s}.changing") == 10

        design = {
            "partition_by": {"type": "hash", "column": "orders", "count": 3},
            "column_groups": "each column",
            "table_options": {"block_size": 32768},
        }
        run("changing", configs=design)
        divided = db.value(container.format(db.schema))
        text = db.rows("show create table {s}.changing")[0][1]
        assert "BLOCK_SIZE = 32768" in text
        assert "WITH COLUMN GROUP(each column)" in text
        count = "select count(*) from information_schema.partitions where table_schema = '{}' and table_name = '{}'"
        assert db.value(count.format(db.schema, divided)) == 3
        run("changing", configs=design)
        assert db.value(container.format(db.schema)) == divided
        run("changing", configs={**design, "partition_by": {"type": "hash", "column": "orders", "count": 2}})
        assert db.value(count.format(db.schema, db.value(container.format(db.schema)))) == 2

        pipes = ", max('1' || '2') as pair"
        for meaning, value in (("or", 1), ("concat", "12")):
            run("changing", more=pipes, configs={"double_pipe": meaning})
            assert db.value("select pair from {s}.changing") == value

        rolled = {"partition_by": {"column": "day", "every": "month", "from": "2026-01-01"}}
        with pytest.raises(DbtRuntimeError, match="partition_by: every: the server adds no partitions"):
            run("changing", configs=rolled)
        element = {"indexes": [{"columns": ["cast(doc->'$.a' as unsigned array)"]}]}
        with pytest.raises(DbtRuntimeError, match="elements of a JSON array only together with its table"):
            run("changing", configs=element)
        failed = run("changing", passes=False, configs={"query_rewrite": True, "on_configuration_change": "fail"})
        assert "query_rewrite" in str(failed[0].message)
        self.check_continue(db)

        for other, expected in (("table", "TABLE"), ("incremental", "TABLE"), ("view", "VIEW")):
            for wanted, found in ((other, expected), ("materialized_view", "MATERIALIZED VIEW")):
                run("changing type_of_changing", kind=wanted)
                assert kind(db, "changing") == found
                # what dbt's cache has after the change
                assert db.value("select type from {s}.type_of_changing") == found.lower().replace(" ", "_")
                assert db.value("select orders from {s}.changing") == 2

        never = {"refresh_method": "never"}
        run("changing", configs=never)
        assert run("sales changing", id=3, configs=never)[1].adapter_response["_message"] == "OK: never refreshed"
        assert db.value("select orders from {s}.changing") == 2
        method = f"select refresh_method from oceanbase.DBA_MVIEWS where owner = '{db.schema}' "
        assert db.value(f"{method} and mview_name = 'changing'") == "NEVER"

        run("changing", "--empty")
        assert db.rows("select * from {s}.changing") == []
        run("changing")
        assert db.value("select orders from {s}.changing") == 3
        left = db.rows(f"select object_name from oceanbase.DBA_OBJECTS where owner = '{db.schema}'")
        assert not [name for (name,) in left if "__dbt_" in name]

    def check_continue(self, db: Database) -> None:
        """With ``continue``, the differences are said, and the view is neither changed nor refreshed."""

        def state() -> list[tuple[Any, ...]]:
            refreshed = f"select last_refresh_date from oceanbase.DBA_MVIEWS where owner = '{db.schema}' "
            return db.rows("show create table {s}.changing") + db.rows(refreshed + "and mview_name = 'changing'")

        before = state()
        kept = {"configs": {"query_rewrite": True, "on_configuration_change": "continue"}, "more": ", 1 as one"}
        _, log = run_dbt_and_capture(["run", "--select", "changing", "--vars", json.dumps(kept)])
        assert "`on_configuration_change` was set to `continue`" in log
        assert "the query; query_rewrite" in log
        assert state() == before

    def test_contract_of_an_existing_view(self, db: Database, project: Any) -> None:
        columns = "columns: [{name: id, data_type: bigint}, {name: amount, data_type: TYPE}]"
        schema = Path(project.project_root) / "models" / "agreed.yml"
        text = f"models: [{{name: agreed, config: {{contract: {{enforced: true}}}}, {columns}}}]"
        model = "{{ config(materialized='materialized_view') }} select id, amount from {{ ref('sales') }}"
        (Path(project.project_root) / "models" / "agreed.sql").write_text(model)
        try:
            run("sales agreed", "--full-refresh")
            schema.write_text(text.replace("TYPE", "date"))
            [failed] = run("agreed", passes=False)
            assert "This model has an enforced contract that failed" in str(failed.message)
            schema.write_text(text.replace("TYPE", '"decimal(10, 2)"'))
            run("sales agreed", id=2)
            assert db.value("select max(id) from {s}.agreed") == 2
        finally:
            schema.unlink()

    def test_star_follows_the_table(self, db: Database, project: Any) -> None:
        model = Path(project.project_root) / "models" / "star.sql"
        model.write_text("{{ config(materialized='materialized_view') }} select * from {{ ref('sales') }}; -- all")
        run("sales star")
        db.run("alter table {s}.sales add column note int")
        run("star")
        assert [row[0] for row in db.rows("show columns from {s}.star")][-1] == "note"
