"""dbt clone copies rows, keys, checks and comments; a clone of what the server cannot fork is a view."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from faults.rewriting import RewritingProxy
from faults.tcp_proxy import place_of
from support.outside import Database, two_targets

SCHEMA = """
models:
  - name: checked
    description: Told here
    config: {contract: {enforced: true}, persist_docs: {relation: true}}
    constraints: [{type: check, name: positive, expression: id > 0}]
    columns: [{name: id, data_type: int, constraints: [{type: primary_key}]}]
"""


LONG = "é" * 64


class Clones:
    @pytest.fixture(scope="class")
    def profiles_config_update(self, dbt_profile_target: dict[str, Any], unique_schema: str) -> dict[str, Any]:
        return two_targets(dbt_profile_target, unique_schema)

    @pytest.fixture(scope="class")
    def other(self, project: Any, db: Database, server: pymysql.Connection) -> Database:
        run_dbt(["run"])
        folder = Path(project.project_root, "state")
        folder.mkdir()
        shutil.copy(Path(project.project_root, "target", "manifest.json"), folder)
        other = Database(server, f"{db.schema}_other")
        self.clone()
        return other

    def clone(self, *more: str) -> str:
        _, output = run_dbt_and_capture(["clone", "--state", "state", "--target", "other", *more])
        return str(output)


class TestClone(Clones):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "checked.sql": "{{ config(materialized='table') }} select 1 as id",
            "odd.sql": "{{ config(materialized='incremental', alias='odd`name 😀') }} select 1 as `select`",
            "long.sql": f"{{{{ config(materialized='table', alias='{LONG}') }}}} select 2 as id",
            "looked_at.sql": "select 3 as id",
            "by_column.sql": "{{ config(materialized='table') }} select 4 as id",
            "schema.yml": SCHEMA,
        }

    def test_what_is_copied(self, db: Database, other: Database) -> None:
        assert other.relations() == db.relations()
        assert other.rows("select `select` from {s}.`odd``name 😀`") == [(1,)]
        assert other.rows("select * from {s}.looked_at") == [(3,)]
        comment = f"select table_comment from information_schema.tables where table_schema = '{other.schema}'"
        assert other.value(f"{comment} and table_name = 'checked'") == "Told here"
        for row, code in (("1", 1062), ("-1", 3819)):
            with pytest.raises(pymysql.MySQLError) as refused:
                other.run(f"insert into {{s}}.checked values ({row})")
            assert refused.value.args[0] == code
        other.run("insert into {s}.checked values (9)")
        assert db.rows("select id from {s}.checked") == [(1,)]

    def test_again(self, db: Database, other: Database) -> None:
        other.run("update {s}.by_column set id = 5")
        self.clone()
        assert other.rows("select id from {s}.by_column") == [(5,)]

        # replaces a table with a child, a view, and a table by a view
        other.run(
            "create table {s}.child (id int, constraint its_key foreign key (id) references {s}.checked (id))",
            "insert into {s}.child values (1)",
            "drop table {s}.by_column",
            "create view {s}.by_column as select 6 as id",
            "drop view {s}.looked_at",
            "create table {s}.looked_at as select 7 as id",
        )
        self.clone("--full-refresh")
        child = other.relations().pop("child")
        assert child == "table"
        assert {name: kind for name, kind in other.relations().items() if name != "child"} == db.relations()
        assert other.rows("select id from {s}.by_column") == [(4,)]
        assert other.rows("select id from {s}.looked_at") == [(3,)]
        assert other.rows(f"select id from {{s}}.{LONG}") == [(2,)]
        with pytest.raises(pymysql.err.IntegrityError):
            other.run("insert into {s}.child values (7)")

    def test_what_the_server_cannot_fork(self, db: Database, other: Database) -> None:
        db.run("drop table {s}.by_column")
        try:
            db.run("create table {s}.by_column (id int) with column group (each column) as select 4 as id")
        except pymysql.err.ProgrammingError:
            # a kernel without column groups: a table with a global index cannot be forked either
            db.run(
                "create table {s}.by_column (id int, g int, index i (g) global partition by hash (g) partitions 2) "
                "partition by hash (id) partitions 2 as select 4 as id, 1 as g"
            )
        for _ in range(2):
            output = self.clone("--full-refresh")

            becomes = f"becomes a view of `{db.schema}`."
            assert f"{becomes}`by_column`, since the server cannot fork it: fork table on " in output
            assert f"{becomes}`looked_at`, since that is no table\n" in output
            assert other.relations()["by_column"] == "view"
            assert other.rows("select id from {s}.by_column") == [(4,)]

    def test_a_missing_original_is_an_error(self, db: Database, other: Database) -> None:
        db.run("drop table {s}.by_column")
        _, output = run_dbt_and_capture(
            ["clone", "--state", "state", "--target", "other", "--full-refresh", "--select", "by_column"],
            expect_pass=False,
        )

        assert "does not exist" in output
        assert "by_column" in other.relations()


class TestServerWithoutFork(Clones):
    """The server gets a FORK TABLE that it cannot parse, as a server of an earlier version would."""

    @pytest.fixture(scope="class")
    def front(self, server_profile: dict[str, Any]) -> Iterator[RewritingProxy]:
        with RewritingProxy(place_of(server_profile), "fork table", "frok table") as proxy:
            yield proxy

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], front: RewritingProxy) -> dict[str, Any]:
        target = {"type": "oceanbase", "threads": 4, **server_profile, **front.profile}
        return {name: value for name, value in target.items() if name != "unix_socket"}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        table = "{{ config(materialized='table') }} select 1 as id"
        return {"a_table.sql": table, "Cased.sql": table, "LookedAt.sql": "select 2 as id"}

    def test_it_becomes_a_view(self, project: Any, front: RewritingProxy, db: Database, other: Database) -> None:
        assert other.relations() == dict.fromkeys(db.relations(), "view")
        other.run("drop view {s}.a_table", "create table {s}.a_table as select 0 as id")
        output = self.clone("--full-refresh")

        assert front.rewritten == 4
        becomes = f"clone: `{other.schema}`.`a_table` becomes a view of `{db.schema}`.`a_table`"
        lacking = r"OceanBase [\d.]+, seekdb [\d.]+ has no FORK TABLE; seekdb 1.3 and 1.4 have it"
        assert re.search(f"{becomes}, since {lacking}", output)
        assert other.relations() == dict.fromkeys(db.relations(), "view")
        assert other.rows("select id from {s}.a_table") == [(1,)]

    def test_a_clone_onto_itself_changes_nothing(self, db: Database, other: Database) -> None:
        """The server may write the names of the models in lower case."""
        before = db.relations()
        _, output = run_dbt_and_capture(["--debug", "clone", "--state", "state", "--full-refresh"])

        assert output.count("Target relation and defer relation are the same") == 3
        assert db.relations() == before
        assert db.rows("select id from {s}.Cased") == [(1,)]
        assert db.rows("select id from {s}.LookedAt") == [(2,)]
