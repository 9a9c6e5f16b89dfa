"""When a statement is sent again: on the same session after a failure that left nothing, on a new one after a loss."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pymysql
import tenacity
from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import DbtRuntimeError

from ..connect import Session, SessionCancelled
from ..connect.codes import REPEATED
from ..connect.errors import code_of
from ..sql import statement as effects
from . import errors
from .cancel import cancelled

if TYPE_CHECKING:
    from ..connect.session.session import StatementCursor

logger = AdapterLogger("OceanBase")

LEAST, BASE, CAP = 0.1, 0.4, 1.9
"""Seconds before a repeat: ``LEAST`` and, by chance, up to ``BASE``, doubled each time, at most ``CAP``."""

_FUNCTIONS_THAT_WRITE = """
select 1 from information_schema.routines
where routine_type = 'FUNCTION' and sql_data_access in ('MODIFIES_SQL_DATA', 'MODIFIES SQL DATA') limit 1"""
"""A SELECT may write by a function, also by one in a view that it reads: both reference kernels run such."""

Send = Callable[[Session], "StatementCursor"]


def run(
    connection: Connection, sql: str, send: Send, open_again: Callable[[Connection], object], limit: int
) -> StatementCursor:
    """Run ``sql`` by ``send`` on the session of ``connection``; give the cursor.

    ``limit`` is the profile's ``statement_retries``. A statement that is no part of a transaction is repeated up to
    that often after one of ``REPEATED``. One that may run twice is sent once more when its link is lost, on the
    session that ``open_again`` gives ``connection``, which it keeps; never in a changed session, in a transaction,
    with a limit of 0, or after a cancel. Raises what ``send`` raises the last time, SessionCancelled where a cancel
    ends the waiting, and DatabaseError where no new session can be had.
    """
    session: Session = connection.handle
    is_alone, was_clean = not session.in_transaction, not session.dirty
    attempt = _policy(sql, limit if is_alone else 0, cancelled(connection))
    try:
        return attempt(send, session)
    except pymysql.err.MySQLError as error:
        if not errors.is_link_lost(error):
            raise
        reason = _why_not_again(sql, error, connection, limit, is_alone, was_clean)
        logger.debug(f"the link of {session} was lost ({code_of(error)}): {reason or 'sent again on a new one'}")
        if reason:
            raise
        fresh = _replaced(connection, sql, error, open_again)
        if effects.is_query(sql) and _functions_may_write(fresh):
            logger.debug("it is not sent again after all: the server may have functions that change data")
            _put_back(connection, session)
            raise
    return attempt(send, fresh)


def _policy(sql: str, limit: int, mark: threading.Event) -> tenacity.Retrying:
    def passes(error: BaseException) -> bool:
        return code_of(error) in REPEATED and effects.is_undone_by_failure(sql)

    def tell(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        code = code_of(error) if error else None
        text, seconds, number = REPEATED[code or 0], state.upcoming_sleep, state.attempt_number
        logger.debug(f"{text} ({code}): the statement is sent again in {seconds:.2f} s, repeat {number} of {limit}")

    def wait(seconds: float) -> None:
        if mark.wait(seconds):
            raise SessionCancelled("the run was cancelled: the statement was not sent again")

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(passes),
        stop=tenacity.stop_after_attempt(limit + 1),
        wait=tenacity.wait_fixed(LEAST) + tenacity.wait_random_exponential(multiplier=BASE, max=CAP),
        sleep=wait,
        before_sleep=tell,
        reraise=True,
    )


def _why_not_again(
    sql: str, error: BaseException, connection: Connection, limit: int, is_alone: bool, was_clean: bool
) -> str | None:
    session: Session = connection.handle
    reasons = {
        "statement_retries is 0": not limit,
        "it was cancelled": cancelled(connection).is_set() or session.cancelled or session.was_cut,
        "it had been lost before": session.lost is not None or session.closed,
        "what came was no answer": code_of(error) is None,
        "a transaction was open": not is_alone,
        "an earlier statement has changed the session": not was_clean,
        "it may not run twice": not effects.may_run_twice(sql),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _functions_may_write(session: Session) -> bool:
    try:
        return session.run(_FUNCTIONS_THAT_WRITE).fetchone() is not None
    except pymysql.err.MySQLError:
        return True


def _replaced(
    connection: Connection, sql: str, error: Exception, open_again: Callable[[Connection], object]
) -> Session:
    lost: Session = connection.handle
    # abandoned: the server may have said so in an answer, and the link be open still
    lost.connection.abandon()
    lost.close()
    connection.state = ConnectionState.CLOSED
    try:
        open_again(connection)
    except DbtRuntimeError as refused:
        text = errors.database_error(error, sql, lost)
        _put_back(connection, lost)
        if cancelled(connection).is_set():
            raise
        text.msg += f"\nno new connection could be opened: {refused.msg}"
        raise text from refused
    fresh: Session = connection.handle
    return fresh


def _put_back(connection: Connection, lost: Session) -> None:
    """Leave ``connection`` with the session that was lost, so that the node ends by its error."""
    if isinstance(connection._handle, Session):
        connection._handle.close()
    connection.handle, connection.state = lost, ConnectionState.FAIL
