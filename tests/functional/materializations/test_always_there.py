"""A relation that is built again always exists for readers, with either the old or the new rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.materialized_views import WITHOUT
from support.outside import Database

ROUNDS, RELATIONS = 25, 2
"""How often dbt runs, and how many relations of each kind a run builds again: fifty times each kind is replaced."""


@pytest.fixture(scope="session")
def has_materialized_views(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--kernel") not in WITHOUT)


class Reader:
    """Threads that count rows all the time, one per relation."""

    def __init__(self, connect: Callable[..., pymysql.Connection], db: Database, names: tuple[str, ...]) -> None:
        self.seen: dict[str, set[Any]] = {name: set() for name in names}
        self.reads = dict.fromkeys(names, 0)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(connect(), db.schema, name)) for name in names]

    def _read(self, connection: pymysql.Connection, schema: str, name: str) -> None:
        with connection, connection.cursor() as cursor:
            while not self._stop.wait(0.002):
                try:
                    cursor.execute(f"select count(*) from `{schema}`.{name}")
                    self.seen[name].add(cursor.fetchone()[0])
                except pymysql.MySQLError as error:
                    self.seen[name].add(error)
                self.reads[name] += 1

    @contextmanager
    def reading(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()


@pytest.mark.takes(100)
class TestRebuilt:
    @pytest.fixture(scope="class")
    def models(self, has_materialized_views: bool) -> dict[str, str]:
        select = "select 1 as id union all select 2"
        models = {
            f"{kind}_{number}.sql": f"{{{{ config(materialized='{kind}') }}}} {select}"
            for kind in ("table", "incremental", "view")
            for number in range(RELATIONS)
        }
        stored = "{{ config(materialized='materialized_view') }} select id from {{ target.schema }}.loads"
        return models | ({"stored.sql": stored} if has_materialized_views else {})

    def test_readers_always_find_it(
        self, project: Any, db: Database, connect: Callable[..., pymysql.Connection], models: dict[str, str]
    ) -> None:
        db.run("create table {s}.loads as select 1 as id union all select 2")
        run_dbt(["run"])
        names = tuple(name.removesuffix(".sql") for name in models)
        reader = Reader(connect, db, names)
        with reader.reading():
            for _ in range(ROUNDS):
                run_dbt(["--quiet", "run", "--full-refresh"])

        assert reader.seen == {name: {2} for name in names}
        assert min(reader.reads.values()) > ROUNDS


class TestChangingKind:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"changing.sql": "{{ config(materialized=var('kind')) }} select id from {{ target.schema }}.loads"}

    def test_readers_always_find_it(
        self, project: Any, db: Database, connect: Callable[..., pymysql.Connection], has_materialized_views: bool
    ) -> None:
        db.run("create table {s}.loads as select 1 as id union all select 2")
        kinds = ["table", "view", "incremental", "view"]
        if has_materialized_views:
            kinds = [
                "table",
                "materialized_view",
                "view",
                "materialized_view",
                "incremental",
                "materialized_view",
                "view",
            ]
        run_dbt(["run", "--vars", "kind: view"])
        reader = Reader(connect, db, ("changing",))
        with reader.reading():
            for kind in kinds * 2:
                run_dbt(["--quiet", "run", "--vars", f"kind: {kind}"])

        assert reader.seen == {"changing": {2}}
        assert db.relations() == {"changing": "view", "loads": "table"}


class TestIncrement:
    """delete+insert is one transaction: no reader sees the table between DELETE and INSERT."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        numbers = "with recursive n as (select 1 as i union all select i + 1 from n where i < 1000)"
        rows = f"{numbers} select a.i * 100 + b.i as id, 1 as value from n a, n b where b.i <= 30"
        return {"replaced.sql": "{{ config(materialized='incremental', unique_key='id') }} " + rows}

    def test_atomic(self, project: Any, db: Database, connect: Callable[..., pymysql.Connection]) -> None:
        run_dbt(["run"])
        reader = Reader(connect, db, ("replaced",))
        with reader.reading():
            for _ in range(5):
                run_dbt(["--quiet", "run"])

        assert reader.seen == {"replaced": {30_000}}
