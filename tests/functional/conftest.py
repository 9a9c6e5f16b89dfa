"""Fixtures that clean up after functional tests: no schema stays on the server, and no log in this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pymysql
import pytest
from support.outside import Database


@pytest.fixture(scope="class")
def unique_schema(unique_schema: str, connect: Callable[..., pymysql.Connection]) -> Iterator[str]:
    """Return the schema of dbt's test project. Drop it, and all schemas whose names begin with its name, at the end."""
    yield unique_schema
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "select schema_name from information_schema.schemata where left(schema_name, %s) = %s",
            (len(unique_schema), unique_schema),
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"drop database if exists `{name}`")


@pytest.fixture(scope="class")
def logs_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the folder for dbt's log: a temporary folder, which pytest keeps for the last few sessions."""
    folder = tmp_path_factory.mktemp("logs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_LOG_PATH", str(folder))
        yield str(folder)


@pytest.fixture(scope="class")
def has_external_tables(db: Database) -> bool:
    """Check whether the server can create external tables. If not, the tests expect one line that says so."""
    probe = "create external table {s}.nothing (a int) location = ''file:///'' format = (type = ''csv'')"
    try:
        db.run(f"prepare probe from '{probe}'")
    except pymysql.err.MySQLError as error:
        return error.args[0] != 1064  # a syntax error
    return True
