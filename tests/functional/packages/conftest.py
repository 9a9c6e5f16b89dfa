"""Fixtures for the shims of dbt packages: the database from outside, and small packages in place of the real ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymysql
import pytest
import yaml
from support.outside import Database

Install = Callable[[str, dict[str, str]], None]


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """Return the database as it is seen from outside of dbt."""
    return Database(server, project.test_schema)


@pytest.fixture(scope="class")
def install(project_root: Any) -> Install:
    """Return a function that puts a package, of a name and files of macros, where ``dbt deps`` would put it."""

    def install(name: str, macros: dict[str, str]) -> None:
        folder = Path(str(project_root)) / "dbt_packages" / name
        (folder / "macros").mkdir(parents=True, exist_ok=True)
        (folder / "dbt_project.yml").write_text(f"name: {name}\nversion: '1.0'\nconfig-version: 2\n")
        for file, text in macros.items():
            (folder / "macros" / f"{file}.sql").write_text(text)
        # dbt compares the number of packages with that of their folders
        installed = sorted(path.name for path in folder.parent.iterdir())
        listed = {"packages": [{"local": f"dbt_packages/{name}"} for name in installed]}
        (folder.parents[1] / "packages.yml").write_text(yaml.safe_dump(listed))

    return install
