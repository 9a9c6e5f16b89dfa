"""Fixtures that read the database without dbt, and that run dbt as a separate process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
import yaml
from support.dbt_process import DbtProcess
from support.outside import Database


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """Return the database as read through a connection that is not dbt's."""
    return Database(server, project.test_schema)


@pytest.fixture(scope="class")
def history() -> dict[str, str]:
    """Return the file of a snapshot ``history`` with one row, whose value is the variable ``value``."""
    config = "{{ config(unique_key='id', strategy='check', check_cols='all') }}"
    select = "select 1 as id, {{ var('value', 1) }} as value"
    return {"history.sql": f"{{% snapshot history %}} {config} {select} {{% endsnapshot %}}"}


@pytest.fixture
def start(project: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., DbtProcess]]:
    """Return a function that starts dbt in the project's folder; kill the processes that still run in the end."""
    started: list[DbtProcess] = []

    def run(*arguments: str, profiles_dir: Path | None = None) -> DbtProcess:
        kernel = request.config.getoption("--kernel")
        profiles = profiles_dir or Path(project.profiles_dir)
        started.append(DbtProcess(Path(project.project_root), arguments, kernel, profiles))
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()


@pytest.fixture
def embedded_profile(project: Any, tmp_path: Path) -> Path:
    """Return a folder with a profile whose engine runs on the folder ``engine`` next to it."""
    profiles = yaml.safe_load((Path(project.profiles_dir) / "profiles.yml").read_text())
    target = {"type": "oceanbase", "threads": 4, "schema": project.test_schema, "path": str(tmp_path / "engine")}
    for name, profile in profiles.items():
        if name != "config":
            profile["outputs"] = {profile["target"]: target}
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profiles))
    return tmp_path
