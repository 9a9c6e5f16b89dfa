"""The database as tests of this folder see it, from outside of dbt."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from support.outside import Database


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """Return the database as read through a connection that is not dbt's."""
    return Database(server, project.test_schema)
