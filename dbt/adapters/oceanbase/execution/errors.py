"""At dbt's border: driver errors become dbt's, with code, meaning, place and remedy, and without secrets."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

import pymysql
from dbt_common.exceptions import DbtDatabaseError, DbtRuntimeError

from ..connect import SessionCancelled
from ..connect.codes import STATEMENT, UNKNOWN
from ..connect.errors import KILLED, code_of, is_link_lost, one_line, text_of
from ..sql import lexer
from ..sql.lexer import Kind
from ..sql.redaction import answer_without_secrets, without_secrets

if TYPE_CHECKING:
    from ..connect import Session
    from ..connect.control.timeout import StatementTimeout

__all__ = [
    "OF_A_STATEMENT",
    "DatabaseError",
    "database_error",
    "ended_by_watchdog",
    "is_link_lost",
    "lost_reason",
    "translated",
    "was_ended",
    "without_secrets",
]

_COMMENTS = re.compile(r"\A(?:\s+|/\*(?![+!]).*?\*/)+", re.S)
_SHOWN = 160

WAITS_FOR_OTHERS = ("rename", "drop", "truncate", "create database")
"""Leading words of DDL that is done at once, or waits for others without a limit in the server. All other DDL may
rightly take long, and ``ob_query_timeout`` does not bound it either."""

NO_STATEMENT = 1064
"""Code of what the server cannot parse, as something that only others know."""

_UNKNOWN_TYPE = re.compile(r"near '(roaringbitmap)\b", re.I)
"""Types that not every server has; another that is misspelled is said as it is by the server."""

NO_RIGHTS = frozenset({1044, 1142, 1143, 1227, 1370})
"""Codes of a right that is missing; their error is one line, as those of a connection are."""


OF_A_STATEMENT = (
    pymysql.err.MySQLError,
    SessionCancelled,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AssertionError,
    struct.error,
)
"""What running a statement may raise: the driver's errors, what it trips over in a broken answer, and bad bindings."""


class DatabaseError(DbtDatabaseError):
    """The server refused a statement. ``server_code`` is its code, or None when the driver had none."""

    def __init__(self, text: str, server_code: int | None) -> None:
        super().__init__(text)
        self.server_code = server_code


def translated(error: Exception, sql: str, session: Session | None) -> DbtRuntimeError:
    """Translate one of ``OF_A_STATEMENT``, raised for ``sql`` on ``session``; a link that is lost is dropped."""
    is_of_driver = isinstance(error, pymysql.err.MySQLError)
    is_lost = session is not None and not session.is_usable and not isinstance(error, SessionCancelled)
    if not (is_of_driver or is_lost):
        return DbtRuntimeError(without_secrets(str(error)))
    text = database_error(error, sql, session)
    if session is not None and not session.closed and is_link_lost(error):
        # nothing more may be sent: a server that said so has closed the session, or is about to
        session.connection.abandon()
    return text


def database_error(error: Exception, sql: str, session: Session | None) -> DatabaseError:
    """Give the text for what the driver raised for ``sql`` on ``session``; ``error`` loses its secrets as well."""
    code = code_of(error)
    place = str(session.endpoint) if session else "no session"
    if is_link_lost(error) or (session is not None and not session.is_usable):
        return DatabaseError(_lost(error, sql, session, place), code)
    text = answer_without_secrets(text_of(error), sql)
    if text != text_of(error):
        # dbt writes the errors that led to its own into its log
        error.args = (*error.args[:-1], text)
    if code in NO_RIGHTS:
        return DatabaseError(one_line(f"{place}: {one_line(text, 160)} ({code}); {STATEMENT[code].remedy}"), code)
    shown = "no code" if code is None else code
    return DatabaseError(f"{text} ({shown}, {place}){_advice(code, text, sql, session)}\nin: {_shown(sql)}", code)


def _advice(code: int | None, text: str, sql: str, session: Session | None) -> str:
    if code == NO_STATEMENT and session is not None and (missing := _UNKNOWN_TYPE.search(text)):
        version = _version(session)
        return f"\n{missing[1].lower()}: {version} has no such type, seekdb 1.3 has: change data_type or column_types"
    said, is_commit = text.lower(), lexer.verb(sql) == "commit"
    if code in UNKNOWN or (code == 4012 and ("unknown" in said or is_commit)):
        return f"\n{_unknown(sql)}"
    if code == 4012 and "transaction" in said:
        return "\nthe transaction took longer than transaction_timeout: raise it in the profile"
    if code in STATEMENT:
        return "\n{0.meaning}: {0.remedy}".format(STATEMENT[code])
    return ""


def _version(session: Session) -> str:
    """Give the server's version in its own words; the greeting of some has a part of it only."""
    try:
        return str(session.run("select version()").fetchone()[0])
    except OF_A_STATEMENT:
        return "this server"


_RERUN = "rerun the node, which builds the same rows again; where it appends rows, look first whether they are there"


def _unknown(sql: str) -> str:
    what = "the transaction was committed" if lexer.verb(sql) == "commit" else "the statement took effect"
    return f"whether {what} is unknown: {_RERUN}"


def was_ended(error: Exception, session: Session) -> bool:
    """Tell whether a statement failed because it was ended from outside, and not of itself."""
    return code_of(error) == KILLED or is_link_lost(error) or not session.is_usable


def ended_by_watchdog(error: Exception, sql: str, watchdog: StatementTimeout, session: Session) -> DatabaseError:
    """Say that ``sql`` ran into the adapter's own time limit, for whom it waited, and what to raise.

    KILL QUERY undoes it; of one whose link was cut, or lost meanwhile, nobody on this side knows the outcome.
    """
    verb = lexer.verb(sql)
    waits = verb.startswith(WAITS_FOR_OTHERS)
    field = "lock_timeout" if waits else "query_timeout"
    code = code_of(error)
    how = "was ended" if code == KILLED else "was cut off"
    shown = type(error).__name__ if code is None else code
    text = f"{verb} ran longer than {field} ({watchdog.seconds:g} s) and {how} ({shown}, {session.endpoint})"
    if code != KILLED and (outcome := _outcome(sql, session)):
        text += f"\n{outcome}"
    if waits:
        holders = "; ".join(watchdog.waited_for) or "a session with an open transaction on the relation"
        text += f"\nit waited for {holders}: end that transaction, or raise {field}"
    else:
        text += f"\nraise {field} in the profile if it may rightly take longer"
    if not session.is_usable:
        session.lost = f"it was shut down, since {verb} did not end at {field}"
    return DatabaseError(f"{text}\nin: {_shown(sql)}", code)


_NO_ANSWER = "no answer came, and the server ran nothing for it any more"


def _lost(error: Exception, sql: str, session: Session | None, place: str) -> str:
    if session is not None and session.lost:
        return f"the connection to {place} was lost earlier in this node: {session.lost}"
    reason = lost_reason(error)
    if session is not None:
        reason = _NO_ANSWER if session.unanswered else reason
        session.lost = reason
    text = f"the connection to {place} was lost: {reason}"
    if outcome := _outcome(sql, session):
        text += f"\n{outcome}"
    return f"{text}\nin: {_shown(sql)}"


def lost_reason(error: Exception) -> str:
    """Give in one line what was said when the link was found lost."""
    code = code_of(error)
    shown = type(error).__name__ if code is None else code
    return f"{one_line(without_secrets(text_of(error)) or 'the session is closed', 120)} ({shown})"


_OF_THE_TRANSACTION = ("insert", "replace", "update", "delete", "select", "with", "savepoint", "rollback", "begin")
"""What takes effect with the COMMIT that ends its transaction. DDL and LOAD DATA commit by themselves."""


def _outcome(sql: str, session: Session | None) -> str:
    """Say what is known of the effect of ``sql``, on whose way to the server or back the link was lost."""
    verb, kind = lexer.verb(sql), lexer.kind(sql)
    if session is not None and session.in_transaction and verb.startswith(_OF_THE_TRANSACTION):
        return "its transaction was not committed, so the server rolls it back: rerun the node with dbt retry"
    leaves_nothing = kind in (Kind.READ, Kind.SESSION) or verb in ("begin", "rollback", "savepoint")
    return "" if leaves_nothing else _unknown(sql)


def _shown(sql: str) -> str:
    head = _COMMENTS.sub("", sql[: 16 * _SHOWN])
    # first: the cut would part a secret from the words that tell it
    return one_line(without_secrets(head[: 8 * _SHOWN]), _SHOWN)
