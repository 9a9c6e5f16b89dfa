"""The class for a relation of OceanBase (`schema`.`identifier`), and for names that are derived from its name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any, cast

from dbt.adapters.base.relation import BaseRelation, EventTimeFilter, FunctionConfig
from dbt.adapters.contracts.relation import Policy, RelationType
from dbt.adapters.factory import get_adapter_by_type
from dbt_common.exceptions import DbtRuntimeError

from .connect.quoting import identifier as quote_identifier
from .sql.column_references import column_sql, name_of
from .sql.event_time import clock_at, datetime_literal

MAX_NAME = 64
"""Maximum characters in the name of a table, view or index. The server refuses a longer name (error 1059)."""

HASH_LENGTH = 8
"""Characters of the hash in a shortened name."""

INTERNAL = "internal"
"""Name of the server's own catalog. A relation in this catalog has no database in dbt."""

DROPPED_AS = {
    RelationType.View: "view",
    RelationType.MaterializedView: "materialized view",
    RelationType.Function: "function",
}
"""Keywords after DROP by relation type. Relations of all other types are dropped as tables."""


@dataclass
class OceanBaseIncludePolicy(Policy):
    """The parts that the name of a relation includes: schema and identifier, but no database.

    OceanBase calls the level above a relation a database, and dbt calls this level a schema. Only a source in an
    external catalog has one more level, which is dbt's database.
    """

    database: bool = False
    schema: bool = True
    identifier: bool = True


def is_external_catalog(database: str | None) -> bool:
    """Check whether ``database``, the database of a source or relation, names a catalog other than the server's own.

    The result is False for None and for an empty text.
    """
    return bool(database) and str(database).lower() != INTERNAL


def shortened(name: str, suffix: str = "", limit: int = MAX_NAME, in_bytes: bool = False) -> str:
    """Return ``name + suffix``, with ``name`` shortened if the result would have more than ``limit`` characters.

    A shortened name contains a hash of the whole ``name``, so that different long names remain different. With
    ``in_bytes`` the limit is in bytes of UTF-8. The name of a function needs this, because the server limits the bytes
    of such a name (error 1059).
    """
    if len(name.encode() if in_bytes else name) + len(suffix) <= limit:
        return name + suffix
    digest = hashlib.sha256(name.encode()).hexdigest()[:HASH_LENGTH]
    kept = limit - len(suffix) - HASH_LENGTH - 1
    head = name.encode()[:kept].decode(errors="ignore") if in_bytes else name[:kept]
    return f"{head}_{digest}{suffix}"


def adapted_filter(wanted: EventTimeFilter) -> EventTimeFilter:
    """Return ``wanted``, dbt's filter by event time, as a filter that the server reads as dbt means it.

    dbt gives the bounds of the filter in UTC with an offset. The server ignores offsets, so the bounds are converted to
    the time zone of the sessions, which is the ``time_zone`` of the profile. The name of the column is put into
    backticks, because it may be a reserved word. If the name is in ``"``, these quotes are replaced, since the server
    would take the name for a string. Raise DbtRuntimeError if ``event_time`` is a constant, since the filter would then
    read all rows or none.
    """
    # dbt passes the profile with a ref only, but has the adapter registered whenever it makes a filter
    zone = get_adapter_by_type("oceanbase").config.credentials.time_zone
    plain = name_of(wanted.field_name)
    name = column_sql("event_time", wanted.field_name) if plain is None else quote_identifier(plain)
    start, end = (bound and clock_at(bound, zone) for bound in (wanted.start, wanted.end))
    return replace(wanted, field_name=name, start=start, end=end)


@dataclass(frozen=True, eq=False, repr=False)
class OceanBaseRelation(BaseRelation):
    """A relation in a schema, which OceanBase calls a database.

    The ``database`` of a source (``is_source``) may name an external catalog. The rendered name of the source then has
    three parts. The name of the server's own catalog, ``internal``, is removed from any relation. Raise DbtRuntimeError
    if a relation that is not a source has another ``database``. Such a relation is refused because the relations that
    the adapter puts into dbt's cache and catalog have no database, so dbt would not find the relation there.
    """

    quote_character: str = "`"
    require_alias: bool = False
    include_policy: Policy = field(default_factory=OceanBaseIncludePolicy)
    renameable_relations: frozenset[RelationType] = field(
        default_factory=lambda: frozenset({RelationType.Table, RelationType.View, RelationType.MaterializedView})
    )
    replaceable_relations: frozenset[RelationType] = field(default_factory=lambda: frozenset({RelationType.View}))
    # left out of the dictionary by which dbt compares relations
    has_loaded_at_query: bool = field(default=False, metadata={"serialize": "omit"})

    is_source: bool = field(default=False, metadata={"serialize": "omit"})

    def __post_init__(self) -> None:
        if not self.path.database:
            return
        if not is_external_catalog(self.path.database):
            object.__setattr__(self, "path", replace(self.path, database=None))
        elif self.is_source:
            object.__setattr__(self, "include_policy", replace(self.include_policy, database=True))
        else:
            raise DbtRuntimeError(
                f"database: {self.path.database!r} on {self.path.identifier or self.path.schema!r}: "
                "OceanBase has schemas only (it calls them databases), and external catalogs for sources: "
                "remove `database` and set `schema` instead"
            )

    @classmethod
    def create_from(cls, quoting: Any, relation_config: Any, **kwargs: Any) -> OceanBaseRelation:
        """Return the relation of ``relation_config``, a node or source. ``quoting`` is the config of dbt's run.

        For a source, dbt passes an object without credentials as ``quoting``. An ``event_time_filter`` in ``kwargs`` is
        adapted to the server, see ``adapted_filter``. Raise DbtRuntimeError if its ``event_time`` is a constant.
        """
        if (wanted := kwargs.get("event_time_filter")) is not None:
            kwargs["event_time_filter"] = adapted_filter(wanted)
        has_query = getattr(relation_config, "loaded_at_query", None) is not None
        # in a unit test, dbt has models with a source_name in place of sources
        is_source = str(getattr(relation_config, "resource_type", "")) == "source" or (
            getattr(relation_config, "source_name", None) is not None
        )
        return super().create_from(
            quoting, relation_config, has_loaded_at_query=has_query, is_source=is_source, **kwargs
        )

    @classmethod
    def create_ephemeral_from(
        cls, relation_config: Any, limit: int | None = None, event_time_filter: EventTimeFilter | None = None
    ) -> OceanBaseRelation:
        """Return the name of an ephemeral model's query inside the query of the model that reads it.

        ``relation_config`` is the ephemeral model, and ``limit`` is the maximum number of its rows, or None. An
        ``event_time_filter`` is adapted to the server, see ``adapted_filter``. Raise DbtRuntimeError if its
        ``event_time`` is a constant.
        """
        if event_time_filter is not None:
            event_time_filter = adapted_filter(event_time_filter)
        return super().create_ephemeral_from(relation_config, limit, event_time_filter)

    def incorporate(self, **kwargs: Any) -> OceanBaseRelation:
        """Return a copy of this relation with the fields in ``kwargs`` changed. A dict changes the parts of a field.

        dbt makes the copy from the dictionary by which it compares relations. This dictionary does not have the two
        fields that are added here.
        """
        own = {"is_source": self.is_source, "has_loaded_at_query": self.has_loaded_at_query}
        copy = super().incorporate(**{**own, **kwargs})  # type: ignore[no-untyped-call]  # dbt has no types here
        return cast("OceanBaseRelation", copy)

    def matches(self, database: str | None = None, schema: str | None = None, identifier: str | None = None) -> bool:
        """Check whether this relation has the given names. A name that is None is not compared.

        The case of an external catalog's name does not matter. Raise ApproximateMatchError if the schema or the
        identifier differs only in case, and DbtRuntimeError if no name is given.
        """
        if database and self.database and database.lower() == self.database.lower():
            if schema is None and identifier is None:
                return True
            database = None
        return bool(super().matches(database, schema, identifier))

    def quoted(self, identifier: str) -> str:
        """Return ``identifier`` in backticks. Backticks inside ``identifier`` are doubled."""
        return quote_identifier(identifier)

    def _render_event_time_filtered(self, event_time_filter: EventTimeFilter) -> str:
        bounds = ((">=", event_time_filter.start), ("<", event_time_filter.end))
        return " and ".join(
            f"{event_time_filter.field_name} {operator} {datetime_literal(bound)}"
            for operator, bound in bounds
            if bound
        )

    def drop_statement(self, if_exists: bool = True) -> str:
        """Return the DROP statement for this relation's type.

        The statement is not run. A relation without a type is taken for a table. If the server has a relation of
        another type under this name, the statement does not drop that relation. If ``if_exists`` is true, the server
        reports no error in this case.
        """
        kind = DROPPED_AS.get(self.type, "table") if self.type else "table"
        return f"drop {kind}{' if exists' if if_exists else ''} {self.render()}"

    def get_function_macro_name(self, config: FunctionConfig) -> str:
        """Return the name of the macro that creates a function with the language and the type in ``config``.

        Raises DbtRuntimeError if OceanBase does not have the language or the type. The error's text ends with the text
        that dbt itself shows if a macro is missing.
        """
        macro = super().get_function_macro_name(config)
        if macro == "scalar_function_sql":
            return macro
        if config.type == "scalar":
            refused = f"language: {config.language}: OceanBase has functions in SQL only: write it in a .sql file"
        else:
            refused = f"type: {config.type}: OceanBase has scalar functions only: write one, or a model or a macro"
        raise DbtRuntimeError(
            f"function {self.identifier}: {refused} (No macro named '{macro}' found within namespace: 'dbt')"
        )

    def suffixed(self, suffix: str) -> OceanBaseRelation:
        """Return a relation in the same schema with ``suffix`` appended to its name.

        The name before the suffix is shortened if the result would be too long for the server. See ``shortened``. For a
        function, the limit is in bytes.
        """
        identifier = shortened(self.identifier or "", suffix, in_bytes=self.is_function)
        return cast("OceanBaseRelation", self.replace_path(identifier=identifier))
