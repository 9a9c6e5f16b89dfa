"""The adapter: what dbt and its macros may call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.base.impl import ConstraintSupport
from dbt.adapters.capability import Capability, CapabilityDict, CapabilitySupport, Support
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.exceptions import SnapshotTargetNotSnapshotTableError
from dbt_common.contracts.constraints import ConstraintType
from dbt_common.contracts.metadata import CatalogTable
from dbt_common.exceptions import DbtRuntimeError
from dbt_common.utils import filter_null_values

from . import debug, fields, grants, metadata
from .column import OceanBaseColumn
from .connect.settings import literal
from .connections import OceanBaseConnectionManager
from .incremental import RunsIncrements
from .relation import OceanBaseRelation
from .seeding import LoadsSeeds
from .server import ServerInfo, server_info
from .staging import BuildsAside

if TYPE_CHECKING:
    import agate

logger = AdapterLogger("OceanBase")

MAX_COLUMN_COMMENT, MAX_TABLE_COMMENT = 1024, 4096
"""Characters of a column's comment, and bytes of a table's (errors 1629 and 1628 beyond; seen on 1.3 and 1.4)."""


class OceanBaseAdapter(LoadsSeeds, RunsIncrements, BuildsAside):
    """dbt's adapter for OceanBase in MySQL mode."""

    ConnectionManager = OceanBaseConnectionManager
    Relation = OceanBaseRelation
    Column = OceanBaseColumn
    connections: OceanBaseConnectionManager

    CONSTRAINT_SUPPORT = dict.fromkeys(
        (
            ConstraintType.check,
            ConstraintType.not_null,
            ConstraintType.unique,
            ConstraintType.primary_key,
            ConstraintType.foreign_key,
        ),
        ConstraintSupport.ENFORCED,
    )
    _capabilities = CapabilityDict(
        {
            Capability.SchemaMetadataByRelations: CapabilitySupport(support=Support.Full),
            Capability.GetCatalogForSingleRelation: CapabilitySupport(support=Support.Full),
            Capability.MicrobatchConcurrency: CapabilitySupport(support=Support.Full),
        }
    )

    # -- identity

    @classmethod
    def date_function(cls) -> str:
        """Give the SQL for now."""
        return "now()"

    @classmethod
    def quote(cls, identifier: str) -> str:
        """Give an identifier in backticks."""
        return "`" + str(identifier).replace("`", "``") + "`"

    def server_info(self) -> ServerInfo:
        """Give what is known of the server; asks it once per process and profile."""
        options = self.config.credentials.options()
        if self.connections.get_if_exists() is not None:
            return server_info(self.connections.session, options)
        with self.connection_named("server_info"):
            return server_info(self.connections.session, options)

    def debug_query(self) -> None:
        """Show what ``dbt debug`` is there for; raises where the schema may not be used."""
        for line in debug.report(self.connections.session(), self.server_info(), self.config.credentials):
            logger.info(line)

    # -- relations

    def _make_match(
        self, relations_list: list[BaseRelation], database: Any, schema: Any, identifier: Any
    ) -> list[BaseRelation]:
        fold = str.lower if self.server_info().folds_names else str
        wanted = filter_null_values({"schema": schema, "identifier": identifier})
        return [
            relation
            for relation in relations_list
            if all(fold(getattr(relation, part) or "") == fold(value) for part, value in wanted.items())
        ]

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
        found = self._make_match(
            self.list_relations_without_caching(relation.without_identifier()),
            "",
            relation.schema,
            relation.identifier,
        )
        return found[0] if found else None  # type: ignore[return-value]  # dbt types its own base class

    def create_schema(self, relation: BaseRelation) -> None:
        """Create a schema where it is missing; the profile's own one becomes the current database."""
        super().create_schema(relation)
        credentials = self.config.credentials
        if relation.schema == credentials.schema:
            with self.connections.exception_handler("use"):
                self.connections.session().use(credentials.schema)

    @available.parse_list
    def columns_of(self, relations: Sequence[OceanBaseRelation]) -> list[list[OceanBaseColumn]]:
        """Give the columns of each relation, all from one query."""
        rows = self.execute_macro("oceanbase__column_rows", kwargs={"relations": relations})
        found: dict[tuple[str, str], list[OceanBaseColumn]] = {}
        for schema, table, *column in rows:
            found.setdefault((schema.lower(), table.lower()), []).append(self.Column.from_catalog(*column))
        return [found.get((str(r.schema).lower(), str(r.identifier).lower()), []) for r in relations]

    def get_columns_in_relation(self, relation: BaseRelation) -> list[OceanBaseColumn]:
        """Give the columns of a relation in order; none where it does not exist."""
        found: list[OceanBaseColumn] = self.columns_of([relation])[0]
        return found

    @available.parse_list
    def get_column_schema_from_query(self, sql: str) -> list[OceanBaseColumn]:
        """Give the columns of a query, which should be one without rows."""
        _, cursor = self.connections.add_select_query(sql)
        return [fields.column_of(field) for field in cursor.fields]

    def expand_column_types(self, goal: BaseRelation, current: BaseRelation) -> None:
        """Widen the columns of ``current`` that are too narrow for the values of ``goal``, in one ALTER."""
        wanted, present = self.columns_of([goal, current])
        self.widen(current, wanted, present)

    @available.parse_none
    def widen(
        self,
        relation: BaseRelation,
        wanted: Sequence[OceanBaseColumn],
        present: Sequence[OceanBaseColumn],
        may_miss: bool = False,
    ) -> bool:
        """Widen the columns of ``relation`` (now ``present``) for ``wanted``; give whether anything was to do.

        A column that refuses NULL only because its first value was a literal takes NULL where the new one may be;
        with ``may_miss`` any column outside of keys does where there is no new one.
        """
        by_name = {column.name.lower(): column for column in wanted}
        changes = {}
        for column in present:
            other = by_name.get(column.name.lower())
            kind = column.widened_for(other) if other else None
            takes_null = column.refuses_null and (column.has_default and other.nullable if other else may_miss)
            if kind or takes_null:
                changes[column.name] = (kind, takes_null)
        if changes:
            definitions = self._definitions(relation)
            clauses = [definitions[name].modify(kind, nullable=null) for name, (kind, null) in changes.items()]
            logger.info(f"{relation.render()}: columns too narrow for the new rows: {', '.join(clauses)}")
            self._alter(relation, clauses)
        return bool(changes)

    @available.parse_none
    def check_snapshot_target(
        self, columns: Sequence[OceanBaseColumn], names: Mapping[str, str], strategy: Mapping[str, Any]
    ) -> None:
        """Check, without asking again, that a snapshot's table has the columns that dbt adds.

        Raises SnapshotTargetNotSnapshotTableError as ``assert_valid_snapshot_target_given_strategy`` does.
        """
        missing = metadata.missing_snapshot_columns({c.name.lower() for c in columns}, names, strategy)
        if missing:
            raise SnapshotTargetNotSnapshotTableError(missing)

    @available.parse_none
    def comment_columns(self, relation: BaseRelation, columns: Mapping[str, Mapping[str, Any]]) -> None:
        """Give each described column its comment where it differs, keeping the rest of its definition, in one ALTER."""
        cut = {
            name: {"description": self._comment(column.get("description"), True)} for name, column in columns.items()
        }
        clauses = metadata.comment_clauses(self._definitions(relation), cut)
        if clauses:
            self._alter(relation, clauses)

    def _definitions(self, relation: BaseRelation) -> dict[str, metadata.Definition]:
        _, table = self.execute(f"show create table {relation.render()}", fetch=True)
        return metadata.column_definitions(str(table.rows[0][1]))

    def _alter(self, relation: BaseRelation, clauses: Iterable[str]) -> None:
        self.execute(f"alter table {relation.render()} {', '.join(clauses)}")

    @available.parse_none
    def retype_column(self, relation: BaseRelation, column_name: str, new_type: str) -> None:
        """Change a column's type in one ALTER that keeps the rest of its definition."""
        definitions = {name.lower(): definition for name, definition in self._definitions(relation).items()}
        self._alter(relation, [definitions[column_name.lower()].modify(data_type=self.Column.ddl_type(new_type))])

    @available
    def comment_literal(self, comment: str, of_column: bool = False) -> str:
        """Give a comment as a literal, cut to what the server takes."""
        return literal(self._comment(comment, of_column))

    def _comment(self, comment: str | None, of_column: bool) -> str:
        whole = comment or ""
        if of_column:
            kept, limit = metadata.cut(whole, MAX_COLUMN_COMMENT), f"{MAX_COLUMN_COMMENT} characters"
        else:
            kept, limit = metadata.cut_bytes(whole, MAX_TABLE_COMMENT), f"{MAX_TABLE_COMMENT} bytes"
        if kept != whole:
            logger.warning(f"persist_docs: a comment is cut to the server's {limit}: {whole[:60]!r}...")
        return kept

    @available
    def escape_text(self, text: Any) -> str:
        """Give a text for use between single quotes, marked as such."""
        return metadata.EscapedText(literal(str(text))[1:-1])

    @available
    def text_literal(self, text: Any) -> str:
        """Give a text as a literal; one that ``escape_text`` has marked is not escaped again."""
        return f"'{text}'" if isinstance(text, metadata.EscapedText) else literal(str(text))

    # -- grants, contracts

    @classmethod
    def render_column_constraint(cls, constraint: Any) -> str | None:
        """Give a constraint in a column's definition. Raises DbtRuntimeError for a foreign key, ignored there."""
        if constraint.type == ConstraintType.foreign_key:
            raise DbtRuntimeError(
                "foreign_key on a column: OceanBase takes `references` in a column's definition and enforces nothing: "
                "declare it under the model's constraints, with its columns"
            )
        rendered: str | None = super().render_column_constraint(constraint)
        return rendered

    @available
    def standardize_grants_dict(self, grants_table: agate.Table) -> dict[str, list[str]]:
        """Give the server's grants as dbt's config has them."""
        return self.connections.standardize_grants_dict(grants_table)

    @available
    def normal_grants(self, config: Mapping[str, Sequence[str] | str]) -> dict[str, list[str]]:
        """Give the ``grants`` config with each grantee in the spelling that ``standardize_grants_dict`` uses."""
        return {
            privilege.lower(): [grants.normal_name(name) for name in ([names] if isinstance(names, str) else names)]
            for privilege, names in config.items()
        }

    @available
    def quote_grantee(self, grantee: str) -> str:
        """Give a grantee as GRANT takes it."""
        return grants.quoted(grantee)

    # -- SQL that dbt's own tests ask for

    def timestamp_add_sql(self, add_to: str, number: int = 1, interval: str = "hour") -> str:
        """Give the SQL that adds an interval to a time."""
        return f"date_add({add_to}, interval {number} {interval})"

    def string_add_sql(self, add_to: str, value: str, location: str = "append") -> str:
        """Give the SQL that puts a text before or after another."""
        parts = [literal(value), add_to] if location == "prepend" else [add_to, literal(value)]
        return f"concat({', '.join(parts)})"

    def get_catalog_for_single_relation(self, relation: BaseRelation) -> CatalogTable | None:
        """Give the catalog entry of one relation, or None where it does not exist."""
        kwargs = {"information_schema": relation.information_schema(), "relations": [relation]}
        table: Any = self.execute_macro("get_catalog_relations", kwargs=kwargs)
        return metadata.catalog_table([row.dict() for row in table.rows])

    @classmethod
    def _catalog_filter_table(cls, table: agate.Table, used_schemas: frozenset[tuple[str, str]]) -> agate.Table:
        return metadata.filtered_catalog(table, {schema.lower() for _, schema in used_schemas if schema is not None})
