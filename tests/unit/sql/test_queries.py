"""The SELECT of a CREATE TABLE ... AS: its form, and the NULL columns in its text."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.sql.queries import has_null_column, with_nullable_columns

UNTYPED = [
    "select null",
    "select 1 as a, NULL as b",
    "select distinct null as a from t",
    "with a as (select null as b) select * from a",
    "select * from (select 1 as a, null as b) q",
    "(select 1 as a) union all (select null)",
    "select 'null' as a, null b",
    "select (null) as a, 1 as b",
]
TYPED = [
    "select cast(null as char) as a",
    "select f(a, b), cast( NULL as binary ) from t",
    "with a as (select cast(null as nchar) as b) select * from a",
    "select 1 /* null */, cast(null as char)",
    "select cast(null as text) as a",
    "select 1 as a, CAST( NULL AS VARCHAR ) as b",
    "select cast(null as string), cast(null as character varying)",
    "select null::text as a",
    "with a as (select 1, null :: varchar as b) select * from a",
    "select distinct null::text::varchar as a",
    "select cast(cast(null as char) as char)",
    "select (cast((null) as text)) as a from t",
]
WITHOUT = [
    "select 1",
    "select a from t where a is null",
    "select a from t where b is not null and c = 1",
    "select nullif(a, b), ifnull(a, 1) from t",
    "select case when a = 1 then b else null end as c from t",
    "select coalesce(a, null), if(a, null, b) from t",
    "select 'select null', `select null` from t -- select null",
    "select 1 --select null",
    "select 1 # , null",
    "select cast(null as char(10)), cast(null as signed), cast(null as date)",
    "select coalesce(cast(null as char), a) from t",
    "select null::varchar(10), null::int, cast(null as jsonb), null::date, null::timestamp, null::boolean from t",
    "select f((null)), a in (1, (null)), coalesce(null::text, b) from t where c = null::text",
    "select cast(cast(null as char) as char(5)), left(null::text, 3) from t",
    "select a from t order by null",
    "select cast(null",
    "select a from t where (null",
]


@pytest.mark.parametrize("sql", UNTYPED)
def test_null_without_a_type(sql: str) -> None:
    assert has_null_column(sql, with_a_type=False)
    assert not has_null_column(sql, with_a_type=True)


@pytest.mark.parametrize("sql", TYPED)
def test_null_with_a_type(sql: str) -> None:
    assert has_null_column(sql, with_a_type=False)
    assert has_null_column(sql, with_a_type=True)


@pytest.mark.parametrize("sql", WITHOUT)
def test_no_null_column(sql: str) -> None:
    assert not has_null_column(sql, with_a_type=False)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from t for update",
        "select @n := 1 as n",
        "select s.nextval as n",
        "select get_lock('a', 1) as n",
        "select 1; select 2",
    ],
)
def test_queries_that_stay_as_they_are(sql: str) -> None:
    assert with_nullable_columns(sql) == sql


@pytest.mark.parametrize(
    "sql", ["select 1 -- last", "with a as (select 1) select * from a", "(select 1) union select 2"]
)
def test_others_stand_inside_of_a_join(sql: str) -> None:
    assert f"left join ((\n{sql}\n) as dbt_rows" in with_nullable_columns(sql)


def test_the_end_of_a_statement_is_left_out() -> None:
    assert "(\nselect ';' as a\n)" in with_nullable_columns("select ';' as a;\n")


def test_a_semicolon_in_a_comment_ends_nothing() -> None:
    assert "(\nselect 1 -- don't; stop\n)" in with_nullable_columns("select 1 --don't; stop")


@pytest.mark.parametrize("sql", ["select cast(null as", "select cast(null", "select cast("])
def test_a_statement_that_is_cut_off_is_left_to_the_server(sql: str) -> None:
    assert not has_null_column(sql, with_a_type=False)
