"""External catalogs, which contain databases of other systems. The ``database`` of a source may name such a catalog.

A table of such a source is written ``catalog.schema.table`` in SQL. The server's own catalog has the name ``internal``.
All models, seeds and snapshots belong to it, and their relations have no ``database`` in dbt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation
from dbt.adapters.contracts.relation import RelationType
from dbt_common.exceptions import DbtRuntimeError

from ..column import OceanBaseColumn, column_from_field
from ..connect.quoting import identifier as quoted
from ..execution.errors import NO_STATEMENT, DatabaseError
from ..relation import INTERNAL, is_external_catalog
from .adapter_base import OceanBaseAdapterBase
from .docs_tables import with_databases
from .server_info import NO_SCHEMA, NO_TABLE

if TYPE_CHECKING:
    import agate
    from dbt.adapters.contracts.connection import AdapterResponse

_QUOTED = r"`(?:[^`]|``)+`"

_REMEDY = "remove `database` and set `schema` instead"


class ExternalCatalogMixin(OceanBaseAdapterBase):
    """Adapter methods for sources in external catalogs. If a project has no such source, they send no statements."""

    _catalogs: frozenset[str] | None = None

    def pre_model_hook(self, config: Any) -> Any:
        """Check that the server has the external catalogs of all sources that a node reads.

        A source also counts if the node reads it through an ephemeral model. dbt calls this before it runs the node,
        but not for ``dbt show`` and for operations. Raise DbtRuntimeError, which names the source, if the server has no
        external catalogs at all, or not the one that the source needs. The result is the context that dbt passes to
        ``post_model_hook``.
        """
        context = super().pre_model_hook(config)
        manifest = self.get_macro_resolver()
        sources, nodes = (getattr(manifest, kind, {}) for kind in ("sources", "nodes"))
        for unique_id in _read_by(config.model, nodes):
            source = sources.get(unique_id)
            if source is not None and is_external_catalog(source.database):
                self.check_catalog(source.database, f"source {source.source_name}.{source.name}: ")
        return context

    def check_catalog(self, name: str, place: str = "") -> None:
        """Raise DbtRuntimeError if the server has no catalog ``name``. The case of the name does not matter.

        The error is also raised if the server has no external catalogs at all. ``place`` is the beginning of the
        error's text, such as ``source a.b: ``. The server is asked once in a run of dbt, and its answer is kept.
        """
        if self._catalogs is None:
            self._catalogs = self._query_catalogs(f"{place}database: {name!r}")
        if name.lower() not in self._catalogs:
            raise DbtRuntimeError(
                f"{place}database: {name!r} is no catalog of the server, which has "
                f"{', '.join(sorted(self._catalogs))}: write one of these, or {_REMEDY}"
            )

    def _query_catalogs(self, place: str) -> frozenset[str]:
        try:
            _, table = self.execute("show catalogs", fetch=True)
        except DatabaseError as error:
            if error.server_code != NO_STATEMENT:
                raise
            raise DbtRuntimeError(
                f"{place}: {self.server_info()} has schemas only (it calls them databases) and no external catalogs, "
                f"which seekdb 1.3 and OceanBase 4.4 have: {_REMEDY}"
            ) from None
        return frozenset(str(row[0]).lower() for row in table.rows)

    # -- statements

    def execute(
        self, sql: str, auto_begin: bool = False, fetch: bool = False, limit: int | None = None
    ) -> tuple[AdapterResponse, agate.Table]:
        """Run the statement ``sql``, and return dbt's response and a table of the rows.

        ``sql`` may also be several statements, of which the last one gives the result. With ``auto_begin``, begin a
        transaction first. If ``fetch`` is false, the table is empty. ``limit`` is the maximum number of rows to fetch,
        or None for all.

        Raise DbtRuntimeError if a statement cannot be run, with two subclasses: DatabaseError if the server refuses it
        or the connection is lost, and FailedToConnectError if no session can be opened. If the statement reads external
        catalogs, the text of the DatabaseError begins with their names, because the server does not say which catalog
        it could not reach.
        """
        with self._named(sql):
            outcome: tuple[AdapterResponse, agate.Table] = super().execute(sql, auto_begin, fetch, limit)
        return outcome

    @contextmanager
    def _named(self, sql: str) -> Iterator[None]:
        """Return a context manager that adds the names of external catalogs to a DatabaseError raised in its body.

        The text of the error then begins with the names of the external catalogs that ``sql`` reads. If ``sql`` reads
        no external catalog, the error is not changed.
        """
        try:
            yield
        except DatabaseError as error:
            sources = getattr(self.get_macro_resolver(), "sources", {}).values()
            names = {*(self._catalogs or ()), *(str(source.database or INTERNAL).lower() for source in sources)}
            text = sql.lower()
            # with three parts, since a schema may have the name of a catalog
            found = {name for name in names if re.search(rf"{re.escape(quoted(name))}\.{_QUOTED}\.{_QUOTED}", text)}
            named = sorted(found - {INTERNAL})
            if not named:
                raise
            raise DatabaseError(f"external catalog {', '.join(named)}: {error.msg}", error.server_code) from error

    def catalog_columns(self, relation: BaseRelation) -> list[OceanBaseColumn]:
        """Return the columns of a relation in an external catalog.

        The columns are read by a query that returns no rows. If the server refuses it, an open transaction stays open,
        because the caller may take this for an answer. Raise DbtRuntimeError if there is no such catalog, and its
        subclass DatabaseError if the relation does not exist or the server cannot read the relation.
        """
        self.check_catalog(str(relation.database))
        query = f"select * from {relation.render()} limit 0"
        with self._named(query):
            cursor = self.connections.probe(query)
        return [column_from_field(field) for field in cursor.fields]

    def _process_freshness_execution(self, macro_name: str, kwargs: dict[str, Any], macro_resolver: Any = None) -> Any:
        source = kwargs["source"]
        if isinstance(source, BaseRelation) and source.database:
            self.check_catalog(source.database)
        return super()._process_freshness_execution(macro_name, kwargs, macro_resolver)

    # -- relations

    def external_relation(self, catalog: str, schema: str, identifier: str) -> BaseRelation | None:
        """Return the relation with this name in the external catalog ``catalog``, or None if it does not exist.

        The server is asked by a query that returns no rows. Raise DbtRuntimeError if there is no such catalog, and
        DatabaseError if the query fails for any other reason than a missing relation.
        """
        self.check_catalog(catalog)
        relation = self.Relation.create(
            database=catalog, schema=schema, identifier=identifier, type=RelationType.External, is_source=True
        )
        try:
            self.get_columns_in_relation(relation)
        except DatabaseError as error:
            if error.server_code not in (NO_TABLE, NO_SCHEMA):
                raise
            return None
        return relation

    def list_relations_without_caching(self, schema_relation: BaseRelation) -> list[BaseRelation]:
        """Return the relations of a schema from one query. The list is empty if the schema does not exist.

        Raise DbtRuntimeError if ``schema_relation`` is in an external catalog.
        """
        self.check_is_listed(schema_relation.database)
        return super().list_relations_without_caching(schema_relation)

    def check_is_listed(self, database: str | None) -> None:
        """Raise DbtRuntimeError if ``database`` is an external catalog, whose relations the server cannot list.

        Do nothing if it is None, empty or ``internal``, the server's own catalog.
        """
        if is_external_catalog(database):
            self.check_catalog(str(database))
            raise DbtRuntimeError(
                f"database: {database!r}: the relations of an external catalog cannot be listed: name each table as a "
                "source"
            )

    # -- dbt docs

    def get_filtered_catalog(
        self,
        relation_configs: Iterable[Any],
        used_schemas: frozenset[tuple[str, str]],
        relations: set[BaseRelation] | None = None,
    ) -> Any:
        """Return the rows for ``dbt docs`` as a table, and the errors. Relations in external catalogs are left out.

        The parameters are those of the method in dbt: ``relation_configs`` are nodes, ``used_schemas`` are pairs of
        database and schema, and ``relations`` are the relations to show, or None for all. dbt finds the rows of a
        source by database, schema and name, but the server's rows have no database. So the rows of a source with
        ``database: internal`` are returned twice: without a database, and with this one.
        """
        nodes = [each for each in relation_configs if not is_external_catalog(each.database)]
        table, errors = super().get_filtered_catalog(
            nodes,
            frozenset(each for each in used_schemas if not is_external_catalog(each[0])),
            None if relations is None else {each for each in relations if not each.database},
        )
        named = {(each.schema.lower(), each.identifier.lower()): each.database for each in nodes if each.database}
        return with_databases(table, named) if named else table, errors


def _read_by(node: Any, nodes: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of the nodes and sources that ``node`` reads directly or through ephemeral models.

    ``nodes`` are the nodes of dbt's manifest by id.
    """
    waiting, found = [node], set()
    while waiting:
        depends_on = getattr(waiting.pop(), "depends_on", None)
        for unique_id in getattr(depends_on, "nodes", ()):
            if unique_id in found:
                continue
            found.add(unique_id)
            yield unique_id
            other = nodes.get(unique_id)
            if other is not None and other.config.materialized == "ephemeral":
                waiting.append(other)
