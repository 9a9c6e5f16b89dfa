"""Create the users that dbt's suite grants privileges to. The suite reads their names from the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pymysql
import pytest
from dbt.tests.adapter.grants.base_grants import TEST_USER_ENV_VARS

from support.outside import change_account


@pytest.fixture(scope="session", autouse=True)
def test_users(connect: Callable[..., pymysql.Connection]) -> Iterator[None]:
    """Create the users, under names that contain the process id, since other workers use the same server."""
    names = {variable: f"{variable.lower()}_{os.getpid()}" for variable in TEST_USER_ENV_VARS}
    with pytest.MonkeyPatch.context() as patch, connect() as connection, connection.cursor() as cursor:
        for variable, name in names.items():
            change_account(cursor, f"create user if not exists '{name}'")
            patch.setenv(variable, name)
        yield
        for name in names.values():
            change_account(cursor, f"drop user if exists '{name}'")
