"""dbt-tests-adapter, folder ``caching``."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.caching.test_caching import (
    BaseCachingLowercaseModel,
    BaseCachingSelectedSchemaOnly,
    BaseCachingTest,
    BaseCachingUppercaseModel,
    BaseNoPopulateCache,
)
from dbt.tests.util import run_dbt

pytestmark = pytest.mark.any_kernel


class TwoPartNames(BaseCachingTest):
    # override: dialect: names have two parts; there is no database to compare
    def run_and_inspect_cache(self, project: Any, run_args: list[str] | None = None) -> None:
        seen = []
        for _ in range(2):
            run_dbt(run_args)
            assert len(project.adapter.cache.relations) == 1
            [relation] = project.adapter.cache.relations
            seen.append((relation.schema.lower(), relation.identifier.lower()))
            assert relation.schema == project.test_schema == project.test_schema.lower()
            assert relation.database is None
        assert seen[0] == seen[1]


class TestCachingLowercaseModel(TwoPartNames, BaseCachingLowercaseModel):
    pass


class TestCachingUppercaseModel(TwoPartNames, BaseCachingUppercaseModel):
    pass


class TestCachingSelectedSchemaOnly(TwoPartNames, BaseCachingSelectedSchemaOnly):
    pass


class TestNoPopulateCache(TwoPartNames, BaseNoPopulateCache):
    pass
