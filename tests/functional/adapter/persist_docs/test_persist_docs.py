"""dbt-tests-adapter, folder ``persist_docs``."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.persist_docs import test_persist_docs

pytestmark = pytest.mark.any_kernel


class TestPersistDocs(test_persist_docs.BasePersistDocs):
    # override: left to adapters: OceanBase stores no comments for views and their columns
    def _assert_has_view_comments(self, view_node: Any, *_: bool) -> None:
        super()._assert_has_view_comments(view_node, has_node_comments=False, has_column_comments=False)


class TestPersistDocsColumnMissing(test_persist_docs.BasePersistDocsColumnMissing):
    pass


class TestPersistDocsAllColumnsMissing(test_persist_docs.BasePersistDocsAllColumnsMissing):
    pass


class TestPersistDocsQuotedColumnCaseSensitive(test_persist_docs.BasePersistDocsQuotedColumnCaseSensitive):
    pass


class TestPersistDocsQuotedDescriptionNotAppliedOnMismatch(
    test_persist_docs.BasePersistDocsQuotedDescriptionNotAppliedOnMismatch
):
    pass


class TestPersistDocsCommentOnQuotedColumn(test_persist_docs.BasePersistDocsCommentOnQuotedColumn):
    pass
