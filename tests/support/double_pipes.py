"""Expressions with ``||`` whose operands are certain, for tests of the rewriting and for tests on the server."""

from __future__ import annotations

CHAINS = [
    "{a||b}",
    "{t.a || 'it''s' || `c``d`.`e`} from t join t as `c``d` on t.`order` = `c``d`.`order`",
    "{-a || -1.5e-3 || +b}",
    "{t.a || ifnull(b, (c))} as d",
    "{a || b} d",
    "{a || b} `d`, {c || @d}",
    "({(a) || (select {b || c})})",
    "ifnull({a || 'x'}, {b || c})",
    "{case when {a || b} = {c || d} then {e || f} end || g}",
    "not {a || b} = c and {c || d} is null",
    "case x when {b || c} then {d || e} end",
    "a from t where ({b || c}) = x and e in ({f || g}) and coalesce({a || b})",
    "if({a || b} = c, 1, 2)",
    "x = {a || b} or x <> {c || d} or x <= {e || f} or {a || b} >= {c || d}",
    "x like {'%' || a || '%'}",
    "x in ({a || b}, {c || d})",
    "x between {a || b} and {c || d}",
    "{'x' || row_number() over (partition by {a || b} order by c) || sum(c) over w} from t window w as (order by c)",
    "{date '2020-01-01' || x'41' || n'b' || .5 || 1.}",
    "{left(b, 1) || t.order}",
    "{a /* || */ || -- ||\n b}",
    "@v := {a || b}",
    "distinct {a || b}",
    "max(a) from t group by {a || b} order by {c || d} desc",
    "({a || b}) + ({c || d})",
    "{a || ({b || c})} from t where ({({a || b}) || c}) = '1212'",
    "{a || (case when a = 1 then b end)} from t where {a || (select b = 1)} = c",
    "{a || (j -> '$.c') || (j ->> '$.c') || (b << 1) || (b >> 1) || (@v := b) || (t.is) || (member)}",
    "position('-' in {a || b}), max({a || b}), sum(length({a || b})), case when ({a || b}) = c then 1 end",
    "case a when 1 then 2 when {b || c} then {(d) || e} end",
    # both readings make sense here, and that of standard SQL is taken
    "1 from t where a = {1 || b} and {a || b} = 1 and a >= {1 || b} and ({a || b}) is not null",
    "a from t where a between 1 and {2 || b} or a between if(b, 1, 2) and {2 || b} or a between 1 and ({2 || b})",
    "1 from t where a = ({b || c}) and d in ({b || c}) or ({a || b}, {c || d}) in (select 1, 2)",
    "'a || b' , \"a || b\"",
    "a | b",
]
"""What follows SELECT. Braces mark the operands of a chain. Without FROM, the names are columns of the table ``t``."""

COLUMNS = ("a", "b", "c", "d", "e", "f", "g", "x", "order", "is", "member", "j")
"""The columns of ``t``. All are texts."""

ROWS = [
    ("1", "2", "12", "3", "4", "12", "", "123", "5", "i", "m", '{"c": 1}'),
    ("1", "12", "12", "34", "", "1", "2", "1234", "6", "", "n", '{"c": 1}'),
    ("12", None, "1", "2", "1", "2", "x", "12", "7", "i", None, '{"c": 1}'),
    ("0", "", "0", "0", "", "", "0", "00", "8", "i", "m", '{"c": 1}'),
    ("1", "1", "2", "3", "35", "3", "5", "12", "9", "i", "m", '{"c": 1}'),
    ("12", "1", "2", "12", "1", "3", "5", "1", "10", "i", "m", '{"c": 1}'),
    ("99", "2", "2", "1", "1", "3", "5", "1", "11", "i", "m", '{"c": 1}'),
]
"""Rows of ``t``. For each chain with braces, a logical OR gives other results in these rows than a concat."""


def statement(chain: str) -> str:
    """Return the SELECT of an element of ``CHAINS``, without its braces."""
    text = chain.replace("{", "").replace("}", "")
    return f"select {text}" if " from t" in text else f"select {text} from t"
