"""Whether values stay what they are in a column of another type, and which type would keep them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dbt_common.exceptions import DbtRuntimeError

from ..column import FLOAT_TYPES, INTEGER_TYPES, MAX_PRECISION, TIME_TYPES, OceanBaseColumn, numbers_of
from ..sql import types

_EXACT_IN_DOUBLE = 2**53
"""Integers up to this one are exact in a double."""

_STEP_IN_DOUBLE = 2**11
"""Integers of 64 bits that are multiples of this one are exact in a double."""

_DIGITS_OF_DOUBLE = 15
_EXACT_IN_FLOAT = ("tinyint", "smallint", "mediumint")
_MOMENTS = ("datetime", "timestamp")
_TEMPORAL = ("date", *TIME_TYPES)
_WIDEST_DECIMAL = "decimal(65,30)"


class Change(NamedTuple):
    """What is to change in a column of a target: its type (None: it stays), and whether it has to take NULL."""

    kind: str | None
    takes_null: bool


class Doubt(NamedTuple):
    """A staged column, the type it is stored in, and the SQL condition for values that become others there."""

    column: OceanBaseColumn
    kind: str
    condition: str


def changes(
    present: Sequence[OceanBaseColumn],
    wanted: Sequence[OceanBaseColumn],
    *,
    across_kinds: bool = False,
    may_miss: bool = False,
    loosens: bool = True,
) -> dict[str, Change]:
    """Give by name what is to change in the columns ``present`` for the values of ``wanted``.

    A column that refuses NULL only because its first value was a literal takes NULL where the new one may be;
    with ``may_miss`` any column that refuses it does where there is no new one. One without a default may have been
    declared NOT NULL, and stays so: a NULL for it is the server's error. Without ``loosens`` all of them stay so.
    ``across_kinds``: a column may become one of another kind that holds both.
    """
    by_name = {column.name.lower(): column for column in wanted}
    found = {}
    for column in present:
        other = by_name.get(column.name.lower())
        if column.is_generated:
            continue
        kind = column.widened_for(other) if other else None
        if other and not kind and across_kinds:
            kind = shared_type(column, other)
        takes_null = column.refuses_null and (column.has_default and other.nullable if other else may_miss)
        if kind or (takes_null and loosens):
            found[column.name] = Change(kind, takes_null and loosens)
    return found


def shared_type(column: OceanBaseColumn, other: OceanBaseColumn) -> str | None:
    """Give the type that holds the values of two columns of different kinds; None where there is none.

    None as well where ``column`` holds them, or where the server refuses what it cannot hold.
    """
    own, new = types.base_type(column.dtype), types.base_type(other.dtype)
    if own in INTEGER_TYPES and other.is_numeric():
        return _decimal(types.INTEGERS[own], other) if _has_fraction(other) else None
    if column.is_numeric() and new in INTEGER_TYPES:
        precision, scale = column.decimal_size()
        return _decimal(types.INTEGERS[new], column) if precision - scale < types.INTEGERS[new] else None
    if own == "float" and (other.is_numeric() or (new in INTEGER_TYPES and new not in _EXACT_IN_FLOAT)):
        return "double"
    if own == "date" and new in _MOMENTS:
        return _moment("datetime", other)
    if own in _MOMENTS and new in _MOMENTS and own != new and _fraction(other) > _fraction(column):
        return _moment(own, other)
    return None


def doubts(
    present: Sequence[OceanBaseColumn], wanted: Sequence[OceanBaseColumn], changed: Mapping[str, Change]
) -> list[Doubt]:
    """Give the columns of ``wanted`` whose values may become others in those ``present``, once these are changed."""
    by_name = {column.name.lower(): column for column in present if not column.is_generated}
    found = []
    for column in wanted:
        target = by_name.get(column.name.lower())
        if target is not None:
            change = changed.get(target.name)
            kind = (change.kind if change else None) or target.data_type
            found += [Doubt(column, kind, condition) for condition in _lost(column, kind)]
    return found


def _lost(column: OceanBaseColumn, kind: str) -> Iterator[str]:
    """Yield the condition for values of ``column`` that ``kind`` does not hold and the server would not refuse."""
    own, new, value = types.base_type(column.dtype), types.base_type(kind), column.quoted
    if column.dtype == kind or column.data_type == kind:
        return
    if column.is_string() or own == "json":
        yield from _lost_of_text(value, new, kind)
    elif own in types.NUMBERS:
        yield from _lost_of_number(column, new, kind)
    elif own in _TEMPORAL and _is_of_another_kind(own, new):
        yield f"{value} is not null"


def _is_of_another_kind(own: str, new: str) -> bool:
    """Tell whether a date or time becomes a number in ``new``, or loses or gets its day."""
    return new in (*types.NUMBERS, "year", "bit") or (new in _TEMPORAL and (own == "time") != (new == "time"))


def _lost_of_text(value: str, new: str, kind: str) -> Iterator[str]:
    if new in INTEGER_TYPES or new == "decimal":
        scale = numbers_of(kind)[1] if new == "decimal" else 0
        number = f"cast({value} as {_WIDEST_DECIMAL})"
        yield f"{number} <> round({number}, {scale})"
    elif new in _TEMPORAL:
        whole = f"cast({value} as {'time' if new == 'time' else 'datetime'}(6))"
        yield f"{whole} <> cast({whole} as {types.cast_target(kind.replace('timestamp', 'datetime'))})"


def _lost_of_number(column: OceanBaseColumn, new: str, kind: str) -> Iterator[str]:
    own, value = types.base_type(column.dtype), column.quoted
    if new in (*_TEMPORAL, "enum", "set"):
        yield f"{value} is not null"
    elif new == "year":
        yield f"{value} <> cast(cast({value} as year) as signed)"
    elif (new in INTEGER_TYPES or new == "bit") and own not in INTEGER_TYPES and _has_fraction(column):
        yield f"{value} <> round({value})"
    elif new == "decimal" and own in FLOAT_TYPES:
        yield f"{value} <> cast(cast({value} as {types.cast_target(kind)}) as double)"
    elif new == "double" and own == "bigint":
        yield f"abs({value}) > {_EXACT_IN_DOUBLE} and {value} % {_STEP_IN_DOUBLE} <> 0"
    elif new == "double" and column.is_numeric() and column.decimal_size()[0] > _DIGITS_OF_DOUBLE:
        yield f"{value} <> cast(cast({value} as double) as {types.cast_target(column.data_type)})"


def _has_fraction(column: OceanBaseColumn) -> bool:
    return column.is_float() or column.decimal_size()[1] > 0


def question(staging: str, found: Sequence[Doubt]) -> str:
    """Give the query for one value of each doubtful column that would become another one, NULL where there is none."""
    values = (f"min(case when {doubt.condition} then cast({doubt.column.quoted} as char) end)" for doubt in found)
    return f"select {', '.join(values)} from {staging}"


def check(found: Sequence[Doubt], values: Sequence[str | None], target: str, remedy: str) -> None:
    """Raise DbtRuntimeError, one line, where ``question`` has found values that would become others in ``target``."""
    lost = [
        f"column {doubt.column.name}: {value} ({doubt.column.data_type}) would become another value in {doubt.kind}"
        for doubt, value in zip(found, values, strict=True)
        if value is not None
    ]
    if lost:
        raise DbtRuntimeError(f"{'; '.join(lost)}, the type in {target}: {remedy}")


def _decimal(digits: int, other: OceanBaseColumn) -> str | None:
    """Give the decimal for integers of so many digits and for ``other``; None where no decimal has room for them."""
    precision, scale = other.decimal_size()
    needed = max(digits, precision - scale) + scale
    return f"decimal({needed},{scale})" if needed <= MAX_PRECISION else None


def _moment(name: str, other: OceanBaseColumn) -> str:
    fraction = _fraction(other)
    return f"{name}({fraction})" if fraction else name


def _fraction(column: OceanBaseColumn) -> int:
    return (numbers_of(column.dtype) or [0])[0]
