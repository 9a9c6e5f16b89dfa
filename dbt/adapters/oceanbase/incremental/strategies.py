"""Incremental strategies: their names, the check of their configs, and the columns and keys of their statements."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_common.exceptions import DbtRuntimeError

from ..column import OceanBaseColumn
from ..sql import column_references

STRATEGIES = ("append", "delete+insert", "merge", "insert_overwrite", "microbatch")

SCHEMA_CHANGES = ("ignore", "fail", "append_new_columns", "sync_all_columns")

_ADD_KEY = "the model has it, so set on_schema_change: append_new_columns, or run with --full-refresh"

_COMPARES_KEYS = ("delete+insert", "merge", "microbatch")
_SHOWN_KEYS, _SHOWN_CHARACTERS = 3, 60


def check_config(config: Mapping[str, Any]) -> None:
    """Raise DbtRuntimeError if ``on_schema_change`` is unknown or a config has no effect with the chosen strategy.

    The error's text is one line with the config's name, the reason and the remedy. With a strategy that the project
    defines, only ``on_schema_change`` is checked. It is also an error if a part of ``unique_key``, or the
    ``event_time`` of the strategy ``microbatch``, reads no column.

    ``config`` has the keys ``strategy``, ``unique_key``, ``event_time``, ``incremental_predicates``, ``partitions``,
    ``merge_update_columns``, ``merge_exclude_columns`` and ``on_schema_change``. A value is None if the model does not
    set it. ``strategy`` is as ``built_in`` returns it.
    """
    mode = config.get("on_schema_change")
    if mode and mode not in SCHEMA_CHANGES:
        raise DbtRuntimeError(f"on_schema_change: there is no {mode!r}: use one of {', '.join(SCHEMA_CHANGES)}")
    strategy = config.get("strategy")
    if strategy is None:
        return
    problem = next((text for text in _problems(strategy, config) if text), None)
    if problem:
        raise DbtRuntimeError(problem)
    for name in ("unique_key", "event_time") if strategy == "microbatch" else ("unique_key",):
        for key in _as_list(config.get(name) or None):
            column_references.column_sql(name, str(key))


def built_in(strategy: str | None, unique_key: Any) -> str | None:
    """Return the built-in strategy whose statements run for the config ``incremental_strategy``, or None.

    The result is None if ``strategy`` is none of the built-in strategies. Without a strategy, and for ``default``, it
    is ``delete+insert`` with a ``unique_key`` and ``append`` without one. dbt finds the macro of a strategy by its name
    with ``_`` in place of ``+``, so ``delete_insert`` is ``delete+insert``.
    """
    if not strategy or strategy == "default":
        return "delete+insert" if unique_key else "append"
    return {_in_macro_name(name): name for name in STRATEGIES}.get(_in_macro_name(strategy))


def macro_name(strategy: str) -> str:
    """Return the name of dbt's macro that returns the statements of the incremental strategy ``strategy``."""
    return f"get_incremental_{_in_macro_name(strategy)}_sql"


def _in_macro_name(strategy: str) -> str:
    return strategy.replace("+", "_")


def can_write_all_rows(strategy: str | None, unique_key: Any, predicates: Any) -> bool:
    """Check whether a strategy may write the rows of all times to a table that has such rows already.

    ``strategy`` is as ``built_in`` returns it. The result is false if rows of the table might then exist twice, because
    the strategy replaces none of them, or only those that fulfil ``predicates``, or because the project defines it.
    """
    replaces = strategy in ("insert_overwrite", "microbatch") or (strategy in _COMPARES_KEYS and bool(unique_key))
    return replaces and not predicates


def _problems(strategy: str, config: Mapping[str, Any]) -> Iterable[str | None]:
    key = config.get("unique_key")
    if key and strategy not in _COMPARES_KEYS:
        yield f"unique_key: {strategy} compares no keys: remove it, or use one of {', '.join(_COMPARES_KEYS)}"
    for name in ("merge_update_columns", "merge_exclude_columns"):
        if config.get(name) and (strategy != "merge" or not key):
            yield f"{name}: belongs to the strategy merge with a unique_key: {strategy} without it updates no columns"
    if config.get("incremental_predicates") and (
        strategy == "append" or (strategy in ("delete+insert", "merge") and not key)
    ):
        yield (
            "incremental_predicates: they narrow which rows are replaced, and none is replaced without a unique_key: "
            "give one, or remove them"
        )
    if config.get("partitions") and strategy != "insert_overwrite":
        yield f"partitions: names what insert_overwrite replaces, and this is {strategy}: remove it"


def unknown(strategy: str, macro: str, project: str) -> DbtRuntimeError:
    """Return the error for ``strategy``, which neither the adapter nor the project named ``project`` defines.

    ``macro`` is the name of the macro that would have to exist for the strategy.
    """
    return DbtRuntimeError(
        f"incremental_strategy: there is no {strategy!r}: use one of {', '.join(STRATEGIES)}, or define the "
        f'macro {macro} (dbt could not find an incremental strategy macro with the name "{macro}" in {project})'
    )


@dataclass(frozen=True)
class UniqueIndex:
    """A unique index or the primary key of a table.

    ``columns`` are the names of its columns in lower case. ``is_plain`` is true if each part of the index is a whole
    NOT NULL column. A part can also be a prefix of a column, or an expression.
    """

    columns: frozenset[str]
    is_plain: bool


def unique_indexes(rows: Iterable[Sequence[Any]]) -> list[UniqueIndex]:
    """Return the unique indexes of a table from ``rows``, which has one row for each part of a unique index.

    A row has three values: the index's name, the column's name (None for an expression), and one flag. The flag is true
    if the part is a prefix, an expression or nullable. The rows must be of unique indexes only, since this is not
    checked. They can be in any order.
    """
    parts: dict[str, list[tuple[str, bool]]] = {}
    for name, column, special in rows:
        parts.setdefault(str(name), []).append((str(column or "").lower(), bool(special)))
    return [
        UniqueIndex(frozenset(column for column, _ in found), not any(special for _, special in found))
        for found in parts.values()
    ]


def can_merge_by_index(
    indexes: Sequence[UniqueIndex], keys: Sequence[str], columns: Sequence[OceanBaseColumn], predicates: bool
) -> bool:
    """Check whether INSERT ... ON DUPLICATE KEY UPDATE has the same effect as a merge by the key expressions ``keys``.

    ``keys`` are as ``key_expressions`` returns them. ``indexes`` are the unique indexes of the table, and ``columns``
    are its columns. ``predicates`` tells whether the merge has conditions for the rows of the table. If it has, the
    result is false.

    The server looks for duplicates in every unique index of the table. So the table must have exactly one, and its
    columns must be the columns of the key: whole columns that are NOT NULL. If the key has text, the result is false,
    because an index compares text by a collation. Even a ``_bin`` collation treats 'a' and 'a ' as equal, but a merge
    compares keys byte for byte.
    """
    by_quoted = {column.quoted: column for column in columns}
    if predicates or len(indexes) != 1 or not indexes[0].is_plain or not all(key in by_quoted for key in keys):
        return False
    key_columns = [by_quoted[key] for key in keys]
    exactly = {column.name.lower() for column in key_columns} == indexes[0].columns
    return exactly and not any(column.compares_as_text() for column in key_columns)


def updated_columns(
    columns: Sequence[OceanBaseColumn], keys: Sequence[str], update: Sequence[str] | str | None, exclude: Any
) -> list[OceanBaseColumn]:
    """Return the columns that a merge updates in existing rows: all, or those in ``update``, or all but ``exclude``.

    ``update`` and ``exclude`` are the configs ``merge_update_columns`` and ``merge_exclude_columns``. Columns of the
    key are left out, since their values are the same. The case of names does not matter, and they may be in backticks
    or in double quotes. Raise DbtRuntimeError if both configs are set, or if one contains a name that is not a column.
    """
    if update and exclude:
        raise DbtRuntimeError("merge_update_columns: exclusive with merge_exclude_columns: give one of the two")
    names = {column.name.lower() for column in columns}
    name = "merge_update_columns" if update else "merge_exclude_columns"
    listed = [str(item) for item in _as_list(update or exclude)]
    plain = [(column_references.name_of(item) or item).lower() for item in listed]
    wanted = set(plain)
    missing = [item for item, known_as in zip(listed, plain, strict=True) if known_as not in names]
    if missing:
        raise DbtRuntimeError(f"{name}: {', '.join(missing)}: no such column in the model: correct or remove it")
    return [
        column
        for column in columns
        if column.quoted not in keys and (not listed or (column.name.lower() in wanted) == bool(update))
    ]


def duplicate_keys(model: str, keys: Sequence[str], rows: Sequence[Sequence[Any]]) -> DbtRuntimeError:
    """Return the error for a merge in which several new rows have the same unique key.

    Each of the ``rows`` has the values of the ``keys``, followed by the number of new rows with these values. ``model``
    is the name of the model.
    """
    shown = "; ".join(
        f"{', '.join(f'{key} = {_shown(value)}' for key, value in zip(keys, values, strict=True))} in {count} rows"
        for *values, count in rows[:_SHOWN_KEYS]
    )
    more = "; and more" if len(rows) > _SHOWN_KEYS else ""
    return DbtRuntimeError(
        f"merge: model {model} selects several rows of one unique_key: {shown}{more}: select one row per key, or use "
        "delete+insert"
    )


def duplicate_key_limit() -> int:
    """Return the maximum number of duplicate keys to read for the error of ``duplicate_keys``.

    It is the number of keys that the error shows, plus one, so that the error can say whether there are more.
    """
    return _SHOWN_KEYS + 1


def _shown(value: Any) -> str:
    text = "NULL" if value is None else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."


def key_type_changes(
    staged: Sequence[OceanBaseColumn], target: Sequence[OceanBaseColumn], keys: Sequence[str]
) -> list[tuple[OceanBaseColumn, str]]:
    """Return the key columns of the new rows whose values may change when they are stored in the target.

    Each column is returned with the type of the target's column. ``staged`` and ``target`` are the columns of the new
    rows and of the target, and ``keys`` are the expressions of the unique key. For example, a new 1.4 is a different
    key from 1, but becomes 1 when it is stored in an integer column. If one of the ``keys`` is an expression, every
    column may be part of it, so all columns are checked.
    """
    by_name = {column.name.lower(): column for column in target}
    plain = {column.quoted for column in target}
    wanted = set(keys) if plain.issuperset(keys) else plain
    pairs = ((column, by_name.get(column.name.lower())) for column in staged)
    return [
        (column, other.data_type)
        for column, other in pairs
        if other is not None and other.quoted in wanted and column.may_change_in(other)
    ]


def with_mixed_collations(
    written: Sequence[OceanBaseColumn], staged: Sequence[OceanBaseColumn], target: Sequence[OceanBaseColumn]
) -> list[OceanBaseColumn]:
    """Return the columns ``written`` with the attribute ``mixes_collations`` set.

    It is true for a text column whose collation in ``staged``, the columns of the new rows, differs from its collation
    in ``target``, the columns of the target.
    """
    by_name, in_target = ({column.name.lower(): column for column in columns} for columns in (staged, target))
    found = []
    for column in written:
        one, other = by_name.get(column.name.lower()), in_target.get(column.name.lower())
        is_mixed = one is not None and other is not None and one.collation != other.collation
        found.append(dataclasses.replace(column, mixes_collations=is_mixed and column.compares_as_text()))
    return found


def key_expressions(
    keys: Sequence[str] | str | None, columns: Sequence[OceanBaseColumn], config: str = "unique_key"
) -> list[str]:
    """Return ``keys``, the config ``config``, as a list of SQL expressions. The list is empty for None.

    A key that is the name of one of ``columns`` is returned as the column's name in backticks, as it may be a reserved
    word. Such a key may be in upper or lower case, and may already have backticks or double quotes. Any other key is an
    expression and is returned unchanged. Raise DbtRuntimeError if a key reads none of the ``columns``, since it would
    be the same for every row, or if the name of a column stands in double quotes in an expression.
    """
    quoted = {column.name.lower(): column.quoted for column in columns}
    return [column_references.column_sql(config, str(key), quoted) for key in _as_list(keys)]


def stored_key_expressions(
    keys: Sequence[str] | str | None,
    columns: Sequence[OceanBaseColumn],
    staged: Sequence[OceanBaseColumn],
    table: str,
) -> list[str]:
    """Return the config ``unique_key`` as ``key_expressions`` does for ``columns``, the columns of ``table``.

    If a key reads a column in ``staged``, the columns of the new rows, that ``table`` does not have, the error names
    ``table`` and not the model.
    """
    quoted = {column.name.lower(): column.quoted for column in columns}
    new = {column.name.lower() for column in staged} - quoted.keys()
    found = []
    for key in _as_list(keys):
        place = (table, _ADD_KEY) if column_references.reads(str(key), new) else ()
        found.append(column_references.column_sql("unique_key", str(key), quoted, *place))
    return found


def check_predicates(predicates: Sequence[str] | str | None, columns: Sequence[OceanBaseColumn]) -> None:
    """Raise DbtRuntimeError if a predicate has the name of one of ``columns`` in double quotes, as a string.

    ``predicates`` is the config ``incremental_predicates``. The error's text is one line.
    """
    names = {column.name.lower() for column in columns}
    for predicate in _as_list(predicates):
        column_references.check_strings("incremental_predicates", str(predicate), names)


def _as_list(value: Sequence[str] | str | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])
