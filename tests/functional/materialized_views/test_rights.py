"""An ordinary account works with materialized views: which rights it needs, and what it is told without them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import Database, account

from dbt.adapters.oceanbase.catalog import server_info

PAGE = Path(__file__).parents[3] / "docs" / "materialized-views.md"
FAST = """
{{ config(materialized='materialized_view', refresh_method='fast', indexes=[{'columns': ['day']}]) }}
select day, count(*) as orders{{ var('more', '') }} from {{ ref('sales') }} group by day
"""
SALES = "{{ config(materialized=var('sales', 'incremental')) }} select {{ var('id', 1) }} as id, 'monday' as day"


def grants() -> list[str]:
    """Return the statements of the page's section about rights, with ``{s}`` for the schema and ``{user}``."""
    section = re.search(r"^## Rights\n.*?^```sql\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    assert section is not None
    text = section[1].replace("analytics", "{s}").replace("to dbt", "to {user}")
    return [" ".join(statement.split()) for statement in text.split(";") if statement.strip()]


class TestRights:
    @pytest.fixture(scope="class")
    def user(self, server: pymysql.Connection, unique_schema: str) -> Iterator[str]:
        with account(server, unique_schema, *(grant for grant in grants() if "oceanbase." not in grant)) as name:
            yield name

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, dbt_profile_target: dict[str, Any], user: str) -> dict[str, Any]:
        return {**dbt_profile_target, "user": user, "password": ""}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"sales.sql": SALES, "by_day.sql": FAST}

    def test_without_and_with(self, db: Database, user: str) -> None:
        catalogs = [grant.format(user=user) for grant in grants() if "oceanbase." in grant]

        result = run_dbt(["run"], expect_pass=False)[-1]
        assert result.message.splitlines()[-1].strip() == (
            "materialized: materialized_view: dbt's user may not read oceanbase.DBA_MVIEWS (1142): "
            + "; ".join(catalogs).replace(f"to {user}", f"to '{user}'")
        )
        log = run_dbt_and_capture(["run-operation", "oceanbase__list_refreshes"], expect_pass=False)[1]
        assert f"; grant select on oceanbase.DBA_MVREF_STATS to '{user}'; " in log

        # a plain table over one that has a log of somebody else
        db.run("create materialized view log on {s}.sales with primary key, rowid, sequence (id) including new values")
        rebuilt = ["run", "--select", "sales", "--vars", "sales: table"]
        [result] = run_dbt(rebuilt, expect_pass=False)
        assert "(1235, " in result.message
        assert f"; grant select on oceanbase.DBA_MVIEW_LOGS to '{user}'; " in result.message
        assert db.relations()["sales"] == "table"

        db.run(*catalogs)
        server_info._known.clear()  # known for as long as the process runs
        run_dbt(rebuilt)
        run_dbt(["run"])
        run_dbt(["run", "--vars", "id: 2"])
        assert db.rows("select day, orders from {s}.by_day") == [("monday", 3)]
        _, output = run_dbt_and_capture(["--debug", "run", "--vars", '{more: ", sum(id) as ids, count(id) as n"}'])
        assert "create materialized view log on" in output
        assert db.rows("select orders from {s}.by_day") == [(4,)]

        logs = f"select count(*) from oceanbase.DBA_MVIEW_LOGS where log_owner = '{db.schema}'"
        assert db.value(logs) == 1
        run_dbt(["run", "--full-refresh"])
        # as a view it needs no log
        Path("models/by_day.sql").write_text("select 1 as id")
        run_dbt(["run", "--select", "by_day"])
        assert db.value(logs) == 0
        assert db.relations() == {"sales": "table", "by_day": "view"}
