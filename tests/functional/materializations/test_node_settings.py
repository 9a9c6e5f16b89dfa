"""Settings of a node reach the server, on every kind of node, and end with the node; wrong ones are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
import yaml
from dbt.tests.util import run_dbt, run_dbt_and_capture
from faults.tcp_proxy import Link
from support import doc_page
from support.outside import Database, until
from support.recorder import Recorder, recording

LOOK = """
select @@group_concat_max_len as concat_length, @@_force_parallel_query_dop as dop,
  @@_force_parallel_dml_dop as dml_dop, @@_force_parallel_ddl_dop as ddl_dop, (
    select client_info from oceanbase.V$OB_PROCESSLIST where id = connection_id()) as tag
"""
CONFIGURED = {
    "query_timeout": 77,
    "session_variables": {"group_concat_max_len": 4321},
    "parallel": 2,
    "query_tag": "it's nightly",
}
SET = (4321, 2, 2, 2, "it's nightly")
NOT_SET = (4_294_967_295, 1, 1, 1, "")

HOOKED = """
{{ config(materialized='table', session_variables={'group_concat_max_len': 4321},
  pre_hook='create table {{ this.schema }}.hooked_pre as select @@group_concat_max_len as n',
  query_timeout=77, post_hook=[
    'create table {{ this.schema }}.hooked_post as select @@group_concat_max_len as n',
    'insert into {{ this.schema }}.hooked_post select @@ob_query_timeout']) }}
select 1 as id
"""
INCREMENT = """
{{ config(materialized='incremental', unique_key='id', analyze=true) }}
select id + {{ var('more', 0) }} as id, word from {{ ref('rows_1') }}
"""

ROWS = 142 * 142

SNAPSHOT = """
{% snapshot history %}
{{ config(unique_key='concat_length', strategy='check', check_cols='all') }} __LOOK__
{% endsnapshot %}
"""
SOURCE_ROWS = """
{{ config(materialized='table', parallel=2, analyze='50%') }}
with recursive n as (select 0 as id union all select id + 1 from n where id < 141)
select a.id * 142 + b.id as id, b.id % 7 as word from n a cross join n b
"""

AT_COMPILE = """
{%- set asked = run_query('select @@group_concat_max_len') if execute -%}
{{ config(materialized='table', session_variables={'group_concat_max_len': 4321}) }}
select @@group_concat_max_len as concat_length, {{ asked.rows[0][0] if asked else 0 }} as at_compile
"""

PAGE = "node-settings.md"
ON_THE_PAGE = yaml.safe_load(doc_page.files(PAGE)["dbt_project.yml"].replace("my_project", "test"))
BY_DEFAULT = [yaml.safe_load(text) for language, text in doc_page.other_blocks(PAGE) if language == "yaml"]
"""The page's configs of a folder, and its configs of all data tests and sources."""

MARTS = {
    **{name.removeprefix("marts/"): text for name, text in doc_page.files(PAGE, "models").items()},
    "seen_in_marts.sql": "{{ config(materialized='table') }}"
    + LOOK.replace("@@group_concat_max_len", "@@div_precision_increment"),
}
IS_WEAK = "{% test is_weak(model) %} select id from {{ model }} where @@ob_read_consistency <> 'WEAK' {% endtest %}"

PROPERTIES = {
    "sources": [
        {
            "name": "written",
            "schema": "{{ target.schema }}",
            "config": {
                "freshness": {"error_after": {"count": 1, "period": "day"}},
                "loaded_at_field": "cast(if(@@ob_read_consistency = 'WEAK', now(), '2020-01-01') as datetime)",
            },
            "tables": [{"name": "orders"}],
        }
    ],
    "models": [
        {
            "name": "orders",
            "data_tests": [
                {"is_weak": {"name": "by_default"}},
                {"is_weak": {"name": "not_by_default", "config": {"read_consistency": "strong", "severity": "warn"}}},
            ],
        }
    ],
    "unit_tests": [
        {
            "name": "has_the_settings_of_its_model",
            "model": "of_unit_test",
            "given": [],
            "expect": {"rows": [{"concat_length": 4321, "at_compile": 4321}]},
        }
    ],
}


class TestSettingsOfANode:
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        [by_default] = BY_DEFAULT
        assert set(by_default) == {"data_tests", "sources"}
        return {"query-comment": None, **ON_THE_PAGE, **by_default}

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"is_weak.sql": IS_WEAK}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, Any]:
        return {
            "marts": MARTS,
            "orders.sql": "{{ config(materialized='table') }} select 1 as id, 2 as customer_id",
            "customers.sql": "{{ config(materialized='table') }} select 2 as id, 'Ann' as name",
            "looked.sql": f"{{{{ config(materialized='table', **{CONFIGURED}) }}}} {LOOK}",
            "not_set.sql": f"-- depends_on: {{{{ ref('looked') }}}}\n{{{{ config(materialized='table') }}}} {LOOK}",
            "viewed.sql": "{{ config(materialized='view', parallel=2, optimizer_hints=['use_hash(b)'], "
            "analyze='false') }} select a.id from {{ ref('rows_1') }} a join {{ ref('rows_1') }} b on a.id = b.id",
            "hooked.sql": HOOKED,
            "rows_1.sql": SOURCE_ROWS,
            "rows_2.sql": "{{ config(materialized='table', analyze={'columns': ['word'], 'degree': 2}) }}"
            " select * from {{ ref('rows_1') }}",
            "grown.sql": INCREMENT,
            "of_unit_test.sql": AT_COMPILE,
            "properties.yml": yaml.safe_dump(PROPERTIES),
        }

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {
            "snapshots.sql": SNAPSHOT.replace("__LOOK__", LOOK),
            "snapshots.yml": yaml.safe_dump(
                {"snapshots": [{"name": "history", "config": {**CONFIGURED, "analyze": True}}]}
            ),
        }

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        rows = "".join(f"{number},{number % 3}\n" for number in range(100))
        hooks = ["create table if not exists {{ this.schema }}.seeded_look as select @@group_concat_max_len as n"]
        config = {"session_variables": {"group_concat_max_len": 4321}, "analyze": ["k"], "post_hook": hooks}
        config["optimizer_hints"] = []
        return {
            "seeded.csv": f"id,k\n{rows}",
            "seeds.yml": yaml.safe_dump({"seeds": [{"name": "seeded", "config": config}]}),
        }

    def test_what_the_server_sees(self, project: Any, db: Database) -> None:
        results = {result.node.name: str(result.status) for result in run_dbt(["build"])}
        assert results.pop("not_by_default") == "warn"
        assert set(results.values()) <= {"success", "pass"}

        assert db.rows("select * from {s}.looked") == [SET]
        assert db.rows("select * from {s}.not_set") == [NOT_SET]
        assert [row[: len(SET)] for row in db.rows("select * from {s}.history")] == [SET]
        for name in ("hooked_pre", "seeded_look"):
            assert db.rows(f"select n from {{s}}.{name}") == [(4321,)]
        assert db.rows("select n from {s}.hooked_post order by n") == [(4321,), (77_000_000,)]
        assert db.rows("select * from {s}.of_unit_test") == [(4321, 4321)]

    def test_the_page(self, project: Any, db: Database) -> None:
        """The models have the page's configs of their folder, and sources those of all sources."""
        assert db.rows("select * from {s}.seen_in_marts") == [(8, 8, 8, 8, "nightly marts")]
        assert db.rows("select id, name from {s}.order_names") == [(1, "Ann")]
        written = Path(project.project_root, "target", "run", "test", "models", "marts", "order_names.sql").read_text()
        assert "/*+ leading(o c) use_hash(c) */ o.id" in written
        [fresh] = run_dbt(["source", "freshness"])
        assert str(fresh.status) == "pass"

    def test_dbt_show(self, project: Any) -> None:
        [shown] = run_dbt(["show", "--select", "of_unit_test"])
        assert [tuple(row) for row in shown.agate_table.rows] == [(4321, 4321)]

    def test_hints_are_in_the_view_and_its_readers_are_parallel(self, db: Database) -> None:
        plan = "\n".join(row[0] for row in db.rows("explain select count(*) from {s}.viewed"))
        assert "dop=2" in plan
        assert "HASH JOIN" in plan

    def test_statistics(self, project: Any, db: Database) -> None:
        tables = f"from oceanbase.DBA_TAB_STATISTICS where owner = '{db.schema}' and table_name = "
        columns = f"from oceanbase.DBA_TAB_COL_STATISTICS where owner = '{db.schema}' and table_name = "
        # the server has gathered some of all columns while the table was written
        assert db.rows(f"select column_name {columns}'rows_2' order by last_analyzed desc limit 1") == [("word",)]
        assert db.rows(f"select column_name {columns}'seeded' and sample_size = 100") == [("k",)]
        assert 0 < db.value(f"select sample_size {tables}'rows_1'") < ROWS
        assert db.rows(f"select num_rows, sample_size {tables}'grown'") == [(ROWS, ROWS)]
        assert db.value(f"select num_rows {tables}'history'") == 1

        run_dbt(["run", "--select", "grown", "--vars", "more: 100"])
        run_dbt(["seed"])
        assert db.rows(f"select num_rows, sample_size {tables}'grown'") == [(ROWS + 100, ROWS + 100)]
        assert db.rows(f"select column_name {columns}'seeded' and sample_size = 100") == [("k",)]

        _, output = run_dbt_and_capture(["--debug", "snapshot"])
        assert "`history__dbt_tmp` as" not in output.lower(), "the snapshot is unchanged"
        assert "analyze table" not in output


BAD: dict[str, tuple[str, str]] = {
    "timeout_zero": ("query_timeout=0", "query_timeout must be seconds from"),
    "no_degree": ("parallel='many'", "parallel must be a whole number from 1 to 1024, not 'many'"),
    "charset": ("session_variables={'CHARACTER_SET_client': 'gbk'}", "character_set_client cannot be set for a node: "),
    "commits": ("session_variables={'autocommit': 0}", "autocommit cannot be set for a node: dbt begins and ends"),
    "pipes": ("session_variables={'sql_mode': 'PIPES_AS_CONCAT,STRICT_ALL_TABLES'}", "sql_mode with PIPES_AS_CONCAT"),
    "slashes": ("session_variables={'sql_mode': 'NO_BACKSLASH_ESCAPES'}", "NO_BACKSLASH_ESCAPES would falsify texts"),
    "lax": ("session_variables={'sql_mode': ''}", "sql_mode without STRICT_ALL_TABLES"),
    "unknown": ("session_variables={'no_such': 1}", "has no session variable no_such (1193): remove it"),
    "wrong": ("session_variables={'group_concat_max_len': 'x'}", "refused group_concat_max_len = 'x' (12"),
    "weak": ("read_consistency='weak'", "read_consistency: weak is for data tests and sources"),
    "no_group": ("resource_group='nobody'", "resource_group: "),
    "long_tag": (f"query_tag='{'x' * 65}'", "query_tag must have at most 64 characters"),
    "no_hint": ("optimizer_hints=['parallel(2) */ x']", "optimizer_hints: 'parallel(2) */ x' is not one hint"),
    "serial_load": ("direct_load=true", "direct_load: true needs parallel: 2 or more"),
    "no_columns": ("analyze={'columns': ['nobody']}", "Incorrect column name 'nobody' (1166"),
    "no_percent": ("analyze='200%'", "analyze must be true, false, a percentage such as '10%'"),
    "view_load": ("materialized='view', direct_load=true", "direct_load: it is for tables, incremental models and"),
    "view_analyze": ("materialized='view', analyze=true", "analyze: it is for tables, incremental models and"),
}
"""Configs of models that are refused, with a part of the error."""

FIELD = "cast(if(@@ob_read_consistency = 'WEAK', now(), '2020-01-01') as datetime)"
SOURCE = {
    "name": "raw",
    "schema": "{{ target.schema }}",
    "config": {"freshness": {"error_after": {"count": 1, "period": "day"}}, "loaded_at_field": FIELD},
    "tables": [
        {"name": "renewed", "config": {"read_consistency": "weak"}},
        {"name": "load"},
        {"name": "hinted", "config": {"optimizer_hints": ["no_rewrite"]}},
        {"name": "analyzed", "config": {"analyze": True}},
    ],
}

WEAK = {"read_consistency": "weak"}
STORED = {"store_failures": True}
NO_EFFECT = {
    "hinted": "optimizer_hints: it would have no effect, since a source has no query to put it in: remove it",
    "analyzed": "analyze: it is for tables, incremental models and snapshots, and seeds, and would have no effect on a "
    "source: remove it",
}
"""Sources that are refused, with the error."""

OWN_TESTS = """
{% test slow(model) %} select id from {{ model }} where sleep(100) = 0 {% endtest %}
{% test not_strong(model) %} select id from {{ model }} where @@ob_read_consistency = 'STRONG' {% endtest %}
{% test hinted(model) %} select id as hinted from {{ model }} where id < 0 {% endtest %}
"""

FAILS = (
    "{{ config(materialized='table', query_tag='t', session_variables={'div_precision_increment': 9}) }} select * from"
)


@pytest.fixture(scope="class")
def recorder(server_profile: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    with recording(tmp_path_factory.mktemp("r"), server_profile) as found:
        yield found


class TestSettingsEnd:
    """One thread, so that all nodes use the same pooled connection."""

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], recorder: Recorder) -> dict[str, Any]:
        login = {name: value for name, value in server_profile.items() if name not in ("host", "port", "unix_socket")}
        return {"type": "oceanbase", "threads": 1, **login, "unix_socket": str(recorder.path)}

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"query-comment": None}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, Any]:
        bad = {
            f"{name}.sql": "{{ config("
            + (config if "'view'" in config else f"materialized='table', {config}")
            + ") }} select 1 as id"
            for name, (config, _) in BAD.items()
        }
        look = "select @@div_precision_increment as n, client_info from oceanbase.V$OB_PROCESSLIST"
        look += " where id = connection_id()"
        return {
            "bad": bad,
            "good": {
                "a_fails.sql": f"{FAILS} no_such_table",
                "b_after.sql": "{{ config(materialized='table') }} " + look,
                "c_dirty.sql": f"{FAILS} ({look}) x".replace("query_tag", "sql_header='set @x = 1;', query_tag"),
                "d_after.sql": "{{ config(materialized='table') }} " + look,
            },
            "renewed.sql": "{{ config(materialized='table', analyze={'degree': 2}) }} select 1 as id",
            "blocked.sql": "{{ config(materialized='incremental', query_timeout=8, indexes=[{'columns': ['id'], "
            "'name': 'by_id'}]) }} select 2 as id",
            "must_load.sql": "{{ config(materialized='table', direct_load=true, parallel=2) }} select 1 as id",
            "load.sql": "{{ config(materialized='table', parallel=2) }} select 1 as id",
            "auto_load.sql": "{{ config(materialized='table', direct_load='auto', parallel=2) }}"
            " select 1 as auto_loaded",
            "slow.sql": "{{ config(materialized='table', query_timeout=8) }} select sleep(100) as id",
            "slow_test.sql": "select 1 as id",
            "properties.yml": yaml.safe_dump(
                {
                    "sources": [SOURCE],
                    "models": [
                        {
                            "name": "slow_test",
                            "data_tests": [
                                {"slow": {"config": {"query_timeout": 8}}},
                                {"not_strong": {"name": "as_table", "config": {**WEAK, **STORED}}},
                                {"hinted": {"name": "as_view", "config": {**WEAK, "store_failures_as": "view"}}},
                                {"not_strong": {"name": "not_stored", "config": WEAK}},
                            ],
                        },
                        {
                            "name": "load",
                            "data_tests": [
                                {"not_strong": {"config": {"read_consistency": "weak"}}},
                                {"hinted": {"config": {"optimizer_hints": ["parallel(3)"]}}},
                                {"hinted": {"name": "h", "config": {"optimizer_hints": "parallel(3)", **STORED}}},
                            ],
                        },
                    ],
                }
            ),
        }

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {"own_tests.sql": OWN_TESTS}

    def test_nothing_is_left_on_a_pooled_connection(self, project: Any, db: Database, recorder: Recorder) -> None:
        recorder.clear()
        results = run_dbt(["run", "--select", "path:models/good"], expect_pass=False)
        assert [result.status for result in results] == ["error", "success", "success", "success"]
        default = db.value("select @@global.div_precision_increment")
        assert db.rows("select * from {s}.b_after") == [(default, "")]
        assert db.rows("select * from {s}.c_dirty") == [(9, "t")]
        assert db.rows("select * from {s}.d_after") == [(default, "")]

        own = [text for text in recorder.statements if "div_precision_increment =" in text or "client_info(" in text]
        put = "set @dbt_oceanbase_0 = @@div_precision_increment, div_precision_increment = 9"
        tag = "call dbms_application_info.set_client_info('{}')"
        undo = "set div_precision_increment = @dbt_oceanbase_0"
        assert own == [put, tag.format("t"), undo, tag.format(""), put, tag.format("t"), tag.format("")]

    def test_a_lost_link(self, project: Any, db: Database, recorder: Recorder) -> None:
        rule = recorder.at("set @dbt_oceanbase_0", "sent", Link.reset)
        run_dbt(["run", "--select", "c_dirty"])
        rule.check()
        assert rule.hits == 1
        assert db.rows("select * from {s}.c_dirty") == [(9, "t")]

    def test_wrong_values_are_refused(self, project: Any, db: Database) -> None:
        results = run_dbt(["run", "--select", "path:models/bad"], expect_pass=False)
        for result in results:
            text = BAD[result.node.name][1]
            [line] = [line for line in result.message.splitlines() if text in line]
            assert len(line) < 300
        assert len(results) == len(BAD)

    def test_time_limits(self, project: Any, connect: Callable[..., pymysql.Connection], db: Database) -> None:
        """The server would make the index of ``blocked`` after the transaction of ``writer``, which does not end.

        It shows the index of a statement that was ended until this transaction has ended, and then drops it.
        """
        db.run("create table {s}.blocked as select 1 as id")
        selected = ["slow", "blocked", "slow_test", "--exclude", "as_table", "as_view", "not_stored"]
        with connect() as writer, writer.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"insert into `{db.schema}`.blocked values (3)")
            [blocked, table, view, test] = run_dbt(["build", "--select", *selected], expect_pass=False)
            cursor.execute("rollback")
        assert "create index ran longer than query_timeout of the node (8 s)" in blocked.message
        assert db.rows("select id from {s}.blocked") == [(1,)]
        until(lambda: "by_id" not in db.rows("show create table {s}.blocked")[0][1])
        assert "ran longer than query_timeout of the node (8 s)" in table.message
        assert view.status == "success"
        assert "(4012" in test.message

    def test_data_tests(self, project: Any, db: Database, recorder: Recorder) -> None:
        recorder.clear()
        results = run_dbt(["build", "--select", "load"])
        assert [result.status for result in results] == ["success", "pass", "pass", "pass"]
        hinted = [text for text in recorder.statements if "as hinted" in text]
        [created] = [text for text in hinted if "create table" in text]
        [asked] = [text for text in hinted if "create table" not in text]
        for query in (asked, created.partition("\n  as\n")[2] or created[created.index("select") :]):
            assert any("dop=3" in row[0] for row in db.rows(f"explain {query}"))

    def test_a_weak_read_of_what_was_just_written(self, project: Any, db: Database) -> None:
        """As a table only: a view reads rows that were there before."""
        results = run_dbt(["build", "--select", "slow_test", "--exclude", "test_name:slow"], expect_pass=False)
        found = {result.node.name: result for result in results}
        assert str(found.pop("as_table").message).endswith("remove one of them, or write read_consistency: strong")
        assert {str(result.status) for result in found.values()} == {"success", "pass"}
        found = run_dbt(["test", "--store-failures", "--select", "not_stored"], expect_pass=False)
        assert "read_consistency: weak with store_failures: " in str(found.results[0].message)

    def test_freshness(self, project: Any) -> None:
        run_dbt(["run", "--select", "renewed", "load"])
        results = run_dbt(["source", "freshness"], expect_pass=False)
        found = {result.node.name: result for result in results}
        for name, text in NO_EFFECT.items():
            assert text in str(found.pop(name).message)
        assert {name: str(result.status) for name, result in found.items()} == {"renewed": "pass", "load": "error"}

    def test_statistics_are_there_before_the_swap(self, project: Any, recorder: Recorder) -> None:
        run_dbt(["run", "--select", "renewed"])
        recorder.clear()
        run_dbt(["run", "--select", "renewed"])
        sent = [text for text in recorder.statements if text.startswith(("call", "rename", "create"))]
        assert [text.split()[0] for text in sent] == ["create", "call", "rename"]
        assert sent[1].startswith("call dbms_stats.gather_table_stats(")
        assert "degree => 2" in sent[1]

    def test_direct_load(self, project: Any, db: Database, recorder: Recorder) -> None:
        recorder.clear()
        results = {r.node.name: r for r in run_dbt(["run", "--select", "must_load", "auto_load"], expect_pass=None)}
        assert results["auto_load"].status == "success"
        has_it = bool(db.rows("show parameters like 'default_load_mode'"))
        [created] = [text for text in recorder.statements if "auto_loaded" in text]
        assert ("create /*+ direct(true, 0) */ table" in created) is has_it
        if not has_it:
            assert "direct_load: OceanBase" in results["must_load"].message
            return
        plan = (
            "select 1 from oceanbase.GV$OB_PLAN_CACHE_PLAN_STAT s join oceanbase.GV$OB_PLAN_CACHE_PLAN_EXPLAIN e "
            "on e.plan_id = s.plan_id "
            "where e.operator like '%TABLE_DIRECT_INSERT%' and s.query_sql like '%auto_loaded%'"
        )
        assert db.rows(plan)
