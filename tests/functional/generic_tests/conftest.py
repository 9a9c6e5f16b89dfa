"""Generic tests of dbt on columns that the test made itself."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from support.outside import Database


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """The database as it is seen from outside of dbt."""
    return Database(server, project.test_schema)
