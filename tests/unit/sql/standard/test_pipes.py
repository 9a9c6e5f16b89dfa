"""``||`` becomes ``concat`` where its operands are certain, and is an error where they are not."""

from __future__ import annotations

import pytest
from support import double_pipes

from dbt.adapters.oceanbase.sql.standard import UnclearOperandError, first_pipe, rewritten

# what the tests on the server cannot run; braces mark the operands that come together
OTHER_CHAINS = [
    "{s.t.a || f(b, (c))} as d",
    "{count(*) filter (where a) || 'x'}",
    "sql_no_cache {a || mod(b, c)}",
    "{a[1] || left(b, 1) || t.order}",
    "'a || b' , \"a || b\", `a || b`",
    "{\u0e0a\u0e37\u0e48\u0e2d || e\u0301}",
]


@pytest.mark.parametrize("expected", [*double_pipes.CHAINS, *OTHER_CHAINS])
def test_chains_become_concat(expected: str) -> None:
    sql = f"select {expected.replace('{', '').replace('}', '')}"

    result = rewritten(sql, concat=True)

    assert result.replace("concat(", "{") == _called(f"select {expected}")
    assert rewritten(result, concat=True) == result


def _called(marked: str) -> str:
    """Return ``marked`` with a comma for each ``||`` between braces, and a parenthesis for each closing brace."""
    result, depth, position = "", 0, 0
    while position < len(marked):
        end = position + 1
        if marked[position] == "{":
            depth += 1
        elif marked.startswith("/*", position):
            end = marked.index("*/", position)
        elif marked.startswith("--", position):
            end = marked.index("\n", position)
        is_pipe = marked.startswith("||", position) and depth > 0
        closes = marked[position] == "}"
        depth -= closes
        result += "," if is_pipe else ")" if closes else marked[position:end]
        position = position + 2 if is_pipe else end
    return result


@pytest.mark.parametrize(
    "expression",
    [
        *("a + b || c", "a || b - c", "a * b || c", "a || b / c", "a % b || c", "a div b || c", "a || b mod c"),
        *("a ^ b || c", "a | b || c", "a || b & c", "a << 1 || b", "a || b >> 1", "~a || b", "!a || b", "!-a || b"),
        *("a -> '$.b' || c", "a || b ->> '$.c'", "a || b collate utf8mb4_bin", "a collate utf8mb4_bin || b"),
        *("a at time zone 'x' || b", "a || b at time zone 'x'", "binary a || b", "interval 1 || 2 day"),
        *('"a" || b', 'a || "b"', 'a || b "c"', "a || b 'c'", "a ||", "|| a", "a || || b", "a || interval 1 day"),
        *("a || b::foo", "a::foo || b", "a || (b", "a || select", "a || case b"),
    ],
)
def test_uncertain_operands_are_an_error(expression: str) -> None:
    with pytest.raises(UnclearOperandError, match=r"^it is not .* \|\| in line 2 of the statement: write"):
        rewritten(f"select 1,\n{expression}", concat=True)


@pytest.mark.parametrize(
    "chain",
    [
        *("a::jsonb || b", "a || b::jsonb", "a || b || c::jsonb", "'{}'::jsonb || '{}'::jsonb"),
        *("(a::jsonb) || b", "a || ((b::jsonb))", "cast(a as jsonb) || b", "a || cast(b as jsonb)", "f(a)::jsonb || b"),
    ],
)
def test_a_merge_of_json_is_an_error(chain: str) -> None:
    with pytest.raises(UnclearOperandError, match=r"^\|\| merges JSON .* in line 2 .*: write json_merge_patch"):
        rewritten(f"select 1,\n{chain}", concat=True)


@pytest.mark.parametrize(
    ("sql", "sent"),
    [
        (
            "select a::jsonb::text || b, f(c::jsonb) || d",
            "select concat(cast(cast(a as json) as char) , b), concat(f(cast(c as json)) , d)",
        ),
        # PostgreSQL has || for jsonb, but not for json
        ("select a || b || c::json", "select concat(a , b , cast(c as json))"),
        (
            "select cast(a as json) || b, (c::json) || d",
            "select concat(cast(a as json) , b), concat((cast(c as json)) , d)",
        ),
    ],
)
def test_json_in_texts_is_joined(sql: str, sent: str) -> None:
    assert rewritten(sql, concat=True) == sent


@pytest.mark.parametrize(
    "condition",
    [
        *("a = 1 || b = 2", "a = 1 || b is null", "a is null || b", "a is not null || b = 1", "a in (1, 2) || b"),
        *("a not in (1, 2) || b", "a like 'b' || c like 'd'", "a < 1 || b not like 'c'", "exists (select 1) || a"),
        *("a || b", "(a || b)", "c and (a || b)", "c or ((a || b)) or d", "not a || b", "if(a || b, 1, 0)"),
        *("case when a || b then 1 end", "a != 1 || b >= 2 || c = 3"),
        *(
            "a = 1 || (b = 2 and c = 3)",
            "(a = 1 and b = 2) || c = 3",
            "(a = 1) || ((b < 2))",
            "(1. and b) || c",
            "a || (b in (1))",
        ),
        *("a = 1 || (not b)", "a = 1 || (b && c)", "a = 1 || (case a when 1 then 2 end > 1)", "a = 1 || (b > 2)"),
        *("a = 1 || exists (select 1)", "isnull(a) || b = 1", "a = 1 || regexp_like(b, 'c')", "a = 1 || true"),
        *("d between 1 and 5 || h = 1", "d between 1 and 5 || b between 3 and 4", "a is distinct from 1 || b = 2"),
        *("d not between if(a, 1, 2) and 5 || b is null", "if(a, 1, 2) and b || c", "d between 1 and 2 and a || b"),
        *(
            "a || b for update",
            "a || b lock in share mode",
            "a || b into @v",
            "(a || b) is true",
            "a || b is not false",
        ),
        *(
            "a && (b || c)",
            "(a || b) && c",
            "!(a || b)",
            "a in ((1), (2)) || b",
            "((a || b)) is unknown",
            "(a || b) = true",
            "a || b <> false",
        ),
    ],
)
def test_a_logical_or_is_an_error(condition: str) -> None:
    with pytest.raises(UnclearOperandError, match=r"^\|\| looks like a logical OR in line 2 .*: write OR"):
        rewritten(f"select 1 where\n{condition}", concat=True)


@pytest.mark.parametrize(
    "value",
    [
        *("count(status = 'x' || null)", "sum(is_a || is_b)", "avg((a || b))", "bit_or(a || b) over ()", "a || null"),
        *("case when x = 1 then 'a' when is_b || is_c then 'b' end", "if(a and b || c, 1, 0)", "if((a || b), 1, 0)"),
        *("case when case a when 1 then 2 end then 'a' when (b || c) then 'b' end", "a or b || c as f"),
        *("not a || b as f", "a || b or c as f", "coalesce(a || b and c, 1)", "case when a then b or c || d end"),
        *("case when a then b || c xor d end", "(a = 1) || (b = 2) as a", "a = 1 || b = 2 as f"),
        *("b from t join u on a || b left join v on c", "b from t where a || b qualify c"),
    ],
)
def test_a_logical_or_as_a_value_is_an_error(value: str) -> None:
    with pytest.raises(UnclearOperandError, match=r"^\|\| looks like a logical OR in line 2 .*: write OR"):
        rewritten(f"select 1,\n{value}", concat=True)


@pytest.mark.parametrize(
    "statement", ["update t join u on a || b set c = 1", "create table t (a int, b int, check (a || b))"]
)
def test_a_logical_or_in_other_statements_is_an_error(statement: str) -> None:
    with pytest.raises(UnclearOperandError, match=r"^\|\| looks like a logical OR"):
        rewritten(statement, concat=True)


def test_casts_and_pipes_together() -> None:
    assert rewritten("select a::text || b::varchar || c", concat=True) == (
        "select concat(cast(a as char) , cast(b as char) , c)"
    )
    assert rewritten("select a || (b = 1)::text", concat=True) == "select concat(a , cast((b = 1) as char))"
    assert rewritten("select cast(a || b as text)::text", concat=True, standard=False) == (
        "select cast(concat(a , b) as text)::text"
    )


def test_pipes_stay_unless_they_are_asked_for() -> None:
    sql = "select a || b"

    assert rewritten(sql) is sql


def test_the_line_of_the_first_pipe() -> None:
    assert first_pipe("select a\n-- ||\n, b || c\n|| d") == 3
    assert first_pipe("select '||', `||`, a | b /* || */ # ||") is None
    assert first_pipe("select 1") is None
