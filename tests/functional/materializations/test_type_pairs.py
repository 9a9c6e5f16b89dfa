"""Every pair of types: a value reads back the same from a column of another type, or nothing is written."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database
from support.type_values import VALUES, is_same, reading

from dbt.adapters.oceanbase.column import OceanBaseColumn
from dbt.adapters.oceanbase.sql.type_pairs import loss_condition

NUMBERS = {data_type: number for number, data_type in enumerate(VALUES)}
"""Type -> the number that stands for it in names of tables and columns."""

STRATEGIES = ("append", "delete+insert", "merge", "insert_overwrite")

Pair = tuple[str, str]


def as_read(data_type: str) -> str:
    """Return the type as the adapter reads it from the catalog."""
    return OceanBaseColumn.from_catalog("v", data_type).data_type


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

    @pytest.fixture(scope="class", autouse=True)
    def values(self, project: Any, db: Database) -> dict[str, dict[int, Any]]:
        """Create a table of values and a table for values for each type; return the values by type and id."""
        found = {}
        for data_type, number in NUMBERS.items():
            rows = ", ".join(f"({key}, {value})" for key, value in enumerate(VALUES[data_type]))
            db.run(
                f"create table {{s}}.values_{number} (id int primary key, v {data_type})",
                f"insert into {{s}}.values_{number} values {rows}",
                f"create table {{s}}.taker_{number} (v {data_type})",
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
                for key in values[data_type]:
                    try:
                        is_lost = db.value(f"select {condition} from {{s}}.values_{number} where id = {key}")
                    except pymysql.Error:  # JSON that is none: the node fails before it writes
                        is_lost = True
                    if is_lost:
                        found[data_type, other].add(key)
        return found

    @pytest.fixture(scope="class")
    def stored(
        self, db: Database, values: dict[str, dict[int, Any]], lost: dict[Pair, set[int]]
    ) -> dict[Pair, dict[int, Any]]:
        """Store every other value as the server does it; return what was stored where the server did not refuse it."""
        found: dict[Pair, dict[int, Any]] = defaultdict(dict)
        for data_type, number in NUMBERS.items():
            for other, taker in NUMBERS.items():
                for key in values[data_type].keys() - lost[data_type, other]:
                    try:
                        db.run(f"insert into {{s}}.taker_{taker} select v from {{s}}.values_{number} where id = {key}")
                    except pymysql.Error:
                        continue
                    found[data_type, other][key] = db.value(f"select {reading('v', other)} from {{s}}.taker_{taker}")
                    db.run(f"delete from {{s}}.taker_{taker}")
        return found

    @pytest.mark.takes(60)
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
