"""Make INSERT statements of many rows for a seed, none of them larger than the server accepts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dbt_common.exceptions import DbtRuntimeError

from .literals import LiteralFunction, literal_function

if TYPE_CHECKING:
    import agate

ROWS_PER_INSERT = 5_000
"""Maximum number of rows in an INSERT. At any number from 1,000 to 5,000, the speed is within 25 % of the best."""

PACKET_SHARE = 0.5
"""Maximum size of an INSERT of several rows, as a share of max_allowed_packet."""

MAX_SHOWN_CHARACTERS = 60
"""Maximum number of characters of an invalid value that the error shows."""


def packed_inserts(
    target: str,
    table: agate.Table,
    declared: Sequence[str | None],
    escape: Callable[[str], str],
    max_packet: int,
) -> Iterator[str]:
    """Yield the INSERT statements, of many rows each, that load ``table`` into ``target``.

    ``target`` is the name of the relation with its column list, as SQL. ``declared`` has the type of each column in the
    config ``column_types``, or None. ``escape`` makes a SQL literal of a text. ``max_packet`` is the maximum size of a
    statement in bytes.

    Raises DbtRuntimeError for a value that is invalid for its column. The error names row (1 is the first below the
    header), column, value and remedy. Also raises DbtRuntimeError for a row that is larger than ``max_packet``.
    """
    functions = [literal_function(column, kind, escape) for column, kind in zip(table.columns, declared, strict=True)]
    head = f"insert into {target} values "
    rows = table.rows.values()
    for first in range(0, len(rows), ROWS_PER_INSERT):
        chunk = [row.values() for row in rows[first : first + ROWS_PER_INSERT]]
        literals = [
            _literals(values, function, name, first)
            for name, function, values in zip(table.column_names, functions, zip(*chunk, strict=True), strict=True)
        ]
        packed = ["(" + ",".join(row) + ")" for row in zip(*literals, strict=True)]
        yield from _statements(head, packed, first, max_packet)


def _literals(values: Sequence[Any], to_literal: LiteralFunction, name: str, first: int) -> list[str]:
    found: list[str] = []
    try:
        for value in values:
            found.append(to_literal(value))  # noqa: PERF401 - its length gives the row of a refused value
    except (ValueError, ArithmeticError) as error:
        row, shown = first + len(found) + 1, str(values[len(found)])
        shown = repr(shown) if len(shown) <= MAX_SHOWN_CHARACTERS else f"{shown[:MAX_SHOWN_CHARACTERS]!r}..."
        raise DbtRuntimeError(f"row {row}, column {name!r}: {shown} {error}") from None
    return found


def _statements(head: str, rows: Sequence[str], first: int, max_packet: int) -> Iterator[str]:
    budget, bare = int(max_packet * PACKET_SHARE), len(head.encode())
    used, start = bare, 0
    for index, row in enumerate(rows):
        size = (len(row) if row.isascii() else len(row.encode())) + 1
        if bare + size >= max_packet:
            raise DbtRuntimeError(
                f"row {first + index + 1}: it takes {size} bytes, but the server refuses statements of {max_packet}: "
                "raise max_allowed_packet in the server (SET GLOBAL)"
            )
        if used + size > budget and index > start:
            yield head + ",".join(rows[start:index])
            used, start = bare, index
        used += size
    yield head + ",".join(rows[start:])
