"""A fixture that reads the database without dbt, and the choice of the tests that the kernel can run."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from support.materialized_views import only_where_possible
from support.outside import Database


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of materialized views on a kernel that has none, and those of the refusal on all others."""
    only_where_possible(config, items)


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """Return the database as read through a connection that is not dbt's."""
    return Database(server, project.test_schema)
