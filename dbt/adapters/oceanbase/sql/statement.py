"""What a statement does besides giving its result: to its session, and when it is sent a second time."""

from __future__ import annotations

import re
from itertools import islice, pairwise

from .lexer import Kind, kind, tokens, verb

_USER_LOCKS = frozenset(("get_lock", "release_lock", "release_all_locks"))
_MARKS = re.compile(rf":=|{'|'.join(sorted(_USER_LOCKS))}", re.I)

_QUERIES = frozenset({"select", "with"})
_LOOKS = frozenset({"show", "desc", "describe", "explain"})

_OF_THE_SESSION = frozenset(
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
"""Names in a query whose value is what earlier statements of the same session have left."""

_OF_THE_LAST_STATEMENT = frozenset(("warnings", "errors", "trace", "profile", "profiles"))
"""What SHOW gives of the statement before it."""

_DONE_BY_EXPLAIN = frozenset(("analyze", "into", "set", "insert", "update", "delete", "replace", "merge"))
"""Words by which EXPLAIN may run what it explains, or stores the plan."""

_NEEDS_NO_BEGIN = (Kind.READ, Kind.DDL, Kind.SESSION, Kind.TRANSACTION)

_HEAD = 8
"""Words of a DDL statement that hold its verb and what follows it: ``create or replace``, ``if exists``."""


def changes_session(sql: str) -> bool:
    """Tell whether ``sql`` leaves variables, another database, prepared statements or locks in its session.

    So does what is not known, and CALL, which may do anything.
    """
    of_kind = kind(sql)
    if of_kind in (Kind.SESSION, Kind.OTHER) or verb(sql) in ("call", "xa"):
        return True
    if of_kind is Kind.READ or not _MARKS.search(sql):
        return False
    words = [word for _, word in tokens(sql)]
    return (":", "=") in pairwise(words) or not _USER_LOCKS.isdisjoint(words)


def needs_begin(sql: str) -> bool:
    """Tell whether ``sql`` belongs into the transaction that dbt has begun.

    Reads need none, DDL commits, and INSERT OVERWRITE is refused in one and whole by itself.
    """
    return kind(sql) not in _NEEDS_NO_BEGIN and verb(sql) != "insert overwrite"


def is_undone_by_failure(sql: str) -> bool:
    """Tell whether nothing of ``sql`` is left where the server answers with an error, outside of a transaction.

    A procedure commits each of its statements, LOAD DATA its rows in portions, and variables keep what they have got.
    """
    known = kind(sql) in (Kind.READ, Kind.WRITE, Kind.DDL) and verb(sql) not in ("call", "load")
    return known and not changes_session(sql)


def is_query(sql: str) -> bool:
    """Tell whether ``sql`` is a SELECT or WITH that changes nothing by itself; functions in it may."""
    return verb(sql) in _QUERIES and kind(sql) is Kind.READ


def may_run_twice(sql: str) -> bool:
    """Tell whether ``sql``, in a session that nobody has changed, gives and leaves the same when it runs twice.

    Queries that change nothing, SHOW, DESC and EXPLAIN; DROP ... IF EXISTS, CREATE DATABASE IF NOT EXISTS and
    CREATE OR REPLACE VIEW. For a query see ``is_query``.
    """
    leading = verb(sql)
    words = [word for _, word in islice(tokens(sql), None if kind(sql) is Kind.READ else _HEAD)]
    if leading.startswith("drop ") and kind(sql) is Kind.DDL:
        return ("if", "exists") in pairwise(words)
    if leading == "create database":
        return words[2:5] == ["if", "not", "exists"]
    if leading == "create view":
        return words[1:3] == ["or", "replace"]
    if leading in _QUERIES:
        return is_query(sql) and _OF_THE_SESSION.isdisjoint(words) and not _reads_variable(words)
    return leading in _LOOKS and (_OF_THE_LAST_STATEMENT if leading == "show" else _DONE_BY_EXPLAIN).isdisjoint(words)


def _reads_variable(words: list[str]) -> bool:
    """Tell whether a variable of the user's is read: ``@x``, unlike the server's own ``@@x``."""
    around = zip(["", *words], words, [*words[1:], ""], strict=False)
    return any(word == "@" and "@" not in (before, after) for before, word, after in around)
