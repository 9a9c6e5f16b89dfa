"""Reserved words of OceanBase as names of columns."""

from __future__ import annotations

import re

import pytest

from dbt.adapters.oceanbase.sql.standard import reserved, rewritten


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select 1 as database, 2 as Schema", "select 1 as `database`, 2 as `Schema`"),
        ("select 1 as range from t", "select 1 as `range` from t"),
        ("select condition from t", "select `condition` from t"),
        ("select 1. as key from t where a > 1. and key = 2", "select 1. as `key` from t where a > 1. and `key` = 2"),
        ("select distinct key, index from t", "select distinct `key`, `index` from t"),
        ("select a from t where condition = 'left'", "select a from t where `condition` = 'left'"),
        ("select case when change is null then 1 end", "select case when `change` is null then 1 end"),
        ("select t.a, max(key) from t group by order", "select t.a, max(`key`) from t group by `order`"),
        ("select a from t order by key desc, desc", "select a from t order by `key` desc, `desc`"),
        ("with x(key, a) as (select 1 as key) select 1", "with x(`key`, a) as (select 1 as `key`) select 1"),
        ("select a from t join u using (key)", "select a from t join u using (`key`)"),
        ("insert into t (key, a) values (1, 2)", "insert into t (`key`, a) values (1, 2)"),
        ("update t set key = 1, a = key + 2", "update t set `key` = 1, a = `key` + 2"),
        (
            "create table t (a int, index (a)) as select a as index",
            "create table t (a int, index (a)) as select a as `index`",
        ),
        ("select -- the\n key, /* b */ sql from t", "select -- the\n `key`, /* b */ `sql` from t"),
        (f"select id, -- {'long ' * 30}\n\n condition from t", f"select id, -- {'long ' * 30}\n\n `condition` from t"),
        (f"select 1 as # {'long ' * 30}\n -- short\n key", f"select 1 as # {'long ' * 30}\n -- short\n `key`"),
        ("select 2 * usage, (1) * key, `a` * key from t", "select 2 * `usage`, (1) * `key`, `a` * `key` from t"),
        ("select all key, a mod key, a div key from t", "select all `key`, a mod `key`, a div `key` from t"),
        ("select a from t where a regexp key and a like key escape '!'", None),
        ("select a, count(*) from t group by key with rollup", None),
        ("select max(a) over (order by index rows 1 preceding), rank() over (order by key range b preceding)", None),
        ("select group_concat(key separator ','), convert(key using utf8mb4) from t", None),
        ("select extract(day from key), trim(both ' ' from key), substring(a from key) from t", None),
        ("select substring(a from key for 3), extract(day from key + 1), mid((a) from key for (2)) from t", None),
        ("select a from t where b = key for update", "select a from t where b = `key` for update"),
        ("select a, key into @x, @y from t", "select a, `key` into @x, @y from t"),
        ("insert into t values (1) on duplicate key update key = 2, a = key", None),
        ("(select 1 as key) union all select key", "(select 1 as `key`) union all select `key`"),
        ("select key::text, a from t", "select cast(`key` as char) as `key`, a from t"),
    ],
)
def test_words_become_names(sql: str, expected: str | None) -> None:
    """Without an expected text, each name of a column that is one of these words gets backticks."""
    named = re.sub(r"(?<!duplicate )\b(key|index)\b", r"`\1`", sql)

    assert rewritten(sql) == (expected or named)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [("select key", True), ("select key\u0301", False), ("select e\u0301and key", False), ("select e and key", True)],
)
def test_marks(sql: str, expected: bool) -> None:
    """A combining mark is a part of the word beside it."""
    assert reserved.has_marks(sql) is expected


def test_operands_of_pipes() -> None:
    assert rewritten("select key || sql", concat=True) == "select concat(`key` , `sql`)"


@pytest.mark.parametrize(
    "sql",
    [
        *("select t.key, t.database from t", "select `key`, 'key', \"key\", @key from t", "select key(1)"),
        *("select a from t group by b order by c desc limit 1, 2", "select 1 key", "select a key, b from t"),
        *("select a from u use index (k) join t force index for order by (k)", "select database(), schema()"),
        "select group_concat(a order by b desc separator ',') from t",
        "select a, sum(b) over (order by a desc range between 1 preceding and current row) from t",
        *("insert into t values (1, default) on duplicate key update a = 1", "lock tables t read, u write"),
        *("create table t (a int, key (a), index end (a))", "grant select, index, trigger on d.t to u"),
        *("alter table t add a int, change b c int", "show index from t", "desc t", "set sql = 1, key = 2"),
        *("create table t (a int, key and (a)) as select 1", "select a as order by a", "select 1 as left, 2 as from"),
        *("select a from t order by @by desc", "select @as key"),
        *("select * limit 1", "select a.* order by b", "select all * limit 1", "select a from key"),
        "select substring((select a from key for update), 1), extract(day from (select a from key limit 1))",
        *("select a from (select b from key)", "select a from t where b = c for update", "update key = 2"),
        "create procedure p() begin select 1; create table t (a int, key using btree (a), index using hash (a)); end",
        *("-- as key\nselect 1", "select 'as key, key'", "/* select key */ select 1", "select"),
    ],
)
def test_other_words_stay(sql: str) -> None:
    assert rewritten(sql) is sql
