"""Names in double quotes beside a dot, and intervals in standard SQL."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.sql.standard import rewritten


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('"T"."A b"', "`T`.`A b`"),
        ('t."A", "T".a', "t.`A`, `T`.a"),
        ('"s"."t"."c" as "x"', '`s`.`t`.`c` as "x"'),
        ('`t` . "a"', "`t` . `a`"),
        ('"t".*', "`t`.*"),
        ('"é".`a`', "`é`.`a`"),
        ('t."a"::text || \'"x".y\'', "cast(t.`a` as char) || '\"x\".y'"),
    ],
)
def test_names_beside_a_dot(sql: str, expected: str) -> None:
    assert rewritten(f"select {sql} from t") == f"select {expected} from t"


@pytest.mark.parametrize(
    "sql",
    [
        *('"a"', '"a" "b"', '1."a"', '1 ."a"', '12a."a"', '"a".5', '@a."b"', '@"a".b', '@@session."a"'),
        *(
            '"a""b".c',
            't."a""b"',
            't."a`b"',
            r't."a\"b"',
            't.""',
            "t.'a'",
            '/* "a".b */ 1',
            '"a.b"',
            '"a" . ',
        ),
    ],
)
def test_other_double_quotes_stay(sql: str) -> None:
    text = f"select {sql}"

    assert rewritten(text) is text


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a + interval '3 days'", "a + interval 3 day"),
        ("now() - INTERVAL '1 Month' as x", "now() - INTERVAL 1 month as x"),
        ("a - interval '-2 hours' + interval '10 mins' < b", "a - interval -2 hour + interval 10 minute < b"),
        ("(a + interval '1 week')", "(a + interval 1 week)"),
        ("date_add(a, interval '3 days')", "date_add(a, interval 3 day)"),
        ("case when a then b else c end - interval '1 year' and d", None),
        ("a + interval 3 days", "a + interval 3 day"),
        ("a + interval'3 days'", "a + interval 3 day"),
        ("a + interval '3 days'as x", "a + interval 3 day as x"),
        ("a + interval '3 days' \"next day\"", 'a + interval 3 day "next day"'),
        ("a + interval'3'days", "a + interval'3'day"),
        ("date_add(a,interval'3 days')", "date_add(a,interval 3 day)"),
        ("a + interval '3' days - b * c", "a + interval '3' day - b * c"),
        ("a::date - interval '1 sec' >= '2020-01-01'::date", None),
        ("'2020-01-01' + interval '1 quarter' x", "'2020-01-01' + interval 1 quarter x"),
    ],
)
def test_intervals_are_rewritten(sql: str, expected: str | None) -> None:
    result = rewritten(f"select {sql}")

    assert result == f"select {expected}" if expected else "' " not in result.partition("interval")[2][:12]
    assert rewritten(result) is result


@pytest.mark.parametrize(
    "sql",
    [
        *("a + interval '3' day", "a + interval 3 day", "a + interval '3 days' day", "a + interval '3 days' hour"),
        *(
            "a - interval '1 day' * 3",
            "a - interval '1 day' / 2",
            "a - interval 1 days * 3",
            "a - interval '1 day' div 2",
        ),
        *("3 * interval '1 day' + a", "interval '1 day' + a", "interval '1 day'", "- interval '1 day' + a"),
        *(
            "(- interval '1 day' + a)",
            "a and - interval '1 day'",
            "f(a, interval '1 day', b)",
            "a + interval '1 day' || b",
        ),
        *(
            "a + interval '1 day'::text2",
            "a + interval '1 day' -> b",
            "a + interval '1 day' << 1",
            "a + interval '1 day' 'b'",
        ),
        *("a + interval '1.5 days'", "a + interval '1 day 2 hours'", "a + interval '1 day ago'", "a + interval 'P1D'"),
        *(
            "interval(3, 1, 2)",
            "a + interval b days",
            "'interval 3 days'",
            "a + interval '1 decade'",
            "a + interval '3'",
        ),
    ],
)
def test_other_intervals_stay(sql: str) -> None:
    text = f"select {sql}"

    assert rewritten(text) is text
