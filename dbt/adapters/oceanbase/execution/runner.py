"""Run one statement on the server. The entry point is ``run``. The functions below it are in the order of calls."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import pymysql
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.events.types import SQLQuery, SQLQueryStatus
from dbt_common.events.contextvars import get_node_info
from dbt_common.events.functions import fire_event
from dbt_common.exceptions import DbtRuntimeError

from ..connect import Session, connector
from ..connect.control.progress import reporter
from ..connect.control.timeout import StatementTimeout
from ..connect.errors import code_of, is_link_lost, text_of
from ..sql.lexer import Kind
from ..sql.statement import Statement
from . import errors, node_settings
from .retry import Retries

if TYPE_CHECKING:
    from ..connect.session.session import StatementCursor
    from ..credentials import OceanBaseCredentials
    from .connection import OceanBaseConnection

logger = AdapterLogger("OceanBase")

FAILURES = (DbtRuntimeError, *errors.STATEMENT_ERRORS)
"""Exceptions that opening a session or running a statement can raise. ``fail`` converts them to dbt's errors."""

COUNTS_ROWS = ("insert", "insert overwrite", "replace", "update", "delete", "create table", "load", "with")
"""Verbs of statements that return no rows, but whose number of affected rows is shown in dbt's log."""

BEGIN, COMMIT = Statement("BEGIN"), Statement("COMMIT")

_WRITING_FUNCTIONS = """
select 1 from information_schema.routines
where routine_type = 'FUNCTION' and sql_data_access in ('MODIFIES_SQL_DATA', 'MODIFIES SQL DATA') limit 1"""
"""Query that returns a row if there are functions that change data.

A SELECT may call such a function, also through a view that it reads. seekdb 1.3 and 1.4 both allow that.
"""

_HARMLESS = Statement("show variables like 'version'")
"""A statement that may be sent twice. ``set_up`` passes it to ``Retries`` and ``replace_session`` in place of a SET.

For a SET, ``Retries`` would not allow a new session. But settings may be sent twice, as a new session needs them again.
"""

_TRACE_ID = "select last_trace_id()"
_VERSION = "select version()"


def run(
    connection: OceanBaseConnection, statement: Statement, bindings: Any = None, *, is_last: bool = True
) -> StatementCursor:
    """Run ``statement`` on the session of ``connection`` and return its cursor. All results have been read.

    A session is opened if necessary. If the session does not have the settings of the node, they are sent first. BEGIN
    is sent if dbt has begun a transaction and the statement needs one. After some failures the statement is sent again,
    as the module ``retry`` describes. ``bindings`` are the values for placeholders, as in ``Session.run``. If the
    profile sets ``track_trace_id``, the trace id is queried. With ``is_last=False`` it is not, because the next
    statement of the same text may read what the server knows about this one, such as ``row_count()``.

    Raise DatabaseError if the server refuses the statement or a setting, the connection is lost, or the adapter has
    ended the statement at its time limit. Raise FailedToConnectError if no session can be opened. Raise another
    DbtRuntimeError in all other cases, such as a cancel or bindings that do not fit. After an error the transaction is
    rolled back, as ``OceanBaseConnection.end_transaction`` says.
    """
    try:
        set_up(connection, connection.session())
        begin_transaction(connection, connection.handle, statement)
        cursor = send_with_retries(connection, statement, bindings)
        if connection.profile.track_trace_id and is_last:
            note_trace_id(connection.handle, cursor)
    except FAILURES as error:
        fail(connection, statement, error)
    return cursor


def run_once(connection: OceanBaseConnection, statement: Statement) -> StatementCursor:
    """Run ``statement`` on the open session of ``connection`` without repeating it after a failure. Return its cursor.

    ``statement`` is a BEGIN or COMMIT. Raise DatabaseError if the server refuses it or the connection is lost, and
    DbtRuntimeError, the base class of DatabaseError, if the session was cancelled. After an error the transaction is
    rolled back.
    """
    try:
        return send(connection, connection.handle, statement)
    except FAILURES as error:
        fail(connection, statement, error)


def set_up(connection: OceanBaseConnection, session: Session, *, is_replacement: bool = False) -> None:
    """Set the settings of the node that uses ``connection`` on ``session``. If the session has them, send nothing.

    If the session is lost meanwhile, open a new session for ``connection`` and set it up. This is not done if
    ``Retries.obstacle_to_new_session`` returns a reason, or if ``is_replacement`` is true, which means that ``session``
    itself has replaced a lost one.

    Raise DatabaseError with the name of the config if the server refuses one of the settings, and
    ``pymysql.err.MySQLError`` for another error of the server or a lost connection. Raise SessionCancelled if the
    session was cancelled. If a new session has to be opened, also raise the errors of ``replace_session``.
    """
    settings = connection.settings
    if session.settings == settings:
        return
    retries = Retries.of(connection, session, _HARMLESS)
    try:
        node_settings.settle(session, settings, lambda statement: send(connection, session, statement))
    except pymysql.err.MySQLError as error:
        if is_link_lost(error):
            if is_replacement or retries.obstacle_to_new_session(error, session):
                raise
            replace_session(connection, session, _HARMLESS, error)
            return
        text = settings and node_settings.refused(error, settings, _server_version(session))
        if not text:
            raise
        raise errors.DatabaseError(text, code_of(error)) from error


def begin_transaction(connection: OceanBaseConnection, session: Session, statement: Statement) -> None:
    """Send BEGIN on ``session`` if dbt has begun a transaction, the server has none, and ``statement`` needs one.

    Queries and DDL need none, see ``Statement.needs_transaction``. Raise the errors of ``run_once``.
    """
    if connection.transaction_open and not session.in_transaction and statement.needs_transaction:
        run_once(connection, BEGIN)


def send_with_retries(connection: OceanBaseConnection, statement: Statement, bindings: Any = None) -> StatementCursor:
    """Send ``statement`` and return its cursor. After some failures, send it again, see the module ``retry``.

    ``bindings`` are the values for placeholders, as in ``Session.run``. Raise the error of the last attempt (see
    ``send``), or SessionCancelled if the connection is cancelled during a wait between attempts. If the session was
    lost and a new one is opened for the statement, also raise the errors of ``replace_session``.
    """

    def attempt() -> StatementCursor:
        return send(connection, connection.handle, statement, bindings)

    session: Session = connection.handle
    retries = Retries.of(connection, session, statement)
    policy = retries.on_same_session()
    try:
        return policy(attempt)
    except pymysql.err.MySQLError as error:
        if not is_link_lost(error):
            raise
        obstacle = retries.obstacle_to_new_session(error, session)
        logger.debug(f"the link of {session} was lost ({code_of(error)}): {obstacle or 'sent again on a new one'}")
        if obstacle:
            raise
        replace_session(connection, session, statement, error)
    return policy(attempt)


def replace_session(connection: OceanBaseConnection, lost: Session, statement: Statement, error: Exception) -> None:
    """Open a new session for ``connection`` in place of ``lost``, on which ``statement`` failed with ``error``.

    Raise DatabaseError if no session can be opened, and DbtRuntimeError if the connection was cancelled. Raise
    ``error`` if the statement is a query and the server has functions that change data (or does not list its
    functions), because a second run could change data twice. In each of these cases the connection keeps the lost
    session. If the settings of the node cannot be set on the new session, raise the errors of ``set_up``.
    """
    connection.discard_session()
    try:
        connection.open()
    except DbtRuntimeError as refused:
        translated = translate(error, statement, lost)
        connection.fail_with(lost)
        if connection.cancelled.is_set():
            raise
        raise errors.no_new_session(translated, refused) from refused
    if statement.is_query and _functions_may_write(connection.handle):
        logger.debug("it is not sent again after all: the server may have functions that change data")
        connection.fail_with(lost)
        raise error
    set_up(connection, connection.handle, is_replacement=True)


def send(
    connection: OceanBaseConnection,
    session: Session,
    statement: Statement,
    bindings: Any = None,
    *,
    cleans_up: bool = False,
) -> StatementCursor:
    """Send ``statement`` once on ``session``, log it under the name of ``connection`` and return its cursor.

    ``bindings`` are the values for placeholders, as in ``Session.run``. If ``cleans_up`` is true, the statement is sent
    even if the session was cancelled. Raise DatabaseError if the adapter has ended the statement at its time limit.
    Raise ``pymysql.err.MySQLError`` if the server refuses the statement or the connection is lost, and SessionCancelled
    if the session was cancelled before. Raise another one of ``errors.STATEMENT_ERRORS`` if ``bindings`` do not fit or
    the answer is broken.
    """
    fire_event(SQLQuery(conn_name=connection.name or "", sql=statement.logged, node_info=get_node_info()))
    started = time.perf_counter()
    if not statement.is_abridged and statement.changes_session:
        # set before it is sent, because a failure may leave a part of the changes
        session.dirty = True
    name, profile = f"{connection.name}: {statement.verb}", connection.profile
    with (
        ended_after(time_limit(statement, connection), session, statement, profile),
        reporter.watching(name, session, lambda: connector(profile.options())),
    ):
        cursor = session.run(statement.text, bindings, cleans_up=cleans_up)
    cursor.verb = statement.verb
    answer = response(cursor)
    elapsed = time.perf_counter() - started
    fire_event(SQLQueryStatus(status=str(answer), elapsed=elapsed, node_info=get_node_info(), query_id=answer.query_id))
    return cursor


def time_limit(statement: Statement, connection: OceanBaseConnection) -> tuple[float, str] | None:
    """Return the seconds after which the adapter ends ``statement``, and the name of the setting that limits it.

    Return None if the server limits the time, which it does for everything except DDL and the refresh of a materialized
    view. The adapter's limit is the profile's ``lock_timeout`` for DDL that waits for other transactions. For all other
    DDL, and for a refresh, it is the profile's ``query_timeout``. If the node has its own ``query_timeout``, the node's
    value replaces the profile's ``query_timeout``. The node's value also replaces a longer ``lock_timeout``.
    """
    if statement.kind is not Kind.DDL and not statement.is_refresh:
        return None
    own, profile = connection.settings and connection.settings.query_timeout, connection.profile
    if statement.waits_for_others and not (own and own < profile.lock_timeout):
        return profile.lock_timeout, "lock_timeout"
    return (own, "query_timeout of the node") if own else (profile.query_timeout, "query_timeout")


@contextlib.contextmanager
def ended_after(
    limit: tuple[float, str] | None, session: Session, statement: Statement, profile: OceanBaseCredentials
) -> Iterator[None]:
    """Return a context manager that ends ``statement`` if its body takes longer than ``limit``.

    The body runs the statement on ``session``. ``limit`` is what ``time_limit`` returns: seconds and the name of the
    setting, or None for no limit. ``profile`` has the options for the control connection that ends the statement. Raise
    DatabaseError if the statement was ended at the limit. Any other error of the body is raised unchanged.
    """
    if limit is None:
        yield
        return
    seconds, field = limit
    timeout = StatementTimeout(session, connector(profile.options()), seconds)
    try:
        with timeout:
            yield
    except pymysql.err.MySQLError as error:
        if not (timeout.expired and errors.was_ended(error, session)):
            raise
        if not session.is_usable:
            session.lost = errors.shut_down_reason(statement)
        raise errors.ended_by_timeout(error, statement, timeout, session, field) from error


def note_trace_id(session: Session, cursor: StatementCursor) -> None:
    """Query the trace id of the last statement of ``session``, and set it on ``cursor``, the statement's cursor.

    If the server refuses the query or the connection is lost, ``cursor`` is not changed. Raise SessionCancelled if the
    session was cancelled before.
    """
    with contextlib.suppress(pymysql.err.MySQLError):
        cursor.trace_id = str(session.run(_TRACE_ID).fetchone()[0])


def response(cursor: Any) -> AdapterResponse:
    """Return dbt's AdapterResponse for the statement that ``cursor`` has run. dbt's log and artifacts show it.

    It has a message such as ``OK 3 rows``, the number of rows affected or returned, and the server's connection id as
    ``code``. Its ``query_id`` is OceanBase's trace id, or None if ``note_trace_id`` has not set a trace id on
    ``cursor``.
    """
    rows = cursor.rowcount if cursor.rowcount >= 0 else None
    counts = cursor.description is not None or cursor.verb in COUNTS_ROWS
    message = f"OK {rows} row{'' if rows == 1 else 's'}" if counts and rows is not None else "OK"
    return AdapterResponse(_message=message, code=str(cursor.session_id), rows_affected=rows, query_id=cursor.trace_id)


def ask(session: Session, sql: str) -> StatementCursor:
    """Run ``sql``, a query of the adapter itself, on ``session`` without logging it, and return its cursor.

    Raise DatabaseError if the server refuses it or the connection is lost, and DbtRuntimeError, the base class of
    DatabaseError, if the session was cancelled. Nothing is rolled back after an error.
    """
    try:
        return session.run(sql)
    except errors.STATEMENT_ERRORS as error:
        raise translate(error, Statement(sql), session) from error


def fail(connection: OceanBaseConnection, statement: Statement, error: Exception) -> NoReturn:
    """End the transaction of ``connection``, and raise dbt's error for ``error``, with which ``statement`` failed.

    ``error`` is one of ``FAILURES``. A DbtRuntimeError is raised unchanged. Any other error becomes DatabaseError if
    the server refused the statement or the connection was lost, and a plain DbtRuntimeError otherwise.
    """
    raised = error if isinstance(error, DbtRuntimeError) else translate(error, statement, connection.session_if_open)
    connection.end_transaction()
    if raised is error:
        raise error
    raise raised from error


def translate(error: Exception, statement: Statement, session: Session | None) -> DbtRuntimeError:
    """Return dbt's error for ``error``, with which ``statement`` failed on ``session``.

    If the connection of ``session`` was lost, the reason is stored in ``session.lost``, unless a reason is already
    stored there. Later errors of the session repeat the stored reason. If the connection was not lost and ``error`` is
    a driver's error, secrets are removed from the text of ``error`` itself as well, because dbt also logs the cause of
    its own errors.
    """
    if not errors.has_lost_link(error, session):
        _remove_secrets(error, statement)
        version = _server_version(session) if session is not None and errors.names_unknown_type(error) else None
        return errors.translated(error, statement, session, version)
    translated = errors.translated(error, statement, session)
    if session is not None:
        session.lost = session.lost or errors.lost_reason(error, session)
        if is_link_lost(error) and not session.closed:
            # nothing more may be sent, because a server that reports the loss has closed the session or will soon
            session.connection.abandon()
    return translated


def _remove_secrets(error: Exception, statement: Statement) -> None:
    if isinstance(error, pymysql.err.MySQLError):
        text = statement.redact_answer(text_of(error))
        if text != text_of(error):
            error.args = (*error.args[:-1], text)


def _server_version(session: Session) -> str:
    """Return the full version text of the server, or ``this server`` if it cannot be read.

    The greeting is not used, because some servers send only a part of the version in it.
    """
    try:
        return str(session.run(_VERSION).fetchone()[0])
    except errors.STATEMENT_ERRORS:
        return "this server"


def _functions_may_write(session: Session) -> bool:
    try:
        return session.run(_WRITING_FUNCTIONS).fetchone() is not None
    except pymysql.err.MySQLError:
        return True
