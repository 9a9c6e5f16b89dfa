"""The model configs that dbt itself does not define."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dbt.adapters.protocol import AdapterConfig


@dataclass
class OceanBaseConfig(AdapterConfig):
    """The model configs that dbt itself does not define. A config that a model does not set is None.

    dbt reads this class to merge the configs of a model from several places, such as ``dbt_project.yml`` and the
    model's file. dbt does not check the types of these configs.
    """

    incremental_predicates: list[str] | str | None = None
    """SQL conditions on the target table. An incremental run replaces or updates only rows that meet all of them."""

    predicates: list[str] | str | None = None
    """Older name of the config ``incremental_predicates``."""

    merge_update_columns: list[str] | str | None = None
    """The only columns that the incremental strategy ``merge`` updates. All other columns keep their values."""

    merge_exclude_columns: list[str] | str | None = None
    """Columns that the incremental strategy ``merge`` does not update. It updates all other columns."""

    partitions: list[Any] | str | None = None
    """Partitions that the strategy ``insert_overwrite`` replaces, each by its name or by a value that it holds."""

    partition_by: Any = None
    """How the table is divided into partitions, as a mapping. See ``relation_configs.partition_config``."""

    sql_header: str | None = None
    """SQL statements that run before the node's main statement."""

    indexes: list[dict[str, Any]] | None = None
    """Indexes of the table, as a list of mappings. See ``relation_configs.index_config``."""

    column_groups: Any = None
    """Column groups of the table: ``all columns``, ``each column`` or both. See ``relation_configs.column_groups``."""

    check_option: Any = None
    """The check option of a view: ``local`` or ``cascaded``."""

    columns: Any = None
    """Names of the columns of a view, as a list. They replace the names that the view's query gives."""

    table_options: Any = None
    """Options of the table by name. See ``relation_configs.option_rules``."""

    refresh_method: str | None = None
    """How the server refreshes a materialized view: ``complete``, ``fast``, ``force`` or ``never``."""

    refresh_start: str | None = None
    """Time of the first scheduled refresh: SQL for a time, or the period until then, such as ``1 hour``."""

    refresh_next: str | None = None
    """Time of each later refresh that the server does by itself: a period such as ``1 day``, or SQL for a time."""

    refresh_mode: str | None = None
    """The refresh clauses as one SQL text such as ``refresh fast on demand``, for projects of the adapter obmysql."""

    query_rewrite: bool | None = None
    """Whether the server may use the materialized view to answer queries of the tables that the view reads."""

    on_query_computation: bool | None = None
    """Whether a query of a materialized view also sees rows that its source tables got after the last refresh."""

    primary_key: Any = None
    """Columns of the primary key of the table or materialized view."""

    catalog_name: str | None = None
    """The name of a catalog. Any value but ``default`` is an error: OceanBase has no external catalogs for tables."""

    table_format: str | None = None
    """The format of a table. Any value but ``default`` is an error, because OceanBase has only one table format."""

    standard_sql: bool | str | None = None
    """Which forms of standard SQL in the node are rewritten for OceanBase: true (all), ``comments`` or false (none).

    If not set, the profile decides. ``comments`` rewrites only comments that begin with ``--`` without a blank after
    it.
    """

    double_pipe: str | None = None
    """What ``||`` means in the node. If not set, the profile decides.

    ``warn`` leaves it to the server, to which it is a logical OR, and logs a warning. ``concat`` rewrites it to
    ``concat(...)``. ``or`` leaves it to the server without a warning.
    """

    copy_grants: bool | None = None
    """Whether a relation keeps its grants when it is built again. False is an error.

    In OceanBase, grants belong to a name and remain when the relation of this name is dropped.
    """

    query_timeout: Any = None
    """Time limit in seconds for each statement of the node, in place of the profile's ``query_timeout``."""

    session_variables: dict[str, Any] | None = None
    """Values of session variables by name. They are set while the node runs."""

    parallel: int | str | None = None
    """The degree of parallelism of the node's statements, and of the refresh of a materialized view."""

    read_consistency: str | None = None
    """``weak`` or ``strong``. With ``weak``, a data test or source freshness may read rows that are not the latest."""

    query_tag: str | None = None
    """A text that the server's process list shows for the node's session."""

    optimizer_hints: list[str] | str | None = None
    """Optimizer hints that are put into the node's query."""

    resource_group: str | None = None
    """The resource group in which the server runs the node's query."""

    direct_load: bool | str | None = None
    """Whether the rows of a new table are written by direct load: true, false or ``auto``.

    Direct load writes rows straight to storage, past the server's memory tables. ``auto`` uses it if the server can do
    it.
    """

    analyze: Any = None
    """Which statistics are gathered after a table was written: true, a percentage of rows, columns, or a mapping."""

    location: str | None = None
    """The folder or bucket for the files of a model with ``materialized: external``."""

    format: str | None = None
    """Format of the files of a model with ``materialized: external``: ``csv``, ``parquet`` or ``orc``."""

    options: dict[str, Any] | None = None
    """Options of the files of a model with ``materialized: external``, such as ``field_delimiter``, by name."""

    overwrite: Any = None
    """Any value is an error: a model with ``materialized: external`` only writes new files."""
