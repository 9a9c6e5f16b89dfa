"""Parse and check the config ``partition_by``.

The config either lists the partitions, or has a rule by which each run adds and drops partitions, such as one per day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from ..connect.quoting import identifier, literal
from . import partition_rules, values
from .components import error
from .partition_layout import (
    COUNTED,
    DEFAULT,
    MAXVALUE,
    METHODS,
    NULL,
    Layout,
    Partition,
    bound_order,
)
from .partition_rules import CONFIG, MAX_PARTITIONS, Rule
from .partition_scale import OF_COLUMN, Scale, scale_of

_KEYS = (
    "type", "columns", "expression", "partitions", "count", "subpartition_by",
    "every", "from", "ahead", "retention", "data_type", "dynamic",
)  # fmt: skip
_OF_RULES = ("from", "ahead", "retention", "data_type", "dynamic")
_ALIASES = {"field": "columns", "column": "columns", "granularity": "every", "method": "type"}
_REFUSED = {
    "range": "write type: range columns, and the bounds under partitions: [{less_than: 10}, {less_than: 20}]",
    "time_ingestion_partitioning": "write a column with the time of loading into the model, and name it in column",
    "copy_partitions": "remove it: insert_overwrite replaces partitions in the way that the server has",
}
_OF_PARTITIONS = ("name", "less_than", "in")
_DATA_TYPES = ("date", "datetime", "timestamp")
_COLUMN_METHODS = ("range columns", "list columns", "key")
_UNREADABLE = re.compile(r"['\\\n\r\0]")


@dataclass(frozen=True)
class PartitionConfig:
    """A checked config ``partition_by``.

    ``layout`` has the method and the columns or the expression, and the partitions if the config lists them. ``rule``
    is the rule that makes one partition per period, or None. ``scale`` converts between times and bounds of partitions.
    ``is_timestamp`` is true if ``data_type`` is timestamp. ``is_dynamic`` is true if the server itself adds and drops
    partitions.
    """

    layout: Layout
    rule: Rule | None = None
    scale: Scale = OF_COLUMN
    is_timestamp: bool = False
    is_dynamic: bool = False


def parse(value: Any, zone: str) -> PartitionConfig:
    """Parse and check ``value``, the config ``partition_by``. Raise ConfigError with one line if it is wrong.

    ``value`` is a mapping, such as ``{"column": "day", "every": "day", "from": "2024-01-01"}``, or a list of one or two
    mappings, the second for subpartitions. ``zone`` is the time zone of the session, such as ``+08:00``.
    """
    given, of_each = _mappings(value)
    found = values.renamed(CONFIG, given, (*_KEYS, *_REFUSED), _ALIASES)
    for name, instead in _REFUSED.items():
        if found.get(name):
            raise error(CONFIG, f"{name}: OceanBase has no such partitions", instead)
    if of_each is not None:
        if found.get("subpartition_by"):
            raise error(CONFIG, "a second item and subpartition_by mean the same", "remove one of them")
        found["subpartition_by"] = of_each
    config = _by_rule(found, zone) if found.get("every") is not None else _explicit(found, zone)
    sub = found.get("subpartition_by")
    return replace(config, layout=replace(config.layout, sub=_subpartitions(sub, zone))) if sub is not None else config


def _mappings(value: Any) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    if isinstance(value, Mapping):
        return value, None
    if isinstance(value, str) or (isinstance(value, Sequence) and all(isinstance(each, str) for each in value)):
        raise error(
            CONFIG,
            f"{value!r} names columns only, and OceanBase makes no partition for each value by itself",
            "write {type: key, columns: [...], count: 8}, {type: list columns, columns: [...], partitions: [...]} or, "
            "for dates, {column: ..., every: day, from: '2024-01-01'}",
        )
    if (
        isinstance(value, Sequence) and 1 <= len(value) <= 2 and all(isinstance(each, Mapping) for each in value)
    ):  # partitions, and subpartitions
        return value[0], value[1] if len(value) > 1 else None
    raise error(CONFIG, f"{value!r} is no mapping", "write a mapping, or two: of partitions and of subpartitions")


# -- by a rule


def _by_rule(found: Mapping[str, Any], zone: str) -> PartitionConfig:
    for name in ("partitions", "count"):
        if found.get(name) is not None:
            raise error(CONFIG, f"{name} and every exclude each other", "remove one of them")
    layout = _keys(found, default="range columns")
    if not layout.method.startswith("range") or len(layout.keys) > 1:
        raise error(CONFIG, "every needs one column, and type: range columns", "remove the type, and name one column")
    scale = scale_of(layout, zone)
    if scale is None:
        raise error(
            CONFIG,
            f"every: the bounds of {layout.method} ({layout.keys[0]}) are not known to be times",
            "write column instead of type and expression, or expression: to_days(...) or unix_timestamp(...)",
        )
    every = partition_rules.unit(found["every"])
    data_type = values.choice(f"{CONFIG}: data_type", found.get("data_type"), _DATA_TYPES)
    if every is partition_rules.Unit.HOUR and (data_type == "date" or not scale.has_hours):
        raise error(CONFIG, "every: a date has no hours", "use day")
    begin = partition_rules.moment(found.get("from") if found.get("from") is not None else "")
    if begin is None:
        given = "is missing" if found.get("from") is None else f"{found['from']!r} is no date"
        raise error(CONFIG, f"from: {given}", "write the first date that the table has, such as from: '2024-01-01'")
    retention = found.get("retention")
    rule = Rule(
        every,
        begin,
        partition_rules.span("ahead", found.get("ahead", 1) if found.get("ahead") is not None else 1, every, 0),
        partition_rules.span("retention", retention, every, 1) if retention is not None else None,
    )
    is_dynamic = values.boolean(f"{CONFIG}: dynamic", found.get("dynamic"), False)
    if is_dynamic:
        layout = replace(layout, keys=(_plain_column(layout, scale, rule),))
    return PartitionConfig(layout, rule, scale, data_type == "timestamp", is_dynamic)


def _plain_column(layout: Layout, scale: Scale, rule: Rule) -> str:
    """Return the name of the column in ``layout`` without quotes.

    This is for partitions that the server itself adds and drops (``dynamic``). Raise ConfigError if they are made by an
    expression, or if the rule makes no partition for the future. Also raise it if the name would need quotes, because
    the server takes a quoted name for an expression and refuses it (1235).
    """
    name = layout.keys[0].strip("`")
    if not scale.is_column or rule.ahead.number < 1 or not re.fullmatch(r"[A-Za-z_]\w*", name):
        raise error(
            CONFIG,
            "dynamic: it needs a column whose name needs no quotes, and ahead of at least 1",
            "write both, or remove dynamic",
        )
    return name


# -- listed partitions


def _explicit(found: Mapping[str, Any], zone: str) -> PartitionConfig:
    for name in _OF_RULES:
        if found.get(name) is not None:
            raise error(CONFIG, f"{name} belongs to partitions by a rule", "add every, or remove it")
    layout = _keys(found)
    return PartitionConfig(_with_partitions(layout, found, zone), scale=scale_of(layout, zone) or OF_COLUMN)


def _subpartitions(value: Any, zone: str) -> Layout:
    if not isinstance(value, Mapping):
        raise error(CONFIG, f"subpartition_by: {value!r} is no mapping", "write {type: hash, column: ..., count: 4}")
    found = values.renamed(
        f"{CONFIG}: subpartition_by", value, ("type", "columns", "expression", "partitions", "count"), _ALIASES
    )
    return _with_partitions(_keys(found), found, zone)


def _keys(found: Mapping[str, Any], default: str | None = None) -> Layout:
    """Return a layout without partitions, with the method and the columns or the expression of the config ``found``.

    The method is the key ``type``. ``default`` is the method to take if the config has no ``type``. Raise ConfigError
    if the type, the columns or the expression are missing or do not fit together.
    """
    method = str(found.get("type") or default or "").strip().lower().replace("_", " ")
    expression, columns = found.get("expression"), found.get("columns")
    if expression is not None and default and found.get("type") is None:
        method = "range"
    if method not in METHODS:
        problem = f"type: {method!r} is not known" if method else "type is missing"
        raise error(CONFIG, problem, f"write one of {', '.join(METHODS)}, or every for a partition of each period")
    if (expression is None) == (columns is None):
        raise error(CONFIG, f"type: {method} needs either column or expression", "write one of them")
    if expression is not None:
        if method in _COLUMN_METHODS:
            raise error(CONFIG, f"expression: {method} takes columns only", "write columns: [...], or another type")
        return Layout(method, (values.text(f"{CONFIG}: expression", expression).strip(),), ())
    names = values.names(f"{CONFIG}: columns", columns)
    if len(names) > 1 and method not in _COLUMN_METHODS:
        raise error(CONFIG, f"columns: {method} takes one column", f"write type: {method} columns, or one column")
    return Layout(method, tuple(identifier(name) for name in names), ())


def _with_partitions(layout: Layout, found: Mapping[str, Any], zone: str) -> Layout:
    listed, count = found.get("partitions"), found.get("count")
    if layout.method in COUNTED:
        if listed is not None and not isinstance(listed, int):
            raise error(CONFIG, f"partitions: those of {layout.method} have no values", "write count: 8")
        if listed is not None and count is not None:
            raise error(CONFIG, f"partitions and count of {layout.method} mean the same", "remove one of them")
        number = values.integer(f"{CONFIG}: count", listed if count is None else count, 1, MAX_PARTITIONS)
        if number is None:
            raise error(CONFIG, f"count: type {layout.method} needs it", "write the number of partitions, as count: 8")
        return replace(layout, partitions=tuple(Partition(f"p{index}") for index in range(number)))
    if count is not None:
        raise error(CONFIG, f"count: {layout.method} needs the values of its partitions", "list them under partitions")
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise error(
            CONFIG,
            f"partitions: type {layout.method} needs a list of partitions",
            "write [{name: p1, in: [a, b]}]" if "list" in layout.method else "write [{name: p1, less_than: 10}]",
        )
    scale = scale_of(layout, zone)
    partitions = tuple(_partition(layout, item, index, scale) for index, item in enumerate(listed))
    found_layout = replace(layout, partitions=partitions)
    _check_partitions(found_layout)
    return found_layout


def _partition(layout: Layout, item: Any, index: int, scale: Scale | None) -> Partition:
    key, other = ("in", "less_than") if layout.method.startswith("list") else ("less_than", "in")
    if not isinstance(item, Mapping):
        raise error(CONFIG, f"partitions: {item!r} is no mapping", f"write {{name: p1, {key}: ...}}")
    found = values.renamed(f"{CONFIG}: partitions", item, _OF_PARTITIONS, {"values": key, "lessthan": "less_than"})
    if found.get(other) is not None or key not in found:
        raise error(CONFIG, f"partitions: {dict(item)!r} has no {key}", f"write {{name: p1, {key}: ...}}")
    name = values.text(f"{CONFIG}: partitions: name", found.get("name")) or f"p{index}"
    if len(name) > 64 or "`" in name:  # the server's error is 1059
        raise error(CONFIG, f"partitions: {name!r} is no name", "use up to 64 characters without backticks")
    given = found[key]
    if key == "in" and isinstance(given, str) and given.strip().lower() == DEFAULT:
        return Partition(name, (DEFAULT,))
    listed = list(given) if isinstance(given, list | tuple) else [given]
    width = len(layout.keys)
    if key == "less_than":
        if len(listed) != width:
            raise error(CONFIG, f"partitions: {name} has {len(listed)} bounds for {width} columns", "give one for each")
        return Partition(name, tuple(_literal(name, value, key, scale) for value in listed))
    if width == 1:
        return Partition(name, tuple(_literal(name, value, key, scale) for value in listed))
    if not all(isinstance(each, list | tuple) and len(each) == width for each in listed):
        raise error(CONFIG, f"partitions: {name}: not all values have {width} columns", "write in: [[1, a], [2, b]]")
    rows = (", ".join(_literal(name, value, key, scale) for value in each) for each in listed)
    return Partition(name, tuple(f"({row})" for row in rows))


def _literal(name: str, value: Any, key: str, scale: Scale | None) -> str:
    """Return ``value``, a bound or a listed value of the partition ``name``, as SQL.

    ``key`` is ``less_than`` or ``in``. ``scale`` converts times to bounds. It is None if the partitions' expression
    needs numbers. Raise ConfigError for a value of a wrong type, for a text or a date if the expression needs numbers,
    for a text that is no time if the expression needs times, or for a text with a quote, a backslash or a line end.
    """
    if key == "less_than" and str(value).strip().lower() == MAXVALUE:
        return MAXVALUE
    if value is None and key == "in":
        return NULL
    if isinstance(value, bool) or not isinstance(value, int | float | str | date):
        raise error(CONFIG, f"partitions: {name}: {value!r} is no value", "write numbers, texts or dates")
    if isinstance(value, int | float):
        return literal(value)
    when = partition_rules.moment(value)
    if scale is None or (when is None and not scale.is_column):
        raise error(
            CONFIG,
            f"partitions: {name}: {value!r} is no value of the expression",
            "write the number that it has, or a type that compares columns",
        )
    if isinstance(value, date) or not scale.is_column:
        return scale.bound(when or datetime.min)
    if _UNREADABLE.search(value):
        raise error(
            CONFIG,
            f"partitions: {name}: {value!r} has a quote, a backslash or a line end",
            "use other values: the server does not show them so that they can be read back",
        )
    return literal(value)


def _check_partitions(layout: Layout) -> None:
    for name, times in Counter(part.name.lower() for part in layout.partitions).items():
        if times > 1:
            raise error(CONFIG, f"partitions: there are two of the name {name}", "give each a name of its own")
    if layout.method.startswith("list"):
        written = [value for part in layout.partitions for value in part.values]
        bounds = [bound for part in layout.partitions for bound in part.bounds]
        times_of = Counter(bounds)
        for value, bound in zip(written, bounds, strict=True):
            if times_of[bound] > 1:
                raise error(CONFIG, f"partitions: {value} is in two of them", "list each value once")
        return
    for before, after in zip(layout.partitions, layout.partitions[1:], strict=False):
        if not _is_below(before.values, after.values):
            raise error(
                CONFIG,
                f"partitions: {after.name} does not hold larger values than {before.name}",
                "list them in the order of their bounds, and one with maxvalue last",
            )


def _is_below(before: Sequence[str], after: Sequence[str]) -> bool:
    """Check whether the bounds ``before`` are lower than the bounds ``after``, as far as the adapter can know.

    Bounds are SQL, one for each column. The result is also true for two texts, because their order depends on a
    collation. The server then checks the order.
    """
    for one, other in zip(map(bound_order, before), map(bound_order, after), strict=True):
        if one == MAXVALUE:
            return False
        if other == MAXVALUE or type(one) is not type(other) or isinstance(one, str):
            return True
        if one != other:
            return bool(one < other)  # type: ignore[operator]
    return False
