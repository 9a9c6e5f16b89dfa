"""Rewrite the standard SQL in a statement as SQL that the server accepts. The entry point is ``rewritten``."""

from __future__ import annotations

from . import casts, column_names, intervals, names, pipes, predicates, reserved
from .edits import edited
from .reading import Reading


def rewritten(sql: str, *, standard: bool = True, concat: bool = False) -> str:
    """Return the statement ``sql`` with standard SQL replaced by SQL that means the same on the server.

    With ``standard``, the casts, intervals, names and predicates that the server refuses are replaced. A form that
    could mean more than one thing remains unchanged, and the server reports it as a syntax error. With ``concat``,
    ``||`` becomes ``concat``. Raise UnclearOperandError if it is not certain where the operands of a ``||`` begin and
    end, or if it looks like a logical OR. If nothing is replaced, return ``sql`` itself, the same object.
    """
    if standard and (names.has_marks(sql) or reserved.has_marks(sql)):
        reading = Reading(sql)
        made = [*names.edits(sql, reading), *reserved.edits(reading)]
        sql = edited(sql, made) if made else sql
    has_forms = standard and any(form.has_marks(sql) for form in (casts, intervals, predicates))
    concat = concat and pipes.MARK in sql
    if not has_forms and not concat:
        return sql
    reading = Reading(sql)
    made = []
    if has_forms:
        made += [*reading.edits, *intervals.edits(reading), *predicates.edits(reading)]
        made += column_names.edits(sql, reading)
    if concat:
        made += pipes.edits(sql, reading)
    return edited(sql, made) if made else sql
