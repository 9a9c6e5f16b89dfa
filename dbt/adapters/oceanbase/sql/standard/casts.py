"""Search a statement for ``x::type``, and for ``cast(x as type)`` with a type that the server's CAST refuses."""

from __future__ import annotations

import re

from .targets import REFUSED

_REFUSED = "|".join(name.replace(" ", r"\s+") for name in REFUSED)
_TYPE = re.compile(rf"as(?:\s+(?:{_REFUSED})\b|\s*(?:/\*|--|#))")


def has_marks(sql: str) -> bool:
    """Check quickly whether the statement ``sql`` may contain a cast that has to be rewritten.

    True means only that the text has ``::``, or after AS a comment or the name of a type that CAST refuses. They may be
    in a string or a comment.
    """
    lowered = sql.lower()
    return "::" in sql or ("cast" in lowered and _TYPE.search(lowered) is not None)
