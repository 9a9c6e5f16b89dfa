"""One SQL statement and what its text says about its effects. The text is read once, when a property is first used."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from typing import Any, Generic, TypeVar

from . import lexer, redaction
from .lexer import Kind

_T = TypeVar("_T")


_USER_LOCKS = frozenset(["get_lock", "release_lock", "release_all_locks"])
_SESSION_MARKS = re.compile(rf":=|{'|'.join(sorted(_USER_LOCKS))}", re.I)

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
"""Names in a query whose value depends on earlier statements of the same session."""

_SHOWN_OF_LAST_STATEMENT = frozenset(["warnings", "errors", "trace", "profile", "profiles"])
"""What SHOW returns about the statement before it."""

_EXECUTED_BY_EXPLAIN = frozenset(["analyze", "into", "set", "insert", "update", "delete", "replace", "merge"])
"""Words with which EXPLAIN may execute the explained statement or store the plan."""

_NEEDS_NO_TRANSACTION = (Kind.READ, Kind.DDL, Kind.SESSION, Kind.TRANSACTION)

_WAITS_FOR_OTHERS = ("rename", "drop", "truncate", "create database")

ABRIDGED = 512
"""Characters of an abridged statement in the log, as in dbt's own connection manager."""

_HEAD = 8
"""Words of a DDL statement that contain its verb and what follows it: ``create or replace``, ``if exists``."""


class _CachedProperty(Generic[_T]):
    """A property that is computed once per statement.

    ``functools.cached_property`` holds a lock before Python 3.12, and a fork could leave it locked in the child.
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
    """One SQL statement. ``is_abridged``: it is large and consists of literals, so the log shows its beginning only."""

    def __init__(self, text: str, *, is_abridged: bool = False) -> None:
        self.text = text
        self.is_abridged = is_abridged

    def __repr__(self) -> str:
        return f"<Statement {self.verb}>"

    @_CachedProperty
    def verb(self) -> str:
        """The leading keywords in lower case, as ``lexer.verb`` returns them."""
        return lexer.verb(self.text)

    @_CachedProperty
    def kind(self) -> Kind:
        """What the statement does, as ``lexer.kind`` returns it."""
        return lexer.kind(self.text, self.verb)

    @_CachedProperty
    def tokens(self) -> Sequence[tuple[int, str]]:
        """All tokens with their positions, as ``lexer.tokens`` yields them. This reads the whole text."""
        return tuple(lexer.tokens(self.text))

    @_CachedProperty
    def redacted(self) -> str:
        """The text with stars for its secrets."""
        return redaction.redact(self.text, self._passwords)

    @_CachedProperty
    def logged(self) -> str:
        """The text for dbt's log: redacted, and only its beginning if the statement is abridged."""
        if self.is_abridged:
            return f"{without_secrets(self.text[:ABRIDGED])}..."
        return self.redacted

    def redact_answer(self, answer: str) -> str:
        """Return the server's ``answer`` with stars for its secrets, also in the part of the text that it repeats."""
        return without_secrets(redaction.redact_repeated(answer, self.text, self._passwords))

    @_CachedProperty
    def _passwords(self) -> Sequence[redaction.Span]:
        if not redaction.may_hold_passwords(self.text, self.verb):
            return ()
        return redaction.find_passwords(self.text, self.verb, self.tokens)

    @_CachedProperty
    def changes_session(self) -> bool:
        """Whether the statement leaves variables, another current database, prepared statements or locks behind.

        True as well for statements that are not known, and for CALL, which may do anything.
        """
        if self.kind in (Kind.SESSION, Kind.OTHER) or self.verb in ("call", "xa"):
            return True
        if self.kind is Kind.READ or not _SESSION_MARKS.search(self.text):
            return False
        words = [word for _, word in self.tokens]
        return (":", "=") in pairwise(words) or not _USER_LOCKS.isdisjoint(words)

    @property
    def needs_transaction(self) -> bool:
        """Whether the statement belongs into the transaction that dbt has begun.

        Reads need none, DDL commits, and INSERT OVERWRITE is refused in a transaction and atomic without one.
        """
        return self.kind not in _NEEDS_NO_TRANSACTION and self.verb != "insert overwrite"

    @property
    def waits_for_others(self) -> bool:
        """Whether the statement is DDL that is done at once, or waits for others without a limit in the server.

        All other DDL may rightly take long; ``ob_query_timeout`` does not bound that either.
        """
        return self.kind is Kind.DDL and self.verb.startswith(_WAITS_FOR_OTHERS)

    @property
    def is_undone_by_failure(self) -> bool:
        """Whether nothing of the statement remains if the server answers with an error, outside of a transaction.

        A procedure commits each of its statements, LOAD DATA commits its rows in portions, and variables keep the
        values that they were given.
        """
        is_known = self.kind in (Kind.READ, Kind.WRITE, Kind.DDL) and self.verb not in ("call", "load")
        return is_known and not self.changes_session

    @property
    def is_query(self) -> bool:
        """Whether the statement is a SELECT or WITH that changes nothing by itself; functions in it may."""
        return self.verb in _REPEATABLE_QUERIES and self.kind is Kind.READ

    @_CachedProperty
    def may_run_twice(self) -> bool:
        """Whether a second run in an unchanged session returns and leaves the same as the first.

        True for queries that change nothing (see ``is_query``), SHOW, DESC and EXPLAIN; for DROP ... IF EXISTS, CREATE
        DATABASE IF NOT EXISTS and CREATE OR REPLACE VIEW.
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
    """Return ``text`` with stars for its secrets.

    Secrets are passwords (``identified by`` and the like) and keys of storage locations. ``text`` is a statement, whose
    end may be cut off, or any text that contains statements.
    """
    return Statement(text).redacted


def _reads_user_variable(words: list[str]) -> bool:
    """Check whether a user variable (``@x``) is read. System variables (``@@x``) do not count."""
    around = zip(["", *words], words, [*words[1:], ""], strict=False)
    return any(word == "@" and "@" not in (before, after) for before, word, after in around)
