"""Rewrite definitions for the fork of a schema, so that they create its tables, views and functions in the fork.

This module also compares the SQL modes that a function's text depends on, and reads the comment of the marker, the
table by which a schema is recognized as a fork.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..connect.quoting import identifier
from ..connect.session.settings import INCOMPATIBLE_MODES
from ..sql import lexer

MARKED = "made by dbt run-operation oceanbase__fork_schema from "
"""Start of the comment of the marker. The name of the forked schema, `` as `` and the name of the fork follow."""

_HEADER = re.compile(r"create\s+(?:definer\s*=\s*\S+\s+)?(materialized view|view|function)\s+`(?:[^`]|``)+`", re.I)
_FOREIGN_KEY = re.compile(r"CONSTRAINT `(?:[^`]|``)+` FOREIGN KEY |FOREIGN KEY ")
_UNREADABLE_MODES = frozenset(INCOMPATIBLE_MODES)
_HARMLESS_MODES = frozenset({"NO_AUTO_VALUE_ON_ZERO", "NO_AUTO_CREATE_USER", ""})


class RepointError(Exception):
    """A definition that cannot be made for another schema without a doubt about its meaning."""


def origin_in(comment: str, schema: str, fold: Callable[[str], str] = str.lower) -> str | None:
    """Return the name of the forked schema in ``comment``, the comment of the marker in ``schema``.

    Return None if the comment is not one of ``fork_schema`` for ``schema``, such as that of a marker in a copy of a
    fork. ``fold`` makes names comparable.
    """
    end = f" as {schema}"
    if not comment.startswith(MARKED) or fold(comment[-len(end) :]) != fold(end):
        return None
    return comment[len(MARKED) : -len(end)]


def check_modes(own: str, current: str) -> None:
    """Raise RepointError if a function that was created in the SQL mode ``own`` may differ if created in ``current``.

    Both are SQL modes joined by commas. Modes in which the adapter cannot read the text of the function are refused
    even if the two are equal. Modes about numbers of AUTO_INCREMENT and about users do not count.
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
    """Return ``shown``, a table's text of SHOW CREATE TABLE, for the table ``clone`` and without foreign keys.

    The server puts each item on a line of its own, and writes line ends in texts as escapes.
    """
    body, end, tail = shown.partition("(\n  ")[2].partition("\n) ")
    items = [item for item in re.split(r",\n  (?=[`A-Z])", body) if not _FOREIGN_KEY.match(item)]
    listed = ",\n  ".join(items)
    return f"create table {clone} (\n  {listed}{end}{tail}"


def repointed(shown: str, name: str, source: str, target: str, fold: Callable[[str], str] = str.lower) -> str:
    """Return ``shown``, the result of SHOW CREATE, for the relation ``name`` and the schema ``target``.

    ``name`` is rendered. ``source`` is the name of the present schema. It is replaced by ``target`` where it stands
    before a dot, and nowhere else. ``fold`` makes names comparable. Raise RepointError if the definition cannot be
    read, or if something in it other than the schema is called ``source``, because a name before a dot may then be
    either. Only the name of a view's column may be ``source``: the server writes AS only before such names in views,
    but a function's text is as its author wrote it.
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
