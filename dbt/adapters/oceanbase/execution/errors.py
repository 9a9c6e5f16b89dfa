"""Convert the errors of a statement to dbt's errors.

The text of an error has its code, its meaning, the address of the server and a remedy. Secrets are removed. The
functions only create texts and errors. The module ``runner`` changes the session and the connection after an error.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

import pymysql
from dbt_common.exceptions import DbtDatabaseError, DbtRuntimeError

from ..connect import SessionCancelled
from ..connect.codes import OVERWRITE_IN_TRANSACTION, STATEMENT, UNKNOWN
from ..connect.errors import KILLED, code_of, is_link_lost, one_line, text_of
from ..sql.lexer import Kind
from ..sql.statement import Statement, without_secrets

if TYPE_CHECKING:
    from ..connect import Session
    from ..connect.control.timeout import StatementTimeout

STATEMENT_ERRORS = (
    pymysql.err.MySQLError,
    SessionCancelled,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AssertionError,
    struct.error,
)
"""Exceptions that running a statement can raise.

They come from the driver, from its parsing of a broken answer, and from inserting the bindings into the text.
SessionCancelled comes from ``Session.run``.
"""

NO_STATEMENT = 1064
"""Error code for a statement that the server cannot parse. The statement may use a feature of other versions."""

NO_RIGHTS = frozenset({1044, 1142, 1143, 1227, 1370})
"""Error codes for a missing right. The text of such an error is one line, like the text of a ``ConnectError``."""

_NOT_SUPPORTED = 1235

_UNKNOWN_TYPE = re.compile(r"near '(roaringbitmap)\b", re.I)
"""Finds, in the text of error 1064, the name of a type that only some versions of the server have.

If there is one, the adapter's error names the servers that have the type. This is done for no other type.
"""

_COMMENTS = re.compile(r"\A(?:\s+|/\*(?![+!]).*?\*/)+", re.S)

_SHOWN = 160
"""Maximum characters of the statement in an error's text."""

_UNANSWERED = "no answer came, and the server ran nothing for it any more"

_RERUN = "rerun the node, which builds the same rows again; where it appends rows, look first whether they are there"

_TRANSACTIONAL = ("insert", "replace", "update", "delete", "select", "with", "savepoint", "rollback", "begin")
"""Verbs of statements that take effect with the COMMIT of their transaction. DDL and LOAD DATA commit by themselves."""


class DatabaseError(DbtDatabaseError):
    """A statement failed on the server, or its connection was lost.

    ``server_code`` is the code of the server's or the driver's error, or None if the error has no code.
    """

    def __init__(self, text: str, server_code: int | None) -> None:
        super().__init__(text)
        self.server_code = server_code

    @property
    def reason(self) -> str:
        """The part of the message before ``(code, server)``, usually the text of the server's error.

        If the message does not contain ``(code, server)``, the reason is the whole message.
        """
        return str(self.msg).partition(f" ({self.server_code}, ")[0]


def translated(
    error: Exception, statement: Statement, session: Session | None, version: str | None = None
) -> DbtRuntimeError:
    """Return dbt's error for ``error``, one of ``STATEMENT_ERRORS``, raised for ``statement`` on ``session``.

    The result is a DatabaseError if the server refused the statement or the connection was lost, and otherwise a plain
    DbtRuntimeError. If ``error`` comes from PyMySQL, the caller must first remove the secrets from its text.
    ``version`` is the server's version. It is needed only if ``names_unknown_type`` is true for ``error``.
    """
    if has_lost_link(error, session):
        return _lost_link(error, statement, session)
    if not isinstance(error, pymysql.err.MySQLError):
        return DbtRuntimeError(without_secrets(str(error)))
    code, text = code_of(error), text_of(error)
    if code in NO_RIGHTS:
        text = f"{_place(session)}: {one_line(text, 160)} ({code}); {STATEMENT[code].remedy}"
        return DatabaseError(one_line(text), code)
    shown = "no code" if code is None else code
    advice = _advice(code, text, statement, version)
    return DatabaseError(f"{text} ({shown}, {_place(session)}){advice}\nin: {_shown(statement)}", code)


def has_lost_link(error: Exception, session: Session | None) -> bool:
    """Check whether the connection of ``session`` to the server is lost.

    It is lost if ``error`` is an error that says so. It is also lost if ``session`` is not usable, unless ``error`` is
    a SessionCancelled, which the adapter itself raises.
    """
    is_unusable = session is not None and not session.is_usable and not isinstance(error, SessionCancelled)
    return is_unusable or is_link_lost(error)


def names_unknown_type(error: Exception) -> bool:
    """Check whether ``error`` is a syntax error at the name of a type that other versions of the server have.

    The only such type is ROARINGBITMAP.
    """
    return code_of(error) == NO_STATEMENT and _UNKNOWN_TYPE.search(text_of(error)) is not None


def lost_reason(error: Exception, session: Session | None = None) -> str:
    """Return the reason why the connection of ``session`` to the server was lost, in one line without secrets.

    ``error`` is the error with which it was lost.
    """
    if session is not None and session.unanswered:
        return _UNANSWERED
    code = code_of(error)
    shown = type(error).__name__ if code is None else code
    return f"{one_line(without_secrets(text_of(error)) or 'the session is closed', 120)} ({shown})"


def no_new_session(lost: DbtRuntimeError, refused: DbtRuntimeError) -> DatabaseError:
    """Return the error to raise if a connection was lost and no new one could be opened in its place.

    ``lost`` is the error for the lost connection, and ``refused`` the error of opening the new one. The returned error
    has the texts of both.
    """
    return DatabaseError(
        f"{lost.msg}\nno new connection could be opened: {refused.msg}", getattr(lost, "server_code", None)
    )


def was_ended(error: Exception, session: Session) -> bool:
    """Check whether a statement on ``session`` was killed, or its connection to the server was shut down or lost.

    ``error`` is the error with which the statement failed.
    """
    return code_of(error) == KILLED or is_link_lost(error) or not session.is_usable


def ended_by_timeout(
    error: Exception, statement: Statement, timeout: StatementTimeout, session: Session, field: str | None = None
) -> DatabaseError:
    """Return the error to raise for ``statement``, which the adapter has ended at its time limit.

    ``error`` is the driver's error for the statement on ``session``. ``field`` is the name of the setting that the text
    advises to increase. None means the profile field that limits this statement. For DDL that waits for locks, the text
    also names the sessions that held locks, which ``timeout`` has found. The adapter ends a statement by KILL QUERY, or
    by shutting the connection down. The server undoes a statement that KILL QUERY ends, except for DROP INDEX. After a
    shutdown or a lost connection, the text also says whether the statement may have taken effect.
    """
    field, code = field or _limiting_field(statement), code_of(error)
    how = "was ended" if code == KILLED else "was cut off"
    shown = type(error).__name__ if code is None else code
    text = f"{statement.verb} ran longer than {field} ({timeout.seconds:g} s) and {how} ({shown}, {session.endpoint})"
    if code != KILLED and (outcome := _outcome(statement, session)):
        text += f"\n{outcome}"
    if statement.waits_for_others:
        holders = "; ".join(timeout.waited_for) or "a session with an open transaction on the relation"
        text += f"\nit waited for {holders}: end that transaction, or raise {field}"
    else:
        place = "" if field.endswith("node") else " in the profile"
        text += f"\nraise {field}{place} if it may rightly take longer"
    return DatabaseError(f"{text}\nin: {_shown(statement)}", code)


def shut_down_reason(statement: Statement) -> str:
    """Return the reason, in one line, for the shutdown of a session whose statement did not end at its time limit."""
    return f"it was shut down, since {statement.verb} did not end at {_limiting_field(statement)}"


def _limiting_field(statement: Statement) -> str:
    return "lock_timeout" if statement.waits_for_others else "query_timeout"


def _place(session: Session | None) -> str:
    return "no session" if session is None else str(session.endpoint)


def _advice(code: int | None, text: str, statement: Statement, version: str | None) -> str:
    if code == NO_STATEMENT and version is not None and (missing := _UNKNOWN_TYPE.search(text)):
        return f"\n{missing[1].lower()}: {version} has no such type, seekdb 1.3 has: change data_type or column_types"
    said, is_commit = text.lower(), statement.verb == "commit"
    if code in UNKNOWN or (code == 4012 and ("unknown" in said or is_commit)):
        return f"\n{_unknown(statement)}"
    if code == 4012 and "transaction" in said:
        return "\nthe transaction took longer than transaction_timeout: raise it in the profile"
    known = STATEMENT.get(code) if code is not None else None
    if code == _NOT_SUPPORTED and statement.verb == "insert overwrite" and "within a transaction" in said:
        known = OVERWRITE_IN_TRANSACTION
    return f"\n{known.meaning}: {known.remedy}" if known else ""


def _lost_link(error: Exception, statement: Statement, session: Session | None) -> DatabaseError:
    place, code = _place(session), code_of(error)
    if session is not None and session.lost:
        return DatabaseError(f"the connection to {place} was lost earlier in this node: {session.lost}", code)
    text = f"the connection to {place} was lost: {lost_reason(error, session)}"
    if outcome := _outcome(statement, session):
        text += f"\n{outcome}"
    return DatabaseError(f"{text}\nin: {_shown(statement)}", code)


def _outcome(statement: Statement, session: Session | None) -> str:
    """Return a sentence that says what ``statement`` may have changed, although its connection was lost meanwhile.

    ``session`` is the session of the statement, or None. The sentence is empty for a statement that leaves nothing
    behind, such as a query.
    """
    verb = statement.verb
    if session is not None and session.in_transaction and verb.startswith(_TRANSACTIONAL):
        return "its transaction was not committed, so the server rolls it back: rerun the node with dbt retry"
    leaves_nothing = statement.kind in (Kind.READ, Kind.SESSION) or verb in ("begin", "rollback", "savepoint")
    return "" if leaves_nothing else _unknown(statement)


def _unknown(statement: Statement) -> str:
    what = "the transaction was committed" if statement.verb == "commit" else "the statement took effect"
    return f"whether {what} is unknown: {_RERUN}"


def _shown(statement: Statement) -> str:
    # secrets are removed before the text is cut, because a cut could separate them from the words that identify them
    text = statement.text if statement.is_abridged else statement.redacted
    head = _COMMENTS.sub("", text[: 16 * _SHOWN])
    return one_line(without_secrets(head[: 8 * _SHOWN]), _SHOWN)
