"""Hints go where the server reads them, behind those that are there."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.sql.hints import NoPlaceForHintsError, is_hint, with_hints


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select a from t", "select /*+ h(1) */ a from t"),
        ("SELECT\na", "SELECT /*+ h(1) */\na"),
        ("select /*+ use_hash(a) */ a", "select /*+ use_hash(a) h(1) */ a"),
        ("select /* c */ /*+ use_hash(a)*/ a", "select /* c */ /*+ use_hash(a) h(1) */ a"),
        ("select -- c\n /*+ no hint here */ a", "select /*+ h(1) */ -- c\n /*+ no hint here */ a"),
        ("select distinct /*+ no hint */ a", "select /*+ h(1) */ distinct /*+ no hint */ a"),
        ("select /*+ */ a", "select /*+ h(1) */ a"),
        ("select /*! a */ from t", "select /*+ h(1) */ /*! a */ from t"),
        (
            "-- select\n/* select */ select 'select' from t",
            "-- select\n/* select */ select /*+ h(1) */ 'select' from t",
        ),
        ("with a as (select 1 as x) select x from a", "with a as (select 1 as x) select /*+ h(1) */ x from a"),
        ("with `select` as (select 1) select 2", "with `select` as (select 1) select /*+ h(1) */ 2"),
        ("select 1 union all select 2", "select /*+ h(1) */ 1 union all select 2"),
        ("(select 1) union all (select 2)", "(select /*+ h(1) */ 1) union all (select 2)"),
        ("((select 1))", "((select /*+ h(1) */ 1))"),
    ],
)
def test_the_place_of_a_hint(query: str, expected: str) -> None:
    assert with_hints(query, ["h(1)"]) == expected


def test_several_hints_and_none() -> None:
    assert with_hints("select 1", [" a(1) ", "b"]) == "select /*+ a(1) b */ 1"
    assert with_hints("select 1", []) == "select 1"


@pytest.mark.parametrize("query", ["values row(1)", "table t", "with a as (select 1) (select * from a)", ""])
def test_a_query_without_a_place(query: str) -> None:
    with pytest.raises(NoPlaceForHintsError):
        with_hints(query, ["h"])


@pytest.mark.parametrize(
    "text", ["parallel(2)", "no_rewrite", " use_hash (a b) ", "leading((a b) c)", "index(t `i )`)"]
)
def test_what_is_a_hint(text: str) -> None:
    assert is_hint(text)


@pytest.mark.parametrize(
    "text", ["", "parallel(2) append", "a(", "a)", "a(1))", "a */ x", "a('b)", "2a", "a(1);", "a b"]
)
def test_what_is_no_hint(text: str) -> None:
    assert not is_hint(text)
