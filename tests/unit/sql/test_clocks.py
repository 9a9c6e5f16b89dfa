"""The current time with fractions of a second in the query of a CREATE TABLE ... AS."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.sql.clocks import with_fractions

NOW = "convert_tz(utc_timestamp(6), '+00:00', @@session.time_zone)"


@pytest.mark.parametrize(
    "query",
    [
        "select now() as a, current_timestamp as b, sysdate(0) as c, utc_timestamp(6) as d",
        "select 'now(6)' as a, \"now(6)\" as b, `now`(6) as c -- now(6)\n from t /* now(6) */",
        "select s.now(6) as a, my_now(6) as b, now(x) as c, @now as d",
        "select now as a from t",
        "select now(",
        "select now(6",
    ],
)
def test_other_text_stays(query: str) -> None:
    assert with_fractions(query) == query


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("select now(6) as a", f"select {NOW} as a"),
        ("select NOW ( 6 ) a from t", f"select {NOW} a from t"),
        ("select coalesce(a, current_timestamp(6), b) as c", f"select coalesce(a, {NOW}, b) as c"),
        ("select 1 as a from t where at < localtimestamp(6)", f"select 1 as a from t where at < {NOW}"),
        ("select 1 as a from t order by a, now(6), 2", f"select 1 as a from t order by a, {NOW}, 2"),
        ("select sysdate(3) as a", f"select {NOW.replace('(6)', '(3)')} as a"),
        ("select curtime(6) as a", f"select cast({NOW} as time(6)) as a"),
        ("select now(6)", f"select {NOW} as `now(6)`"),
        ("select round(a, 1.), now(6) from t", f"select round(a, 1.), {NOW} as `now(6)` from t"),
        ("select sql_no_cache now(6) from t", f"select sql_no_cache {NOW} as `now(6)` from t"),
        ("select 1 as a, Now(6), 2 as b from t", f"select 1 as a, {NOW} as `Now(6)`, 2 as b from t"),
        ("select * from (select now(6)) as t", f"select * from (select {NOW} as `now(6)`) as t"),
        ("select a in (1, now(6)) as b from t", f"select a in (1, {NOW}) as b from t"),
    ],
)
def test_clocks(query: str, sent: str) -> None:
    assert with_fractions(query) == sent
