"""dbt-tests-adapter, folder ``concurrency``."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.concurrency.test_concurrency import BaseConcurrency

pytestmark = pytest.mark.any_kernel


class TestConcurrency(BaseConcurrency):
    pass
