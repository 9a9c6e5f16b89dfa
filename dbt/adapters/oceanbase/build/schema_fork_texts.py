"""Rewrite the definitions of tables, views and functions of a schema, so that they are created in a fork of the schema.

A fork is a copy of a schema for development. This module also compares the SQL modes that a function's text depends on,
and reads the comment of the marker, the table by which a schema is recognized as a fork.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..connect.quoting import identifier
from ..connect.session.settings import INCOMPATIBLE_MODES
from ..sql import lexer

MARKED = "made by dbt run-operation oceanbase__fork_schema from "
"""Start of the comment of the marker table. The whole is ``made by ... from <forked schema> as <fork>``."""

_HEADER = re.compile(r"create\s+(?:definer\s*=\s*\S+\s+)?(materialized view|view|function)\s+`(?:[^`]|``)+`", re.I)
_FOREIGN_KEY = re.compile(r"CONSTRAINT `(?:[^`]|``)+` FOREIGN KEY |FOREIGN KEY ")
_UNREADABLE_MODES = frozenset(INCOMPATIBLE_MODES)
_HARMLESS_MODES = frozenset({"NO_AUTO_VALUE_ON_ZERO", "NO_AUTO_CREATE_USER", ""})


class RepointError(Exception):
    """The definition of a view or function cannot be rewritten for another schema with certainty."""


def origin_in(comment: str, schema: str, fold: Callable[[str], str] = str.lower) -> str | None:
    """Return the name of the original schema of which ``schema`` is a fork, or None if ``schema`` is no fork.

    ``comment`` is the comment of the marker table in ``schema``. In a fork, this comment is the text MARKED followed by
    ``<original> as <fork>``. The result is None if the comment has another form, such as '', or if ``<fork>`` is not
    ``schema``. In the second case, somebody has copied the marker table from another schema. ``fold`` converts names so
    that they can be compared.
    """
    end = f" as {schema}"
    if not comment.startswith(MARKED) or fold(comment[-len(end) :]) != fold(end):
        return None
    return comment[len(MARKED) : -len(end)]


def check_modes(own: str, current: str) -> None:
    """Raise RepointError if a function may mean something else when it is created again in the session's SQL mode.

    ``own`` is the SQL mode in which the function was first created, and ``current`` is the SQL mode of the session.
    Both are lists joined by commas. Also raise the error if ``own`` contains a mode, such as ANSI_QUOTES, in which the
    adapter cannot read the function's text. Differences in modes about AUTO_INCREMENT or users are ignored.
    """
    modes, others = (set(text.upper().split(",")) - _HARMLESS_MODES for text in (own, current))
    if modes & _UNREADABLE_MODES:
        raise RepointError(f"its text cannot be read, because it was created with the sql_mode {own}")
    if differing := sorted(modes ^ others):
        raise RepointError(
            f"it was created with another sql_mode than that of this session, they differ by {', '.join(differing)}: "
            "set sql_mode in the profile for this operation"
        )


def create_like(shown: str, clone: str) -> str:
    """Return CREATE TABLE for the table ``clone``, with the definition in ``shown`` but without foreign keys.

    ``clone`` is the quoted name of the new table, with its schema. ``shown`` is the text of SHOW CREATE TABLE. This
    text is split at line ends, because the server puts each column and key on a line of its own, and writes line ends
    inside of literals as escapes.
    """
    body, end, tail = shown.partition("(\n  ")[2].partition("\n) ")
    items = [item for item in re.split(r",\n  (?=[`A-Z])", body) if not _FOREIGN_KEY.match(item)]
    listed = ",\n  ".join(items)
    return f"create table {clone} (\n  {listed}{end}{tail}"


def repointed(shown: str, name: str, source: str, target: str, fold: Callable[[str], str] = str.lower) -> str:
    """Return the definition ``shown``, changed so that it creates a view or function in the schema ``target``.

    ``shown`` is the text of SHOW CREATE. ``name`` is the quoted name of the new view or function, with its schema.
    ``source`` is the schema that ``shown`` refers to. Where ``source`` stands before a dot, it is replaced by
    ``target``. ``fold`` converts names so that they can be compared.

    Raise RepointError if ``shown`` cannot be parsed, or if ``source`` is also the name of something else in it, such as
    a table or an alias. A ``source`` before a dot might then be this name and not the schema. There is one exception: a
    column of a view may have this name. It is recognized by the AS that the server writes before it.
    """
    header = _HEADER.match(shown)
    if header is None:
        raise RepointError("its definition cannot be read")
    text = shown[header.end() :]
    starts = [start for start, _ in lexer.tokens(text)]
    words = [text[start:end] for start, end in zip(starts, lexer.token_ends(text), strict=True)]
    pieces, position = [f"create {header[1]} {name}"], 0
    for index, (start, word) in enumerate(zip(starts, words, strict=True)):
        before = words[index - 1].lower() if index else ""
        if before == "." or fold(_unquoted(word)) != fold(source):
            continue
        if words[index + 1 : index + 2] == ["."]:
            pieces += [text[position:start], identifier(target)]
            position = start + len(word)
        elif before != "as" or header[1].lower() == "function":
            raise RepointError(f"it uses {source} as the name of something else than the schema")
    return "".join([*pieces, text[position:]])


def _unquoted(word: str) -> str:
    return word[1:-1].replace("``", "`") if word.startswith("`") else word
