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
    "a mod {(b)}",
    "f(a) mod {(b)}",
    "t.order mod {(b)}",
    "'1' mod {(b)} mod {(c)}",
    "{mod(a, b)}",
    "1 + {mod(a, b)}",
    "distinct {mod (a, b)}",
    "straight_join {mod(a, b)}",
    "sql_no_cache {(a)}",
    "high_priority sql_no_cache {mod(a, b)}",
    "sql_calc_found_rows {mod(a, b)}",
    "1. mod {(b)}",
    "{case when a then 1. end}",
    "a like {mod(a, b)}",
    "a ilike {(b)}",
    "a member of {(b)}",
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
    "{a} as y , {b}",
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
        ("cast(a as /* c */ text)", "{a }"),
        ("cast(a as-- c\n text)", "{a }"),
        ("\u0e0a\u0e37\u0e48\u0e2d::text", "{\u0e0a\u0e37\u0e48\u0e2d}"),
        ("1, e\u0301a::text", "1, {e\u0301a}"),
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


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select a::text from t", "select {a} as `a` from t"),
        ("select distinct A::text, t.`b c` :: text", "select distinct {A} as `A`, {t.`b c` } as `b c`"),
        ("select all t.b::text::text, (s.t.c)::text", "select all {{t.b}} as `b`, {(s.t.c)} as `c`"),
        ("select cast(a as text), cast((b)::text as varchar)", "select {a } as `a`, {{(b)} } as `b`"),
        ("select cast(cast(a as signed) as text)", "select {cast(a as signed) } as `a`"),
        (
            "select t.order::text, `a``b`::text, t.`select`::text",
            "select {t.order} as `order`, {`a``b`} as `a``b`, {t.`select`} as `select`",
        ),
        ('select key::text, t."x y"::text', "select {`key`} as `key`, {t.`x y`} as `x y`"),
        ("select a::text /* x */ -- y\n, b::text", "select {a} as `a` /* x */ -- y\n, {b} as `b`"),
        (
            "select a::text union all select b::text order by 1",
            "select {a} as `a` union all select {b} as `b` order by 1",
        ),
        (
            "with c as (select a::text) select b::text, c from c",
            "with c as (select {a} as `a`) select {b} as `b`, c from c",
        ),
        ("insert into t select a::text from u", "insert into t select {a} as `a` from u"),
        ("create view v as select a::text", "create view v as select {a} as `a`"),
        ("select t.*, u.a::text from t, u", "select t.*, {u.a} as `a` from t, u"),
        ("select current_date::text", "select {current_date} as `current_date`"),
        ("select (a::text), ((t.b)::text), ((c::text))", "select ({a}) as `a`, ({(t.b)}) as `b`, (({c})) as `c`"),
        # a FROM, a GROUP or a name after a point that does not end the list
        (
            "select a is distinct from b, a is not distinct from b, c::text from t",
            "select a <=> b = 0, a <=> b, {c} as `c` from t",
        ),
        (
            "select f(a) within group (order by b), c::text from t",
            "select f(a) within group (order by b), {c} as `c` from t",
        ),
        ("select f(1.), a::text from t", "select f(1.), {a} as `a` from t"),
        ("select 1. from (select a::text from t) as u", "select 1. from (select {a} as `a` from t) as u"),
        (
            "select case when b then 1. end, case b when 1. then 2 end, a::text from t",
            "select case when b then 1. end, case b when 1. then 2 end, {a} as `a` from t",
        ),
        # words between SELECT and the columns
        ("select straight_join a::text, b::text", "select straight_join {a} as `a`, {b} as `b`"),
        ("select distinct sql_no_cache a::text", "select distinct sql_no_cache {a} as `a`"),
        # the column has a name, or is more than the cast of a column
        ("select a::text b, a::text as c, a::text 'd'", "select {a} b, {a} as c, {a} 'd'"),
        ("select (a::text) b, (a::text) + 1, (b::text) as c", "select ({a}) b, ({a}) + 1, ({b}) as c"),
        ("select x in ((a::text)), (a::text, b::text) = (1, 2)", "select x in (({a})), ({a}, {b}) = (1, 2)"),
        ("select f(a::text), f(a)::text, a::text = b, -a::text", "select f({a}), {f(a)}, {a} = b, -{a}"),
        ("select case a::text when b::text then c::text end", "select case {a} when {b} then {c} end"),
        ("select [a::text, b::text], x in (c::text, d::text)", "select [{a}, {b}], x in ({c}, {d})"),
        (
            "select 1::text, 'a'::text, 1.5::text, null::text, true::text, @v::text",
            "select {1}, {'a'}, {1.5}, {null}, {true}, {@v}",
        ),
        ("select cast(binary a as text), cast(a as char)", "select {binary a }, {a}"),
        # not in the list of a SELECT
        ("select 1 from t where a::text group by b::text, c::text", "select 1 from t where {a} group by {b}, {c}"),
        ("select 1 from t order by a::text, b::text", "select 1 from t order by {a}, {b}"),
        ("select max(x) over (partition by a::text, b::text)", "select max(x) over (partition by {a}, {b})"),
        ("insert into t values (a::text, b::text)", "insert into t values ({a}, {b})"),
        ("update t set a = b::text, c = d::text", "update t set a = {b}, c = {d}"),
        # another column has the name
        ("select a, t.a::text from t", "select a, {t.a} from t"),
        ("select `A`, a::text, b::text from t", "select `A`, {a}, {b} as `b` from t"),
        ("select x as a, a::text, y b, b::text from t", "select x as a, {a}, y b, {b} from t"),
        ("select a::text, cast(a as varchar), cast(b as char), b::text", "select {a}, {a }, {b}, {b}"),
        ("select a, (a::text) from t", "select a, ({a}) from t"),
        ("select 1. a, a::text, b is distinct from c b, b::text", "select 1. a, {a}, b <=> c = 0 b, {b}"),
        ("select *, a::text from t", "select *, {a} from t"),
        ("select t.*, `t`.a::text, s.t.b::text from s.t", "select t.*, {`t`.a}, {s.t.b} from s.t"),
    ],
)
def test_a_column_keeps_its_name(sql: str, expected: str) -> None:
    assert marked(sql) == expected.replace("cast(", "{").replace(" as char)", "}")


def test_a_long_chain_of_casts_keeps_the_name() -> None:
    assert rewritten(f"select a{'::text' * 2000} from t").endswith(" as char) as `a` from t")


def test_the_value_of_return_is_no_argument() -> None:
    sql = "create function f() returns int return (select 1)::text; return mod(a, b)::text"

    assert marked(sql) == "create function f() returns int return {(select 1)}; return {mod(a, b)}"


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
