"""The class for one change of a text, and a function that makes several changes at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..lexer import NAME_CHARACTERS


class Edit(NamedTuple):
    """The replacement of the part of a text from position ``start`` to position ``end`` by ``text``.

    An insertion has ``start == end``. If several edits have the same position, insertions are made before replacements.
    Among insertions, an edit with a lower ``order`` is made first.
    """

    start: int
    end: int
    order: int
    text: str


_WORD = re.compile(rf"[{NAME_CHARACTERS}]")


def edited(sql: str, edits: Iterable[Edit]) -> str:
    """Return ``sql`` with all ``edits`` made. A blank is put between two words or numbers that would become one.

    The positions of ``edits`` are those in ``sql``. The edits can be in any order, but must not overlap.
    """
    parts, position = [""], 0
    for edit in sorted(edits):
        _append(parts, sql[position : edit.start])
        _append(parts, edit.text)
        position = edit.end
    _append(parts, sql[position:])
    return "".join(parts)


def _append(parts: list[str], text: str) -> None:
    if not text:
        return
    if _WORD.match(text) and _WORD.match(parts[-1][-1:]):
        parts.append(" ")
    parts.append(text)
