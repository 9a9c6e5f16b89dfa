"""Which casts are rewritten, which operand they have, and that all other text stays as it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt.adapters.oceanbase.sql.standard import rewritten

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def marked(sql: str) -> str:
    """Return ``sql`` with ``[operand]::type`` in the place of each cast to text that was made."""
    return re.sub(r" +", " ", rewritten(sql).replace("cast(", "{").replace(" as char)", "}"))


# braces mark the operand; the cast is to text, whose form is the shortest
OPERANDS = [
    "{1}",
    "{1.5}",
    "{.5}",
    "{1e5}",
    "{1.5e-3}",
    "{1E+3}",
    "1 -{5}",
    "2e -{5}",
    "-{1}",
    "a - {b}",
    "a+{b}*c",
    "{'a'}",
    "{'it''s; ::int'}",
    r"{'\'::x'}",
    "{'a' 'b'}",
    "{x'41'}",
    "{_utf8mb4'a'}",
    "{date '2020-01-01'}",
    "{timestamp '2020-01-01 10:00:00'}",
    "{null}",
    "{current_date}",
    "{a}",
    "{a.b}",
    "{s.a.b}",
    "{`a b`.`c``d`}",
    "{t.`end`}",
    "{t.end}",
    "{t.order}",
    "{@a}",
    "{@@session.sql_mode}",
    "{f(a, (b))}",
    "{s.f()}",
    "{left(a, 1)}",
    "{(a)}",
    "{(select 1)}",
    "{((a))}",
    "not {(a)}",
    "a in {(b)}",
    "{a[1]}",
    "{a[1][2]}",
    "{f(a)[1]}",
    "{array[1, 2]}",
    "{sum(a) over (partition by b)}",
    "{sum(a) over w}",
    "{count(*) filter (where a)}",
    "{f(a) within group (order by b) over ()}",
    "{case when a then b end}",
    "{case when a then case b when 1 then 2 end else 3 end}",
    "{exists (select 1)}",
    "a and {b}",
    "case when a then {b} else {c} end",
    "a /* ) */ , {b}",
    "a -- 'x\n, {b}",
    "{a} , {b}",
    "f({a}, ({b}))",
]


@pytest.mark.parametrize("expected", OPERANDS)
def test_the_operand_is_that_of_postgres(expected: str) -> None:
    sql = f"select {expected} as x".replace("{", "").replace("}", "::text")

    assert marked(sql) == f"select {expected} as x"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a::text::text", "{{a}}"),
        ("not(a)::text", "not {(a)}"),
        ("a :: text", "{a }"),
        ("a::TEXT", "{a}"),
        ("a\n  ::character varying", "{a\n }"),
        ("a::varchar as b", "{a} as b"),
        ("cast(a as text)", "{a }"),
        ("CAST ( a as varchar )", "{ a }"),
        ("cast((select 1 as int) as text)", "{(select 1 as int) }"),
        ("cast(cast(a as text)::text as text)", "{{{a }} }"),
        ("cast(a::text || b as text)", "{{a} || b }"),
        ("cast(a as text)::text[1]", "{a }::text[1]"),
        ("cast(a -- as int)\n as text)", "{a -- as int)\n }"),
    ],
)
def test_chains_and_nested_casts(sql: str, expected: str) -> None:
    assert marked(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "select cast(a as signed), cast(b as char(10)), cast(c as decimal(10, 2)), cast(d as datetime(6))",
        "select 'a::int', \"cast(a as int)\", `x::text` -- b::int\n# cast(c as int)\n/* d::text */ from t",
        "select a as text, b as int, c as `bigint` from (select 1 as varchar) as timestamp",
        "create table cast (a int, b text as (a) stored)",
        "select s.cast(a as int)",
        "select @a := 1, l:=2",
        "select '{\"a\": 1}' -> '$.a'",
        'select "a"::int',
        "select ::int, a::, a::foo, a::'int', a::`int`",
        "select a::int[], a::int(5), a::text.b, a::int unsigned",
        "select a::timestamp with time zone, a::timestamptz, cast(a as timestamp with time zone)",
        "select a::numeric, a::numeric(65, 2), a::numeric(5, 6), a::numeric(40, 31), a::varchar(0), a::timestamp(7)",
        "select cast(a as numeric), cast(a as double), cast(a as time), cast(a as date), cast(a as json)",
        "select a::uuid, cast(a as uuid), a::bytea, a::interval, a::float4",
        "select cast(a as int",
        "select a)::",
        "select )::int, ]::text, end::text",
        "",
    ],
)
def test_other_text_stays(sql: str) -> None:
    assert rewritten(sql) is sql


def test_an_operand_is_written_once() -> None:
    for data_type in ("int", "text", "varchar(9)", "boolean", "timestamp", "double precision", "numeric(9,2)", "date"):
        assert rewritten(f"select rand()::{data_type}").count("rand()") == 1


QUIET = st.sampled_from(
    [
        *("a", "t.`b`", "1.5", "'x::int'", "'it''s cast(a as int)'", '"a::text"', "`a::int`", "null", "@v", "x'41'"),
        *("f(a, 1)", "cast(a as signed)", "cast(a as char(5))", "cast(`a::int` as decimal(5,2))", "-1e-5", "[1, 2]"),
        *("/* a::int */ a", "a -- cast(a as int)\n", "a # ::\n", "(select 1 as text)", "(select a as `int` from t)"),
        *("/*+ ::int */ a", "/*! a */", "case a when 1 then 2 end", "count(*) over ()", "date '2020-01-01'"),
    ]
)
STATEMENTS = st.recursive(
    QUIET,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", ",", "||", "and", "is not", "->"]), inner).map(" ".join),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"cast({one} as datetime)"),
        inner.map(lambda one: f"(select {one} as bigint, {one} text)"),
        inner.map(lambda one: f"case when {one} then {one} end"),
    ),
    max_leaves=12,
).map(lambda expression: f"select {expression} as int")


@UNHURRIED
@given(STATEMENTS)
def test_statements_of_the_server_stay_the_same_object(sql: str) -> None:
    assert rewritten(sql) is sql


@UNHURRIED
@given(STATEMENTS, st.sampled_from(["int", "text", "varchar(3)", "boolean", "timestamp(3)", "numeric(9, 2)", "date"]))
def test_a_rewritten_statement_is_not_rewritten_again(sql: str, data_type: str) -> None:
    result = rewritten(f"select ({sql})::{data_type}, cast(a as int)")

    assert result.count(sql) == 1
    assert rewritten(result) == result


@UNHURRIED
@given(
    st.lists(
        st.sampled_from(
            [
                "cast",
                "(",
                ")",
                "::",
                ":",
                "as",
                "int",
                "text",
                "'",
                '"',
                "`",
                "a",
                ".",
                "1",
                "[]",
                "case",
                "end",
                "over",
                "-",
                "1e",
                " ",
                "\n",
                "--",
                "/*",
                "*/",
                "numeric",
                ",",
                "İ",
                "@",
            ]
        )
    ).map("".join)
)
def test_any_text_can_be_read(sql: str) -> None:
    assert isinstance(rewritten(sql), str)
