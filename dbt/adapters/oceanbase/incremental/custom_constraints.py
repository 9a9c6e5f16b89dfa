"""Look for the custom constraints of a contract in the result of SHOW CREATE TABLE."""

from __future__ import annotations

import re

from ..connect.quoting import identifier
from ..relation_configs.table_definition import tokens, unquoted

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SAME = {"now": "current_timestamp", "localtime": "current_timestamp", "localtimestamp": "current_timestamp"}
"""Functions that the server writes by another name."""


def has_custom(show_create: str, expression: str, column: str = "") -> bool:
    """Check whether a table has a custom constraint, as far as SHOW CREATE TABLE tells.

    ``show_create`` is the result of that statement, and ``expression`` is the SQL of the constraint. ``column`` is the
    column to which it belongs, or empty for a constraint of the whole table. The result is also true if the table does
    not have the column.

    The server writes blanks, parentheses, quotes and upper case otherwise than the contract. So only words, numbers and
    texts are compared: the result is true if one line has all of them. The words for a column may also be in the lines
    of its keys. The result is false for a constraint that the server writes in other words.
    """
    wanted = _words(expression)
    lines = show_create.splitlines()[1:]
    if not column:
        return any(wanted <= _words(line) for line in lines)
    begin = f"  {identifier(column)} ".lower()
    own = [line for line in lines if line.lower().startswith(begin)]
    keys = [words for line in lines if not line.startswith("  `") and column.lower() in (words := _words(line))]
    return not own or wanted <= _words(own[0]).union(*keys)


def _words(sql: str) -> set[str]:
    """Return the words, names, texts and digits of numbers in ``sql``, in lower case except for texts."""
    found: set[str] = set()
    for token in tokens(sql):
        text = unquoted(token) if token[0] in "'\"" else ""
        if _NUMBER.fullmatch(text):
            # the server writes numbers in quotes
            found.update(re.findall(r"\d+", text))
        elif token[0] in "'\"":
            # the lexer splits a text in single quotes where a quote is doubled
            found.update(f"'{part}'" for part in text.split("'"))
        elif re.search(r"\w", token):
            word = token.strip("`").lower()
            found.add(_SAME.get(word, word))
    return found
