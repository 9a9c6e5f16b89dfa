"""The configs of views, and the clone of a table that the server cannot fork."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database, two_targets

MODELS = {
    "base.sql": "{{ config(materialized='table', column_groups=var('groups', none)) }} select 1 as id, 'a' as word",
    "checked.sql": (
        "{{ config(materialized='view', columns=['number', 'a word'], check_option='local') }} "
        "select id, word from {{ ref('base') }} where id < 5  -- with a comment"
    ),
    "spelled.sql": (
        "{{ config(materialized='view', check_option='WITH CASCADED CHECK OPTION') }} select id from {{ ref('base') }};"
    ),
    "wrong.sql": "{{ config(materialized='view', **var('config', {})) }} select 1 as id",
    "wrong_table.sql": "{{ config(materialized='table', check_option='local') }} select 1 as id",
}


class TestViews:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def profiles_config_update(self, dbt_profile_target: dict[str, Any], unique_schema: str) -> dict[str, Any]:
        return two_targets(dbt_profile_target, unique_schema)

    def test_columns_and_check_option(self, project: Any, db: Database) -> None:
        run_dbt(["run", "--select", "base", "checked", "spelled"])
        found = db.rows(
            f"select table_name, check_option from information_schema.views where table_schema = '{db.schema}' "
            "order by table_name"
        )
        assert found == [("checked", "LOCAL"), ("spelled", "CASCADED")]
        assert db.rows("select `number`, `a word` from {s}.checked") == [(1, "a")]
        with pytest.raises(pymysql.err.MySQLError, match="CHECK OPTION failed"):
            db.run("insert into {s}.checked values (7, 'b')")

    def test_what_does_not_fit(self, run: Callable[..., Any]) -> None:
        message = run("wrong", passes=False, config={"indexes": [{"columns": ["id"]}]}).message
        assert "indexes: a view keeps no rows: remove the config, or set it for tables only" in message
        message = run("wrong", passes=False, config={"check_option": "global"}).message
        assert "check_option: 'global' is not known: write local or cascaded" in message
        message = run("wrong_table", passes=False).message
        assert "check_option: only a view has it" in message

    def test_clone_of_a_column_store(self, run: Callable[..., Any], has: Any, project: Any, db: Database) -> None:
        is_column_store = has("with column group (each column)")
        run("base", groups=["each column"] if is_column_store else None)
        state = Path(project.project_root, "state")
        state.mkdir()
        shutil.copy(Path(project.project_root, "target", "manifest.json"), state)
        words = ["clone", "--state", "state", "--target", "other", "--select", "base"]
        run_dbt(words)
        assert db.relations(f"{db.schema}_other") == {"base": "view" if is_column_store else "table"}
        assert db.rows(f"select id, word from {db.schema}_other.base") == [(1, "a")]
