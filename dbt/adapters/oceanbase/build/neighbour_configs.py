"""List model configs of other adapters that dbt-oceanbase does not read, and say what to write instead of each."""

from __future__ import annotations

_PARTITIONS = "write partition_by"
_HASH = "write partition_by with type: hash or key, and count"
_PERIODS = "write partition_by with every and retention"
_ORDER = "write primary_key, whose order the rows are stored in, or indexes"
_INDEXES = "write indexes"
_OPTIONS = "write table_options"
_REFRESH = "write refresh_next, with materialized: materialized_view"
_FILES = "write location and format, with materialized: external"
_SESSION = "write session_variables"
_HINTS = "write optimizer_hints or resource_group"
_APPEND = "write incremental_strategy: append, or direct_load: auto for the hint APPEND"
_DIRECT = "write direct_load: auto, with parallel"
_KEY = "write primary_key, or unique_key for incremental models"
_MERGE = "write incremental_predicates, merge_update_columns or merge_exclude_columns"
_GRANTS = "write grants"
_LABELS = "write query_tag, or put it under meta"
_NOTHING = "remove it, since OceanBase has nothing like it"
_SERVER = "remove it, since the tenant decides this, not a table"

INSTEAD: dict[str, str] = {
    # -- where rows are, and in which order
    **dict.fromkeys(("partitioned_by", "partition_type", "partition_by_init", "partition_config"), _PARTITIONS),
    **dict.fromkeys(("partition_by_string", "raw_partition"), _PARTITIONS),
    "replace_partitions": "write incremental_strategy: insert_overwrite with partitions",
    "partition_expiration_days": _PERIODS,
    **dict.fromkeys(("buckets", "bucket_count", "bucketed_by", "clustered_by", "distributed_by"), _HASH),
    **dict.fromkeys(("dist", "distribution", "distkey", "sharding_key", "shard_key", "segmented_by_string"), _HASH),
    **dict.fromkeys(("cluster_by", "liquid_clustered_by", "order_by", "sort", "sortkey", "sort_key", "zorder"), _ORDER),
    **dict.fromkeys(("auto_liquid_cluster", "automatic_clustering", "sort_type"), _ORDER),
    **dict.fromkeys(("index", "projections"), _INDEXES),
    **dict.fromkeys(("keys", "duplicate_key", "unique_table_key", "table_type"), _KEY),
    "as_columnstore": "write column_groups: each column",
    "orientation": "write column_groups: each column",
    # -- options of a table
    **dict.fromkeys(("engine", "properties", "table_properties", "tblproperties", "table_option"), _OPTIONS),
    "replication_num": _OPTIONS,
    **dict.fromkeys(("compression", "write_compression", "compresstype", "table_compression_clause"), _OPTIONS),
    "ttl": "write table_options with ttl, or partition_by with every and retention",
    "hours_to_expiration": "write table_options with ttl, or drop the table in an operation",
    # -- materialized views
    **dict.fromkeys(("target_lag", "refresh_interval_minutes", "refreshable", "schedule", "auto_refresh"), _REFRESH),
    "enable_refresh": _REFRESH,
    # -- files
    **dict.fromkeys(("file_format", "location_root", "external_location", "s3_data_dir", "storage_uri"), _FILES),
    # -- how statements run and rows are written
    **dict.fromkeys(("append", "inserts_only"), _APPEND),
    "insert_mode": _DIRECT,
    **dict.fromkeys(("matched_condition", "not_matched_condition", "skip_matched_step"), _MERGE),
    **dict.fromkeys(("skip_not_matched_step", "not_matched_by_source_action"), _MERGE),
    **dict.fromkeys(("query_settings", "settings", "session_prefix"), _SESSION),
    **dict.fromkeys(("snowflake_warehouse", "databricks_compute", "query_group"), _HINTS),
    "job_execution_timeout_seconds": "write query_timeout",
    # -- rights and labels
    "grant_access_to": _GRANTS,
    **dict.fromkeys(("labels", "databricks_tags", "table_tag", "resource_tags"), _LABELS),
    # -- no such thing
    **dict.fromkeys(("transient", "unlogged", "backup", "bind", "secure", "ksafe", "change_tracking"), _NOTHING),
    **dict.fromkeys(("require_partition_filter", "max_staleness", "row_access_policy", "row_filter"), _NOTHING),
    **dict.fromkeys(("merge_with_schema_evolution", "enable_change_history"), _NOTHING),
    **dict.fromkeys(("storage_type", "table_kind"), _NOTHING),
    **dict.fromkeys(("kms_key_name", "external_volume", "base_location_root", "base_location_subpath"), _SERVER),
    "data_retention_time_in_days": _SERVER,
}  # fmt: skip
"""Remedies, by the name of a config that another adapter reads and dbt-oceanbase does not.

Each remedy is a part of an error's text: it says which config to write instead, or that the config must be removed.
"""

ORDINARY_WORDS = frozenset(
    {"dist", "index", "keys", "labels", "properties", "schedule", "settings", "sort", "sort_type"}
)
"""Names of configs of other adapters that cause at most a warning. The other keys of ``INSTEAD`` may cause an error.

Other tools read configs of these names, too. Projects of dbt's test suite have ``dist``, ``sort`` and ``sort_type``.
"""


def error(name: str) -> str:
    """Return the error text for ``name``, a config of another adapter. The text has the remedy from ``INSTEAD``."""
    return (
        f"{name}: a config of other adapters, which has no effect here: {INSTEAD[name]}, "
        f"or list {name} in the variable known_configs"
    )
