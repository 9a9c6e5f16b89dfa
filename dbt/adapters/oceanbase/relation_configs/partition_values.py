"""Find the partitions of a table that hold given values, or the rows of another table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..connect.quoting import literal
from .components import error
from .partition_layout import DEFAULT, MAXVALUE, NULL, Layout, Partition, Value, bound_order, comparable, moment_literal
from .partition_scale import Scale

CONFIG = "partitions"


def are_names(layout: Layout, wanted: Sequence[Any]) -> bool:
    """Check whether every item of ``wanted`` is the name of a partition of ``layout``."""
    return {str(each).lower() for each in wanted} <= {part.name.lower() for part in layout.partitions}


def are_known(layout: Layout) -> bool:
    """Check whether a value of the column or expression of the partitions tells which partition of ``layout`` holds it.

    It does not if the method is ``hash`` or ``key``, or if several columns make the partitions.
    """
    return len(layout.keys) == 1 and layout.method not in ("hash", "key")


def named(
    layout: Layout,
    wanted: Sequence[Any],
    scale: Scale | None,
    first: datetime | None = None,
    *,
    are_texts: bool = False,
) -> list[str]:
    """Return the names of the partitions that the config ``partitions`` lists.

    ``wanted`` is the config. An item is the name of a partition of ``layout``, or a value that a partition holds.
    ``scale`` converts a time to a bound, such as a number of days, or is None. ``first`` is the moment from which on
    each partition holds the rows of one period only, or None if no rule makes partitions of periods. ``are_texts`` is
    true if the column of the partitions is a text. Raises ConfigError if no partition is known to hold an item. Also
    raises it if an item is a time before ``first``, because the partition that holds this time also holds rows of other
    periods.
    """
    names = {part.name.lower(): part.name for part in layout.partitions}
    found: list[str] = []
    for each in wanted:
        name = names.get(str(each).lower())
        if name is None:
            _check_begin(each, scale, first)
            name = _holding(layout, each, scale, are_texts)
        if name is None:
            shown = ", ".join(part.name for part in layout.partitions[:5])
            more = ", ..." if len(layout.partitions) > 5 else ""
            raise error(CONFIG, f"{each!r} is no partition, and none is known to hold it", f"use {shown}{more}")
        if name not in found:
            found.append(name)
    return found


def _sql(value: Any) -> str:
    """Return ``value``, an item of the config ``partitions``, as SQL. The SQL of a number is a text as well."""
    return literal(str(value)) if not isinstance(value, datetime) else moment_literal(value)


def _wanted(value: Any, scale: Scale | None) -> Value:
    """Return ``value``, an item of the config ``partitions``, as an object that can be compared with bounds.

    The object is a Decimal, a datetime or a str, as ``comparable`` returns it. If the partitions are made by an
    expression such as ``to_days(day)``, ``scale`` converts a time to the value of the expression.
    """
    wanted = comparable(_sql(value))
    if isinstance(wanted, datetime) and scale is not None:
        return comparable(scale.bound(wanted))
    return wanted


def _check_begin(value: Any, scale: Scale | None, first: datetime | None) -> None:
    when = scale.moment(_wanted(value, scale)) if scale else None
    if when is not None and first is not None and when < first:
        raise error(
            CONFIG,
            f"{str(value)!r} lies before the first period, which begins at {first:%Y-%m-%d %H:%M}, where the partition "
            "also holds other rows",
            "name the partition",
        )


def _holding(layout: Layout, value: Any, scale: Scale | None, are_texts: bool) -> str | None:
    """Return the name of the partition of ``layout`` that holds ``value``, or None if this is not certain.

    ``are_texts`` is true if the column of the partitions is a text. Then two texts of the same time are two values.
    """
    if not are_known(layout):
        return None
    wanted = _wanted(value, scale)
    if are_texts and isinstance(wanted, datetime):
        wanted = _sql(value)
    if layout.method.startswith("range"):
        return _below(layout, wanted)
    for part in layout.partitions:
        if wanted in part.bounds or wanted in part.values or (value is None and NULL in part.values):
            return part.name
    others = [part.name for part in layout.partitions if DEFAULT in part.values]
    listed = [bound for part in layout.partitions for bound in part.bounds if bound not in (DEFAULT, NULL)]
    # a text may be equal to a value of another partition by the column's collation, and a number to a date
    is_known = not isinstance(wanted, str) and all(isinstance(bound, str | type(wanted)) for bound in listed)
    if layout.method == "list" and not isinstance(wanted, Decimal):
        return None
    return others[0] if others and is_known else None


def _below(layout: Layout, wanted: Value) -> str | None:
    """Return the name of the range partition of ``layout`` that holds ``wanted``, or None if this is not certain.

    It is not certain if a bound is a text that is no time, because the order of texts depends on a collation.
    """
    for part in layout.partitions:
        bound = bound_order(part.values[0])
        if bound == MAXVALUE or (type(bound) is type(wanted) and not isinstance(bound, str) and wanted < bound):  # type: ignore[operator]
            return part.name
        if type(bound) is not type(wanted) or isinstance(bound, str):
            return None
    return None


def name_expression(layout: Layout, begin: str | None = None, collation: str | None = None) -> str | None:
    """Return SQL for the name of the partition to which a row belongs, or None if no SQL can determine it.

    ``layout`` describes the partitions. The SQL may be used in a query on any table with the columns of the partitioned
    table. It returns NULL if no partition can hold the row. ``begin`` is the SQL of the beginning of the first period,
    or None. If ``begin`` is given, the SQL returns an empty text for a row in which the column or expression of the
    partitions is NULL or below ``begin``. ``collation`` is the collation of the partitioned table's column if this
    is a column of texts, ``binary`` if it is one of bytes, or None. With a collation, all bounds are compared as texts,
    also those that look like times.

    No SQL can determine the partition if ``are_known`` is false for ``layout``.
    """
    if not are_known(layout):
        return None
    key = _collated(layout.keys[0], collation) if collation else layout.keys[0]
    branches = [f"when {key} is null or {key} < {begin} then ''"] if begin else []
    others = "null"
    for part in layout.partitions:
        if layout.method.startswith("range"):
            if MAXVALUE in part.values:
                others = literal(part.name)
                continue
            # NULL is below all values
            start = f"{key} is null or " if not branches else ""
            bound = part.values[0] if collation else _typed(part.values[0])
            branches.append(f"when {start}{key} < {bound} then {literal(part.name)}")
        elif DEFAULT in part.values:
            others = literal(part.name)
        else:
            branches += _list_branches(key, part)
    return f"case {' '.join(branches)} else {others} end" if branches else others


def _collated(key: str, collation: str) -> str:
    """Return SQL that compares the column ``key`` by ``collation``. No text can have the collation ``binary``."""
    return f"cast({key} as binary)" if collation == "binary" else f"{key} collate {collation}"


def _typed(value: str) -> str:
    """Return ``value``, the SQL of a bound, with a cast to DATETIME if it is a time.

    Without the cast, the server would compare it as text if the rows have texts in the column.
    """
    is_time = value[:1] == "'" and ":" in value and comparable(value) != value
    return f"cast({value} as datetime(6))" if is_time else value


def _list_branches(key: str, part: Partition) -> list[str]:
    values = [value for value in part.values if value != NULL]
    found = [f"when {key} is null then {literal(part.name)}"] if NULL in part.values else []
    return found + ([f"when {key} in ({', '.join(values)}) then {literal(part.name)}"] if values else [])


def period_partition(layout: Layout, begin: datetime, end: datetime, scale: Scale) -> str | None:
    """Return the name of the partition of ``layout`` that holds exactly the times from ``begin`` to before ``end``.

    Return None if there is no such partition. The first partition is never returned, because it also holds NULL and all
    earlier times. ``scale`` converts bounds to times.
    """
    if not layout.method.startswith("range") or len(layout.keys) != 1:
        return None
    bounds = [scale.moment(part.bounds[0]) for part in layout.partitions]
    for index in range(1, len(bounds)):
        if bounds[index - 1] == begin and bounds[index] == end:
            return layout.partitions[index].name
    return None
