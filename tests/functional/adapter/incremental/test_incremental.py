"""dbt-tests-adapter, folder ``incremental``."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.incremental import test_incremental_predicates
from dbt.tests.adapter.incremental.test_incremental_merge_exclude_columns import BaseMergeExcludeColumns
from dbt.tests.adapter.incremental.test_incremental_microbatch import BaseMicrobatch
from dbt.tests.adapter.incremental.test_incremental_on_schema_change import BaseIncrementalOnSchemaChange
from dbt.tests.adapter.incremental.test_incremental_unique_id import BaseIncrementalUniqueKey

pytestmark = pytest.mark.any_kernel


class TestIncrementalUniqueKey(BaseIncrementalUniqueKey):
    pass


class TestIncrementalPredicates(test_incremental_predicates.BaseIncrementalPredicates):
    pass


class TestIncrementalPredicatesByTheirOldName(test_incremental_predicates.TestPredicatesDeleteInsert):
    pass


class TestIncrementalOnSchemaChange(BaseIncrementalOnSchemaChange):
    pass


class TestMergeExcludeColumns(BaseMergeExcludeColumns):
    pass


class TestMicrobatch(BaseMicrobatch):
    pass
