"""One statement at a time: what the server would make of comments with semicolons in them."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt


class TestSemicolonsInComments:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "in_comments.sql": (
                "{{ config(materialized='table') }}\n"
                "--don't split; create table nonsense as\n"
                "select 'a;b' as text /* it's one; select 2 */ -- ; select 3\n"
            ),
            "hidden_statement.sql": (
                "{{ config(sql_header='# x; create table hidden as\\nselect 1 as id;') }} select 2 as id"
            ),
        }

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"query-comment": ""}

    def test_comments_stay_comments(self, project: Any) -> None:
        run_dbt(["run", "--select", "in_comments"])
        assert project.run_sql("select text from in_comments", fetch="all") == (("a;b",),)

    def test_a_statement_that_the_server_sees_in_a_comment_is_refused(self, project: Any) -> None:
        results = run_dbt(["run", "--select", "hidden_statement"], expect_pass=False)
        assert "take semicolons out of comments" in results[0].message
        assert project.run_sql("show tables like 'hidden'", fetch="all") == ()
