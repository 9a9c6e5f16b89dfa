"""Snapshots of values that the server compares, cuts or types in a way of its own."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

ALL = "strategy='check', check_cols='all'"
TIMED = "strategy='timestamp', updated_at='at'"


def snapshot(name: str, source: str, config: str) -> str:
    """Return a snapshot of the table ``source`` with the key ``id``."""
    select = f"select * from {{{{ target.schema }}}}.{source}"
    return f"{{% snapshot {name} %}}{{{{ config(unique_key='id', {config}) }}}} {select} {{% endsnapshot %}}"


def take() -> None:
    run_dbt(["--quiet", "snapshot"])


def overlaps(db: Database, name: str) -> list[Any]:
    """Return the versions that end before they begin, or in which another version of the same row begins."""
    end = "coalesce({0}.dbt_valid_to, cast('9999-12-31' as datetime(6)))".format
    return db.rows(
        f"select a.id, a.dbt_valid_from, a.dbt_valid_to from {{s}}.{name} a join {{s}}.{name} b on a.id = b.id "
        f"where a.dbt_valid_from >= {end('a')} or (a.dbt_scd_id <> b.dbt_scd_id "
        f"and a.dbt_valid_from <= b.dbt_valid_from and b.dbt_valid_from < {end('a')})"
    )


class Snapshots:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"unused.sql": "{{ config(enabled=false) }} select 1 as id"}


class TestCollections(Snapshots):
    """Arrays, maps and vectors are compared by their values, and bitmaps by their bytes."""

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        named = "strategy='check', check_cols=['v', 'a', 'm', 's'], hard_deletes='new_record'"
        return {
            "every.sql": snapshot("every", "facts", ALL),
            "named.sql": snapshot("named", "facts", named),
            "bitmaps.sql": snapshot("bitmaps", "bits", ALL),
        }

    def test_a_second_snapshot(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.facts (id int, v vector(3), a array(int), m map(int, int), s sparsevector, g point)",
            "insert into {s}.facts values (1, '[1,2,3]', [1,2], map(1, 2), '{1:2.5}', st_geomfromtext('point(1 2)')), "
            "(2, '[4,5,6]', [1,2], map(1, 2), '{1:2.5}', null), (3, null, null, null, null, null)",
            "create table {s}.bits (id int, b longblob)",
        )
        has_bitmaps = True
        try:
            db.run("alter table {s}.bits add column r roaringbitmap")
        except pymysql.err.ProgrammingError as error:
            assert error.args[0] == 1064  # noqa: PT017 # kernel 1.4 has no such type
            has_bitmaps = False
        bitmap = "rb_build([{0}])".format if has_bitmaps else "'{0}'".format
        names = "id, r" if has_bitmaps else "id, b"
        db.run(f"insert into {{s}}.bits ({names}) values (1, {bitmap(1)}), (2, {bitmap(1)})")
        take()
        take()
        every, named = "select count(*), sum(dbt_valid_to is null) from {s}.every", "select count(*) from {s}.named"
        assert db.rows(every) == [(3, 3)]
        assert db.value(named) == 3

        db.run(
            "update {s}.facts set v = '[1,2,4]' where id = 1",
            "update {s}.facts set a = [1,2,3] where id = 2",
            "update {s}.facts set m = map(5, 6) where id = 3",
            f"update {{s}}.bits set {names[-1]} = {bitmap(2)} where id = 2",
        )
        take()
        db.run("update {s}.facts set s = '{2:1}', a = [7] where id = 3")
        take()
        take()
        assert db.rows(every) == [(7, 3)]
        assert db.value(named) == 7
        assert db.rows("select id, sum(dbt_valid_to is null), count(*) from {s}.bitmaps group by id order by id") == [
            (1, 1, 1),
            (2, 1, 2),
        ]


class TestFractions(Snapshots):
    """Times that the snapshot takes itself keep their microseconds, also beside a TIMESTAMP."""

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        return {
            f"{mode}_{how}.sql": snapshot(f"{mode}_{how}", "facts", f"{config}, hard_deletes='{mode}'")
            for mode in ("invalidate", "new_record")
            for how, config in {"timed": TIMED, "checked": f"{ALL}, updated_at='at'"}.items()
        }

    def test_a_deletion(self, project: Any, db: Database) -> None:
        db.run("create table {s}.facts (id int, at timestamp(6) null)")
        ids = ", ".join(f"({number}, utc_timestamp(6))" for number in range(3))
        db.run("set time_zone = '+00:00'", f"insert into {{s}}.facts values {ids}")
        take()
        db.run("delete from {s}.facts where id = 0")
        take()
        db.run("delete from {s}.facts where id = 1")
        take()

        for name in ("invalidate_timed", "invalidate_checked", "new_record_timed", "new_record_checked"):
            ends = db.rows(f"select microsecond(dbt_valid_to) from {{s}}.{name} where dbt_valid_to is not null")
            assert len(ends) == 2, name
            assert any(end for (end,) in ends), (name, ends)
            assert overlaps(db, name) == [], name


class TestCurrentEnd(Snapshots):
    """The end of current versions may be written as a text: dbt_valid_to is a time all the same."""

    ENDS = {"day": "'9999-12-31'", "second": "'9999-12-31 23:59:59'", "typed": "cast('9999-12-31' as datetime(6))"}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        found = {}
        for name, end in self.ENDS.items():
            for mode in ("ignore", "new_record"):
                config = f'{ALL}, hard_deletes="{mode}", dbt_valid_to_current="{end}"'
                found[f"{name}_{mode}.sql"] = snapshot(f"{name}_{mode}", "facts", config)
        zoned = f'{TIMED}, dbt_valid_to_current="{self.ENDS["day"]}"'
        return found | {"zoned.sql": snapshot("zoned", "zoned_facts", zoned)}

    def test_its_type(self, project: Any, db: Database) -> None:
        db.run(
            "create table {s}.facts (id int, word varchar(9))",
            "insert into {s}.facts values (1, 'a'), (2, 'b')",
            "create table {s}.zoned_facts (id int, word varchar(9), at timestamp(6) null)",
            "insert into {s}.zoned_facts values (1, 'a', '2024-01-01'), (2, 'b', '2024-01-01')",
        )
        take()
        # a history of before goes on as it is
        db.run(
            "alter table {s}.day_ignore modify dbt_valid_to varchar(26)",
            "update {s}.day_ignore set dbt_valid_to = '9999-12-31'",
        )
        db.run(
            "update {s}.facts set word = 'c' where id = 1",
            "update {s}.zoned_facts set word = 'c', at = '2025-01-01' where id = 1",
        )
        take()
        take()

        names = [f"{name}_{mode}" for name in self.ENDS for mode in ("ignore", "new_record")]
        for name in [*names, "zoned"]:
            kind = db.value(
                "select column_type from information_schema.columns where column_name = 'dbt_valid_to' "
                f"and table_schema = '{db.schema}' and table_name = '{name}'"
            )
            assert kind == ("varchar(26)" if name == "day_ignore" else "datetime(6)"), name
            day = "dbt_valid_to = '9999-12-31'" if name == "day_ignore" else "dbt_valid_to >= '9999-12-31'"
            found = db.rows(f"select id, word, {day} from {{s}}.{name} order by id, word")
            assert found == [(1, "a", 0), (1, "c", 1), (2, "b", 1)], name


class TestBack(Snapshots):
    """A row that comes back with its old updated_at is valid from then on: it does not overlap its deletion."""

    NAMES = ("timed", "checked", "stamped", "bounded")

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        mode = "hard_deletes='new_record'"
        return {
            "timed.sql": snapshot("timed", "facts", f"{TIMED}, {mode}"),
            "checked.sql": snapshot("checked", "facts", f"{ALL}, updated_at='at', {mode}"),
            "stamped.sql": snapshot("stamped", "stamps", f"{TIMED}, {mode}"),
            "bounded.sql": snapshot("bounded", "facts", f"{TIMED}, {mode}, dbt_valid_to_current=\"'9999-12-31'\""),
        }

    def test_old_times(self, project: Any, db: Database) -> None:
        tables = {"facts": "datetime(6)", "stamps": "timestamp(6) null"}
        for table, kind in tables.items():
            db.run(
                f"create table {{s}}.{table} (id int, word varchar(9), at {kind})",
                f"insert into {{s}}.{table} values (1, 'a', '2024-01-01'), (2, 'b', '2024-01-01')",
            )
        take()
        db.run(*(f"delete from {{s}}.{table} where id = 1" for table in tables))
        take()
        # the same row again, and later a change whose updated_at is before the snapshot that saw the row come back
        db.run(*(f"insert into {{s}}.{table} values (1, 'a', '2024-01-01')" for table in tables))
        take()
        take()
        for name in self.NAMES:
            found = db.rows(f"select word, dbt_is_deleted from {{s}}.{name} where id = 1 order by dbt_valid_from")
            assert found == [("a", "False"), ("a", "True"), ("a", "False")], name
        db.run(*(f"update {{s}}.{table} set word = 'c', at = '2024-02-01' where id = 1" for table in tables))
        take()
        take()

        for name in self.NAMES:
            found = db.rows(
                f"select word, dbt_is_deleted, cast(dbt_updated_at as date) < '2025-01-01' from {{s}}.{name} "
                "where id = 1 order by dbt_valid_from"
            )
            assert found == [("a", "False", 1), ("a", "True", 0), ("a", "False", 1), ("c", "False", 1)], name
            assert db.value(f"select count(distinct dbt_scd_id) from {{s}}.{name}") == 5, name
            assert overlaps(db, name) == [], name
