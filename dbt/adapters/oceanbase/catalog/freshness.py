"""Determine how fresh a source without a ``loaded_at_field`` is: the time when rows of its table were last changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.contracts.relation import RelationType
from dbt_common.exceptions import DbtRuntimeError

from .adapter_base import OceanBaseAdapterBase

if TYPE_CHECKING:
    from dbt.adapters.base.impl import FreshnessResponse

Responses = tuple[list[AdapterResponse | None], dict[BaseRelation, "FreshnessResponse"]]

IN_CATALOG = "in_catalog"
"""The type that this module gives to a source in an external catalog. Other sources have a type such as ``view``."""

_REASONS = {
    "view": "it is a view",
    "materialized_view": "it is a materialized view",
    "external": "it is an external table",
    IN_CATALOG: "it is in an external catalog",
}


class FreshnessMixin(OceanBaseAdapterBase):
    """The adapter's methods for the freshness of sources: the time when the rows of a table last changed."""

    def calculate_freshness_from_metadata_batch(
        self, sources: Iterable[BaseRelation], macro_resolver: Any = None
    ) -> Responses:
        """Return the freshness of those ``sources`` that are tables, from one query for all of these tables.

        The result is the list of the query's responses, and a dict of the freshness by source. Both are empty if no
        source is a table. Before this query, one query for each schema lists the relations, which shows the types of
        the sources. ``macro_resolver`` is passed on to dbt.

        Sources that are not tables are left out, because one of them would make the query fail for all. dbt then calls
        ``calculate_freshness_from_metadata`` for each source that is missing in the result.

        Sources that have a ``loaded_at_query`` are left out, too. dbt passes them to this method, but uses only the
        result of their ``loaded_at_query``. The query of this method would read all their rows for nothing.
        """
        asked = [source for source in sources if not getattr(source, "has_loaded_at_query", False)]
        types = self._relation_types(asked)
        found_tables = [source for source, kind in types.items() if kind == RelationType.Table]
        tables = sorted(found_tables, key=lambda source: source.render())  # dbt's order differs from run to run
        if not tables:
            return [], {}
        found: Responses = super().calculate_freshness_from_metadata_batch(tables, macro_resolver)
        return found

    def calculate_freshness_from_metadata(
        self, source: BaseRelation, macro_resolver: Any = None
    ) -> tuple[AdapterResponse | None, FreshnessResponse]:
        """Return the response of the query and the freshness of ``source``. Pass ``macro_resolver`` on to dbt.

        Raises DbtRuntimeError if ``source`` is not a table or does not exist.
        """
        responses, found = self.calculate_freshness_from_metadata_batch([source], macro_resolver)
        if source not in found:
            kind = self._relation_types([source])[source]
            raise DbtRuntimeError(
                f"freshness of {source.render()}: "
                + (_REASONS.get(kind, kind) if kind else "there is no such table, or no right to see it")
                + "; OceanBase knows only of the rows of a table when they were written: "
                "set loaded_at_field or loaded_at_query"
            )
        return responses[0], found[source]

    def _relation_types(self, sources: list[BaseRelation]) -> dict[BaseRelation, str | None]:
        """Return a dict that maps each source to its type on the server, or to None if it does not exist.

        The relations of each schema are queried once. A source in an external catalog has the type IN_CATALOG.
        """
        if not self.connections.has_session():
            with self.connection_named("freshness"):
                return self._relation_types(sources)
        schemas = {source.schema: source.without_identifier() for source in sources if not source.database}
        listed = [relation for schema in schemas.values() for relation in self.list_relations_without_caching(schema)]
        local = [source for source in sources if not source.database]
        matches = {source: self._make_match(listed, "", source.schema, source.identifier) for source in local}
        types = {source: str(found[0].type) if found else None for source, found in matches.items()}
        return {**types, **{source: IN_CATALOG for source in sources if source.database}}
