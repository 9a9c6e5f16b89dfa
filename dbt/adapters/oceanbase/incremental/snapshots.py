"""Adapter methods for snapshots: check the snapshot's table, and find out whether there is any change to write to it.

A snapshot without a change needs no staging table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dbt.adapters.base import available
from dbt.adapters.exceptions import SnapshotTargetNotSnapshotTableError
from dbt_common.exceptions import DbtRuntimeError

from ..catalog import column_definitions
from ..catalog.adapter_base import OceanBaseAdapterBase
from ..column import OceanBaseColumn, column_from_field
from ..connect.quoting import identifier
from ..relation import OceanBaseRelation
from ..sql import column_references, event_time

QUICK_SECONDS = 1
"""Maximum estimated seconds of a query for changes that a snapshot may run twice.

The first run only checks whether there is a change. If there is none, usually no staging table is made. Making and
dropping a table takes 0.1 to 2 seconds. If there is a change, the second run writes all changes to a staging table.
"""

ESTIMATED_TIME = re.compile(r'"EST\.TIME\(us\)": *(\d+)')
"""Matches an operator's estimated microseconds in EXPLAIN FORMAT=JSON. The first match is that of the whole query."""

NEW_KEY = "correct it, or, if the key is new, add the column to the table and fill it"
"""Remedy for a key that the snapshot's table does not have."""


class SnapshotMixin(OceanBaseAdapterBase):
    """Adapter methods that the macros of snapshots call."""

    @available.parse_none
    def check_snapshot_target(
        self, columns: Sequence[OceanBaseColumn], names: Mapping[str, str], strategy: Mapping[str, Any]
    ) -> None:
        """Raise SnapshotTargetNotSnapshotTableError if a snapshot's table lacks a column that dbt adds to snapshots.

        dbt's method ``assert_valid_snapshot_target_given_strategy`` raises the same error, but queries the columns
        first. This method sends nothing, because ``columns`` are the table's columns. ``names`` maps dbt's names of the
        added columns to the configured names. ``strategy`` is dbt's dict of the snapshot strategy, whose key
        ``hard_deletes`` decides whether the table needs ``dbt_is_deleted``.
        """
        missing = column_definitions.missing_snapshot_columns({c.name.lower() for c in columns}, names, strategy)
        if missing:
            raise SnapshotTargetNotSnapshotTableError(missing)

    @available.parse(lambda config_name, value: value)
    def snapshot_columns(self, config_name: str, value: Any) -> Any:
        """Return ``value``, the config ``config_name`` of a snapshot, with backticks for names in double quotes.

        ``value`` is a column or an expression over columns, or a list of them. Raise DbtRuntimeError if one of them
        reads no column, since it would be the same for every row.
        """
        if isinstance(value, (list, tuple)):
            return [column_references.column_sql(config_name, str(each)) for each in value]
        return column_references.column_sql(config_name, value) if isinstance(value, str) else value

    @available.parse(lambda value: value)
    def snapshot_time(self, value: Any) -> Any:
        """Return ``value``, the config ``updated_at`` of the strategy check, with a name in double quotes in backticks.

        A date or a time in double quotes is a text and no name, so it is returned unchanged, as any other expression.
        """
        is_name = isinstance(value, str) and event_time.typed_moment(value) == value
        return column_references.with_backticks(value) if is_name else value

    @available.parse_list
    def compared_columns(self, check_cols: Sequence[Any]) -> list[str]:
        """Return the names in the config ``check_cols`` in backticks.

        A name may be plain, in backticks or in double quotes. Raise DbtRuntimeError if an item is no name. The history
        has no column for an expression or a text, so that each run would take every row for changed.
        """
        names = [(str(each), column_references.name_of(str(each))) for each in check_cols]
        for each, name in names:
            if name is None:
                raise DbtRuntimeError(
                    f"check_cols: {' '.join(each.split())} is no name of a column: give it a name in the SELECT of the "
                    "snapshot, and list this name"
                )
        return [identifier(name) for _, name in names if name is not None]

    @available.parse_none
    def check_snapshot_key(self, unique_key: Any, columns: Sequence[OceanBaseColumn], table: OceanBaseRelation) -> None:
        """Raise DbtRuntimeError if a part of a snapshot's key is the same for every row, or is no column of ``table``.

        ``unique_key`` is as the strategy has returned it. ``columns`` are the columns of ``table``, the snapshot's
        table, or empty if it does not exist yet. A strategy of the project may return a name in double quotes, which
        would be a text for the server.
        """
        known = {column.name.lower(): column.quoted for column in columns} or None
        for key in [unique_key] if isinstance(unique_key, str) else unique_key or []:
            quoted = column_references.with_backticks(key)
            if quoted != key:
                raise DbtRuntimeError(f"unique_key: {key} is a text for OceanBase, and not the column: write {quoted}")
            column_references.column_sql("unique_key", key, known, *((table.render(), NEW_KEY) if known else ()))

    @available.parse(lambda sql: False)
    def is_quick(self, sql: str) -> bool:
        """Check whether the server expects the query ``sql`` to take at most QUICK_SECONDS. ``sql`` itself is not run.

        The expected time is the optimizer's estimate in the answer of EXPLAIN. Return False if the answer has no
        estimate. Raises DatabaseError if EXPLAIN fails.
        """
        _, cursor = self.connections.add_select_query(f"explain format=json {sql}")
        estimate = ESTIMATED_TIME.search("".join(str(line) for (line, *_) in cursor.fetchall()))
        return estimate is not None and int(estimate[1]) <= QUICK_SECONDS * 1_000_000

    @available.parse(lambda sql: {"is_missing": False, "has_warnings": False, "columns": [], "response": ""})
    def first_row(self, sql: str) -> dict[str, Any]:
        """Run ``sql``, a query of few rows, and return a dict that says whether its result has a row.

        The key ``is_missing`` is true if the result has no row. ``has_warnings`` is true if the server has given a
        warning, such as for a value that it could not convert. ``columns`` is the list of the result's columns, and
        ``response`` is dbt's response for the query. Raises DatabaseError if the server refuses the query.
        """
        _, cursor = self.connections.add_select_query(sql)
        columns = [column_from_field(field) for field in cursor.fields]
        return {
            "is_missing": cursor.fetchone() is None,
            "has_warnings": cursor.warning_count > 0,
            "columns": columns,
            "response": self.connections.get_response(cursor),
        }
