"""Find a type that holds the values of two columns, and find values that a cast to another type would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dbt_common.exceptions import DbtRuntimeError

from ..column import OceanBaseColumn
from ..connect.quoting import literal
from ..sql import members, types
from ..sql.type_pairs import loss_condition
from ..sql.types import INTEGER_TYPES, MAX_PRECISION, numbers_of
from ..sql.value_texts import is_collection, shown
from ..sql.wider_types import BYTE_TYPES

_MAX_NEW_MEMBERS = 64
"""The maximum number of texts that one run adds as members of an ENUM or SET."""

_EXACT_IN_FLOAT = ("tinyint", "smallint", "mediumint")
_MOMENTS = ("datetime", "timestamp")


class Change(NamedTuple):
    """A change of a column of a table.

    ``kind`` is the column's new type, or None to keep the type. ``takes_null`` means that the column becomes nullable.
    """

    kind: str | None
    takes_null: bool


class LossyCast(NamedTuple):
    """A cast that may change values.

    It converts the values of ``column`` to ``kind``, the type of the column in which they are to be stored.
    ``condition`` is the SQL condition that the cast changes a value.
    """

    column: OceanBaseColumn
    kind: str
    condition: str

    @property
    def takes_members(self) -> bool:
        """Whether the cast stores a text in an ENUM or SET, which could get this text as a new member."""
        return self.column.is_string() and types.base_type(self.kind) in members.MAX_MEMBERS


def changes(
    present: Sequence[OceanBaseColumn],
    wanted: Sequence[OceanBaseColumn],
    *,
    across_kinds: bool = False,
    retyped_later: bool = False,
    allow_missing_columns: bool = False,
    relax_not_null: bool = True,
) -> dict[str, Change]:
    """Return the changes that a table's columns ``present`` need to store the values of the columns ``wanted``.

    The result maps names of columns to changes. ``across_kinds`` permits a type of another kind (such as decimal
    instead of bigint) that holds the values of both. ``retyped_later`` means that dbt gives the columns the types of
    ``wanted`` afterwards, see ``_is_left_to_dbt``.

    With ``relax_not_null``, a NOT NULL column becomes nullable in two cases. In the first, it has a default and the
    wanted column is nullable. Such a column may come from a CREATE TABLE ... AS, which creates a column with NOT NULL
    and a default if its expression is a literal. In the second, ``allow_missing_columns`` is set and no wanted column
    has its name. In all other cases the column stays NOT NULL, since the user may have declared it so, and the server
    refuses a NULL.
    """
    by_name = {column.name.lower(): column for column in wanted}
    found = {}
    for column in present:
        other = by_name.get(column.name.lower())
        if column.is_generated:
            continue
        kind = column.widened_for(other) if other and not (retyped_later and _is_left_to_dbt(column, other)) else None
        if other and not kind and across_kinds:
            kind = shared_type(column, other)
        takes_null = column.refuses_null and (column.has_default and other.nullable if other else allow_missing_columns)
        if kind or (takes_null and relax_not_null):
            found[column.name] = Change(kind, takes_null and relax_not_null)
    return found


def _is_left_to_dbt(column: OceanBaseColumn, other: OceanBaseColumn) -> bool:
    """Check whether ``column`` gets the type of ``other`` from dbt, and not a type that holds the values of both.

    The result is true for integers of which one is unsigned, and for texts and bytes if neither type holds all values
    of the other one. Decimals, ENUM and SET get a type that holds both.
    """
    if column.has_other_sign(other):
        return True
    is_sized = column.is_string() or types.base_type(column.dtype) in BYTE_TYPES
    return is_sized and other.widened_for(column) is not None


def dispensable(
    present: Sequence[OceanBaseColumn], wanted: Sequence[OceanBaseColumn], changed: Mapping[str, Change]
) -> set[str]:
    """Return the names of the columns in ``present`` that may keep their types, although ``changed`` has other types.

    ``changed`` is the result of ``changes`` for ``present`` and ``wanted``. With the type that such a column has now,
    the server refuses each value of ``wanted`` for which the column has no room, and stores all others unchanged.
    """
    by_name = {column.name.lower(): column for column in wanted}
    return {
        column.name
        for column in present
        if (other := by_name.get(column.name.lower())) and (change := changed.get(column.name))
        if not change.takes_null and loss_condition(other.quoted, other.data_type, column.data_type) is None
    }


def shared_type(column: OceanBaseColumn, other: OceanBaseColumn) -> str | None:
    """Return a type for ``column`` that holds its values and the values of ``other``, whose type is of another kind.

    Return None if ``column`` already holds all values, or if no type does. Also return None if the server itself raises
    an error for each value that ``column`` cannot hold. Such a value cannot be changed unnoticed, so no new type is
    needed.
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
    """Return the casts that may change values of the columns ``wanted`` when they are stored in ``present``.

    ``changed`` maps names of columns to the changes that will be made to ``present`` before the values are stored.
    """
    by_name = {column.name.lower(): column for column in present if not column.is_generated}
    found = []
    for column in wanted:
        target = by_name.get(column.name.lower())
        if target is not None:
            change = changed.get(target.name)
            kind = (change.kind if change else None) or target.data_type
            condition = None if _holds_no_value(column) else loss_condition(column.quoted, column.data_type, kind)
            if condition:
                found.append(LossyCast(column, kind, condition))
    return found


def _holds_no_value(column: OceanBaseColumn) -> bool:
    """Check whether ``column`` has length 0 because CREATE TABLE ... AS made it from a NULL literal."""
    return column.dtype in ("binary", "varbinary") and column.char_size == 0


def _has_fraction(column: OceanBaseColumn) -> bool:
    return column.is_float() or column.decimal_size()[1] > 0


def lossy_values_query(staging: str, casts: Sequence[LossyCast]) -> str:
    """Return the query that finds, for each of the ``casts``, one value in ``staging`` that the cast would change.

    ``staging`` is the name of the table with the values, as SQL. ``casts`` must not be empty. The result of the query
    has one row with one column per cast: the value as text, or NULL if the cast changes no value.
    """
    values = (
        f"min(case when {cast.condition} then {shown(cast.column.quoted, cast.column.data_type)} end)" for cast in casts
    )
    return f"select {', '.join(values)} from {staging}"


def raise_on_lossy_values(casts: Sequence[LossyCast], values: Sequence[str | None], target: str, remedy: str) -> None:
    """Raise DbtRuntimeError if one of the ``casts`` would change a value.

    ``values`` is the result row of ``lossy_values_query`` for the same ``casts``. ``target`` is the table in which the
    values would be stored. The error's text is one line that ends with ``remedy``.
    """
    lost = _lost(casts, values)
    if lost:
        raise DbtRuntimeError(f"{lost}, the type in {target}: {remedy}")


def lossy_texts_query(staging: str, cast: LossyCast) -> str:
    """Return the query for the texts in the table ``staging`` that are no members of the ENUM or SET of ``cast``.

    The caller adds them as new members. One run may add 64 texts (``_MAX_NEW_MEMBERS``). The query returns at most 65,
    so that the caller can see that there are too many.
    """
    value = cast.column.quoted
    return f"select distinct cast({value} as char) from {staging} where {cast.condition} limit {_MAX_NEW_MEMBERS + 1}"


def with_texts(cast: LossyCast, texts: Sequence[str]) -> str | None:
    """Return the ENUM or SET to which ``cast`` converts, with ``texts`` as new members.

    ``texts`` is the result of ``lossy_texts_query``. For a SET, each text may have several members, separated by
    commas. Return None if there are more than 64 texts (``_MAX_NEW_MEMBERS``), if no member is new, if the type would
    have too many members, or if a collation may treat two members as equal.
    """
    kind = types.base_type(cast.kind)
    new = {part: None for text in texts for part in (text.split(",") if kind == "set" else [text])}
    if len(texts) > _MAX_NEW_MEMBERS:
        return None
    return members.with_members(cast.kind, f"{kind}({','.join(map(literal, new))})")


def with_kinds(
    found: Mapping[str, Change], present: Sequence[OceanBaseColumn], kinds: Mapping[str, str]
) -> dict[str, Change]:
    """Return the changes ``found``, but with the types in ``kinds`` for the columns that ``kinds`` names.

    ``found`` maps column names to changes, and ``kinds`` maps column names in lower case to types. A column of
    ``kinds`` that is not in ``found`` is added. ``present`` are the columns of the table. They must include all columns
    of ``kinds``. For these, the keys of the result are the names as ``present`` spells them.
    """
    names = {column.name.lower(): column.name for column in present}
    changed = {names[name]: kind for name, kind in kinds.items()}
    takes_null = {name: found[name].takes_null if name in found else False for name in changed}
    return {**found, **{name: Change(kind, takes_null[name]) for name, kind in changed.items()}}


def retyped_columns(present: Sequence[OceanBaseColumn], staged: Sequence[OceanBaseColumn]) -> list[OceanBaseColumn]:
    """Return the columns to which dbt gives another type if the config is ``on_schema_change: sync_all_columns``.

    ``present`` are the columns of the table, and ``staged`` are the columns of the new rows. A column gets the type of
    the staged column of the same name if the types differ. It keeps its own type if the staged column is too narrow for
    the column's values, and the column has room for all staged ones (see ``can_expand_to``). Generated columns are left
    out. The result has the columns as they are in ``present``.
    """
    by_name = {column.name.lower(): column for column in staged}
    pairs = ((column, by_name.get(column.name.lower())) for column in present if not column.is_generated)
    return [
        column
        for column, other in pairs
        if other is not None and other.data_type != column.data_type and not other.can_expand_to(column)
    ]


def raise_on_lossy_stored_values(casts: Sequence[LossyCast], values: Sequence[str | None], target: str) -> None:
    """Raise DbtRuntimeError if the new type of a column would change a value stored in the table ``target``.

    ``casts`` are the casts to the new types. ``values`` has one item for each cast: a stored value that the cast would
    change, or None if it changes no value.
    """
    lost = _lost(casts, values)
    if lost:
        raise DbtRuntimeError(
            f"on_schema_change: sync_all_columns: rows of {target} do not fit the new types, because {lost}: "
            "cast it in the model to a type that holds both, or use on_schema_change: append_new_columns, or "
            "--full-refresh"
        )


def _lost(casts: Sequence[LossyCast], values: Sequence[str | None]) -> str:
    return "; ".join(
        f"column {cast.column.name}: {value} ({_kind_of(cast.column)}) would become another value in {cast.kind}"
        for cast, value in zip(casts, values, strict=True)
        if value is not None
    )


def _kind_of(column: OceanBaseColumn) -> str:
    return "an array or map" if is_collection(column.data_type) else column.data_type


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
