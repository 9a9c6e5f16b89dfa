"""The class for an SQL statement. Its properties say what the statement does, for example to the open transaction.

A property is derived from the text of the statement when it is first used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from typing import Any, Generic, TypeVar

from . import lexer, redaction
from .lexer import Kind

_T = TypeVar("_T")


_USER_LOCKS = frozenset(["get_lock", "release_lock", "release_all_locks"])
_SESSION_MARKS = re.compile(rf":=|{'|'.join(sorted(_USER_LOCKS))}|into\s*[@/#-]", re.I)

_REPEATABLE_QUERIES = frozenset(["select", "with"])
_INSPECTIONS = frozenset(["show", "desc", "describe", "explain"])

_SESSION_FUNCTIONS = frozenset(
    (
        "currval",
        "`currval`",
        "error_count",
        "found_rows",
        "identity",
        "last_insert_id",
        "last_trace_id",
        "row_count",
        "warning_count",
    )
)
"""Functions, pseudo-columns and system variables whose value depends on earlier statements of the same session."""

_SHOWN_OF_LAST_STATEMENT = frozenset(["warnings", "errors", "trace", "profile", "profiles"])
"""Words after SHOW in statements that describe the previous statement of the session."""

_INTO_FILES = frozenset([("into", "outfile"), ("into", "dumpfile")])

_EXECUTED_BY_EXPLAIN = frozenset(["analyze", "into", "set", "insert", "update", "delete", "replace", "merge"])
"""Words in an EXPLAIN with which it may execute the explained statement or store its plan."""

_NEEDS_NO_TRANSACTION = (Kind.READ, Kind.DDL, Kind.SESSION, Kind.TRANSACTION)

_WAITS_FOR_OTHERS = ("rename", "drop", "truncate", "create database")

ABRIDGED = 512
"""Number of characters of an abridged statement that are logged, the same as in dbt's own connection manager."""

_HEAD = 8
"""Number of words at the start of a DDL statement that are searched for ``or replace``, ``if exists`` and the like."""


class _CachedProperty(Generic[_T]):
    """A property that is computed once per statement.

    It is used instead of ``functools.cached_property``, which uses a lock before Python 3.12. After a fork, that lock
    could remain locked in the child process.
    """

    def __init__(self, compute: Callable[[Any], _T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, statement: object, owner: type | None = None) -> _T:
        value = vars(statement)[self._name] = self._compute(statement)
        return value


class Statement:
    """One SQL statement.

    ``is_abridged`` marks a large statement that consists of literals, such as an INSERT of a seed. Of such a
    statement, the log shows only the beginning.
    """

    def __init__(self, text: str, *, is_abridged: bool = False) -> None:
        self.text = text
        self.is_abridged = is_abridged

    def __repr__(self) -> str:
        return f"<Statement {self.verb}>"

    @_CachedProperty
    def verb(self) -> str:
        """The leading keywords in lower case, such as ``select`` or ``drop table``. See ``lexer.verb``."""
        return lexer.verb(self.text)

    @_CachedProperty
    def kind(self) -> Kind:
        """What the statement does to the transaction and the session, such as ``Kind.READ`` or ``Kind.DDL``."""
        return lexer.kind(self.text, self.verb)

    @_CachedProperty
    def tokens(self) -> Sequence[tuple[int, str]]:
        """The words, strings, names and signs of the statement in lower case, each as ``(position, text)``."""
        return tuple(lexer.tokens(self.text))

    @_CachedProperty
    def redacted(self) -> str:
        """The text with stars in place of its secrets."""
        return redaction.redact(self.text, self._passwords)

    @_CachedProperty
    def logged(self) -> str:
        """The text for dbt's log, without secrets. If the statement is abridged, it is only the beginning."""
        if self.is_abridged:
            return f"{without_secrets(self.text[:ABRIDGED])}..."
        return self.redacted

    def redact_answer(self, answer: str) -> str:
        """Return ``answer``, the server's error message for this statement, with stars in place of secrets.

        The message may repeat a part of the statement, even one that begins or ends inside a secret.
        """
        return without_secrets(redaction.redact_repeated(answer, self.text, self._passwords))

    @_CachedProperty
    def _passwords(self) -> Sequence[redaction.Span]:
        if not redaction.may_hold_passwords(self.text, self.verb):
            return ()
        return redaction.find_passwords(self.text, self.verb, self.tokens)

    @_CachedProperty
    def changes_session(self) -> bool:
        """Whether the statement leaves something behind in the session.

        That may be a variable, another current database, a prepared statement or a lock. The result is true as well for
        unknown statements, for XA statements, and for CALL, because a procedure may do anything.
        """
        if self.kind in (Kind.SESSION, Kind.OTHER) or self.verb in ("call", "xa"):
            return True
        if self.verb == "load":
            # LOAD DATA reads columns of its file into user variables
            return "@" in (word for _, word in self.tokens)
        if self.kind is Kind.READ or not _SESSION_MARKS.search(self.text):
            return False
        words = [word for _, word in self.tokens]
        if self.kind is Kind.WRITE and ("into", "@") in pairwise(words):
            return True
        return (":", "=") in pairwise(words) or not _USER_LOCKS.isdisjoint(words)

    @property
    def needs_transaction(self) -> bool:
        """Whether the statement must run in the transaction that dbt has begun.

        Queries and other reads need no transaction, and DDL commits by itself. INSERT OVERWRITE needs none either: it
        is atomic, and the server refuses it in a transaction.
        """
        return self.kind not in _NEEDS_NO_TRANSACTION and self.verb != "insert overwrite"

    @property
    def may_wait_for_rows(self) -> bool:
        """Whether the statement may have to wait for a row lock of another session. Queries and DDL do not."""
        return self.kind in (Kind.WRITE, Kind.OTHER)

    @property
    def waits_for_others(self) -> bool:
        """Whether the statement is DDL that takes long only if it has to wait for other sessions.

        That is true for RENAME, DROP, TRUNCATE and CREATE DATABASE. All other DDL may need a long time for its own
        work. The server never ends DDL at a time limit, not even if ``ob_query_timeout`` is set.
        """
        return self.kind is Kind.DDL and self.verb.startswith(_WAITS_FOR_OTHERS)

    @property
    def is_refresh(self) -> bool:
        """Whether the statement is a CALL that refreshes a materialized view. The server does not limit its time."""
        return self.verb == "call" and "dbms_mview" in (word for _, word in islice(self.tokens, 4))

    @property
    def is_undone_by_failure(self) -> bool:
        """Whether the statement, run outside of a transaction, has no effect if the server reports an error for it.

        It is false for CALL, since a procedure commits each of its statements. The exceptions are the procedures
        of the package DBMS_AI_SERVICE, which change one entry each. It is false for LOAD DATA, which commits its rows
        in portions, and for SELECT ... INTO OUTFILE, whose files remain. It is also false for statements that change
        the session, since variables keep their new values, for statements that begin or end a transaction, and for
        unknown statements.
        """
        if self.verb == "call":
            return [word for _, word in islice(lexer.tokens(self.text), 2)] == ["call", "dbms_ai_service"]
        is_known = self.kind in (Kind.READ, Kind.WRITE, Kind.DDL) and self.verb != "load"
        return is_known and not self.changes_session and not self._writes_files

    @property
    def _writes_files(self) -> bool:
        if self.verb not in _REPEATABLE_QUERIES or self.kind is not Kind.WRITE:
            return False
        return any(pair in _INTO_FILES for pair in pairwise(word for _, word in self.tokens))

    @property
    def is_query(self) -> bool:
        """Whether the statement is a SELECT or WITH that changes nothing by itself.

        A function that the query calls may still change data.
        """
        return self.verb in _REPEATABLE_QUERIES and self.kind is Kind.READ

    @_CachedProperty
    def may_run_twice(self) -> bool:
        """Whether a second run in an unchanged session returns the same and has the same effect as the first.

        That is true for queries that change nothing (see ``is_query``) and for SHOW, DESC and EXPLAIN, with two
        exceptions. One is a statement that reads a user variable or the results of earlier statements in the session.
        The other is an EXPLAIN that executes the explained statement or stores its plan. Of DDL, it is true for DROP
        ... IF EXISTS, CREATE DATABASE IF NOT EXISTS and CREATE OR REPLACE VIEW.
        """
        if self.kind is not Kind.READ:
            return self._is_idempotent_ddl
        words = [word for _, word in self.tokens]
        if self.verb in _REPEATABLE_QUERIES:
            return _SESSION_FUNCTIONS.isdisjoint(words) and not _reads_user_variable(words)
        excluded = _SHOWN_OF_LAST_STATEMENT if self.verb == "show" else _EXECUTED_BY_EXPLAIN
        return self.verb in _INSPECTIONS and excluded.isdisjoint(words)

    @property
    def _is_idempotent_ddl(self) -> bool:
        words = [word for _, word in islice(lexer.tokens(self.text), _HEAD)]
        if self.verb.startswith("drop ") and self.kind is Kind.DDL:
            return ("if", "exists") in pairwise(words)
        if self.verb == "create database":
            return words[2:5] == ["if", "not", "exists"]
        return self.verb == "create view" and words[1:3] == ["or", "replace"]


def without_secrets(text: str) -> str:
    """Return ``text`` with stars in place of its secrets.

    Secrets are passwords, which follow words such as ``identified by``, and access keys for external storage. ``text``
    is a statement, whose end may be cut off, or any text that contains statements.
    """
    return Statement(text).redacted


def _reads_user_variable(words: list[str]) -> bool:
    """Check whether the tokens ``words`` contain a user variable (``@x``). System variables (``@@x``) do not count."""
    around = zip(["", *words], words, [*words[1:], ""], strict=False)
    return any(word == "@" and "@" not in (before, after) for before, word, after in around)
