"""A model whose statement runs for long is reported while it runs, with the server's trace id."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt_and_capture

from dbt.adapters.oceanbase.connect.control import progress

WAITS = """
{{ config(materialized='table', pre_hook="update {{ this.schema }}.held set id = 3") }} select 1 as id
"""


class Releasing(logging.Handler):
    """Ends the transaction that the model waits for, once the model was reported."""

    def __init__(self, holder: pymysql.Connection) -> None:
        super().__init__()
        self.holder = holder

    def emit(self, record: logging.LogRecord) -> None:
        if self.holder.open:
            self.holder.close()


class TestProgress:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"waits.sql": WAITS}

    @pytest.fixture
    def held(
        self, project: Any, connect: Callable[..., pymysql.Connection], monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[None]:
        project.run_sql("create table held as select 1 as id")
        holder = connect()
        with holder.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"update {project.test_schema}.held set id = 2")
        handler = Releasing(holder)
        progress.logger.addHandler(handler)
        monkeypatch.setattr(progress, "REPORT_SECONDS", 0.5)
        yield
        progress.logger.removeHandler(handler)

    def test_a_long_statement(self, project: Any, held: None) -> None:
        _, log = run_dbt_and_capture(["run"])
        found = re.findall(r"model\.test\.waits: update runs for \d+ s, trace Y\S+", log)
        assert found
