"""dbt-tests-adapter, folder ``dbt_clone``."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.dbt_clone import test_dbt_clone as suite
from support.dialect import in_dialect

pytestmark = pytest.mark.any_kernel


class TestClonePossible(suite.BaseClonePossible):
    pass


class TestCloneNotPossible(suite.BaseCloneNotPossible):
    pass


class TestPostgresCloneNotPossible(suite.TestPostgresCloneNotPossible):
    pass


class TestCloneSameTargetAndState(suite.BaseCloneSameTargetAndState):
    pass


class TestCloneSameSourceAndTarget(suite.BaseCloneSameSourceAndTarget):
    # override: dialect: names have two parts
    @pytest.fixture(autouse=True)
    def two_parts(self, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        run_sql = project.run_sql
        monkeypatch.setattr(project, "run_sql", lambda sql: run_sql(in_dialect(sql, (f"{project.database}.", ""))))
