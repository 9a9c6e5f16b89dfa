"""Described columns of dates and times get comment and type by the CREATE, so that no ALTER rebuilds the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

EXPRESSIONS = {
    "plain_day": "src.day",
    "cast_day": "cast(src.moment as date)",
    "some_day": "coalesce(src.day, date '2026-01-01')",
    "no_day": "cast(null as date)",
    "next_day": "date_add(src.day, interval 1 day)",
    "moment": "src.moment",
    "fine": "src.fine",
    "later": "date_add(src.moment, interval 1 hour)",
    "later_fine": "date_add(src.fine, interval 1 microsecond)",
    "finer_of_two": "coalesce(src.moment, src.fine)",
    "case_fine": "case when src.i = 1 then src.fine else src.moment end",
    "milliseconds": "cast('2026-01-01 10:11:12.345' as datetime(3))",
    "built_at": "utc_timestamp(6)",
    "built_at_second": "utc_timestamp()",
    "stamp": "src.stamp",
    "last_stamp": "max(src.stamp) over ()",
    "clock": "src.clock",
    "cast_clock": "cast('10:11:12' as time)",
    "fine_clock": "cast('10:11:12.345678' as time(6))",
    "parsed": "str_to_date(concat('2026-01-0', src.i), '%Y-%m-%d')",
    "parsed_moment": "str_to_date('2026-01-01 10:11:12', '%Y-%m-%d %H:%i:%s')",
    "latest": "greatest(src.moment, src.fine)",
    "year_of": "year(src.day)",
    "the_year": "src.the_year",
    "i": "src.i",
    "Mixed Case": "src.moment",
}
SELECT = "select {} from {{{{ target.schema }}}}.src".format(
    ", ".join(f"{text} as `{name}`" for name, text in EXPRESSIONS.items())
)
DESCRIBED = ", ".join(
    f"{{name: '{name}', description: \"what {name.lower()} 'is'\"}}" for name in EXPRESSIONS if name != "moment"
)
CONFIG = "{{ config(materialized='table', sql_header='set @header = 1;') }}\n"


class TestDescribedTimes:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        schema = f"""
            models:
              - name: described
                config: {{persist_docs: {{columns: true}}}}
                columns: [{DESCRIBED}]
        """
        return {
            "schema.yml": schema,
            "described.sql": CONFIG + "with src as (\n" + SELECT + ") -- of all\nselect * from src order by 1",
            "plain.sql": CONFIG + SELECT,
        }

    @pytest.fixture(scope="class", autouse=True)
    def source(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.src (day date, moment datetime, fine datetime(6), stamp timestamp(3) null, clock time, "
            "the_year year, i int)",
            "insert into {s}.src values ('2026-01-02', '2026-01-02 03:04:05', '2026-01-02 03:04:05.123456', "
            "'2026-01-02 03:04:05.125', '23:59:59', 2026, 1)",
        )

    def test_types_and_values_are_those_without_comments(self, project: Any, db: Database) -> None:
        for again in range(2):
            assert len(run_dbt(["run", "--select", "described", "plain"])) == 2, again
            assert self.columns(db, "described") == self.columns(db, "plain")
            names = ", ".join(f"`{name}`" for name in EXPRESSIONS if not name.startswith("built_at"))
            rows = db.rows(f"select {names} from {{s}}.described")
            assert rows == db.rows(f"select {names} from {{s}}.plain") != []

            comments = dict(self.catalog(db, "described", "column_name, column_comment"))
            assert comments.pop("moment") == ""
            assert comments == {name: f"what {name.lower()} 'is'" for name in EXPRESSIONS if name != "moment"}

    def test_no_time_is_altered(self, project: Any, db: Database, logs_dir: str) -> None:
        log = Path(logs_dir, "dbt.log")
        before = log.stat().st_size if log.exists() else 0

        run_dbt(["run", "--select", "described"])

        said = log.read_text()[before:]
        altered = said[said.index("alter table") :].split("\n", 1)[0]
        assert "modify column `i`" in altered
        for name in ("plain_day", "cast_day", "later_fine", "built_at", "fine_clock", "Mixed Case"):
            assert f"modify column `{name}`" not in altered

    def columns(self, db: Database, name: str) -> list[tuple[Any, ...]]:
        return self.catalog(db, name, "column_name, column_type")

    @staticmethod
    def catalog(db: Database, name: str, wanted: str) -> list[tuple[Any, ...]]:
        return db.rows(
            f"select {wanted} from information_schema.columns "
            f"where table_schema = '{db.schema}' and table_name = '{name}' order by ordinal_position"
        )
