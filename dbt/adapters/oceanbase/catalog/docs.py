"""Read what ``dbt docs`` shows about relations, and convert the rows of the server to entries of dbt's catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation
from dbt.adapters.events.types import CatalogGenerationError
from dbt_common.contracts.metadata import CatalogTable, ColumnMetadata, StatsItem, TableMetadata
from dbt_common.events.functions import warn_or_error

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

    def get_filtered_catalog(
        self,
        relation_configs: Iterable[Any],
        used_schemas: frozenset[tuple[str, str]],
        relations: set[BaseRelation] | None = None,
    ) -> tuple[agate.Table, list[Exception]]:
        """Return the rows for ``dbt docs`` as a table, and the errors. One query is sent on this thread's connection.

        The parameters are those of the method in dbt: ``relation_configs`` are nodes, ``used_schemas`` are pairs of
        database and schema, and ``relations`` are the relations to show, or None for all. If the query fails, the table
        is empty and the error is returned.

        dbt's own method returns the same rows, but takes longer. It builds each row anew, and makes a dictionary of the
        row for each column that it reads.
        """
        import agate

        asked: dict[str, list[Any]]
        if relations is None or len(relations) > self.MAX_SCHEMA_METADATA_RELATIONS:
            macro, asked = "get_catalog", {"schemas": sorted({str(each.schema) for each in relation_configs})}
        else:
            macro, asked = "get_catalog_relations", {"relations": sorted(relations, key=str)}
        if not any(asked.values()):
            return agate.Table([]), []
        kwargs = {"information_schema": self.Relation.create().information_schema_only(), **asked}
        connected = nullcontext() if self.connections.has_session() else self.connection_named("catalog")
        try:
            with connected:
                table: Any = self.execute_macro(macro, kwargs=kwargs)
        except Exception as error:
            warn_or_error(CatalogGenerationError(exc=str(error)))
            return agate.Table([]), [error]
        names = {(str(each.schema).casefold(), str(each.identifier).casefold()) for each in relations or ()}
        return filtered_catalog(table, _lowered(used_schemas), names or None), []

    @classmethod
    def _catalog_filter_table(cls, table: agate.Table, used_schemas: frozenset[tuple[str, str]]) -> agate.Table:
        return filtered_catalog(table, _lowered(used_schemas))


def _lowered(used_schemas: Iterable[tuple[str, str]]) -> set[str]:
    return {schema.lower() for _, schema in used_schemas if schema is not None}


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
