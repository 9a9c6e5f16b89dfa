"""Queries and bodies are read with the comments that they are sent with, so a quote in ``--don't`` begins no text."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from dbt.adapters.oceanbase.execution.rewriter import Rewriter
from dbt.adapters.oceanbase.impl import OceanBaseAdapter

NOW = "convert_tz(utc_timestamp(6), '+00:00', @@session.time_zone)"


def adapter(standard_sql: str = "true") -> OceanBaseAdapter:
    made = OceanBaseAdapter.__new__(OceanBaseAdapter)
    profile: Any = SimpleNamespace(standard_sql=standard_sql, double_pipe="concat")
    made.connections = SimpleNamespace(rewriter=Rewriter(profile))  # type: ignore[assignment]
    return made


def hinted(sql: str, standard_sql: str = "true") -> str:
    config = SimpleNamespace(model=SimpleNamespace(config=SimpleNamespace(extra={"optimizer_hints": ["h(1)"]})))
    return adapter(standard_sql).with_query_hints(sql, config)


@pytest.mark.parametrize(
    ("sql", "sent"),
    [
        ("--select the newest\nselect a from t", "-- select the newest\nselect /*+ h(1) */ a from t"),
        ("--don't\nselect 'x' as a from t", "-- don't\nselect /*+ h(1) */ 'x' as a from t"),
        ("--don't\nselect 'please select one' as a", "-- don't\nselect /*+ h(1) */ 'please select one' as a"),
        ("select 5--5", "select /*+ h(1) */ 5--5"),
    ],
)
@pytest.mark.parametrize("standard_sql", ["true", "comments"])
def test_hints_stand_in_the_query(sql: str, sent: str, standard_sql: str) -> None:
    assert hinted(sql, standard_sql) == sent


@pytest.mark.parametrize("standard_sql", ["true", "comments"])
def test_clocks_keep_their_fractions(standard_sql: str) -> None:
    sql = "select\n  --the customer's time\n  now(6) as at, 'x' as b\nfrom t"
    sent = f"select\n  -- the customer's time\n  {NOW} as at, 'x' as b\nfrom t"

    assert adapter(standard_sql).with_fractions(sql) == sent


@pytest.mark.parametrize("comment", ["--price with tax", "--don't", "-- price", "/* price */"])
@pytest.mark.parametrize("body", ["return price * 1.2", "begin return price; end"])
def test_the_body_of_a_function_is_found(comment: str, body: str) -> None:
    sent = comment.replace("--p", "-- p").replace("--d", "-- d")

    assert adapter().function_body(f"{comment}\n{body};\n") == f"{sent}\n{body}"


def test_an_expression_is_returned() -> None:
    assert adapter().function_body("--price\nprice * 1.2") == "return (\n-- price\nprice * 1.2\n)"


def test_a_star_is_found() -> None:
    assert adapter().selects_star("--don't\nselect * from a where b = 'x'")
    assert not adapter().selects_star("select a --*\nfrom t")


def test_a_text_that_is_sent_as_it_is_stays() -> None:
    sql = "select a --b, 'now(6)'\n--now(6), now(6) as at from t"

    assert hinted(sql, "false") == sql.replace("select", "select /*+ h(1) */")
    assert adapter("false").with_fractions(sql) == sql.replace("now(6),", f"{NOW},").replace("now(6) as", f"{NOW} as")
    assert adapter("false").function_body("--a") == "return (\n--a\n)"
