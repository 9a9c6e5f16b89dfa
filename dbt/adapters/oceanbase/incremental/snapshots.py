"""Adapter methods for snapshots: check the snapshot's table, and find out whether there is any change to write to it.

A snapshot without a change needs no staging table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dbt.adapters.base import available
from dbt.adapters.exceptions import SnapshotTargetNotSnapshotTableError

from ..catalog import column_definitions
from ..catalog.adapter_base import OceanBaseAdapterBase
from ..column import OceanBaseColumn, column_from_field

QUICK_SECONDS = 1
"""Maximum estimated seconds of a query for changes that a snapshot may run twice.

The first run only checks whether there is a change. If there is none, usually no staging table is made. Making and
dropping a table takes 0.1 to 2 seconds. If there is a change, the second run writes all changes to a staging table.
"""

ESTIMATED_TIME = re.compile(r'"EST\.TIME\(us\)": *(\d+)')
"""Matches an operator's estimated microseconds in EXPLAIN FORMAT=JSON. The first match is that of the whole query."""


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
