"""A server whose recycle bin is on: what dbt replaces and drops is not kept there, unless the profile says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

from .conftest import Dbt

MODELS = {
    "a_table.sql": "{{ config(materialized='table') }} select 1 as id",
    "an_increment.sql": "{{ config(materialized='incremental') }} select 1 as id",
}


class TestRecycleBin:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(autouse=True)
    def bin_is_on(self, db: Database) -> Iterator[None]:
        db.run("set global recyclebin = on")
        yield
        db.run("set global recyclebin = off", "purge recyclebin")

    def test_what_is_kept(
        self, project: Any, connect: Callable[..., pymysql.Connection], db: Database, dbt: Dbt
    ) -> None:
        with connect() as other, other.cursor() as cursor:
            cursor.execute("select @@recyclebin")
            assert cursor.fetchone() == (1,)

        for _ in range(2):
            assert len(run_dbt(["run"])) == 2
        assert db.rows("show recyclebin") == []

        outcome = dbt("run", session_variables={"recyclebin": 1})
        assert outcome.code == 0, outcome.console
        kept = {name for _, name, *_ in db.rows("show recyclebin")}
        assert kept == {"a_table__dbt_backup", "an_increment__dbt_tmp"}
