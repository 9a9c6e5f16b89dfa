"""Rewrite names in double quotes that stand beside a dot, such as ``t."a b"``, to names in backticks.

A text in double quotes is a string for the server, and no string can stand beside a dot. A text in double quotes that
stands alone may be meant as a string, so it remains one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..lexer import NAME_CHARACTERS
from .edits import Edit
from .reading import Reading

_MARK = re.compile(r'"(?:\s|/\*|--|#)*\.|\.(?:\s|/\*|--|#)*"')
_NAME = re.compile(rf'(?!\d)[{NAME_CHARACTERS}`"]')
_QUOTED = re.compile(r'"[^"`\\]+"')


def has_marks(sql: str) -> bool:
    """Check quickly whether the statement ``sql`` may contain a name in double quotes that has to be rewritten.

    True means only that the text has a double quote beside a dot, perhaps in a string or a comment.
    """
    return '"' in sql and _MARK.search(sql) is not None


def edits(sql: str, reading: Reading) -> Iterator[Edit]:
    """Yield the edits that put names in double quotes into backticks. ``reading`` has the tokens of ``sql``."""
    for index, (start, word) in enumerate(reading.tokens):
        end = reading.ends[index]
        if word[0] == '"' and _is_name(reading, index) and _QUOTED.fullmatch(sql, start, end):
            yield Edit(start, end, 0, f"`{sql[start + 1 : end - 1]}`")


def _is_name(reading: Reading, index: int) -> bool:
    before, after = reading.word(index - 1), reading.word(index + 1)
    follows_dot = before == "." and _NAME.match(reading.word(index - 2))
    precedes_dot = after == "." and (_NAME.match(reading.word(index + 2)) or reading.word(index + 2) == "*")
    is_doubled = before[:1] == '"' or after[:1] == '"'
    return bool(follows_dot or precedes_dot) and not is_doubled and not _is_variable(reading, index)


def _is_variable(reading: Reading, index: int) -> bool:
    while reading.word(index - 1) == ".":
        index -= 2
    return reading.word(index - 1) == "@"
