"""Freshness of sources from what the server knows of their rows, for those without a ``loaded_at_field``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.contracts.relation import RelationType
from dbt.adapters.sql import SQLAdapter
from dbt_common.exceptions import DbtRuntimeError

if TYPE_CHECKING:
    from dbt.adapters.base.impl import FreshnessResponse

    from ..connections import OceanBaseConnectionManager

Responses = tuple[list[AdapterResponse | None], dict[BaseRelation, "FreshnessResponse"]]

_NAMES = {
    "view": "it is a view",
    "materialized_view": "it is a materialized view",
    "external": "it is an external table",
}


class MeasuresFreshness(SQLAdapter):
    """The part of the adapter that finds when the rows of a table last changed, where no column says so."""

    connections: OceanBaseConnectionManager
    _make_match: Callable[..., list[BaseRelation]]

    def calculate_freshness_from_metadata_batch(
        self, sources: Iterable[BaseRelation], macro_resolver: Any = None
    ) -> Responses:
        """Give the freshness of those sources that are tables, all from one query.

        The others are left out, so that one of them does not hide the rest: dbt asks for them one by one.
        """
        kinds = self._kinds(list(sources))
        found_tables = [source for source, kind in kinds.items() if kind == RelationType.Table]
        tables = sorted(found_tables, key=lambda source: source.render())  # dbt's own order differs from run to run
        if not tables:
            return [], {}
        found: Responses = super().calculate_freshness_from_metadata_batch(tables, macro_resolver)
        return found

    def calculate_freshness_from_metadata(
        self, source: BaseRelation, macro_resolver: Any = None
    ) -> tuple[AdapterResponse | None, FreshnessResponse]:
        """Give the freshness of a source. Raises DbtRuntimeError for one that is no table."""
        responses, found = self.calculate_freshness_from_metadata_batch([source], macro_resolver)
        if source not in found:
            kind = self._kinds([source])[source]
            raise DbtRuntimeError(
                f"freshness of {source.render()}: "
                + (_NAMES.get(kind, kind) if kind else "there is no such table, or no right to see it")
                + "; OceanBase knows only of the rows of a table when they were written: "
                "set loaded_at_field or loaded_at_query"
            )
        return responses[0], found[source]

    def _kinds(self, sources: list[BaseRelation]) -> dict[BaseRelation, str | None]:
        """Give what each source is, or None, with one query for each schema."""
        if not self.connections.has_session():
            with self.connection_named("freshness"):
                return self._kinds(sources)
        schemas = {source.schema: source.without_identifier() for source in sources}
        listed = [relation for schema in schemas.values() for relation in self.list_relations_without_caching(schema)]
        matches = {source: self._make_match(listed, "", source.schema, source.identifier) for source in sources}
        return {source: str(found[0].type) if found else None for source, found in matches.items()}
