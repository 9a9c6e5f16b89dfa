"""``dbt seed --empty`` creates an empty table with the same columns as with rows."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.util import run_dbt
from support.outside import Database

CSV = f"""\
id;amount;long;at;flag;declared;empty
1;1.25;{"x" * 300};2026-01-02 03:04:05.123456;true;007;
2;1234567.5;a;2026-01-02 03:04:05;false;8;
"""
YML = """
seeds:
  - name: s
    description: "It's a seed"
    config:
      delimiter: ";"
      column_types: {declared: varchar(7)}
      persist_docs: {relation: true, columns: true}
    columns: [{name: at, description: when}]
"""


class TestSeedEmpty:
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"s.csv": CSV, "s.yml": YML}

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {"reads.sql": "select declared, amount from {{ ref('s') }}"}

    def message(self, *arguments: str) -> Any:
        return run_dbt(["seed", *arguments])[0].message

    def table(self, db: Database) -> Any:
        columns = "select column_name, column_type, column_comment from information_schema.columns"
        comment = "select table_comment from information_schema.tables"
        where = f"where table_schema = '{db.schema}' and table_name = 's'"
        return db.value(f"{comment} {where}"), db.rows(f"{columns} {where} order by ordinal_position")

    def test_types_are_the_same_as_with_rows(self, project: Any, db: Database) -> None:
        assert self.message() == "CREATE 2"
        full = self.table(db)
        rows = db.rows("select * from {s}.s")
        assert full[1][1][1] == "decimal(38,2)"

        assert self.message("--empty") == "INSERT 0"  # the table is kept, since the columns are the same
        assert (self.table(db), db.rows("select * from {s}.s")) == (full, [])
        assert self.message() == "CREATE 2"  # an empty table is replaced
        assert (self.table(db), db.rows("select * from {s}.s")) == (full, rows)

        assert self.message("--empty", "--full-refresh") == "CREATE 0"
        assert (self.table(db), db.rows("select * from {s}.s")) == (full, [])

        db.run("drop table {s}.s")
        run_dbt(["build", "--empty"])
        assert (self.table(db), db.rows("select * from {s}.reads")) == (full, [])
        assert db.relations() == {"s": "table", "reads": "view"}
