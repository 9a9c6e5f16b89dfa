"""The query comment stands on every question that a node asks, also on those that macros leave to the adapter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import PATIENCE
from support.recorder import Recorder, recording

pytestmark = pytest.mark.any_kernel

MERGED = """
{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id',
          persist_docs={'relation': true, 'columns': true}) }}
select 1 as id, cast('2026-01-01' as date) as day
"""
SCHEMA = """
models: [{name: merged, description: a model, columns: [{name: day, description: a day}]}]
"""
COMMENT = '"node_id": "'


class TestQueryComments:
    @pytest.fixture(scope="class")
    def recorder(self, tmp_path_factory: pytest.TempPathFactory, server_profile: dict[str, Any]) -> Iterator[Recorder]:
        with recording(tmp_path_factory.mktemp("recorder"), server_profile) as recorder:
            yield recorder

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], recorder: Recorder) -> dict[str, Any]:
        login = {name: value for name, value in server_profile.items() if name not in ("host", "port")}
        limits = {"connect_timeout": PATIENCE, "connect_retry_deadline": PATIENCE}
        return {"type": "oceanbase", "threads": 1, **login, **recorder.profile, **limits}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"merged.sql": MERGED, "schema.yml": SCHEMA}

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"a_seed.csv": "id\n1\n"}

    def test_every_question_has_it(self, project: Any, recorder: Recorder) -> None:
        for _ in range(2):
            recorder.clear()
            run_dbt(["build"])

            questions = [each for each in recorder.statements if "a_seed" in each or "merged" in each]
            # dbt, too, leaves the rows of seeds without
            loads = [each for each in questions if each.startswith("insert into") and "a_seed" in each]
            assert len(questions) >= 5
            assert [each for each in questions if COMMENT not in each] == loads
