"""dbt-tests-adapter, folder ``unit_testing``."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.unit_testing.test_case_insensitivity import BaseUnitTestCaseInsensivity
from dbt.tests.adapter.unit_testing.test_invalid_input import BaseUnitTestInvalidInput
from dbt.tests.adapter.unit_testing.test_quoted_reserved_word_column_names import (
    BaseUnitTestQuotedReservedWordColumnNames,
)
from dbt.tests.adapter.unit_testing.test_types import (
    BaseUnitTestingTypes,
    BaseUnitTestingVarcharFixtureNoTruncation,
)

pytestmark = pytest.mark.any_kernel


class TestUnitTestCaseInsensitivity(BaseUnitTestCaseInsensivity):
    pass


class TestUnitTestInvalidInput(BaseUnitTestInvalidInput):
    pass


class TestUnitTestQuotedReservedWordColumnNames(BaseUnitTestQuotedReservedWordColumnNames):
    pass


class TestUnitTestingTypes(BaseUnitTestingTypes):
    # override: left to adapters: the list of types
    @pytest.fixture
    def data_types(self) -> list[list[str]]:
        json = '{"bar": "baz", "balance": 7.77, "active": false}'
        return [
            ["1", "1"],
            ["'1'", "1"],
            ["true", "true"],
            ["1 = 0", "false"],
            ["cast('1' as decimal(10, 2))", "1"],
            ["1.50", "1.5"],
            ["cast('1' as unsigned)", "1"],
            ["1e0", "1.0"],
            ["cast('text' as char)", "text"],
            ["cast('bytes' as binary)", "bytes"],
            ["date '2020-01-02'", "2020-01-02"],
            ["time '01:02:03'", "'01:02:03'"],
            ["timestamp '2013-11-03 00:00:00'", "2013-11-03 00:00:00"],
            ["timestamp '2013-11-03 00:00:00.123456'", "2013-11-03 00:00:00.123456"],
            [f"cast('{json}' as json)", f"'{json}'"],
        ]


class TestUnitTestingVarcharFixtureNoTruncation(BaseUnitTestingVarcharFixtureNoTruncation):
    pass
