"""dbt-tests-adapter, folder ``basic``."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.basic import expected_catalog
from dbt.tests.adapter.basic.test_adapter_methods import BaseAdapterMethod
from dbt.tests.adapter.basic.test_base import BaseSimpleMaterializations
from dbt.tests.adapter.basic.test_docs_generate import BaseDocsGenerate, BaseDocsGenReferences
from dbt.tests.adapter.basic.test_empty import BaseEmpty
from dbt.tests.adapter.basic.test_ephemeral import BaseEphemeral
from dbt.tests.adapter.basic.test_generic_tests import BaseGenericTests
from dbt.tests.adapter.basic.test_get_catalog_for_single_relation import BaseGetCatalogForSingleRelation
from dbt.tests.adapter.basic.test_incremental import (
    BaseIncremental,
    BaseIncrementalBadStrategy,
    BaseIncrementalNotSchemaChange,
)
from dbt.tests.adapter.basic.test_singular_tests import BaseSingularTests
from dbt.tests.adapter.basic.test_singular_tests_ephemeral import BaseSingularTestsEphemeral
from dbt.tests.adapter.basic.test_snapshot_check_cols import BaseSnapshotCheckCols
from dbt.tests.adapter.basic.test_snapshot_timestamp import BaseSnapshotTimestamp
from dbt.tests.adapter.basic.test_table_materialization import BaseTableMaterialization
from dbt.tests.adapter.basic.test_validate_connection import BaseValidateConnection
from dbt_common.contracts.metadata import CatalogTable, ColumnMetadata, StatsItem, TableMetadata

TEXT = "varchar(255)"
ONE_ROW = {
    "has_stats": {**expected_catalog.no_stats()["has_stats"], "value": True},
    "row_count": {
        "id": "row_count",
        "label": "Row count",
        "value": 1,
        "description": "Rows as of the last statistics of the server",
        "include": True,
    },
}
NO_STATS = {
    "has_stats": StatsItem(
        id="has_stats",
        label="Has Stats?",
        value=False,
        include=False,
        description="Indicates whether there are statistics for this table",
    )
}


class TestAdapterMethod(BaseAdapterMethod):
    pass


class TestSimpleMaterializations(BaseSimpleMaterializations):
    pass


class TestDocsGenerate(BaseDocsGenerate):
    # override: left to adapters: the catalog's type names, and no owner, since OceanBase does not keep one
    @pytest.fixture(scope="class")
    def expected_catalog(self, project: Any) -> dict[str, Any]:
        return expected_catalog.base_expected_catalog(
            project,
            role=None,
            id_type="bigint",
            text_type=TEXT,
            time_type="datetime",
            view_type="VIEW",
            table_type="BASE TABLE",
            model_stats=expected_catalog.no_stats(),
        )


class TestDocsGenReferences(BaseDocsGenReferences):
    # override: left to adapters: the catalog's type names, no owner, and the row count that is known after a CTAS
    @pytest.fixture(scope="class")
    def expected_catalog(self, project: Any) -> dict[str, Any]:
        return expected_catalog.expected_references_catalog(
            project,
            role=None,
            id_type="bigint",
            text_type=TEXT,
            time_type="datetime",
            bigint_type="bigint",
            view_type="VIEW",
            table_type="BASE TABLE",
            model_stats=ONE_ROW,
            seed_stats=expected_catalog.no_stats(),
            view_summary_stats=expected_catalog.no_stats(),
        )


class TestEmpty(BaseEmpty):
    pass


class TestEphemeral(BaseEphemeral):
    pass


class TestGenericTests(BaseGenericTests):
    pass


class TestGetCatalogForSingleRelation(BaseGetCatalogForSingleRelation):
    # override: left to adapters: the expected catalog
    @pytest.fixture(scope="class")
    def expected_catalog_my_seed(self, project: Any) -> CatalogTable:
        return catalog_of(project, "my_seed", "BASE TABLE")

    # override: left to adapters: the expected catalog
    @pytest.fixture(scope="class")
    def expected_catalog_my_view_model(self, project: Any) -> CatalogTable:
        return catalog_of(project, "my_view_model", "VIEW")


def catalog_of(project: Any, name: str, kind: str) -> CatalogTable:
    """Return the catalog's entry for the seed of this class, or for a view of the seed."""
    types = {"id": "bigint", "first_name": TEXT, "email": TEXT, "ip_address": TEXT, "updated_at": "datetime"}
    columns = {
        column: ColumnMetadata(type=type_, index=index, name=column, comment=None)
        for index, (column, type_) in enumerate(types.items(), start=1)
    }
    metadata = TableMetadata(type=kind, schema=project.test_schema, name=name, database=None, comment=None)
    return CatalogTable(metadata=metadata, columns=columns, stats=NO_STATS, unique_id=None)


class TestIncremental(BaseIncremental):
    pass


class TestIncrementalNotSchemaChange(BaseIncrementalNotSchemaChange):
    pass


class TestIncrementalBadStrategy(BaseIncrementalBadStrategy):
    pass


class TestSingularTests(BaseSingularTests):
    pass


class TestSingularTestsEphemeral(BaseSingularTestsEphemeral):
    pass


class TestSnapshotCheckCols(BaseSnapshotCheckCols):
    pass


class TestSnapshotTimestamp(BaseSnapshotTimestamp):
    pass


class TestTableMaterialization(BaseTableMaterialization):
    pass


class TestValidateConnection(BaseValidateConnection):
    pass
