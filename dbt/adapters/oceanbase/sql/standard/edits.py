"""The class for one change of a text, and a function that makes several changes at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """The replacement of the part of a text from position ``start`` to position ``end`` by ``text``.

    An insertion has ``start == end``. If several edits have the same position, insertions are made before replacements.
    Among insertions, an edit with a lower ``order`` is made first.
    """

    start: int
    end: int
    order: int
    text: str


def edited(sql: str, edits: Iterable[Edit]) -> str:
    """Return ``sql`` with all ``edits`` made. A blank is put before a text that would join the word before it.

    The positions of ``edits`` are those in ``sql``. The edits can be in any order, but must not overlap.
    """
    parts, position = [], 0
    for edit in sorted(edits):
        is_joined = edit.text[:1].isalpha() and re.match(r"[\w$]", sql[edit.start - 1 : edit.start])
        parts += [sql[position : edit.start], " " if is_joined else "", edit.text]
        position = edit.end
    return "".join([*parts, sql[position:]])
