"""Every row of docs/moving-from-other-warehouses.md is true: the tables are read from the page and run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

from dbt.adapters.oceanbase.sql.standard import rewritten

PAGE = Path(__file__).parents[3] / "docs" / "moving-from-other-warehouses.md"
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
