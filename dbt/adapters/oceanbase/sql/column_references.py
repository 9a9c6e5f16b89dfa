"""Read the configs that name a column or have an expression over columns, such as ``unique_key`` and ``event_time``.

Users of other databases write names in double quotes. For the server such a text is a string, which has the same value
in every row. A DELETE that compares it as a key would delete all rows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from dbt_common.exceptions import DbtRuntimeError

from ..connect.quoting import identifier
from . import lexer

_IN_DOUBLE_QUOTES = re.compile(r'"((?:[^"]|"")+)"')
_IN_BACKTICKS = re.compile(r"`((?:[^`]|``)+)`")
_PLAIN = re.compile(rf"(?![0-9]+(?:e[0-9]+)?\Z|0[xb])[{lexer.NAME_CHARACTERS}]+", re.I)
_CONSTANTS = ("null", "true", "false")
_RESERVED = (
    "and as between binary by case char collate decimal default distinct div double else float from in interval is "
    "like mod not or regexp then unsigned using when xor"
)
_KEYWORDS = frozenset((*_CONSTANTS, *_RESERVED.split()))
"""Reserved words that an expression may have without reading a column. A column of this name needs quotes."""


def name_of(text: str) -> str | None:
    """Return the name of a column from ``text``, which is a plain name or a name in backticks or double quotes.

    Quotes that are doubled inside the name are undone. Return None if ``text`` is no name, but a constant or an
    expression.
    """
    text = text.strip()
    for pattern, quote in ((_IN_BACKTICKS, "`"), (_IN_DOUBLE_QUOTES, '"')):
        if found := pattern.fullmatch(text):
            return found[1].replace(quote * 2, quote)
    return text if _PLAIN.fullmatch(text) and text.lower() not in _CONSTANTS else None


def with_backticks(text: str) -> str:
    """Return ``text`` with backticks if it is a name in double quotes. Return any other text unchanged."""
    found = _IN_DOUBLE_QUOTES.fullmatch(text.strip())
    return identifier(found[1].replace('""', '"')) if found else text


def column_sql(
    config: str,
    text: str,
    columns: Mapping[str, str] | None = None,
    of: str = "the model",
    remedy: str = "correct it",
) -> str:
    """Return the SQL for ``text``, a value of the config ``config`` that is a column or an expression over columns.

    ``columns`` are the names of the columns in lower case, each with its name in backticks, or None if they are not
    known yet. A name in them is returned in backticks, since it may be a reserved word. Without quotes it may have any
    characters, such as ``order id``. A name in double quotes is always returned in backticks. An expression is returned
    unchanged. Raise DbtRuntimeError if ``text`` reads no column, if it is a name that ``columns`` lacks, or if an
    expression has the name of a column in double quotes. The errors say ``of`` for what has the ``columns``, and
    ``remedy`` for what to do about a name that they lack.
    """
    name = name_of(text)
    if columns is None:
        if name is None and not any(_names(text)):
            raise _constant(config, text, of)
        return with_backticks(text)
    whole = _whole(text)
    if whole in columns:
        return columns[whole]
    if name is not None:
        raise DbtRuntimeError(f"{config}: {_line(text)}: no such column in {of}: {remedy}")
    check_strings(config, text, columns)
    if not any(word in columns for word in _names(text)):
        raise _constant(config, text, of)
    return text


def reads(text: str, columns: Collection[str]) -> bool:
    """Check whether ``text``, a name or an expression, reads one of ``columns``, which are names in lower case."""
    return _whole(text) in columns or any(word in columns for word in _names(text))


def check_strings(config: str, text: str, columns: Collection[str]) -> None:
    """Raise DbtRuntimeError if the name of a column stands in double quotes in ``text``, where it would be a string.

    ``text`` is SQL from the config ``config``. ``columns`` are the names of the columns in lower case. A name beside a
    dot, such as ``t."a"``, is accepted, because the adapter puts it into backticks before the statement is sent.
    """
    for name in _strings(text):
        if name.lower() in columns:
            raise DbtRuntimeError(
                f'{config}: "{name}" in {_line(text)} is a text for OceanBase, and not the column: write '
                f"{identifier(name)}, or '{name}' for the text"
            )


def _whole(text: str) -> str:
    """Return ``text`` in lower case, as the name of a column. Quotes around a name are left out."""
    name = name_of(text)
    return (text.strip() if name is None else name).lower()


def _constant(config: str, text: str, of: str) -> DbtRuntimeError:
    return DbtRuntimeError(
        f"{config}: {_line(text)} reads no column of {of}, so it is the same for every row: write the name of a "
        "column, or an expression over columns"
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _names(sql: str) -> Iterator[str]:
    """Yield in lower case the names in ``sql`` that may be columns: names in backticks, and plain words.

    These plain words are left out: numbers, names of functions, which stand before a parenthesis, words before a text,
    such as DATE, types after AS, and the words in ``_KEYWORDS``.
    """
    found = list(lexer.tokens(sql))
    before, read_until = "", 0
    for (start, word), (_, after) in zip(found, [*found, (0, "")][1:], strict=True):
        if start >= read_until:
            if quoted := _IN_BACKTICKS.match(sql, start):
                read_until = quoted.end()
                yield quoted[1].replace("``", "`").lower()
            elif (
                before != "as" and after[:1] not in ("(", "'", '"') and word not in _KEYWORDS and _PLAIN.fullmatch(word)
            ):
                yield word
        before = word


def _strings(sql: str) -> Iterator[str]:
    """Yield the texts in double quotes in ``sql`` that do not stand beside a dot, with their doubled quotes undone."""
    found = list(lexer.tokens(sql))
    before, read_until = "", 0
    for index, (start, word) in enumerate(found):
        quoted = _IN_DOUBLE_QUOTES.match(sql, start) if start >= read_until else None
        if quoted:
            read_until = quoted.end()
            after = next((found[at][1] for at in range(index + 1, len(found)) if found[at][0] >= read_until), "")
            if "." not in (before, after):
                yield quoted[1].replace('""', '"')
        before = word
