"""Match new rows, which are in a staging table, with rows of the target table by the unique key.

This is needed for a DELETE by key, and for a merge that consists of an UPDATE and an INSERT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbt_common.exceptions import CompilationError

from ..column import OceanBaseColumn

_STAGED, _TARGET = "DBT_INTERNAL_SOURCE", "DBT_INTERNAL_DEST"


@dataclass(frozen=True)
class KeyPair:
    """One expression of a unique key, with its SQL for a new row in the staging table and for a row of the target.

    ``expression`` is the configured expression. ``staged`` and ``target`` are SQL for its value in a new row and in a
    row of the target. If ``is_text`` is set, both values must also be compared byte for byte, since the default
    collation treats 'a', 'A' and 'a ' as equal.
    ``mixes_collations`` means that only the bytes are compared, because the two values have different collations, and
    the server refuses to compare such values (1267).
    """

    expression: str
    staged: str
    target: str
    is_text: bool
    mixes_collations: bool = False


@dataclass(frozen=True)
class MergeJoin:
    """The parts of a merge that consists of an UPDATE with a join and of an INSERT.

    ``select_list`` has pairs of expression and alias, for the subquery that reads the staging table with the new rows.
    If the staging table is joined under its own column names, without a subquery, the list is empty.
    ``keys`` are the key expressions by which new rows and rows of the target are matched.
    ``values`` has pairs of a target column and the SQL of its new value, for the INSERT.
    ``updates`` has such pairs for the columns that the UPDATE sets.
    ``inserts_first`` is true if the INSERT has to run before the UPDATE.
    """

    select_list: list[tuple[str, str]]
    keys: list[KeyPair]
    values: list[tuple[str, str]]
    updates: list[tuple[str, str]]
    inserts_first: bool


def staged_key_pairs(keys: Sequence[str], columns: Sequence[OceanBaseColumn]) -> list[KeyPair]:
    """Return the pairs of SQL expressions by which rows of the target are matched with new rows, one pair per key.

    The new rows come from a subquery whose columns are ``dbt_internal_key_1``, ``_2`` and so on, in the order of
    ``keys``. ``columns`` are the columns of the target. A key is compared as text if it is a text column among them.
    """
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
    """Return the parts of a merge by the key expressions ``keys`` that consists of an UPDATE and an INSERT.

    ``columns`` are the columns that are inserted, ``updated`` the columns that are updated, and ``predicates`` the
    conditions that rows of the target must fulfil to be updated. The columns of the new rows get aliases. So a column
    name without a prefix, in a key or a predicate, is the name of the target's column and is not ambiguous. If a
    predicate refers to a new row as ``DBT_INTERNAL_SOURCE.<column>``, the columns of the new rows keep their names
    instead. Raises CompilationError if there is such a predicate and a key is an expression.

    In general the UPDATE runs first, because it may free a value of another unique index that an inserted row needs.
    The INSERT runs first if a key is an expression or if there are predicates, because the UPDATE could change columns
    that the key or the predicates read. The INSERT would then not find the updated rows, and would insert the same new
    rows once more. An UPDATE that runs second also matches the inserted rows, and sets them to the values that they
    already have.
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
    """Return a dict with the quoted name of each text column among ``columns``.

    The value is true if the column of the new rows has another collation than the column of the target.
    """
    return {column.quoted: column.mixes_collations for column in columns if column.compares_as_text()}
