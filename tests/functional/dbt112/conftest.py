"""What only dbt-core 1.12 and later have; looked at from outside of dbt."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pymysql
import pytest
from support.outside import Database

HERE = Path(__file__).parent
MISSING = tuple(map(int, version("dbt-core").split(".")[:2])) < (1, 12)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip this folder on an earlier dbt-core, which has no such commands and configs."""
    if MISSING:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="dbt-core before 1.12 has none of it"))


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """The database as it is seen from outside of dbt."""
    return Database(server, project.test_schema)
