"""The adapter methods that the macros of incremental models and snapshots call."""

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
"""Error codes for a statement that the server does not support at all, or not for this table."""

STAGING_SUFFIX = "__dbt_tmp"
_BATCH_SUFFIX = re.compile(rf"(?:{STAGING_SUFFIX}|{ROWS_SUFFIX})_\d{{4,8}}(?:t\d\d)?$", re.IGNORECASE)


class IncrementalMixin(ContractRowMixin):
    """Adapter methods for incremental models and snapshots."""

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._column_locks: dict[str, threading.Lock] = {}

    # -- strategies

    def valid_incremental_strategies(self) -> list[str]:
        """Return the names of the built-in incremental strategies."""
        return list(strategies.STRATEGIES)

    @available.parse_none
    def get_incremental_strategy_macro(self, model_context: Mapping[str, Any], strategy: str) -> Any:
        """Return the macro in ``model_context`` for ``strategy``, a built-in strategy or one that the project defines.

        Raise DbtRuntimeError if there is no such macro.
        """
        macro = f"get_incremental_{strategy.replace('+', '_')}_sql"
        reserved = set(self.builtin_incremental_strategies()) - {*strategies.STRATEGIES, "default"}
        if macro not in model_context or strategy in reserved:
            raise strategies.unknown(strategy, macro, self.config.project_name)
        return model_context[macro]

    @available.parse_none
    def check_incremental_config(self, config: ModelConfig) -> None:
        """Raise DbtRuntimeError if a config of an incremental model is wrong or has no effect.

        See ``strategies.check_config``.
        """
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
        """Return the config ``predicates``, or ``incremental_predicates`` if it is not set. Both mean the same."""
        return config.get("predicates") or config.get("incremental_predicates")

    # -- staged rows

    @available.parse_none
    def staging_relation(self, target: OceanBaseRelation, batch: Mapping[str, Any] | None) -> OceanBaseRelation:
        """Return the staging table for new rows of ``target``.

        ``batch`` is the batch of a microbatch model, or None. Each batch has its own table, as batches may run in
        parallel.
        """
        return target.suffixed(f"{STAGING_SUFFIX}_{batch['id']}" if batch else STAGING_SUFFIX)

    @available.parse_list
    def leftover_batches(self, target: OceanBaseRelation) -> list[BaseRelation]:
        """Return the staging tables for batches of ``target`` that dbt's cache shows.

        They were left behind by a run that was killed.
        """
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
        """Raise DbtRuntimeError with the model and the key values if several rows in ``staging`` have the same key.

        ``keys`` are SQL expressions. Those that name a text column in ``columns`` are compared byte for byte. Two NULLs
        are the same key.
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
        """Return the columns of each relation, read in one query. Raise CompilationError if a relation has none.

        The server's catalog shows no columns if the relation does not exist or the user has no rights on it. Without
        the error, the caller would take all columns for new or removed ones.
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
        """Change columns of ``target`` and ``staging`` so that the staged rows fit, and return the columns to write.

        ``batch`` is dbt's batch of a microbatch model, or None. A lock lets only one batch at a time change the target.
        ``process_schema_changes`` is dbt's macro of that name, which follows the config ``on_schema_change``. Raise
        CompilationError if the server's catalog shows no columns of a table. Raise DbtRuntimeError if a staged value
        would be changed by the cast to the type of its target column.
        """
        mode = widening.schema_change_mode(config)
        with self._column_lock(target) if batch else nullcontext():
            staged, present = self.existing_columns_of([staging, target])
            rules = widening.model_rules(config)
            if rules and self._widen(target, staging, staged, present, rules):
                [present] = self.columns_of([target])
            if mode in ("sync_all_columns", "fail"):
                self._check_retyped(target, staging, staged, present, mode)
            written = process_schema_changes(mode, staging, target) or self.written_columns(present, staged)
        unique_key = config.get("unique_key")
        # sync_all_columns has already given the target the staged types, and `present` is older than that
        if unique_key and mode != "sync_all_columns":
            self._align_keys(staging, staged, present, strategies.key_expressions(unique_key, present))
        return strategies.with_mixed_collations(written, staged, present)

    @contextmanager
    def _column_lock(self, target: OceanBaseRelation) -> Iterator[None]:
        """Hold a lock, so that only one thread at a time changes the columns of ``target``."""
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
        """Widen columns of a snapshot's table ``target`` so that they hold the new rows in ``staging``.

        ``staged`` and ``present`` are the current columns of ``staging`` and ``target``. Raise DbtRuntimeError if a
        staged value would be changed by the cast to the type of its target column.
        """
        self._widen(target, staging, staged, present, widening.snapshot_rules(target.render()))

    @available.parse_none
    def align_collation(
        self,
        staging: OceanBaseRelation,
        staged: Sequence[OceanBaseColumn],
        present: Sequence[OceanBaseColumn],
        name: str,
    ) -> None:
        """Change a staged column to the collation of the target's, since the server joins no two collations (1267).

        They differ if the session has another collation than the one that made the target.
        """
        wanted = name.strip("`").lower()
        one, other = (next((c for c in columns if c.name.lower() == wanted), None) for columns in (staged, present))
        if one and other and other.collation and one.collation != other.collation:
            self._alter(staging, [f"modify column {one.quoted} {one.data_type} collate {other.collation}"])

    def expand_column_types(self, goal: BaseRelation, current: BaseRelation) -> None:
        """Widen the columns of ``current`` that are too narrow for the columns of ``goal``, in one ALTER TABLE."""
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
        """Widen columns of ``target`` for the staged rows, as ``rules`` permit. Return whether a column was changed.

        ``staged`` and ``present`` are the current columns of ``staging`` and ``target``. Raise DbtRuntimeError if a
        staged value would be changed by the cast to the type of its target column.
        """
        changes = type_changes.changes(
            present,
            staged,
            across_kinds=rules.across_kinds,
            allow_missing_columns=rules.allow_missing_columns,
            relax_not_null=rules.relax_not_null,
        )
        casts = type_changes.lossy_casts(present, staged, changes) if rules.across_kinds else []
        values = self._lossy_values(staging, casts)
        if rules.new_members:
            grown = self._new_members(staging, casts, values)
            if grown:
                changes = type_changes.with_kinds(changes, present, grown)
                casts = type_changes.lossy_casts(present, staged, changes)
                values = self._lossy_values(staging, casts)
        type_changes.raise_on_lossy_values(casts, values, target.render(), rules.remedy)
        self._change_columns(target, changes)
        return bool(changes)

    def _lossy_values(self, relation: OceanBaseRelation, casts: Sequence[type_changes.LossyCast]) -> list[str | None]:
        """Return for each cast a value of ``relation`` that it would change, or None; without casts ask nothing."""
        if not casts:
            return []
        _, table = self.execute(type_changes.lossy_values_query(relation.render(), casts), fetch=True)
        return list(table.rows[0])

    def _new_members(
        self, staging: OceanBaseRelation, casts: Sequence[type_changes.LossyCast], values: Sequence[str | None]
    ) -> dict[str, str]:
        """Return by column name the ENUM and SET types with the staged texts that they do not have as new members."""
        found = {}
        for cast, value in zip(casts, values, strict=True):
            if value is not None and cast.takes_members:
                _, table = self.execute(type_changes.lossy_texts_query(staging.render(), cast), fetch=True)
                kind = type_changes.with_texts(cast, [str(row[0]) for row in table.rows])
                if kind:
                    found[cast.column.name.lower()] = kind
        return found

    def _check_retyped(
        self,
        target: OceanBaseRelation,
        staging: OceanBaseRelation,
        staged: Sequence[OceanBaseColumn],
        present: Sequence[OceanBaseColumn],
        mode: str,
    ) -> None:
        """Raise DbtRuntimeError if a stored value would become another one when its column gets the staged type.

        Also raise it for staged values in columns that keep their types.
        """
        retyped = type_changes.retyped_columns(present, staged)
        casts = type_changes.lossy_casts(staged, retyped, {}) if mode == "sync_all_columns" else []
        type_changes.raise_on_lossy_stored_values(casts, self._lossy_values(target, casts), target.render())
        kept = [column for column in present if column not in retyped]
        casts = type_changes.lossy_casts(kept, staged, {})
        values = self._lossy_values(staging, casts)
        type_changes.raise_on_lossy_values(casts, values, target.render(), "cast it in the model")

    def _change_columns(self, relation: BaseRelation, changes: Mapping[str, type_changes.Change]) -> None:
        """Apply ``changes``, by column name, in one ALTER TABLE, which keeps the rest of each column's definition."""
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
        """Change key columns of ``staging`` to the types that they have in the target, in one ALTER TABLE.

        Only columns whose values may change when they are stored in the target are changed. See
        ``strategies.key_type_changes``.
        """
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
        """Return the columns of ``target``, without generated columns that are not among the ``staged`` ones."""
        names = {column.name.lower() for column in staged}
        return [column for column in target if not column.is_generated or column.name.lower() in names]

    # -- keys and merges

    @available.parse_list
    def key_expressions(self, keys: Any, columns: Sequence[OceanBaseColumn]) -> list[str]:
        """Return ``keys``, the unique key, as a list of SQL expressions. See ``strategies.key_expressions``."""
        return strategies.key_expressions(keys, columns)

    @available.parse_list
    def staged_key_pairs(self, unique_key: Any, columns: Sequence[OceanBaseColumn]) -> list[KeyPair]:
        """Return the pairs of expressions that a DELETE by key compares. See ``merge_join.staged_key_pairs``."""
        return merge_join.staged_key_pairs(strategies.key_expressions(unique_key, columns), columns)

    @available.parse_none
    def can_merge_by_index(
        self,
        target: OceanBaseRelation,
        keys: Sequence[str],
        columns: Sequence[OceanBaseColumn],
        predicates: Sequence[str],
    ) -> bool:
        """Check whether a merge can use the unique index of ``target``. See ``strategies.can_merge_by_index``."""
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
        """Return the parts of a merge by UPDATE and INSERT. See ``merge_join.merge_join``."""
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
        """Check by EXPLAIN, without running it, whether the server supports the statement ``sql`` on its tables.

        Raise DatabaseError if EXPLAIN fails for any other reason.
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
        """Check whether ``sql`` contains an INSERT OVERWRITE, which the server refuses inside a transaction."""
        return any(Statement(part).verb == "insert overwrite" for part in lexer.split(sql))

    @available.parse_none
    def with_row_count(self, response: AdapterResponse, rows: int | None) -> AdapterResponse:
        """Return ``response`` with ``rows``, the number of staged rows, as its number of affected rows.

        The server's own number is not used, because it counts an updated row twice. If ``rows`` is None, ``response``
        is returned unchanged.
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
