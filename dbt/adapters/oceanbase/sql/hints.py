"""Put optimizer hints into a query where the server reads them.

The server reads one block of hints, the first comment ``/*+ ... */`` after a keyword such as SELECT. Only blanks and
comments in ``/* */`` may stand between the keyword and the block. If a ``--`` comment or DISTINCT comes between them,
the server ignores the block. If two hints contradict each other, the server uses the first one. All of this was seen on
seekdb 1.3 and 1.4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import lexer

_BLOCK = re.compile(r"(?:\s|/\*(?![!+])[^*]*(?:\*(?!/)[^*]*)*\*/)*/\*\+(?P<hints>[^*]*(?:\*(?!/)[^*]*)*)\*/", re.S)
_HINT = re.compile(r"[A-Za-z_]\w*(?:\s*(?P<arguments>\(.*\)))?", re.S)
_QUOTES = "'\"`"


class NoPlaceForHintsError(Exception):
    """A query has no SELECT that could take hints."""


def is_hint(text: str) -> bool:
    """Check whether ``text`` has the form of one hint: a name, and perhaps arguments in parentheses.

    Any name is accepted, because servers know different hints. The result is false if ``text`` contains ``*/`` or
    ``;``, with which it could end the comment or the statement.
    """
    found = _HINT.fullmatch(text.strip())
    if found is None or "*/" in text or ";" in text:
        return False
    depth, quote = 0, ""
    arguments = found["arguments"] or ""
    for position, character in enumerate(arguments):
        if quote or character in _QUOTES:
            quote = "" if quote == character else quote or character
            continue
        depth += (character == "(") - (character == ")")
        if depth == 0 and position < len(arguments) - 1:
            return False
    return depth == 0 and not quote


def with_hints(query: str, hints: Sequence[str]) -> str:
    """Return ``query`` with ``hints`` in its main SELECT. They are added after the hints that the SELECT already has.

    ``hints`` are texts such as ``parallel(4)``, without ``/*+``. If there are none, ``query`` is returned unchanged.

    The main SELECT is the first SELECT outside of parentheses: in ``with a as (select 1) select 2 union select 3`` it
    is ``select 2``. If every SELECT is in parentheses, as in ``(select 1) union (select 2)``, it is the first SELECT in
    the parentheses with which the query begins. Raise NoPlaceForHintsError if there is no such SELECT, as in ``with a
    as (select 1) (select 2)``.
    """
    if not hints:
        return query
    end = _main_select(query)
    text = " ".join(hint.strip() for hint in hints)
    found = _BLOCK.match(query, end)
    if found is None:
        return f"{query[:end]} /*+ {text} */{query[end:]}"
    return f"{query[: found.end('hints')].rstrip()} {text} */{query[found.end() :]}"


def _main_select(query: str) -> int:
    depth, begin, nested = 0, None, None
    for position, word in lexer.tokens(query):
        depth += (word == "(") - (word == ")")
        if begin is None and word != "(":
            begin = depth
        if word == "select":
            if not depth:
                return position + len(word)
            if nested is None and depth == begin:
                nested = position + len(word)
    if nested is None:
        raise NoPlaceForHintsError
    return nested
