"""Statements that are repeated after an error of the server and those that are not, counted on the link to a kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from dbt_common.exceptions import DbtDatabaseError
from faults.refusing import RefusingProxy
from faults.tcp_proxy import Link, place_of
from support.outside import PATIENCE, Database, until

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions
from dbt.adapters.oceanbase.execution import runner

ADD_ONE = "update {{ target.schema }}.locked set n = n + 1 where i = 1"
RUN = "{%% macro %s() %%}{%% set sql %%}%s{%% endset %%}{%% do run_query(sql) %%}{%% endmacro %%}"
MODELS = {
    "hooked_outside.sql": "{{ config(materialized='table', pre_hook={'sql': '"
    + ADD_ONE
    + "', 'transaction': false}) }} select 1 as i",
    "hooked_inside.sql": "{{ config(materialized='table', pre_hook='" + ADD_ONE + "') }} select 1 as i",
    "built.sql": "{{ config(materialized='table') }} select 'built_here' as marker",
}
MACROS = {
    "add_one.sql": RUN % ("add_one", ADD_ONE),
    "fork.sql": RUN % ("fork", "fork table {{ target.schema }}.locked to {{ target.schema }}.forked"),
}


class Refusing:
    @pytest.fixture(scope="class")
    def refusing(self, server_profile: dict[str, Any]) -> Iterator[RefusingProxy]:
        with RefusingProxy(place_of(server_profile)) as proxy:
            yield proxy

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], refusing: RefusingProxy) -> dict[str, Any]:
        return {"type": "oceanbase", "threads": 1, **server_profile, **refusing.profile}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return MACROS

    @pytest.fixture(autouse=True)
    def relations(self, project: Any, db: Database, refusing: RefusingProxy) -> None:
        db.run(
            "drop table if exists {s}.locked",
            "create table {s}.locked (i int primary key, n int)",
            "insert into {s}.locked values (1, 0), (2, 0)",
            "drop table if exists {s}.built",
        )
        refusing.clear()


@pytest.fixture
def holder(connect: Callable[..., pymysql.Connection], project: Any) -> Iterator[pymysql.Connection]:
    """Another session, which holds a lock on the row of ``locked`` that a statement changes."""
    with connect() as connection:
        with connection.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"update `{project.test_schema}`.locked set n = n + 100 where i = 1")
        yield connection
        connection.rollback()


@pytest.mark.takes(30)
class TestLockWait(Refusing):
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], refusing: RefusingProxy) -> dict[str, Any]:
        # long enough for a CREATE DATABASE on a slow machine, which waits for others, too
        return {"type": "oceanbase", "threads": 1, **server_profile, **refusing.profile, "lock_timeout": 5}

    @pytest.fixture(autouse=True)
    def ddl_without_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The server's limit is tested here. The adapter's limit for DDL is the same field of the profile."""
        monkeypatch.setattr(runner, "time_limit", lambda statement, connection: None)

    @pytest.mark.parametrize(
        "command", [["run-operation", "add_one"], ["run", "--select", "hooked_outside"]], ids=["operation", "hook"]
    )
    def test_a_statement_of_its_own_is_repeated(
        self, refusing: RefusingProxy, db: Database, holder: pymysql.Connection, command: list[str]
    ) -> None:
        refusing.at("n = n + 1 ", "before", lambda link: holder.rollback(), nth=2)

        run_dbt(command)

        assert refusing.count("n = n + 1 ") == 2
        assert db.rows("select n from {s}.locked order by i") == [(1,), (0,)]

    def test_it_fails_when_the_lock_is_held_throughout(
        self, refusing: RefusingProxy, db: Database, holder: pymysql.Connection
    ) -> None:
        [result] = run_dbt(["run", "--select", "hooked_outside"], expect_pass=False)

        assert refusing.count("n = n + 1 ") == 3
        assert "(1205, 127.0.0.1:" in result.message
        assert "another transaction holds the lock" in result.message
        assert db.rows("select n from {s}.locked order by i") == [(0,), (0,)]

    def test_a_statement_in_a_transaction_is_not_repeated(
        self, refusing: RefusingProxy, db: Database, holder: pymysql.Connection
    ) -> None:
        [result] = run_dbt(["run", "--select", "hooked_inside"], expect_pass=False)

        [sent] = [statements for statements in refusing.connections if any("n = n + 1 " in each for each in statements)]
        order = [each for each in sent if each in ("BEGIN", "ROLLBACK", "COMMIT") or "n = n + 1 " in each]
        assert [each if each.isupper() else "update" for each in order] == ["BEGIN", "update", "ROLLBACK"]
        assert "(1205, " in result.message


@pytest.mark.takes(30)
class TestDeadlock(Refusing):
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], refusing: RefusingProxy) -> dict[str, Any]:
        long = {"lock_timeout": 25, "query_timeout": 50}
        return {"type": "oceanbase", "threads": 1, **server_profile, **refusing.profile, **long}

    def test_a_victim_that_is_a_statement_of_its_own_is_repeated(self, refusing: RefusingProxy, db: Database) -> None:
        """By hand: on these kernels a single statement releases its locks while it waits, and is never the victim."""
        refusing.refuse("n = n + 1 ", 1213, 2)

        run_dbt(["run-operation", "add_one"])

        assert refusing.count("n = n + 1 ") == 3
        assert db.value("select n from {s}.locked where i = 1") == 1

    def test_a_statement_of_its_own_gets_through_a_deadly_embrace(
        self, project: Any, refusing: RefusingProxy, db: Database, connect: Callable[..., pymysql.Connection]
    ) -> None:
        with connect() as other, other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"update `{project.test_schema}`.locked set n = 100 where i = 2")
            refusing.at("n = n + 1 where i in", "sent", lambda link: _embrace(other, project.test_schema))
            with project.adapter.connection_named("node"):
                project.adapter.execute(f"update `{project.test_schema}`.locked set n = n + 1 where i in (1, 2)")

        assert refusing.count("n = n + 1 where i in") == 1
        assert db.rows("select n from {s}.locked order by i") == [(101,), (101,)]

    def test_a_victim_in_a_transaction_is_not_repeated(
        self, project: Any, refusing: RefusingProxy, db: Database, connect: Callable[..., pymysql.Connection]
    ) -> None:
        """1.4 finds the deadlock after some 15 seconds, 1.3 lets both wait for their time limit (1205)."""
        # the server may choose the other one
        tried = (self.embrace(project, refusing, db, connect) for _ in range(3))
        error = next(found for found in tried if found is not None)

        assert error.server_code in (1213, 1205)  # type: ignore[attr-defined]
        assert db.rows("select n from {s}.locked order by i") == [(0,), (0,)]

    @staticmethod
    def embrace(
        project: Any, refusing: RefusingProxy, db: Database, connect: Callable[..., pymysql.Connection]
    ) -> DbtDatabaseError | None:
        """Make a deadlock of dbt's transaction and another. Return dbt's error, or None if the other is the victim."""
        locked, error = f"`{project.test_schema}`.locked", None
        refusing.clear()
        with connect() as other, other.cursor() as cursor, ThreadPoolExecutor(1) as pool:
            cursor.execute("set ob_query_timeout = 100000000, ob_trx_lock_timeout = 90000000")
            cursor.execute("begin")
            cursor.execute(f"update {locked} set n = 100 where i = 2")
            with project.adapter.connection_named("node"):
                project.adapter.execute(f"update {locked} set n = n + 1 where i = 1", auto_begin=True)
                waiting = pool.submit(cursor.execute, f"update {locked} set n = 100 where i = 1")
                until(lambda: db.running("set n = 100 where i = 1") == 1)
                try:
                    project.adapter.execute(f"update {locked} set n = n + 1 where i = 2", auto_begin=True)
                except DbtDatabaseError as raised:
                    error = raised
                    assert not project.adapter.connections.session().in_transaction
                project.adapter.connections.rollback_if_open()
            if error is not None:
                waiting.result(PATIENCE)
                other.rollback()
            else:
                with pytest.raises(pymysql.MySQLError, match="1213"):
                    waiting.result(PATIENCE)
        assert refusing.count("n = n + 1 where i = 2") == 1
        return error


def _embrace(other: pymysql.Connection, schema: str) -> None:
    with other.cursor() as cursor:
        cursor.execute(f"update `{schema}`.locked set n = 100 where i = 1")
    other.commit()


class TestTryAgain(Refusing):
    """4023, 5307 and 5627: the server was not ready."""

    FAILING = "alter system set_tp tp_name = EN_CREATE_TABLE_TRANS_END_FAIL, error_code = {}, frequency = {}"

    @pytest.fixture
    def schema_errors(self, db: Database) -> Iterator[Callable[[], None]]:
        """Make the kernel end a FORK by a real 5627, until the returned function is called."""
        db.run("drop table if exists {s}.forked", self.FAILING.format(5627, 1))

        def end() -> None:
            db.run(self.FAILING.format(0, 0))

        yield end
        end()

    def test_a_real_one_leaves_nothing_and_passes(
        self, refusing: RefusingProxy, db: Database, schema_errors: Callable[[], None]
    ) -> None:
        seen = []

        def look_and_end(link: Link) -> None:
            seen.append("forked" in db.relations())
            schema_errors()

        refusing.at("fork table", "before", look_and_end, nth=2)

        run_dbt(["run-operation", "fork"])

        assert seen == [False]
        assert refusing.count("fork table") == 2
        assert db.rows("select * from {s}.forked order by i") == [(1, 0), (2, 0)]

    def test_one_that_stays_fails(
        self, refusing: RefusingProxy, db: Database, schema_errors: Callable[[], None]
    ) -> None:
        run_dbt(["run-operation", "fork"], expect_pass=False)

        assert refusing.count("fork table") == 3
        assert "forked" not in db.relations()

    @pytest.mark.parametrize("code", [4023, 5307, 5627])
    def test_a_build_is_repeated(self, refusing: RefusingProxy, db: Database, code: int) -> None:
        refusing.refuse("built_here", code, 2)

        run_dbt(["run", "--select", "built"])

        assert refusing.count("built_here") == 3
        assert db.rows("select * from {s}.built") == [("built_here",)]

    def test_the_swap_of_a_build_is_repeated(self, refusing: RefusingProxy, db: Database) -> None:
        db.run("create table {s}.built (old int)")
        refusing.refuse("rename table", 5627, 2)

        run_dbt(["run", "--select", "built"])

        assert refusing.count("rename table") == 3
        assert db.rows("select * from {s}.built") == [("built_here",)]
        assert not [name for name in db.relations() if "__dbt" in name]

    def test_one_that_stays_names_the_cause(self, refusing: RefusingProxy, db: Database) -> None:
        refusing.refuse("built_here", 5627, 9)

        [result] = run_dbt(["run", "--select", "built"], expect_pass=False)

        assert refusing.count("built_here") == 3
        assert "(5627, 127.0.0.1:" in result.message
        assert "relations were changed at the same moment: rerun with dbt retry" in result.message


class TestNeverRepeated(Refusing):
    @pytest.mark.parametrize("code", [4012, 1317, 6002, 6224, 6225, 1153, 4013, 4019, 4738])
    @pytest.mark.parametrize(
        ("part", "command"),
        [("built_here", ["run", "--select", "built"]), ("n = n + 1 ", ["run", "--select", "hooked_outside"])],
        ids=["build", "hook"],
    )
    def test_it_is_sent_once(self, refusing: RefusingProxy, code: int, part: str, command: list[str]) -> None:
        refusing.refuse(part, code, 9)

        [result] = run_dbt(command, expect_pass=False)

        assert refusing.count(part) == 1
        assert f"({code}, 127.0.0.1:" in result.message

    def test_a_statement_that_is_too_large_leaves_the_connection(self, project: Any, refusing: RefusingProxy) -> None:
        adapter, large = project.adapter, "select '" + "x" * 17_000_000 + "'"
        with adapter.connection_named("node"):
            before = adapter.execute("select 1")[0].code
            with pytest.raises(DbtDatabaseError, match=r"\(1153, .*\n.*max_allowed_packet") as raised:
                adapter.connections.add_query(large, auto_begin=False, abridge_sql_log=True)
            response, table = adapter.execute("select 2", fetch=True)

        assert len(raised.value.msg) < 1000
        assert response.code == before
        assert [tuple(row) for row in table.rows] == [(2,)]
        assert refusing.count("xxx") == 1


class TestFailuresLeaveNothing(Refusing):
    """The condition for repeating DDL: an error undoes it completely."""

    @pytest.mark.parametrize(
        ("sql", "code"),
        [
            ("create table {s}.half (i tinyint) as select i * 1000 as i from {s}.locked", 1264),
            ("create table {s}.half (i int primary key) as select 1 as i from {s}.locked", 1062),
            ("rename table {s}.locked to {s}.half, {s}.missing to {s}.locked", 1017),
        ],
        ids=["values", "key", "rename"],
    )
    def test_nothing_is_left(self, db: Database, sql: str, code: int) -> None:
        with pytest.raises(pymysql.MySQLError) as raised:
            db.run(sql)

        assert raised.value.args[0] == code
        assert "locked" in db.relations()
        assert "half" not in db.relations()


class TestSeveralStatements(Refusing):
    def test_an_error_belongs_to_its_statement(self, project: Any, refusing: RefusingProxy) -> None:
        adapter = project.adapter
        with adapter.connection_named("node"):
            with pytest.raises(DbtDatabaseError) as raised:
                adapter.execute("select 1; select bad_column")
            _, table = adapter.execute("select 2", fetch=True)

        assert "bad_column" in raised.value.msg
        assert [tuple(row) for row in table.rows] == [(2,)]
        assert refusing.count("select 1; select bad_column") == 0

    def test_a_text_that_is_not_split_is_refused_as_one(self, project: Any, db: Database) -> None:
        adapter, text = project.adapter, f"select %s; insert into `{project.test_schema}`.locked values (3, 3)"
        with adapter.connection_named("node"):
            with pytest.raises(DbtDatabaseError):
                adapter.connections.add_query(text, auto_begin=False, bindings=(1,))
            _, table = adapter.execute("select 2", fetch=True)

        assert [tuple(row) for row in table.rows] == [(2,)]
        assert db.value("select count(*) from {s}.locked") == 2

    def test_an_error_of_a_procedure_after_its_first_rows_is_its_own(self, project: Any, db: Database) -> None:
        adapter, name = project.adapter, f"`{project.test_schema}`.fails_late"
        db.run(f"create procedure {name}() begin select 1; insert into {{s}}.locked values (1, 1); end")
        with adapter.connection_named("node"):
            with pytest.raises(DbtDatabaseError) as raised:
                adapter.execute(f"call {name}()")
            _, table = adapter.execute("select 2", fetch=True)

        assert "(1062, " in raised.value.msg
        assert raised.value.msg.endswith(f"in: call {name}()")
        assert [tuple(row) for row in table.rows] == [(2,)]

    def test_an_error_of_a_later_result_does_not_hit_the_next_statement(self, server_profile: dict[str, Any]) -> None:
        """On a server that runs several statements of one text, which these kernels do by default."""
        login = LoginOptions(server_profile["user"], password=server_profile["password"])
        options = ConnectOptions(login, (Endpoint(server_profile["host"], server_profile["port"]),))
        with closing(Connector(options).connect()) as session:
            session.cursor().execute("select 1; select no_such_column_anywhere from dual")
            with pytest.raises(pymysql.MySQLError) as raised:
                session.connection.drain()

            assert raised.value.args[0] == 1054
            assert session.run("select 2").fetchall() == ((2,),)
