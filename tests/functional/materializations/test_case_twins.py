"""Nodes whose names differ in case only are refused before anything runs, where the server takes them for one."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt, write_file
from dbt_common.exceptions import DbtRuntimeError
from support.outside import Database

TABLE = "{{ config(materialized='table') }} select 1 as id"


class TestTwins:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, Any]:
        return {
            "a": {"Foo.sql": TABLE},
            "b": {"other.sql": "{{ config(materialized='table', alias='foo') }} select 2 as id"},
            "c.sql": TABLE,
        }

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"C.csv": "id\n1\n"}

    def refused(self, *arguments: str) -> str:
        with pytest.raises(DbtRuntimeError) as raised:
            run_dbt([*arguments])
        text = str(raised.value).strip().removeprefix("Runtime Error").strip()
        assert "\n" not in text
        return text

    def test_twins(self, project: Any, db: Database) -> None:
        if db.value("select @@lower_case_table_names") == 0:
            assert run_dbt(["build"])
            return
        text = self.refused("build")
        assert f"model.test.Foo ({db.schema}.Foo) and model.test.other ({db.schema}.foo)" in text
        assert f"({db.schema}.c)" in text
        assert f"({db.schema}.C)" in text
        assert text.startswith("alias, schema: ")
        assert "give one another alias" in text
        assert "Foo" in self.refused("run", "--select", "Foo")
        assert "Foo" in self.refused("seed")
        uncached = run_dbt(["build", "--no-populate-cache"], expect_pass=False)
        assert all("differ in case only" in result.message for result in uncached if result.status == "error")
        assert db.relations() == {}

        write_file("{{ config(alias='foo_2') }} select 2 as id", project.project_root, "models", "b", "other.sql")
        write_file("{{ config(alias='c_2', schema='ELSE') }} select 2 as id", project.project_root, "models", "c.sql")
        write_file("{{ config(schema='else') }} select 2 as id", project.project_root, "models", "d.sql")
        text = self.refused("build")
        assert f"the schemas of model.test.c ({db.schema}_ELSE.c_2) and model.test.d ({db.schema}_else.d)" in text
        assert "write a schema in one way" in text
        assert db.relations() == {}

        write_file("{{ config(schema='ELSE') }} select 2 as id", project.project_root, "models", "d.sql")
        assert len(run_dbt(["build"])) == 5
        assert set(db.relations()) == {"foo", "foo_2", "c"}
