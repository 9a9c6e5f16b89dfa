"""The statements that each kind of node sends, exactly and in order: docs/statements.md is what is expected."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, write_file
from support.outside import change_account, two_targets
from support.recorder import Recorder

from dbt.adapters.oceanbase.connect.options import SessionOptions
from dbt.adapters.oceanbase.connect.session.settings import settings_statement

PAGE = Path(__file__).parents[3] / "docs" / "statements.md"
_NULLABLE = re.compile(
    r"select dbt_rows\.\* from \(select 1\) as dbt_one left join \(\( (.*) \) as dbt_rows "
    r"join \(select 1 as here\) as dbt_mark\) on true where dbt_mark\.here = 1$"
)
_SECTION = re.compile(r"^### (?P<title>.+?)\n(?P<body>.*?)^```sql\n(?P<sql>.*?)^```", re.M | re.S)

MODELS = {
    "a_view.sql": "{{ config(materialized='view') }} select 1 as id",
    "a_table.sql": "{{ config(materialized='table') }} select 1 as id",
    "an_increment.sql": "{{ config(materialized='incremental', unique_key='id') }} select 1 as id, 'a' as word",
    "an_append.sql": "{{ config(materialized='incremental') }} select 1 as id",
    "an_indexed.sql": (
        "{{ config(materialized='incremental', indexes=[{'columns': ['id'], 'name': 'by_id'}]) }} select 1 as id"
    ),
    "a_divided.sql": (
        "{{ config(materialized='incremental', partition_by={'column': 'at', 'every': 'year', 'from': '2020-01-01', "
        "'retention': 500}) }} select cast('2020-01-01' as datetime) as at"
    ),
    "a_merge.sql": (
        "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }} "
        "select 1 as id, 'a' as word"
    ),
    "an_overwrite.sql": (
        "{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }} select 1 as id"
    ),
    "a_batch.sql": (
        "{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', "
        "begin='2026-01-01') }} select 1 as id, cast('2026-01-01' as datetime) as at"
    ),
    "a_described.sql": (
        "{{ config(materialized='table', persist_docs={'relation': true, 'columns': true}, "
        "grants={'select': ['reader']}) }} select 1 as id"
    ),
    "a_commented.sql": (
        "{{ config(materialized='incremental', persist_docs={'relation': true, 'columns': true}) }} select 1 as id"
    ),
    "schema.yml": """
sources:
  - name: raw
    schema: "{{ target.schema }}"
    config: {freshness: {error_after: {count: 1, period: day}}}
    tables:
      - {name: by_field, identifier: loads, config: {loaded_at_field: loaded}}
      - {name: by_query, identifier: loads, config: {loaded_at_query: "select max(loaded) from {{ this }}"}}
      - {name: one, identifier: loads}
      - {name: two, identifier: more_loads}
models:
  - name: a_described
    description: A table
    columns: [{name: id, description: Its key}]
  - name: a_commented
    description: A table
    columns: [{name: id, description: Its key}]
  - name: a_table
    columns: [{name: id, data_tests: [not_null]}]
unit_tests:
  - name: a_unit_test
    model: a_table
    given: []
    expect: {rows: [{id: 1}]}
""",
}
SNAPSHOTS = {
    "a_history.sql": """
{% snapshot a_history %}
{{ config(unique_key='id', strategy='timestamp', updated_at='changed') }}
select 1 as id, cast('2026-01-01' as datetime) as changed
{% endsnapshot %}
""",
    "a_check.sql": """
{% snapshot a_check %}
{{ config(unique_key='id', strategy='check', check_cols='all', hard_deletes='invalidate') }}
select 1 as id, 'a' as word
{% endsnapshot %}
""",
}

FUNCTIONS = {
    "doubled.sql": "n * 2",
    "doubled.yml": "functions: [{name: doubled, arguments: [{name: n, data_type: int}], returns: {data_type: int}}]",
}


def flat(text: str) -> str:
    """Return a statement on one line, as on the page."""
    return " ".join(text.split())


def listed(statements: list[str]) -> list[str]:
    """Return statements with a placeholder for the query of a schema's relations, which differs by server."""
    found = (re.match(r"select table_schema, table_name, case .*? where table_schema = '(\w+)'", s) for s in statements)
    return [f"list <relations of {m[1]}>" if m else sql for m, sql in zip(found, statements, strict=True)]


def expected() -> dict[str, list[str]]:
    """Return the page's lists by title."""
    return {
        match["title"]: [flat(part) for part in match["sql"].split(";\n") if part.strip()]
        for match in _SECTION.finditer(PAGE.read_text())
    }


@pytest.fixture(scope="class")
def dbt_profile_target(recorded_target: dict[str, Any]) -> dict[str, Any]:
    return {**recorded_target, "connection_mode": "new"}


@pytest.mark.takes(40)
class TestStatements:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return SNAPSHOTS

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"a_seed.csv": "id,word\n1,a\n2,b\n"}

    @pytest.fixture(scope="class")
    def functions(self) -> dict[str, str]:
        return FUNCTIONS

    @pytest.fixture(scope="class")
    def profiles_config_update(self, dbt_profile_target: dict[str, Any], unique_schema: str) -> dict[str, Any]:
        return two_targets(dbt_profile_target, unique_schema)

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"query-comment": ""}

    @pytest.fixture(scope="class", autouse=True)
    def reader(self, server: Any) -> Iterator[None]:
        with server.cursor() as cursor:
            change_account(cursor, "create user if not exists reader")
            yield
            change_account(cursor, "drop user if exists reader")

    @pytest.fixture
    def sent(self, project: Any, recorder: Recorder) -> Any:
        """Run dbt on one node and give what its own connection sent."""

        def run(*arguments: str) -> list[str]:
            recorder.clear()
            run_dbt(list(arguments))
            return [self.plain(statement, project) for statement in recorder.connections[-1] if statement != "<quit>"]

        return run

    def plain(self, statement: str, project: Any) -> str:
        session = settings_statement(SessionOptions())
        text = flat(statement).replace(flat(session), "set <session>").replace(project.test_schema, "analytics")
        text = _NULLABLE.sub(r"nullable (\1)", text)
        text = re.sub(r"^explain format=json with snapshot_query .*", "explain format=json <the changes>", text)
        text = re.sub(r"'dbt run [0-9a-f-]{36}'", "'dbt run <run>'", text)
        return re.sub(r"'20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d+'", "'<now>'", text)

    CASES = {
        "view": ("run", "--select", "a_view"),
        "table": ("run", "--select", "a_table"),
        "incremental with a unique key": ("run", "--select", "an_increment"),
        "incremental without one": ("run", "--select", "an_append"),
        "incremental with indexes": ("run", "--select", "an_indexed"),
        "incremental with comments": ("run", "--select", "a_commented"),
        "table with comments and grants": ("run", "--select", "a_described"),
        "seed": ("seed", "--select", "a_seed"),
        "function": ("build", "--select", "doubled"),
        "snapshot by timestamp": ("snapshot", "--select", "a_history"),
        "snapshot by check, deletes invalidated": ("snapshot", "--select", "a_check"),
    }

    @pytest.mark.parametrize("kind", CASES)
    def test_node(self, sent: Any, kind: str) -> None:
        page = expected()
        assert sent(*self.CASES[kind]) == page[f"{kind}: new"]
        assert sent(*self.CASES[kind]) == page[f"{kind}: again"]

    @pytest.mark.parametrize(("name", "old", "new"), [("a_history", "01-01", "01-02"), ("a_check", "'a'", "'b'")])
    def test_changed_snapshot(self, sent: Any, project: Any, name: str, old: str, new: str) -> None:
        command, kind = ("snapshot", "--select", name), "timestamp" if name == "a_history" else "check"
        sent(*command)
        write_file(SNAPSHOTS[f"{name}.sql"].replace(old, new), project.project_root, "snapshots", f"{name}.sql")
        found = sent(*command)
        write_file(SNAPSHOTS[f"{name}.sql"], project.project_root, "snapshots", f"{name}.sql")
        title = next(title for title in expected() if title.startswith(f"snapshot by {kind}") and "changed" in title)
        assert found == expected()[title]

    def test_partitions_by_a_rule(self, sent: Any) -> None:
        """The first run is not compared, because its partitions reach into the year in which the test runs."""
        sent("run", "--select", "a_divided")
        assert sent("run", "--select", "a_divided") == expected()["incremental with partitions by a rule: again"]

    BATCH = ("--event-time-start", "2026-01-01", "--event-time-end", "2026-01-02")

    def test_merge(self, sent: Any, project: Any) -> None:
        sent("run", "--select", "a_merge")
        assert sent("run", "--select", "a_merge") == expected()["merge by a join: again"]
        project.run_sql("alter table a_merge add primary key (id)")
        assert sent("run", "--select", "a_merge") == expected()["merge by the index of the key: again"]

    def test_overwrite(self, sent: Any, project: Any) -> None:
        sent("run", "--select", "an_overwrite")
        try:
            project.run_sql("explain insert overwrite an_overwrite select * from an_overwrite")
            title = "insert_overwrite: again"
        except pymysql.err.ProgrammingError:
            title = "insert_overwrite: again, without the statement"
        assert sent("run", "--select", "an_overwrite") == expected()[title]

    def test_microbatch(self, sent: Any) -> None:
        sent("run", "--select", "a_batch", *self.BATCH)
        assert sent("run", "--select", "a_batch", *self.BATCH) == expected()["microbatch: again"]

    CLONE = ("clone", "--full-refresh", "--state", "state", "--target", "other", "--select")

    def test_clone(self, sent: Any, project: Any) -> None:
        sent("run", "--select", "a_table", "a_view")
        state = Path(project.project_root, "state")
        state.mkdir()
        shutil.copy(Path(project.project_root, "target", "manifest.json"), state)
        page = expected()
        for name, title in (("a_table", "a table: new"), ("a_table", "a table: again"), ("a_view", "a view")):
            assert listed(sent(*self.CLONE, name)) == page[f"clone of {title}"]

    @pytest.fixture(scope="class")
    def loads(self, project: Any) -> None:
        project.run_sql(f"create table {project.test_schema}.loads as select utc_timestamp() as loaded")
        project.run_sql(f"create table {project.test_schema}.more_loads as select 1 as id")
        # the first one in a process asks the server for itself
        run_dbt(["source", "freshness", "--select", "source:raw.by_field"])

    @pytest.mark.parametrize(
        ("tables", "title"),
        [
            (["by_field"], "source freshness from a field"),
            (["by_query"], "source freshness from a query"),
            (["one", "two"], "source freshness from the rows' own times"),
        ],
        ids=["field", "query", "rows"],
    )
    def test_freshness(self, project: Any, loads: None, recorder: Recorder, tables: list[str], title: str) -> None:
        """All connections together."""
        recorder.clear()
        run_dbt(["source", "freshness", *(word for name in tables for word in ("--select", f"source:raw.{name}"))])
        sent = [self.plain(sql, project) for sql in recorder.statements if sql != "<quit>"]
        assert listed(sent) == expected()[title]

    def test_data_test(self, sent: Any) -> None:
        sent("run", "--select", "a_table")
        assert sent("test", "--select", "a_table,test_type:data") == expected()["data test"]

    def test_stored_failures(self, sent: Any) -> None:
        sent("run", "--select", "a_table")
        command = ("test", "--select", "a_table,test_type:data", "--store-failures")
        assert sent(*command) == expected()["data test with stored failures: new"]
        assert sent(*command) == expected()["data test with stored failures: again"]

    def test_unit_test(self, sent: Any) -> None:
        sent("run", "--select", "a_table")
        assert sent("test", "--select", "a_table,test_type:unit") == expected()["unit test"]

    def test_failing_increment(self, sent: Any, project: Any) -> None:
        sent("run", "--select", "an_increment", "--full-refresh")
        failing = MODELS["an_increment.sql"].replace("'a' as word", "'longer' as word")
        write_file(failing.replace("select 1", "select null"), project.project_root, "models", "an_increment.sql")
        project.run_sql("alter table an_increment modify id bigint primary key")
        found = [self.plain(statement, project) for statement in self.failed(project)]
        write_file(MODELS["an_increment.sql"], project.project_root, "models", "an_increment.sql")
        assert found == expected()["incremental that fails"]

    @pytest.fixture(autouse=True)
    def _recorder(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def failed(self, project: Any) -> list[str]:
        self.recorder.clear()
        run_dbt(["run", "--select", "an_increment"], expect_pass=False)
        return [statement for statement in self.recorder.connections[-1] if statement != "<quit>"]

    def test_around_the_nodes(self, project: Any, server: Any) -> None:
        """What a run sends once, whatever its number of nodes."""
        with server.cursor() as cursor:
            cursor.execute("select count(*) from information_schema.tables where table_name = 'DBA_MVIEWS'")
            title = "before the first node" + (", with materialized views" if cursor.fetchone()[0] else "")
        # the first command in a process asks the server for itself
        run_dbt(["run", "--select", "a_view"])
        self.recorder.clear()
        run_dbt(["run", "--select", "a_view"])
        before = [sql for connection in self.recorder.connections[:-1] for sql in connection if sql != "<quit>"]
        assert [self.plain(sql, project) for sql in before] == expected()[title]

    def test_session(self) -> None:
        assert flat(settings_statement(SessionOptions())) in flat(PAGE.read_text())
