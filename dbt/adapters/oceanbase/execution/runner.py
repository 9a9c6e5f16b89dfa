"""One statement on its way to the server and back: logged, bounded in time, answered."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pymysql
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.events.types import SQLQuery, SQLQueryStatus
from dbt_common.events.contextvars import get_node_info
from dbt_common.events.functions import fire_event

from ..connect import Session, connector
from ..connect.control.timeout import StatementTimeout
from ..sql import lexer
from ..sql import statement as effects
from ..sql.lexer import Kind
from . import errors

if TYPE_CHECKING:
    from ..connect.session.session import StatementCursor
    from ..credentials import OceanBaseCredentials

logger = AdapterLogger("OceanBase")

RUN_OPERATION_SQL = "inline_query"
"""dbt's name for the connection of ``run-operation --sql``, where it begins a transaction and never commits."""

ABRIDGED = 512
"""Characters of a statement that is logged abridged, as dbt's own manager does."""

COUNTS_ROWS = ("insert", "insert overwrite", "replace", "update", "delete", "create table", "load", "with")
"""Statements without a result whose affected rows mean something to a reader of dbt's log."""


def send(
    session: Session,
    sql: str,
    credentials: OceanBaseCredentials,
    name: str,
    bindings: Any = None,
    abridge: bool = False,
    *,
    cleans_up: bool = False,
) -> StatementCursor:
    """Run ``sql`` on ``session`` for dbt's connection ``name``; give its cursor.

    ``abridge``: it is large and made of literals. ``cleans_up``: send it on a cancelled session too. Raises the
    driver's error, SessionCancelled, or DatabaseError where the adapter itself ended the statement: ``lock_timeout``
    for DDL that waits for others, ``query_timeout`` for all other DDL.
    """
    logged = f"{errors.without_secrets(sql[:ABRIDGED])}..." if abridge else errors.without_secrets(sql)
    fire_event(SQLQuery(conn_name=name, sql=logged, node_info=get_node_info()))
    started = time.perf_counter()
    seconds = _time_limit(sql, credentials)
    if not abridge and effects.changes_session(sql):
        # before it is sent: a failure may leave half of the changes
        session.dirty = True
    with contextlib.nullcontext() if seconds is None else _watched(session, sql, credentials, seconds):
        cursor = session.run(sql, bindings, cleans_up=cleans_up)
    answer = response(cursor)
    elapsed = time.perf_counter() - started
    fire_event(SQLQueryStatus(status=str(answer), elapsed=elapsed, node_info=get_node_info(), query_id=answer.query_id))
    return cursor


def note_trace_id(session: Session, cursor: StatementCursor) -> None:
    """Note on ``cursor`` OceanBase's trace id of its statement, the last of ``session``, where it can be had."""
    with contextlib.suppress(pymysql.err.MySQLError):
        cursor.trace_id = str(session.run("select last_trace_id()").fetchone()[0])


def response(cursor: Any) -> AdapterResponse:
    """Give what the server said of a cursor's statement, for dbt's log and artifacts."""
    rows = cursor.rowcount if cursor.rowcount >= 0 else None
    counts = cursor.description is not None or lexer.verb(cursor.statement) in COUNTS_ROWS
    message = f"OK {rows} row{'' if rows == 1 else 's'}" if counts and rows is not None else "OK"
    return AdapterResponse(_message=message, code=str(cursor.session_id), rows_affected=rows, query_id=cursor.trace_id)


def _time_limit(sql: str, credentials: OceanBaseCredentials) -> float | None:
    if lexer.kind(sql) is not Kind.DDL:
        return None
    waits = lexer.verb(sql).startswith(errors.WAITS_FOR_OTHERS)
    return credentials.lock_timeout if waits else credentials.query_timeout


@contextlib.contextmanager
def _watched(session: Session, sql: str, credentials: OceanBaseCredentials, seconds: float) -> Iterator[None]:
    watchdog = StatementTimeout(session, connector(credentials.options()), seconds)
    try:
        with watchdog:
            yield
    except pymysql.err.MySQLError as error:
        if not (watchdog.expired and errors.was_ended(error, session)):
            raise
        raise errors.ended_by_watchdog(error, sql, watchdog, session) from error
