"""Tests of features that only dbt-core 1.12 and later have."""

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
    """Skip the tests of this folder on an earlier dbt-core, which does not have these commands and configs."""
    if MISSING:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="needs dbt-core 1.12"))


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """Return a connection to the database that dbt does not use."""
    return Database(server, project.test_schema)
