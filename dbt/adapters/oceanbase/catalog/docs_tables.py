"""Change the table of columns that ``dbt docs`` shows. Each of its rows describes one column of a relation.

``filtered_catalog`` keeps only the rows of some schemas. ``with_databases`` adds rows for sources that name the
server's own catalog as their database.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import agate


def filtered_catalog(
    table: agate.Table, schemas: Set[str], relations: Set[tuple[str, str]] | None = None
) -> agate.Table:
    """Return the rows of ``table`` that belong to ``schemas``, which are names in lower case.

    ``table`` has one row for each column of a relation, as ``dbt docs`` needs them. If ``relations`` is not None, only
    the rows of these relations are returned. They are pairs of schema and name, both as ``str.casefold`` returns them.
    The values of ``stats:row_count:include``, which decide whether dbt shows a row count, are converted to booleans.
    """
    import agate

    include = table.column_names.index("stats:row_count:include")
    schema, name = table.column_names.index("table_schema"), table.column_names.index("table_name")
    # most rows have the same few names, so each pair is looked at once
    wanted: dict[tuple[Any, Any], bool] = {}
    rows = []
    for row in table.rows:
        values = row.values()
        pair = (values[schema], values[name])
        if pair not in wanted:
            folded = (str(pair[0]).casefold(), str(pair[1]).casefold())
            wanted[pair] = str(pair[0]).lower() in schemas and (relations is None or folded in relations)
        if wanted[pair]:
            changed = (*values[:include], bool(values[include]), *values[include + 1 :])
            rows.append(agate.Row(changed, table.column_names))
    types = list(table.column_types)
    types[include] = agate.Boolean()
    # the values have their types already, so agate need not look at each of them
    return agate.Table(rows, table.column_names, types, _is_fork=True)


def with_databases(table: agate.Table, databases: Mapping[tuple[str, str], str]) -> agate.Table:
    """Return ``table`` with a second row for each row of a relation to which the project gives a database.

    ``table`` has one row for each column of a relation, as ``dbt docs`` needs them, without a database. ``databases``
    maps relations, as pairs of schema and name in lower case, to the database that the second row gets.
    """
    rows = [tuple(row.values()) for row in table.rows]
    keys = [(str(row[1]).lower(), str(row[2]).lower()) for row in rows]
    more = [(databases[key], *row[1:]) for key, row in zip(keys, rows, strict=True) if key in databases]
    return _table([*rows, *more], table)


def _table(rows: list[tuple[object, ...]], like: agate.Table) -> agate.Table:
    from dbt_common.clients.agate_helper import table_from_rows

    text = [name for name in like.column_names if not name.startswith("stats:") and name != "column_index"]
    return table_from_rows(rows, like.column_names, text_only_columns=text)
