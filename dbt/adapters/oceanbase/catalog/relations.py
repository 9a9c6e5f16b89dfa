"""Which relations there are: in a schema, in dbt's cache of it, and under one name."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.sql import SQLAdapter
from dbt_common.utils import filter_null_values

from ..connect import forks

if TYPE_CHECKING:
    from ..relation import OceanBaseRelation
    from .server_info import ServerInfo


_adapters: weakref.WeakSet[ListsRelations] = weakref.WeakSet()


class ListsRelations(SQLAdapter):
    """The part of the adapter that finds relations."""

    server_info: Callable[[], ServerInfo]

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._filling = threading.Lock()
        _adapters.add(self)

    def _fold(self) -> Callable[[str], str]:
        """Give what makes two spellings of one relation's name equal on the server."""
        return str.lower if self.server_info().folds_names else str

    def _make_match(
        self, relations_list: list[BaseRelation], database: Any, schema: Any, identifier: Any
    ) -> list[BaseRelation]:
        fold = self._fold()
        wanted = filter_null_values({"schema": schema, "identifier": identifier})
        return [
            relation
            for relation in relations_list
            if all(fold(getattr(relation, part) or "") == fold(value) for part, value in wanted.items())
        ]

    def list_relations(self, database: str | None, schema: str) -> list[BaseRelation]:
        """Give the relations of a schema: those in dbt's cache, or the server's, which the cache has from then on.

        dbt takes a schema for cached from the first of its relations on: others see it only when all are there. Nothing
        is asked of the server meanwhile, as who waits may have the connection that it would take.
        """
        with self._filling:
            if self._schema_is_cached(database, schema):
                return list(self.cache.get_relations(database, schema))
        found = self.list_relations_without_caching(self.Relation.create(schema=schema).without_identifier())
        with self._filling:
            if not self._schema_is_cached(database, schema):
                for relation in found:
                    self.cache.add(relation)
                self.cache.update_schemas([(database, schema)])
        return found

    def list_relations_without_caching(self, schema_relation: BaseRelation) -> list[BaseRelation]:
        """Give the relations of a schema in one query; one that does not exist has none."""
        kwargs = {
            "schema_relation": schema_relation,
            "with_materialized_views": self.server_info().has_materialized_views,
        }
        rows = self.execute_macro("oceanbase__list_relations", kwargs=kwargs)
        return [
            self.Relation.create(schema=schema, identifier=name, type=self.Relation.get_relation_type(kind))
            for schema, name, kind in rows
        ]

    @available.parse_none
    def actual_relation(self, relation: OceanBaseRelation) -> OceanBaseRelation | None:
        """Give the relation as the server has it now, past the cache, or None."""
        listed = self.list_relations_without_caching(relation.without_identifier())
        found = self._make_match(listed, "", relation.schema, relation.identifier)
        return cast("OceanBaseRelation", found[0]) if found else None


def _reset_after_fork() -> None:
    """Free the locks that other threads of the parent process may have held; for the child after a fork."""
    for adapter in list(_adapters):
        adapter._filling = threading.Lock()


forks.reset_in_child(_reset_after_fork)
