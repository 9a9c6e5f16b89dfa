"""The adapter: the class that dbt loads, and methods that macros call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.capability import Capability, CapabilityDict, CapabilitySupport, Support
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.exceptions import SnapshotTargetNotSnapshotTableError
from dbt.adapters.protocol import AdapterConfig

from . import unit_tests
from .build.constraints import ConstraintMixin
from .build.grants import GrantMixin
from .build.staging import StagingMixin
from .catalog import column_definitions, debug_report
from .catalog.comments import CommentMixin
from .catalog.docs import CatalogMixin
from .catalog.freshness import FreshnessMixin
from .catalog.relations import RelationMixin
from .column import OceanBaseColumn, column_from_field
from .connect.quoting import identifier as quoted
from .connect.quoting import literal
from .incremental.adapter import IncrementalMixin
from .relation import shortened
from .seeds.adapter import SeedMixin
from .sql import comparisons
from .sql.statement import Statement

logger = AdapterLogger("OceanBase")


@dataclass
class OceanBaseConfig(AdapterConfig):
    """The model configs that dbt itself does not have; None where a model does not set one.

    dbt reads this class to merge configs of several places. It checks the types of its own configs only.
    """

    incremental_predicates: list[str] | str | None = None
    """Conditions on the target that limit which rows an increment replaces."""

    predicates: list[str] | str | None = None
    """Older name of ``incremental_predicates``."""

    merge_update_columns: list[str] | str | None = None
    """Columns that the strategy merge updates; all others keep their values."""

    merge_exclude_columns: list[str] | str | None = None
    """Columns that the strategy merge does not update."""

    partitions: list[str] | str | None = None
    """Partitions that the strategy insert_overwrite replaces."""

    partition_by: Any = None
    """Refused for the strategy insert_overwrite: not yet supported."""

    sql_header: str | None = None
    """Statements that run before the main statement."""

    indexes: list[Any] | None = None
    """Refused: not yet supported."""

    column_groups: Any = None
    """Refused: not yet supported."""

    check_option: Any = None
    """Refused: not yet supported."""

    catalog_name: str | None = None
    """Refused unless it is ``default``: OceanBase has no external catalogs for tables."""

    table_format: str | None = None
    """Refused unless it is ``default``: OceanBase has one table format."""

    copy_grants: bool | None = None
    """Refused if false: grants belong to the name and outlive its relation."""


class OceanBaseAdapter(
    RelationMixin,
    CommentMixin,
    CatalogMixin,
    FreshnessMixin,
    GrantMixin,
    ConstraintMixin,
    SeedMixin,
    IncrementalMixin,
    StagingMixin,
):
    """dbt's adapter for OceanBase in MySQL mode."""

    AdapterSpecificConfigs = OceanBaseConfig

    _capabilities = CapabilityDict(
        {
            Capability.SchemaMetadataByRelations: CapabilitySupport(support=Support.Full),
            Capability.GetCatalogForSingleRelation: CapabilitySupport(support=Support.Full),
            Capability.TableLastModifiedMetadata: CapabilitySupport(support=Support.Full),
            Capability.TableLastModifiedMetadataBatch: CapabilitySupport(support=Support.Full),
            Capability.MicrobatchConcurrency: CapabilitySupport(support=Support.Full),
            # later versions of dbt-adapters have one more: external catalogs, which the server does not have
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

    # -- identity and server

    @classmethod
    def date_function(cls) -> str:
        """Return the SQL for the current time."""
        return "now()"

    @classmethod
    def quote(cls, identifier: str) -> str:
        """Return an identifier in backticks."""
        return quoted(str(identifier))

    @available.parse(lambda self: False)
    def has_materialized_views(self) -> bool:
        """Check whether the server has a catalog of materialized views."""
        return self.server_info().has_materialized_views

    def debug_query(self) -> None:
        """Log the report for ``dbt debug``. Raises an error if the schema may not be used."""
        for line in debug_report.report(self.connections.session(), self.server_info(), self.config.credentials):
            logger.info(line)

    @available.parse(lambda self, topic: False)
    def first_time(self, topic: str) -> bool:
        """Check whether this is the first call for ``topic`` in the invocation."""
        token = object()
        return self._topics.setdefault(topic, token) is token

    # -- columns

    def get_columns_in_relation(self, relation: BaseRelation) -> list[OceanBaseColumn]:
        """Return the columns of a relation in order; an empty list if it does not exist."""
        found: list[OceanBaseColumn] = self.columns_of([relation])[0]
        return found

    @available.parse_list
    def get_column_schema_from_query(self, sql: str) -> list[OceanBaseColumn]:
        """Return the columns of a query, which should be one without rows."""
        _, cursor = self.connections.add_select_query(sql)
        return [column_from_field(field) for field in cursor.fields]

    @available.parse_none
    def retype_column(self, relation: BaseRelation, column_name: str, new_type: str) -> None:
        """Change a column's type in one ALTER that keeps the rest of its definition."""
        definitions = {name.lower(): definition for name, definition in self._definitions(relation).items()}
        self._alter(relation, [definitions[column_name.lower()].modify(data_type=self.Column.ddl_type(new_type))])

    @available.parse_none
    def check_snapshot_target(
        self, columns: Sequence[OceanBaseColumn], names: Mapping[str, str], strategy: Mapping[str, Any]
    ) -> None:
        """Check, without a query, that a snapshot's table has the columns that dbt adds.

        Raises SnapshotTargetNotSnapshotTableError as ``assert_valid_snapshot_target_given_strategy`` does.
        """
        missing = column_definitions.missing_snapshot_columns({c.name.lower() for c in columns}, names, strategy)
        if missing:
            raise SnapshotTargetNotSnapshotTableError(missing)

    # -- SQL

    @available
    def escape_text(self, text: Any) -> str:
        """Return a text for use between single quotes, marked as escaped."""
        return column_definitions.EscapedText(literal(str(text))[1:-1])

    @available
    def text_literal(self, text: Any) -> str:
        """Return a text as a literal; the result of ``escape_text`` is not escaped again."""
        return f"'{text}'" if isinstance(text, column_definitions.EscapedText) else literal(str(text))

    @available.parse(lambda self, data_type, value: data_type)
    def exact_type(self, data_type: str, value: Any) -> str:
        """Return a type of the same family that keeps all digits of an expected ``value`` of a unit test."""
        return unit_tests.exact_type(data_type, value)

    @available.parse(lambda self, code: code)
    def function_body(self, code: str) -> str:
        """Return the body of an SQL function.

        A BEGIN ... END block and a RETURN statement stay unchanged. RETURN is put before any other expression.
        """
        text = code.strip().rstrip("; \t\r\n")
        return text if Statement(text).verb in ("begin", "return") else f"return (\n{text}\n)"

    @available.parse(lambda name: shortened(name))  # dbt calls it without the adapter
    def shortened_name(self, name: str) -> str:
        """Return ``name``, or a shorter one with a hash if it is too long for a relation."""
        return shortened(name)

    @available.parse(lambda sql: sql)
    def without_final_semicolon(self, sql: str) -> str:
        """Return ``sql`` without semicolons after its last statement."""
        return ";\n".join(self.connections.split(sql))

    # -- generic tests

    @available
    def unaccepted(self, field: str, values: Iterable[Any], quoted: bool = True) -> str:
        """Return the condition that ``field`` holds none of ``values``, see ``comparisons.unaccepted``."""
        return comparisons.unaccepted(field, values, quoted)

    @available
    def bytes_of_text(self, expression: str) -> str:
        """Return the bytes of a text and NULL for everything else, as SQL."""
        return comparisons.bytes_of_text(expression)

    @available
    def same_text(self, one: str, other: str) -> str:
        """Return the condition that two equal expressions are equal byte for byte where one of them is a text."""
        return comparisons.same_text(one, other)

    # -- SQL that dbt's own tests ask for

    def timestamp_add_sql(self, add_to: str, number: int = 1, interval: str = "hour") -> str:
        """Return the SQL that adds an interval to a time."""
        return f"date_add({add_to}, interval {number} {interval})"

    def string_add_sql(self, add_to: str, value: str, location: str = "append") -> str:
        """Return the SQL that puts a text before or after another."""
        parts = [literal(value), add_to] if location == "prepend" else [add_to, literal(value)]
        return f"concat({', '.join(parts)})"
