"""Loading again, with other columns, and failing: what readers see meanwhile, and what remains afterwards."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql
import pytest
from support.outside import Database, until

ROWS = 12_000


def versions(version: int, more: str = "") -> str:
    """Return a file for several INSERTs whose rows all have the same version."""
    header = "id,version" + (",more" if more else "")
    return "\n".join([header, *(f"{number},{version}{more}" for number in range(ROWS))]) + "\n"


@pytest.fixture
def watched(connect: Callable[..., pymysql.Connection], db: Database) -> Any:
    """Read a table repeatedly meanwhile; collect the set of (rows, least version, greatest version) seen."""

    @contextmanager
    def reading(table: str) -> Iterator[set[Any]]:
        seen: set[Any] = set()
        stop = threading.Event()
        sql = f"select count(*), min(version), max(version) from `{db.schema}`.{table}"

        def read() -> None:
            with connect() as connection, connection.cursor() as cursor:
                while not stop.is_set():
                    try:
                        cursor.execute(sql)
                        seen.add(cursor.fetchone())
                    except pymysql.MySQLError as error:  # noqa: PERF203 - it is what the test looks for
                        seen.add(error.args)

        reader = threading.Thread(target=read)
        reader.start()
        until(lambda: seen)
        try:
            yield seen
        finally:
            stop.set()
            reader.join()

    return reading


class TestAgain:
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"s.csv": versions(1)}

    @pytest.fixture(scope="class", autouse=True)
    def seeded(self, seed: Any) -> None:
        assert seed("s").message == f"CREATE {ROWS}"

    @pytest.mark.parametrize(
        ("old", "new", "arguments", "message"),
        [
            (versions(1), versions(2), (), f"INSERT {ROWS}"),
            (versions(3), versions(4), ("--full-refresh",), f"CREATE {ROWS}"),
            (versions(5), versions(6, ",x"), (), f"CREATE {ROWS}"),
            (versions(7, ",1"), versions(8, ",1.5"), (), f"CREATE {ROWS}"),
        ],
        ids=["same columns", "full refresh", "one column more", "another type"],
    )
    def test_readers_see_the_old_rows_or_the_new_ones(
        self, seed: Any, db: Database, watched: Any, old: str, new: str, arguments: tuple[str, ...], message: str
    ) -> None:
        seed("s", old)
        before = db.rows("select count(*), min(version), max(version) from {s}.s")[0]
        with watched("s") as seen:
            assert seed("s", new, *arguments).message == message
            after = db.rows("select count(*), min(version), max(version) from {s}.s")[0]
            until(lambda: after in seen)

        assert seen == {before, after}
        assert before[0] == after[0] == ROWS
        assert db.relations() == {"s": "table"}

    def test_rows_affected(self, seed: Any, project: Any) -> None:
        seed("s", versions(1))

        (result,) = json.loads(Path(project.project_root, "target", "run_results.json").read_text())["results"]
        assert result["adapter_response"]["rows_affected"] == ROWS

    def test_a_failing_load_keeps_the_rows(self, seed: Any, db: Database) -> None:
        seed("s", versions(1))
        for bad in ("NaN", "Infinity"):
            result = seed("s", versions(2) + f"0,{bad}\n", expect_pass=False)
            assert f"row {ROWS + 1}, column 'version'" in result.message
            assert db.rows("select count(*), min(version), max(version) from {s}.s") == [(ROWS, 1, 1)]
            assert db.relations() == {"s": "table"}

    def test_a_failing_load_aside_keeps_the_rows(self, seed: Any, db: Database) -> None:
        seed("s", versions(1))
        seed("s", versions(2, ",x") + "0,NaN,x\n", expect_pass=False)

        assert db.rows("select count(*), min(version), max(version) from {s}.s") == [(ROWS, 1, 1)]
        assert db.relations() == {"s": "table"}


class TestFirst:
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {
            "bad.csv": "id,at\n1,2024-01-05\n2,05/01/24\n",
            "too_large.csv": "id,n\n1,99.99\n2,100.00\n",
            "taken.csv": "id\n1\n2\n",
        }

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        declared = {"bad": {"at": "date"}, "too_large": {"n": "decimal(4,2)"}}
        config: dict[str, Any] = {name: {"+column_types": types} for name, types in declared.items()}
        config["taken"] = {"+pre-hook": "create table if not exists {{ this }} as select 7 as id"}
        return {"seeds": {"test": config}}

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("bad", "row 2, column 'at': '05/01/24' is no date: correct the value or column_types"),
            ("too_large", "row 2, column 'n': '100.00' is no decimal(4,2): correct the value or column_types"),
        ],
    )
    def test_a_failing_load_leaves_no_table(self, seed: Any, db: Database, name: str, text: str) -> None:
        message = seed(name, expect_pass=False).message

        assert text in message.splitlines()[1]
        assert name not in db.relations()

    def test_a_name_that_is_taken_meanwhile(self, seed: Any, db: Database) -> None:
        seed("taken")

        assert db.rows("select id from {s}.taken order by id") == [(1,), (2,)]
        assert set(db.relations()) == {"taken"}

    def test_a_view_is_not_replaced(self, seed: Any, db: Database) -> None:
        db.run("create view {s}.taken_view as select 1 as id")
        message = seed("taken_view", "id\n1\n", expect_pass=False).message

        assert "it is a view: drop it, or give the seed another alias" in message
        assert db.value("select count(*) from {s}.taken_view") == 1
        db.run("drop view {s}.taken_view")


class TestEmpty:
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"e.csv": "id,name\n"}

    def test_a_header_only(self, seed: Any, db: Database) -> None:
        assert seed("e").message == "CREATE 0"
        assert db.rows("select * from {s}.e") == []

    def test_again(self, seed: Any, db: Database) -> None:
        seed("e", "id,name\n")
        seed("e")
        assert db.rows("select * from {s}.e") == []
        seed("e", "id,name\n1,2\n")
        assert db.rows("select * from {s}.e") == [(1, 2)]
        seed("e", "id,name\n")
        assert db.rows("select * from {s}.e") == []
        assert db.relations() == {"e": "table"}

    def test_two_loads_at_once_do_not_double_the_rows(
        self, seed: Any, db: Database, connect: Callable[..., pymysql.Connection]
    ) -> None:
        """Another run changes the same empty table while dbt loads it."""
        seed("e", "id,name\n")
        with connect() as other, other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"delete from `{db.schema}`.e")
            cursor.execute(f"insert into `{db.schema}`.e values (1, 2)")
            ending = threading.Timer(2, other.commit)
            ending.start()
            seed("e", "id,name\n1,2\n")
            ending.join()

        assert db.rows("select * from {s}.e") == [(1, 2)]


SCHEMA = """
seeds:
  - name: described
    description: "it's {text}"
    columns:
      - name: id
        description: "a number: {text}"
"""
SAY = "insert into {{ target.schema }}.said"
AFTER = {"sql": SAY + " select 'after', count(*) from {{ this }}", "transaction": False}


class TestHooksAndComments:
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"described.csv": "id,name\n1,a\n2,b\n", "schema.yml": SCHEMA.format(text="first")}

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {
            "seeds": {
                "+persist_docs": {"relation": True, "columns": True},
                "+pre-hook": SAY + " values ('pre', null)",
                "+post-hook": [SAY + " select 'post', count(*) from {{ this }}", AFTER],
            }
        }

    @pytest.mark.parametrize(
        ("text", "rows", "arguments", "message"),
        [
            ("first", 2, (), "CREATE 2"),
            ("again", 3, (), "INSERT 3"),
            ("refreshed", 4, ("--full-refresh",), "CREATE 4"),
        ],
    )
    def test_load(
        self, seed: Any, db: Database, project: Any, text: str, rows: int, arguments: tuple[str, ...], message: str
    ) -> None:
        db.run("create table if not exists {s}.said (who varchar(10), n int)", "delete from {s}.said")
        Path(project.project_root, "seeds", "schema.yml").write_text(SCHEMA.format(text=text))

        result = seed("described", "id,name\n" + "1,a\n" * rows, *arguments)

        assert result.message == message
        assert [tuple(row) for row in result.agate_table.rows] == [(1, "a")] * rows
        assert db.rows("select who, n from {s}.said order by n, who desc") == [
            ("pre", None),
            ("post", rows),
            ("after", rows),
        ]
        where = f"table_schema = '{db.schema}' and table_name = 'described'"
        assert db.value(f"select table_comment from information_schema.tables where {where}") == f"it's {text}"
        assert db.rows(
            f"select column_name, column_comment from information_schema.columns where {where} order by column_name"
        ) == [("id", f"a number: {text}"), ("name", "")]

    def test_a_failing_hook_after_it_is_an_error(self, seed: Any, db: Database) -> None:
        """The rows are those of the changed file, as the rows of a model are those of its query."""
        db.run("drop table if exists {s}.said")
        assert "1146" in seed("described", "id,name\n5,x\n", expect_pass=False).message


class TestCollation:
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        types = "{w: \"{{ var('w', 'varchar(10)') }}\", e: \"enum('it''s','b')\"}"
        return {"s.csv": "w,e\na,it's\nA,b\n", "s.yml": f"seeds: [{{name: s, config: {{column_types: {types}}}}}]"}

    def test_one_that_is_declared_is_kept(self, seed: Any, db: Database) -> None:
        assert seed("s").message == "CREATE 2"
        assert seed("s").message == "INSERT 2"

        for declared in ("varchar(10) collate utf8mb4_bin", "varchar(10) character set utf8 collate UTF8_BIN"):
            said = [seed("s", None, "--vars", json.dumps({"w": declared})).message for _ in range(2)]
            assert said == (["CREATE 2", "INSERT 2"] if "set" not in declared else ["INSERT 2", "INSERT 2"])
            assert db.rows("select w from {s}.s where w = 'a'") == [("a",)]
        for declared in ("varchar(10) not null", "varchar(10) not null default 'x'", "varchar(10) collate utf8mb4_bin"):
            said = [seed("s", None, "--vars", json.dumps({"w": declared})).message for _ in range(2)]
            assert said == ["CREATE 2", "INSERT 2"]
        assert seed("s", None, "--full-refresh").message == "CREATE 2"
        assert len(db.rows("select w from {s}.s where w = 'a'")) == 2


class TestParent:
    """Foreign keys refer to the seed: rows of the child tables stay, and must refer to the new rows."""

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"s.csv": "id,word\n1,a\n2,b\n"}

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"seeds": {"+pre-hook": "insert into {{ target.schema }}.runs values (1)"}}

    @pytest.mark.parametrize("rule", ["restrict", "cascade", "set null"])
    def test_children_keep_their_rows(self, seed: Any, db: Database, rule: str) -> None:
        db.run("drop table if exists {s}.child, {s}.s, {s}.runs", "create table {s}.runs (id int)")
        seed("s", "id,word\n1,a\n2,b\n")
        db.run(
            "alter table {s}.s add unique (id)",
            "create table {s}.child (id bigint, parent bigint, constraint of_seed foreign key (parent) "
            f"references {{s}}.s (id) on delete {rule})",
            "insert into {s}.child values (1, 1), (2, 2), (3, null)",
        )
        children = [(1, 1), (2, 2), (3, None)]

        assert seed("s", "id,word\n1,new\n2,b\n3,c\n").message == "INSERT 3"

        assert sorted(db.rows("select id, parent from {s}.child")) == children
        assert db.rows("select word from {s}.s where id = 1") == [("new",)]
        for refused in ("insert into {s}.child values (4, 4)", "update {s}.child set parent = 4 where id = 3"):
            with pytest.raises(pymysql.err.IntegrityError):
                db.run(refused)
        assert set(db.relations()) == {"s", "child", "runs"}

        message = seed("s", "id,word\n1,other\n", expect_pass=False).message
        assert f"foreign key of_seed: 1 row of `{db.schema}`.`child` would find nothing in `{db.schema}`.`s`" in message
        assert sorted(db.rows("select id, parent from {s}.child")) == children
        assert db.value("select count(*) from {s}.s") == 3
        assert db.value("select count(*) from {s}.runs") == 2

    def test_an_empty_one(self, seed: Any, db: Database) -> None:
        db.run("delete from {s}.child", "delete from {s}.s")

        assert seed("s", "id,word\n1,a\n").message == "INSERT 1"
        assert "UNIQUE KEY" in db.rows("show create table {s}.s")[0][1]
