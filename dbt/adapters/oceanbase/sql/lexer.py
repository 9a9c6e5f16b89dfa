"""The SQL lexer, which finds the ends of statements, the comments and the kind of a statement.

It follows the rules of OceanBase's MySQL mode. Strings stand in single or double quotes with backslash escapes,
so ``NO_BACKSLASH_ESCAPES`` and ``ANSI_QUOTES`` are not supported. Names stand in backticks. Comments begin with ``#``,
stand between ``/*`` and ``*/``, or begin with ``--`` and a blank, a tab or a line end. ``/*! ... */`` is SQL that the
server runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from itertools import islice

_SPACE = " \t\n\r\f\v"

NAME_CHARACTERS = r"\w$\x80-\U0010ffff"
"""The characters of names without backticks, to be put into the brackets of a regular expression.

The server takes every character outside of ASCII, also combining marks and blanks such as U+00A0 (seen on seekdb 1.3
and 1.4).
"""

# Every alternative begins with a fixed character, so a search can skip to these characters quickly. Every alternative
# also matches if its end is missing, and then extends to the end of the text, so an unclosed quote causes no
# backtracking. A string with a doubled quote inside matches as two strings, the second of which ends where the string
# ends.
_QUOTED = r"""'[^'\\]*(?:\\.[^'\\]*)*(?:'|\\?\Z)|"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|`[^`]*(?:`|\Z)"""
_LINE = r"\#[^\r\n]*|--(?:[ \t][^\r\n]*|(?=[\r\n]))"
_BLOCK = r"/\*(?!!)[^*]*(?:\*(?!/)[^*]*)*"
_COMMENT = rf"{_LINE}|{_BLOCK}(?:\*/|\Z)"
_EXECUTABLE = rf"/\*!(?:[^'\"`\#*/-]+|{_QUOTED}|{_COMMENT}|[/-]|\*(?!/))*(?:\*/|\Z)"
_OPAQUE = rf"{_QUOTED}|{_COMMENT}|{_EXECUTABLE}"

_SEPARATOR = re.compile(rf"{_OPAQUE}|;()", re.S)
_DASHES = re.compile(
    rf"{_OPAQUE}"
    r"|\n[ \t]*--()(?![ \t\r\n])[^\r\n]*|\r[ \t]*--()(?![ \t\r\n])[^\r\n]*"
    r"|;[ \t]*--()(?![ \t\r\n])[^\r\n]*"
    r"|--(?<=[,(]--)()[^\r\n]*"
    r"|--(?<=[ \t]--)(?![0-9('\"`])()[^\r\n]*",
    re.S,
)
_BLANK = re.compile(rf"(?:[{_SPACE}]|{_LINE}|{_BLOCK}\*/)*", re.S)
_TOKEN = re.compile(rf"{_COMMENT}|/\*![0-9]{{0,5}}|\*/(?!\*)|({_QUOTED}|[{NAME_CHARACTERS}]+|\S)", re.S)
_END = rf"(?![{NAME_CHARACTERS}])"
_CLAUSE = re.compile(
    rf"{_QUOTED}|{_COMMENT}|(?P<open>\()|(?P<close>\))"
    rf"|(?P<assign>:=)|(?P<sequence>\.(?:\s|{_COMMENT})*(?:nextval{_END}|`nextval`)|\bnextval\s*\()"
    rf"|(?<![{NAME_CHARACTERS}.@])(?:(?P<query>select|values|table){_END}"
    rf"|(?P<change>insert|replace|update|delete|merge){_END}"
    r"|(?P<variable>into\s*@)|(?P<user_lock>(?:get_lock|release_lock|release_all_locks)\s*\()"
    rf"|(?P<lock>(?:into|for(?:\s|{_COMMENT})+(?:update|share)|lock\s+in\s+share){_END}))",
    re.S,
)
_CLAUSE_MARKS = ("into", "update", "share", ":=", "_lock", "nextval", "insert", "replace", "delete", "merge")


class Kind(str, Enum):
    """What a statement does to the transaction and the session (seen on seekdb 1.3 and 1.4).

    READ changes nothing. WRITE must run in the transaction, because it changes or locks rows, advances a sequence,
    writes a file, or is a CALL, which may do anything. DDL commits the open transaction, often even if the DDL fails
    afterwards. The error packet of the server does not show that commit. TRANSACTION begins or ends a transaction or
    sets a savepoint. SESSION commits nothing, but sets variables, changes the current database, or leaves prepared
    statements or locks behind. OTHER is everything else.
    """

    READ = "read"
    WRITE = "write"
    DDL = "ddl"
    TRANSACTION = "transaction"
    SESSION = "session"
    OTHER = "other"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_KINDS = {
    Kind.READ: _words("show desc describe explain"),
    Kind.WRITE: _words("insert replace update delete load call merge"),
    Kind.DDL: _words("create alter drop rename truncate analyze optimize grant revoke comment fork purge flashback"),
    Kind.TRANSACTION: _words("begin start commit rollback savepoint release xa"),
    Kind.SESSION: _words("set use do prepare execute deallocate lock unlock"),
}
_KIND_OF_FIRST_WORD = {word: kind for kind, words in _KINDS.items() for word in words}
_KIND_OF_VERB = {
    **dict.fromkeys(("set password", "set default role"), Kind.DDL),
    **dict.fromkeys(("alter system", "create event", "alter event", "drop event"), Kind.OTHER),
    "drop prepare": Kind.SESSION,
}
_QUERIES = _words("select with values table")

_WHOLE = {"truncate": "truncate table", "lock": "lock tables", "unlock": "unlock tables"}
_LONGER = ("insert overwrite", "set password", "set default role", "rollback to")
_WITH_OBJECT = _words("create drop alter rename analyze optimize fork flashback check checksum start release")
_OBJECT_NAMES = {"tables": "table", "schema": "database", "materialized": "materialized view"}
_MODIFIERS = _words(
    "or replace force noforce temporary external unique fulltext spatial vector global local aggregate"
    " algorithm definer sql security invoker"
)

_ROUTINE = re.compile("create (?:procedure|function|trigger|event)|alter event")
_NO_BODY_AFTER = _words("procedure function trigger event before after or character returns")
_SIMPLE_BODIES = _words("return select set insert update delete replace call create alter drop")
_STATEMENT_STARTS = _words("; : begin then else do loop repeat")
_CONTROL = _words("if loop while repeat")
_IN_CONDITIONS = _words("handler for , not sqlstate value")
"""Words and signs after which the conditions of a DECLARE ... HANDLER go on, so that its statement does not begin."""


def is_name_dot(before: str, sign: str) -> bool:
    """Check whether the token ``sign`` is the dot of a name such as ``t.order``. ``before`` is the token before it.

    The dot of a number, such as ``1.``, is none: after it, ``order`` is a keyword.
    """
    return sign == "." and not before.isdigit()


def split(sql: str) -> list[str]:
    """Return the single statements of ``sql``, without ``;`` and surrounding white space.

    A ``;`` in quoted text, in a comment, or in the body of a procedure, function, trigger or event does not end a
    statement. A comment is part of the statement after it, and comments alone are not a statement. A string, comment or
    body that is never closed extends to the end of the text, and the server reports the error. ``--x`` is not a comment
    for this function, so call ``standard_comments`` first if it may occur as a comment. An empty ``--`` comment at the
    end of a statement is removed, because the server refuses it there (error 1064).
    """
    statements = (_trimmed(piece) for piece in _pieces(sql))
    return [statement for statement in statements if not _is_blank(statement)]


def _pieces(sql: str) -> Iterator[str]:
    if ";" not in sql:
        yield sql
        return
    start = 0
    while start < len(sql):
        is_routine = _ROUTINE.fullmatch(verb(sql, start))
        end = _routine_end(sql, start) if is_routine else _next_separator(sql, start)
        yield sql[start:end]
        start = end + 1


def _trimmed(piece: str) -> str:
    text = piece.rstrip(_SPACE)
    while len(text) < len(piece) and text.endswith("--") and not text.endswith("---"):
        piece = text[:-2]
        text = piece.rstrip(_SPACE)
    return text.lstrip(_SPACE)


def _is_blank(text: str) -> bool:
    blank = _BLANK.match(text)
    return blank is not None and blank.end() == len(text)


def _next_separator(sql: str, start: int) -> int:
    return next((match.start() for match in _SEPARATOR.finditer(sql, start) if match.lastindex), len(sql))


def _routine_end(sql: str, start: int) -> int:
    blocks: list[str] = []
    earlier, previous, parentheses, in_header, in_handler = "", "", 0, True, False
    for position, word in tokens(sql, start):
        if in_header:
            parentheses += (word == "(") - (word == ")")
            starts = bool(previous) and not parentheses and previous not in _NO_BODY_AFTER
            starts = starts and not is_name_dot(earlier, previous)
            if starts and word in _SIMPLE_BODIES:
                return _next_separator(sql, position)
        else:
            starts_in_handler = in_handler and word != "," and previous not in _IN_CONDITIONS
            starts = starts_in_handler or (previous in _STATEMENT_STARTS and blocks[-1:] != ["expression"])
            in_handler = (in_handler and not starts_in_handler) or (word == "handler" and earlier == "declare")
        if word == ";" and not blocks:
            return position
        if (
            word == "end"
            and blocks
            and (starts or (blocks[-1] in ("expression", "until") and not is_name_dot(earlier, previous)))
        ):
            blocks.pop()
        elif word == "until" and starts and blocks:
            blocks[-1] = "until"
        elif starts and (word == "begin" or word in _CONTROL):
            blocks.append(word)
        elif word == "case" and not parentheses and previous != "end" and not is_name_dot(earlier, previous):
            blocks.append("case" if starts else "expression")
        in_header = in_header and not blocks
        earlier, previous = previous, word
    return len(sql)


def tokens(sql: str, start: int = 0) -> Iterator[tuple[int, str]]:
    """Yield the position and the lower-case text of each token of ``sql``. Comments are skipped.

    A token is a word, a quoted string or name with its quotes, or a single other character. The text of strings and
    names is in lower case, too. ``start`` is the position in ``sql`` at which the first token is searched.
    """
    for match in _TOKEN.finditer(sql, start):
        if match.lastindex:
            yield match.start(), match[1].lower()


def token_ends(sql: str) -> list[int]:
    """Return the positions after the tokens of ``sql``, one for each token that ``tokens(sql)`` yields."""
    return [match.end() for match in _TOKEN.finditer(sql) if match.lastindex]


def standard_comments(sql: str) -> str:
    """Return ``sql`` with a blank after each ``--`` that begins a comment in standard SQL but not for the server.

    The server requires a blank after ``--``, because ``1--1`` is ``1 - (-1)``. A ``--`` without a blank is taken for a
    comment in three cases: it is the first text on its line or after ``;``, it follows ``,`` or ``(``, or it follows a
    blank and does not stand directly before a digit, ``(``, a quote or a backtick. All other text remains unchanged.
    """
    if "--" not in sql:
        return sql
    text = "\n" + sql  # so that the first line follows a line end, as every other line does
    ends = [match.end(match.lastindex) for match in _DASHES.finditer(text) if match.lastindex]
    if not ends:
        return sql
    return " ".join(text[start:end] for start, end in zip([1, *ends], [*ends, len(text)], strict=True))


def verb(sql: str, start: int = 0) -> str:
    """Return the leading keywords of a statement in lower case, such as ``select`` or ``drop table``.

    The statement begins at the position ``start`` of ``sql``. Comments, hints, opening parentheses and modifiers
    (``or replace``, ``unique``, ``definer = ...``) are skipped. Of words with the same meaning, one is returned: ``drop
    schema`` is ``drop database``. No more text is read than necessary. Return ``""`` if the statement does not begin
    with a word.
    """
    words = (word for _, word in tokens(sql, start) if word != "(")
    first = next(words, "")
    if first in _WITH_OBJECT:
        return f"{first} {_object(words)}".rstrip()
    if first in ("insert", "set", "rollback"):
        leading = " ".join((first, *islice(words, 2), "")).replace("rollback work ", "rollback ")
        return next((longer for longer in _LONGER if leading.startswith(f"{longer} ")), first)
    return _WHOLE.get(first, first if first[:1].isalpha() else "")


def _object(words: Iterator[str]) -> str:
    previous = ""
    for word in words:
        if word[0].isalpha() and word not in _MODIFIERS and previous not in ("=", "@"):
            return _OBJECT_NAMES.get(word, word)
        previous = word
    return ""


def kind(sql: str, leading: str) -> Kind:
    """Return the kind of the statement ``sql``: what it does to the transaction and the session, see ``Kind``.

    ``leading`` are the leading keywords of the statement, as ``verb`` returns them. Only queries (SELECT, WITH, VALUES,
    TABLE) are read to their end. A query that locks rows, writes a file or advances a sequence is WRITE. So is a WITH
    that is followed by a statement such as DELETE. A query that assigns user variables, or acquires or releases user
    locks (``get_lock``), is SESSION. All other queries are READ. The kind of all other statements follows from
    ``leading``.
    """
    first = leading.partition(" ")[0]
    if first in _QUERIES:
        return _query_kind(sql.lower())
    return _KIND_OF_VERB.get(leading) or _KIND_OF_FIRST_WORD.get(first, Kind.OTHER)


def _query_kind(sql: str) -> Kind:
    if not any(mark in sql for mark in _CLAUSE_MARKS):
        return Kind.READ
    result, depth, is_query = Kind.READ, 0, False
    for match in _CLAUSE.finditer(sql):
        clause = match.lastgroup
        depth += (clause == "open") - (clause == "close")
        is_query = is_query or (clause == "query" and not depth)
        if clause in ("lock", "sequence") or (clause == "change" and not depth and not is_query):
            return Kind.WRITE
        if clause in ("assign", "variable", "user_lock"):
            result = Kind.SESSION
    return result
