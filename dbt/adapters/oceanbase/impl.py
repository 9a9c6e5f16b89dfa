"""The adapter: what dbt and its macros may call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.capability import Capability, CapabilityDict, CapabilitySupport, Support
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.exceptions import SnapshotTargetNotSnapshotTableError
from dbt_common.contracts.metadata import CatalogTable

from . import column, unit_tests
from .build import grants
from .build.constraints import DeclaresConstraints
from .build.staging import BuildsAside
from .catalog import column_definitions, comments, debug_report, docs
from .catalog.freshness import MeasuresFreshness
from .catalog.relations import ListsRelations
from .catalog.server_info import ServerInfo, server_info
from .column import OceanBaseColumn
from .connect.quoting import identifier as quote_identifier
from .connect.quoting import literal
from .connections import OceanBaseConnectionManager
from .incremental import type_changes
from .incremental.adapter import RunsIncrements
from .relation import OceanBaseRelation
from .seeds.adapter import LoadsSeeds
from .sql import grantees, lexer

if TYPE_CHECKING:
    import agate

logger = AdapterLogger("OceanBase")

MAX_COLUMN_COMMENT = 1024
"""Characters of a column's comment (error 1629 beyond; seen on 1.3 and 1.4)."""

MAX_TABLE_COMMENT = 4096
"""Bytes of a table's comment (error 1628 beyond; seen on 1.3 and 1.4)."""


class OceanBaseAdapter(ListsRelations, LoadsSeeds, RunsIncrements, BuildsAside, DeclaresConstraints, MeasuresFreshness):
    """dbt's adapter for OceanBase in MySQL mode."""

    ConnectionManager = OceanBaseConnectionManager
    Relation = OceanBaseRelation
    Column = OceanBaseColumn
    connections: OceanBaseConnectionManager

    _capabilities = CapabilityDict(
        {
            Capability.SchemaMetadataByRelations: CapabilitySupport(support=Support.Full),
            Capability.GetCatalogForSingleRelation: CapabilitySupport(support=Support.Full),
            Capability.TableLastModifiedMetadata: CapabilitySupport(support=Support.Full),
            Capability.TableLastModifiedMetadataBatch: CapabilitySupport(support=Support.Full),
            Capability.MicrobatchConcurrency: CapabilitySupport(support=Support.Full),
            # a later dbt-adapters has one more: external catalogs (catalogs.yml), of which the server knows none
            **{
                capability: CapabilitySupport(support=Support.Unsupported)
                for capability in Capability
                if capability.name == "CatalogsV2"
            },
        }
    )

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._topics: dict[str, object] = {}

    # -- identity

    @classmethod
    def date_function(cls) -> str:
        """Give the SQL for now."""
        return "now()"

    @classmethod
    def quote(cls, identifier: str) -> str:
        """Give an identifier in backticks."""
        return quote_identifier(str(identifier))

    def server_info(self) -> ServerInfo:
        """Give what is known of the server; asks it once per process and profile."""
        options = self.config.credentials.options()
        if self.connections.has_session():
            return server_info(self.connections.session, options)
        with self.connection_named("server_info"):
            return server_info(self.connections.session, options)

    @available.parse(lambda self: False)
    def has_materialized_views(self) -> bool:
        """Tell whether the server has a catalog of materialized views."""
        return self.server_info().has_materialized_views

    def debug_query(self) -> None:
        """Show what ``dbt debug`` is there for; raises where the schema may not be used."""
        for line in debug_report.report(self.connections.session(), self.server_info(), self.config.credentials):
            logger.info(line)

    # -- relations

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
        fold = self._fold()
        found: dict[tuple[str, str], list[OceanBaseColumn]] = {}
        for schema, table, name, kind, *others in rows:
            column = self.Column.from_catalog(name, column_definitions.escaped_values(kind), *others)
            found.setdefault((fold(schema), fold(table)), []).append(column)
        return [found.get((fold(str(r.schema)), fold(str(r.identifier))), []) for r in relations]

    def get_columns_in_relation(self, relation: BaseRelation) -> list[OceanBaseColumn]:
        """Give the columns of a relation in order; none where it does not exist."""
        found: list[OceanBaseColumn] = self.columns_of([relation])[0]
        return found

    @available.parse_list
    def get_column_schema_from_query(self, sql: str) -> list[OceanBaseColumn]:
        """Give the columns of a query, which should be one without rows."""
        _, cursor = self.connections.add_select_query(sql)
        return [column.column_of(field) for field in cursor.fields]

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
        loosens: bool = True,
        staging: BaseRelation | None = None,
        remedy: str = "",
    ) -> bool:
        """Widen the columns of ``relation`` (now ``present``) for ``wanted``; give whether anything was to do.

        ``may_miss`` and ``loosens`` say which take NULL, see ``fitting.changes``. With ``staging``, which holds the
        rows of ``wanted``, a column may become one of another kind that holds both, and where none does the rows are
        looked at: raises DbtRuntimeError with ``remedy`` for a value that would become another one.
        """
        across = staging is not None
        changes = type_changes.changes(present, wanted, across_kinds=across, may_miss=may_miss, loosens=loosens)
        found = type_changes.doubts(present, wanted, changes) if staging else []
        if staging and found:
            _, table = self.execute(type_changes.question(staging.render(), found), fetch=True)
            type_changes.check(found, list(table.rows[0]), relation.render(), remedy)
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
        missing = column_definitions.missing_snapshot_columns({c.name.lower() for c in columns}, names, strategy)
        if missing:
            raise SnapshotTargetNotSnapshotTableError(missing)

    @available.parse(lambda self, relation, comment: False)
    def has_comment(self, relation: BaseRelation, comment: str) -> bool:
        """Tell whether a table has this comment already: one query instead of DDL that changes nothing."""
        _, cursor = self.connections.add_select_query(
            "select table_comment from information_schema.tables where "
            f"table_schema = {literal(relation.schema or '')} and table_name = {literal(relation.identifier or '')}"
        )
        return bool(cursor.fetchone() == (self._comment(comment, of_column=False),))

    @available.parse_list
    def comment_columns(self, relation: BaseRelation, columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Give each described column its comment where it differs, keeping the rest of its definition, in one ALTER.

        Returns the described columns that the relation has not.
        """
        definitions = self._definitions(relation)
        absent = comments.absent_columns(definitions, columns)
        cut = {
            name: {"description": self._comment(column.get("description"), True)}
            for name, column in columns.items()
            if name not in absent
        }
        clauses = comments.comment_clauses(definitions, cut)
        if clauses:
            self._alter(relation, clauses)
        return absent

    @available.parse_list
    def described_times(
        self, selected: Sequence[OceanBaseColumn], columns: Mapping[str, Mapping[str, Any]]
    ) -> list[str]:
        """Give the definitions, with their comments, of the described columns that hold dates or times."""
        return [
            f"{column.quoted} {column.data_type} comment {literal(self._comment(text, True))}"
            for column, text in comments.descriptions(selected, columns)
            if column.holds_time()
        ]

    @available.parse_list
    def absent_columns(self, names: Sequence[str], columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Give the described columns that are not among ``names``."""
        return comments.absent_columns(names, columns)

    @available.parse(lambda self, topic: False)
    def first_time(self, topic: str) -> bool:
        """Tell whether this is the first time in the invocation that ``topic`` comes up."""
        token = object()
        return self._topics.setdefault(topic, token) is token

    def _definitions(self, relation: BaseRelation) -> dict[str, column_definitions.Definition]:
        _, table = self.execute(f"show create table {relation.render()}", fetch=True)
        return column_definitions.column_definitions(str(table.rows[0][1]))

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
            kept, limit = comments.cut(whole, MAX_COLUMN_COMMENT), f"{MAX_COLUMN_COMMENT} characters"
        else:
            kept, limit = comments.cut_bytes(whole, MAX_TABLE_COMMENT), f"{MAX_TABLE_COMMENT} bytes"
        if kept != whole:
            logger.warning(f"persist_docs: a comment is cut to the server's {limit}: {whole[:60]!r}...")
        return kept

    @available
    def escape_text(self, text: Any) -> str:
        """Give a text for use between single quotes, marked as such."""
        return column_definitions.EscapedText(literal(str(text))[1:-1])

    @available
    def text_literal(self, text: Any) -> str:
        """Give a text as a literal; one that ``escape_text`` has marked is not escaped again."""
        return f"'{text}'" if isinstance(text, column_definitions.EscapedText) else literal(str(text))

    @available.parse(lambda self, data_type, value: data_type)
    def exact_type(self, data_type: str, value: Any) -> str:
        """Give a type of the same kind in which an expected ``value`` of a unit test keeps its digits."""
        return unit_tests.exact_type(data_type, value)

    @available.parse(lambda self, code: code)
    def function_body(self, code: str) -> str:
        """Give what follows the head of a function: BEGIN ... END and RETURN as they are, else what it returns."""
        text = code.strip().rstrip("; \t\r\n")
        return text if lexer.verb(text) in ("begin", "return") else f"return (\n{text}\n)"

    # -- grants

    @available
    def standardize_grants_dict(self, grants_table: agate.Table) -> dict[str, list[str]]:
        """Give the server's grants as dbt's config has them."""
        return self.connections.standardize_grants_dict(grants_table)

    @available.parse(lambda self, *_: {"revoke": {}, "grant": {}})
    def grant_changes(
        self, present: agate.Table, config: Mapping[str, Sequence[str] | str], is_new: bool
    ) -> dict[str, dict[str, list[str]]]:
        """Give what is to ``revoke`` and to ``grant`` between the server's grants and a ``grants`` config.

        A new relation is granted all that is configured, also what has outlived an earlier one of its name.
        """
        found, wanted = self.standardize_grants_dict(present), grants.wanted(config)
        granted = wanted if is_new else grants.difference(wanted, found)
        return {"revoke": grants.difference(found, wanted), "grant": granted}

    @available
    def quote_grantee(self, grantee: str) -> str:
        """Give a grantee as GRANT takes it."""
        return grantees.quoted(grantee)

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
        fold = self._fold()
        rows = [row.dict() for row in table.rows]
        return docs.catalog_table([r for r in rows if fold(r["table_name"]) == fold(relation.identifier or "")])

    @classmethod
    def _catalog_filter_table(cls, table: agate.Table, used_schemas: frozenset[tuple[str, str]]) -> agate.Table:
        return docs.filtered_catalog(table, {schema.lower() for _, schema in used_schemas if schema is not None})
