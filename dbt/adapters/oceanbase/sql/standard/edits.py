"""Replacements of parts of a text, made all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """The replacement of the part of a text from ``start`` to ``end`` by ``text``.

    At one position, insertions come before replacements, and those with a lower ``order`` before others.
    """

    start: int
    end: int
    order: int
    text: str


def edited(sql: str, edits: Iterable[Edit]) -> str:
    """Return ``sql`` with all ``edits`` made. A blank is added where two words would become one."""
    parts, position = [], 0
    for edit in sorted(edits):
        is_joined = edit.text[:1].isalpha() and re.match(r"[\w$]", sql[edit.start - 1 : edit.start])
        parts += [sql[position : edit.start], " " if is_joined else "", edit.text]
        position = edit.end
    return "".join([*parts, sql[position:]])
