"""now(6) keeps its microseconds in every relation, in the session's time zone."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

CLOCKS = ("now(6)", "current_timestamp(6)", "localtimestamp(6)", "sysdate(6)", "curtime(6)", "CURRENT_TIME ( 6 )")
LIST = ", ".join(f"{clock} as c{number}" for number, clock in enumerate(CLOCKS))
SELECT = f"select {LIST}, now(6), 'now(6)' as word from (select now(6)) as t where now(6) > '2024-01-01'"
OTHER = "select now(6) as c0, date_add(now(6), interval 0 day) as c1"
KINDS = {
    "a_view": "materialized='view'",
    "a_table": "materialized='table'",
    "declared": "materialized='table', contract={'enforced': true}",
    "grown": "materialized='incremental'",
}
DECLARED = "{name: c0, data_type: datetime(6)}, {name: c1, data_type: datetime(6)}"


class TestClocks:
    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any]) -> dict[str, Any]:
        return {"type": "oceanbase", "threads": 4, "time_zone": "+08:00", **server_profile}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        found = {f"{name}.sql": f"{{{{ config({config}) }}}} {SELECT}" for name, config in KINDS.items()}
        found["declared.sql"] = found["declared.sql"].replace(SELECT, OTHER)
        found["models.yml"] = f"models: [{{name: declared, columns: [{DECLARED}]}}]"
        return found

    def test_fractions(self, project: Any, db: Database) -> None:
        seen: dict[str, int] = {}
        for _ in range(3):
            run_dbt(["--quiet", "run"])
            for name in ("a_table", "declared", "grown"):
                columns = ["c0", "c1"] if name == "declared" else [f"c{number}" for number in range(len(CLOCKS))]
                for row in db.rows(
                    f"select {', '.join(f'microsecond({column})' for column in columns)} from {{s}}.{name}"
                ):
                    for column, part in zip(columns, row, strict=True):
                        seen[f"{name}.{column}"] = seen.get(f"{name}.{column}", 0) + part
        assert all(seen.values()), seen
        assert len(seen) == 2 * len(CLOCKS) + 2

        for name in ("a_table", "grown"):
            ahead = f"select timestampdiff(minute, utc_timestamp(6), max(c0)), max(word) from {{s}}.{name}"
            [(minutes, word)] = db.rows(ahead)
            assert 470 <= minutes <= 480
            assert word == "now(6)"
            assert db.rows(f"select `now(6)` = c0 from {{s}}.{name} limit 1") == [(1,)]
        assert (
            db.value(
                "select column_type from information_schema.columns where column_name = 'c4' "
                f"and table_schema = '{db.schema}' and table_name = 'a_table'"
            )
            == "time(6)"
        )
