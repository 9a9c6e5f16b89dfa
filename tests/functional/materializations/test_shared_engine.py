"""Two dbt processes share one embedded engine; another one uses it after a dbt process was killed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymysql
import pytest
from support import engines
from support.dbt_process import DbtProcess
from support.outside import Database, until

pytestmark = pytest.mark.any_kernel

Start = Callable[..., DbtProcess]


@pytest.mark.takes(60)
class TestSharedEngine:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        numbers = "with recursive n as (select 1 as i union all select i + 1 from n where i < 1000)"
        config = "{{ config(materialized='table', alias=env_var('WHO', 'nobody') ~ '_%d') }}"
        return {f"m{i}.sql": f"{config % i} {numbers} select a.i from n a, n b where b.i <= 20" for i in range(4)}

    def test_two_at_once_then_killed(
        self, project: Any, start: Start, embedded_profile: Path, request: pytest.FixtureRequest, monkeypatch: Any
    ) -> None:
        processes = []
        for who in ("one", "two"):
            monkeypatch.setenv("WHO", who)
            target = str(embedded_profile / f"target_{who}")
            processes.append(start("build", "--target-path", target, profiles_dir=embedded_profile))
        for process in processes:
            assert process.wait() == 0, process.output

        monkeypatch.setenv("WHO", "three")
        killed = start("build", profiles_dir=embedded_profile)
        until(lambda: "START" in killed.output or killed.poll() is not None)
        killed.kill()
        again = start("build", profiles_dir=embedded_profile)
        assert again.wait() == 0, again.output

        with engines.running(request.config.getoption("--kernel"), embedded_profile / "engine") as unix_socket:
            connection = pymysql.connect(unix_socket=unix_socket, user="root", autocommit=None)
            db = Database(connection, project.test_schema)
            assert set(db.relations()) == {f"{who}_{i}" for who in ("one", "two", "three") for i in range(4)}
            assert [db.value(f"select count(*) from {{s}}.{name}") for name in db.relations()] == [20_000] * 12
            connection.close()
