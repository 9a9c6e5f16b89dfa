"""Read what ``dbt docs`` shows about relations, and convert the rows of the server to entries of dbt's catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation
from dbt_common.contracts.metadata import CatalogTable, ColumnMetadata, StatsItem, TableMetadata

from .adapter_base import OceanBaseAdapterBase
from .docs_tables import filtered_catalog

if TYPE_CHECKING:
    import agate

_HAS_STATS = StatsItem(
    id="has_stats",
    label="Has Stats?",
    value=False,
    include=False,
    description="Indicates whether there are statistics for this table",
)


class CatalogMixin(OceanBaseAdapterBase):
    """The adapter's methods for the catalog of ``dbt docs``."""

    def get_catalog_for_single_relation(self, relation: BaseRelation) -> CatalogTable | None:
        """Return the catalog entry of one relation, or None if the relation does not exist."""
        kwargs = {"information_schema": relation.information_schema(), "relations": [relation]}
        table: Any = self.execute_macro("get_catalog_relations", kwargs=kwargs)
        fold = self.name_folding()
        rows = [row.dict() for row in table.rows]
        return catalog_table([row for row in rows if fold(row["table_name"]) == fold(relation.identifier or "")])

    @classmethod
    def _catalog_filter_table(cls, table: agate.Table, used_schemas: frozenset[tuple[str, str]]) -> agate.Table:
        return filtered_catalog(table, {schema.lower() for _, schema in used_schemas if schema is not None})


def catalog_table(rows: Sequence[Mapping[str, Any]]) -> CatalogTable | None:
    """Return dbt's catalog entry of one relation, or None if there are no ``rows``.

    ``rows`` are the relation's rows in the result of dbt's catalog query, one for each column.
    """
    if not rows:
        return None
    first = rows[0]
    stats = {"has_stats": _HAS_STATS}
    if first["stats:row_count:include"]:
        stats = {
            "row_count": StatsItem(
                id="row_count",
                label=first["stats:row_count:label"],
                value=float(first["stats:row_count:value"]),
                include=True,
                description=first["stats:row_count:description"],
            ),
            "has_stats": replace(_HAS_STATS, value=True),
        }
    return CatalogTable(
        metadata=TableMetadata(
            type=first["table_type"],
            schema=first["table_schema"],
            name=first["table_name"],
            comment=first["table_comment"],
        ),
        columns={
            row["column_name"]: ColumnMetadata(
                type=row["column_type"],
                index=int(row["column_index"]),
                name=row["column_name"],
                comment=row["column_comment"],
            )
            for row in rows
        },
        stats=stats,
    )
