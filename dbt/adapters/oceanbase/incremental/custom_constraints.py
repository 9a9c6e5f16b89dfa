"""Look for the custom constraints of a contract in the result of SHOW CREATE TABLE."""

from __future__ import annotations

import re

from ..connect.quoting import identifier
from ..relation_configs.table_definition import tokens, unquoted

_NUMBER = re.compile(r"[-+]?\d+(?:[-:. T/]+\d+)*")
"""Matches a number or a time."""

_SAME = {
    "now": "current_timestamp",
    "localtime": "current_timestamp",
    "localtimestamp": "current_timestamp",
    "index": "key",
    "true": "1",
    "false": "0",
    "utf8": "utf8mb4",
}
"""Words that the server writes otherwise."""

_LEFT_OUT = re.compile(
    r" (?:constraint \S+(?= primary )|constraint|(?<! not )(?:default )?null|using \S+|asc|local|global)(?= )"
)
"""Matches words that the server leaves out or writes on its own, each with a blank before it."""

_CHARSET = re.compile(r" (?:character set|charset) (?:= )?(\S+)(?= )")
_COLLATION = re.compile(r" collate (?:= )?(\S+)(?= )")


def has_custom(show_create: str, expression: str, column: str = "") -> bool:
    """Check whether a table has a custom constraint, as far as SHOW CREATE TABLE tells.

    ``show_create`` is the result of that statement, and ``expression`` is the SQL of the constraint. ``column`` is the
    column to which it belongs, or empty for a constraint of the whole table. The result is also true if the table does
    not have the column.

    The server writes blanks, parentheses, quotes and upper case otherwise than the contract. So only words, numbers and
    texts are compared: the result is true if one line has all of them. The words for a column may also be in the lines
    of its keys. Words that the server may leave out, such as the charset of a column, do not count. The result is false
    for a constraint that the server writes in other words.
    """
    lines = show_create.splitlines()[1:]
    if not column:
        wanted = _words(expression, "")
        return any(wanted <= _words(line) for line in lines)
    begin = f"  {identifier(column)} ".lower()
    own = [line for line in lines if line.lower().startswith(begin)]
    keys = [words for line in lines if not line.startswith("  `") and column.lower() in (words := _words(line))]
    return not own or _words(expression, own[0]) <= _words(own[0]).union(*keys)


def _words(sql: str, line: str | None = None) -> set[str]:
    """Return the words, names, texts and digits of numbers in ``sql``, in lower case except for texts.

    ``sql`` is a line of SHOW CREATE TABLE, or the expression of a constraint. With an expression, ``line`` is the line
    of the column, or empty for a constraint of the table. Words that such a line may leave out are then left out.
    """
    found: set[str] = set()
    for part in _parts(sql, line):
        text = unquoted(part) if part[0] in "'\"" else part
        if _NUMBER.fullmatch(text):
            # the server writes numbers in quotes, with as many digits as the type has, and times with all their parts
            first, *others = re.findall(r"\d+", text)
            found |= {first.lstrip("0") or "0", *(digits for each in others if (digits := each.strip("0")))}
        elif part[0] in "'\"":
            # the lexer splits a text in single quotes where a quote is doubled
            found.update(f"'{each}'" for each in text.split("'"))
        elif re.search(r"\w", part):
            found.add(_SAME.get(part, part))
    return found


def _parts(sql: str, line: str | None) -> list[str]:
    """Return the tokens of ``sql``, with a decimal number as one of them. See ``_words`` for ``line``."""
    found = [token if token[0] in "'\"" else token.strip("`").lower() for token in tokens(sql)]
    # texts and odd names are replaced by their positions, so that no pattern matches a part of them
    shown = [part if re.fullmatch(r"[\w$]+|[^\w'\"]", part) else f"'{number}" for number, part in enumerate(found)]
    joined = f" {' '.join(shown)} "
    joined = re.sub(r" (\d+) \. (\d+)(?= )", r" \1.\2", re.sub(r"(?<!\d) \. (?=\d)", " 0 . ", joined))
    if line is not None:
        joined = _LEFT_OUT.sub("", joined)
        joined = _CHARSET.sub(r" character set \1" if " character set " in line.lower() else "", joined)
        joined = joined if " collate " in line.lower() else _COLLATION.sub("", joined)
    return [found[int(part[1:])] if part[0] == "'" and len(part) > 1 else part for part in joined.split()]
