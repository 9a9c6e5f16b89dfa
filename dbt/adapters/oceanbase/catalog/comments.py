"""Comments of relations and columns: which differ, and how much of them the server takes."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .column_definitions import Definition

if TYPE_CHECKING:
    from ..column import OceanBaseColumn


def absent_columns(names: Collection[str], columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Give the described columns that are not among ``names``; case counts for one with ``quote: true`` only."""
    folded = {name.lower() for name in names}
    return [
        name
        for name, column in columns.items()
        if name not in names and (column.get("quote") or name.lower() not in folded)
    ]


def comment_clauses(definitions: Mapping[str, Definition], columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Give the MODIFY clauses for the described columns whose comment differs; names compare without case."""
    by_name = {name.lower(): definition for name, definition in definitions.items()}
    clauses = []
    for name, column in columns.items():
        definition = by_name.get(name.lower())
        wanted = str(column.get("description") or "")
        if definition is not None and _value(definition.comment) != wanted:
            clauses.append(definition.modify(comment=wanted))
    return clauses


def descriptions(
    selected: Sequence[OceanBaseColumn], columns: Mapping[str, Mapping[str, Any]]
) -> list[tuple[OceanBaseColumn, str]]:
    """Give those of the selected columns that are described, each with its description; names compare without case."""
    texts = {name.lower(): str(column.get("description") or "") for name, column in columns.items()}
    return [(column, text) for column in selected if (text := texts.get(column.name.lower()))]


def cut(comment: str, limit: int) -> str:
    """Give a comment in at most ``limit`` characters, an ellipsis at its end where it was longer."""
    return comment if len(comment) <= limit else comment[: limit - 3] + "..."


def cut_bytes(comment: str, limit: int) -> str:
    """Give a comment in at most ``limit`` bytes of UTF-8, an ellipsis at its end where it was longer."""
    encoded = comment.encode()
    return comment if len(encoded) <= limit else encoded[: limit - 3].decode(errors="ignore") + "..."


def _value(quoted: str | None) -> str:
    if quoted is None:
        return ""
    escapes = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
    text = quoted[1:-1].replace("''", "'")
    return re.sub(r"\\(.)", lambda match: escapes.get(match.group(1), match.group(1)), text, flags=re.S)
