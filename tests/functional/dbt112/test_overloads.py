"""Overloads of a function are refused before anything changes, since the second would replace the first."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt, write_file
from support.outside import Database

YML = """
functions:
  - name: doubled
    arguments: [{name: x, data_type: int}]
    returns: {data_type: int}
"""
OVERLOADS = """\
    overloads:
      - defined_in: doubled_text
        arguments: [{name: x, data_type: varchar(20)}]
        returns: {data_type: varchar(40)}
"""


class TestOverloads:
    @pytest.fixture(scope="class")
    def functions(self) -> dict[str, str]:
        return {"doubled.sql": "x * 2", "doubled.yml": YML}

    def test_refused_by_both_names(self, project: Any, db: Database) -> None:
        run_dbt(["build"])
        write_file("concat(x, x)", project.project_root, "functions", "doubled_text.sql")
        write_file(YML + OVERLOADS, project.project_root, "functions", "doubled.yml")
        [result] = run_dbt(["build"], expect_pass=False)

        assert "overloads of function doubled: doubled_text" in result.message
        assert "a name of its own" in result.message
        assert db.rows(
            f"select routine_name from information_schema.routines where routine_schema = '{db.schema}'"
        ) == [("doubled",)]
        assert db.value("select {s}.doubled(21)") == 42
