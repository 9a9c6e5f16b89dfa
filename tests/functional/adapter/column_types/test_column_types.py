"""dbt-tests-adapter, folder ``column_types``."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.column_types import fixtures
from dbt.tests.adapter.column_types.test_column_types import BasePostgresColumnTypes
from support.dialect import in_dialect

DECLARED = """
    config:
      materialized: table
      contract: {enforced: true}
    columns:
      - {name: smallint_col, data_type: smallint}
      - {name: int_col, data_type: integer}
      - {name: bigint_col, data_type: bigint}
      - {name: real_col, data_type: real}
      - {name: double_col, data_type: double precision}
      - {name: numeric_col, data_type: numeric}
      - {name: text_col, data_type: text}
      - {name: varchar_col, data_type: varchar(20)}
    data_tests:"""


class TestColumnTypes(BasePostgresColumnTypes):
    # override: dialect: CAST accepts none of these types; the columns get them by a contract
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        types = ("smallint", "integer", "bigint", "real", "double precision", "numeric", "text", "varchar(20)")
        return {
            "model.sql": in_dialect(
                fixtures.model_sql, *[(f"::{name}", "") for name in types], ("4.0 ", "4e0 "), ("5.0 ", "5e0 ")
            ),
            "schema.yml": in_dialect(fixtures.schema_yml, ("\n    data_tests:", DECLARED)),
        }
