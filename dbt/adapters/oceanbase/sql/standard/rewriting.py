"""Rewrite the standard SQL in one statement."""

from __future__ import annotations

from . import pipes
from .casts import Reading, has_marks
from .edits import edited


def rewritten(sql: str, *, casts: bool = True, concat: bool = False) -> str:
    """Return the statement ``sql`` with standard SQL replaced by what the server reads as it is meant.

    With ``casts``, this holds for casts that the server refuses. A cast without a single safe meaning remains
    unchanged, and the server reports it as a syntax error. With ``concat``, ``||`` becomes ``concat``. Raise
    UnclearOperandError if it cannot be told what belongs to ``||``. A statement without such forms is returned as the
    same object.
    """
    casts = casts and has_marks(sql)
    concat = concat and pipes.MARK in sql
    if not casts and not concat:
        return sql
    reading = Reading(sql)
    edits = [*(reading.edits if casts else ()), *(pipes.edits(sql, reading) if concat else ())]
    return edited(sql, edits) if edits else sql
