"""Every pair of types: a value reads back the same from a column of another type, or nothing is written."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database
from support.type_values import VALUES, base, is_same, reading

from dbt.adapters.oceanbase.column import OceanBaseColumn, column_from_field
from dbt.adapters.oceanbase.sql.type_pairs import loss_condition

NUMBERS = {data_type: number for number, data_type in enumerate(VALUES)}
"""Type -> the number that stands for it in names of tables and columns."""

STRATEGIES = ("append", "delete+insert", "merge", "insert_overwrite")

TEXTS = ("char", "varchar", "text")

SNAPSHOT_COLUMNS = (
    "dbt_scd_id varchar(32), dbt_updated_at datetime(6), dbt_valid_from datetime(6), dbt_valid_to datetime(6)"
)

OF_COLUMN = 1_000
"""The ids of a source's rows begin with the number of the column that has a value, times this."""

EMPTY = OF_COLUMN - 1
"""The id, within those of a column, of a row that has no value."""

Pair = tuple[str, str]


def as_read(data_type: str) -> str:
    """Return the type as the adapter reads it from the catalog."""
    return OceanBaseColumn.from_catalog("v", data_type).data_type


def becomes_double(data_type: str, other: str) -> bool:
    """Check whether a snapshot makes a FLOAT of its history a DOUBLE, which shows more digits of the stored values."""
    return base(other) == "float" and base(data_type) not in (*TEXTS, "float", "tinyint", "year", "bit")


def compared(db: Database, condition: str, selected: int, stored: int, keys: list[int]) -> list[tuple[Any, ...]]:
    """Return id, other id, and what ``condition`` says, for the values of one type and those of another.

    A statement that writes computes the condition, since the server is strict only then.
    """
    insert = (
        f"insert into {{s}}.compared select s.id, h.id, {condition} from {{s}}.values_{selected} s, "
        f"{{s}}.values_{stored} h"
    )
    db.run("delete from {s}.compared")
    try:
        db.run(insert)
    except pymysql.Error:
        for key in keys:
            with suppress(pymysql.Error):  # a text that the column would refuse, too
                db.run(f"{insert} where s.id = {key}")
    return db.rows("select * from {s}.compared")


def lost_ids(db: Database, condition: str, number: int, ids: Collection[int]) -> set[int]:
    """Return the ids of the values of a type for which the condition holds or cannot be computed."""
    query = f"select id, {condition} from {{s}}.values_{number}"
    try:
        return {key for key, is_lost in db.rows(query) if is_lost}
    except pymysql.Error:  # JSON that is none: the node fails before it writes
        found = set(ids)
        for key in ids:
            with suppress(pymysql.Error):
                found -= {key for key, is_lost in db.rows(f"{query} where id = {key}") if not is_lost}
        return found


def run_each(db: Database, statement: str, ids: Collection[int]) -> None:
    """Run a statement for all rows with these ids, or for each row that the server does not refuse."""
    if not ids:
        return
    try:
        db.run(f"{statement} where id in ({', '.join(map(str, ids))})")
    except pymysql.Error:
        for key in ids:
            with suppress(pymysql.Error):
                db.run(f"{statement} where id = {key}")


def is_alike(value: Any, other: Any) -> bool:
    """Check whether two values are written alike or are the same number."""
    texts = [str(each[0]) if isinstance(each, bytes) and len(each) == 1 else text_of(each) for each in (value, other)]
    try:
        return texts[0] == texts[1] or Decimal(texts[0]) == Decimal(texts[1])
    except InvalidOperation:
        return False


def text_of(value: Any) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


class TestPairs:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        """Return two models for each type, which add its values to a table with one column of every type."""
        config = "{{ config(materialized='incremental', incremental_strategy='STRATEGY'KEY) }}"
        found = {}
        for number in NUMBERS.values():
            strategy = STRATEGIES[number % len(STRATEGIES)]
            key = ", unique_key='id'" if strategy in ("merge", "delete+insert") else ""
            head = config.replace("STRATEGY", strategy).replace("KEY", key)
            for kind in ("kept", "lost"):
                found[f"{kind}_{number}.sql"] = f"{head} select * from {{{{ target.schema }}}}.{kind}_values_{number}"
        return found

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        """Return two snapshots for each type, which take its values into a history with one column of every type."""
        config = "{{ config(unique_key='id', strategy='check', check_cols='all') }}"
        return {
            f"{kind}_history_{number}.sql": f"{{% snapshot {kind}_history_{number} %}}{config} select * from "
            f"{{{{ target.schema }}}}.{kind}_source_{number} {{% endsnapshot %}}"
            for number in NUMBERS.values()
            for kind in ("kept", "lost")
        }

    @pytest.fixture(scope="class", autouse=True)
    def values(self, project: Any, db: Database) -> dict[str, dict[int, Any]]:
        """Create a table of values and a table for values for each type; return the values by type and id."""
        found = {}
        for data_type, number in NUMBERS.items():
            rows = ", ".join(f"({key}, {value})" for key, value in enumerate(VALUES[data_type]))
            db.run(
                f"create table {{s}}.values_{number} (id int primary key, v {data_type})",
                f"insert into {{s}}.values_{number} values {rows}",
                f"create table {{s}}.taker_{number} (id int, v {data_type})",
            )
            found[data_type] = dict(db.rows(f"select id, {reading('v', data_type)} from {{s}}.values_{number}"))
        return found

    @pytest.fixture(scope="class")
    def lost(self, db: Database, values: dict[str, dict[int, Any]]) -> dict[Pair, set[int]]:
        """Return the ids of the values that the adapter does not let into the other type."""
        found: dict[Pair, set[int]] = defaultdict(set)
        for data_type, number in NUMBERS.items():
            conditions = {other: loss_condition("v", as_read(data_type), as_read(other)) for other in VALUES}
            looked_at = {other: condition for other, condition in conditions.items() if condition}
            for other, condition in looked_at.items():
                if condition == "v is not null":
                    found[data_type, other] = set(values[data_type])
                    continue
                found[data_type, other] = lost_ids(db, condition, number, values[data_type])
        return found

    @pytest.fixture(scope="class")
    def stored(
        self, db: Database, values: dict[str, dict[int, Any]], lost: dict[Pair, set[int]]
    ) -> dict[Pair, dict[int, Any]]:
        """Store every other value as the server does it; return what was stored where the server did not refuse it."""
        found: dict[Pair, dict[int, Any]] = defaultdict(dict)
        for data_type, number in NUMBERS.items():
            for other, taker in NUMBERS.items():
                insert = f"insert into {{s}}.taker_{taker} select id, v from {{s}}.values_{number}"
                run_each(db, insert, values[data_type].keys() - lost[data_type, other])
                rows = db.rows(f"select id, {reading('v', other)} from {{s}}.taker_{taker} order by id")
                db.run(f"delete from {{s}}.taker_{taker}")
                if rows:
                    found[data_type, other] = dict(rows)
        return found

    @pytest.mark.takes(120)
    def test_the_server_keeps_what_the_adapter_lets_in(
        self, values: dict[str, dict[int, Any]], stored: dict[Pair, dict[int, Any]]
    ) -> None:
        changed = [
            (data_type, other, values[data_type][key], found)
            for (data_type, other), rows in stored.items()
            for key, found in rows.items()
            if not is_same(data_type, values[data_type][key], other, found)
        ]

        assert changed == []
        assert sum(len(rows) for rows in stored.values()) > 1_000

    def stage(self, db: Database, name: str, ids: dict[Pair, Any]) -> None:
        """Create for each type the table that its model reads, and the model's own table.

        They have a column for each other type that has ``ids``: with the values of these ids, and of the other type.
        """
        for data_type, number in NUMBERS.items():
            others = {other: f"c{n}" for other, n in NUMBERS.items() if ids[data_type, other]}
            staged = ", ".join(f"{column} {data_type}" for column in others.values())
            target = ", ".join(f"{column} {other}" for other, column in others.items())
            db.run(
                f"create table {{s}}.{name}_values_{number} (id int, {staged})",
                f"insert into {{s}}.{name}_values_{number} select id, {', '.join(['v'] * len(others))} "
                f"from {{s}}.values_{number}",
                f"create table {{s}}.{name}_{number} (id int, {target})",
            )
            for other, column in others.items():
                listed = ", ".join(str(key) for key in ids[data_type, other])
                db.run(f"update {{s}}.{name}_values_{number} set {column} = null where id not in ({listed})")

    def test_strategies(
        self,
        project: Any,
        db: Database,
        values: dict[str, dict[int, Any]],
        lost: dict[Pair, set[int]],
        stored: dict[Pair, dict[int, Any]],
    ) -> None:
        """Values that are kept read back the same; if one of the others is there, nothing is written."""
        self.stage(db, "kept", stored)
        self.stage(db, "lost", lost)
        results = run_dbt(["run", "--threads", "4"], expect_pass=False)
        messages = {result.node.name: str(result.message) for result in results}
        changed = []
        for data_type, number in NUMBERS.items():
            error = messages[f"lost_{number}"]
            assert "would become another value in" in error or "Invalid JSON text" in error, (data_type, error)
            assert db.value(f"select count(*) from {{s}}.lost_{number}") == 0

            assert "OK" in messages[f"kept_{number}"], (data_type, messages[f"kept_{number}"])
            kinds = {row[0]: row[1] for row in db.rows(f"describe {{s}}.kept_{number}")}
            for other, column_number in NUMBERS.items():
                if not stored[data_type, other]:
                    continue
                name = f"c{column_number}"
                kind = kinds[name]
                found = db.rows(
                    f"select id, {reading(name, kind)} from {{s}}.kept_{number} where {name} is not null order by id"
                )
                assert [key for key, _ in found] == sorted(stored[data_type, other]), (data_type, other)
                for key, value in found:
                    if not is_same(data_type, values[data_type][key], kind, value):
                        changed.append((data_type, other, kind, values[data_type][key], value))

        assert changed == []
        assert re.search("c[0-9]+: ", messages["lost_0"])

    def test_conditions_of_snapshots(
        self, db: Database, values: dict[str, dict[int, Any]], stored: dict[Pair, dict[int, Any]]
    ) -> None:
        """A value of another kind is the stored one only if the column would store just that value."""
        db.run("create table {s}.compared (id int, other_id int, is_same int)")
        wrong, pairs = [], 0
        for (data_type, number), (other, taker) in product(NUMBERS.items(), NUMBERS.items()):
            with db.connection.cursor() as cursor:
                cursor.execute(f"select v from `{db.schema}`.values_{number} where false")
                selected = column_from_field(cursor._result.fields[0])  # type: ignore[attr-defined]
            condition = selected.same_as_stored(OceanBaseColumn.from_catalog("v", other), "s.v", "h.v")
            if condition is None or base(data_type) == "array":
                continue
            pairs += 1
            kept = stored[data_type, other]
            for key, in_history, is_one in compared(db, condition, number, taker, sorted(values[data_type])):
                value, old = values[data_type][key], values[other][in_history]
                may_be_one = kept[key] == old if key in kept else is_alike(value, old)
                is_missed = not is_one and key in kept and may_be_one and not becomes_double(data_type, other)
                if is_missed or (is_one and not may_be_one):
                    wrong.append((data_type, other, value, old, is_one))

        assert wrong == []
        assert pairs > 300

    def stage_histories(self, db: Database, ids: dict[Pair, Any], kind: str) -> None:
        """Create for each type a source and a history, whose columns have the other types that have ``ids``.

        Each value of the ids has a row of its own, with nothing but NULL in the other columns. A row more for each
        column has no value.
        """
        for data_type, number in NUMBERS.items():
            others = {other: n for other, n in NUMBERS.items() if ids[data_type, other]}
            columns = ", ".join(f"c{n} {other}" for other, n in others.items())
            selected = ", ".join(f"c{n} {data_type}" for n in others.values())
            db.run(
                f"create table {{s}}.{kind}_source_{number} (id int, {selected})",
                f"create table {{s}}.{kind}_history_{number} (id int, {columns}, {SNAPSHOT_COLUMNS})",
            )
            for other, n in others.items():
                self.select(db, f"{kind}_source_{number}", n, number, {key: key for key in ids[data_type, other]})

    def select(self, db: Database, table: str, column: int, number: int, keys: dict[int, int | None]) -> None:
        """Insert into a column of a source, under each key, the value that the type with this number has there."""
        rows = " union all ".join(
            f"select {column * OF_COLUMN + key} a, {'null' if value is None else value} b"
            for key, value in keys.items()
        )
        db.run(
            f"insert into {{s}}.{table} (id, c{column}) select m.a, v.v from ({rows}) m "
            f"left join {{s}}.values_{number} v on v.id = m.b"
        )

    def versions(self, db: Database, number: int) -> dict[int, int]:
        return dict(db.rows(f"select id, count(*) from {{s}}.kept_history_{number} group by id"))

    def test_snapshots(self, db: Database, lost: dict[Pair, set[int]], stored: dict[Pair, dict[int, Any]]) -> None:
        """Values that are kept make no version, each change makes one, and nothing is written if others are there."""
        # an ENUM or SET of a history gets new members, and the server does not compare an array with most other types
        refused = {
            (data_type, other): found
            for (data_type, other), found in lost.items()
            if base(other) not in ("enum", "set")
            and (base(other) != "array" or base(data_type) not in ("enum", "set"))
            and (base(other) == "array" or base(data_type) != "array")
        }
        kept = {pair: {EMPTY: None, **rows} for pair, rows in stored.items() if rows}
        self.stage_histories(db, defaultdict(set, refused), "lost")
        self.stage_histories(db, defaultdict(dict, kept), "kept")
        for number in NUMBERS.values():
            db.run(
                f"insert into {{s}}.kept_history_{number} select s.*, md5(id), now(6), now(6), null "
                f"from {{s}}.kept_source_{number} s"
            )
        results = run_dbt(["snapshot", "--threads", "4"], expect_pass=False)
        messages = {result.node.name: f"{result.status}: {result.message}" for result in results}
        seen, unchanged = {}, []
        for data_type, number in NUMBERS.items():
            error = messages[f"lost_history_{number}"]
            assert "would become another value in" in error or "Invalid JSON text" in error, (data_type, error)
            assert db.value(f"select count(*) from {{s}}.lost_history_{number}") == 0

            assert "success" in messages[f"kept_history_{number}"], (data_type, messages[f"kept_history_{number}"])
            seen[number] = self.versions(db, number)
            phantoms = {list(VALUES)[key // OF_COLUMN] for key, count in seen[number].items() if count > 1}
            unchanged += [(data_type, other) for other in phantoms if not becomes_double(data_type, other)]
            self.change(db, data_type, stored)
        assert unchanged == []

        for _ in range(2):
            run_dbt(["snapshot", "--threads", "4", "--select", "kept_history_*"])
        for data_type, number in NUMBERS.items():
            now = self.versions(db, number)
            wrong = [
                (data_type, list(VALUES)[key // OF_COLUMN], key % OF_COLUMN)
                for key in now
                if now[key] != seen[number][key] + 1
            ]
            assert wrong == []

    def change(self, db: Database, data_type: str, stored: dict[Pair, dict[int, Any]]) -> None:
        """Replace the value in each row of a type's source by the next one that differs, or by NULL."""
        number = NUMBERS[data_type]
        db.run(f"delete from {{s}}.kept_source_{number}")
        for other, column in NUMBERS.items():
            rows = stored[data_type, other]
            if rows:
                keys = [*rows, *rows]
                following: dict[int, int | None] = {EMPTY: keys[0]}
                for place, key in enumerate(rows):
                    later = keys[place : place + len(rows)]
                    following[key] = next((each for each in later if rows[each] != rows[key]), None)
                self.select(db, f"kept_source_{number}", column, number, following)
