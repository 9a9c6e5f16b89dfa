"""``||`` is warned about once for each node, rewritten, or sent, as the profile says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture, write_file
from support.outside import Database

ROW = "select 'a' as a, 'b' as b"
MODELS = {
    "joined.sql": f"select a || '-' || b as c, a::varchar || 1 as d\nfrom ({ROW}) as t where a || b = 'ab'",
    "joined_view.sql": f"{{{{ config(materialized='view') }}}} select a || b as c from ({ROW}) as t",
    "quiet.sql": "select '||' as c -- a || b",
    "unclear.sql": "select 1 + 2 || 3 as c",
    "condition.sql": "select 1 as c from dual where 1 = 2 || 3 = 3",
}


def use(project: Any, **fields: Any) -> None:
    """Write a profile with ``fields`` into the project's folder."""
    target = project.adapter.config.credentials.to_dict() | {"type": "oceanbase"} | fields
    write_file(json.dumps({"test": {"target": "t", "outputs": {"t": target}}}), project.project_root, "profiles.yml")


class TestPipes:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"models": {"+materialized": "table"}, "on-run-start": "set @x = '1' || 0"}

    def test_it_is_rewritten_by_default(self, project: Any, db: Database) -> None:
        results = run_dbt(["run"], expect_pass=False)
        messages = {result.node.name: result.message for result in results}

        assert db.rows("select * from {s}.joined") == [("a-b", "a1")]
        assert db.rows("select * from {s}.joined_view") == [("ab",)]
        assert db.rows("select * from {s}.quiet") == [("||",)]
        assert "double_pipe: concat: it is not certain what belongs to ||" in messages["unclear"]
        assert "double_pipe: concat: || stands where a condition does" in messages["condition"]

    def test_a_node_is_warned_about_once(self, project: Any, db: Database) -> None:
        use(project, double_pipe="warn")
        _, log = run_dbt_and_capture(["run", "--profiles-dir", "."], expect_pass=False)  # error 1292: tables are strict
        warnings = [line for line in log.splitlines() if "is a logical OR for OceanBase" in line]

        assert len(warnings) == 5
        assert sum("model.test.joined: || in line" in line for line in warnings) == 1
        assert not any("quiet" in line for line in warnings)
        assert all("set double_pipe, a config and a profile field, to concat" in line for line in warnings)
        assert db.value("select c from {s}.joined_view") == 0

    def test_warnings_can_be_errors(self, project: Any) -> None:
        use(project, double_pipe="warn")
        run = ["--warn-error", "run", "--select", "joined_view", "--profiles-dir", "."]
        results = run_dbt(run, expect_pass=False)

        assert "is a logical OR" in results[0].message

    def test_it_is_sent_without_a_word(self, project: Any, db: Database) -> None:
        use(project, double_pipe="or")
        _, log = run_dbt_and_capture(["run", "--select", "joined_view", "--profiles-dir", "."])

        assert "logical OR" not in log
        assert db.value("select c from {s}.joined_view") == 0
