"""The variables of an open session, and the begin and end of transactions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pymysql
import pytest
from support.outside import PATIENCE, Database
from support.recorder import Recorder, recording

from dbt.adapters.oceanbase.connect import ConnectOptions, Connector, errors
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, RetryOptions, SessionOptions

PATIENT = RetryOptions(connect_timeout=PATIENCE, deadline=PATIENCE)


@pytest.fixture(scope="class")
def options(server_profile: dict[str, Any]) -> Callable[..., ConnectOptions]:
    """Return a function that makes options for the server under test, with session options."""

    def make(**session: Any) -> ConnectOptions:
        login = LoginOptions(server_profile["user"], password=server_profile["password"])
        endpoint = Endpoint(server_profile["host"], server_profile["port"])
        return ConnectOptions(login, (endpoint,), session=SessionOptions(**session), retry=PATIENT)

    return make


def value(options: ConnectOptions, expression: str) -> Any:
    with closing(Connector(options).connect()) as session:
        return session.run(f"select {expression}").fetchone()[0]


class TestSettings:
    @pytest.mark.parametrize(
        ("given", "variable", "expected"),
        [
            ({}, "autocommit", 1),
            ({}, "ob_query_timeout", 86_400_000_000),
            ({}, "ob_trx_timeout", 86_400_000_000),
            ({}, "ob_trx_lock_timeout", 120_000_000),
            ({}, "time_zone", "+00:00"),
            ({}, "collation_connection", "utf8mb4_general_ci"),
            ({}, "group_concat_max_len", 4_294_967_295),
            ({}, "recyclebin", 0),
            ({"query_timeout": 900.5}, "ob_query_timeout", 900_500_000),
            ({"transaction_timeout": 700}, "ob_trx_timeout", 700_000_000),
            ({"lock_timeout": 2}, "ob_trx_lock_timeout", 2_000_000),
            ({"time_zone": "-03:30"}, "time_zone", "-03:30"),
            ({"collation": "utf8mb4_bin"}, "collation_connection", "utf8mb4_bin"),
            ({"sql_mode": "STRICT_ALL_TABLES"}, "sql_mode", "STRICT_ALL_TABLES"),
            ({"sql_mode": ""}, "sql_mode", ""),
            ({"variables": (("ob_enable_plan_cache", False),)}, "ob_enable_plan_cache", 0),
            ({"variables": (("group_concat_max_len", 2048),)}, "group_concat_max_len", 2048),
            ({"variables": (("recyclebin", True),)}, "recyclebin", 1),
        ],
    )
    def test_a_setting_is_in_force(
        self, options: Callable[..., ConnectOptions], given: dict[str, Any], variable: str, expected: Any
    ) -> None:
        assert value(options(**given), f"@@session.{variable}") == expected

    @pytest.mark.parametrize("mode", ["ANSI", "POSTGRESQL", "NO_BACKSLASH_ESCAPES,MAXDB", "ONLY_FULL_GROUP_BY,DB2", ""])
    def test_no_mode_of_the_server_reads_texts_otherwise(
        self, options: Callable[..., ConnectOptions], connect: Callable[..., pymysql.Connection], mode: str
    ) -> None:
        with connect() as connection, connection.cursor() as cursor:
            cursor.execute("select @@global.sql_mode")
            own = cursor.fetchone()
            cursor.execute("set global sql_mode = %s", (mode,))
            try:
                with closing(Connector(options()).connect()) as session:
                    texts = session.run("""select "it's", 'C:\\\\', @@sql_mode""").fetchone()
            finally:
                cursor.execute("set global sql_mode = %s", own)

        assert texts[:2] == ("it's", "C:\\")
        assert "STRICT_ALL_TABLES" in texts[2].split(",")
        assert ("ONLY_FULL_GROUP_BY" in texts[2]) == ("ONLY_FULL_GROUP_BY" in mode)

    def test_the_server_ends_a_statement_at_query_timeout(self, options: Callable[..., ConnectOptions]) -> None:
        with pytest.raises(pymysql.err.MySQLError) as raised:
            value(options(query_timeout=0.5), "sleep(5)")

        assert raised.value.args[0] == 4012

    @pytest.mark.parametrize(
        "session", [{"variables": (("no_such_variable", 1),)}, {"sql_mode": "NO_SUCH_MODE"}, {"time_zone": "Nowhere"}]
    )
    def test_a_setting_that_the_server_refuses(
        self, options: Callable[..., ConnectOptions], session: dict[str, Any]
    ) -> None:
        with pytest.raises(errors.SessionRejected, match=r"refused a session setting of the profile .*; correct or"):
            Connector(options(**session)).connect()


class TestSchema:
    def test_connecting_does_not_need_the_schema(self, options: Callable[..., ConnectOptions]) -> None:
        with closing(Connector(options(schema="not_there_yet")).connect()) as session:
            assert session.run("select database()").fetchone() == (None,)
            assert session.schema_denied is None

    def test_a_missing_schema_is_created_and_becomes_the_current_one(self, project: Any, db: Database) -> None:
        db.run("drop database if exists {s}")
        adapter = project.adapter
        relation = adapter.Relation.create(schema=project.test_schema)

        with adapter.connection_named("first"):
            adapter.create_schema(relation)
            _, table = adapter.execute("select database()", fetch=True)
        with adapter.connection_named("second"):
            _, again = adapter.execute("select database()", fetch=True)

        assert [row[0] for row in (*table.rows, *again.rows)] == [project.test_schema] * 2
        assert db.value(f"select count(*) from information_schema.schemata where schema_name = '{db.schema}'") == 1


class TestTransactions:
    """The statements that are sent for reads, writes and DDL after dbt has begun a transaction."""

    @pytest.fixture(scope="class")
    def recorder(self, server_profile: dict[str, Any]) -> Iterator[Recorder]:
        with tempfile.TemporaryDirectory() as folder, recording(Path(folder), server_profile) as found:
            yield found

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], recorder: Recorder) -> dict[str, Any]:
        login = {name: server_profile[name] for name in ("user", "password")}
        target = {"type": "oceanbase", "threads": 1, "unix_socket": str(recorder.path), **login}
        return {**target, "connect_timeout": PATIENCE, "connect_retry_deadline": PATIENCE}

    @pytest.fixture
    def sent(self, project: Any, recorder: Recorder) -> Callable[..., list[str]]:
        adapter = project.adapter
        project.run_sql("drop table if exists {schema}.t")
        project.run_sql("create table {schema}.t (i int)")

        def statements(*steps: str) -> list[str]:
            with adapter.connection_named("node"):
                adapter.connections.session()
                before = [len(each) for each in recorder.connections]
                for step in steps:
                    if step == "begin":
                        adapter.connections.begin()
                    elif step == "commit":
                        adapter.connections.commit()
                    elif step == "rollback":
                        adapter.connections.rollback_if_open()
                    else:
                        adapter.execute(step.replace("{s}", f"`{project.test_schema}`"))
                sent = [each[known:] for each, known in zip(recorder.connections, before, strict=True)]
                (own,) = [each for each in sent if each] or [[]]
                return [statement.replace(f"`{project.test_schema}`", "{s}") for statement in own]

        return statements

    def test_reads_and_ddl_begin_nothing(self, sent: Callable[..., list[str]]) -> None:
        ddl = "create table if not exists {s}.u (i int)"

        assert sent("begin", "select 1", ddl, "show tables", "commit") == ["select 1", ddl, "show tables"]

    def test_begin_goes_out_before_the_first_write(self, sent: Callable[..., list[str]]) -> None:
        write = "insert into {s}.t values (1)"

        assert sent("begin", "select 1", write, "select 2", write, "commit") == [
            *("select 1", "BEGIN", write, "select 2", write, "COMMIT")
        ]

    def test_begin_goes_out_again_after_a_ddl(self, sent: Callable[..., list[str]]) -> None:
        write, ddl = "insert into {s}.t values (1)", "alter table {s}.t comment 'x'"

        assert sent("begin", write, ddl, write, "commit") == ["BEGIN", write, ddl, "BEGIN", write, "COMMIT"]

    def test_nothing_is_begun_that_dbt_has_not_begun(self, sent: Callable[..., list[str]]) -> None:
        write = "insert into {s}.t values (1)"

        assert sent(write, "commit") == [write]

    def test_rollback_goes_out_only_where_a_transaction_is_open(self, sent: Callable[..., list[str]]) -> None:
        write = "insert into {s}.t values (1)"

        assert sent("begin", "select 1", "rollback") == ["select 1"]
        assert sent("begin", write, "rollback", "rollback", "commit") == ["BEGIN", write, "ROLLBACK"]

    def test_what_was_written_is_there_after_commit_only(
        self, sent: Callable[..., list[str]], project: Any, db: Database
    ) -> None:
        sent("begin", "insert into {s}.t values (1)", "commit")
        sent("begin", "insert into {s}.t values (2)")

        assert db.rows("select i from {s}.t") == [(1,)]

    def test_a_begin_that_was_never_used_does_not_reach_the_next_node(
        self, sent: Callable[..., list[str]], project: Any
    ) -> None:
        with project.adapter.connection_named("other"):
            project.adapter.connections.begin()

        assert sent("insert into {s}.t values (1)") == ["insert into {s}.t values (1)"]
