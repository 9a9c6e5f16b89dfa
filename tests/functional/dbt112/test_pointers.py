"""The pointer to the latest version of a model: a view with the model's name, which replaces a relation of any type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture, write_file
from support.outside import Database, change_account

YML = """
models:
  - name: dim
    description: a dimension
    latest_version: {latest}
    config:
      latest_version_pointer: {{enabled: true{more}}}
      persist_docs: {{relation: true, columns: true}}
      grants: {{select: ["{{{{ env_var('READER') }}}}"]}}
      contract: {{enforced: true}}
      post_hook: "insert into {{{{ target.schema }}}}.hooked values ('{{{{ this.identifier }}}}')"
    columns:
      - {{name: id, data_type: int, description: the key, constraints: [{{type: not_null}}]}}
      - {{name: name, data_type: varchar(20)}}
    versions: [{{v: 1}}, {{v: 2}}]
"""
OTHERS = """
models:
  - name: grown
    latest_version: 1
    config: {materialized: incremental, unique_key: id, latest_version_pointer: {enabled: true}}
    versions: [{v: 1}]
  - name: batched
    latest_version: 1
    config:
      {materialized: incremental, incremental_strategy: microbatch, event_time: at, begin: '2026-01-01',
       batch_size: day, latest_version_pointer: {alias: newest_batches, enabled: true}}
    versions: [{v: 1}]
"""
DIM_2 = "{{ config(materialized=var('kind', 'table')) }} select 2 as id, 'two' as name"


class TestPointers:
    @pytest.fixture(scope="class")
    def reader(self, server: pymysql.Connection, unique_schema: str) -> Iterator[str]:
        name = f"r_{unique_schema[4:20]}"
        with server.cursor() as cursor, pytest.MonkeyPatch.context() as patch:
            change_account(cursor, f"create user if not exists {name}")
            patch.setenv("READER", name)
            yield name
            change_account(cursor, f"drop user if exists {name}")

    @pytest.fixture(scope="class")
    def models(self, reader: str) -> dict[str, str]:
        return {
            "dim_v1.sql": "{{ config(materialized='table') }} select 1 as id, 'one' as name",
            "dim_v2.sql": DIM_2,
            "dim.yml": YML.format(latest=2, more=""),
            "grown_v1.sql": "select 1 as id",
            "events.sql": "{{ config(event_time='at') }} select 1 as id, cast('2026-01-01 12:00:00' as datetime) as at",
            "batched_v1.sql": "select * from {{ ref('events') }}",
            "others.yml": OTHERS,
        }

    @pytest.fixture(scope="class", autouse=True)
    def hooked(self, project: Any, db: Database) -> None:
        db.run("create table {s}.hooked (name varchar(64))")

    def granted(self, db: Database, reader: str) -> set[str]:
        found = db.rows(
            "select table_name from information_schema.table_privileges "
            f"where table_schema = '{db.schema}' and grantee like '%{reader}%'"
        )
        return {name for (name,) in found}

    def test_it_replaces_a_table(self, project: Any, db: Database, reader: str) -> None:
        db.run("create table {s}.dim as select 0 as old", "insert into {s}.dim values (1)")
        for kind in ("table", "view", "table"):
            run_dbt(["run", "--select", "dim", "--vars", f"kind: {kind}"])
            assert db.relations() == {"hooked": "table", "dim_v1": "table", "dim_v2": kind, "dim": "view"}
            assert db.rows("select * from {s}.dim") == [(2, "two")]

        assert self.granted(db, reader) == {"dim", "dim_v1", "dim_v2"}
        assert db.value("select count(*) from {s}.hooked where name = 'dim'") == 0
        write_file(YML.format(latest=1, more=""), project.project_root, "models", "dim.yml")
        run_dbt(["run", "--select", "dim"])
        assert db.rows("select * from {s}.dim") == [(1, "one")]
        write_file(YML.format(latest=2, more=""), project.project_root, "models", "dim.yml")

    def test_it_does_not_replace_a_table_that_foreign_keys_refer_to(self, project: Any, db: Database) -> None:
        db.run(
            "drop view if exists {s}.dim",
            "create table {s}.dim (id int primary key)",
            "create table {s}.child (id int, constraint to_dim foreign key (id) references {s}.dim (id))",
        )
        _, output = run_dbt_and_capture(["run", "--select", "dim"], expect_pass=False)

        assert "cannot become a view, since foreign keys refer to it: to_dim" in output
        assert db.relations()["dim"] == "table"
        db.run("drop table {s}.child", "drop table {s}.dim")

    @pytest.mark.parametrize("kind", ["table", "view"])
    def test_it_is_refused_under_the_name_of_the_version(self, project: Any, db: Database, kind: str) -> None:
        run_dbt(["run", "--select", "dim", "--vars", f"kind: {kind}"])
        write_file(YML.format(latest=2, more=", alias: DIM_V2"), project.project_root, "models", "dim.yml")
        try:
            for arguments in ([], ["--full-refresh"]):
                _, output = run_dbt_and_capture(
                    ["run", "--select", "dim", "--vars", f"kind: {kind}", *arguments], expect_pass=False
                )
                assert "`DIM_V2` would read from itself" in output
                assert db.relations()["dim_v2"] == kind
                assert db.rows("select * from {s}.dim_v2") == [(2, "two")]
        finally:
            write_file(YML.format(latest=2, more=""), project.project_root, "models", "dim.yml")

    def test_it_works_with_incremental_models(self, project: Any, db: Database) -> None:
        for _ in range(2):
            run_dbt(
                [
                    "run",
                    "--select",
                    "grown",
                    "events",
                    "batched",
                    "--event-time-start",
                    "2026-01-01",
                    "--event-time-end",
                    "2026-01-03",
                ]
            )
            assert db.rows("select * from {s}.grown") == [(1,)]
            assert db.value("select count(*) from {s}.newest_batches") == 1

        assert {db.relations()[name] for name in ("grown", "newest_batches")} == {"view"}
        assert {db.relations()[name] for name in ("grown_v1", "batched_v1")} == {"table"}
