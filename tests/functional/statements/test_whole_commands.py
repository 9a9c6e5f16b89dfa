"""The connections, statements and bytes of whole dbt commands, exactly: docs/statements.md is what is expected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pymysql
import pytest
from dbt.tests.util import run_dbt
from support.recorder import Recorder

from dbt.adapters.oceanbase.catalog import server_info

PAGE = Path(__file__).parents[3] / "docs" / "statements.md"
AGAIN = "dbt run, again"
FURTHER = "each further connection"
COMMANDS = {
    "dbt seed": ("seed",),
    "dbt run, new": ("run",),
    AGAIN: ("run",),
    "dbt snapshot, new": ("snapshot",),
    "dbt test": ("test",),
    "dbt docs generate": ("docs", "generate"),
    'dbt show --inline "select 1"': ("show", "--inline", "select 1"),
}
"""The commands by their names on the page, in the order in which they run."""

THREADS = 4
WITH_THREADS = f"dbt run --threads {THREADS}, again"
MODELS = {
    **{f"view_{number}.sql": "select id, word from {{ ref('words') }}" for number in range(1, 6)},
    **{
        f"table_{number}.sql": f"{{{{ config(materialized='table') }}}} select * from {{{{ ref('view_{number}') }}}}"
        for number in range(1, 4)
    },
    "increment.sql": (
        "{{ config(materialized='incremental', unique_key='id') }} select id, word from {{ ref('table_1') }}"
    ),
    "schema.yml": """
models:
  - name: table_1
    columns:
      - {name: id, data_tests: [not_null, unique]}
      - {name: word, data_tests: [accepted_values: {arguments: {values: [a, b]}}]}
  - name: increment
    columns: [{name: id, data_tests: [relationships: {arguments: {to: ref('table_1'), field: id}}]}]
""",
}


class Counts(NamedTuple):
    """Connections, statements, and bytes of the statements' texts."""

    connections: int
    statements: int
    size: int

    @classmethod
    def of(cls, connections: int, texts: list[str]) -> Counts:
        """Count the statements ``texts``, which were sent on so many connections."""
        return cls(connections, len(texts), sum(len(text.encode()) for text in texts))


def expected(with_materialized_views: bool) -> dict[str, Counts]:
    """Return the counts of the page by command, for a server with or without materialized views."""
    section = PAGE.read_text().split("\n## Whole commands\n")[1].split("\n## ")[0]
    found = {}
    for name, *figures in re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", section, re.M):
        connections, statements, without, with_them = map(int, figures)
        size = with_them if with_materialized_views else without
        found[name.replace("`", "")] = Counts(connections, statements, size)
    return found


def plain(statement: str, schema: str) -> str:
    """Return a statement without what differs by run: the name of the schema, the version of dbt and the run's id."""
    text = statement.replace(schema, "analytics")
    text = re.sub(r'"dbt_version": "[^"]+"', '"dbt_version": ""', text)
    return re.sub(r"'dbt run [0-9a-f-]{36}'", f"'dbt run {'0' * 36}'", text)


def opens_session(statement: str) -> bool:
    """Check whether this is one of the two statements with which each connection begins."""
    return statement.startswith("set autocommit = 1, ") or statement == "use `analytics`"


@pytest.fixture(scope="class")
def dbt_profile_target(recorded_target: dict[str, Any]) -> dict[str, Any]:
    return recorded_target


@pytest.mark.takes(20)
class TestWholeCommands:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return {"words.csv": "id,word,changed\n1,a,2026-01-01 00:00:00\n2,b,2026-01-01 00:00:00\n"}

    @pytest.fixture(scope="class")
    def snapshots(self) -> dict[str, str]:
        config = "{{ config(unique_key='id', strategy='timestamp', updated_at='changed') }}"
        select = "select * from {{ ref('words') }}"
        return {"history.sql": f"{{% snapshot history %}} {config} {select} {{% endsnapshot %}}"}

    @pytest.fixture(scope="class")
    def page(self, server: pymysql.Connection) -> dict[str, Counts]:
        """What the page says of a server like the one under test."""
        with server.cursor() as cursor:
            cursor.execute("select count(*) from information_schema.tables where table_name = 'DBA_MVIEWS'")
            [(count,)] = cursor.fetchall()
        return expected(with_materialized_views=count > 0)

    @pytest.fixture(scope="class")
    def sent(self, project: Any, recorder: Recorder) -> dict[str, tuple[int, list[str]]]:
        """Run each command, and return its number of connections and its statements.

        What the adapter knows of the server is forgotten before each command, as if each ran in a process of its own.
        """
        found = {}
        for name, arguments in {**COMMANDS, WITH_THREADS: ("run", "--threads", str(THREADS))}.items():
            server_info._known.clear()
            recorder.clear()
            run_dbt(list(arguments))
            # a connection is pinged only if it was idle for half a minute, which depends on the machine
            statements = [sql for sql in recorder.statements if sql not in ("<quit>", "<ping>")]
            found[name] = recorder.accepted, [plain(sql, project.test_schema) for sql in statements]
        return found

    def test_page(self, page: dict[str, Counts]) -> None:
        assert set(page) == {*COMMANDS, FURTHER}

    @pytest.mark.parametrize("name", COMMANDS)
    def test_command(self, sent: dict[str, tuple[int, list[str]]], page: dict[str, Counts], name: str) -> None:
        connections, statements = sent[name]
        print("\n".join(statements))  # shown if the test fails
        assert Counts.of(connections, statements) == page[name]

    def test_connection(self, sent: dict[str, tuple[int, list[str]]], page: dict[str, Counts]) -> None:
        """Every connection of every command begins with the same two statements, and sends them once."""
        for connections, statements in sent.values():
            opening = [sql for sql in statements if opens_session(sql)]
            assert Counts.of(1, opening[:2]) == page[FURTHER]
            assert sorted(opening) == sorted(opening[:2] * connections)

    def test_threads(self, sent: dict[str, tuple[int, list[str]]]) -> None:
        """More threads may open more connections, which depends on timing. Else they send the same statements."""
        connections, statements = sent[WITH_THREADS]
        _, with_one_thread = sent[AGAIN]
        assert connections <= THREADS
        assert sorted(sql for sql in statements if not opens_session(sql)) == sorted(
            sql for sql in with_one_thread if not opens_session(sql)
        )
