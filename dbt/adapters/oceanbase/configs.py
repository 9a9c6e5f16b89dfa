"""The model configs that dbt itself does not define."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dbt.adapters.protocol import AdapterConfig


@dataclass
class OceanBaseConfig(AdapterConfig):
    """The model configs that dbt itself does not define. A config that a model does not set is None.

    dbt reads this class to merge the configs of a model from several places. It does not check the types of these
    configs.
    """

    incremental_predicates: list[str] | str | None = None
    """Conditions on the target table that limit which of its rows an incremental run replaces."""

    predicates: list[str] | str | None = None
    """Older name of ``incremental_predicates``."""

    merge_update_columns: list[str] | str | None = None
    """Columns that the strategy ``merge`` updates. All other columns keep their values."""

    merge_exclude_columns: list[str] | str | None = None
    """Columns that the strategy ``merge`` does not update."""

    partitions: list[Any] | str | None = None
    """Partitions that the strategy ``insert_overwrite`` replaces, by name or by a value that they hold."""

    partition_by: Any = None
    """Partitions of the table. See ``relation_configs.partition_config``."""

    sql_header: str | None = None
    """Statements that run before the main statement."""

    indexes: list[dict[str, Any]] | None = None
    """Indexes of the table. See ``relation_configs.index_config``."""

    column_groups: Any = None
    """Column groups of the table: `all columns`, `each column`. See ``relation_configs.column_groups``."""

    check_option: Any = None
    """The check option of a view: `local` or `cascaded`."""

    columns: Any = None
    """Names of the columns of a view."""

    table_options: Any = None
    """Options of the table by name. See ``relation_configs.option_rules``."""

    refresh_method: str | None = None
    """How a materialized view is refreshed: ``complete``, ``fast``, ``force`` or ``never``."""

    refresh_start: str | None = None
    """Time of the first refresh that the server does by itself: a period such as ``1 hour``, or SQL for a time."""

    refresh_next: str | None = None
    """Time of each later refresh that the server does by itself: a period or SQL, as in ``refresh_start``."""

    refresh_mode: str | None = None
    """The refresh clauses as one SQL text, for projects of the adapter obmysql: ``refresh fast on demand``."""

    query_rewrite: bool | None = None
    """Whether the server may answer other queries from a materialized view."""

    on_query_computation: bool | None = None
    """Whether a query of a materialized view also reads what was written after the last refresh."""

    primary_key: Any = None
    """Columns of the primary key of the table or materialized view."""

    catalog_name: str | None = None
    """Any value but ``default`` is an error, because OceanBase has no external catalogs for tables."""

    table_format: str | None = None
    """Any value but ``default`` is an error, because OceanBase has only one table format."""

    standard_sql: bool | str | None = None
    """Which standard SQL of the node is rewritten: true, ``comments`` or false. If not set, the profile decides."""

    double_pipe: str | None = None
    """How ``||`` is treated: ``warn``, ``concat`` or ``or``. If not set, the profile decides."""

    copy_grants: bool | None = None
    """False is an error, because grants belong to a name in OceanBase and remain when its relation is dropped."""

    query_timeout: Any = None
    """Seconds that each statement of the node may take, in place of the profile's ``query_timeout``."""

    session_variables: dict[str, Any] | None = None
    """Session variables that are set while the node runs."""

    parallel: int | str | None = None
    """The degree of parallelism of the node's statements, and of the refresh of a materialized view."""

    read_consistency: str | None = None
    """``weak`` or ``strong``: whether a data test may read rows that are not the latest."""

    query_tag: str | None = None
    """A text that the server's process list shows for the node's session."""

    optimizer_hints: list[str] | str | None = None
    """Hints that are put into the node's query."""

    resource_group: str | None = None
    """The resource group in which the server runs the node's query."""

    direct_load: bool | str | None = None
    """Whether a table is written by direct load: true, or ``auto`` for direct load if the server is able to do it."""

    analyze: Any = None
    """The statistics that are gathered after a table was written: true, a percentage, columns, or a mapping."""

    location: str | None = None
    """The folder for the files of a model with ``materialized: external``."""

    format: str | None = None
    """Format of the files of a model with ``materialized: external``: ``csv``, ``parquet`` or ``orc``."""

    options: dict[str, Any] | None = None
    """Options of the config ``format``, such as ``field_delimiter``, and the option ``max_file_size``."""

    overwrite: Any = None
    """Any value is an error, because the server writes new files only."""
