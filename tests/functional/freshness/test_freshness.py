"""Freshness of sources: from a column, from a query, and from the server's own record of changes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

LATE = {"error_after": {"count": 1, "period": "hour"}}
TABLES: dict[str, dict[str, Any]] = {
    "by_column": {"config": {"loaded_at_field": "loaded"}},
    "by_filtered": {
        "identifier": "by_column",
        "config": {"loaded_at_field": "loaded", "freshness": {**LATE, "filter": "id = 1"}},
    },
    "by_query": {
        "identifier": "by_column",
        "config": {"loaded_at_query": "select min(loaded) from {{ this }}; -- the oldest", "freshness": LATE},
    },
    "by_cast": {
        "identifier": "by_column",
        "config": {"loaded_at_field": "loaded::timestamp", "freshness": {**LATE, "filter": "id || '' = '1'"}},
    },
    # a condition that holds for all rows, since it is "id is not 0, or '' = '1'"
    "by_or": {
        "identifier": "by_column",
        "config": {
            "loaded_at_field": "loaded",
            "double_pipe": "or",
            "freshness": {**LATE, "filter": "id || '' = '1'"},
        },
    },
    # local times of +08:00, two hours old
    "by_local": {"config": {"loaded_at_field": "loaded"}},
    "by_converted": {
        "identifier": "by_local",
        "config": {"loaded_at_field": "convert_tz(loaded, '+08:00', '+00:00')"},
    },
    "written": {},
    "Rewritten": {},
    "without_rows": {},
    "odd": {"identifier": "it's `odd`; x"},
    "a_view": {},
    "missing": {},
    "unasked": {"config": {"freshness": None}},
}


def source(**tables: dict[str, Any]) -> str:
    """Return the text of a file with one source."""
    listed = [{"name": name, **table} for name, table in tables.items()]
    return json.dumps(
        {"sources": [{"name": "raw", "schema": "{{ target.schema }}", "config": {"freshness": LATE}, "tables": listed}]}
    )


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """Return the test database through a connection that dbt does not use."""
    return Database(server, project.test_schema)


class TestFreshness:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"sources.yml": source(**TABLES)}

    @pytest.fixture(scope="class")
    def results(self, project: Any, db: Database) -> dict[str, Any]:
        db.run(
            "create table {s}.by_column (id int, loaded datetime)",
            "insert into {s}.by_column values (1, '2020-01-02 03:04:05'), (2, utc_timestamp())",
            "create table {s}.by_local as "
            "select convert_tz(utc_timestamp() - interval 2 hour, '+00:00', '+08:00') as loaded",
            "create table {s}.written (id int)",
            "insert into {s}.written values (1), (2)",
            "delete from {s}.written where id = 1",
            "create table {s}.rewritten as select * from {s}.written",
            "create table {s}.without_rows (id int)",
            "create table {s}.`it's ``odd``; x` (id int primary key) partition by hash(id) partitions 2",
            "insert into {s}.`it's ``odd``; x` values (1), (2)",
            "create view {s}.a_view as select * from {s}.written",
        )
        results = run_dbt(["source", "freshness"], expect_pass=False).results
        return {result.node.name: result for result in results}

    def test_from_a_column_and_from_a_query(self, results: dict[str, Any]) -> None:
        for name in ("by_column", "by_or"):
            assert results[name].status == "pass", name
        for name in ("by_filtered", "by_cast", "by_query"):
            assert results[name].status == "error", name
            assert results[name].max_loaded_at == dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=dt.timezone.utc), name

    def test_local_times(self, results: dict[str, Any]) -> None:
        assert (results["by_local"].status, results["by_converted"].status) == ("pass", "error")

    def test_from_the_rows(self, results: dict[str, Any]) -> None:
        for name in ("written", "Rewritten", "odd"):
            result = results[name]
            assert result.status == "pass", name
            age = result.snapshotted_at - result.max_loaded_at
            assert dt.timedelta(0) <= age < dt.timedelta(minutes=10), name

    def test_no_rows_are_infinitely_old(self, results: dict[str, Any]) -> None:
        assert results["without_rows"].status == "error"
        assert results["without_rows"].max_loaded_at.year == 1

    @pytest.mark.parametrize(
        ("name", "says"), [("a_view", "it is a view"), ("missing", "there is no such table")], ids=["view", "missing"]
    )
    def test_a_relation_without_own_rows_is_refused(self, results: dict[str, Any], name: str, says: str) -> None:
        assert results[name].status == "runtime error"
        assert says in results[name].message
        assert "loaded_at_field or loaded_at_query" in results[name].message

    def test_sources_without_freshness_are_not_queried(self, results: dict[str, Any]) -> None:
        assert "unasked" not in results

    def test_one_statement_for_all_tables(self, project: Any, results: dict[str, Any], logs_dir: str) -> None:
        log = (Path(logs_dir) / "dbt.log").read_text()
        asked = log.count("max(ora_rowscn) div 1000")

        assert asked == len(["written", "Rewritten", "without_rows", "odd"])


class TestExternalTable:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"sources.yml": source(outside={})}

    def test_refused(self, project: Any, db: Database, tmp_path: Path) -> None:
        try:
            db.run(
                f"create external table {{s}}.outside (a int) location='file://{tmp_path}/' "
                "format=(type='csv') pattern='.*'"
            )
        except pymysql.err.ProgrammingError as error:
            assert error.args[0] == 1064  # noqa: PT017 # a kernel without external tables
            expected = "there is no such table"
        else:
            expected = "it is an external table"

        results = run_dbt(["source", "freshness"], expect_pass=False)

        assert expected in results.results[0].message
