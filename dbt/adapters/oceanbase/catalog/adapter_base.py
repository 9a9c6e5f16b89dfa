"""The base class of the adapter's mixins, with methods that query the server, its relations and their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.sql import SQLAdapter
from dbt_common.utils import filter_null_values

from ..column import OceanBaseColumn
from ..connections import OceanBaseConnectionManager
from ..relation import OceanBaseRelation
from .column_definitions import ColumnDefinition, escaped_column_type, parse_column_definitions
from .server_info import ServerInfo, server_info


class OceanBaseAdapterBase(SQLAdapter):
    """The base class of the adapter's mixins. It has the attributes and methods that several mixins share."""

    ConnectionManager = OceanBaseConnectionManager
    Relation = OceanBaseRelation
    Column = OceanBaseColumn
    connections: OceanBaseConnectionManager

    def server_info(self) -> ServerInfo:
        """Return the server's versions and features. The server is queried once per process and profile."""
        options = self.config.credentials.options()
        if self.connections.has_session():
            return server_info(self.connections.session, options)
        with self.connection_named("server_info"):
            return server_info(self.connections.session, options)

    # -- statements

    @available.parse(lambda sql: sql)
    def without_final_semicolon(self, sql: str) -> str:
        """Return ``sql`` without semicolons at its end, so that a clause such as LIMIT can be added, or a parenthesis.

        Standard SQL in ``sql``, such as ``x::integer``, is rewritten for OceanBase as well, if the configs or the
        profile say so. Raises DbtRuntimeError if a ``||`` is to be rewritten and it is not certain where its operands
        begin and end, or if such a ``||`` looks like a logical OR.
        """
        return ";\n".join(self.connections.split(sql))

    # -- relations

    def name_folding(self) -> Callable[[str], str]:
        """Return the function to apply to relation names before they are compared.

        The function converts a name to lower case if the server ignores case in relation names. If the server respects
        case, the function returns the name unchanged.
        """
        return str.lower if self.server_info().folds_names else str

    def _make_match(
        self, relations_list: list[BaseRelation], database: Any, schema: Any, identifier: Any
    ) -> list[BaseRelation]:
        fold = self.name_folding()
        wanted = filter_null_values({"schema": schema, "identifier": identifier})
        return [
            relation
            for relation in relations_list
            if all(fold(getattr(relation, part) or "") == fold(value) for part, value in wanted.items())
        ]

    def list_relations_without_caching(self, schema_relation: BaseRelation) -> list[BaseRelation]:
        """Return the relations of a schema from one query. The list is empty if the schema does not exist."""
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
        """Return ``relation`` with the type that it has on the server, or None if it does not exist there.

        The server is queried, because dbt's cache may be outdated.
        """
        listed = self.list_relations_without_caching(relation.without_identifier())
        found = self._make_match(listed, "", relation.schema, relation.identifier)
        return cast("OceanBaseRelation", found[0]) if found else None

    # -- columns

    @available.parse_list
    def columns_of(self, relations: Sequence[OceanBaseRelation]) -> list[list[OceanBaseColumn]]:
        """Return one list of columns for each of the ``relations``, in their order.

        The list of a relation that does not exist is empty. One query is sent for all relations. If one of them belongs
        to an external catalog, each relation gets a query of its own. Raises DatabaseError if a relation in an external
        catalog does not exist, and DbtRuntimeError if the catalog does not exist. See ``catalog_columns``.
        """
        if any(relation.database for relation in relations):
            return [self.catalog_columns(each) if each.database else self.columns_of([each])[0] for each in relations]
        rows = self.execute_macro("oceanbase__column_rows", kwargs={"relations": relations})
        fold = self.name_folding()
        found: dict[tuple[str, str], list[OceanBaseColumn]] = {}
        for schema, table, name, column_type, *attributes in rows:
            column = self.Column.from_catalog(name, escaped_column_type(column_type), *attributes)
            found.setdefault((fold(schema), fold(table)), []).append(column)
        return [found.get((fold(str(r.schema)), fold(str(r.identifier))), []) for r in relations]

    def catalog_columns(self, relation: OceanBaseRelation) -> list[OceanBaseColumn]:
        """Return the columns of a relation in an external catalog, which holds databases of another system.

        In this class, the method only raises NotImplementedError. The subclass ``ExternalCatalogMixin``, from which the
        adapter inherits, overrides the method.
        """
        raise NotImplementedError

    def _definitions(self, relation: BaseRelation) -> dict[str, ColumnDefinition]:
        """Return the column definitions of a table by column name, as SHOW CREATE TABLE shows them."""
        _, table = self.execute(f"show create table {relation.render()}", fetch=True)
        return parse_column_definitions(str(table.rows[0][1]))

    def _alter(self, relation: BaseRelation, clauses: Iterable[str]) -> None:
        """Change the table ``relation`` by one ALTER TABLE with all ``clauses``, such as ``drop column a``."""
        self.execute(f"alter table {relation.render()} {', '.join(clauses)}")
