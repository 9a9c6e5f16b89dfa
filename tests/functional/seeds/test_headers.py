"""Column names, and the names that ``column_types`` may contain."""

from __future__ import annotations

from typing import Any

import pytest
from support.outside import Database

pytestmark = pytest.mark.any_kernel

HEADER = ["a%s", "two words", "select", "back`tick", "Größe", "c" * 128]


class TestNames:
    @pytest.fixture(scope="class")
    def seeds(self, as_csv: Any) -> dict[str, str]:
        rows = [[str(number) for number in range(len(HEADER))]]
        return {
            "unset.csv": as_csv(HEADER, rows),
            "quoted.csv": as_csv(HEADER, rows),
            "bare.csv": "id,name\n1,a\n",
            "reserved.csv": "id,select\n1,a\n",
            "twice.csv": "id,ID\n1,2\n",
        }

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        quoting = {"quoted": True, "bare": False, "reserved": False}
        return {"seeds": {"test": {name: {"+quote_columns": quote} for name, quote in quoting.items()}}}

    @pytest.mark.parametrize("name", ["unset", "quoted"])
    def test_any_name(self, seed: Any, db: Database, name: str) -> None:
        for expected in ("CREATE 1", "INSERT 1"):
            assert seed(name).message == expected
            with db.connection.cursor() as cursor:
                cursor.execute(f"select * from `{db.schema}`.{name}")
                assert [column[0] for column in cursor.description] == HEADER
                assert cursor.fetchall() == (tuple(range(len(HEADER))),)

    def test_names_without_quotes(self, seed: Any, db: Database) -> None:
        seed("bare")

        assert db.rows("select id, name from {s}.bare") == [(1, "a")]

    def test_a_reserved_word_is_quoted_even_so(self, seed: Any, db: Database) -> None:
        for _ in range(2):
            seed("reserved")

        assert db.rows("select id, `select` from {s}.reserved") == [(1, "a")]

    def test_names_that_differ_in_case_only(self, seed: Any, db: Database) -> None:
        assert "1060" in seed("twice", expect_pass=False).message
        assert "twice" not in db.relations()


class TestColumnTypes:
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"misnamed.csv": "id,name\n1,a\n", "no_text.csv": "id\n1\n", "unheard_of.csv": "id\n1\n"}

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        declared = {"misnamed": {"ID": "int"}, "no_text": {"id": 5}, "unheard_of": {"id": "money"}}
        return {"seeds": {"test": {name: {"+column_types": types} for name, types in declared.items()}}}

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("misnamed", "column_types: the seed has no column ID; it has id, name: correct the name"),
            ("no_text", "column_types: 5 for 'id' is no type: write one, such as varchar(20)"),
            ("unheard_of", "1064"),
        ],
    )
    def test_what_cannot_be_honoured_is_refused(self, seed: Any, db: Database, name: str, text: str) -> None:
        assert text in seed(name, expect_pass=False).message
        assert name not in db.relations()
