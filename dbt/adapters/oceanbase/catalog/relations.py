"""List the relations of a schema, and keep them in dbt's cache of relations."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.cache import RelationsCache, _CachedRelation

from ..connect import forks
from ..relation import is_external_catalog
from .case_twins import case_twins, twins_error
from .catalogs import ExternalCatalogMixin

_RELATIONS = frozenset({"model", "seed", "snapshot"})
"""Types of nodes that become relations."""

_adapters: weakref.WeakSet[RelationMixin] = weakref.WeakSet()


class QuietRelationsCache(RelationsCache):
    """dbt's cache of relations, without the log event for each added relation.

    dbt drops these events, unless it is called with ``--log-cache-events``. Making them takes 1.1 s of processor time
    for 10,000 relations, and the rest of ``add`` 0.03 s.
    """

    def add(self, relation: BaseRelation) -> None:
        """Add ``relation`` to the cache. Log dbt's events about this only with ``--log-cache-events``."""
        if self.log_cache_events:
            super().add(relation)  # type: ignore[no-untyped-call]  # dbt has no types here
            return
        with self.lock:
            self._setdefault(_CachedRelation(relation))


class RelationMixin(ExternalCatalogMixin):
    """The adapter's methods that create schemas and list their relations."""

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self.cache = QuietRelationsCache(log_cache_events=config.log_cache_events)
        self._cache_lock = threading.Lock()
        self._names_are_checked = False
        _adapters.add(self)

    def create_schema(self, relation: BaseRelation) -> None:
        """Create the schema of ``relation`` if it does not exist.

        If it is the profile's schema, it also becomes the current database of this thread's session.
        """
        super().create_schema(relation)
        credentials = self.config.credentials
        if relation.schema == credentials.schema:
            with self.connections.exception_handler("use"):
                self.connections.session().use(credentials.schema)

    def set_relations_cache(
        self,
        relation_configs: Iterable[Any],
        clear: bool = False,
        required_schemas: set[BaseRelation] | None = None,
    ) -> None:
        """Fill dbt's cache of relations before the first node runs.

        ``relation_configs`` are all nodes of the project. With ``clear``, the cache is emptied first. The cache gets
        the relations of ``required_schemas``. If ``required_schemas`` is None or empty, the cache gets the relations of
        the schemas of all nodes. Raise DbtRuntimeError if the names of two nodes differ only in case and the server
        ignores case in names.
        """
        nodes = list(relation_configs)
        self._check_names(nodes)
        super().set_relations_cache(nodes, clear, required_schemas)

    @available.parse_none
    def check_case_twins(self, nodes: Iterable[Mapping[str, Any]]) -> None:
        """Raise DbtRuntimeError if the names of two ``nodes`` differ only in case and the server ignores case in names.

        ``nodes`` are the nodes of dbt's graph, as dicts. Only those that become relations count: models that are not
        ephemeral, seeds and snapshots. This check is needed for the option ``--no-populate-cache``, with which dbt does
        not call ``set_relations_cache``. After one check without an error, further calls do nothing.
        """
        if not self._names_are_checked:
            self._check_names(
                SimpleNamespace(schema=node["schema"], identifier=node["alias"], unique_id=node["unique_id"])
                for node in nodes
                if node["resource_type"] in _RELATIONS and node["config"].get("materialized") != "ephemeral"
            )

    def _check_names(self, nodes: Iterable[Any]) -> None:
        twins = case_twins(nodes)
        if twins and self.server_info().folds_names:
            raise twins_error(twins)
        self._names_are_checked = True

    def list_relations(self, database: str | None, schema: str) -> list[BaseRelation]:
        """Return the relations of a schema from dbt's cache. The first call queries the server and fills the cache.

        dbt considers a schema cached as soon as the cache has its first relation. So a lock makes other threads wait
        until all relations are in the cache. The lock is not held during the query, because a thread that waits for the
        lock may hold the connection that the query needs.

        ``database`` may be None, an empty text (as ``target.database`` is in macros), or ``internal``, the server's own
        catalog. Raise DbtRuntimeError for any other database.
        """
        self.check_is_listed(database)
        database = None
        wanted = self.Relation.create(database=database, schema=schema).without_identifier()
        with self._cache_lock:
            if self._schema_is_cached(database, schema):
                return list(self.cache.get_relations(database, schema))
        found = self.list_relations_without_caching(wanted)
        with self._cache_lock:
            if not self._schema_is_cached(database, schema):
                for relation in found:
                    self.cache.add(relation)
                self.cache.update_schemas([(database, schema)])
        return found

    @available.parse_none
    def get_relation(self, database: str | None, schema: str, identifier: str) -> BaseRelation | None:
        """Return the relation with this name, or None if it does not exist.

        The relation is looked up in dbt's cache. The first call for a schema fills the cache, see ``list_relations``.
        dbt's own method compares the name with each relation of the schema, which takes long in a schema of thousands.
        If ``database`` is an external catalog, see ``external_relation``.

        The cache has one relation for all names that differ only in case. If the server respects case, and the cache
        has another spelling, the server is queried.
        """
        if is_external_catalog(database):
            return self.external_relation(str(database), schema, identifier)
        with self._cache_lock:
            is_cached = self._schema_is_cached(None, schema)
        if not is_cached:
            self.list_relations(None, schema)
        with self.cache.lock:
            # a key of dbt's cache: database, schema and name in lower case
            cached = self.cache.relations.get((None, schema.lower(), identifier.lower()))  # type: ignore[call-overload]
        if cached is None:
            return None
        found = self._make_match([cached.inner], None, schema, identifier)
        if not found and not self.server_info().folds_names:
            actual: BaseRelation | None = self.actual_relation(
                self.Relation.create(schema=schema, identifier=identifier)
            )
            return actual
        return next(iter(found), None)


def _reset_after_fork() -> None:
    """Replace the lock of each adapter in a forked child process.

    Threads that exist only in the parent process may hold the locks, so nobody would release them in the child.
    """
    for adapter in list(_adapters):
        adapter._cache_lock = threading.Lock()


forks.reset_in_child(_reset_after_fork)
