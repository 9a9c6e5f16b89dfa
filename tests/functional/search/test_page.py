"""Every block of docs/search-and-ai.md is run, and the table of types, by an account with the rights of the page."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
import yaml
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support import ai_server, doc_page
from support.outside import Database, account

PAGE = "search-and-ai.md"
FILES = doc_page.files(PAGE)
OTHERS = doc_page.other_blocks(PAGE)
[COMMANDS, OUTPUT, RIGHTS] = [text for _, text in OTHERS]

PROJECT = yaml.safe_load(FILES["dbt_project.yml"])
[MODEL] = PROJECT["vars"]["oceanbase_ai_models"]
VARIABLE = MODEL["endpoint"]["access_key_env"]
KEY = "of-the-page-sekrit"
PROVIDER = "https://api.openai.com"
DIMENSIONS = int(re.findall(r"vector\((\d+)\)", FILES["models/embeddings.yml"])[0])


def embed(text: str) -> list[float]:
    """Return a vector with the numbers of the letters of ``text``."""
    return [float(text.count(chr(ord("a") + number))) if number < 26 else 0.0 for number in range(DIMENSIONS)]


def typed_values() -> list[tuple[str, str]]:
    """Return the types of the page's table, with a length or a type of elements, each with an expression for it."""
    found = []
    for line in (doc_page.DOCS / PAGE).read_text().splitlines():
        if cells := re.match(r"\| `((?:vector|array|json|roaringbitmap)\b[^`]*)` \| ([^|]+) \|", line):
            name = cells[1].replace("(n)", "(2)").replace("(type)", "(float)")
            found += [(name, value) for value in re.findall(r"`([^`]+)`", cells[2])]
    return found


@pytest.fixture(scope="class")
def has_bitmaps(server: pymysql.Connection) -> bool:
    """Check whether the server has bitmaps."""
    with server.cursor() as cursor:
        try:
            cursor.execute("select rb_build_empty()")
        except pymysql.err.MySQLError:
            return False
    return True


class TestPage:
    @pytest.fixture(scope="class")
    def provider(self) -> Iterator[ai_server.AiServer]:
        with ai_server.running(embed, KEY) as running:
            yield running

    @pytest.fixture(scope="class")
    def user(self, server: pymysql.Connection, unique_schema: str) -> Iterator[str]:
        """Return a new user with the rights of the page and those on its schema."""
        lines = [line.partition(";")[0] for line in RIGHTS.splitlines()]
        assert all(line.endswith(" to dbt") for line in lines)
        grants = [f"{line.removesuffix('dbt')}{{user}}" for line in lines]
        with account(server, unique_schema, *grants, "grant all privileges on {s}.* to {user}") as name:
            yield name

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, server_profile: dict[str, Any], user: str) -> dict[str, Any]:
        return {"type": "oceanbase", "threads": 4, **server_profile, "user": user, "password": ""}

    @pytest.fixture(scope="class")
    def project_config_update(self, provider: ai_server.AiServer) -> dict[str, Any]:
        assert FILES["dbt_project.yml"].count(PROVIDER) == 1
        configured: dict[str, Any] = yaml.safe_load(FILES["dbt_project.yml"].replace(PROVIDER, provider.url))
        return configured

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"chunks.csv": "id,chunk\n1,a red hen\n2,some zebra\n3,\n4,a red hen\n"}

    @pytest.fixture(scope="class")
    def analyses(self) -> dict[str, str]:
        return doc_page.files(PAGE, "analyses")

    @pytest.fixture(scope="class")
    def types(self, has_bitmaps: bool) -> list[tuple[str, str]]:
        return [(name, value) for name, value in typed_values() if has_bitmaps or name != "roaringbitmap"]

    @pytest.fixture(scope="class")
    def models(self, types: list[tuple[str, str]]) -> dict[str, str]:
        columns = [{"name": f"c{number}", "data_type": name} for number, (name, _) in enumerate(types)]
        config = {"materialized": "table", "contract": {"enforced": True}}
        typed = {"models": [{"name": "typed", "config": config, "columns": columns}]}
        values = ", ".join(f"{value} as c{number}" for number, (_, value) in enumerate(types))
        return {**doc_page.files(PAGE, "models"), "typed.sql": f"select {values}", "typed.yml": yaml.safe_dump(typed)}

    def test_page(
        self,
        project: Any,
        db: Database,
        provider: ai_server.AiServer,
        types: list[tuple[str, str]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        assert len(FILES) == 6
        assert [language for language, _ in OTHERS] == ["shell", "text", "sql"]
        export, command = COMMANDS.splitlines()
        assert export == f"export {VARIABLE}=..."
        monkeypatch.setenv(VARIABLE, KEY)
        try:
            said = run_dbt_and_capture(shlex.split(command)[1:])[1]
            assert [line for line in OUTPUT.splitlines() if line not in said] == []
            self.check_models(project, db, provider, types)
        finally:
            said = run_dbt_and_capture(["run-operation", "oceanbase__drop_ai_models"])[1]
        assert said.count(": dropped") == 2

    def check_models(
        self, project: Any, db: Database, provider: ai_server.AiServer, types: list[tuple[str, str]]
    ) -> None:
        run_dbt(["build"])
        assert sorted(provider.texts()) == ["a red hen", "some zebra"]
        assert db.rows("select id from {s}.search_index order by id") == [(1,), (2,), (4,)]

        provider.requests.clear()
        db.run("insert into {s}.chunks values (5, 'the hen')", "update {s}.chunks set chunk = 'fuzzy' where id = 2")
        run_dbt(["run", "--select", "embeddings", "search_index"])
        assert sorted(provider.texts()) == ["fuzzy", "the hen"]

        [shown] = run_dbt(["show", "--select", "nearest", "--limit", "-1"]).results
        found = [row[0] for row in shown.agate_table.rows]
        assert (sorted(found[:2]), found[2:]) == ([1, 4], [5])
        [shown] = run_dbt(["show", "--select", "matching"]).results
        assert sorted(row[0] for row in shown.agate_table.rows) == [1, 4, 5]

        self.check_types(db, types)
        self.check_indexes(project, db)
        for sql, code in (
            ("select ai_embed('docs_embedding', '')", 1210),
            ("select ai_embed('docs_embedding', null)", 1210),
            (
                "create table {s}.no_contract as select ai_embed('docs_embedding', chunk) as v from {s}.search_index",
                1074,
            ),
        ):
            assert self.refusal(db, sql) == code, sql

    def refusal(self, db: Database, sql: str) -> int:
        """Return the code with which the server refuses a statement."""
        with pytest.raises(pymysql.err.MySQLError) as raised:
            db.rows(sql)
        return int(raised.value.args[0])

    def check_types(self, db: Database, types: list[tuple[str, str]]) -> None:
        """Each expression of the table is stored in a column of its type, and two of a type store the same."""
        assert {name.partition("(")[0] for name, _ in types} >= {"vector", "array", "json"}
        assert len(types) >= 6
        columns = db.rows(
            "select column_type from information_schema.columns where table_name = 'typed' and "
            f"table_schema = '{db.schema}' order by ordinal_position"
        )
        assert [str(found).lower() for (found,) in columns] == [name for name, _ in types]
        [stored] = db.rows("select * from {s}.typed")
        values = {name: [v for v, (each, _) in zip(stored, types, strict=True) if each == name] for name, _ in types}
        assert values["vector(2)"] == ["[1,2.5]"] * 2
        assert values["array(float)"] == ["[1,NULL]"] * 2
        assert values["json"] == ['{"a": 2, "b": 1}'] * 2

    def check_indexes(self, project: Any, db: Database) -> None:
        """Only a query with APPROXIMATE, the distance of the index and a constant uses the vector index."""
        folder = Path(project.project_root) / "target" / "compiled" / "test" / "analyses"
        nearest, matching = ((folder / f"{name}.sql").read_text() for name in ("nearest", "matching"))

        def plan(sql: str) -> str:
            return "\n".join(str(line) for (line,) in db.rows(f"explain {sql}"))

        assert "by_meaning" in plan(nearest)
        assert "by_words" in plan(matching)
        assert "by_meaning" not in plan(nearest.replace("approximate", ""))
        assert "by_meaning" not in plan(nearest.replace("cosine_distance", "l2_distance"))
        assert self.refusal(db, re.sub(r"('\[.*?\]')", r"(select \1)", nearest)) == 1235
