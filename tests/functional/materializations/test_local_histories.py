"""Histories with local times, of dbt-mysql or obmysql, go on as docs/migrating-from-mysql.md says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.util import run_dbt, write_file
from support.outside import Database

pytestmark = pytest.mark.any_kernel

PAGE = Path(__file__).parents[3] / "docs" / "migrating-from-mysql.md"
CONVERT, MACRO = re.findall(
    r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8").split("### Times of snapshots")[1], re.S
)

CHECK = "unique_key='id', strategy='check', check_cols=['word'], hard_deletes='%s'"
HISTORIES = {
    "history": ("words", CHECK % "invalidate"),
    "local": ("words", CHECK % "invalidate"),
    "marked": ("words", CHECK % "new_record"),
    "timed": ("moments", "unique_key='id', strategy='timestamp', updated_at='at', hard_deletes='invalidate'"),
}
ROWS = "select id, word, dbt_valid_from, dbt_valid_to from {s}.%s order by id, dbt_valid_from"
LOCAL_NOW = "convert_tz(utc_timestamp(), '+00:00', '+08:00')"


@pytest.mark.any_kernel
class TestLocalHistories:
    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        text = (
            "{{% snapshot {0} %}} {{{{ config({2}) }}}} select * from {{{{ target.schema }}}}.{1} {{% endsnapshot %}}"
        )
        return {f"{name}.sql": text.format(name, *parts) for name, parts in HISTORIES.items()}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        clocks = "timestampdiff(hour, utc_timestamp(), now()) as ahead, "
        clocks += "timestampdiff(hour, utc_timestamp(), {{ dbt.current_timestamp() }}) as dbt_ahead"
        names = "'{{ this.database or '' }}{{ target.database }}' as no_database, '{{ this.schema }}' as its_schema"
        return {"clocks.sql": f"{{{{ config(materialized='table') }}}} select {clocks}, {names}"}

    @pytest.fixture(scope="class")
    def moved(self, project: Any, db: Database) -> None:
        """Make the histories as another adapter left them, and change the sources an hour later."""
        db.run(
            "create table {s}.words as select 1 as id, 'a' as word union all select 2, 'b' union all select 3, 'c'",
            f"create table {{s}}.moments as select words.*, {LOCAL_NOW} - interval 90 minute as at from {{s}}.words",
        )
        run_dbt(["--quiet", "snapshot"])
        for name in HISTORIES:
            if name != "timed":
                begin = f"{LOCAL_NOW} - interval 60 minute"
                db.run(f"update {{s}}.{name} set dbt_valid_from = {begin}, dbt_updated_at = {begin}")
            # obmysql and dbt-mysql make DATETIME columns without fractions
            db.run(
                f"alter table {{s}}.{name} modify dbt_valid_from datetime, modify dbt_valid_to datetime, "
                "modify dbt_updated_at datetime"
            )
        db.run(
            "update {s}.words set word = 'd' where id = 2",
            f"update {{s}}.moments set word = 'd', at = {LOCAL_NOW} where id = 2",
            *(f"delete from {{s}}.{name} where id = 3" for name in ("words", "moments")),
        )

    def check(self, db: Database, name: str, hours: int) -> None:
        """Check that changes are from now, ``hours`` ahead of UTC, and that the versions that they end began before."""
        rows = db.rows(ROWS % name)
        deletion = [(3, "c")] if name == "marked" else []
        assert [row[:2] for row in rows] == [(1, "a"), (2, "b"), (2, "d"), (3, "c"), *deletion], name

        [now] = db.rows(f"select utc_timestamp() + interval {hours} hour")[0]
        _, (*_, begin, end), (*_, changed, _), (*_, deleted), *_ = rows
        assert 3000 <= (end - begin).total_seconds() <= 7200, name
        for moment in (changed, end, deleted):
            assert -5 <= (now - moment).total_seconds() <= 600, name
        assert changed == end
        assert [row[3] is None for row in rows] == [True, False, True, False, *(True for _ in deletion)], name

    def test_a_converted_history_goes_on_in_utc(self, moved: None, project: Any, db: Database) -> None:
        project.run_sql(CONVERT)
        run_dbt(["--quiet", "build", "--select", "history", "clocks"])

        self.check(db, "history", 0)
        assert db.rows("select * from {s}.clocks") == [(0, 0, "", db.schema)]

    def test_the_macro_keeps_local_times(self, moved: None, project: Any, db: Database) -> None:
        write_file(MACRO, project.project_root, "macros", "local.sql")
        target = project.adapter.config.credentials.to_dict() | {"type": "oceanbase", "time_zone": "+08:00"}
        write_file(
            json.dumps({"test": {"target": "t", "outputs": {"t": target}}}), project.project_root, "profiles.yml"
        )
        run_dbt(["--quiet", "build", "--exclude", "history", "--profiles-dir", "."])

        for name in HISTORIES:
            if name != "history":
                self.check(db, name, 8)
        assert db.rows("select ahead, dbt_ahead from {s}.clocks") == [(8, 0)]
        assert db.value("select count(*) from {s}.marked where dbt_is_deleted = 'True'") == 1
