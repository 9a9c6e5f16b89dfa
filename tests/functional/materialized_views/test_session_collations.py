"""Materialized views are found and kept up to date with each collation of the session and capital letters in names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.collations import InEachSession, for_each_collation
from support.outside import Database

pytest_generate_tests = for_each_collation

FACTS = "{{ config(materialized='incremental') }} select {{ var('n', 1) }} as Id, 'a' as Word, 1 as Part"
SALES = """
{{ config(materialized=var('kind', 'materialized_view'), alias='Sales',
  persist_docs={'relation': true, 'columns': true}, refresh_method=none if var('kind', none) else 'fast') }}
select Word, count(*) as Number from {{ ref('Facts') }} group by Word
"""
SCHEMA = """
models:
  - name: by_word
    description: "{{ var('told', 'Of each word') }}"
    columns: [{name: Number, description: How many}]
"""


class TestSession(InEachSession):
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"Facts.sql": FACTS, "by_word.sql": SALES, "schema.yml": SCHEMA}

    def test_runs(self, project: Any, db: Database) -> None:
        for n, told in ((1, "Of each word"), (2, "Of each word"), (3, "Of every word")):
            run_dbt(["run", "--vars", json.dumps({"n": n, "told": told})])
            assert db.rows("select word, number from {s}.Sales") == [("a", n)]
        assert db.value("select last_refresh_type from oceanbase.DBA_MVIEWS where mview_name = 'sales'") == "FAST"

        _, log = run_dbt_and_capture(["run-operation", "oceanbase__list_refreshes"])
        assert f"{project.test_schema.lower()}.sales" in log.replace("`", "").lower()

        run_dbt(["docs", "generate"])
        catalog = json.loads((Path(project.project_root) / "target" / "catalog.json").read_text())
        found = {key.split(".")[-1]: node for key, node in catalog["nodes"].items()}
        assert found.keys() == {"Facts", "by_word"}
        assert found["by_word"]["metadata"]["type"] == "MATERIALIZED VIEW"
        assert "word" in found["by_word"]["metadata"]["comment"]
        assert found["by_word"]["columns"]["Number"]["comment"] == "How many"

        logs = "select count(*) from oceanbase.DBA_MVIEW_LOGS where log_owner = '{}'"
        assert db.value(logs.format(db.schema)) == 1
        run_dbt(["run", "--select", "by_word", "--vars", "kind: view"])
        assert db.relations()["sales"] == "view"
        assert db.value(logs.format(db.schema)) == 0
