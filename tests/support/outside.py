"""Looking at the database from outside of dbt."""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pymysql

PATIENCE = 60
"""Seconds for something that takes one on an idle machine."""


class Database:
    """A connection of the test's own, and the schema of dbt's project."""

    def __init__(self, connection: pymysql.Connection, schema: str) -> None:
        self.connection = connection
        self.schema = schema

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement in which ``{s}`` stands for the schema; give its rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql.replace("{s}", f"`{self.schema}`"))
            return list(cursor.fetchall())

    def value(self, sql: str) -> Any:
        """Give the first value of the first row."""
        return self.rows(sql)[0][0]

    def run(self, *statements: str) -> None:
        """Run statements in which ``{s}`` stands for the schema."""
        for statement in statements:
            self.rows(statement)

    def relations(self, schema: str | None = None) -> dict[str, str]:
        """Give what stands in a schema: name -> 'table' or 'view'; not what the server itself keeps there."""
        found = self.rows(
            "select table_name, if(table_type = 'VIEW', 'view', 'table') from information_schema.tables "
            f"where table_schema = '{schema or self.schema}' and left(table_name, 7) <> '__ctas_'"
        )
        return dict(found)  # type: ignore[arg-type]

    def running(self, text: str) -> int:
        """Count the statements that run now and hold ``text``."""
        listed = self.rows("select info from information_schema.processlist where id <> connection_id()")
        return sum(text in str(info) for (info,) in listed)


def two_targets(target: dict[str, Any], schema: str) -> dict[str, Any]:
    """Give the text of a profiles.yml with the targets ``default`` and ``other``, each with a schema of its own."""
    outputs = {"default": {**target, "schema": schema}, "other": {**deepcopy(target), "schema": f"{schema}_other"}}
    return {"test": {"outputs": outputs, "target": "default"}}


def until(condition: Callable[[], Any], seconds: float = PATIENCE, step: float = 0.05) -> Any:
    """Wait for ``condition`` to hold, and give what it gave; AssertionError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"did not happen within {seconds} s"
        time.sleep(step)
    return result


ACCOUNT_NOT_CHANGED = 1396


def change_account(cursor: pymysql.cursors.Cursor, statement: str) -> None:
    """Run a CREATE or DROP of a user or role with ``if [not] exists``, again while it collides with that of another.

    Kernel 1.4 ends such a statement beside one of another session with 1396, and has not done it.
    """

    def is_done() -> bool:
        try:
            cursor.execute(statement)
        except pymysql.err.OperationalError as error:
            if error.args[0] != ACCOUNT_NOT_CHANGED:
                raise
            return False
        return True

    until(is_done, step=0.2)
