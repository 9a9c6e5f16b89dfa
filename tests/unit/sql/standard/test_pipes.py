"""``||`` becomes ``concat`` where its operands are certain, and is an error where they are not."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.sql.standard import UnclearOperandError, first_pipe, rewritten

# braces mark the operands that come together
CHAINS = [
    "{a||b}",
    "{a || 'it''s' || `c``d`.`e`}",
    "{-a || -1.5e-3 || +b}",
    "{s.t.a || f(b, (c))} as d",
    "{a || b} d",
    "{a || b} `d`, {c || @d}",
    "({(a) || (select {b || c})})",
    "f({a || 'x'}, {b || c})",
    "{case when {a || b} = {c || d} then {e || f} end || g}",
    "not {a || b} = c and {c || d} is null",
    "case a when {b || c} then {d || e} end",
    "a where ({b || c}) = d and e in ({f || g}) and coalesce({a || b})",
    "if({a || b} = c, 1, 2)",
    "x = {a || b} or x <> {c || d} or x <= {e || f} or {a || b} >= {c || d}",
    "x like {'%' || a || '%'}",
    "x in ({a || b}, {c || d})",
    "x between {a || b} and {c || d}",
    "{'x' || row_number() over (partition by {a || b}) || sum(c) over w || count(*) filter (where a)}",
    "{date '2020-01-01' || x'41' || n'b' || .5 || 1.}",
    "{a[1] || left(b, 1) || null || t.order}",
    "{a /* || */ || -- ||\n b}",
    "@v := {a || b}",
    "distinct {a || b}",
    "a group by {a || b} order by {c || d} desc limit 1",
    "(a || b) + (c || d)".replace("(", "({").replace(")", "})"),
    "'a || b' , \"a || b\", `a || b`",
    "a | b",
]


@pytest.mark.parametrize("expected", CHAINS)
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
    "condition",
    [
        *("a = 1 || b = 2", "a = 1 || b is null", "a is null || b", "a is not null || b = 1", "a in (1, 2) || b"),
        *("a not in (1, 2) || b", "a like 'b' || c like 'd'", "a < 1 || b not like 'c'", "exists (select 1) || a"),
        *("a || b", "(a || b)", "c and (a || b)", "c or ((a || b)) or d", "not a || b", "if(a || b, 1, 0)"),
        *("case when a || b then 1 end", "a != 1 || b >= 2 || c = 3"),
    ],
)
def test_a_logical_or_is_an_error(condition: str) -> None:
    with pytest.raises(UnclearOperandError, match=r"^\|\| stands where a condition does in line 2 .*: write OR"):
        rewritten(f"select 1 where\n{condition}", concat=True)


def test_casts_and_pipes_together() -> None:
    assert rewritten("select a::text || b::varchar || c", concat=True) == (
        "select concat(cast(a as char) , cast(b as char) , c)"
    )
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
