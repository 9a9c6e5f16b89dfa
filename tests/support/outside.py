"""Check the database through connections that dbt does not use."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pymysql
import tenacity

PATIENCE = 300
"""Default maximum wait in seconds, for events that take about one second on an idle machine."""


def _is_of_the_moment(error: BaseException) -> bool:
    # 5627 OB_SCHEMA_EAGAIN and 4023 OB_EAGAIN: another session's DDL was not known everywhere; nothing was done
    # 5307 OB_ERR_INSUFFICIENT_PX_WORKER: the server has just started
    return isinstance(error, pymysql.err.MySQLError) and error.args[0] in (5627, 4023, 5307)


class Connection(pymysql.Connection):
    """A connection that sends a statement again while the server refuses it because of another session's DDL."""

    @tenacity.retry(
        retry=tenacity.retry_if_exception(_is_of_the_moment),
        wait=tenacity.wait_fixed(0.1),
        stop=tenacity.stop_after_delay(PATIENCE),
        reraise=True,
    )
    def query(self, sql: str | bytes, unbuffered: bool = False) -> int:
        """Run one statement and return the number of its rows, as PyMySQL does."""
        return super().query(sql, unbuffered)


class Database:
    """A connection of the test itself, together with the name of the schema that dbt uses."""

    def __init__(self, connection: pymysql.Connection, schema: str) -> None:
        self.connection = connection
        self.schema = schema

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement, with ``{s}`` replaced by the schema, and return its rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql.replace("{s}", f"`{self.schema}`"))
            return list(cursor.fetchall())

    def value(self, sql: str) -> Any:
        """Run one statement like ``rows`` and return the first value of the first row."""
        return self.rows(sql)[0][0]

    def run(self, *statements: str) -> None:
        """Run statements, with ``{s}`` replaced by the schema."""
        for statement in statements:
            self.rows(statement)

    def relations(self, schema: str | None = None) -> dict[str, str]:
        """Return the relations of a schema (name -> 'table' or 'view'), without the server's own tables."""
        found = self.rows(
            "select table_name, if(table_type = 'VIEW', 'view', 'table') from information_schema.tables "
            f"where table_schema = '{schema or self.schema}' and left(table_name, 7) <> '__ctas_'"
        )
        return dict(found)  # type: ignore[arg-type]

    def running(self, *texts: str) -> int:
        """Return the number of statements of other sessions that are running now and contain all of ``texts``.

        Tests beside this one share the server: one of ``texts`` must be of this test alone, such as its schema.
        """
        listed = self.rows("select info from information_schema.processlist where id <> connection_id()")
        return sum(all(text in str(info) for text in texts) for (info,) in listed)


def two_targets(target: dict[str, Any], schema: str) -> dict[str, Any]:
    """Return the content of a profiles.yml with two targets, ``default`` and ``other``, that have different schemas."""
    outputs = {"default": {**target, "schema": schema}, "other": {**deepcopy(target), "schema": f"{schema}_other"}}
    return {"test": {"outputs": outputs, "target": "default"}}


def until(condition: Callable[[], Any], seconds: float = PATIENCE, step: float = 0.05) -> Any:
    """Call ``condition`` until its result is truthy, and return the result. Raise AssertionError after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"did not happen within {seconds} s"
        time.sleep(step)
    return result


ACCOUNT_NOT_CHANGED = 1396


def change_account(cursor: pymysql.cursors.Cursor, statement: str) -> None:
    """Run a CREATE or DROP of a user or role with ``if [not] exists``, and repeat it while it fails with error 1396.

    Kernel 1.4 raises error 1396 and changes nothing if another session runs such a statement at the same time.
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


@contextmanager
def account(server: pymysql.Connection, schema: str, *grants: str) -> Iterator[str]:
    """Create a user without a password who has the rights ``grants``, yield the user's name, and drop the user.

    ``grants`` are GRANT statements with ``{s}`` for the quoted name of ``schema`` and ``{user}`` for that of the user.
    The schema is created if it is missing, since rights on its tables need it.
    """
    user = f"u_{schema[4:20]}"
    with server.cursor() as cursor:
        change_account(cursor, f"create user if not exists {user}")
        cursor.execute(f"create database if not exists `{schema}`")
        for grant in grants:
            cursor.execute(grant.format(s=f"`{schema}`", user=user))
        yield user
        change_account(cursor, f"drop user if exists {user}")
