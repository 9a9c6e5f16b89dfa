"""Fixtures that read the database without dbt, and run one node with variables."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from dbt_common.exceptions import DbtRuntimeError
from support.outside import Database


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """Return the database as read through a connection that is not dbt's."""
    return Database(server, project.test_schema)


@pytest.fixture
def run(project: Any) -> Callable[..., Any]:
    """Return a function that runs one node and returns its result.

    If a wrong config stops the run before the node, and a failure is expected, the result only has the error as its
    ``message``.
    """

    def run_node(select: str, *arguments: str, passes: bool = True, command: str = "run", **variables: Any) -> Any:
        words = [command, "--select", select, "--vars", json.dumps(variables), *arguments]
        try:
            [result] = run_dbt(words, expect_pass=passes).results
        except DbtRuntimeError as error:
            if passes:
                raise
            return SimpleNamespace(message=str(error))
        return result

    return run_node


@pytest.fixture
def has(db: Database) -> Callable[[str], bool]:
    """Return a function that checks whether the server can create a table with a clause."""

    def check(clause: str) -> bool:
        try:
            db.run(f"prepare probe from 'create table {{s}}.nothing (d datetime) {clause}'")
        except pymysql.err.MySQLError as error:
            return error.args[0] not in (1064, 1210)  # any other error is about the table
        return True

    return check


@pytest.fixture
def options(db: Database) -> Callable[[str], str]:
    """Return a function that returns what SHOW CREATE TABLE shows after the columns of a table."""
    return lambda table: str(db.rows(f"show create table {{s}}.{table}")[0][1]).partition("\n) ")[2]
