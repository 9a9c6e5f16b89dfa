"""Fixtures: a seed made from text, and a connection to its database that dbt does not use."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database


@pytest.fixture(scope="class")
def db(project: Any, server: pymysql.Connection) -> Database:
    """Return the test database through a connection that dbt does not use."""
    return Database(server, project.test_schema)


@pytest.fixture(scope="class")
def seed(project: Any) -> Any:
    """Write the file of a seed if text is given, run the seed, and return its result."""

    def run(name: str, text: str | None = None, *arguments: str, expect_pass: bool = True) -> Any:
        if text is not None:
            Path(project.project_root, "seeds", f"{name}.csv").write_bytes(text.encode())
        results = run_dbt(["seed", "--select", name, *arguments], expect_pass=expect_pass)
        return results.results[0]

    return run


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV in which every value is quoted."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()


@pytest.fixture(scope="session", name="as_csv")
def _as_csv() -> Any:
    return as_csv
