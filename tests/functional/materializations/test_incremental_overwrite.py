"""The strategy insert_overwrite: the rows that it replaces, with and without the server's INSERT OVERWRITE."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.increments import model, rows
from support.outside import Database

OLD, NEW = rows("1 'a'", "2 'b'", "11 'c'", "21 'd'"), rows("2 'B'", "3 'C'")
PARTITIONS = "partition by range (id) (partition p0 values less than (10), partition p1 values less than (20), " + (
    "partition p2 values less than (30))"
)
OVERWRITTEN: dict[str, tuple[str, dict[str, Any], str, list[tuple[Any, ...]], bool]] = {
    "whole": (NEW, {}, "", [(2, "B"), (3, "C")], True),
    "with_index": (NEW, {}, "add unique key (word)", [(2, "B"), (3, "C")], True),
    "nothing": (f"select * from ({NEW}) q where false", {}, "", [], True),
    "one_partition": (NEW, {"partitions": "p0"}, PARTITIONS, [(2, "B"), (3, "C"), (11, "c"), (21, "d")], True),
    "partitions": (NEW, {"partitions": ["p0", "P1"]}, PARTITIONS, [(2, "B"), (3, "C"), (21, "d")], True),
    "predicates": (
        NEW,
        {"incremental_predicates": ["id < 20", "DBT_INTERNAL_DEST.word <> 'a' or 1 = 0"]},
        "",
        [(1, "a"), (2, "B"), (3, "C"), (21, "d")],
        False,
    ),
    "predicates_in_a_partition": (
        NEW,
        {"partitions": ["p0"], "incremental_predicates": "id > 1"},
        PARTITIONS,
        [(1, "a"), (2, "B"), (3, "C"), (11, "c"), (21, "d")],
        False,
    ),
    "parent": (NEW, {}, "add primary key (id)", [(2, "B"), (3, "C")], False),
}
"""The later SELECT, configs, the ALTER after the first run, the rows then, whether INSERT OVERWRITE can do it."""

FAILING: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "outside_of_its_partition": (rows("2 'B'", "15 'x'"), {"partitions": ["p0"]}, PARTITIONS, "partition"),
    "no_such_partition": (NEW, {"partitions": ["p9"]}, PARTITIONS, "p9"),
    "doubled": (rows("1 'x'", "1 'y'"), {}, "add primary key (id)", "1062"),
}


class TestOverwrite:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        hook = {"post_hook": "insert into {{ target.schema }}.hooked select count(*) from {{ this }}"}
        hooked = {"hooked_overwrite": (NEW, hook, "", [], True)}
        overwrite = "{{ 'insert overwrite ' ~ this ~ ' select 9' if var('again', none) else '' }}"
        by_hook = '{{ config(materialized="%s", post_hook=%s) }} select 1 as id'
        outside = {"sql": overwrite, "transaction": False}
        return {
            "by_hook.sql": by_hook % ("table", f'"{overwrite}"'),
            "by_late_hook.sql": by_hook % ("incremental", f'"{overwrite}"'),
            "by_hook_outside.sql": by_hook % ("incremental", outside),
        } | {
            f"{name}.sql": model(OLD, later, incremental_strategy="insert_overwrite", **config)
            for name, (later, config, *_) in (OVERWRITTEN | FAILING | hooked).items()
        }

    @pytest.fixture(scope="class", autouse=True)
    def runs(self, project: Any, db: Database) -> dict[str, Any]:
        db.run("create table {s}.hooked (n int)")
        run_dbt(["run"])
        for name, (_, _, alter, *_) in (OVERWRITTEN | FAILING).items():
            if alter:
                db.run(f"alter table {{s}}.{name} {alter}")
        db.run("create table {s}.child (id bigint, foreign key (id) references {s}.parent (id))")
        return {result.node.name: result for result in run_dbt(["run", "--vars", "again: 1"], expect_pass=False)}

    @pytest.fixture(scope="class")
    def has_statement(self, db: Database) -> bool:
        try:
            db.run("explain insert overwrite {s}.whole select * from {s}.whole")
        except pymysql.err.ProgrammingError:
            return False
        return True

    @pytest.mark.parametrize("name", OVERWRITTEN)
    def test_rows(self, project: Any, db: Database, runs: dict[str, Any], has_statement: bool, name: str) -> None:
        _, _, _, expected, by_statement = OVERWRITTEN[name]
        written = (Path(project.project_root) / "target" / "run" / "test" / "models" / f"{name}.sql").read_text()

        assert sorted(db.rows(f"select * from {{s}}.{name}")) == expected, runs[name].message
        assert ("insert overwrite" in written) == (by_statement and has_statement)
        assert "truncate" not in written
        assert runs[name].adapter_response["rows_affected"] == (0 if name == "nothing" else 2)

    @pytest.mark.parametrize("name", FAILING)
    def test_nothing_is_written(self, db: Database, runs: dict[str, Any], name: str) -> None:
        assert runs[name].status == "error"
        assert FAILING[name][3] in runs[name].message
        assert len(db.rows(f"select * from {{s}}.{name}")) == 4

    def test_a_hook_sees_the_new_rows(self, db: Database) -> None:
        assert sorted(db.rows("select n from {s}.hooked")) == [(2,), (4,)]

    def test_by_a_hook(self, db: Database, runs: dict[str, Any], has_statement: bool) -> None:
        assert runs["by_hook"].status == ("success" if has_statement else "error"), runs["by_hook"].message
        assert db.rows("select id from {s}.by_hook") == ([(9,)] if has_statement else [(1,)])
        if has_statement:
            assert runs["by_hook_outside"].status == "success", runs["by_hook_outside"].message
            assert db.rows("select id from {s}.by_hook_outside") == [(9,)]

    def test_not_by_a_hook_after_rows_were_changed(
        self, db: Database, runs: dict[str, Any], has_statement: bool
    ) -> None:
        message = runs["by_late_hook"].message
        assert db.rows("select id from {s}.by_late_hook") == [(1,)]
        if has_statement:
            assert "earlier statements of the transaction have changed rows: as a hook, write {'sql': " in message
