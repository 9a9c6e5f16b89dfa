"""How staged rows are matched with rows of the target: the keys of a DELETE, and the columns of a merge by join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbt_common.exceptions import CompilationError

from ..column import OceanBaseColumn

_STAGED, _TARGET = "DBT_INTERNAL_SOURCE", "DBT_INTERNAL_DEST"


@dataclass(frozen=True)
class KeyPair:
    """One expression of a unique key: as it is configured, and as SQL for its staged and for its target's value.

    ``is_text``: the two are compared byte for byte. The default collation takes 'a', 'A' and 'a ' for one key.
    ``mixes_collations``: only so, since the server refuses to compare them by two collations (1267).
    """

    expression: str
    staged: str
    target: str
    is_text: bool
    mixes_collations: bool = False


@dataclass(frozen=True)
class MergeJoin:
    """The parts of a merge by an UPDATE with a join and an INSERT.

    ``select_list``: expressions over the staged table, each with its alias; empty where the staged table is joined
    under the names of its own columns.
    ``keys``: what makes a staged row and a row of the target the same.
    ``values``: each column of the target with the SQL of its staged value. ``updates``: those that the UPDATE sets.
    ``inserts_first``: the INSERT has to run before the UPDATE.
    """

    select_list: list[tuple[str, str]]
    keys: list[KeyPair]
    values: list[tuple[str, str]]
    updates: list[tuple[str, str]]
    inserts_first: bool


def staged_key_pairs(keys: Sequence[str], columns: Sequence[OceanBaseColumn]) -> list[KeyPair]:
    """Return the pairs for a subquery that selects each key expression as ``dbt_internal_key_<number>``."""
    text = _text_columns(columns)
    return [
        KeyPair(key, f"{_STAGED}.dbt_internal_key_{number}", f"({key})", key in text, text.get(key, False))
        for number, key in enumerate(keys, start=1)
    ]


def merge_join(
    keys: Sequence[str],
    columns: Sequence[OceanBaseColumn],
    updated: Sequence[OceanBaseColumn],
    predicates: Sequence[str],
) -> MergeJoin:
    """Return the parts of a merge by ``keys`` that writes ``columns`` and updates those of ``updated``.

    The staged columns get other names unless a predicate refers to them, so that a name alone in a key or predicate is
    the target's. The UPDATE runs first, since it may free a value of another unique index. But it may change what an
    expression or a predicate says of a row; then the INSERT runs first, and the rows it adds are updated to what they
    are. Raises CompilationError where a predicate reads the staged table and a key is an expression.
    """
    quoted = [column.quoted for column in columns]
    expressions = [key for key in keys if key not in quoted]
    all_predicates = " ".join(str(predicate) for predicate in predicates).replace("`", "").lower()
    reads_staged = f"{_STAGED.lower()}." in all_predicates
    if expressions and reads_staged:
        raise CompilationError(
            f"incremental_predicates: {_STAGED} cannot be used beside the expression {expressions[0]} in unique_key: "
            "make it a column of the model"
        )
    aliases = {column: f"dbt_internal_value_{number}" for number, column in enumerate(quoted, start=1)}
    values = {column: f"{_STAGED}.{column if reads_staged else aliases[column]}" for column in quoted}
    text = _text_columns(columns)
    select_list = [(column, aliases[column]) for column in quoted]
    select_list += [(key, f"dbt_internal_key_{number}") for number, key in enumerate(expressions, start=1)]
    return MergeJoin(
        select_list=[] if reads_staged else select_list,
        keys=[
            KeyPair(key, values[key], f"{_TARGET}.{key}", key in text, text.get(key, False))
            if key in values
            else KeyPair(key, f"{_STAGED}.dbt_internal_key_{expressions.index(key) + 1}", f"({key})", False)
            for key in keys
        ],
        values=list(values.items()),
        updates=[(column.quoted, values[column.quoted]) for column in updated],
        inserts_first=bool(expressions or predicates),
    )


def _text_columns(columns: Sequence[OceanBaseColumn]) -> dict[str, bool]:
    """Return the quoted names of the columns of text, and whether the staged one has another collation."""
    return {column.quoted: column.mixes_collations for column in columns if column.compares_as_text()}
