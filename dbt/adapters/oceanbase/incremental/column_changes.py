"""Change the columns of an existing table so that it can store the new rows, which are in a staging table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, nullcontext
from typing import Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import CompilationError

from ..column import OceanBaseColumn
from ..execution.errors import DatabaseError
from ..relation import OceanBaseRelation
from . import strategies, type_changes, widening
from .contract_rows import ContractRowMixin
from .widening import ModelConfig, WideningRules

logger = AdapterLogger("OceanBase")

_UNCHANGEABLE = frozenset({1167, 1235, 1659, 5320})
"""Codes of errors for a column whose type the server does not change.

It is part of a check, a foreign key, an index or the partitioning of its table.
"""


class ColumnChangeMixin(ContractRowMixin):
    """Adapter methods that compare the columns of a target table with the columns of its new rows, and change them.

    The new rows are in a staging table, an ordinary table that is dropped when the node ends.
    """

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._column_locks: dict[str, threading.Lock] = {}

    @available.parse_list
    def existing_columns_of(self, relations: Sequence[OceanBaseRelation]) -> list[list[OceanBaseColumn]]:
        """Return one list of columns for each of the ``relations``, in their order, read in one query.

        Raise CompilationError if a relation has no columns in the server's catalog, because it does not exist or the
        user has no rights on it. Without the error, the caller would take all columns for new or removed ones.
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
        """Change columns of ``target`` so that it can store the rows in ``staging``, and return the columns to write.

        Key columns of ``staging`` may then get the types of the target's columns, so that keys of both tables can be
        compared (see ``_align_keys``). ``config`` is the config of the model. ``batch`` is dbt's batch of a microbatch
        model, or None. A lock lets only one batch at a time change the target. ``process_schema_changes`` is dbt's
        macro of that name, which changes columns of ``target`` as the config ``on_schema_change`` says.

        Raise CompilationError if ``on_schema_change`` is ``fail`` and the columns differ, or if the server's catalog
        shows no columns of a table. Raise DbtRuntimeError if a value would change: a value in ``staging`` when it is
        stored in its column of ``target``, or a value that ``target`` has already when its column gets another type.
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
            # a column that was just added is in `written` only; for the others, the spelling of `present` has to win
            columns = [*written, *present]
            keys = strategies.stored_key_expressions(unique_key, columns, staged, target.render())
            self._align_keys(staging, staged, present, keys)
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
        """Widen columns of a snapshot's table ``target`` so that it can store the new rows, which are in ``staging``.

        ``staged`` and ``present`` are the current columns of ``staging`` and ``target``. Raise DbtRuntimeError if a
        value in ``staging`` would be changed by the cast to the type of its target column.
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
        """Change the column ``name`` of ``staging`` to the collation that the target's column of this name has.

        Without this, the server refuses to join the two columns (1267). Their collations differ if this session has
        another collation than the session that created the target. ``staged`` and ``present`` are the current columns
        of ``staging`` and of the target. ``name`` may be in backticks, and its case does not matter. Nothing is sent if
        one of the two columns is missing, if the target's column is no text, or if the collations are equal.
        """
        wanted = name.strip("`").lower()
        one, other = (next((c for c in columns if c.name.lower() == wanted), None) for columns in (staged, present))
        if one and other and other.collation and one.collation != other.collation:
            self._alter(staging, [f"modify column {one.quoted} {one.data_type} collate {other.collation}"])

    def expand_column_types(self, goal: BaseRelation, current: BaseRelation) -> None:
        """Widen the columns of ``current`` that are too narrow for the columns of ``goal``, in one ALTER TABLE.

        Columns are matched by name, without regard to case. A NOT NULL column may become nullable as well. See
        ``type_changes.changes``. Nothing is altered if all columns are wide enough.
        """
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
        """Widen columns of ``target`` as far as the rows in ``staging`` need it. Return whether a column was changed.

        ``rules`` say which changes are permitted. ``staged`` and ``present`` are the current columns of ``staging`` and
        ``target``. Raise DbtRuntimeError if a value in ``staging`` would be changed by the cast to the type of its
        target column.
        """
        changes = type_changes.changes(
            present,
            staged,
            across_kinds=rules.across_kinds,
            retyped_later=rules.retyped_later,
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
        # dbt would send a refused change again
        may_stay = set() if rules.retyped_later else type_changes.dispensable(present, staged, changes)
        self._change_columns(target, changes, may_stay)
        return bool(changes)

    def _lossy_values(self, relation: OceanBaseRelation, casts: Sequence[type_changes.LossyCast]) -> list[str | None]:
        """Return a list with one value in ``relation`` for each of the ``casts``: a value that the cast would change.

        The value is None if the cast changes no value. If there are no casts, no query is sent.
        """
        if not casts:
            return []
        _, table = self.execute(type_changes.lossy_values_query(relation.render(), casts), fetch=True)
        return list(table.rows[0])

    def _new_members(
        self, staging: OceanBaseRelation, casts: Sequence[type_changes.LossyCast], values: Sequence[str | None]
    ) -> dict[str, str]:
        """Return the ENUM and SET types that columns of the target need, so that the new texts are members of them.

        The result maps column names in lower case to types. ``casts`` are casts of columns of ``staging`` to the types
        of the target. ``values`` has, for each of the ``casts``, one value in ``staging`` that the cast would change,
        or None. A column is left out if its type needs no new members, or cannot get them.
        """
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
        """Raise DbtRuntimeError if a value would be changed by the type that its column will have in ``target``.

        ``mode`` is the config ``on_schema_change``. With ``sync_all_columns``, dbt changes the types of some columns of
        ``target`` (see ``retyped_columns``), and the values stored in them are checked. In every mode, the values in
        ``staging`` for the other columns are checked. ``staged`` and ``present`` are the current columns of ``staging``
        and ``target``.
        """
        retyped = type_changes.retyped_columns(present, staged)
        casts = type_changes.lossy_casts(staged, retyped, {}) if mode == "sync_all_columns" else []
        type_changes.raise_on_lossy_stored_values(casts, self._lossy_values(target, casts), target.render())
        kept = [column for column in present if column not in retyped]
        casts = type_changes.lossy_casts(kept, staged, {})
        values = self._lossy_values(staging, casts)
        type_changes.raise_on_lossy_values(casts, values, target.render(), "cast it in the model")

    def _change_columns(
        self, relation: BaseRelation, changes: Mapping[str, type_changes.Change], dispensable: Set[str] = frozenset()
    ) -> None:
        """Apply ``changes`` to the table ``relation`` in one ALTER TABLE.

        ``changes`` maps column names to changes. The rest of each column's definition is kept. ``dispensable`` are the
        columns that may stay as they are, see ``_alter_columns``.
        """
        if changes:
            definitions = self._definitions(relation)
            clauses = {name: definitions[name].modify(kind, nullable=null) for name, (kind, null) in changes.items()}
            logger.info(f"{relation.render()}: columns too narrow for the new rows: {', '.join(clauses.values())}")
            self._alter_columns(relation, clauses, dispensable)

    def _alter_columns(self, relation: BaseRelation, clauses: Mapping[str, str], dispensable: Set[str]) -> None:
        """Change columns of the table ``relation`` by ``clauses``, which maps column names to clauses of ALTER TABLE.

        One ALTER TABLE has all clauses. If the server does not change the type of one of the columns, each column gets
        an ALTER TABLE of its own, and a column of ``dispensable`` that cannot be changed stays as it is. Raise
        DatabaseError if another column cannot be changed, and for any other error of the server.
        """
        try:
            self._alter(relation, clauses.values())
        except DatabaseError as error:
            if error.server_code not in _UNCHANGEABLE or dispensable.isdisjoint(clauses):
                raise
            if len(clauses) > 1:
                for name, clause in clauses.items():
                    self._alter_columns(relation, {name: clause}, dispensable)
                return
            logger.warning(
                f"{relation.render()}: the server refuses {', '.join(clauses.values())} ({error.server_code}: "
                f"{error.reason}): values without room will be refused; cast the column in the model to its type"
            )

    def _align_keys(
        self,
        staging: OceanBaseRelation,
        staged: Sequence[OceanBaseColumn],
        target: Sequence[OceanBaseColumn],
        keys: Sequence[str],
    ) -> None:
        """Change key columns of ``staging`` to the types that they have in the target, in one ALTER TABLE.

        Only columns whose values may change when they are stored in the target are changed. A column of text keeps its
        collation if it remains text. ``staged`` and ``target`` are the columns of the two tables, and ``keys`` are the
        expressions of the unique key. See ``strategies.key_type_changes``.
        """
        by_name = {column.name.lower(): column for column in target}
        clauses = []
        for column, _ in strategies.key_type_changes(staged, target, keys):
            other = by_name[column.name.lower()]
            # a MODIFY without COLLATE would give it the collation of the schema
            collation = column.collation if column.is_string() and other.is_string() else None
            clauses.append(f"modify column {column.quoted} {other.collated_type(collation)}")
        if clauses:
            self._alter(staging, clauses)

    @available.parse_list
    def written_columns(
        self, target: Sequence[OceanBaseColumn], staged: Sequence[OceanBaseColumn]
    ) -> list[OceanBaseColumn]:
        """Return the columns of ``target`` to write, which are all but generated columns.

        A generated column is returned only if ``staged``, the columns of the new rows, have a column of its name.
        """
        names = {column.name.lower() for column in staged}
        return [column for column in target if not column.is_generated or column.name.lower() in names]
