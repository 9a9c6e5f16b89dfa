"""Every row of docs/moving-from-other-warehouses.md, and of the SQL in docs/migrating-from-mysql.md, is true.

The tables are read from the pages and run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

from dbt.adapters.oceanbase.sql.standard import rewritten

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "moving-from-other-warehouses.md"
MYSQL = DOCS / "migrating-from-mysql.md"
CELLS = re.compile(r"(?<!\\)\|")


class Row(NamedTuple):
    """A row of the page: a text of another database, what it does here, what to write instead, and its value."""

    there: str
    here: str
    instead: str
    value: str

    @property
    def sql(self) -> str:
        return self.instead or self.there


def rows() -> list[Row]:
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in CELLS.split(line)[1:-1]]
        if len(cells) == 4 and cells[0].startswith("`"):
            there, here, instead, value = cells
            found.append(Row(code(there), here, code(instead), value))
    return found


def code(cell: str) -> str:
    return cell.strip("`").strip() if not cell.startswith("``") else cell[2:-2].strip()


def query(text: str) -> str:
    return text if re.match(r"(select|with|from)\b", text) else f"select {text}"


ROWS = rows()


# statements for each text of the SQL table in migrating-from-mysql.md, and the error or the rows of the last one
FROM_MYSQL: dict[str, tuple[list[str], int | list[tuple[Any, ...]]]] = {
    "create temporary table": (["create temporary table {s}.x (a int)"], 1235),
    "convert_tz(x, 'UTC', 'Europe/Berlin')": (
        ["with t as (select timestamp '2024-01-01 00:00:00' as x) select convert_tz(x, 'UTC', 'Europe/Berlin'), "
         "cast(convert_tz(x, '+00:00', '+01:00') as char) from t"],
        [(None, "2024-01-01 01:00:00")],
    ),
    "create table ... as select now(6)": (
        ["create table {s}.moment as select now(6) as t", "select microsecond(t) from {s}.moment"],
        [(0,)],
    ),
    "status = 1 || is_vip": (
        ["with t as (select 2 as status, 1 as is_vip) select status = 1 || is_vip, status = concat(1, is_vip), "
         "status = 1 or is_vip from t"],
        [(0, 0, 1)],
    ),
    "engine = InnoDB": (
        ["create table {s}.stored (a int) engine = InnoDB", "create table {s}.not_said (a int)",
         "select count(*), count(distinct engine) from information_schema.tables "
         "where table_schema = database() and table_name in ('stored', 'not_said')"],
        [(2, 1)],
    ),
    "except": (["select 1 as a union all select 2 except select 2"], [(1,)]),
    "lateral": (["select s.b from (select 1 as a) as t, lateral (select t.a + 1 as b) as s"], [(2,)]),
    "json_table": (["select a from json_table('[1, 2]', '$[*]' columns (a int path '$')) as j"], [(1,), (2,)]),
    "values row(...)": (["values row(1, 'a'), row(2, 'b')"], [(1, "a"), (2, "b")]),
    "regexp_replace": (["select regexp_replace('abc', '[ab]+', 'x')"], [("xc",)]),
    "on duplicate key update": (
        ["create table {s}.once (a int primary key, b int)", "insert into {s}.once values (1, 1)",
         "insert into {s}.once values (1, 2) on duplicate key update b = values(b) + 5", "select * from {s}.once"],
        [(1, 7)],
    ),
    "replace into": (
        ["create table {s}.replaced (a int primary key, b int)", "insert into {s}.replaced values (1, 1)",
         "replace into {s}.replaced values (1, 9)", "select * from {s}.replaced"],
        [(1, 9)],
    ),
    "full join": (
        ["select l.a, r.b from (select 1 as a) as l full join (select 2 as b) as r on l.a = r.b order by 1"],
        [(None, 2), (1, None)],
    ),
    "lower_case_table_names": (["create table {s}.cased as select 1 as a", "select * from {s}.CASED"], [(1,)]),
}  # fmt: skip


def test_each_text_of_the_mysql_page_is_run() -> None:
    section = MYSQL.read_text(encoding="utf-8").split("## SQL")[1].split("## Data")[0]
    listed = [cells[1] for line in section.splitlines() if len(cells := CELLS.split(line)) == 4]
    texts = {text.replace("\\|", "|") for cell in listed for text in re.findall(r"`([^`]+)`", cell)}

    assert FROM_MYSQL.keys() == texts | {"full join", "lower_case_table_names"}


class TestMoving:
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"a_seed.csv": "id\n1\n"}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        values = ",\n".join(f"({query(row.sql)}) as c{number}" for number, row in enumerate(ROWS))
        return {"instead.sql": f"-- depends_on: {{{{ ref('a_seed') }}}}\nselect {values}"}

    @pytest.fixture(scope="class")
    def values(self, project: Any, db: Database) -> tuple[Any, ...]:
        run_dbt(["build"])
        found: tuple[Any, ...] = db.rows("select * from {s}.instead")[0]
        return found

    def test_what_to_write_gives_the_value(self, values: tuple[Any, ...]) -> None:
        assert len(ROWS) > 100
        assert [(row.sql, str(value)) for row, value in zip(ROWS, values, strict=True)] == [
            (row.sql, row.value) for row in ROWS
        ]

    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row.there)
    def test_it_is_as_the_page_says(self, values: tuple[Any, ...], db: Database, row: Row) -> None:
        sent = rewritten(query(row.there), concat=True)
        kind, _, rest = row.here.partition(" ")
        if kind == "error":
            with pytest.raises(pymysql.err.MySQLError, match=rf"\({rest},"):
                db.rows(sent)
            return

        value = str(db.rows(sent)[0][0])
        assert (sent != query(row.there)) == (kind == "rewritten")
        assert value == (rest if kind == "gives" else row.value)
        assert (row.instead == "") == (kind != "gives")

    @pytest.mark.parametrize("text", FROM_MYSQL)
    def test_it_is_as_the_page_for_mysql_says(self, db: Database, text: str) -> None:
        (*before, last), expected = FROM_MYSQL[text]
        last = rewritten(last, concat=True)
        db.run(*before)
        if isinstance(expected, int):
            with pytest.raises(pymysql.err.MySQLError, match=rf"\({expected},"):
                db.rows(last)
        else:
            assert db.rows(last) == expected
