"""Rewrite the standard SQL in one statement."""

from __future__ import annotations

from .casts import has_marks as has_casts
from .casts import rewritten_casts


def rewritten(sql: str) -> str:
    """Return the statement ``sql`` with standard SQL that the server refuses replaced by what it accepts.

    A form without a single safe meaning remains unchanged, and the server reports it as a syntax error. A statement
    without such forms is returned as the same object.
    """
    return rewritten_casts(sql) if has_casts(sql) else sql
