"""Check that each unique key contains the columns by which its table is partitioned, as the server requires."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..sql.lexer import NAME_CHARACTERS
from . import index_config
from .components import ConfigError, error
from .partition_layout import Layout
from .partition_rules import CONFIG

_CALL = re.compile(rf"\w+\s*\(\s*(`[^`]+`|(?!\d)[{NAME_CHARACTERS}]+)\s*\)")
_NAME = re.compile(rf"`[^`]+`|[{NAME_CHARACTERS}]+")


@dataclass(frozen=True)
class UniqueKey:
    """A unique or primary key: the text that names it in an error (``title``), and its columns."""

    title: str
    columns: tuple[str, ...]


def partition_columns(layout: Layout) -> list[str]:
    """Return the columns that determine the partition and subpartition of a row, in lower case and without quotes.

    An expression by which partitions are made counts only if it is a function of a single column, such as
    ``to_days(day)``: that column is returned. The columns of all other expressions are left out.
    """
    found: list[str] = []
    for key in (*layout.keys, *(layout.sub.keys if layout.sub else ())):
        call = _CALL.fullmatch(key)
        name = call[1] if call else key
        if _NAME.fullmatch(name):
            found.append(name.strip("`").lower())
    return found


def check(layout: Layout, keys: Iterable[UniqueKey]) -> None:
    """Raise ConfigError if one of ``keys`` lacks a column that determines the partition of a row.

    The server would refuse such a key with error 1503. ``layout`` describes the partitions. The error's text is one
    line.
    """
    needed = partition_columns(layout)
    for key in keys:
        present = {column.strip("`").lower() for column in key.columns}
        missing = [column for column in needed if column not in present]
        if missing:
            raise ConfigError(
                f"{CONFIG}: {key.title} ({', '.join(key.columns)}) is without {', '.join(missing)}, and each unique "
                f"key of a table must hold the columns of its partitions: add {', '.join(missing)} to the key, or use "
                "another column for the partitions"
            )


def check_time(key: str, types: Mapping[str, str]) -> None:
    """Raise ConfigError if the column ``key`` has another type than DATE, DATETIME or TIMESTAMP.

    ``types`` maps the names of columns to their types. A column that is not in ``types`` is accepted. A text column is
    refused, because the server would compare its values with the bounds as texts, and not as times.
    """
    name = key.strip("`").lower()
    kind = next((kind for column, kind in types.items() if column.lower() == name), None)
    if kind is not None and kind.partition("(")[0].strip().lower() not in ("date", "datetime", "timestamp"):
        raise error(CONFIG, f"{key} is {kind}, and its texts are compared as texts", "cast it to datetime in the model")


def of_contract(
    columns: Mapping[str, Mapping[str, Any]], constraints: Sequence[Mapping[str, Any]]
) -> Iterator[UniqueKey]:
    """Yield the unique and primary keys in a model's contract.

    ``columns`` are the columns of the contract with their constraints, and ``constraints`` are the constraints of the
    model itself.
    """
    for column in columns.values():
        for constraint in column.get("constraints") or ():
            if (title := _title(constraint)) is not None:
                yield UniqueKey(title, (str(column["name"]),))
    for constraint in constraints:
        if (title := _title(constraint)) is not None:
            yield UniqueKey(title, tuple(str(name) for name in constraint.get("columns") or ()))


def of_indexes(indexes: Any) -> Iterator[UniqueKey]:
    """Yield the unique keys in the config ``indexes`` that must contain the columns by which the table is partitioned.

    Indexes that are global or have expressions are left out. A config that is no list yields nothing. Raise ConfigError
    if the list is wrong.
    """
    if not isinstance(indexes, list | tuple):
        return
    for index in index_config.parse(indexes):
        names = tuple(column.name for column in index.columns)
        if index.unique and index.scope != "global" and all(names):
            yield UniqueKey(f"the unique index {index.name or 'on'}", names)


def of_primary_key(columns: Any) -> Iterator[UniqueKey]:
    """Yield the key in ``columns``, the config ``primary_key``. The config is a name, a list of names or None."""
    names = [columns] if isinstance(columns, str) else columns
    if isinstance(names, Sequence) and names:
        yield UniqueKey("the primary key", tuple(map(str, names)))


def _title(constraint: Mapping[str, Any]) -> str | None:
    kind = str(getattr(constraint.get("type"), "value", constraint.get("type")))
    return {"unique": "the unique constraint", "primary_key": "the primary key"}.get(kind)
