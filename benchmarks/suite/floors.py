"""What the engine itself needs: the statements of a case from plain PyMySQL, without dbt."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pymysql

from .cases import Case
from .projects import NUMBERS, SEED_COLUMNS, seed_rows

Connect = Callable[[], pymysql.Connection]


def measured(case: Case, connect: Connect, turn: int) -> float:
    """Return the seconds that the statements of ``case`` take. ``turn`` is the number of the repetition."""
    statements, prepare = FLOORS[case.floor](case, turn)
    if turn == 0:
        _send(connect, prepare)
    parts = [list(islice(statements, start, None, case.threads)) for start in range(case.threads)]
    started = time.perf_counter()
    with ThreadPoolExecutor(case.threads) as pool:
        list(pool.map(lambda part: _send(connect, [each for group in part for each in group]), parts))
    return time.perf_counter() - started


def _send(connect: Connect, statements: Iterable[str]) -> None:
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("set autocommit = 1, ob_query_timeout = 600000000, ob_trx_timeout = 600000000")
        cursor.execute("create database if not exists bench_engine")
        cursor.execute("use bench_engine")
        for statement in statements:
            cursor.execute(statement)


def fill(connect: Connect, schema: str, relations: int) -> None:
    """Create the views ``other_0``, ``other_1`` and so on in ``schema``, as many as ``relations``."""
    groups = [[f"create view {schema}.other_{n} as select {n} as id"] for n in range(relations)]
    parts = [groups[start::4] for start in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda part: _send(connect, [each for group in part for each in group]), parts))


Statements = tuple[list[list[str]], list[str]]
"""Groups of statements, each of which one thread sends in order, and the statements that prepare the first turn."""


def views(case: Case, turn: int) -> Statements:
    """Return one statement for each view of ``case``."""
    groups = [[f"create or replace view fv{n} as select {n} as id, 'n{n}' as name"] for n in range(case.size)]
    return groups, [group[0] for group in groups]


def tables(case: Case, turn: int) -> Statements:
    """Return three statements for each table of ``case``: build it aside, exchange it, drop the old one."""
    groups = [
        [
            f"create table ft{n}__new as select {n} as id, 'n{n}' as name",
            f"rename table ft{n} to ft{n}__old, ft{n}__new to ft{n}",
            f"drop table ft{n}__old",
        ]
        for n in range(case.size)
    ]
    each = [
        (f"drop table if exists ft{n}", f"create table ft{n} as select {n} as id, 'n{n}' as name")
        for n in range(case.size)
    ]
    return groups, [statement for pair in each for statement in pair]


_LATER = "select id + 950000 as id, id as amount, 'later' as label from f_numbers where id < 100000"
_GROWN = (
    "drop table if exists f_grown, f_numbers",
    f"create table f_numbers as {NUMBERS}",
    "create table f_grown as select id, id as amount, 'first' as label from f_numbers",
)


def append(case: Case, turn: int) -> Statements:
    """Return one INSERT of 100,000 rows."""
    return [[f"insert into f_grown {_LATER}"]], list(_GROWN)


def delete_insert(case: Case, turn: int) -> Statements:
    """Return a transaction that deletes the rows with the new keys and inserts the new rows."""
    delete = f"delete from f_grown where id in (select id from ({_LATER}) later)"
    return [["begin", delete, f"insert into f_grown {_LATER}", "commit"]], list(_GROWN)


def merge(case: Case, turn: int) -> Statements:
    """Return a transaction that updates the rows with the new keys and inserts the other new rows."""
    update = f"update f_grown t join ({_LATER}) n on t.id = n.id set t.amount = n.amount, t.label = n.label"
    insert = f"insert into f_grown select n.* from ({_LATER}) n left join f_grown t on t.id = n.id where t.id is null"
    return [["begin", update, insert, "commit"]], list(_GROWN)


def snapshot(case: Case, turn: int) -> Statements:
    """Return a transaction that ends the versions of changed rows, 10 % of them or none, and inserts the new ones."""
    amount = f"case when mod(id, 10) = 0 then {turn + 1} else 0 end" if case.before else "0"
    rows = f"(select id, {amount} as amount from f_rows)"
    end = (
        f"update f_history h join {rows} n on h.id = n.id set h.valid_to = now(6) "
        "where h.valid_to is null and h.amount <> n.amount"
    )
    begin = (
        f"insert into f_history select n.id, n.amount, now(6), null from {rows} n "
        "left join (select id from f_history where valid_to is null) h on n.id = h.id where h.id is null"
    )
    prepare = [
        "drop table if exists f_rows, f_history",
        f"create table f_rows as select id, 0 as amount from ({NUMBERS}) n where id < 200000",
        "create table f_history as "
        "select id, amount, now(6) as valid_from, cast(null as datetime(6)) as valid_to from f_rows",
    ]
    return [["begin", end, begin, "commit"]], prepare


def seed(case: Case, turn: int) -> Statements:
    """Return the statements that make a table with the rows of a seed: INSERTs of 5,000 rows each."""
    rows = seed_rows(case.size, SEED_COLUMNS)
    create = "create table f_seed (c0 bigint, c1 varchar(255), c2 decimal(18, 2), c3 boolean, c4 date, c5 datetime)"
    found = ["drop table if exists f_seed", create]
    while group := list(islice(rows, 5000)):
        values = ", ".join(
            f"({n}, '{text}', {amount}, {flag}, '{day}', '{moment}')" for n, text, amount, flag, day, moment in group
        )
        found.append(f"insert into f_seed values {values}")
    return [found], []


FLOORS: dict[str, Callable[[Case, int], Statements]] = {
    "views": views,
    "tables": tables,
    "append": append,
    "delete_insert": delete_insert,
    "merge": merge,
    "snapshot": snapshot,
    "seed": seed,
}
