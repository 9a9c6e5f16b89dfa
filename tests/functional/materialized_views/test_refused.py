"""On a kernel without materialized views a model that wants one fails, and leaves what was there."""

from __future__ import annotations

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database


class TestRefused:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"view_of_rows.sql": "{{ config(materialized='materialized_view') }} select 1 as id"}

    def test_error_names_config_server_and_what_has_it(self, db: Database) -> None:
        db.run("create table {s}.view_of_rows as select 7 as id")

        result = run_dbt(["run"], expect_pass=False)[0]

        assert "\n  materialized: materialized_view: OceanBase" in result.message
        assert "OceanBase 4.3.3 and later and seekdb 1.3 have them" in result.message
        assert db.value("select id from {s}.view_of_rows") == 7
