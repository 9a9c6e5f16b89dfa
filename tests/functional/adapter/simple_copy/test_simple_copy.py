"""dbt-tests-adapter, folder ``simple_copy``."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from dbt.tests.adapter.simple_copy.test_copy_uppercase import BaseSimpleCopyUppercase
from dbt.tests.adapter.simple_copy.test_simple_copy import EmptyModelsArentRunBase, SimpleCopyBase
from support.dialect import InDialect


class TestSimpleCopy(SimpleCopyBase):
    # override: dialect: kernel 1.4 has no CREATE MATERIALIZED VIEW, which the test starts with
    def test_simple_copy_with_materialized_views(self, project: Any) -> None:
        if project.adapter.server_info().has_materialized_views:
            super().test_simple_copy_with_materialized_views(project)
        else:
            with pytest.raises(pymysql.err.ProgrammingError, match="1064"):
                super().test_simple_copy_with_materialized_views(project)


class TestEmptyModelsArentRun(EmptyModelsArentRunBase):
    # override: dialect: there is no ilike; like ignores case in the default collation
    def test_dbt_doesnt_run_empty_models(self, project: Any) -> None:
        super().test_dbt_doesnt_run_empty_models(InDialect(project, ("ilike", "like")))


class TestSimpleCopyUppercase(BaseSimpleCopyUppercase):
    # override: left to adapters: the profile
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any]) -> dict[str, Any]:
        return {"type": "oceanbase", "threads": 4, **server_profile}
