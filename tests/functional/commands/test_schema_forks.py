"""The operations that fork a schema for development and drop the fork: rows, designs, views, and what is refused."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt_and_capture
from support.outside import Database

from dbt.adapters.oceanbase.build.schema_forks import SchemaForkMixin

MADE = (
    "create table {s}.parents (id int primary key)",
    "insert into {s}.parents values (1), (2)",
    "create table {s}.orders (id int primary key auto_increment, day date not null comment 'it''s\n a day', "
    "word varchar(9) default 'a''b', twice int generated always as (p * 2) virtual, p int, key by_word (word), "
    "constraint to_parent foreign key (p) references {s}.parents (id)) comment = 'all orders'",
    "insert into {s}.orders (id, day, word, p) values (1, '2026-01-01', 'a', 1), (5, '2026-02-01', 'b', 2)",
    "update {s}.orders set id = 0 where id = 1",
    "create table {s}.by_day (day date) partition by range columns (day) "
    "(partition p1 values less than ('2026-02-01'), partition p2 values less than (maxvalue))",
    "insert into {s}.by_day values ('2026-01-01'), ('2026-03-01')",
    "create function {s}.plus(a int) returns int deterministic return a + (select count(*) from {s}.parents)",
    # to the server, -- before a name is no comment
    "create function {s}.doubled(a int) returns int deterministic return a --a",
    "create function {s}.parents() returns int deterministic return 8",
    "create function {s}.aliased() returns int deterministic return (select max(`{s}`.id) from {s}.parents as `{s}`)",
    # the server keeps the function's name without a schema, and looks for the function in the current one
    "use {s}",
    "create view {s}.counted as select `plus`(1) as n",
    "use information_schema",
    "create view {s}.z_first as select id, word as `{s}` from {s}.orders where word <> '{s}.x'",
    "create view {s}.a_second (n, m) as select id, {s}.plus(id) from {s}.z_first where id >= 0 with check option",
    "create view {s}.doubtful as select `{s}`.id from {s}.parents as `{s}`",
    # a partitioned table with a global index cannot be forked
    "create table {s}.indexed (id int not null auto_increment, v int, primary key (id), key g (v) global) "
    "partition by hash (id) partitions 2",
    "insert into {s}.indexed (id, v) values (3, 7)",
    "update {s}.indexed set id = 0",
)

LOGGED = (
    "create materialized view log on {s}.orders with primary key, rowid, sequence (word) including new values",
    "create materialized view {s}.by_word refresh fast on demand as "
    "select word, count(*) as n from {s}.orders group by word",
    "create unique index words on {s}.by_word (word)",
    "create index parts on {s}.by_word (word(2), n) comment 'it''s' invisible",
)


def operation(name: str, passes: bool = True, **arguments: Any) -> str:
    words = ["run-operation", f"oceanbase__{name}", "--args", json.dumps(arguments)]
    _, log = run_dbt_and_capture(words, expect_pass=passes)
    return str(log)


class TestForks:
    @pytest.fixture(scope="class")
    def db(self, project: Any, server: pymysql.Connection) -> Database:
        return Database(server, project.test_schema)

    @pytest.fixture(scope="class")
    def has_views(self, request: pytest.FixtureRequest) -> bool:
        """Whether the kernel has materialized views."""
        return bool(request.config.getoption("--kernel") == "1.3")

    @pytest.fixture(scope="class")
    def fork(self, db: Database, server: pymysql.Connection) -> Iterator[Database]:
        found = Database(server, f"{db.schema}_fork")
        yield found
        found.run("drop database if exists {s}")

    @pytest.fixture(scope="class")
    def said(self, project: Any, db: Database, fork: Database, has_views: bool) -> str:
        db.run(*(sql.replace("{s}", db.schema) for sql in (*MADE, *(LOGGED if has_views else ()))))
        return operation("fork_schema", **{"from": db.schema, "to": fork.schema, "exclude": ["by_day"]})

    def test_lines(self, said: str, db: Database, fork: Database, has_views: bool) -> None:
        how, ended, refused = "forked", "\n", "; the server cannot fork it: fork table on"
        if has_views:
            how, ended = "copied", f"{refused} table with materialized view log is not supported (1235)\n"
        assert f"{how} the table `{fork.schema}`.`orders`: 2 rows{ended}" in said
        assert f"forked the table `{fork.schema}`.`parents`: 2 rows\n" in said
        indexed = f"{refused} partitioned table with global index is not supported (1235)\n"
        assert f"copied the table `{fork.schema}`.`indexed`: 1 rows{indexed}" in said
        assert f"created the view `{fork.schema}`.`a_second`" in said
        assert f"the view `{db.schema}`.`doubtful` is left out: it uses {db.schema} as the name of something" in said
        own = {name for name in fork.relations() if not name.startswith(("__mv_container_", "mlog$_"))}
        assert own - {"by_word"} == {"__dbt_fork", "parents", "orders", "indexed", "z_first", "a_second", "counted"}
        assert f"the function `{db.schema}`.`aliased` is left out: it uses {db.schema} as the name of something" in said
        assert f"created the function `{fork.schema}`.`parents`" in said
        assert fork.rows("select {s}.parents(), {s}.doubled(3)") == [(8, 6)]

    def test_rows(self, said: str, db: Database, fork: Database) -> None:
        """The fork's views and functions read the fork, and a 0 in an AUTO_INCREMENT column stays."""
        assert fork.rows("select id, word, twice from {s}.orders order by id") == [(0, "a", 2), (5, "b", 4)]
        assert fork.rows("select id, v from {s}.indexed") == [(0, 7)]
        fork.run("insert into {s}.parents values (3)", "insert into {s}.orders (day, p) values ('2026-03-01', 3)")
        assert fork.rows("select n, m from {s}.a_second order by n") == [(0, 3), (5, 8), (6, 9)]
        assert fork.value("select count(*) from {s}.orders where id > 5") == 1
        assert db.value("select count(*) from {s}.orders") == db.value("select count(*) from {s}.parents") == 2

    def test_designs(self, said: str, db: Database, fork: Database) -> None:
        """All is as in the original, but for foreign keys and the counter of a copy."""

        def design(place: Database, table: str) -> list[str]:
            shown = str(place.rows(f"show create table {{s}}.{table}")[0][1])
            lines = [line.strip(" ,") for line in shown.splitlines() if "FOREIGN KEY" not in line]
            return [re.sub(r"AUTO_INCREMENT = \d+ ", "", line) for line in lines]

        for table in ("orders", "indexed", "parents"):
            assert design(fork, table) == design(db, table)
        assert "CHECK OPTION" in fork.rows("show create view {s}.a_second")[0][1]

    def test_materialized_view(self, said: str, db: Database, fork: Database, has_views: bool) -> None:
        if not has_views:
            assert "materialized" not in said
            return
        assert f"created the materialized view `{fork.schema}`.`by_word`" in said
        fork.run("insert into {s}.orders (id, day, word) values (9, '2026-03-01', 'z')")
        fork.run(f"call dbms_mview.refresh('{fork.schema}.by_word')")
        assert fork.value("select n from {s}.by_word where word = 'z'") == 1
        for place in (db, fork):
            logged = f"select master from oceanbase.DBA_MVIEW_LOGS where log_owner = '{place.schema}'"
            assert place.rows(logged) == [("orders",)]
        indexes = [
            [(*row[1:5], row[7], *row[12:14]) for row in place.rows("show index from {s}.by_word")]
            for place in (db, fork)
        ]
        assert len(indexes[0]) == 3
        assert sorted(indexes[0], key=str) == sorted(indexes[1], key=str)

    def test_refused(self, said: str, db: Database, fork: Database) -> None:
        names = {"from": db.schema, "to": fork.schema}
        assert f"to: {fork.schema} exists, a fork of {db.schema}: drop it first by" in operation(
            "fork_schema", passes=False, **names
        )
        own = operation("fork_schema", passes=False, **{"from": db.schema, "to": db.schema.upper()})
        assert "is the schema that is forked: write another name" in own
        mine = operation("drop_schema_fork", passes=False, schema=db.schema)
        assert f"{db.schema} was not made by oceanbase__fork_schema" in mine
        other = operation("fork_schema", passes=False, **{"from": fork.schema, "to": db.schema})
        assert f"the schema {db.schema} exists, and is not overwritten" in other
        absent = operation("fork_schema", passes=False, **{**names, "to": f"{db.schema}_2", "tables": "nothing"})
        assert f"tables: there is no nothing in {db.schema}" in absent
        doubtful = {"from": db.schema, "to": f"{db.schema}_2", "tables": ["parents", "doubtful"]}
        words = ["--warn-error", "run-operation", "oceanbase__fork_schema", "--args", json.dumps(doubtful)]
        run_dbt_and_capture(words, expect_pass=False)
        assert not db.rows(f"select 1 from information_schema.schemata where schema_name = '{db.schema}_2'")
        assert set(db.relations()) >= {"orders", "by_day"}

    def test_interrupted(self, said: str, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        """An interrupt, which makes the session useless, leaves no schema behind."""
        exists = f"select 1 from information_schema.schemata where schema_name = '{db.schema}_2'"
        seen = []

        def interrupt(adapter: Any, *_: Any) -> None:
            seen.append(db.rows(exists))
            adapter.connections.session().connection.abandon()
            raise KeyboardInterrupt

        monkeypatch.setattr(SchemaForkMixin, "_made_again", interrupt)
        with contextlib.suppress(BaseException):
            operation("fork_schema", passes=False, **{"from": db.schema, "to": f"{db.schema}_2", "tables": "parents"})
        assert seen == [[(1,)]]
        assert not db.rows(exists)

    def test_dropped(self, said: str, db: Database, fork: Database) -> None:
        assert f"dropped the schema {fork.schema}, a fork of {db.schema}" in operation(
            "drop_schema_fork", schema=fork.schema
        )
        assert f"there is no {fork.schema}" in operation("drop_schema_fork", passes=False, schema=fork.schema)

    def test_whole_and_part(self, project: Any, db: Database, server: pymysql.Connection, said: str) -> None:
        """Without what it cannot do, FORK DATABASE forks all tables at once."""
        first, second = (Database(server, f"{db.schema}_{number}") for number in (3, 4))
        try:
            part = {"tables": ["by_day", "parents", "z_first", "counted"]}
            log = operation("fork_schema", **{"from": db.schema, "to": first.schema, **part})
            assert f"the view `{db.schema}`.`z_first` is left out: Table" in log
            # it reads a function that the fork has not, although the profile's schema has one of this name
            assert f"the view `{db.schema}`.`counted` is left out" in log
            assert set(first.relations()) == {"by_day", "parents", "__dbt_fork"}
            first.run("drop function {s}.parents", f"fork database {first.schema} to {second.schema}")
            copied = operation("drop_schema_fork", passes=False, schema=second.schema)
            assert f"{second.schema} was not made by oceanbase__fork_schema" in copied
            second.run("drop database {s}")
            first.run("drop table {s}.__dbt_fork", "create view {s}.days as select day from {s}.by_day")
            first.run(
                "create table {s}.children (id int, constraint of_parent foreign key (id) references {s}.parents (id))"
            )
            log = operation("fork_schema", **{"from": first.schema, "to": second.schema})
            assert f"forked the table `{second.schema}`.`by_day`: 2 rows" in log
            assert second.rows("select count(*) from {s}.days") == [(2,)]
            # only FORK DATABASE keeps foreign keys, and they refer to the fork
            first.run("insert into {s}.parents values (7)", "insert into {s}.children values (7)")
            with pytest.raises(pymysql.MySQLError) as lost:
                second.run("insert into {s}.children values (7)")
            assert lost.value.args[0] == 1452
            assert (
                second.value(
                    "select count(*) from information_schema.partitions "
                    f"where table_schema = '{second.schema}' and table_name = 'by_day'"
                )
                == 2
            )
        finally:
            first.run("drop database if exists {s}")
            second.run("drop database if exists {s}")
