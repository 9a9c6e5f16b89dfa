"""The suite's classes need a server that has materialized views. On kernel 1.4 the refusal is tested instead."""

from __future__ import annotations

import pytest
from support.materialized_views import only_where_possible


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of materialized views on a kernel that has none, and those of the refusal on all others."""
    only_where_possible(config, items)
