"""The rows of a model with a contract, staged in the types of its query if the declared types may change values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dbt.adapters.base import available

from ..catalog.adapter_base import OceanBaseAdapterBase
from ..column import OceanBaseColumn
from ..relation import OceanBaseRelation
from ..sql import types
from . import type_changes
from .type_changes import LossyCast

ROWS_SUFFIX = "__dbt_tmp_rows"

_REMEDY = "declare in the contract a type that keeps it, or round or cast it in the model"


class ContractRowMixin(OceanBaseAdapterBase):
    """Compares the values of a query with the types that its contract declares."""

    @available.parse_none
    def rows_relation(self, target: OceanBaseRelation, batch: Mapping[str, Any] | None) -> OceanBaseRelation:
        """Return the relation for the rows of ``target`` in the types of its query; each batch has its own."""
        return target.suffixed(f"{ROWS_SUFFIX}_{batch['id']}" if batch else ROWS_SUFFIX)

    @available.parse_list
    def contract_casts(
        self, columns: Mapping[str, Mapping[str, Any]], selected: Sequence[OceanBaseColumn]
    ) -> list[LossyCast]:
        """Return the casts to declared types that may change a value of the columns ``selected`` without an error.

        ``columns``: those of the contract.
        """
        declared = [
            OceanBaseColumn.from_catalog(column["name"], types.ddl_type(column["data_type"]))
            for column in columns.values()
        ]
        return type_changes.lossy_casts(declared, selected, {})

    @available.parse_none
    def check_contract_rows(
        self, rows: OceanBaseRelation, casts: Sequence[LossyCast], target: OceanBaseRelation
    ) -> None:
        """Raise DbtRuntimeError, one line, if the declared types would change a value in ``rows``."""
        _, cursor = self.connections.add_select_query(type_changes.lossy_values_query(rows.render(), casts))
        type_changes.raise_on_lossy_values(casts, cursor.fetchone(), target.render(), _REMEDY)
