"""The times of a history in any session time zone: right in a TIMESTAMP, and in UTC in a DATETIME."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

KINDS = {"ts": ("timestamp(6) null", "now(6)"), "dt": ("datetime(6)", "utc_timestamp(6)")}
"""Types of the source's time, and now."""

HOW = {
    "timed": "strategy='timestamp', updated_at='at'",
    "checked": "strategy='check', check_cols=['word'], updated_at='at'",
    "bounded": "strategy='timestamp', updated_at='at', dbt_valid_to_current=\"timestamp '2037-01-01 00:00:00'\"",
    "seen": "strategy='check', check_cols=['word']",
}
MODES = ("invalidate", "new_record")
NAMES = [f"{kind}_{how}_{mode}" for kind, how, mode in product(KINDS, HOW, MODES)]
INSTANT = {"timestamp": "unix_timestamp({0})", "datetime": "timestampdiff(microsecond, '1970-01-01', {0}) / 1000000"}


class Moments:
    zone: str

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any]) -> dict[str, Any]:
        return {"type": "oceanbase", "threads": 4, "time_zone": self.zone, **server_profile}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        text = (
            "{{% snapshot {name} %}}{{{{ config(unique_key='id', hard_deletes='{mode}', {how}) }}}}"
            "select * from {{{{ target.schema }}}}.{kind} {{% endsnapshot %}}"
        )
        found = {}
        for name in NAMES:
            kind, how, mode = name.split("_", 2)
            found[f"{name}.sql"] = text.format(name=name, mode=mode, how=HOW[how], kind=kind)
        return found

    def instants(self, db: Database, name: str, offset: float) -> list[Any]:
        """Return rows of (id, from, to, last seen) in seconds since 1970, with None for an end that is still open."""
        sql = (
            "select column_name, data_type from information_schema.columns "
            f"where table_schema = '{db.schema}' and table_name = '{name}'"
        )
        types = dict(db.rows(sql))
        columns = [f"cast({self.instant(types, c, offset)} as double)" for c in ("dbt_valid_from", "dbt_valid_to")]
        columns.append(f"cast({self.instant(types, 'dbt_updated_at', offset)} as double)")
        rows = db.rows(f"select id, {', '.join(columns)} from {{s}}.{name} order by id, dbt_valid_from")
        return [(key, start, None if not end or end > 2_000_000_000 else end, seen) for key, start, end, seen in rows]

    def instant(self, types: dict[str, str], column: str, offset: float) -> str:
        """Return SQL for seconds since 1970. A DATETIME has session time if dbt_valid_from is a TIMESTAMP, else UTC."""
        is_local = types[column] == "datetime" and types["dbt_valid_from"] == "timestamp"
        return INSTANT[types[column]].format(column) + (f" - {offset * 3600}" if is_local else "")

    def test_ends(self, project: Any, db: Database) -> None:
        now = "select cast(unix_timestamp(now(6)) as double)"
        offset = float(self.zone[:3])
        start = db.value(now) - 2
        for kind, (data_type, clock) in KINDS.items():
            db.run(
                f"create table {{s}}.{kind} (id int, word varchar(5), at {data_type})",
                f"insert into {{s}}.{kind} values (1, 'a', {clock}), (2, 'b', {clock}), (3, 'c', {clock})",
            )
        run_dbt(["--quiet", "snapshot"])
        # a history that another strategy has made has such columns, and gets its own time from here on
        db.run(
            "alter table {s}.ts_seen_new_record modify dbt_valid_from timestamp(6) null, "
            "modify dbt_valid_to timestamp(6) null, modify dbt_updated_at timestamp(6) null"
        )
        db.run("update {s}.ts_seen_new_record set dbt_valid_from = now(6), dbt_updated_at = now(6)")
        taken = db.value(now)
        for kind, (_, clock) in KINDS.items():
            db.run(
                f"delete from {{s}}.{kind} where id = 2",
                f"update {{s}}.{kind} set word = 'd', at = {clock} where id = 3",
            )
        run_dbt(["--quiet", "snapshot"])
        end = db.value(now)

        for name in NAMES:
            rows = self.instants(db, name, offset)
            deletion = [2] if name.endswith("new_record") else []
            assert [row[0] for row in rows] == [1, 2, *deletion, 3, 3], (name, rows)
            for key, since, until, seen in rows:
                assert start <= since == seen <= end, (name, key, rows)
                assert until is None or taken <= until <= end, (name, key, rows)
                assert until is None or since < until, (name, key, rows)
            ended = [until for key, _, until, _ in rows if until is not None]
            assert len(ended) == 2, (name, rows)
            if deletion:
                assert taken <= rows[2][1] == rows[1][2], (name, rows)


class TestUtc(Moments):
    zone = "+00:00"


class TestEast(Moments):
    zone = "+08:00"


class TestWest(Moments):
    zone = "-05:00"
