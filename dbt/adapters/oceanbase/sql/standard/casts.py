"""Marks of ``x::type`` and ``cast(x as type)`` for the types that the server's CAST refuses."""

from __future__ import annotations

import re

from .targets import REFUSED

_REFUSED = "|".join(name.replace(" ", r"\s+") for name in REFUSED)
_TYPE = re.compile(rf"as\s+(?:{_REFUSED})\b")


def has_marks(sql: str) -> bool:
    """Check quickly whether ``sql`` may have a cast to be rewritten. The result can be true if it has none."""
    lowered = sql.lower()
    return "::" in sql or ("cast" in lowered and _TYPE.search(lowered) is not None)
