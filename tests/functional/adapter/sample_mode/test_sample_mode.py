"""dbt-tests-adapter, folder ``sample_mode``."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.sample_mode import fixtures
from dbt.tests.adapter.sample_mode.test_sample_mode import BaseSampleModeTest
from support.dialect import in_dialect

pytestmark = pytest.mark.any_kernel


class TestSampleMode(BaseSampleModeTest):
    # override: dialect: a timestamp literal must not have an offset
    @pytest.fixture(scope="class")
    def input_model_sql(self) -> str:
        return in_dialect(fixtures.input_model_sql, ("00-0'", "00'"))
