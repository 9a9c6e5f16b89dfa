"""Declare each config: its values, the nodes that may have it, an example, and the resulting SQL.

The table in docs/configs.md and the tests of configs are made from these declarations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "view", "table", "incremental", "materialized_view", "external", "snapshot", "seed", "function", "test", "source"
]
"""A kind of node: the materialization of a model, or the resource type of any other node."""

Group = Literal[
    "Physical design",
    "Views",
    "Materialized views",
    "Files",
    "Incremental models",
    "How statements run",
    "SQL of a node",
    "Configs of dbt",
]
"""The headings in docs/configs.md, in the order of that page."""

TABLES: tuple[Kind, ...] = ("table", "incremental", "snapshot")
MODELS: tuple[Kind, ...] = ("view", "table", "incremental", "materialized_view")
DESIGNED: tuple[Kind, ...] = ("table", "incremental", "materialized_view", "snapshot", "seed")
QUERIES: tuple[Kind, ...] = ("view", "table", "incremental", "external", "snapshot", "test")
BUILT: tuple[Kind, ...] = (*MODELS, "external", "snapshot", "seed", "function")
ALL: tuple[Kind, ...] = (*BUILT, "test", "source")
ALL_WITH_SQL: tuple[Kind, ...] = (*BUILT, "test", "source")


@dataclass(frozen=True)
class ConfigField:
    """The declaration of a config, for its row in docs/configs.md and for the tests.

    ``group`` is the heading above the row. ``values`` says which type and values are allowed. ``kinds`` are the kinds
    of nodes that may have the config. ``example`` is one line of YAML that sets the config. ``needs`` has the other
    configs that the example requires, as a YAML mapping in braces. ``sql`` is the SQL that the config adds, or its
    effect in words. ``default`` is the value that applies if the config is not set, or empty if there is none.
    ``refused_on`` are versions of the server's kernel, such as ``1.4``. On these the example is an error, because they
    lack the feature. ``page`` is the page below docs/, with a heading, that explains the config.
    """

    group: Group
    values: str
    kinds: tuple[Kind, ...]
    example: str
    sql: str
    default: str = ""
    needs: str = "{}"
    refused_on: tuple[str, ...] = ()
    page: str = ""


_ONLY_13 = ("1.4",)
_NOWHERE = ("1.3", "1.4")
_MERGE = "{incremental_strategy: merge, unique_key: id}"
_VIEW_OF_SERVER: tuple[Kind, ...] = ("materialized_view",)
_INCREMENTAL: tuple[Kind, ...] = ("incremental",)
_FILES: tuple[Kind, ...] = ("external",)

FIELDS: dict[str, ConfigField] = {
    # -- physical design
    "primary_key": ConfigField(
        "Physical design", "column, or list of columns", DESIGNED, "primary_key: [id]",
        "`primary key (id)`; the columns become NOT NULL", page="table-design.md#keys-and-options",
    ),
    "indexes": ConfigField(
        "Physical design", "list of mappings", DESIGNED, "indexes: [{columns: [word], name: by_word}]",
        "`index by_word (word)` in the CREATE, `CREATE INDEX` and `DROP INDEX` later", page="table-design.md#indexes",
    ),
    "partition_by": ConfigField(
        "Physical design", "mapping, or list of two", DESIGNED, "partition_by: {type: hash, column: id, count: 4}",
        "`partition by hash (id)`, with four partitions; with `every`, later runs add and drop partitions",
        page="partitions.md",
    ),
    "column_groups": ConfigField(
        "Physical design", "`all columns`, `each column`, or a list of both", DESIGNED, "column_groups: each column",
        "`with column group (each column)`", refused_on=_ONLY_13, page="table-design.md#column-groups",
    ),
    "table_options": ConfigField(
        "Physical design", "mapping of options", DESIGNED, "table_options: {block_size: 65536}", "`block_size = 65536`",
        page="table-design.md#keys-and-options",
    ),
    # -- views
    "columns": ConfigField(
        "Views", "list of names", ("view",), "columns: [number, moment, letter]",
        "`create view v (number, moment, letter) as`", page="table-design.md#views",
    ),
    "check_option": ConfigField(
        "Views", "`local`, `cascaded`", ("view",), "check_option: cascaded", "`with cascaded check option`",
        page="table-design.md#views",
    ),
    # -- materialized views
    "refresh_method": ConfigField(
        "Materialized views", "`complete`, `fast`, `force`, `never`", _VIEW_OF_SERVER, "refresh_method: fast",
        "`refresh fast on demand`", default="`force`", refused_on=_ONLY_13, page="materialized-views.md",
    ),
    "refresh_next": ConfigField(
        "Materialized views", "a period, or SQL for a time", _VIEW_OF_SERVER, "refresh_next: 1 day",
        "`next sysdate() + interval 1 day`", refused_on=_ONLY_13, page="materialized-views.md#scheduled-refresh",
    ),
    "refresh_start": ConfigField(
        "Materialized views", "a period, or SQL for a time", _VIEW_OF_SERVER, "refresh_start: 1 hour",
        "`start with sysdate() + interval 1 hour`", default="at once", needs="{refresh_next: 1 day}",
        refused_on=_ONLY_13, page="materialized-views.md#scheduled-refresh",
    ),
    "refresh_mode": ConfigField(
        "Materialized views", "SQL of the clauses, as in obmysql", _VIEW_OF_SERVER,
        "refresh_mode: refresh complete on demand", "the clauses as they are", refused_on=_ONLY_13,
        page="migrating-from-obmysql.md",
    ),
    "query_rewrite": ConfigField(
        "Materialized views", "boolean", _VIEW_OF_SERVER, "query_rewrite: true", "`enable query rewrite`",
        default="`false`", refused_on=_ONLY_13, page="materialized-views.md",
    ),
    "on_query_computation": ConfigField(
        "Materialized views", "boolean", _VIEW_OF_SERVER, "on_query_computation: true",
        "`enable on query computation`", default="`false`", needs="{refresh_method: fast}", refused_on=_ONLY_13,
        page="materialized-views.md",
    ),
    # -- files
    "location": ConfigField(
        "Files", "folder of the server, or URL of a bucket", _FILES, "location: /data/exchange",
        "`into outfile '/data/exchange/exported.csv'`; the name is new in each run", refused_on=_ONLY_13,
        page="files.md#models-as-files",
    ),
    "format": ConfigField(
        "Files", "`csv`, `parquet`", _FILES, "format: parquet", "`format = (type = 'parquet')`", default="`csv`",
        needs="{location: /data/exchange}", refused_on=_ONLY_13, page="files.md#models-as-files",
    ),
    "options": ConfigField(
        "Files", "mapping of options of the format", _FILES, "options: {field_delimiter: ';'}",
        "`field_delimiter = ';'`", needs="{location: /data/exchange}", refused_on=_ONLY_13,
        page="files.md#models-as-files",
    ),
    "overwrite": ConfigField(
        "Files", "none: it is refused", (), "overwrite: true", "nothing: the server writes new files only",
        refused_on=_NOWHERE, page="files.md#models-as-files",
    ),
    # -- incremental models
    "incremental_predicates": ConfigField(
        "Incremental models", "SQL, or list of SQL", _INCREMENTAL,
        "incremental_predicates: [\"DBT_INTERNAL_DEST.at >= '2026-01-01'\"]",
        "conditions of DELETE and UPDATE on the target", needs=_MERGE, page="incremental.md",
    ),
    "predicates": ConfigField(
        "Incremental models", "SQL, or list of SQL", _INCREMENTAL, "predicates: [\"DBT_INTERNAL_DEST.id > 0\"]",
        "an older name of `incremental_predicates`", needs=_MERGE, page="incremental.md",
    ),
    "merge_update_columns": ConfigField(
        "Incremental models", "list of columns", _INCREMENTAL, "merge_update_columns: [word]",
        "the only columns in the SET of `merge`", needs=_MERGE, page="incremental.md",
    ),
    "merge_exclude_columns": ConfigField(
        "Incremental models", "list of columns", _INCREMENTAL, "merge_exclude_columns: [word]",
        "the columns that the SET of `merge` leaves out", needs=_MERGE, page="incremental.md",
    ),
    "partitions": ConfigField(
        "Incremental models", "list of names, or of values with `partition_by`", _INCREMENTAL, "partitions: [p0]",
        "the partitions that `insert_overwrite` replaces",
        needs="{incremental_strategy: insert_overwrite, "
        "partition_by: {type: range columns, columns: [id], partitions: [{name: p0, less_than: 100}]}}",
        page="partitions.md",
    ),
    # -- how statements run
    "query_timeout": ConfigField(
        "How statements run", "seconds", ALL, "query_timeout: 600",
        "`set ob_query_timeout = 600000000`; DDL is ended by KILL QUERY", default="of the profile",
        page="node-settings.md#query_timeout",
    ),
    "session_variables": ConfigField(
        "How statements run", "mapping of names to values", ALL, "session_variables: {div_precision_increment: 8}",
        "`set div_precision_increment = 8`", page="node-settings.md#session_variables",
    ),
    "parallel": ConfigField(
        "How statements run", "1 to 1024", ALL, "parallel: 2",
        "`set _force_parallel_query_dop = 2` and the same for DML and DDL; a hint in a view; `parallel 2` of a "
        "materialized view",
        page="node-settings.md#parallel",
    ),
    "read_consistency": ConfigField(
        "How statements run", "`weak`, `strong`", ("test", "source"), "read_consistency: weak",
        "`set ob_read_consistency = 'WEAK'`", default="`strong`", page="node-settings.md#read_consistency",
    ),
    "query_tag": ConfigField(
        "How statements run", "text, up to 64 characters", ALL, "query_tag: nightly", "`client_info` of the session",
        page="node-settings.md",
    ),
    "optimizer_hints": ConfigField(
        "How statements run", "list of hints", QUERIES, "optimizer_hints: [no_rewrite]", "`select /*+ no_rewrite */`",
        page="node-settings.md#optimizer_hints-and-resource_group",
    ),
    "resource_group": ConfigField(
        "How statements run", "name", QUERIES, "resource_group: batch", "`select /*+ resource_group('batch') */`",
        refused_on=_NOWHERE, page="node-settings.md#optimizer_hints-and-resource_group",
    ),
    "direct_load": ConfigField(
        "How statements run", "`true`, `auto`, `false`", TABLES, "direct_load: true",
        "`create /*+ direct(true, 0) */ table`", default="`false`", needs="{parallel: 2}", refused_on=_ONLY_13,
        page="node-settings.md#direct_load",
    ),
    "analyze": ConfigField(
        "How statements run", "`true`, a percentage, list of columns, mapping", (*TABLES, "seed"), "analyze: true",
        "`analyze table t`, or `dbms_stats.gather_table_stats`", default="`false`", page="node-settings.md#analyze",
    ),
    # -- SQL of a node
    "sql_header": ConfigField(
        "SQL of a node", "SQL", (*MODELS, "external", "snapshot"), 'sql_header: "select 1;"',
        "statements before the main statement",
    ),
    "standard_sql": ConfigField(
        "SQL of a node", "`true`, `comments`, `false`", ALL_WITH_SQL, "standard_sql: comments",
        "which standard SQL is rewritten", default="of the profile", page="standard-sql.md",
    ),
    "double_pipe": ConfigField(
        "SQL of a node", "`warn`, `concat`, `or`", ALL_WITH_SQL, "double_pipe: concat", "`concat(a, b)` for it",
        default="of the profile", page="standard-sql.md#double-pipes",
    ),
    "copy_grants": ConfigField(
        "SQL of a node", "`true`; `false` is refused", BUILT, "copy_grants: true",
        "nothing: grants outlive a relation", default="`true`", page="limits.md#grants",
    ),
    "catalog_name": ConfigField(
        "SQL of a node", "`default`; all else is refused", BUILT, "catalog_name: default",
        "nothing: there are no external catalogs for tables", default="`default`",
    ),
    "table_format": ConfigField(
        "SQL of a node", "`default`; all else is refused", BUILT, "table_format: default",
        "nothing: there is one format of tables", default="`default`",
    ),
}  # fmt: skip
"""The declarations of all configs of the adapter, by name. They are the configs of ``configs.OceanBaseConfig``."""

OF_DBT: dict[str, ConfigField] = {
    "on_configuration_change": ConfigField(
        "Physical design", "`apply`, `continue`, `fail`", ("incremental", "materialized_view", "snapshot", "seed"),
        "on_configuration_change: continue", "what happens if the design of a table that keeps its rows differs",
        default="`apply`", page="table-design.md#changes",
    ),
} | {
    name: ConfigField("Configs of dbt", values, kinds, example, sql, default=default, needs=needs, page=page)
    for name, values, kinds, example, sql, default, needs, page in (
        (
            "materialized", "`view`, `table`, `incremental`, `ephemeral`, `materialized_view`, `external`",
            (*MODELS, "external"),
            "materialized: table", "`create table ... as`", "`view`", "{}", "materialized-views.md",
        ),
        (
            "incremental_strategy", "`append`, `delete+insert`, `merge`, `insert_overwrite`, `microbatch`, or your own",
            _INCREMENTAL, "incremental_strategy: merge", "how new rows are written",
            "`delete+insert` with a `unique_key`, `append` without", "{unique_key: id}", "incremental.md",
        ),
        (
            "unique_key", "column, expression, or list of them", ("incremental", "snapshot"), "unique_key: id",
            "key of the rows that are replaced or updated", "", "{}", "incremental.md",
        ),
        (
            "on_schema_change", "`ignore`, `fail`, `append_new_columns`, `sync_all_columns`", _INCREMENTAL,
            "on_schema_change: append_new_columns", "`alter table ... add column`", "`ignore`", "{}", "incremental.md",
        ),
        (
            "contract", "`enforced: true`", MODELS, "contract: {enforced: false}",
            "columns, types and constraints in the CREATE", "`enforced: false`", "{}",
            "limits.md#constraints-and-foreign-keys",
        ),
        (
            "persist_docs", "`relation: true`, `columns: true`",
            ("table", "incremental", "materialized_view", "external", "snapshot", "seed", "function"),
            "persist_docs: {relation: true, columns: true}", "`comment = '...'` in the CREATE, or `alter table`", "",
            "{}", "",
        ),
        (
            "grants", "mapping of privileges to lists of grantees", (*MODELS, "external", "snapshot", "seed"),
            "grants: {}", "`grant select on t to ...`",
            "", "{}", "limits.md#grants",
        ),
        (
            "pre_hook", "SQL, several statements allowed", BUILT,
            'pre_hook: "select 1"',
            "the statements, one by one", "", "{}", "",
        ),
        (
            "post_hook", "SQL, several statements allowed", BUILT,
            'post_hook: "select 1"',
            "the statements, one by one", "", "{}", "",
        ),
        (
            "collation", "`server`", ("test",), "collation: server", "texts are compared by the server's collation",
            "byte for byte", "{}", "",
        ),
    )
}  # fmt: skip
"""The declarations of configs that dbt itself defines, with what each of them does on OceanBase."""
