"""A feature of one kernel works there; on the other, the error names a server that has it, in one line."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database


class TestFeatures:
    """INSERT OVERWRITE, external tables and the catalog of materialized views have tests of their own."""

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        seeds = "seeds: [{name: bitmaps, config: {column_types: {bits: roaringbitmap}}}]"
        return {"bitmaps.csv": "id,bits\n1,\n", "seeds.yml": seeds}

    def test_a_type(self, project: Any, db: Database) -> None:
        try:
            db.run("create table {s}.trial (bits roaringbitmap)", "drop table {s}.trial")
            has_type = True
        except pymysql.err.ProgrammingError as error:
            assert error.args[0] == 1064  # noqa: PT017
            has_type = False
        [result] = run_dbt(["seed"], expect_pass=has_type)

        if has_type:
            assert db.rows("select id, bits from {s}.bitmaps") == [(1, None)]
        else:
            refusal = f"roaringbitmap: {db.value('select version()')} has no such type, seekdb 1.3 has: "
            assert f"{refusal}change data_type or column_types" in result.message
            assert db.relations() == {}
