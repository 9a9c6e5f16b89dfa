"""The adapter class that dbt loads, with the methods that macros call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.base.meta import available_property
from dbt.adapters.capability import Capability, CapabilityDict, CapabilitySupport, Support
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.behavior_flags import Behavior, BehaviorFlag
from dbt_common.exceptions import DbtRuntimeError

from . import shims
from .behavior import AdapterBehavior
from .build.ai_models import AiModelMixin
from .build.config_check import ConfigCheckMixin
from .build.created_columns import CreatedColumnMixin
from .build.functions import FunctionHookMixin
from .build.grants import GrantMixin
from .build.node_dialect import NodeDialectMixin
from .build.node_settings import NodeSettingsMixin
from .build.schema_forks import SchemaForkMixin
from .build.stored_failures import StoredFailureMixin
from .catalog import column_definitions
from .catalog.docs import CatalogMixin
from .catalog.freshness import FreshnessMixin
from .catalog.relations import RelationMixin
from .column import OceanBaseColumn, column_from_field
from .configs import OceanBaseConfig
from .connect.errors import EngineFailed
from .connect.quoting import identifier as quoted
from .connect.quoting import literal
from .incremental.adapter import IncrementalMixin
from .incremental.later_constraints import LaterConstraintMixin
from .incremental.snapshots import SnapshotMixin
from .relation import shortened
from .relation_configs.external_adapter import ExternalMixin
from .relation_configs.partition_overwrite import PartitionOverwriteMixin
from .relation_configs.refresh_states import RefreshStateMixin
from .relation_configs.run_check import RunCheckMixin
from .seeds.adapter import SeedMixin
from .sql import clocks, comparisons, event_time
from .sql.statement import Statement
from .unit_test_adapter import UnitTestMixin

logger = AdapterLogger("OceanBase")


class OceanBaseAdapter(
    FunctionHookMixin,  # the first, since its connection_named ends a node while those of the others still apply
    RelationMixin,
    CreatedColumnMixin,
    CatalogMixin,
    FreshnessMixin,
    GrantMixin,
    LaterConstraintMixin,
    SeedMixin,
    IncrementalMixin,
    SnapshotMixin,
    NodeSettingsMixin,
    SchemaForkMixin,
    NodeDialectMixin,
    ConfigCheckMixin,
    RunCheckMixin,
    PartitionOverwriteMixin,
    RefreshStateMixin,
    ExternalMixin,
    AiModelMixin,
    StoredFailureMixin,
    UnitTestMixin,
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
            # later versions of dbt-adapters define CatalogsV2 (external catalogs), which the server does not support
            **{
                capability: CapabilitySupport(support=Support.Unsupported)
                for capability in Capability
                if capability.name == "CatalogsV2"
            },
        }
    )

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        shims.offer(config)
        self._topics: dict[str, object] = {}

    @available_property
    def behavior(self) -> Behavior:
        """The behavior flags of dbt and of the adapter, with the overrides of ``dbt_project.yml``."""
        return self._behavior

    @behavior.setter  # type: ignore[no-redef]  # mypy knows plain properties only
    def behavior(self, flags: list[BehaviorFlag]) -> None:
        # without a project file, as in `dbt debug`, the config has no flags
        self._behavior: Behavior = AdapterBehavior([*flags, *self._behavior_flags], getattr(self.config, "flags", {}))

    # -- identity and server

    @classmethod
    def date_function(cls) -> str:
        """Return the SQL function for the current time, ``now()``."""
        return "now()"

    @classmethod
    def quote(cls, identifier: str) -> str:
        """Return ``identifier`` as an SQL identifier in backticks. A backtick in it is doubled, so any name is safe."""
        return quoted(str(identifier))

    @available.parse(lambda: False)
    def has_materialized_views(self) -> bool:
        """Check whether the user may read the server's list of materialized views, ``oceanbase.DBA_MVIEWS``.

        The result is false as well if the server has no such list.
        """
        return self.server_info().has_materialized_views

    def debug_query(self) -> None:
        """Log facts about the server and the connection for ``dbt debug``.

        Raises DbtRuntimeError if the user may not use the profile's schema.
        """
        from .catalog import debug_report

        for line in debug_report.report(self.connections.session(), self.server_info(), self.config.credentials):
            logger.info(line)

    @available.parse(lambda: False)
    def stop_engine(self) -> bool:
        """Make the embedded engine, which dbt starts itself, stop as soon as the last dbt process that uses it ends.

        Without this call, and with ``linger`` in the profile, a waiting process keeps the engine running for some
        seconds more. Return whether a waiting process was running. Raises DbtRuntimeError if the profile has no
        ``path`` (the folder of the engine), since dbt then starts no engine, or if that folder cannot be written.
        """
        from .connect.engine.embedded import stop_lingering

        engine = self.config.credentials.options().engine
        if engine is None:
            raise DbtRuntimeError("stop_engine: the profile has no path, so dbt has started no engine: stop the server")
        try:
            return stop_lingering(engine)
        except EngineFailed as error:
            raise DbtRuntimeError(str(error)) from None

    @available.parse(lambda topic: False)
    def first_time(self, topic: str) -> bool:
        """Check whether this is the first call with ``topic``, any string, in this run of dbt.

        Macros use this method to log a message only once per run.
        """
        token = object()
        return self._topics.setdefault(topic, token) is token

    # -- columns

    def get_columns_in_relation(self, relation: BaseRelation) -> list[OceanBaseColumn]:
        """Return the columns of ``relation`` in their order. The list is empty if the relation does not exist.

        For a relation in an external catalog, DatabaseError is raised instead if the relation does not exist, and
        DbtRuntimeError if the catalog does not exist.
        """
        found: list[OceanBaseColumn] = self.columns_of([relation])[0]
        return found

    @available.parse_list
    def get_column_schema_from_query(self, sql: str) -> list[OceanBaseColumn]:
        """Run the query ``sql`` and return the columns of its result.

        The rows are not read. So the caller passes a query that returns none, such as one with ``where false``.
        """
        _, cursor = self.connections.add_select_query(sql)
        return [column_from_field(field) for field in cursor.fields]

    @available.parse_none
    def retype_column(self, relation: BaseRelation, column_name: str, new_type: str) -> None:
        """Change a column's type to ``new_type`` by one ALTER TABLE, and keep the rest of the column's definition.

        A default that is not valid for the new type is dropped. Names of types that the server refuses are replaced, as
        by ``types.ddl_type``. The case of ``column_name`` does not matter. Raises KeyError if there is no such column.
        See ``ColumnDefinition.modify``.
        """
        definitions = {name.lower(): definition for name, definition in self._definitions(relation).items()}
        self._alter(relation, [definitions[column_name.lower()].modify(data_type=self.Column.ddl_type(new_type))])

    # -- SQL

    @available
    def escape_text(self, text: Any) -> str:
        """Return ``text`` for use between single quotes in SQL, with single quotes and backslashes in it doubled.

        Any other value is converted to text first. The result is marked as an ``EscapedText``, so that ``text_literal``
        does not escape it again.
        """
        return column_definitions.EscapedText(literal(str(text))[1:-1])

    @available
    def text_literal(self, text: Any) -> str:
        """Return ``text`` as a string literal in SQL, in single quotes. Any other value is converted to text first.

        Single quotes and backslashes are doubled. In a result of ``escape_text`` they are doubled already, so they are
        not doubled again.
        """
        return f"'{text}'" if isinstance(text, column_definitions.EscapedText) else literal(str(text))

    @available
    def with_fractions(self, query: str) -> str:
        """Return ``query``, the SELECT of a CREATE TABLE ... AS, with calls such as ``now(6)`` replaced.

        The server truncates the results of these calls to seconds in a CREATE TABLE ... AS. So each call is replaced by
        ``utc_timestamp(6)``, converted to the session's time zone. See ``clocks.with_fractions``.
        """
        return clocks.with_fractions(self.connections.rewriter.with_standard_comments(query))

    @available
    def typed_moment(self, expression: Any) -> str:
        """Return ``expression`` as a typed literal if it is the text literal of a date, or of a date and time.

        For example, ``'9999-12-31'`` becomes ``date '9999-12-31'``. Any other SQL is returned unchanged. See
        ``event_time.typed_moment``.
        """
        return event_time.typed_moment(str(expression))

    @available.parse(lambda moment, source, target: str(moment))
    def in_time_zone(self, moment: Any, source: str, target: str) -> str:
        """Return SQL that converts ``moment``, SQL for a time, from the time zone ``source`` to the zone ``target``.

        Zones are names such as ``Europe/Berlin`` or offsets such as ``+05:30``. Raises DbtRuntimeError if a zone is not
        known. See ``time_zones.converted``.
        """
        from .sql import time_zones

        try:
            return time_zones.converted(str(moment), str(source), str(target))
        except time_zones.ZoneError as error:
            raise DbtRuntimeError(str(error)) from None

    @available.parse(lambda code: code)
    def function_body(self, code: str) -> str:
        """Return ``code``, the text of a function's .sql file, as the body of an SQL function.

        A BEGIN ... END block or a RETURN statement is returned without its final ``;``. Any other code is taken for an
        expression, and RETURN is put before it.
        """
        text = self.connections.rewriter.with_standard_comments(code.strip().rstrip("; \t\r\n"))
        return text if Statement(text).verb in ("begin", "return") else f"return (\n{text}\n)"

    @available.parse(lambda name: shortened(name))
    def shortened_name(self, name: str) -> str:
        """Return ``name``, or a shorter name that ends in a hash of ``name`` if ``name`` has more than 64 characters.

        The server does not accept longer names of tables, views and indexes.
        """
        return shortened(name)

    # -- generic tests

    @available
    def unaccepted(self, field: str, values: Iterable[Any], quoted: bool = True) -> str:
        """Return the SQL condition that ``field`` equals none of ``values``, for dbt's test ``accepted_values``.

        ``field`` is the SQL of a column or an expression. ``values`` are constants if ``quoted`` is true, and SQL
        expressions if it is false. Texts are compared byte for byte. See ``comparisons.unaccepted``.
        """
        return comparisons.unaccepted(field, values, quoted)

    @available
    def bytes_of_text(self, expression: str) -> str:
        """Return SQL whose value is the bytes of the SQL ``expression``, or NULL if ``expression`` is not a text."""
        return comparisons.bytes_of_text(expression)

    @available
    def same_value(self, one: str, other: str, by_collation: bool = False) -> str:
        """Return the SQL condition that the columns ``one`` and ``other``, whose types may differ, have the same value.

        Texts are compared byte for byte, unless ``by_collation`` is true. See ``comparisons.same_value``.
        """
        return comparisons.same_value(one, other, by_collation)

    @available
    def same_as_written(self, one: str, other: str) -> str:
        """Return the SQL condition that the columns ``one`` and ``other``, of the same type, have equal values.

        Both are SQL, such as ``child.id``. The condition ignores collations. It is true if both values have the same
        bytes after a cast to text. Numbers must also be equal as DOUBLE, because a FLOAT cast to text has only six
        digits. The condition is not true if one of the values is NULL.
        """
        return comparisons.same_as_written(one, other)

    # -- SQL that only dbt's test suite for adapters needs

    def timestamp_add_sql(self, add_to: str, number: int = 1, interval: str = "hour") -> str:
        """Return the SQL that adds ``number`` units to ``add_to``, SQL for a time. ``interval`` names the unit."""
        return f"date_add({add_to}, interval {number} {interval})"

    def string_add_sql(self, add_to: str, value: str, location: str = "append") -> str:
        """Return the SQL that appends the text ``value`` to the expression ``add_to``.

        ``value`` is a plain text, which is quoted and escaped here. If ``location`` is ``prepend``, the SQL puts the
        text before the expression.
        """
        parts = [literal(value), add_to] if location == "prepend" else [add_to, literal(value)]
        return f"concat({', '.join(parts)})"
