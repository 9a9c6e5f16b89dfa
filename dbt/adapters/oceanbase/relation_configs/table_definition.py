"""Split the result of SHOW CREATE TABLE into its parts, such as columns, keys and options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..catalog.column_definitions import ColumnDefinition, parse_column_definitions
from ..sql import lexer

_KEY = re.compile(r"(?:[A-Z]+ )?(?:KEY|INDEX) (`(?:[^`]|``)+`) ")
_COLUMN_GROUP = re.compile(r"\s*WITH COLUMN GROUP\(([^()]*)\)\s*\Z")
_PARTITION = re.compile(r"\n\s*(?=partition by )")


@dataclass(frozen=True)
class TableDefinition:
    """The definition of an existing table, split into parts.

    ``columns`` has the definitions of the columns by name. ``keys`` has the texts of the indexes by name, without the
    primary key and without constraints. ``primary_key`` is the text of the primary key. ``options`` has the texts of
    the options by name in lower case. ``partition`` is the text from PARTITION BY on. ``column_group`` is the text in
    the parentheses of WITH COLUMN GROUP. A text is empty if the table has no such part.
    """

    columns: Mapping[str, ColumnDefinition] = field(default_factory=dict)
    primary_key: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    partition: str = ""
    column_group: str = ""

    @classmethod
    def parse(cls, show_create: str) -> TableDefinition:
        """Return the definition in ``show_create``, the result of SHOW CREATE TABLE.

        The text is split at line ends. That is safe because the server puts each column and key on a line of its own,
        and writes line ends inside of literals as escapes.
        """
        body, _, tail = show_create.partition("\n) ")
        items = re.split(r",\n  (?=[`A-Z])", body.partition("(\n  ")[2])
        keys = {name_of(match[1]): item for item in items if (match := _KEY.match(item))}
        column_group = _COLUMN_GROUP.search(tail)
        tail = tail[: column_group.start()] if column_group else tail
        options, *partition = _PARTITION.split(tail, maxsplit=1)
        return cls(
            columns=parse_column_definitions(show_create),
            primary_key=next((item for item in items if item.startswith("PRIMARY KEY ")), ""),
            keys=keys,
            options=dict(_options(options)),
            partition=partition[0] if partition else "",
            column_group=column_group[1] if column_group else "",
        )


def name_of(quoted: str) -> str:
    """Return the name in ``quoted``, an identifier in backticks."""
    return quoted[1:-1].replace("``", "`")


def unquoted(literal: str) -> str:
    """Return the text in ``literal``, an SQL literal in single or double quotes, with escapes and doubled quotes."""
    escapes = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
    quote = literal[0]
    return re.sub(
        rf"\\(.)|{quote}{quote}",
        lambda match: escapes.get(match[1], match[1]) if match[1] else quote,
        literal[1:-1],
        flags=re.S,
    )


def tokens(text: str) -> list[str]:
    """Return the tokens of the SQL ``text`` in their original case. Comments are left out.

    A token is a word, a text or name in quotes, or a single other character, such as a parenthesis.
    """
    return [text[start:end] for (start, _), end in zip(lexer.tokens(text), lexer.token_ends(text), strict=True)]


def group_end(words: list[str], start: int) -> int:
    """Return the position after the parenthesis that closes the one at ``start``.

    If none closes it, return the number of ``words``, which are the tokens of an SQL text.
    """
    depth = 0
    for position in range(start, len(words)):
        depth += (words[position] == "(") - (words[position] == ")")
        if not depth:
            return position + 1
    return len(words)


def _options(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each table option in ``text``.

    Some options are written as ``NAME = value``, others without ``=``.
    """
    words = tokens(text)
    position = 0
    while position + 1 < len(words):
        name = words[position].lower()
        position += 1
        if name == "default":
            continue
        position += words[position] == "="
        end = group_end(words, position) if words[position : position + 1] == ["("] else position + 1
        yield name, _joined(words[position:end])
        position = end


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else " ".join(words[1:-1])
