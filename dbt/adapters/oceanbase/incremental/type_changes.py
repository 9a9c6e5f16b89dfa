"""Find the type that holds the values of two columns, and the values that a cast to another type would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dbt_common.exceptions import DbtRuntimeError

from ..column import OceanBaseColumn
from ..sql import types
from ..sql.types import FLOAT_TYPES, INTEGER_TYPES, MAX_PRECISION, TIME_TYPES, numbers_of

_EXACT_IN_DOUBLE = 2**53
"""Integers whose absolute value is at most this number are exact in a double."""

_STEP_IN_DOUBLE = 2**11
"""Integers of 64 bits that are multiples of this number are exact in a double."""

_DIGITS_OF_DOUBLE = 15
_EXACT_IN_FLOAT = ("tinyint", "smallint", "mediumint")
_MOMENTS = ("datetime", "timestamp")
_TEMPORAL = ("date", *TIME_TYPES)
_WIDEST_DECIMAL = "decimal(65,30)"


class Change(NamedTuple):
    """A change of a column of a table.

    ``kind`` is the column's new type, or None to keep the type. ``takes_null`` means that the column becomes nullable.
    """

    kind: str | None
    takes_null: bool


class LossyCast(NamedTuple):
    """A cast of ``column``, a staged column, to the type ``kind`` that may change values.

    ``condition`` is the SQL condition that the cast changes a value.
    """

    column: OceanBaseColumn
    kind: str
    condition: str


def changes(
    present: Sequence[OceanBaseColumn],
    wanted: Sequence[OceanBaseColumn],
    *,
    across_kinds: bool = False,
    allow_missing_columns: bool = False,
    relax_not_null: bool = True,
) -> dict[str, Change]:
    """Return the changes, by column name, that the columns ``present`` need to hold the values of ``wanted``.

    ``across_kinds`` permits a type of another kind (such as decimal instead of bigint) that holds the values of both.
    ``allow_missing_columns`` makes a NOT NULL column nullable if no wanted column has its name.
    If ``relax_not_null`` is false, NOT NULL columns always stay NOT NULL. If it is true, the following applies.

    If a query selects a literal, CREATE TABLE ... AS makes the column NOT NULL, with a default. Such a column becomes
    nullable if the wanted column is nullable. A NOT NULL column without a default may have been declared by the user.
    It stays NOT NULL, and the server refuses a NULL for it.
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
        takes_null = column.refuses_null and (column.has_default and other.nullable if other else allow_missing_columns)
        if kind or (takes_null and relax_not_null):
            found[column.name] = Change(kind, takes_null and relax_not_null)
    return found


def shared_type(column: OceanBaseColumn, other: OceanBaseColumn) -> str | None:
    """Return a new type for ``column`` that holds its values and those of ``other``, a column of another kind.

    Return None if ``column`` already holds all values, or if no type does. Also return None if the server raises an
    error for each value of ``other`` that ``column`` cannot hold, because no value is then changed unnoticed.
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
        return _with_fraction("datetime", other)
    if own in _MOMENTS and new in _MOMENTS and own != new and _fraction(other) > _fraction(column):
        return _with_fraction(own, other)
    return None


def lossy_casts(
    present: Sequence[OceanBaseColumn], wanted: Sequence[OceanBaseColumn], changed: Mapping[str, Change]
) -> list[LossyCast]:
    """Return the casts that may change values of the ``wanted`` columns when they are stored in the ``present`` ones.

    ``changed`` has the changes that will be made to the columns ``present`` before the values are stored.
    """
    by_name = {column.name.lower(): column for column in present if not column.is_generated}
    found = []
    for column in wanted:
        target = by_name.get(column.name.lower())
        if target is not None:
            change = changed.get(target.name)
            kind = (change.kind if change else None) or target.data_type
            found += [LossyCast(column, kind, condition) for condition in _loss_conditions(column, kind)]
    return found


def _loss_conditions(column: OceanBaseColumn, kind: str) -> Iterator[str]:
    """Yield SQL conditions for the values of ``column`` that a cast to ``kind`` changes without an error.

    Nothing is yielded if the cast changes no value or raises an error for each value that it would change.
    """
    own, new, value = types.base_type(column.dtype), types.base_type(kind), column.quoted
    if column.dtype == kind or column.data_type == kind:
        return
    if column.is_string() or own == "json":
        yield from _text_loss_conditions(value, new, kind)
    elif own in types.NUMBERS:
        yield from _number_loss_conditions(column, new, kind)
    elif own in _TEMPORAL and _is_of_another_kind(own, new):
        yield f"{value} is not null"


def _is_of_another_kind(own: str, new: str) -> bool:
    """Check whether a cast from the date or time type ``own`` to ``new`` changes every value.

    It does if the result is a number, or if it loses or gains the date part, as from DATETIME to TIME or back.
    """
    return new in (*types.NUMBERS, "year", "bit") or (new in _TEMPORAL and (own == "time") != (new == "time"))


def _text_loss_conditions(value: str, new: str, kind: str) -> Iterator[str]:
    if new in INTEGER_TYPES or new == "decimal":
        scale = numbers_of(kind)[1] if new == "decimal" else 0
        number = f"cast({value} as {_WIDEST_DECIMAL})"
        yield f"{number} <> round({number}, {scale})"
    elif new in _TEMPORAL:
        whole = f"cast({value} as {'time' if new == 'time' else 'datetime'}(6))"
        yield f"{whole} <> cast({whole} as {types.cast_target(kind.replace('timestamp', 'datetime'))})"


def _number_loss_conditions(column: OceanBaseColumn, new: str, kind: str) -> Iterator[str]:
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


def lossy_values_query(staging: str, casts: Sequence[LossyCast]) -> str:
    """Return the query that finds, for each of the ``casts``, one value in the table ``staging`` that it changes.

    The result has one row with one column per cast: the value as text, or NULL if the cast changes no value.
    """
    values = (f"min(case when {cast.condition} then cast({cast.column.quoted} as char) end)" for cast in casts)
    return f"select {', '.join(values)} from {staging}"


def raise_on_lossy_values(casts: Sequence[LossyCast], values: Sequence[str | None], target: str, remedy: str) -> None:
    """Raise DbtRuntimeError if one of the ``casts`` would change a value.

    ``values`` is the result row of ``lossy_values_query`` for the same ``casts``. ``target`` is the table in which the
    values would be stored. The error's text is one line that ends with ``remedy``.
    """
    lost = [
        f"column {cast.column.name}: {value} ({cast.column.data_type}) would become another value in {cast.kind}"
        for cast, value in zip(casts, values, strict=True)
        if value is not None
    ]
    if lost:
        raise DbtRuntimeError(f"{'; '.join(lost)}, the type in {target}: {remedy}")


def _decimal(digits: int, other: OceanBaseColumn) -> str | None:
    """Return the decimal type for integers of ``digits`` digits and for the values of ``other``, a DECIMAL column.

    Return None if no decimal type is wide enough.
    """
    precision, scale = other.decimal_size()
    needed = max(digits, precision - scale) + scale
    return f"decimal({needed},{scale})" if needed <= MAX_PRECISION else None


def _with_fraction(name: str, other: OceanBaseColumn) -> str:
    fraction = _fraction(other)
    return f"{name}({fraction})" if fraction else name


def _fraction(column: OceanBaseColumn) -> int:
    return (numbers_of(column.dtype) or [0])[0]
