"""Put reserved words of OceanBase that name a column, such as ``condition`` and ``database``, into backticks.

Other databases allow these words as names. The server allows them only after a dot and in backticks. A word is put into
backticks in two places where only a name can stand: after AS, and where the word alone is an operand of an expression,
such as ``condition`` in ``where condition = 1``. No clause of SQL has one of these words in such a place, so a
statement that the server accepts is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..lexer import NAME_CHARACTERS
from .edits import Edit
from .operands import NO_OPERAND, OPERAND_END
from .reading import Reading


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OPERANDS = _words(
    "change check column condition constraint cursor database databases desc group index key keys limit lines lock long"
    " match option order procedure purge read references release require schema schemas separator specific sql ssl"
    " trigger usage write"
)
"""Words that are put into backticks after AS, and also where one of them alone is an operand of an expression."""

ALIASES = OPERANDS | _words(
    "call describe explain fetch get grant load precision range rename return show signal use"
    " current_date current_time current_timestamp current_user localtime localtimestamp"
)
"""Reserved words that are put into backticks after AS, where they can only be a name."""

_BEFORE = _words(
    "select distinct all where and or xor not on when then else case by having like between regexp rlike div mod set"
)
_BEFORE_SIGNS = frozenset(",(=<>+-/%|&^")
_AFTER = _words(
    "and or xor not is in like between regexp rlike escape then else end when asc desc from for as limit order group"
    " having where window rows range with separator using into union except intersect minus div mod collate on"
)
_AFTER_SIGNS = frozenset(",)=<>!+-*/%|&^:;")
_TAKES_FROM = _words("extract trim substring substr mid")
"""Functions whose last argument follows FROM, such as ``extract(day from condition)``."""

_METHODS = _words("btree hash")
"""Words after ``key using`` in the definition of an index, where ``key`` is no name."""

_STATEMENTS = _words("select with insert replace update delete (")
_BEGIN_WITH_SELECT = _words("create explain")
"""First words of statements in which reserved words are put into backticks only from the first SELECT on.

Before the SELECT, for example in definitions of columns and indexes, a reserved word may be a keyword and not a name.
"""

_MAY_BEGIN = _BEFORE | {"as", "from", "update"}
_STANDING = {word: re.compile(rf"{word}(?![{NAME_CHARACTERS}(`'\"])") for word in sorted(ALIASES)}
_LAST_WORD = re.compile(rf"[{NAME_CHARACTERS}]+\Z")
_NEAR = 60
"""Number of characters before a reserved word in which ``has_marks`` looks for the preceding keyword or sign."""


def has_marks(sql: str) -> bool:
    """Check quickly whether ``sql`` may have a word to put into backticks. The result may be true if it has none."""
    lowered = sql.lower()
    return any(
        _may_begin(lowered, match.start())
        for word, standing in _STANDING.items()
        if word in lowered
        for match in standing.finditer(lowered)
    )


def _may_begin(lowered: str, position: int) -> bool:
    """Check whether the reserved word at ``position`` may be a name. ``lowered`` is the statement in lower case.

    The result is true after AS and where an operand begins. It is also true after every comment, because the text
    before the comment is not looked at.
    """
    near = lowered[max(0, position - _NEAR) : position]
    before = near.rstrip()
    if not before or before[-1] in _BEFORE_SIGNS or before[-1] == "*" or "--" in near or "#" in near:
        return True
    line = _line_before(lowered, position)
    if "--" in line or "#" in line:
        return True
    word = _LAST_WORD.search(before)
    return len(before) < len(near) and word is not None and word[0] in _MAY_BEGIN


def _line_before(sql: str, position: int) -> str:
    """Return the last line that is not blank before the line with ``position``.

    Return an empty text if something other than blanks stands before ``position`` in its own line.
    """
    end = position
    while (start := sql.rfind("\n", 0, end)) >= 0 and not sql[start:end].strip():
        end = start
    return "" if end == position else sql[start + 1 : end]


def edits(reading: Reading) -> Iterator[Edit]:
    """Yield the edits that put reserved words into backticks, in a statement whose tokens are in ``reading``."""
    for index in range(_first(reading), len(reading.tokens)):
        start, word = reading.tokens[index]
        is_clause = word in ("group", "order") and reading.word(index + 1) == "by"
        if word in ALIASES and not is_clause and (_is_alias(reading, index) or _is_operand(reading, index)):
            yield Edit(start, start, 0, "`")
            yield Edit(reading.ends[index], reading.ends[index], 0, "`")


def _first(reading: Reading) -> int:
    """Return the index of the first token that may be put into backticks, or the number of tokens if none may."""
    if reading.word(0) in _STATEMENTS:
        return 0
    words = (index for index, (_, word) in enumerate(reading.tokens) if word == "select")
    return next(words, len(reading.tokens)) if reading.word(0) in _BEGIN_WITH_SELECT else len(reading.tokens)


def _is_part(reading: Reading, index: int) -> bool:
    """Check whether a word such as ``as`` or ``where``, at ``index``, is a part of a name or of a variable."""
    return reading.follows_name_dot(index) or reading.word(index - 1) == "@"


def _is_alias(reading: Reading, index: int) -> bool:
    return reading.word(index - 1) == "as" and not _is_part(reading, index - 1) and reading.word(index + 1) != "("


def _is_operand(reading: Reading, index: int) -> bool:
    after = reading.word(index + 1)
    ends = after == "" or after in _AFTER_SIGNS or after in _AFTER
    is_method = after == "using" and reading.word(index + 2) in _METHODS
    return reading.word(index) in OPERANDS and ends and not is_method and _begins_operand(reading, index)


def _opening(reading: Reading, index: int) -> int:
    """Return the index of the bracket that is open at ``index``, or -1 if there is none."""
    index -= 1
    while index >= 0 and reading.word(index) not in ("(", "["):
        index = reading.pairs.brackets.get(index, index) - 1
    return index


def _begins_operand(reading: Reading, index: int) -> bool:
    """Check whether an operand begins at ``index``, as the token before it shows."""
    before = reading.word(index - 1)
    if before == "*":
        # not the star of a SELECT list
        factor = reading.word(index - 2)
        return bool(OPERAND_END.match(factor)) and (factor not in NO_OPERAND or _is_part(reading, index - 2))
    if before == "from":
        return reading.word(_opening(reading, index) - 1) in _TAKES_FROM
    if before == "update":
        return (reading.word(index - 3), reading.word(index - 2), reading.word(index + 1)) == ("duplicate", "key", "=")
    return before in _BEFORE_SIGNS or (before in _BEFORE and not _is_part(reading, index - 1))
