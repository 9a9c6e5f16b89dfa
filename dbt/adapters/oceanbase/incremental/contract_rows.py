"""Check that the types in a model's contract change no value of the model's query.

If a declared type may change values, the rows are first stored in a helper table, in which that column has the type of
the query. Then one query looks for a value that the declared type would change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dbt.adapters.base import available

from ..build.created_columns import type_of_wide_text
from ..catalog.adapter_base import OceanBaseAdapterBase
from ..column import OceanBaseColumn
from ..relation import OceanBaseRelation
from ..sql import types
from . import type_changes
from .type_changes import LossyCast

ROWS_SUFFIX = "__dbt_tmp_rows"

_REMEDY = "declare in the contract a type that keeps it, or round or cast it in the model"


class ContractRowMixin(OceanBaseAdapterBase):
    """Adapter methods that check whether a type in a model's contract would change a value of the model's query."""

    @available.parse_none
    def rows_relation(self, target: OceanBaseRelation, batch: Mapping[str, Any] | None) -> OceanBaseRelation:
        """Return the relation of the helper table that holds a model's rows before they get the types of its contract.

        Only the name is built. The helper table is an ordinary table, which is dropped when the node ends. If the type
        of a column in the contract could change values, for example by rounding them, the column of the helper table
        has the type of the model's query. So the values before and after the change can be compared. ``target`` is the
        model's table. ``batch`` is dbt's batch of a microbatch model, or None. Each batch has a table of its own.
        """
        return target.suffixed(f"{ROWS_SUFFIX}_{batch['id']}" if batch else ROWS_SUFFIX)

    @available.parse_list
    def contract_casts(
        self, columns: Mapping[str, Mapping[str, Any]], selected: Sequence[OceanBaseColumn]
    ) -> list[LossyCast]:
        """Return the casts from a query's types to a contract's types that may change a value without an error.

        ``columns`` are the contract's columns by name, each with ``name`` and ``data_type``, as in dbt's manifest.
        ``selected`` are the query's columns. A cast has the column, the declared type, and the SQL condition that a
        value changes.
        """
        declared = [
            OceanBaseColumn.from_catalog(column["name"], types.ddl_type(column["data_type"]))
            for column in columns.values()
        ]
        return type_changes.lossy_casts(declared, selected, {})

    @available.parse_list
    def wide_columns(self, casts: Sequence[LossyCast]) -> list[str]:
        """Return the definitions of the columns of ``casts`` that need one in the helper table of the rows.

        These are long texts and binaries, which become TEXT and BLOB. As VARCHAR, which is the type of the query, they
        may be too long for a row of the helper table, even if the types of the contract are short enough.
        """
        kinds = [(cast.column, type_of_wide_text(cast.column)) for cast in casts]
        return [f"{column.quoted} {kind}" for column, kind in kinds if kind]

    @available.parse_none
    def check_contract_rows(
        self, rows: OceanBaseRelation, casts: Sequence[LossyCast], target: OceanBaseRelation
    ) -> None:
        """Raise DbtRuntimeError if one of the ``casts`` would change a value in ``rows``.

        ``casts`` is the result of ``contract_casts``, and must not be empty. One query reads ``rows``, the helper table
        with the new rows (see ``rows_relation``). ``target`` is the table that the error names. The error's text is one
        line.
        """
        _, cursor = self.connections.add_select_query(type_changes.lossy_values_query(rows.render(), casts))
        type_changes.raise_on_lossy_values(casts, cursor.fetchone(), target.render(), _REMEDY)
