"""The server of the functional tests is as the other tests assume."""

from __future__ import annotations

import os
from typing import Any

import pymysql
import pytest
from dbt.tests.util import get_connection

from dbt.adapters.oceanbase.catalog import server_info as server_module


@pytest.mark.skipif("OCEANBASE_TEST_HOST" in os.environ, reason="the server is not one of the two kernels")
def test_the_kernel_is_the_requested_one(server: pymysql.Connection, pytestconfig: pytest.Config) -> None:
    with server.cursor() as cursor:
        cursor.execute("select version()")
        (version,) = cursor.fetchone()

    assert f"seekdb-v{pytestconfig.getoption('--kernel')}." in version


def test_the_connection_from_outside_commits_by_itself(
    server: pymysql.Connection, unique_schema: str, connect: Any
) -> None:
    with server.cursor() as cursor:
        cursor.execute(f"create database `{unique_schema}_outside`")
        cursor.execute(f"create table `{unique_schema}_outside`.t as select 1 as id")
        cursor.execute(f"insert into `{unique_schema}_outside`.t values (2)")
    with connect() as other, other.cursor() as cursor:
        cursor.execute(f"select count(*) from `{unique_schema}_outside`.t")

        assert cursor.fetchone() == (2,)


class TestServerInfo:
    """The server's facts are available in every state of the thread's connection."""

    @pytest.fixture(params=["none", "open", "closed"])
    def state(self, project: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setattr(server_module, "_known", {})
        manager = project.adapter.connections
        manager.clear_thread_connection()
        if request.param == "none":
            yield
            return
        with get_connection(project.adapter, "asking"):
            manager.session()
            if request.param == "closed":
                manager.release()
            yield

    def test_server_info(self, project: Any, state: None) -> None:
        assert "OceanBase" in str(project.adapter.server_info())
