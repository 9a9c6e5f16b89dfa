"""Decide whether a failed statement is sent again, on the same session or on a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import tenacity
from dbt.adapters.events.logging import AdapterLogger

from ..connect import Session, SessionCancelled
from ..connect.codes import REPEATED
from ..connect.errors import code_of
from ..sql.statement import Statement

if TYPE_CHECKING:
    from .connection import OceanBaseConnection

logger = AdapterLogger("OceanBase")

MIN_BACKOFF_SECONDS = 0.1
"""Shortest wait, in seconds, before a statement is sent again on its session. A random time is added to it."""

RANDOM_BACKOFF_SECONDS = 0.4
"""Longest random time, in seconds, that is added before the first repeat. It is doubled for each further repeat."""

MAX_RANDOM_BACKOFF_SECONDS = 1.9
"""Longest random time, in seconds, that is added to the wait before any repeat of a statement."""


@dataclass(frozen=True, slots=True)
class Retries:
    """The rules for sending ``statement`` again on ``connection`` after a failure.

    They depend on the state of the session before the statement is sent. ``limit`` is the profile's
    ``statement_retries``. ``is_alone`` means that no transaction was open. ``was_clean`` means that no earlier
    statement had changed the session.
    """

    connection: OceanBaseConnection
    statement: Statement
    limit: int
    is_alone: bool
    was_clean: bool

    @classmethod
    def of(cls, connection: OceanBaseConnection, session: Session, statement: Statement) -> Retries:
        """Return the retry rules for ``statement``. Call this before the statement is sent on ``session``."""
        limit = connection.profile.statement_retries
        return cls(connection, statement, limit, not session.in_transaction, not session.dirty)

    def on_same_session(self) -> tenacity.Retrying:
        """Return the policy that repeats the statement on its session after a temporary error, such as a deadlock.

        ``codes.REPEATED`` has the codes of the temporary errors. A statement in a transaction is not repeated, because
        the error may have undone the transaction. A statement that may have an effect although it has failed (see
        ``is_undone_by_failure``) is not repeated either. The policy raises the last error, or SessionCancelled if the
        connection is cancelled during a wait.
        """
        attempts = 1 + (self.limit if self.is_alone else 0)
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(self._is_temporary),
            stop=tenacity.stop_after_attempt(attempts),
            wait=tenacity.wait_fixed(MIN_BACKOFF_SECONDS)
            + tenacity.wait_random_exponential(multiplier=RANDOM_BACKOFF_SECONDS, max=MAX_RANDOM_BACKOFF_SECONDS),
            sleep=self._wait,
            before_sleep=self._log,
            reraise=True,
        )

    def obstacle_to_new_session(self, error: Exception, session: Session) -> str | None:
        """Return the reason why the statement must not be sent again on a new session, or None if it may be sent again.

        ``error`` is the error with which ``session``, the statement's first session, was lost. The statement must not
        be sent again if it may not run twice, after a cancel, in a transaction, after a statement that has changed the
        session, with ``statement_retries`` 0, if the session had been lost before, or if ``error`` has no code.
        """
        obstacles = {
            "statement_retries is 0": not self.limit,
            "it was cancelled": self.connection.cancelled.is_set() or session.cancelled or session.was_cut,
            "it had been lost before": session.lost is not None or session.closed,
            "what came was no answer": code_of(error) is None,
            "a transaction was open": not self.is_alone,
            "an earlier statement has changed the session": not self.was_clean,
            "it may not run twice": not self.statement.may_run_twice,
        }
        return next((reason for reason, holds in obstacles.items() if holds), None)

    def _is_temporary(self, error: BaseException) -> bool:
        return code_of(error) in REPEATED and self.statement.is_undone_by_failure

    def _log(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        code = code_of(error) if error else None
        seconds, number = state.upcoming_sleep, f"repeat {state.attempt_number} of {self.limit}"
        logger.debug(f"{REPEATED[code or 0]} ({code}): the statement is sent again in {seconds:.2f} s, {number}")

    def _wait(self, seconds: float) -> None:
        if self.connection.cancelled.wait(seconds):
            raise SessionCancelled("the run was cancelled: the statement was not sent again")
