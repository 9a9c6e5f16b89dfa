"""Folders with files that the server reads and writes, and a database as it is seen from outside of dbt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymysql
import pytest
from support.outside import Database


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """Return the database as it is seen from outside of dbt."""
    return Database(server, project.test_schema)


@pytest.fixture(scope="class")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty folder."""
    return tmp_path_factory.mktemp("files")
