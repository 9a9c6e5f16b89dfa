"""dbt-tests-adapter, folder ``utils/data_types``."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.utils.data_types import test_type_boolean, test_type_float, test_type_timestamp
from dbt.tests.adapter.utils.data_types.test_type_bigint import BaseTypeBigInt
from dbt.tests.adapter.utils.data_types.test_type_boolean import BaseTypeBoolean
from dbt.tests.adapter.utils.data_types.test_type_float import BaseTypeFloat
from dbt.tests.adapter.utils.data_types.test_type_int import BaseTypeInt
from dbt.tests.adapter.utils.data_types.test_type_numeric import BaseTypeNumeric
from dbt.tests.adapter.utils.data_types.test_type_string import BaseTypeString
from dbt.tests.adapter.utils.data_types.test_type_timestamp import BaseTypeTimestamp
from support.dialect import in_dialect

Columns = list[tuple[str, str, int | None]]


class TestTypeBigInt(BaseTypeBigInt):
    pass


class TestTypeBoolean(BaseTypeBoolean):
    # override: dialect: CAST has no boolean; the macro cast() converts to one
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        sql = in_dialect(
            test_type_boolean.models__actual_sql,
            ("cast('True' as {{ type_boolean() }})", """{{ cast("'True'", type_boolean()) }}"""),
        )
        return {"actual.sql": sql}

    # override: left to adapters: a boolean column is tinyint(1), and the server types a boolean expression as int
    def assert_columns_equal(self, project: Any, expected_cols: Columns, actual_cols: Columns) -> None:
        assert [dtype for _, dtype, _ in expected_cols + actual_cols] == ["tinyint(1)", "int"]


class TestTypeFloat(BaseTypeFloat):
    # override: left to adapters: a seed's column of numbers with fractions is decimal unless a type is declared
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        declared = "seeds:\n  - name: expected\n    config: {column_types: {float_col: double}}\n"
        return {"expected.csv": test_type_float.seeds__expected_csv, "expected.yml": declared}


class TestTypeInt(BaseTypeInt):
    pass


class TestTypeNumeric(BaseTypeNumeric):
    pass


class TestTypeString(BaseTypeString):
    # override: left to adapters: the server types the expression as varchar(n); the seed's column is text
    def assert_columns_equal(self, project: Any, expected_cols: Columns, actual_cols: Columns) -> None:
        assert [dtype for _, dtype, _ in expected_cols + actual_cols] == ["text", "varchar"]


class TestTypeTimestamp(BaseTypeTimestamp):
    # override: left to adapters: the type without a time zone is datetime
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        declared = in_dialect(test_type_timestamp.seeds__expected_yml, (": timestamp", ": datetime(6)"))
        return {"expected.csv": test_type_timestamp.seeds__expected_csv, "expected.yml": declared}
