"""``password_command`` in a profile: its password, a password that is rotated during a run, and its failures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pymysql
import pytest
from support.outside import Database, until

pytestmark = pytest.mark.any_kernel

OLD, NEW = "0ld-t0ken", "n3w-t0ken"

MODELS = {
    "one.sql": """
        {{ config(pre_hook="update {{ target.schema }}.gate set passed = passed + 1") }}
        select 1 as id
    """,
    "two.sql": "select id + 1 as id from {{ ref('one') }}",
    "three.sql": "select id + 1 as id from {{ ref('two') }}",
}


class Tokens:
    """A command that writes a line for each run and prints the content of a file."""

    def __init__(self, folder: Path) -> None:
        self.value, self.log = folder / "value", folder / "runs"
        self.command = ["/bin/sh", "-c", 'echo run >> "$2"; cat "$1"', "sh", str(self.value), str(self.log)]

    @property
    def runs(self) -> int:
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path)


class TestPasswordCommand:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return MODELS

    @pytest.fixture
    def user(self, server: pymysql.Connection, db: Database) -> Iterator[dict[str, Any]]:
        """A user whose password is rotated, and the table that a model waits for."""
        db.run("create table {s}.gate (passed int)", "insert into {s}.gate values (0)")
        with server.cursor() as cursor:
            cursor.execute(f"create user rotated identified by '{OLD}'")
            cursor.execute("grant all on *.* to rotated")
            yield {"user": "rotated", "password": None}
            cursor.execute("drop user rotated")
        db.run("drop table {s}.gate")

    def test_a_login_with_what_it_prints(
        self, dbt: Callable[..., Any], tokens: Tokens, server_profile: dict[str, Any]
    ) -> None:
        tokens.value.write_text(server_profile["password"] + "\n")

        outcome = dbt("debug", password=None, password_command=tokens.command)

        assert outcome.code == 0, outcome.console
        assert "OK connection ok" in outcome.console
        assert tokens.runs == 1

    def test_a_password_that_is_rotated_between_two_nodes(
        self,
        dbt: Any,
        user: dict[str, Any],
        tokens: Tokens,
        db: Database,
        connect: Callable[..., pymysql.Connection],
    ) -> None:
        tokens.value.write_text(OLD + "\n")
        with closing(connect(autocommit=None)) as holder, holder.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"select passed from `{db.schema}`.gate for update")
            # a new connection for each node: a pooled one would not log in again
            running = dbt.start("run", **user, threads=1, connection_mode="new", password_command=tokens.command)
            try:
                until(lambda: db.running("passed = passed + 1") or running.process.poll() is not None)
                # in this order: a report on the running statement may log in at any time, and must not get OLD again
                tokens.value.write_text(NEW + "\n")
                db.run(f"alter user rotated identified by '{NEW}'")
                cursor.execute("rollback")
                outcome = running.outcome()
            finally:
                running.process.kill()

        assert outcome.code == 0, outcome.console
        assert tokens.runs == 2
        assert db.rows("select id from {s}.three") == [(3,)]
        assert len(outcome.messages("refused the password: password_command gave another one")) == 1
        for secret in (OLD, NEW, str(tokens.value)):
            assert not outcome.messages(secret)
            assert secret not in outcome.console

    def test_a_password_that_the_server_refuses_twice(
        self, dbt: Callable[..., Any], user: dict[str, Any], tokens: Tokens
    ) -> None:
        tokens.value.write_text("wr0ng\n")

        outcome = dbt("debug", **user, password_command=tokens.command)

        assert outcome.code == 1
        assert "access denied (1045)" in outcome.line("(1045)")
        # the same password is not sent again
        assert (tokens.runs, len(outcome.messages(" failed after "))) == (2, 1)

    @pytest.mark.parametrize(
        ("command", "what"),
        [
            (["/bin/sh", "-c", "echo s3cret; echo s3cret >&2; exit 7", "s3cret"], "ended with exit code 7"),
            (["/no/such/program", "s3cret"], "cannot be started (No such file or directory)"),
            ([sys.executable, "-c", "pass  # s3cret"], "printed nothing"),
        ],
        ids=["exit code", "not found", "nothing"],
    )
    @pytest.mark.parametrize("action", ["debug", "run"])
    def test_a_failure_is_one_line(self, action: str, command: list[str], what: str, dbt: Callable[..., Any]) -> None:
        outcome = dbt(action, password=None, password_command=command)

        line = outcome.line("password_command: ")
        assert outcome.code != 0
        assert f"password_command: {command[0]} {what}: " in line
        assert len(line) <= 300
        assert "s3cret" not in outcome.console
        assert not outcome.messages("s3cret")
        assert outcome.has_no_traceback()
