"""What the macros of incremental models and snapshots call on the adapter."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import CompilationError, DbtRuntimeError

from ..column import OceanBaseColumn
from ..connect.quoting import literal
from ..execution.errors import DatabaseError
from ..relation import OceanBaseRelation, shortened
from ..sql import event_time, lexer
from ..sql.statement import Statement
from . import merge_join, strategies, type_changes, widening
from .contract_rows import ROWS_SUFFIX, ContractRowMixin
from .merge_join import KeyPair, MergeJoin
from .widening import ModelConfig, WideningRules

logger = AdapterLogger("OceanBase")

UNSUPPORTED_STATEMENT = frozenset({1064, 1235})
"""Codes of a statement that this server does not have, or does not have for this table."""

STAGING_SUFFIX = "__dbt_tmp"
_BATCH_SUFFIX = re.compile(rf"(?:{STAGING_SUFFIX}|{ROWS_SUFFIX})_\d{{4,8}}(?:t\d\d)?$", re.IGNORECASE)


class IncrementalMixin(ContractRowMixin):
    """The part of the adapter that incremental models and snapshots need."""

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._column_locks: dict[str, threading.Lock] = {}

    # -- strategies

    def valid_incremental_strategies(self) -> list[str]:
        """Return the strategies that a model may choose."""
        return list(strategies.STRATEGIES)

    @available.parse_none
    def get_incremental_strategy_macro(self, model_context: Mapping[str, Any], strategy: str) -> Any:
        """Return the macro of a strategy, including those of the project. Raise DbtRuntimeError if there is none."""
        macro = f"get_incremental_{strategy.replace('+', '_')}_sql"
        reserved = set(self.builtin_incremental_strategies()) - {*strategies.STRATEGIES, "default"}
        if macro not in model_context or strategy in reserved:
            raise strategies.unknown(strategy, macro, self.config.project_name)
        return model_context[macro]

    @available.parse_none
    def check_incremental_config(self, config: ModelConfig) -> None:
        """Raise DbtRuntimeError if a config has no effect with the strategy. See ``strategies.check_config``."""
        names = (
            "unique_key",
            "partitions",
            "partition_by",
            "merge_update_columns",
            "merge_exclude_columns",
            "on_schema_change",
        )
        strategies.check_config(
            {
                "strategy": config.get("incremental_strategy"),
                "incremental_predicates": self.incremental_predicates(config),
                **{name: config.get(name) for name in names},
            }
        )

    @available.parse_none
    def incremental_predicates(self, config: ModelConfig) -> Any:
        """Return the config ``incremental_predicates``, which dbt also reads from ``predicates``."""
        return config.get("predicates") or config.get("incremental_predicates")

    # -- staged rows

    @available.parse_none
    def staging_relation(self, target: OceanBaseRelation, batch: Mapping[str, Any] | None) -> OceanBaseRelation:
        """Return the relation for the new rows of ``target``. Each batch has its own, since batches may overlap."""
        return target.suffixed(f"{STAGING_SUFFIX}_{batch['id']}" if batch else STAGING_SUFFIX)

    @available.parse_list
    def leftover_batches(self, target: OceanBaseRelation) -> list[BaseRelation]:
        """Return the staging tables of batches of ``target`` that a killed run left behind, by dbt's relation cache."""
        found = []
        for relation in self.list_relations(None, target.schema or ""):
            suffix = _BATCH_SUFFIX.search(relation.identifier or "")
            name = shortened(target.identifier or "", suffix.group()) if suffix else ""
            if suffix and name.lower() == str(relation.identifier).lower():
                found.append(relation)
        return found

    @available.parse_none
    def check_duplicate_keys(
        self, staging: OceanBaseRelation, model: str, keys: Sequence[str], columns: Sequence[OceanBaseColumn]
    ) -> None:
        """Raise DbtRuntimeError naming model and key values if several staged rows have one key.

        Text is compared byte for byte. NULL is a key like any other.
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

    # -- columns of the target

    @available.parse_list
    def existing_columns_of(self, relations: Sequence[OceanBaseRelation]) -> list[list[OceanBaseColumn]]:
        """Return the columns of each relation, read in one query. Raise CompilationError if one has no columns.

        A table without columns is one that the catalog does not show. It would look as if all columns were new or gone.
        """
        found: list[list[OceanBaseColumn]] = self.columns_of(relations)
        for relation, columns in zip(relations, found, strict=True):
            if not columns:
                raise CompilationError(
                    f"the catalog shows no columns of {relation.render()}: nothing was changed; "
                    "check the rights on it, and that nothing else drops it during the run"
                )
        return found

    @available.parse_list
    def fit_columns(
        self,
        target: OceanBaseRelation,
        staging: OceanBaseRelation,
        config: ModelConfig,
        batch: Mapping[str, Any] | None,
        process_schema_changes: Callable[..., Any],
    ) -> list[OceanBaseColumn]:
        """Change the columns of the target and of the staged rows so that they fit; return those to write.

        ``batch``: dbt's batch of a microbatch model. The batches of one target do this one after the other.
        ``process_schema_changes``: dbt's macro of that name.
        """
        mode = widening.schema_change_mode(config)
        with self._column_lock(target) if batch else nullcontext():
            staged, present = self.existing_columns_of([staging, target])
            rules = widening.model_rules(config)
            if rules and self._widen(target, staging, staged, present, rules):
                [present] = self.columns_of([target])
            written = process_schema_changes(mode, staging, target) or self.written_columns(present, staged)
        unique_key = config.get("unique_key")
        # sync_all_columns has given the target the staged types, and `present` are the columns before that
        if unique_key and mode != "sync_all_columns":
            self._align_keys(staging, staged, present, strategies.key_expressions(unique_key, present))
        return list(written)

    @contextmanager
    def _column_lock(self, target: OceanBaseRelation) -> Iterator[None]:
        """Hold the lock that allows one node of this process at a time to change the columns of ``target``."""
        with self._column_locks.setdefault(target.render(), threading.Lock()):
            yield

    @available.parse_none
    def widen_snapshot_target(
        self,
        target: OceanBaseRelation,
        staging: OceanBaseRelation,
        staged: Sequence[OceanBaseColumn],
        present: Sequence[OceanBaseColumn],
    ) -> None:
        """Widen the columns ``present`` of a snapshot's table for the columns ``staged`` of its new rows."""
        self._widen(target, staging, staged, present, widening.snapshot_rules(target.render()))

    def expand_column_types(self, goal: BaseRelation, current: BaseRelation) -> None:
        """Widen the columns of ``current`` that are too narrow for the values of ``goal``, in one ALTER."""
        wanted, present = self.columns_of([goal, current])
        self._change_columns(current, type_changes.changes(present, wanted))

    def _widen(
        self,
        target: OceanBaseRelation,
        staging: OceanBaseRelation,
        staged: Sequence[OceanBaseColumn],
        present: Sequence[OceanBaseColumn],
        rules: WideningRules,
    ) -> bool:
        """Widen the columns ``present`` of ``target`` for the staged ones; return whether anything was changed.

        Raise DbtRuntimeError if a staged value would become another one in the column that it goes to.
        """
        changes = type_changes.changes(
            present,
            staged,
            across_kinds=rules.across_kinds,
            allow_missing_columns=rules.allow_missing_columns,
            relax_not_null=rules.relax_not_null,
        )
        casts = type_changes.lossy_casts(present, staged, changes) if rules.across_kinds else []
        if casts:
            _, table = self.execute(type_changes.lossy_values_query(staging.render(), casts), fetch=True)
            type_changes.raise_on_lossy_values(casts, list(table.rows[0]), target.render(), rules.remedy)
        self._change_columns(target, changes)
        return bool(changes)

    def _change_columns(self, relation: BaseRelation, changes: Mapping[str, type_changes.Change]) -> None:
        """Change columns in one ALTER that keeps the rest of their definitions."""
        if changes:
            definitions = self._definitions(relation)
            clauses = [definitions[name].modify(kind, nullable=null) for name, (kind, null) in changes.items()]
            logger.info(f"{relation.render()}: columns too narrow for the new rows: {', '.join(clauses)}")
            self._alter(relation, clauses)

    def _align_keys(
        self,
        staging: OceanBaseRelation,
        staged: Sequence[OceanBaseColumn],
        target: Sequence[OceanBaseColumn],
        keys: Sequence[str],
    ) -> None:
        """Change staged columns of the key to the target's types, in one ALTER, if that may change their values."""
        clauses = [
            f"modify column {column.quoted} {kind}"
            for column, kind in strategies.key_type_changes(staged, target, keys)
        ]
        if clauses:
            self.execute(f"alter table {staging.render()} {', '.join(clauses)}")

    @available.parse_list
    def written_columns(
        self, target: Sequence[OceanBaseColumn], staged: Sequence[OceanBaseColumn]
    ) -> list[OceanBaseColumn]:
        """Return the target's columns except for those that the server computes and the model does not select."""
        names = {column.name.lower() for column in staged}
        return [column for column in target if not column.is_generated or column.name.lower() in names]

    # -- keys and merges

    @available.parse_list
    def key_expressions(self, keys: Any, columns: Sequence[OceanBaseColumn]) -> list[str]:
        """Return keys as SQL. See ``strategies.key_expressions``."""
        return strategies.key_expressions(keys, columns)

    @available.parse_list
    def staged_key_pairs(self, unique_key: Any, columns: Sequence[OceanBaseColumn]) -> list[KeyPair]:
        """Return what a DELETE by key compares. See ``merge_join.staged_key_pairs``."""
        return merge_join.staged_key_pairs(strategies.key_expressions(unique_key, columns), columns)

    @available.parse_none
    def can_merge_by_index(
        self,
        target: OceanBaseRelation,
        keys: Sequence[str],
        columns: Sequence[OceanBaseColumn],
        predicates: Sequence[str],
    ) -> bool:
        """Read the indexes of ``target`` for ``strategies.can_merge_by_index``."""
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
        """Return the column pairs of a merge by join. See ``merge_join.merge_join``."""
        return merge_join.merge_join(keys, columns, updated, predicates)

    @available.parse_list
    def updated_columns(
        self, columns: Sequence[OceanBaseColumn], keys: Sequence[str], update: Any, exclude: Any
    ) -> list[OceanBaseColumn]:
        """Return the columns that a merge updates. See ``strategies.updated_columns``."""
        return strategies.updated_columns(columns, keys, update, exclude)

    # -- statements

    @available.parse(lambda self, sql: False)
    def supports_statement(self, sql: str) -> bool:
        """Check by EXPLAIN, which runs nothing, whether the server has the statement ``sql`` for its tables.

        Raise DatabaseError for anything else that is wrong with it.
        """
        try:
            self.execute(f"explain {sql}")
        except DatabaseError as error:
            if error.server_code in UNSUPPORTED_STATEMENT:
                return False
            raise
        return True

    @available.parse(lambda self, sql: False)
    def runs_outside_transaction(self, sql: str) -> bool:
        """Check whether ``sql`` has a statement that the server refuses inside a transaction."""
        return any(Statement(part).verb == "insert overwrite" for part in lexer.split(sql))

    @available.parse_none
    def with_row_count(self, response: AdapterResponse, rows: int | None) -> AdapterResponse:
        """Return a response that counts the ``rows`` that were staged. The server counts an updated row twice."""
        if rows is None:
            return response
        return dataclasses.replace(response, _message=f"OK {rows} row{'' if rows == 1 else 's'}", rows_affected=rows)

    @available.parse_list
    def batch_bounds(self, model: Mapping[str, Any]) -> list[str]:
        """Return begin and end of a batch as SQL, in the session's time zone.

        Raise DbtRuntimeError if dbt has given the model no batch.
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
