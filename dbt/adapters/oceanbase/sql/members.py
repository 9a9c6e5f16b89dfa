"""Add members, the allowed values, to ENUM and SET types."""

from __future__ import annotations

import unicodedata

from . import types

MAX_MEMBERS = {"enum": 65_535, "set": 64}
"""The maximum number of members of an ENUM and of a SET, by the name of the type."""


def with_members(data_type: str, other: str) -> str | None:
    """Return the ENUM or SET ``data_type`` with the additional members of ``other``, another ENUM or SET, at its end.

    For example, ``enum('a','b')`` and ``enum('b','c')`` become ``enum('a','b','c')``. Return None if ``other`` has no
    additional members, if the result would have more than MAX_MEMBERS, or if a collation may treat two members as
    equal.
    """
    kind, members = types.base_type(data_type), types.arguments_of(data_type)
    added = tuple(member for member in types.arguments_of(other) if member not in members)
    folded = {_folded(member) for member in members}
    for member in added:
        if _folded(member) in folded:
            return None
        folded.add(_folded(member))
    return f"{kind}({','.join(members + added)})" if added and len(members + added) <= MAX_MEMBERS[kind] else None


def _folded(text: str) -> str:
    """Return ``text`` without what a collation may ignore: case, accents and blanks at the end."""
    letters = (letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return "".join(letters).casefold().rstrip("' ")
