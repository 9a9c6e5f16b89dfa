"""What the macros of incremental models ask the adapter for."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.contracts.connection import AdapterResponse
from dbt_common.exceptions import DbtRuntimeError

from ..adapter_base import OceanBaseAdapterBase
from ..column import OceanBaseColumn
from ..connect.quoting import literal
from ..execution.errors import DatabaseError
from ..relation import OceanBaseRelation, shortened
from ..sql import event_time, lexer
from ..sql.statement import Statement
from . import strategies

CANNOT = frozenset({1064, 1235})
"""Codes of a statement that this server has not, or has not for this table."""

STAGED = "__dbt_tmp"
_OF_A_BATCH = re.compile(rf"{STAGED}_\d{{4,8}}(?:t\d\d)?$", re.IGNORECASE)


class IncrementalMixin(OceanBaseAdapterBase):
    """The part of the adapter that incremental models need."""

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._targets: dict[str, threading.Lock] = {}
        self._held: dict[Any, threading.Lock] = {}

    # -- strategies

    def valid_incremental_strategies(self) -> list[str]:
        """Give the strategies that a model may choose."""
        return list(strategies.STRATEGIES)

    @available.parse_none
    def get_incremental_strategy_macro(self, model_context: Mapping[str, Any], strategy: str) -> Any:
        """Give the macro of a strategy, the project's own ones included. Raises DbtRuntimeError where there is none."""
        macro = f"get_incremental_{strategy.replace('+', '_')}_sql"
        reserved = set(self.builtin_incremental_strategies()) - {*strategies.STRATEGIES, "default"}
        if macro not in model_context or strategy in reserved:
            raise strategies.unknown(strategy, macro, self.config.project_name)
        return model_context[macro]

    @available.parse_none
    def check_incremental(self, config: Mapping[str, Any]) -> None:
        """Refuse configs that the strategy would take no notice of. See ``strategies.check``."""
        strategies.check(config)

    # -- staged rows

    @available.parse_none
    def staging_of(self, target: OceanBaseRelation, batch: Mapping[str, Any] | None) -> OceanBaseRelation:
        """Give the relation in which new rows of ``target`` are staged: each batch has its own, as they may overlap."""
        return target.suffixed(f"{STAGED}_{batch['id']}" if batch else STAGED)

    @available.parse_list
    def leftover_batches(self, target: OceanBaseRelation) -> list[BaseRelation]:
        """Give what the cache knows of batches of ``target`` that a killed run has staged."""
        found = []
        for relation in self.list_relations(None, target.schema or ""):
            suffix = _OF_A_BATCH.search(relation.identifier or "")
            name = shortened(target.identifier or "", suffix.group()) if suffix else ""
            if suffix and name.lower() == str(relation.identifier).lower():
                found.append(relation)
        return found

    @available.parse_none
    def align(
        self,
        staging: OceanBaseRelation,
        staged: Sequence[OceanBaseColumn],
        target: Sequence[OceanBaseColumn],
        keys: Sequence[str],
    ) -> None:
        """Give staged columns of the key the target's types, in one ALTER, where that may change their values."""
        clauses = [
            f"modify column {column.quoted} {kind}" for column, kind in strategies.to_align(staged, target, keys)
        ]
        if clauses:
            self.execute(f"alter table {staging.render()} {', '.join(clauses)}")

    @available.parse_none
    def check_staged_keys(
        self, staging: OceanBaseRelation, model: str, keys: Sequence[str], columns: Sequence[OceanBaseColumn]
    ) -> None:
        """Refuse staged rows of which several have one key. Raises DbtRuntimeError naming model and key values.

        Text is the same key byte for byte, NULL is a key like any other.
        """
        text = {column.quoted for column in columns if column.compares_as_text()}
        grouped = [f"cast({key} as binary)" if key in text else key for key in keys]
        query = (
            f"select {', '.join(f'min({key})' for key in keys)}, count(*) from {staging.render()} "
            f"group by {', '.join(grouped)} having count(*) > 1 "
            f"order by {', '.join(str(number + 1) for number in range(len(keys)))} "
            f"limit {strategies.limit_of_duplicates()}"
        )
        _, cursor = self.connections.add_select_query(query)
        rows = cursor.fetchall()
        if rows:
            raise strategies.duplicates(model, [key.strip("`") for key in keys], rows)

    # -- the target

    @available.parse_list
    def written_columns(
        self, target: Sequence[OceanBaseColumn], staged: Sequence[OceanBaseColumn]
    ) -> list[OceanBaseColumn]:
        """Give the columns of the target without those that the server computes and the model does not select."""
        names = {column.name.lower() for column in staged}
        return [column for column in target if not column.is_generated or column.name.lower() in names]

    @available.parse_none
    def hold(self, target: OceanBaseRelation) -> None:
        """Wait until no other node of this process changes the columns of ``target``, and keep others waiting."""
        lock = self._targets.setdefault(target.render(), threading.Lock())
        lock.acquire()
        self._held[self.connections.get_thread_identifier()] = lock

    @available.parse_none
    def let_go(self) -> None:
        """Let others change the columns of what this node holds; of nothing where it holds nothing."""
        lock = self._held.pop(self.connections.get_thread_identifier(), None)
        if lock is not None:
            lock.release()

    def post_model_hook(self, config: Any, context: Any) -> None:
        """Let go of what a node held that failed on the way."""
        self.let_go()
        super().post_model_hook(config, context)

    @available.parse_none
    def merges_by_index(
        self,
        target: OceanBaseRelation,
        keys: Sequence[str],
        columns: Sequence[OceanBaseColumn],
        predicates: Sequence[str],
    ) -> bool:
        """Tell whether the server's own INSERT ... ON DUPLICATE KEY UPDATE does what a merge by ``keys`` does."""
        _, cursor = self.connections.add_select_query(
            "select index_name, column_name, sub_part is not null or expression is not null or nullable = 'YES' "
            "from information_schema.statistics where non_unique = 0 "
            f"and table_schema = {literal(target.schema or '')} and table_name = {literal(target.identifier or '')} "
            "order by index_name, seq_in_index"
        )
        indexes = strategies.unique_indexes(cursor.fetchall())
        return strategies.merges_by_index(indexes, keys, columns, bool(predicates))

    @available.parse_list
    def updated_columns(
        self, columns: Sequence[OceanBaseColumn], keys: Sequence[str], update: Any, exclude: Any
    ) -> list[OceanBaseColumn]:
        """Give the columns that a merge updates. See ``strategies.updated_columns``."""
        return strategies.updated_columns(columns, keys, update, exclude)

    # -- statements

    @available.parse(lambda self, sql: False)
    def can_run(self, sql: str) -> bool:
        """Tell whether the server has the statement ``sql`` for its tables: asked by EXPLAIN, which runs nothing.

        Raises DatabaseError for anything else that is wrong with it.
        """
        try:
            self.execute(f"explain {sql}")
        except DatabaseError as error:
            if error.server_code in CANNOT:
                return False
            raise
        return True

    @available.parse(lambda self, sql: False)
    def runs_outside(self, sql: str) -> bool:
        """Tell whether the server refuses ``sql`` inside of a transaction."""
        return any(Statement(part).verb == "insert overwrite" for part in lexer.split(sql))

    @available.parse_none
    def with_rows(self, response: AdapterResponse, rows: int | None) -> AdapterResponse:
        """Give a response that counts ``rows``, the staged ones: the server counts a row that it updates twice."""
        if rows is None:
            return response
        return dataclasses.replace(response, _message=f"OK {rows} row{'' if rows == 1 else 's'}", rows_affected=rows)

    @available.parse_list
    def batch_bounds(self, model: Mapping[str, Any]) -> list[str]:
        """Give begin and end of a batch as SQL, in the session's time zone.

        Raises DbtRuntimeError where dbt has given the model no batch.
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
