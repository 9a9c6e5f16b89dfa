"""Adapter methods that find the partitions whose rows an incremental run replaces completely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dbt.adapters.base import available

from ..connect.quoting import identifier, literal
from ..relation import OceanBaseRelation
from ..sql import column_references
from ..sql.event_time import clock_at
from ..sql.types import BINARY_OF, STRING_TYPES, base_type
from . import partition_keys, partition_values
from .adapter import Configs
from .components import ConfigError, error
from .partition_adapter import PartitionMixin
from .partition_layout import Layout
from .partition_rules import CONFIG
from .partitions import Partitions

LARGE_BATCH = 200_000
"""Number of rows from which INSERT OVERWRITE of a partition is quicker than DELETE and INSERT.

Measured on seekdb 1.3: for 100,000 rows, INSERT OVERWRITE takes 1.4 to 1.8 s, and DELETE with INSERT 1.3 to 2.0 s. For
500,000 rows, INSERT OVERWRITE takes 2 to 4 s, and DELETE with INSERT 13 to 22 s. INSERT OVERWRITE also locks the whole
table, so that batches wait for each other.
"""


def check_overwrite(config: Configs, predicates: Any) -> None:
    """Raise ConfigError if later runs of a model with the strategy ``insert_overwrite`` cannot choose what to replace.

    ``config`` is the config of the model, and ``predicates`` is its config ``incremental_predicates``. Without
    predicates and without the config ``partitions``, the new rows have to tell which partitions are replaced. That is
    not possible for ``hash``, ``key`` and several columns. A config ``partitions``, ``predicates`` or
    ``incremental_predicates`` without a value is accepted, since only a later run may give it one.
    """
    chosen_by = ("partitions", "predicates", "incremental_predicates")
    if predicates or any(config.get(name, "unset") != "unset" for name in chosen_by):
        return
    wanted = Partitions.from_config(config.get)
    if wanted is not None and wanted.rule is None and not partition_values.are_known(wanted.whole()):
        raise _unknown_partitions(wanted.whole())


def _unknown_partitions(layout: Layout) -> ConfigError:
    """Return the error for rows that do not tell which partitions of ``layout`` hold them."""
    return error(
        CONFIG,
        f"values of {', '.join(layout.keys)} do not tell which partitions of type {layout.method} hold the new "
        "rows, and insert_overwrite replaces those",
        "list what is replaced under partitions or incremental_predicates",
    )


class PartitionOverwriteMixin(PartitionMixin):
    """Adapter methods that choose the partitions that an incremental run replaces.

    They refuse a partition that may also have rows that the run is not to replace.
    """

    @available.parse_list
    def overwritten_partitions(
        self, target: OceanBaseRelation, source: OceanBaseRelation, config: Configs, predicates: Any
    ) -> list[str] | None:
        """Return the names of the partitions of ``target`` that ``insert_overwrite`` replaces by rows of ``source``.

        The config ``partitions`` lists the partitions by name or, if the model has ``partition_by``, by a value that a
        partition holds. Without this config, a model that has ``partition_by`` and no ``predicates`` (the config
        ``incremental_predicates``) replaces the partitions that hold the rows of ``source``. In all other cases, return
        None: the replaced rows are not chosen by partitions.

        Without ``partition_by``, listed names are not checked. With it, raise ConfigError if the partitions of
        ``target`` cannot be read. Unless names are listed, also raise it if ``target`` is not divided as configured, if
        it is not certain which partition holds a listed value or a row, or if a replaced partition has rows outside of
        its period.
        """
        given = config.get("partitions")
        listed = [given] if given is not None and not isinstance(given, list | tuple) else list(given or [])
        wanted = Partitions.from_config(self._with_clock(config).get)
        if wanted is None or (not listed and predicates):
            return [str(name) for name in listed] or None
        layout = self._layout(target)
        if layout is None:
            raise error(CONFIG, f"{target.render()} has no partitions that can be read", "run with --full-refresh")
        first = wanted.first_begin(layout)
        if listed and partition_values.are_names(layout, listed):
            return partition_values.named(layout, listed, wanted.scale, first)
        if not wanted.is_as_configured(layout):
            raise error(
                CONFIG,
                f"{target.render()} is not divided as configured, so that other rows may be replaced than those meant",
                "use on_configuration_change: apply, run with --full-refresh, or list names under partitions",
            )
        if listed:
            are_texts = self._are_texts(target, layout)
            found = partition_values.named(layout, listed, wanted.scale, first, are_texts=are_texts)
        else:
            found = self._touched(target, source, layout, wanted, first)
        if first is not None:
            by_name = {str(each).lower() for each in listed}
            self._check_first(target, layout, wanted, first, [name for name in found if name.lower() not in by_name])
        return found

    def _check_first(
        self, target: OceanBaseRelation, layout: Layout, wanted: Partitions, first: datetime, touched: Sequence[str]
    ) -> None:
        """Raise ConfigError if replacing the partition of the first period would remove rows outside of this period.

        The first period begins at ``first``. From then on, each row is in the partition of its own period. Earlier
        rows, and rows whose time is NULL, can also be in the partition of the first period. ``touched`` are the names
        of the partitions of ``target`` that the run replaces.
        """
        ends = zip(layout.partitions, wanted.moments(layout), strict=True)
        name = next(part.name for part, end in ends if end and end > first)
        if name not in touched:
            return
        key = layout.keys[0]
        _, cursor = self.connections.add_select_query(
            f"select count(*) from {target.render()} partition ({identifier(name)}) "
            f"where {key} is null or {key} < {wanted.scale.bound(first)}"
        )
        [[rows]] = cursor.fetchall()
        if rows:
            raise error(
                CONFIG,
                f"{rows} rows in {name} of {target.render()} have no {key} or one before "
                f"{first:%Y-%m-%d %H:%M}, where the period begins, and insert_overwrite would remove them with it",
                "write an earlier `from` and run with --full-refresh, or list the partition's name under partitions",
            )

    def _touched(
        self,
        target: OceanBaseRelation,
        source: OceanBaseRelation,
        layout: Layout,
        wanted: Partitions,
        first: datetime | None,
    ) -> list[str]:
        begin = wanted.scale.bound(first) if first else None
        collation = self._collation(target, layout)
        expression = partition_values.name_expression(layout, begin, collation)
        if expression is None:
            raise _unknown_partitions(layout)
        _, cursor = self.connections.add_select_query(
            f"select {expression}, count(*) from {source.render()} group by 1 order by 1"
        )
        found = {name: int(rows) for name, rows in cursor.fetchall()}
        if outside := found.get("", 0):
            raise error(
                CONFIG,
                f"{outside} of the new rows have no {layout.keys[0]} or one before {first:%Y-%m-%d %H:%M}, where the "
                f"partitions of {target.render()} begin, and insert_overwrite would replace all of "
                f"{layout.partitions[0].name} by them",
                "leave them out, or list what is replaced under partitions",
            )
        if None in found:
            raise error(CONFIG, f"no partition holds {found[None]} of the new rows", "add one, or leave them out")
        return [str(name) for name in found]

    def _are_texts(self, target: OceanBaseRelation, layout: Layout) -> bool:
        """Check whether the first column by which ``target`` is partitioned has texts or bytes.

        Functions of it do not count.
        """
        return self._type_of_key(target, layout) in (*STRING_TYPES, *BINARY_OF.values())

    def _type_of_key(self, target: OceanBaseRelation, layout: Layout) -> str:
        """Return the type of the first column by which ``target`` is partitioned, such as ``varchar``.

        Return an empty text if the partitions are made by an expression, or by hash or key.
        """
        names = partition_keys.partition_columns(layout)[:1] if layout.method.endswith("columns") else []
        types = {name.lower(): each.type for name, each in self.definition(target).columns.items()}
        return "".join(base_type(types.get(name, "")) for name in names)

    def _collation(self, target: OceanBaseRelation, layout: Layout) -> str | None:
        """Return the collation of the column by which ``target`` is partitioned, which is ``binary`` for bytes.

        Return None if this column has neither texts nor bytes, or if there are several.
        """
        if len(layout.keys) != 1 or not self._are_texts(target, layout):
            return None
        if self._type_of_key(target, layout) not in STRING_TYPES:
            return "binary"
        [name, *_] = partition_keys.partition_columns(layout)
        _, cursor = self.connections.add_select_query(
            "select collation_name from information_schema.columns "
            f"where table_schema = {literal(str(target.schema))} and table_name = {literal(str(target.identifier))} "
            f"and column_name = {literal(name)}"
        )
        [[collation]] = cursor.fetchall()
        return str(collation)

    @available.parse_none
    def batch_partition(
        self, target: OceanBaseRelation, config: Configs, batch: Mapping[str, Any], rows: int | None
    ) -> str | None:
        """Return the name of the partition of ``target`` that has exactly the period of the microbatch ``batch``.

        ``rows`` is the number of the batch's rows, or None if it is not known. Return None if there is no such
        partition, if no rule makes partitions by the model's ``event_time``, if ``rows`` is None, or if the batch has
        fewer rows than LARGE_BATCH, since replacing a whole partition is then not quicker than deleting rows. Nothing
        is sent for such a small batch.
        """
        if (rows or 0) < LARGE_BATCH:
            return None
        wanted = self._rule_of(config)
        event_time = column_references.name_of(str(config.get("event_time"))) or ""
        if wanted is None or (column_references.name_of(wanted.key) or "-").lower() != event_time.lower():
            return None
        layout = self._layout(target)
        begin, end = (clock_at(batch[f"event_time_{name}"], wanted.clock.zone) for name in ("start", "end"))
        if layout is None or not wanted.is_as_configured(layout):
            return None
        return partition_values.period_partition(layout, begin, end, wanted.scale)
