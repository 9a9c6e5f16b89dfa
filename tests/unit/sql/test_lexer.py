"""The SQL lexer: every rule by example."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from dbt.adapters.oceanbase.sql.lexer import Kind, split, standard_comments, verb
from dbt.adapters.oceanbase.sql.statement import Statement

# split

CLOSED = [
    "select 1",
    "select ';'",
    'select ";"',
    "select `;` from t",
    "select 'a\\';b'",
    'select "a\\";b"',
    "select 'a\\\\' as `x;`",
    "select 'it''s; here'",
    'select "say ""x;y"""',
    "select `a``;b` from t",
    "select '\"; `' as a",
    "select '/*;' as a, '*/;' as b",
    "select 'a\n;\nb'",
    "select 1 # a; b\n+ 2",
    "select 1 -- a; b\n+ 2",
    "select 1 --\ta; b\r+ 2",
    "select 1 -- it's; here\n+ 2",
    "select 1 # it's; here\n+ 2",
    "select 1 /* a; b */",
    "select 1 /* it's; here */ + 2",
    "select 1 /**/ + 2 /*;*/",
    "select 1 /*/ ; */ + 2",
    "select 1 /* a **; */ + 2",
    "select /*+ query_timeout(1000); */ 1",
    "select 1 /*+ don't; */ + 1",
    "select 1 /*! + 1; */",
    "select 1 /*!50000 + length(';*/') -- */;\n */",
    "select 1 /*! /* ; */ + 1; */ + 2",
    "/* first; */ select 1",
    "-- first; line\nselect 1",
    "# first; line\nselect 1",
    "select N'a;b', x'41', _utf8mb4';'",
    "select @'a;b', @`c;d`",
    "select case when a then ';' end as `end`, end from t",
    "begin",
    "select 5--5",
    "select 1\xa0",
    "select '\u3000;' as \u540d",
    "select a\u0e48, ';' as e\u0301",
]
UNCLOSED = [
    "select '",
    "select 'never closed; select 2",
    "select 'a'' ; select 2",
    "select ''' ; select 2",
    'select "never closed; select 2',
    "select `never closed; select 2",
    "select 1 /* never closed; select 2",
    "select 1 /*! never closed; select 2",
    "/* never closed; select 2",
    "select 'a\\",
]


@pytest.mark.parametrize("sql", CLOSED + UNCLOSED)
def test_one_statement_stays_as_it_is(sql: str) -> None:
    assert split(sql) == [sql]
    assert split(f" \n\t{sql}\r\n ") == [sql]
    assert split(f"select 0; {sql}") == ["select 0", sql]


@pytest.mark.parametrize("sql", CLOSED)
def test_separators_after_a_statement_go(sql: str) -> None:
    assert split(f"{sql};") == [sql]
    assert split(f"\n{sql} ;\n ; ;\n") == [sql]
    assert split(f"{sql}; select 0;") == [sql, "select 0"]


@pytest.mark.parametrize("sql", UNCLOSED)
def test_what_is_not_closed_reaches_to_the_end(sql: str) -> None:
    assert split(f"{sql}; select 3\n; select 4") == [f"{sql}; select 3\n; select 4"]


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("", []),
        (" \n\t", []),
        (";", []),
        (" ; ;; \n;", []),
        ("-- only a comment", []),
        ("# only; a comment", []),
        ("/* only; */ -- comments\n# here", []),
        ("/*+ a hint */", []),
        ("--\n", []),
        ("-- \n--\n;", []),
        ("select 1; -- done", ["select 1"]),
        ("select 1; /* done */ ; # really", ["select 1"]),
        ("select 1;; ;select 2", ["select 1", "select 2"]),
        ("select 1;\n-- the second\nselect 2;\n", ["select 1", "-- the second\nselect 2"]),
        ("select 1 -- the first\n; select 2", ["select 1 -- the first", "select 2"]),
        ("select 1 -- no end;", ["select 1 -- no end;"]),
        ("select 1 # no end;", ["select 1 # no end;"]),
        ("select 1 # no end;\n;", ["select 1 # no end;"]),
        ("select 1 -- no end;\r;", ["select 1 -- no end;"]),
        ("select 1\n;", ["select 1"]),
        ("set @a = 1; select @a", ["set @a = 1", "select @a"]),
        ("/*!40101 set names utf8mb4 */; select 1", ["/*!40101 set names utf8mb4 */", "select 1"]),
        ("select 1 --x; select 2", ["select 1 --x", "select 2"]),
        ("select 5--5; select 2", ["select 5--5", "select 2"]),
        ("begin; insert into t values (1); commit;", ["begin", "insert into t values (1)", "commit"]),
        (
            "begin work; select end, begin, `case`, loop from t; end",
            ["begin work", "select end, begin, `case`, loop from t", "end"],
        ),
        ("select case 1 when 1 then 2 end; select 3", ["select case 1 when 1 then 2 end", "select 3"]),
        ("drop procedure if exists p; select 3", ["drop procedure if exists p", "select 3"]),
        ("call p(); select begin from t; select 3", ["call p()", "select begin from t", "select 3"]),
        ("create table procedure_log (a int); select 3", ["create table procedure_log (a int)", "select 3"]),
    ],
)
def test_statements_of_a_text(sql: str, statements: list[str]) -> None:
    assert split(sql) == statements


@pytest.mark.parametrize(
    ("sql", "statement"),
    [
        ("select 1 -- ", "select 1"),
        ("select 1 --\n", "select 1"),
        ("select 1\n--\t\n-- \n", "select 1"),
        ("select 1 --\n;", "select 1"),
        ("select 1 --", "select 1 --"),
        ("select 1 -- --\n", "select 1"),
        ("select 1 -- ---\n", "select 1 -- ---"),
        ("select 1 -- x --\n", "select 1 -- x"),
        ("select 1 -- -", "select 1 -- -"),
        ("select 1 as `--` ", "select 1 as `--`"),
    ],
)
def test_an_empty_comment_at_the_end_goes(sql: str, statement: str) -> None:
    """The server takes ``--`` for a comment only if something follows it: ``select 1 --`` is error 1064."""
    assert split(sql) == [statement]


# split: routines. Each of these was accepted as one statement by the server.

ROUTINES = [
    "create procedure p() begin select 1; select 2; end",
    "create procedure p() begin end",
    "CREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\nEND",
    "create /*+ a hint */ procedure /* p; */ p() -- begin;\n begin select 1; end",
    "create procedure if not exists p() begin select 1; end",
    "create definer=root@'%' procedure p() begin select 1; end",
    "create definer = current_user() procedure p() begin select 1; end",
    "create procedure p(a int) comment 'x;y' language sql not deterministic contains sql sql security invoker"
    " begin select 1; end",
    "create procedure p() begin begin select 1; end; begin end; select 2; end",
    "create procedure p() outer_block: begin select 1; end outer_block",
    "create procedure p() begin l: begin leave l; end l; select 1; end",
    "create procedure p() begin if 1 then if 2 then select 3; end if; elseif 3 then select 1; end if; end",
    "create procedure p() begin if (1) then begin end; else if 2 then select 1; end if; end if; select 2; end",
    "create procedure p() begin l: loop leave l; end loop l; select 1; end",
    "create procedure p(a int) begin while (a > 0) do set a = a - 1; end while; select 1; end",
    "create procedure p() begin repeat set @x = 1; until @x > 0 end repeat; select 1; end",
    "create procedure p() begin case 1 when 1 then begin select 1; end; else select 2; end case; select 3; end",
    "create procedure p() begin select case when 1 then 2 end; select 3; end",
    "create procedure p() begin select case when 1 then 2. end; select 3; end",
    "create procedure p() begin set @a = case case 1 when 1 then 2 end when 2 then if(1, 2, 3) end; select 3; end",
    "create procedure p(a int) begin select case when a then if(a, 1, 2) else case a when 1 then 2 end end; end",
    "create procedure p() begin select if(1, 2, 3), repeat('a', 2); select 4; end",
    "create procedure p() begin select 1 as end, 2 as begin; select end from t; select 3; end",
    "create procedure p() begin select t.begin, begin from t; select 3; end",
    "create procedure p() begin declare x int default if(1, 2, 3); select x; end",
    "create procedure p() begin declare exit handler for sqlexception begin rollback; resignal; end; select 1; end",
    "create procedure p() begin declare continue handler for not found set @done = 1; select 1; end",
    "create procedure p() begin declare continue handler for not found if 1 then set @a = 1; end if; select 2; end",
    "create procedure p() begin declare c condition for sqlstate '02000'; declare exit handler for c, sqlwarning,"
    " sqlstate value '23000', 1051 case when 1 then set @a = 1; end case; select 2; end",
    "create procedure p() begin declare exit handler for 1051 while 0 do set @a = 1; end while; select 2; end",
    "create procedure p() begin declare exit handler for sqlexception select if(1, 2, 3), case when 1 then 2 end;"
    " select 2; end",
    "create procedure p() begin declare exit handler for not found l: loop leave l; end loop l; select 2; end",
    "create procedure p() begin select t.case from t; select 2; end",
    "create procedure p() begin /* end; */ select 'end;'; -- end;\n select 2; end",
    "create procedure p() begin /*! select 1; */ select 2; end",
    "create procedure p() begin select 1 */* c; */ 2; end",
    "/*!50003 create */ /*!50017 definer=`root`@`%` */ /*!50003 procedure p() begin select 1; end */",
    "create procedure p(a int) if a > 1 then select 1; else select 2; end if",
    "create procedure p(a int) while a < 1 do select 1; end while",
    "create procedure p() l: loop leave l; end loop",
    "create procedure p(a int) repeat set a = a + 1; until a > 3 end repeat",
    "create procedure p(a int) case when a > 1 then select 1; else select 2; end case",
    "create procedure p(a int) case a when 1 then select 1; else select 2; end case",
    "create procedure p() select 1",
    "create function f(a int) returns int return a + 1",
    "create function f(a int) returns int return case when a then 1 else if(a, 2, 3) end",
    "create function f(begin int) returns int return begin",
    "create function f(a int) returns int if a > 1 then return 1; else return 2; end if",
    "create function f(a int) returns int deterministic begin return a; end",
    "create function f(a int) returns varchar(10) character set utf8mb4 begin set a = 1; return 'a;b'; end",
    "create function f(a int) returns set('a', 'b') begin return 'a'; end",
    "create trigger tr before insert on t for each row set new.b = 't'",
    "create trigger tr after update on t for each row begin set @a = 1; set @b = 2; end",
    "create trigger tr before insert on t for each row if new.a < 0 then set new.a = 0; end if",
    "create trigger tr before delete on t for each row follows tr0 if(old.a < 0) then set @a = 0; end if",
    "create event e on schedule every 1 day do begin select 1; select 2; end",
    "create event e on schedule every 1 day do select 1",
    "alter event e do begin select 1; select 2; end",
]


@pytest.mark.parametrize("sql", ROUTINES)
def test_a_routine_is_one_statement(sql: str) -> None:
    assert split(sql) == [sql]
    assert split(f"{sql};") == [sql]


@pytest.mark.parametrize("sql", ROUTINES)
def test_a_routine_ends_where_it_ends(sql: str) -> None:
    assert split(f"drop table t; {sql}; select 1; begin; select 2;") == [
        "drop table t",
        sql,
        "select 1",
        "begin",
        "select 2",
    ]


@pytest.mark.parametrize("sql", ["create procedure s.update() begin select 1; select 2; end"])
def test_a_name_after_a_dot_begins_no_body(sql: str) -> None:
    """The server refuses the name, and its error shows the whole statement."""
    assert split(f"{sql}; select 3") == [sql, "select 3"]


def test_routines_in_a_row() -> None:
    assert split(";\n".join(ROUTINES)) == ROUTINES


def test_a_routine_that_is_not_closed_reaches_to_the_end() -> None:
    sql = "create procedure p() begin select 1; select 2"

    assert split(sql) == [sql]


# standard_comments: `|` marks the blank that is inserted


@pytest.mark.parametrize(
    "marked",
    [
        # first on its line
        "--|x",
        "  \t--|x\nselect 1",
        "select 1\n--|x",
        "select 1\n  --|x\n, 2",
        "select 1\r\n\t--|x\r\n, 2",
        "select 1\r--|x\r, 2",
        "select 5\n--|5",
        "select 5\n --|(5)",
        "select 5\n--|'a' it's",
        "select 5\n --|`a`",
        'select 5\n--|"a"',
        "--|--------\nselect 1",
        "--|-- title",
        "--|- title\n--|- more -- text",
        "--|-",
        "--|;",
        "--|\x0c",
        "--|\x0bx",
        "--|\x00x",
        "--|\xa0x",
        "--|\u6ce8\u91ca",
        "--|don't\nselect '--x' --|can't\n, \"--y\"",
        "--|/* x\nselect 1 /* --x */",
        # after a comma or a parenthesis
        "select 1,--|x\n2",
        "select (--|x\n1)",
        "select (--|1\n1)",
        "select 1,--|'x\n2",
        "select ((--|(x\n1))",
        # after a semicolon
        "select 1;--|x",
        "select 1;--|1st",
        "select 1; --|1st",
        "select 1;\t--|'x",
        "select 1;--|-- x\n;--|y",
        # after a blank
        "select 1 --|x",
        "select 1\t--|x\n+ 2",
        "select 1, --|x\n2",
        "select 1 --|x -- y --z 'q",
        "select 1 --|x\n--|y\n   --|z",
        "select 1 --|-- x\n+ 2",
        "select 1 --|-5\n+ 2",
        "select 1 --|@v",
        "select 1 --|.5",
        "select 1 --|*",
        "select 1 --|/* x\n + 2",
        "select 1 --|# x\n + 2",
        "select 1 --|)",
        "select 5 - --|x",
        "select 'a' --|x\n, 'b'",
        "select 1 /* c */ --|x",
        "select 1 # c\n --|x",
        "select 1 -- c\n --|x",
        "select 1 /*! + 1 */ --|x",
        "select 'it''s' --|it's\n, 'x --y'",
        # at the end
        "select 1 --|",
        "select 1\n--|",
        "--|",
    ],
)
def test_a_comment_in_standard_sql_becomes_one(marked: str) -> None:
    assert standard_comments(marked.replace("|", "")) == marked.replace("|", " ")


@pytest.mark.parametrize(
    "sql",
    [
        # comments for the server already
        "-- x",
        "--\nselect 1",
        "--\r\nselect 1",
        "--\rselect 1",
        "--\tx",
        "-- don't --x 'y\nselect 1",
        "select 1 -- x\n-- y\n--\n+ 2",
        "select a -- -1",
        "select 5-- x\n+ 2",
        "select 5----- x --y\n+ 2",
        # arithmetic
        "select 5--5",
        "select 5---5",
        "select a--b",
        "select 5 --5",
        "select 5 --(5)",
        "select 5 --'5'",
        'select 5 --"5"',
        "select 5 --`a`",
        "select 5 - -5",
        "select 5 - - x",
        "select (a)--b",
        "select 5--",
        "select 5;-- x",
        "select 5;--\nselect 6",
        "select ';--x' /* ;--x */ -- ;--x",
        "select 1 /* c */--x",
        # not SQL of the statement
        "select ' --x'",
        "select '\n--x'",
        "select ',--x(--y'",
        "select 'a\\' --x'",
        "select 'a'' --x'",
        'select " --x"',
        'select "a\\" --x"',
        'select "a"" --x"',
        "select ` --x` from `\n--y`",
        "select `a`` --x` from t",
        "select 1 # c --x\n+ 2",
        "select 1 #\n",
        "select 1 /* c --x */ + 2",
        "select 1 /*\n--x\n*/ + 2",
        "select /*+ --x\n parallel(2) */ 1",
        "select 1 /*! --x\n + 2 */",
        "select 1 /*!50000 + length('*/ --x') --y\n */",
        "select ' --never closed",
        "select '\\",
        "select ''' --never closed",
        'select "\n--never closed',
        "select `\n--never closed",
        "/*\n--never closed",
        "/*!\n--never closed",
        "select 5 --5 '\n--x'",
        "select 5--x 'a\n--x'",
        "",
        "select 1 - 1",
    ],
)
def test_all_else_stays_the_same_object(sql: str) -> None:
    assert standard_comments(sql) is sql


def test_comments_are_read_before_statements_are_split() -> None:
    sql = "select 1 --one; don't\n; select 2 --two"

    assert split(standard_comments(sql)) == ["select 1 -- one; don't", "select 2 -- two"]
    assert split(standard_comments("select 1\n--\n--")) == ["select 1"]
    assert split(standard_comments("select 1;--last")) == ["select 1"]


# verb


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", ""),
        ("-- x", ""),
        ("'select'", ""),
        ("select 1", "select"),
        ("SELECT 1", "select"),
        ("select*from t", "select"),
        ("(select 1)", "select"),
        ("( (/* x */select 1))", "select"),
        ("/* x */ -- y\n# z\n--\n select 1", "select"),
        ("select/*+ parallel(2) */1", "select"),
        ("/*!40101 select */ 1", "select"),
        ("/*! select 1 */", "select"),
        ("/*!40101 SET NAMES utf8mb4 */", "set"),
        ("with x as (select 1) select * from x", "with"),
        ("values row(1)", "values"),
        ("table t", "table"),
        ("show tables", "show"),
        ("desc t", "desc"),
        ("explain insert into t values (1)", "explain"),
        ("insert into t values (1)", "insert"),
        ("insert /*+ append */ into t values (1)", "insert"),
        ("insert", "insert"),
        ("insert overwrite t select 1", "insert overwrite"),
        ("insert /*+ parallel(2) */ OVERWRITE t partition (p0) select 1", "insert overwrite"),
        ("replace into t values (1)", "replace"),
        ("update t set a = 1", "update"),
        ("delete from t", "delete"),
        ("load /*+ direct(true, 0) */ data infile 'x' into table t", "load"),
        ("call dbms_stats.gather_table_stats('a', 'b')", "call"),
        ("create table t (a int)", "create table"),
        ("create /*+ parallel(2) */ table /* x */ t as select 1", "create table"),
        ("create/* x */table t (a int)", "create table"),
        ("create table if not exists t (a int)", "create table"),
        ("create external table t (a int)", "create table"),
        ("create temporary table t (a int)", "create table"),
        ("create view v as select 1", "create view"),
        ("create or replace view v as select 1", "create view"),
        ("create algorithm=merge view v as select 1", "create view"),
        (
            "create or replace algorithm = undefined definer = root@`%` sql security definer view v as select 1",
            "create view",
        ),
        ("create definer=current_user() sql security invoker view v as select 1", "create view"),
        ("create definer='table'@'index' view v as select 1", "create view"),
        ("create definer=index@table view v as select 1", "create view"),
        ("create index i on t (a)", "create index"),
        ("create unique index i on t (a)", "create index"),
        ("create fulltext index i on t (a)", "create index"),
        ("create spatial index i on t (a)", "create index"),
        ("create vector index i on t (a)", "create index"),
        ("create global index i on t (a)", "create index"),
        ("create materialized view m as select 1", "create materialized view"),
        ("create /*+ x */ materialized /* y */ view m as select 1", "create materialized view"),
        ("create schema if not exists s", "create database"),
        ("create database s", "create database"),
        ("create function f() returns int return 1", "create function"),
        ("create definer=root@'%' procedure p() begin end", "create procedure"),
        ("create user u", "create user"),
        ("create", "create"),
        ("create or replace", "create"),
        ("alter table t add a int", "alter table"),
        ("alter view v as select 1", "alter view"),
        ("alter system set a = 1", "alter system"),
        ("drop table if exists t", "drop table"),
        ("drop tables a, b", "drop table"),
        ("drop temporary table t", "drop table"),
        ("drop view v", "drop view"),
        ("drop index i on t", "drop index"),
        ("drop materialized view if exists m", "drop materialized view"),
        ("drop schema s", "drop database"),
        ("drop prepare p", "drop prepare"),
        ("rename table a to b", "rename table"),
        ("RENAME TABLES a to b", "rename table"),
        ("rename user a to b", "rename user"),
        ("truncate table t", "truncate table"),
        ("truncate /* x */ t", "truncate table"),
        ("analyze table t", "analyze table"),
        ("fork table a to b", "fork table"),
        ("fork database a to b", "fork database"),
        ("start transaction read only", "start transaction"),
        ("begin", "begin"),
        ("begin work", "begin"),
        ("commit work", "commit"),
        ("rollback", "rollback"),
        ("rollback work", "rollback"),
        ("rollback to savepoint s", "rollback to"),
        ("rollback /* x */ work to s", "rollback to"),
        ("savepoint s", "savepoint"),
        ("release savepoint s", "release savepoint"),
        ("set @a = 1", "set"),
        ("set password = 'x'", "set password"),
        ("set passwords = 1", "set"),
        ("set default role all to u", "set default role"),
        ("use s", "use"),
        ("lock table t write", "lock tables"),
        ("unlock tables", "unlock tables"),
        ("grant select on t to u", "grant"),
    ],
)
def test_verb(sql: str, expected: str) -> None:
    assert verb(sql) == expected


# kind


@pytest.mark.parametrize(
    ("expected", "statements"),
    [
        (
            Kind.READ,
            [
                "select 1",
                "(select a from t) union (select b from u)",
                "with x as (select 1) select * from x",
                "with x as (select 1) (select * from x)",
                "(with x as (select 1) select * from x)",
                "with recursive x(a, b) as (select 1, 2), y as (select replace(a, 'x', 'y') from x) select * from y",
                "values row(1), row(2)",
                "table t",
                "show tables",
                "desc t",
                "describe t",
                "explain select 1",
                "explain insert into t values (1)",
                "explain extended update t set a = 1",
                "explain select * from t for update",
                "desc select 1 into @a",
                "select 'for update', \"into @a\", `into`, 1 -- for update\n, 2 # into @a\n, 3 /* := */",
                "select /*+ no_merge insert update into */ 1",
                "select 'it''s' 'into' from t",
                "select update_time, into_x, xinto, t.into, updated, 'a := b', shared, t.`update` from t",
                "select replace(a, 'b', 'c'), insert('a', 1, 2, 'c') from t",
                "select is_free_lock('x'), is_used_lock('x'), my_get_lock('x'), get_lock from t",
                "select nextval, t.nextval_x, 'x.nextval', `nextval`, t.`nextval_x` from t",
                "select a from t use index for order by (i) where update_at > 1",
                "select information_schema.x, substring('abc' from 1 for 2), merge_x from delete_log",
                "with x as (select 'update' as u, 'delete', replace('a', 'b', 'c') as r) select u from x",
                "with x as (select 1), `update` as (select 2) select * from x",
            ],
        ),
        (
            Kind.WRITE,
            [
                "insert into t values (1)",
                "insert overwrite t select 1",
                "replace into t values (1)",
                "update t set a = 1",
                "delete from t",
                "load data infile 'x' into table t",
                "call p()",
                "merge into t using u on (t.a = u.a) when matched then update set b = 1",
                "with x as (select 1) update t set a = 1",
                "with x as (select 1), y as (select 2) delete from t where a in (select * from x)",
                "with x as (select 1) insert into t select * from x",
                "with x as (select 1) /* y */ replace into t select * from x",
                "select * from t for update",
                "select * from t FOR UPDATE nowait",
                "select * from t for\n /* x */ -- y\n update skip locked",
                "(select * from t for update)",
                "with x as (select 1) select * from x for update",
                "with x as (select * from t for update) select * from x",
                "select * from t for share",
                "select * from t lock in share mode",
                "select * from t /*! for update */",
                "select 1 into outfile '/x'",
                "select 1 as a into dumpfile '/x'",
                "select @a := 1 into outfile '/x'",
                "select s.nextval from dual",
                "select s . NEXTVAL",
                "select `s`.`NEXTVAL`",
                "select s. /* the next */ nextval",
                "select nextval (s)",
                "select @a := 1 from t for update",
            ],
        ),
        (
            Kind.SESSION,
            [
                "set @a = 1",
                "set session ob_query_timeout = 1",
                "set global ob_query_timeout = 1",
                "set names utf8mb4",
                "/*!40101 set names utf8mb4 */",
                "set transaction isolation level read committed",
                "set role r",
                "use s",
                "do get_lock('x', 1)",
                "prepare p from 'select 1'",
                "execute p using @a",
                "deallocate prepare p",
                "drop prepare p",
                "lock tables t write",
                "unlock tables",
                "select @a := 1",
                "select @a:=@a+1 from t",
                "select 1 into @a",
                "select 1 from dual INTO  @a, @b",
                "select get_lock('x', 1)",
                "select GET_LOCK ('x', 1)",
                "select release_lock('x'), release_all_locks()",
                "with x as (select @a := 1) select * from x",
            ],
        ),
        (
            Kind.DDL,
            [
                "create table t (a int)",
                "create table t as select * from u for update",
                "create or replace view v as select 1",
                "create unique index i on t (a)",
                "create materialized view m as select 1",
                "create function f() returns int return 1",
                "create trigger tr before insert on t for each row set new.a = 1",
                "create user u",
                "create role r",
                "create sequence s",
                "alter table t add a int",
                "alter user u identified by 'x'",
                "drop table t",
                "drop user u",
                "rename table a to b",
                "rename user a to b",
                "truncate table t",
                "truncate t",
                "analyze table t",
                "optimize table t",
                "grant select on t to u",
                "revoke select on t from u",
                "comment on table t is 'x'",
                "fork table a to b",
                "purge recyclebin",
                "flashback table t to before drop",
                "set password for u = 'x'",
                "set default role r to u",
            ],
        ),
        (
            Kind.TRANSACTION,
            [
                "begin",
                "begin work",
                "start transaction",
                "commit",
                "rollback",
                "rollback to savepoint s",
                "savepoint s",
                "release savepoint s",
            ],
        ),
        (
            Kind.OTHER,
            [
                "",
                "-- x",
                "kill query 1",
                "check table t",
                "flush privileges",
                "alter system flush plan cache",
                "create event e on schedule every 1 day do select 1",
                "alter event e disable",
                "drop event e",
                "help 'x'",
            ],
        ),
    ],
)
def test_kind(expected: Kind, statements: list[str]) -> None:
    assert [sql for sql in statements if Statement(sql).kind is not expected] == []


def test_kind_and_verb_do_not_read_a_packed_insert() -> None:
    """Reading through these 16 MB takes several milliseconds. The best of five is for busy machines."""
    sql = "insert into t values " + "(1, 'abc', null)," * 1_000_000

    assert (Statement(sql).kind, verb(sql)) == (Kind.WRITE, "insert")
    assert min(seconds(lambda: (Statement(sql).kind, verb(sql))) for _ in range(5)) < 0.001


def seconds(function: Callable[[], object]) -> float:
    # processor time, because elapsed time means little on a busy machine
    started = time.process_time()
    function()
    return time.process_time() - started


@pytest.mark.parametrize(
    "sql",
    [
        "select '" * 200_001 + ";--x",
        "select '" + "\\'" * 500_000 + ";--x",
        "'" * 1_000_001 + ";--x",
        "/*!" * 300_000 + ";--x",
        "/*" * 500_000 + ";--x",
        "select 1; " + "-" * 1_000_000,
        "select 1 --x" + "\n   " * 250_000 + ";--x",
        "select 1;" + " " * 1_000_000 + "into --x",
        "select 1;" + "/* x */ " * 125_000 + "for --x",
        "select 1;" + " for" * 250_000 + "/* update */ --x",
        "create procedure p() begin " + "if a then select 1; end if; " * 35_000 + " end; --x",
    ],
    ids=range(11),
)
def test_time_grows_with_length_only(sql: str) -> None:
    """No text makes the patterns backtrack: a megabyte of the worst case takes less than a second, not minutes."""

    def read() -> None:
        for statement in split(standard_comments(sql)):
            _ = Statement(statement).kind
        _ = Statement(f"select into_ {sql}").kind

    assert seconds(read) < 30
