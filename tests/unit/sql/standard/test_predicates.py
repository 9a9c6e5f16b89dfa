"""``ilike`` and ``is [not] distinct from`` are rewritten if their operands are certain."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.sql.standard import rewritten


def ilike(left: str, right: str, operator: str = "like") -> str:
    return f"lower(cast({left}  as char)) collate utf8mb4_bin {operator} lower(cast({right} as char))"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a ilike 'x%'", ilike("a", "'x%'")),
        ("b, t.a not ilike 'x' as c", f"b, {ilike('t.a', repr('x'), 'not like')} as c"),
        ("1 where a ilike b and not f(a) ilike (b)", f"1 where {ilike('a', 'b')} and not {ilike('f(a)', '(b)')}"),
        ("1 where a::text ilike b::text", f"1 where {ilike('cast(a as char)', 'cast(b as char)')}"),
        ("1 where a ilike (b)::text", f"1 where {ilike('a', 'cast((b) as char)')}"),
        ("case when a ilike concat(b, c) then d end", f"case when {ilike('a', 'concat(b, c)')} then d end"),
        ("1 where (a ilike b or c ilike (d))", f"1 where ({ilike('a', 'b')} or {ilike('c', '(d)')})"),
        ("1 from t join u on ((a ilike b))", f"1 from t join u on (({ilike('a', 'b')}))"),
        ("1 where not (a not ilike b)", f"1 where not ({ilike('a', 'b', 'not like')})"),
        ("case when (a ilike b) then c end", f"case when ({ilike('a', 'b')}) then c end"),
        ("a ilike 'x' \"y\"", f'{ilike("a", repr("x"))} "y"'),
        ("a is not distinct from b", "a <=> b"),
        ("a is distinct /* c */ from b", "a <=> b = 0"),
        ("a is not distinct -- c\n from b", "a <=> b"),
        ('a is distinct from b "differs"', 'a <=> b = 0 "differs"'),
        ("a + 1 is distinct from b and c", "a + 1 <=> b = 0 and c"),
        ("(a is distinct from (b + c))", "(a <=> (b + c) = 0)"),
        ("1 where a is distinct from 'b'and c", "1 where a <=> 'b' = 0 and c"),
        ("a is distinct from b::text, c", "a <=> cast(b as char) = 0, c"),
    ],
)
def test_predicates_are_rewritten(sql: str, expected: str) -> None:
    result = rewritten(f"select {sql}")

    assert result == f"select {expected}"
    assert rewritten(result) is result


@pytest.mark.parametrize(
    "sql",
    [
        *("a ilike", "a ilike from t", "1 from t ilike use index (i)", "1 from t ilike for update", "'a ilike b'"),
        *("1 from (select 1) ilike (a)", "1 from a, (select 1) ilike (b)", "1 from (t ilike use index (i))"),
        *(
            "a + b ilike 'x'",
            "a ilike 'x' escape '!'",
            "a ilike 'x' collate utf8mb4_bin",
            "a ilike b",
            "a ilike 'x' || b",
        ),
        *(
            "1 where a = b ilike c",
            "a is distinct from b + c",
            "a is not distinct from b = c",
            "a is distinct from b is null",
        ),
        *("(a ilike b)", "1 where f(a ilike b)", "1 where a in (b ilike c)", "1 from t join (u ilike)", "(ilike"),
        *("1 where a ilike any (select b)", "1 where a ilike some (b)", "1 where a ilike all (b)"),
        *("1 where a is distinct from any (b)", 'a is distinct from date "2024-01-31"', 'a is distinct from x"41"'),
        *("distinct from", "count(distinct a) from t", "a is distinct from b is null", "a is distinct from"),
    ],
)
def test_other_texts_stay(sql: str) -> None:
    text = f"select {sql}"

    assert rewritten(text) is text
