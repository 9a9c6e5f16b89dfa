"""``||`` is warned about once for each node, rewritten, or sent, as the profile says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pymysql
import pytest
from dbt.tests.util import run_dbt, run_dbt_and_capture, write_file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.version import Version
from support import double_pipes
from support.outside import Database

from dbt.adapters.oceanbase.sql.standard import UnclearOperandError, rewritten

DOCS = Path(__file__).parents[3] / "docs"
ROW = "select 'a' as a, 'b' as b"
MOVED = "status = 1 || is_vip"
"""A logical OR, as it stands in the pages for projects that come from MySQL."""

VIP = "select 2 as status, 1 as is_vip"
MODELS = {
    "joined.sql": f"select a || '-' || b as c, a::varchar || 1 as d\nfrom ({ROW}) as t where a || b = 'ab'",
    "joined_view.sql": f"{{{{ config(materialized='view') }}}} select a || b as c from ({ROW}) as t",
    "quiet.sql": "select '||' as c -- a || b",
    "unclear.sql": "select 1 + 2 || 3 as c",
    "merged.sql": """select '{"a": 1}'::jsonb || '{"b": 2}' as c""",
    "condition.sql": "select 1 as c from dual where 1 = 2 || 3 = 3",
    "moved.sql": f"{{{{ config(materialized='view') }}}} select {MOVED} as c from ({VIP}) as t",
    "spelt.sql": f"select {MOVED.replace('||', 'or')} as c from ({VIP}) as t",
}


def use(project: Any, **fields: Any) -> None:
    """Write a profile with ``fields`` into the project's folder."""
    target = project.adapter.config.credentials.to_dict() | {"type": "oceanbase"} | fields
    write_file(json.dumps({"test": {"target": "t", "outputs": {"t": target}}}), project.project_root, "profiles.yml")


# parts of an expression; those of two tokens have more than one reading
OPERANDS = st.sampled_from(
    [
        *("a", "b", "c", "x", "'1'", "0", "-1", "concat(a, b)", "(c)", "(a || b)", "1 + 2", "(select b || c)"),
        *("case when a || b = '12' then c else 1 || 0 end", "(a = 1)", "not d", "x is null", "null"),
        "a collate utf8mb4_bin",
    ]
)
OPERATORS = st.sampled_from(
    ["||", "||", "||", "=", "+", "*", "or", "and", "like", "<", "<=>", "in ('12', a, b)||", "between a || b and", "&"]
)


def outcome(cursor: pymysql.cursors.Cursor, sql: str) -> list[str] | int:
    """Return the rows of ``sql``, or the number of the error."""
    try:
        cursor.execute(sql)
        return sorted(map(repr, cursor.fetchall()))
    except pymysql.err.MySQLError as error:
        return int(error.args[0])


class TestPipes:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {
            "models": {"+materialized": "table"},
            "on-run-start": [
                "create table if not exists {{ target.schema }}.hooked (x varchar(9))",
                "insert into {{ target.schema }}.hooked values ('1'::int || 0)",
            ],
            "on-run-end": "insert into {{ target.schema }}.hooked\nvalues ('2'::int || 0)",
        }

    def test_it_is_rewritten_by_default(self, project: Any, db: Database) -> None:
        results = run_dbt(["run"], expect_pass=False)
        messages = {result.node.name: result.message for result in results}

        assert db.rows("select * from {s}.joined") == [("a-b", "a1")]
        assert db.rows("select * from {s}.joined_view") == [("ab",)]
        assert db.rows("select * from {s}.quiet") == [("||",)]
        assert (db.value("select c from {s}.moved"), db.value("select c from {s}.spelt")) == (0, 1)
        assert db.rows("select x from {s}.hooked order by x") == [("10",), ("20",)]
        assert "double_pipe: concat: it is not certain what belongs to ||" in messages["unclear"]
        assert "double_pipe: concat: || looks like a logical OR" in messages["condition"]
        assert "double_pipe: concat: || merges JSON in PostgreSQL" in messages["merged"]
        assert "json_merge_patch(...)" in messages["merged"]

    def test_a_node_is_warned_about_once(self, project: Any, db: Database) -> None:
        use(project, double_pipe="warn")
        _, log = run_dbt_and_capture(["run", "--profiles-dir", "."], expect_pass=False)  # error 1292: tables are strict
        warnings = [line for line in log.splitlines() if "is a logical OR for OceanBase" in line]

        folder = Path(project.project_root, "target", "run", "test", "models")
        names = ("condition", "joined", "joined_view", "merged", "moved", "unclear")
        texts = {name: (folder / f"{name}.sql").read_text().lstrip() for name in names}
        expected = {f"model.test.{name}": text[: text.index("||")].count("\n") + 1 for name, text in texts.items()}
        expected |= {"operation.test.test-on-run-start-1": 1, "operation.test.test-on-run-end-0": 2}
        found = re.findall(r"(\S+): \|\| in line (\d+) of its statement", "\n".join(warnings))

        assert sorted(found) == sorted((name, str(line)) for name, line in expected.items())
        assert all("set double_pipe, a config and a profile field, to concat" in line for line in warnings)
        assert db.value("select c from {s}.joined_view") == 0
        assert db.value("select c from {s}.moved") == 1

    def test_warnings_can_be_errors(self, project: Any) -> None:
        use(project, double_pipe="warn")
        run = ["--warn-error", "run", "--select", "joined_view", "--profiles-dir", "."]
        results = run_dbt(run, expect_pass=False)

        statuses = {result.node.name: str(result.status) for result in results}
        errors = {result.node.name: result.message for result in results if result.status == "error"}

        assert statuses["test-on-run-start-1"] == "error"
        # dbt 1.12 skips the models after a hook that failed
        is_skipped = Version(version("dbt-core")) >= Version("1.12")
        assert statuses["joined_view"] == ("skipped" if is_skipped else "error")
        hooks = {"test-on-run-start-1", "test-on-run-end-0"}
        assert errors.keys() == hooks | ({"joined_view"} if not is_skipped else set())
        assert all("is a logical OR" in message for message in errors.values())

    def test_it_is_sent_without_a_word(self, project: Any, db: Database) -> None:
        use(project, double_pipe="or")
        _, log = run_dbt_and_capture(["run", "--select", "joined_view", "moved", "--profiles-dir", "."])

        assert "logical OR" not in log
        assert db.value("select c from {s}.joined_view") == 0
        assert db.value("select c from {s}.moved") == 1

    @pytest.mark.parametrize("page", ["migrating-from-mysql.md", "migrating-from-obmysql.md"])
    def test_the_pages_say_what_becomes_of_an_or(self, page: str) -> None:
        text = (DOCS / page).read_text(encoding="utf-8").replace("\\|", "|")

        assert f"`{MOVED}`" in text
        assert f"`{rewritten(MOVED, concat=True).strip()}`".replace(" ,", ",") in text

    @pytest.fixture(scope="class")
    def sessions(
        self, project: Any, db: Database, connect: Callable[..., pymysql.Connection]
    ) -> Iterator[tuple[pymysql.cursors.Cursor, pymysql.cursors.Cursor]]:
        """Yield a cursor of a session with PIPES_AS_CONCAT, and one of a session without it."""
        columns = double_pipes.COLUMNS
        db.run(f"create table {{s}}.t ({', '.join(f'`{name}` varchar(10)' for name in columns)})")
        values = f"insert into {db.schema}.t values ({', '.join(['%s'] * len(columns))})"
        with connect(database=db.schema) as other, other.cursor() as concat, db.connection.cursor() as plain:
            plain.executemany(values, double_pipes.ROWS)
            concat.execute("set session sql_mode = concat(@@sql_mode, ',PIPES_AS_CONCAT')")
            yield concat, plain

    @pytest.mark.parametrize("chain", double_pipes.CHAINS)
    def test_a_chain_has_the_value_of_the_mode_pipes_as_concat(self, sessions: Any, chain: str) -> None:
        concat, plain = sessions
        sql = double_pipes.statement(chain)
        expected = outcome(concat, sql)

        assert outcome(plain, rewritten(sql, concat=True)) == expected
        assert isinstance(expected, list)
        assert (outcome(plain, sql) != expected) == ("{" in chain)

    @settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(first=OPERANDS, more=st.lists(st.tuples(OPERATORS, OPERANDS), min_size=1, max_size=4), is_test=st.booleans())
    def test_what_is_rewritten_has_the_value_of_that_mode(
        self, sessions: Any, first: str, more: list[tuple[str, str]], is_test: bool
    ) -> None:
        concat, plain = sessions
        expression = " ".join([first, *(f"{operator} {operand}" for operator, operand in more)])
        sql = f"select `order` from t where {expression}" if is_test else f"select {expression} as v from t"
        try:
            sent = rewritten(sql, concat=True)
        except UnclearOperandError:
            return

        assert outcome(plain, sent) == outcome(concat, sql)
