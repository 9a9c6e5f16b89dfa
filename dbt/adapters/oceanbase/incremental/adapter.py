"""The adapter methods that the macros of incremental models and snapshots call."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import DbtRuntimeError

from ..column import OceanBaseColumn
from ..connect.quoting import identifier, literal
from ..execution.errors import DatabaseError
from ..relation import OceanBaseRelation, shortened
from ..relation_configs.partition_overwrite import check_overwrite
from ..sql import column_references, event_time, lexer
from ..sql.statement import Statement
from . import merge_join, strategies
from .column_changes import ColumnChangeMixin
from .leftovers import BATCH_SUFFIX, STAGING_SUFFIX, LeftoverMixin
from .merge_join import KeyPair, MergeJoin
from .widening import ModelConfig

logger = AdapterLogger("OceanBase")

UNSUPPORTED_STATEMENT = frozenset({1064, 1235})
"""Error codes for a statement that the server does not support at all (1064), or not for this table (1235)."""


class IncrementalMixin(LeftoverMixin, ColumnChangeMixin):
    """Adapter methods for incremental models and snapshots."""

    # -- strategies

    def valid_incremental_strategies(self) -> list[str]:
        """Return the names of the built-in incremental strategies."""
        return list(strategies.STRATEGIES)

    @available.parse_none
    def get_incremental_strategy_macro(self, model_context: Mapping[str, Any], strategy: str) -> Any:
        """Return the macro in ``model_context`` for ``strategy``, a built-in strategy or one that the project defines.

        Raise DbtRuntimeError if there is no such macro.
        """
        macro = strategies.macro_name(strategy)
        reserved = set(self.builtin_incremental_strategies()) - {*strategies.STRATEGIES, "default"}
        if macro not in model_context or strategy in reserved:
            raise strategies.unknown(strategy, macro, self.config.project_name)
        return model_context[macro]

    @available.parse_none
    def check_incremental_config(self, config: ModelConfig, is_full_refresh: bool = False) -> None:
        """Raise DbtRuntimeError if an incremental model has an unknown ``on_schema_change`` or a config without effect.

        For example, ``unique_key`` has no effect with the strategy ``append``. See ``strategies.check_config``. Also
        raise ConfigError if a later run could not choose the partitions to replace, see ``check_overwrite``. This does
        not matter if ``is_full_refresh`` is true, because a project may build the model so in each run.
        """
        strategy, predicates = self._built_in_strategy(config), self.incremental_predicates(config)
        names = (
            "unique_key",
            "event_time",
            "partitions",
            "merge_update_columns",
            "merge_exclude_columns",
            "on_schema_change",
        )
        strategies.check_config(
            {
                "strategy": strategy,
                "incremental_predicates": predicates,
                **{name: config.get(name) for name in names},
            }
        )
        if strategy == "insert_overwrite" and not is_full_refresh:
            check_overwrite(config, predicates)

    def _built_in_strategy(self, config: ModelConfig) -> str | None:
        """Return the built-in strategy that runs for a model with this config, or None if the project defines it.

        The project may define a strategy of its own, or have its own macro for one of the built-in strategies.
        """
        configured = config.get("incremental_strategy")
        macro = strategies.macro_name(configured or "default")
        macros = getattr(self.get_macro_resolver(), "macros", {})
        if any(f"macro.{self.config.project_name}.{prefix}{macro}" in macros for prefix in ("", f"{self.type()}__")):
            return None
        return strategies.built_in(configured, config.get("unique_key"))

    @available.parse_none
    def check_restored(self, config: ModelConfig, target: OceanBaseRelation) -> None:
        """Raise DbtRuntimeError if the rows of an incremental model's SELECT cannot be added to its restored table.

        dbt has rendered the SELECT while ``target`` was missing, so it selects the rows of all times. Then the backup
        that a killed run had left got the name of ``target`` back. Only a strategy that replaces rows can go on.
        """
        strategy = self._built_in_strategy(config)
        predicates = self.incremental_predicates(config)
        if not strategies.can_write_all_rows(strategy, config.get("unique_key"), predicates):
            raise DbtRuntimeError(
                f"{target.render()} was missing, since a run was killed, and has been restored from its backup: "
                "nothing else was changed; run the node again, which then adds to it"
            )

    @available.parse_none
    def check_predicates(self, config: ModelConfig, columns: Sequence[OceanBaseColumn]) -> None:
        """Raise DbtRuntimeError if a predicate has the name of a column in double quotes, as a string.

        ``config`` is the config of an incremental model, and ``columns`` are the columns of its table. The predicates
        of a strategy that the project defines are not checked. See ``strategies.check_predicates``.
        """
        if self._built_in_strategy(config):
            strategies.check_predicates(self.incremental_predicates(config), columns)

    @available.parse(lambda value, columns: value)
    def event_time_sql(self, value: str, columns: Sequence[OceanBaseColumn]) -> str:
        """Return the SQL of ``value``, the config ``event_time`` of a microbatch model, for the DELETE of a batch.

        A name is returned in backticks, since it may be a reserved word. It may be a column that is not in ``columns``,
        the columns that the model writes, such as a generated column. An expression is returned unchanged. Raise
        DbtRuntimeError if an expression has the name of one of ``columns`` in double quotes.
        """
        name = column_references.name_of(value)
        if name is not None:
            return identifier(name)
        column_references.check_strings("event_time", value, {column.name.lower() for column in columns})
        return value

    @available.parse_none
    def incremental_predicates(self, config: ModelConfig) -> Any:
        """Return the config ``predicates`` or, if it is unset or empty, the config ``incremental_predicates``.

        Both mean the same. The value is as the user wrote it, and None if neither is set.
        """
        return config.get("predicates") or config.get("incremental_predicates")

    @available.parse(lambda config: False)
    def retries_batches(self, config: Any) -> bool:
        """Check whether ``dbt retry`` runs only the failed batches of a microbatch model, since others have succeeded.

        ``config`` is dbt's object for the configs of a node. After a run with ``--full-refresh``, dbt retries with this
        flag as well. The rows of the other batches must then be kept, although dbt runs the first batch as a full
        refresh.
        """
        return getattr(config.model, "previous_batch_results", None) is not None

    # -- staged rows

    @available.parse_none
    def staging_relation(self, target: OceanBaseRelation, batch: Mapping[str, Any] | None) -> OceanBaseRelation:
        """Return the relation of the staging table, which gets the new rows before the table ``target`` gets them.

        Only the name is built. The staging table is an ordinary table, because the server has no temporary tables, and
        is dropped when the node ends. ``batch`` is dbt's batch of a microbatch model, or None. Each batch has its own
        table, as batches may run in parallel.
        """
        return target.suffixed(f"{STAGING_SUFFIX}_{batch['id']}" if batch else STAGING_SUFFIX)

    @available.parse_list
    def leftover_batches(self, target: OceanBaseRelation) -> list[BaseRelation]:
        """Return the tables for batches of the microbatch model ``target`` that a killed run has left behind.

        These are the tables of ``staging_relation`` and ``rows_relation`` for any batch. They are found by their names
        in dbt's cache of relations. So the tables of another run that is going on are returned, too.
        """
        found = []
        for relation in self.list_relations(None, target.schema or ""):
            suffix = BATCH_SUFFIX.search(relation.identifier or "")
            name = shortened(target.identifier or "", suffix.group()) if suffix else ""
            if suffix and name.lower() == str(relation.identifier).lower():
                found.append(relation)
        return found

    @available.parse_none
    def check_duplicate_keys(
        self, staging: OceanBaseRelation, model: str, keys: Sequence[str], columns: Sequence[OceanBaseColumn]
    ) -> None:
        """Raise DbtRuntimeError if several rows in the staging table ``staging`` have the same unique key.

        One query looks for them. The error names ``model``, the name of the model, and the values of the key. ``keys``
        are the SQL expressions of the unique key, as ``key_expressions`` returns them. An expression that is a text
        column in ``columns`` is compared byte for byte. Two NULLs are equal.
        """
        text = {column.quoted for column in columns if column.compares_as_text()}
        grouped = [f"cast({key} as binary)" if key in text else key for key in keys]
        query = (
            f"select {', '.join(f'min({key})' for key in keys)}, count(*) from {staging.render()} "
            f"group by {', '.join(grouped)} having count(*) > 1 "
            f"order by {', '.join(str(number + 1) for number in range(len(keys)))} "
            f"limit {strategies.duplicate_key_limit()}"
        )
        _, cursor = self.connections.add_select_query(query)
        rows = cursor.fetchall()
        if rows:
            raise strategies.duplicate_keys(model, [key.strip("`") for key in keys], rows)

    # -- keys and merges

    @available.parse_list
    def key_expressions(
        self, keys: Any, columns: Sequence[OceanBaseColumn], config_name: str = "unique_key"
    ) -> list[str]:
        """Return ``keys``, the config ``config_name``, as a list of SQL expressions.

        ``keys`` is a text, a list of texts, or None, for which the list is empty. The name of one of ``columns``, in
        any case and with or without backticks or double quotes, is returned as the column's name in backticks. Any
        other text is returned unchanged. Raise DbtRuntimeError if a text reads none of ``columns``.
        """
        return strategies.key_expressions(keys, columns, config_name)

    @available.parse_list
    def staged_key_pairs(self, unique_key: Any, columns: Sequence[OceanBaseColumn]) -> list[KeyPair]:
        """Return each part of a unique key as a pair: its SQL for a new row, and its SQL for a row of the target table.

        With these pairs, a DELETE finds the rows of the target that have the key of a new row. ``unique_key`` is the
        config of this name. ``columns`` are the columns of the target. See ``merge_join.staged_key_pairs``.
        """
        return merge_join.staged_key_pairs(strategies.key_expressions(unique_key, columns), columns)

    @available.parse_none
    def can_merge_by_index(
        self,
        target: OceanBaseRelation,
        keys: Sequence[str],
        columns: Sequence[OceanBaseColumn],
        predicates: Sequence[str],
    ) -> bool:
        """Check whether INSERT ... ON DUPLICATE KEY UPDATE on ``target`` has the same effect as a merge by ``keys``.

        ``keys`` are the SQL expressions of the unique key, ``columns`` are the columns of ``target``, and
        ``predicates`` are the conditions of the merge. The result is true if there are no ``predicates``, and if
        ``target`` has exactly one unique index, on the columns of the key, which are NOT NULL and no texts. One query
        reads the indexes. See ``strategies.can_merge_by_index``.
        """
        _, cursor = self.connections.add_select_query(
            "select index_name, column_name, sub_part is not null or expression is not null or nullable = 'YES' "
            "from information_schema.statistics where non_unique = 0 "
            f"and table_schema = {literal(target.schema or '')} and table_name = {literal(target.identifier or '')} "
            "order by index_name, seq_in_index"
        )
        indexes = strategies.unique_indexes(cursor.fetchall())
        return strategies.can_merge_by_index(indexes, keys, columns, bool(predicates))

    @available.parse_none
    def merge_join_columns(
        self,
        keys: Sequence[str],
        columns: Sequence[OceanBaseColumn],
        updated: Sequence[OceanBaseColumn],
        predicates: Sequence[str],
    ) -> MergeJoin:
        """Return the SQL parts from which a macro makes a merge: an UPDATE of existing rows and an INSERT of new rows.

        ``keys`` are the SQL expressions of the unique key. The INSERT writes ``columns``. The UPDATE sets the columns
        ``updated`` in existing rows that fulfil the SQL conditions ``predicates``. Raise CompilationError if a key is
        not a column and a predicate names a new row as ``DBT_INTERNAL_SOURCE``. See ``merge_join.merge_join``.
        """
        return merge_join.merge_join(keys, columns, updated, predicates)

    @available.parse_list
    def updated_columns(
        self, columns: Sequence[OceanBaseColumn], keys: Sequence[str], update: Any, exclude: Any
    ) -> list[OceanBaseColumn]:
        """Return the columns among ``columns`` that a merge by the key expressions ``keys`` updates in existing rows.

        ``update`` and ``exclude`` are the configs ``merge_update_columns`` and ``merge_exclude_columns``: a name, a
        list of names, or None. With ``update``, only the columns in it are returned. With ``exclude``, all columns that
        are not in it are returned. With neither, all columns are returned. Columns of the key are always left out.
        Raise DbtRuntimeError if both configs are set, or if ``columns`` lacks one of the names.
        """
        return strategies.updated_columns(columns, keys, update, exclude)

    # -- statements

    @available.parse(lambda sql: False)
    def supports_statement(self, sql: str) -> bool:
        """Check by EXPLAIN whether the server supports the statement ``sql`` on its tables. ``sql`` itself is not run.

        The result is false if EXPLAIN fails with one of the codes in UNSUPPORTED_STATEMENT. Raise DatabaseError if it
        fails for any other reason.
        """
        try:
            self.execute(f"explain {sql}")
        except DatabaseError as error:
            if error.server_code in UNSUPPORTED_STATEMENT:
                return False
            raise
        return True

    @available.parse(lambda sql: False)
    def runs_outside_transaction(self, sql: str) -> bool:
        """Check whether ``sql`` contains an INSERT OVERWRITE, which the server refuses inside a transaction."""
        return any(Statement(part).verb == "insert overwrite" for part in lexer.split(sql))

    @available.parse_none
    def with_row_count(self, response: AdapterResponse, rows: int | None) -> AdapterResponse:
        """Return ``response`` with ``rows`` as its number of affected rows, which its message shows, too.

        ``rows`` is the number of rows in the staging table. The server's own number is not used, because it counts an
        updated row twice. If ``rows`` is None, ``response`` is returned unchanged.
        """
        if rows is None:
            return response
        return dataclasses.replace(response, _message=f"OK {rows} row{'' if rows == 1 else 's'}", rows_affected=rows)

    @available.parse_list
    def batch_bounds(self, model: Mapping[str, Any]) -> list[str]:
        """Return begin and end of a microbatch model's current batch as SQL literals in the session's time zone.

        ``model`` is dbt's variable ``model``, whose key ``batch`` has the batch. Raise DbtRuntimeError if dbt runs the
        model without batches.
        """
        batch = model.get("batch")
        if not batch:
            raise DbtRuntimeError(
                "microbatch: dbt runs this model without batches: set the flag "
                "require_batched_execution_for_custom_microbatch_strategy, or remove the project's own microbatch macro"
            )
        zone = self.config.credentials.time_zone
        bounds = (batch["event_time_start"], batch["event_time_end"])
        return [event_time.datetime_literal(event_time.clock_at(bound, zone)) for bound in bounds]
