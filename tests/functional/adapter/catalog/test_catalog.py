"""dbt-tests-adapter, folder ``catalog``."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.catalog import files
from dbt.tests.adapter.catalog.relation_types import CatalogRelationTypes

MATERIALIZED_VIEW = "model.test.my_materialized_view"


class TestCatalogRelationTypes(CatalogRelationTypes):
    # override: dialect: kernel 1.4 has no materialized views; the model is there on kernel 1.3
    @pytest.fixture(scope="class", autouse=True)
    def models(self, request: pytest.FixtureRequest) -> dict[str, str]:
        found = {"my_table.sql": files.MY_TABLE, "my_view.sql": files.MY_VIEW}
        if request.config.getoption("--kernel") == "1.3":
            found["my_materialized_view.sql"] = files.MY_MATERIALIZED_VIEW
        return found

    # override: dialect: kernel 1.4 has no materialized views; there the test checks that the catalog has none
    @pytest.mark.parametrize(
        ("node_name", "relation_type"),
        [
            ("seed.test.my_seed", "BASE TABLE"),
            ("model.test.my_table", "BASE TABLE"),
            ("model.test.my_view", "VIEW"),
            (MATERIALIZED_VIEW, "MATERIALIZED VIEW"),
        ],
    )
    def test_relation_types_populate_correctly(
        self, docs: Any, node_name: str, relation_type: str, request: pytest.FixtureRequest
    ) -> None:
        if node_name == MATERIALIZED_VIEW and request.config.getoption("--kernel") != "1.3":
            assert node_name not in docs.nodes
        else:
            super().test_relation_types_populate_correctly(docs, node_name, relation_type)
