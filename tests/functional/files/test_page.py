"""The sources and models of docs/files.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture, write_file
from support import doc_page
from support.outside import Database

PAGE = "files.md"


class TestPage:
    @pytest.fixture(scope="class")
    def project_config_update(self, folder: Path) -> dict[str, Any]:
        return {"vars": {"folder": str(folder)}}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return doc_page.files(PAGE, "models")

    @pytest.fixture(scope="class")
    def tests(self) -> dict[str, str]:
        return doc_page.files(PAGE, "tests")

    def test_models(self, project: Any, db: Database, folder: Path, has_external_tables: bool) -> None:
        assert len(doc_page.files(PAGE)) == 5
        if not has_external_tables:
            pytest.skip("the refusal is tested elsewhere")
        for day, rows in (("2026-01-30", "1,Ürümqi\n"), ("2026-01-31", "2,Oslo\n3,Oslo\n")):
            (folder / "visits" / f"day={day}").mkdir(parents=True)
            (folder / "visits" / f"day={day}" / "a.csv").write_text(f"id,place\n{rows}")

        run_dbt(["run-operation", "stage_external_sources"])
        results = run_dbt(["build"]).results
        assert {str(result.status) for result in results} == {"success", "pass"}
        assert sorted(n for _, n in db.rows("select * from {s}.visits_per_day")) == [1, 2]
        assert [str(day) for (day,) in db.rows("select day from {s}.visits_per_day order by 1")] == [
            "2026-01-30",
            "2026-01-31",
        ]
        assert db.rows("select id from {s}.visits where day = '2026-01-30'") == [(1,)]
        expected = [(1, "Ürümqi"), (2, "Oslo"), (3, "Oslo")]
        assert db.rows("select * from {s}.for_a_spreadsheet order by id") == expected
        assert sorted(path.suffix for path in folder.glob("*__*")) == [".csv", ".parquet"]

        # a missing place is found by files() in the data test
        (folder / "visits" / "day=2026-01-31" / "b.csv").write_text("id,place\n4,\n")
        assert [str(result.status) for result in run_dbt(["test"], expect_pass=False)] == ["fail"]

    def test_files_in_a_table(self, project: Any, folder: Path, has_external_tables: bool) -> None:
        if not has_external_tables:
            pytest.skip("this server has no files()")
        text = "{{ config(materialized='table') }} select * from files(location = '%s', format (type = 'csv'))"
        write_file(text % folder, project.project_root, "models", "from_files.sql")
        _, log = run_dbt_and_capture(["run", "--select", "from_files"], expect_pass=False)
        assert "cannot create a table from it: declare the files as a source with the key external" in log
