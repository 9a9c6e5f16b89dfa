"""What the text of a statement says: its effect on session and transaction, and whether it may run twice."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.sql import lexer
from dbt.adapters.oceanbase.sql.statement import Statement

COMMENT = '/* {"app": "dbt", "node": "drop; set @x := 1"} */ '

CHANGES_SESSION = [
    "set @x = 1",
    "set session ob_query_timeout = 1",
    "use other",
    "prepare p from 'select 1'",
    "execute p",
    "deallocate prepare p",
    "lock tables t write",
    "unlock tables",
    "do get_lock('a', 1)",
    "call p()",
    "xa start 'x'",
    "select @x := 1",
    "select 1 into @x",
    "select s.nextval into @x",
    "select a from t for update into @x",
    "select a into /* c */ @x, @y from t for update",
    "load data infile 'x' into table t (a, @v) set b = @v",
    "select get_lock('a', 1)",
    "select release_lock('a')",
    "insert into t select @n := @n + 1 from s",
    "create table t as select Get_Lock ('a', 1) as l",
    "kill 7",
    "alter system flush plan cache",
    "whatever else",
    "",
]
LEAVES_SESSION = [
    "select 1",
    "select ':=' as a, 'get_lock(1)' as b",
    "with a as (select 1) select * from a",
    "select * from t for update",
    "select 'into @x' as a, @x as b from t for update",
    "load data infile 'x@y' into table t (a)",
    "create procedure p() begin select 1 into @x; end",
    "insert into t values (1)",
    "insert into t values (':=', 'get_lock(1)') -- := get_lock(1)",
    "update t set a = 1",
    "create table t as select 1",
    "drop table t",
    "begin",
    "commit",
    "rollback",
    "set password for u = 'x'",
    "grant select on t to u",
    "show tables",
]

MAY_RUN_TWICE = [
    "select 1",
    "(select 1) union all (select 2)",
    "SELECT 'for update', `into`, ':=', \"@x\" from t",
    "with a as (select 1 as i) select * from a",
    "select @@autocommit, @@session.time_zone",
    "select date '2020-01-01'",
    "show tables",
    "show create table t",
    "show grants for 'u'@'%'",
    "desc t",
    "describe t",
    "explain select * from t",
    "explain extended select 1",
    "drop table if exists t",
    "drop table if exists t, u",
    "drop view if exists t",
    "drop materialized view if exists t",
    "drop database if exists s",
    "drop schema if exists s",
    "create database if not exists s",
    "create schema if not exists s",
    "create or replace view v as select 1",
    "create or replace algorithm = merge view v as select * from t for update",
]
MAY_NOT_RUN_TWICE = [
    "select * from t for update",
    "select * from t for /* why */ update",
    "select * from t for share",
    "select * from t lock in share mode",
    "select 1 into @x",
    "select 1 into outfile '/tmp/x'",
    "select /*! 1 into outfile '/tmp/x' */",
    "select @x := 1",
    "select @x",
    "select a from t where b = @x",
    "select get_lock('a', 1)",
    "select release_lock('a')",
    "select s.nextval",
    "select `s`.`nextval`",
    "select s.currval",
    "select s.`currval`",
    "select last_insert_id()",
    "select @@identity",
    "select found_rows()",
    "select row_count()",
    "select last_trace_id()",
    "select @@warning_count",
    "with a as (select last_insert_id() as i) select * from a",
    "with a as (select 1) update t set i = 1",
    "show warnings",
    "show count(*) errors",
    "show trace",
    "explain analyze insert into t values (1)",
    "explain analyze select 1",
    "desc analyze delete from t",
    "explain into plans select 1",
    "explain insert into t values (1)",
    "drop table t",
    "drop prepare p",
    "create database s",
    "create view v as select 1",
    "create table if not exists t (i int)",
    "create table t as select 1",
    "insert into t values (1)",
    "replace into t values (1)",
    "update t set i = 1",
    "delete from t",
    "load data infile 'x' into table t",
    "call p()",
    "rename table a to b",
    "alter table t add column i int",
    "truncate table t",
    "begin",
    "commit",
    "rollback",
    "set @x = 1",
    "use s",
    "values row(1)",
    "whatever else",
    "",
]

UNDONE_BY_FAILURE = [
    "select 1",
    "select * from t for update",
    "insert into t values (1)",
    "insert into t select * from s",
    "update t set a = 1",
    "delete from t",
    "create table t as select 1",
    "create or replace view v as select 1",
    "CALL dbms_ai_service.create_ai_model('m', '{}')",
    "rename table a to b, c to a",
    "drop table t",
    "truncate table t",
    "alter table t add column i int",
    "grant select on t to u",
    "fork table a to b",
]
NOT_UNDONE_BY_FAILURE = [
    "call p()",
    "call p('dbms_ai_service')",
    "call s.dbms_ai_service()",
    "load data infile 'x' into table t",
    "select 1 into outfile '/tmp/x'",
    "with a as (select 1) select * from a into dumpfile '/tmp/x'",
    "select * from (\nselect 1 as n\n) as dbt_rows\ninto /* why */ outfile '/tmp/x' single = true",
    "insert into t select @n := @n + 1 from s",
    "select @n := @n + 1 from s",
    "create table t as select get_lock('a', 1) as l",
    "set @n = @n + 1",
    "execute p",
    "commit",
    "begin",
    "alter system flush plan cache",
    "whatever else",
    "",
]


@pytest.mark.parametrize("sql", CHANGES_SESSION)
def test_what_changes_the_session(sql: str) -> None:
    assert Statement(sql).changes_session
    assert Statement(COMMENT + sql.upper()).changes_session


@pytest.mark.parametrize("sql", LEAVES_SESSION)
def test_what_leaves_the_session_as_it_was(sql: str) -> None:
    assert not Statement(sql).changes_session
    assert not Statement(COMMENT + sql).changes_session


@pytest.mark.parametrize("sql", MAY_RUN_TWICE)
def test_what_may_run_twice(sql: str) -> None:
    assert Statement(sql).may_run_twice
    assert Statement(f"{COMMENT}\n-- once\n{sql} # more").may_run_twice
    assert Statement(sql.upper()).may_run_twice


@pytest.mark.parametrize("sql", MAY_NOT_RUN_TWICE)
def test_what_may_not_run_twice(sql: str) -> None:
    assert not Statement(sql).may_run_twice
    assert not Statement(f"{COMMENT}\n-- if exists\n{sql.upper()} # if not exists").may_run_twice


@pytest.mark.parametrize("sql", [*MAY_RUN_TWICE, *CHANGES_SESSION])
def test_nothing_that_changes_the_session_may_run_twice(sql: str) -> None:
    assert not (Statement(sql).changes_session and Statement(sql).may_run_twice)


@pytest.mark.parametrize("sql", UNDONE_BY_FAILURE)
def test_what_a_failure_undoes(sql: str) -> None:
    assert Statement(sql).is_undone_by_failure
    assert Statement(COMMENT + sql).is_undone_by_failure


@pytest.mark.parametrize("sql", NOT_UNDONE_BY_FAILURE)
def test_what_a_failure_may_leave_half_done(sql: str) -> None:
    assert not Statement(sql).is_undone_by_failure
    assert not Statement(COMMENT + sql).is_undone_by_failure


@pytest.mark.parametrize(
    ("sql", "expected"),
    [("select 1", True), ("with a as (select 1) select 1", True), ("show tables", False), ("select @x := 1", False)],
)
def test_which_statements_are_queries(sql: str, expected: bool) -> None:
    assert Statement(sql).is_query is expected


@pytest.mark.parametrize("sql", ["insert into t values (1)", "(delete from t)", "call p()", "select 1 for update"])
def test_belongs_into_a_transaction(sql: str) -> None:
    assert Statement(COMMENT + sql).needs_transaction


@pytest.mark.parametrize(
    "sql", ["select 1", "drop table t", "set @x = 1", "begin", "Insert /* x */ Overwrite t select 1"]
)
def test_stays_outside_of_a_transaction(sql: str) -> None:
    assert not Statement(COMMENT + sql).needs_transaction


def test_a_statement_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(lexer, "verb", lambda sql: calls.append("verb") or "select")
    monkeypatch.setattr(lexer, "kind", lambda sql, leading: calls.append("kind") or lexer.Kind.READ)
    monkeypatch.setattr(lexer, "tokens", lambda sql: calls.append("tokens") or iter([(0, "select")]))
    statement = Statement("select 1")

    for _ in range(2):
        assert not statement.changes_session
        assert not statement.needs_transaction
        assert statement.is_undone_by_failure
        assert statement.may_run_twice
        assert statement.redacted == statement.logged == "select 1"

    assert sorted(calls) == ["kind", "tokens", "verb"]


def test_a_large_statement_of_literals_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    tokens = lexer.tokens

    def noted(sql: str, start: int = 0) -> object:
        for token in tokens(sql, start):
            read.append(token)
            yield token

    monkeypatch.setattr(lexer, "tokens", noted)
    statement = Statement("insert into t values " + "(1, 'abc')," * 1000, is_abridged=True)

    assert statement.needs_transaction
    assert not statement.waits_for_others
    assert statement.logged == statement.text[:512] + "..."
    assert len(read) < 10


def test_an_abridged_statement_shows_no_secret() -> None:
    statement = Statement("create user u identified by 's3cr3t', v identified by '" + "x" * 1000, is_abridged=True)

    assert statement.logged == "create user u identified by '***', v identified by '***'..."


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("insert into t values (1)", True),
        ("delete from t", True),
        ("with a as (select 1 as i) update t set i = 1", True),
        ("select i from t for update", True),
        ("select i from t", False),
        ("show tables", False),
        ("create table t as select 1 as i", False),
        ("drop table t", False),
        ("COMMIT", False),
        ("set @a = 1", False),
    ],
)
def test_what_may_wait_for_a_row_lock(sql: str, expected: bool) -> None:
    assert Statement(COMMENT + sql).may_wait_for_rows is expected
