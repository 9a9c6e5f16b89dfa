"""Strategies of incremental models: their names, the configs of each, and the columns and keys that they write."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_common.exceptions import DbtRuntimeError

from ..column import OceanBaseColumn

STRATEGIES = ("append", "delete+insert", "merge", "insert_overwrite", "microbatch")

SCHEMA_CHANGES = ("ignore", "fail", "append_new_columns", "sync_all_columns")

_COMPARES_KEYS = ("delete+insert", "merge", "microbatch")
_SHOWN_KEYS, _SHOWN_CHARACTERS = 3, 60


def check_config(config: Mapping[str, Any]) -> None:
    """Raise DbtRuntimeError if a config has no effect with the chosen strategy.

    The error is one line: the config's name, the reason, the remedy. A strategy of the project's own is not checked.

    ``config``: ``strategy`` (None for dbt's default), ``unique_key``, ``incremental_predicates``, ``partitions``,
    ``partition_by``, ``merge_update_columns``, ``merge_exclude_columns``, ``on_schema_change``; None where not given.
    """
    mode = config.get("on_schema_change")
    if mode and mode not in SCHEMA_CHANGES:
        raise DbtRuntimeError(f"on_schema_change: there is no {mode!r}: use one of {', '.join(SCHEMA_CHANGES)}")
    key = config.get("unique_key")
    strategy = config.get("strategy") or ("delete+insert" if key else "append")
    if strategy not in STRATEGIES:
        return
    problem = next((text for text in _problems(strategy, config) if text), None)
    if problem:
        raise DbtRuntimeError(problem)


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
    if config.get("partition_by") and strategy == "insert_overwrite":
        yield (
            "partition_by: not yet supported by dbt-oceanbase: make the partitions in a hook, list those to replace "
            "in `partitions`, and remove the config"
        )


def unknown(strategy: str, macro: str, project: str) -> DbtRuntimeError:
    """Return the error for a strategy that neither the adapter nor the project has."""
    return DbtRuntimeError(
        f"incremental_strategy: there is no {strategy!r}: use one of {', '.join(STRATEGIES)}, or define the "
        f'macro {macro} (dbt could not find an incremental strategy macro with the name "{macro}" in {project})'
    )


@dataclass(frozen=True)
class UniqueIndex:
    """A unique or primary key of a table.

    ``columns``: their names in lower case.
    ``is_plain``: all parts are whole columns that are never NULL, and none is a prefix or an expression.
    """

    columns: frozenset[str]
    is_plain: bool


def unique_indexes(rows: Iterable[Sequence[Any]]) -> list[UniqueIndex]:
    """Return the indexes that ``rows`` list part by part.

    A row holds index name, column name, and whether the part is a prefix, an expression or takes NULL.
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
    """Check whether INSERT ... ON DUPLICATE KEY UPDATE does what a merge by ``keys`` does.

    The server looks at every unique index of the table. So there must be only one, and it must be exactly the key, of
    whole columns that are never NULL. The server compares text in it by a collation (a ``_bin`` collation, too, takes
    'a' and 'a ' for one). A key with text needs the other form, which compares it byte for byte.
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

    Columns of the key are left out, since they are the same. Raise DbtRuntimeError for a name that is no column.
    """
    if update and exclude:
        raise DbtRuntimeError("merge_update_columns: exclusive with merge_exclude_columns: give one of the two")
    names = {column.name.lower() for column in columns}
    name = "merge_update_columns" if update else "merge_exclude_columns"
    listed = [str(item) for item in _as_list(update or exclude)]
    wanted = {item.strip("`").lower() for item in listed}
    missing = [item for item in listed if item.strip("`").lower() not in names]
    if missing:
        raise DbtRuntimeError(f"{name}: {', '.join(missing)}: no such column in the model: correct or remove it")
    return [
        column
        for column in columns
        if column.quoted not in keys and (not listed or (column.name.lower() in wanted) == bool(update))
    ]


def duplicate_keys(model: str, keys: Sequence[str], rows: Sequence[Sequence[Any]]) -> DbtRuntimeError:
    """Return the error for keys that several staged rows have; ``rows``: the keys' values, then how many rows."""
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
    """Return how many rows ``duplicate_keys`` needs to see."""
    return _SHOWN_KEYS + 1


def _shown(value: Any) -> str:
    text = "NULL" if value is None else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 3]}..."


def key_type_changes(
    staged: Sequence[OceanBaseColumn], target: Sequence[OceanBaseColumn], keys: Sequence[str]
) -> list[tuple[OceanBaseColumn, str]]:
    """Return the staged columns whose key values would change in the target, each with the target's type.

    For example, a staged 1.4 is another key than 1 until it is stored in an integer. If a key is an expression, every
    column may be part of it.
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
    """Return the columns to write; those of text whose staged column may have another collation are marked so."""
    by_name, in_target = ({column.name.lower(): column for column in columns} for columns in (staged, target))
    found = []
    for column in written:
        one, other = by_name.get(column.name.lower()), in_target.get(column.name.lower())
        is_mixed = one is not None and other is not None and one.collation != other.collation
        found.append(dataclasses.replace(column, mixes_collations=is_mixed and column.compares_as_text()))
    return found


def key_expressions(keys: Sequence[str] | str | None, columns: Sequence[OceanBaseColumn]) -> list[str]:
    """Return ``keys`` as SQL. The name of a column is quoted, since it may be a reserved word."""
    quoted = {name.lower(): column.quoted for column in columns for name in (column.name, column.quoted)}
    return [quoted.get(str(key).strip().lower(), str(key)) for key in _as_list(keys)]


def _as_list(value: Sequence[str] | str | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])
