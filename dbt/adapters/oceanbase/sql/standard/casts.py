"""Marks of ``x::type`` and ``cast(x as type)`` for the types that the server's CAST refuses."""

from __future__ import annotations

import re

from .targets import REFUSED

_REFUSED = "|".join(name.replace(" ", r"\s+") for name in REFUSED)
_TYPE = re.compile(rf"as\s+(?:{_REFUSED})\b")


def has_marks(sql: str) -> bool:
    """Check whether ``sql`` may have a cast to be rewritten. This is quick, and may be true without one."""
    lowered = sql.lower()
    return "::" in sql or ("cast" in lowered and _TYPE.search(lowered) is not None)
