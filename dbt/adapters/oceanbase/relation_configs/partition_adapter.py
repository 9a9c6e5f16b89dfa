"""Adapter methods for a table's partitions: each run adds new ones and drops old ones."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dbt.adapters.base import available
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.events.types import AdapterEventWarning
from dbt_common.events.functions import warn_or_error
from dbt_common.exceptions import DbtRuntimeError
from dbt_common.invocation import get_invocation_started_at

from ..connect.quoting import identifier
from ..execution.errors import DatabaseError
from ..relation import OceanBaseRelation
from . import partition_keys, partition_values
from .adapter import Configs, RelationConfigMixin
from .components import error
from .design import TableDesign
from .partition_layout import Layout, Partition
from .partition_rules import CONFIG, moment
from .partitions import CLOCK, LARGEST, Clock, Partitions, drop_statement
from .table_definition import TableDefinition

logger = AdapterLogger("OceanBase")

ADDED_BY_ANOTHER = frozenset({1493, 1517})
"""Error codes of ADD PARTITION which mean that another session has added partitions in the meantime.

The new partition is not above the last one, or its name is taken.
"""

NO_PARTITION = 1526
"""Error code of an INSERT or CREATE ... AS if no partition of the table can hold one of the rows."""

DROPPED_BY_ANOTHER = frozenset({1507, 1508, 1735})
"""Error codes which mean that another session has dropped partitions in the meantime.

The partition to drop or to read does not exist, or is the last one of the table.
"""


class NodeConfigs:
    """The configs of a node, and two more values: the run's start, and the largest time in the rows of the node."""

    def __init__(self, configs: Configs, more: Mapping[str, Any]) -> None:
        self._configs = configs
        self._more = more

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of the config ``name``, or ``default`` if it is not set.

        ``name`` may also be the constant CLOCK, for the ``Clock`` of the time at which the run began, or LARGEST, for
        the largest time in the rows of the node. That time is None until ``extend_partitions`` has read it.
        """
        return self._more[name] if name in self._more else self._configs.get(name, default)


class PartitionMixin(RelationConfigMixin):
    """Adapter methods for the partitions of tables with the config ``partition_by``."""

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._node = threading.local()

    def _with_clock(self, configs: Configs) -> NodeConfigs:
        clock = Clock.at(get_invocation_started_at(), self.config.credentials.time_zone)
        return NodeConfigs(configs, {CLOCK: clock, LARGEST: self._node.__dict__.get("largest")})

    @available.parse(lambda config: TableDesign())
    def table_design(self, config: Configs) -> TableDesign:
        """Return the design of a table that the configs of a node describe. Raises ConfigError for a wrong value.

        If ``partition_by`` has a rule, such as a partition per day, the partitions depend on the time at which the run
        began.
        """
        design: TableDesign = super().table_design(self._with_clock(config))
        return design

    @available.parse_none
    def check_design(self, config: Configs) -> None:
        """Raise ConfigError if a config of a table's design is wrong, see ``RelationConfigMixin.check_design``.

        This method is called when a node begins. It also removes two values that this thread has kept for its last
        node: the definition of the table, and the largest time in the rows.
        """
        self._node.largest = None
        self._forget_definition()
        super().check_design(config)

    def checked_design(self, config: Configs) -> TableDesign:
        """Return the design that the configs of a node describe. See ``RelationConfigMixin.checked_design``.

        If ``partition_by`` has a rule, the partitions in the design depend on the time at which the run began.
        """
        return super().checked_design(self._with_clock(config))

    @available.parse_list
    def design_changes(self, relation: OceanBaseRelation, config: Configs) -> list[str]:
        """Return the statements that change the table ``relation`` to the design in its node's configs.

        They are in the order to run. The list is empty if the node has no such config, or if the table has this design
        already. Otherwise the config ``on_configuration_change`` decides. With ``apply``, the default, raise
        DbtRuntimeError if a difference cannot be changed while the table keeps its rows. With ``continue``, warn and
        return an empty list. With ``fail``, raise DbtRuntimeError. Raise ConfigError for a config with a wrong value.
        """
        statements: list[str] = super().design_changes(relation, self._with_clock(config))
        if statements:
            self._forget_definition()
        return statements

    def definition(self, relation: OceanBaseRelation) -> TableDefinition:
        """Return the definition of the table ``relation``, and keep it for later calls in the same node.

        So one SHOW CREATE TABLE is enough to compare the design, to add partitions, and to see whether partitions have
        expired. The definition is read again after a change of the design or the partitions, and always before
        partitions are dropped.
        """
        name = relation.render()
        known = self._node.__dict__.get("definition")
        if known is None or known[0] != name:
            known = self._node.definition = (name, super().definition(relation))
        found: TableDefinition = known[1]
        return found

    def _forget_definition(self) -> None:
        self._node.definition = None

    # -- checks

    @available.parse_none
    def check_partition_keys(self, config: Configs, model: Mapping[str, Any]) -> None:
        """Raise ConfigError if a unique key of the node ``model`` lacks a column by which the table is partitioned.

        The server refuses such a key. Also raise it if a snapshot has a retention, after which partitions would be
        dropped.
        """
        wanted = Partitions.from_config(self._with_clock(config).get)
        if wanted is None or wanted.layout is None:
            return
        if model.get("resource_type") == "snapshot" and wanted.rule and wanted.rule.retention:
            raise error(
                CONFIG,
                "retention: it would drop current versions, and the next snapshot would add them as new",
                "remove it, or delete old versions by dbt_valid_to in a post-hook",
            )
        keys = [
            *partition_keys.of_indexes(config.get("indexes")),
            *partition_keys.of_primary_key(config.get("primary_key")),
        ]
        if getattr(config.get("contract"), "enforced", False):
            keys += partition_keys.of_contract(model.get("columns") or {}, model.get("constraints") or [])
        partition_keys.check(wanted.layout, keys)

    # -- rolled forward

    @available.parse_none
    def add_partitions(self, relation: OceanBaseRelation, config: Configs, rows: Any = None) -> None:
        """Add the partitions that the rule of the config ``partition_by`` requires and that ``relation`` lacks.

        The rule requires partitions up to the start of the run plus the time span ``ahead``, a key of the config, and
        up to the largest time in ``rows``. ``rows`` are the rows that the run writes: a relation with the columns of
        ``relation``, the ``SeedRows`` of a seed, or None. Nothing is sent for a node without such a rule. Raise
        ConfigError if the table would have more partitions than a table can have.
        """
        wanted = self._rule_of(config)
        if wanted is None:
            return
        largest = self._largest(wanted, rows)
        for is_last in (False, True):
            layout = self._layout_of_rule(relation, wanted)
            added = wanted.missing(layout, largest) if layout else []
            if not layout or not added:
                return
            self._forget_definition()
            try:
                self.execute(f"alter table {relation.render()} add partition ({', '.join(layout.clauses(added))})")
            except DatabaseError as failure:
                if is_last or failure.server_code not in ADDED_BY_ANOTHER:
                    raise
            else:
                logger.info(f"{relation.render()}: added the partitions {_listed(part.name for part in added)}")
                return

    @available.parse_none
    def drop_expired_partitions(self, relation: OceanBaseRelation, config: Configs) -> None:
        """Drop the partitions in which all rows are older than the ``retention`` in the config ``partition_by``.

        Log their names and numbers of rows. Warn and keep the first partition if the column or expression by which
        partitions are made is NULL in some of its rows. Nothing is sent for a node without a retention.
        """
        wanted = self._rule_of(config)
        if wanted is None or wanted.rule is None or wanted.rule.retention is None:
            return
        layout = self._layout_of_rule(relation, wanted)
        if layout is None or not wanted.expired(layout):
            return
        # a hook or another run may have divided the table in another way since the definition was read
        self._forget_definition()
        layout = self._layout_of_rule(relation, wanted)
        expired = wanted.expired(layout) if layout else []
        self._forget_definition()
        if not layout or not expired:
            return
        try:
            self._drop(relation, layout, expired)
        except DatabaseError as failure:
            if failure.server_code not in DROPPED_BY_ANOTHER:
                raise

    def _drop(self, relation: OceanBaseRelation, layout: Layout, expired: list[Partition]) -> None:
        counts = self._counts(relation, layout, expired)
        without = counts.get(expired[0].name, (0, 0))[1]
        if without:
            warn_or_error(AdapterEventWarning(name="OceanBase", base_msg=_kept(relation, layout, expired[0], without)))
            expired = expired[1:]
        if not expired:
            return
        self.execute(drop_statement(relation.render(), expired))
        rows = (f"{part.name} ({counts.get(part.name, (0, 0))[0]} rows)" for part in expired)
        logger.info(f"{relation.render()}: dropped the partitions past the retention: {_listed(rows)}")

    @available.parse(lambda relation, config: False)
    def roll_partitions(self, relation: OceanBaseRelation, config: Configs) -> bool:
        """Drop the expired partitions of ``relation``, then add the missing ones, as a run without new rows does.

        Return whether the config ``partition_by`` has a rule that makes partitions, such as one per day. Without a
        rule, do nothing. If the table is divided in another way than the config says, warn and change nothing. The
        drops come first, because a table has a maximum number of partitions.
        """
        wanted = self._rule_of(config)
        if wanted is None:
            return False
        self._forget_definition()
        layout = self._layout_of_rule(relation, wanted)
        if layout is None or not wanted.is_as_configured(layout):
            message = f"{CONFIG}: {relation.render()} is not divided as configured: run the node"
            warn_or_error(AdapterEventWarning(name="OceanBase", base_msg=message))
            return True
        self.drop_expired_partitions(relation, config)
        self.add_partitions(relation, config)
        return True

    @available.parse(lambda config, sql: False)
    def extend_partitions(self, config: Configs, sql: str) -> None:
        """Make the next CREATE TABLE of this node have partitions up to the largest time in the rows of ``sql``.

        ``sql`` is the node's query. It is run to find the largest time in the column or expression by which partitions
        are made. This method is called after the server has found no partition for a row of ``sql``. Raise
        DbtRuntimeError if the config ``partition_by`` has no rule that makes partitions, such as one per day. Also
        raise it if more partitions would not help: if no row has a time, or if the rule already makes partitions up to
        the largest time.
        """
        wanted = self._rule_of(config)
        if wanted is None:
            raise DbtRuntimeError(
                f"{CONFIG}: no partition holds one of the rows ({NO_PARTITION}): add partitions for all of them, such "
                "as one with less_than: maxvalue or in: default, or leave the rows out"
            )
        # the query may end in a semicolon or in a comment
        largest = self._largest(wanted, f"(\n{self.without_final_semicolon(sql)}\n) as DBT_INTERNAL_SOURCE")
        if largest is None or largest < wanted.end():
            raise DbtRuntimeError(
                f"{CONFIG}: no partition holds one of the rows ({NO_PARTITION}): none is too late. If {wanted.key} is "
                "a text, its texts are compared as texts: cast it to datetime in the model"
            )
        self._node.largest = largest

    def _rule_of(self, config: Configs) -> Partitions | None:
        wanted = Partitions.from_config(self._with_clock(config).get)
        return wanted if wanted is not None and wanted.rule is not None else None

    def _largest(self, wanted: Partitions, rows: Any) -> datetime | None:
        """Return the largest time in ``rows``, or None if there is none. More partitions are made up to this time.

        The time is a value of the column or expression by which ``wanted`` makes partitions. ``rows`` is the
        ``SeedRows`` of a seed, a relation, SQL that can stand after FROM, or None.
        """
        if rows is None:
            return None
        if hasattr(rows, "column_names"):
            [name, *_] = partition_keys.partition_columns(wanted.whole())
            indexes = [index for index, column in enumerate(rows.column_names) if column.lower() == name and rows.count]
            moments = (moment(value) for index in indexes for value in rows.values(index))
            return max(filter(None, moments), default=None)
        source = rows if isinstance(rows, str) else rows.render()
        _, cursor = self.connections.add_select_query(f"select max({wanted.key}) from {source}")
        [[value]] = cursor.fetchall()
        return wanted.moment_of(value)

    def _counts(
        self, relation: OceanBaseRelation, layout: Layout, parts: Sequence[Partition]
    ) -> dict[str, tuple[int, int]]:
        """Return two numbers of rows for each of the partitions ``parts``, by the name of the partition.

        The first is the number of all its rows. The second is the number of its rows in which the column or expression
        of the partitions is NULL. Partitions without rows are left out. ``layout`` describes the partitions of the
        table ``relation``.
        """
        names = ", ".join(identifier(part.name) for part in parts)
        expression = partition_values.name_expression(layout)
        _, cursor = self.connections.add_select_query(
            f"select {expression}, count(*), coalesce(sum({layout.keys[0]} is null), 0) "
            f"from {relation.render()} partition ({names}) group by 1"
        )
        return {str(name): (int(rows), int(empty)) for name, rows, empty in cursor.fetchall()}

    # -- operations

    @available.parse_list
    def partition_rows(self, relation: OceanBaseRelation) -> list[dict[str, Any]]:
        """Return a dict for each partition of the table ``relation``, in the order of the partitions.

        The keys of a dict are ``name``, ``values`` (SQL such as ``less than ('2024-01-01')``, or the method if
        partitions have no values) and ``rows`` (the number of rows). The list is empty if the table has no partitions,
        or if their definitions cannot be parsed.
        """
        layout = self._layout(relation)
        if layout is None:
            return []
        counts = " union all ".join(
            f"select {index}, count(*) from {relation.render()} partition ({identifier(part.name)})"
            for index, part in enumerate(layout.partitions)
        )
        _, cursor = self.connections.add_select_query(counts)
        rows = {int(index): int(number) for index, number in cursor.fetchall()}
        verb = {"range": "less than", "list": "in"}.get(layout.method.partition(" ")[0], "")
        return [
            {
                "name": part.name,
                "values": f"{verb} ({', '.join(part.values)})" if verb else layout.method,
                "rows": rows[index],
            }
            for index, part in enumerate(layout.partitions)
        ]

    def _layout(self, relation: OceanBaseRelation) -> Layout | None:
        found = Partitions.from_server(self.definition(relation))
        return found.layout if found else None

    def _layout_of_rule(self, relation: OceanBaseRelation, wanted: Partitions) -> Layout | None:
        """Return the partitions of the existing table ``relation``, or None if it has none that can be parsed.

        Raises ConfigError if the column by which the rule ``wanted`` makes partitions is not a date or time in this
        table.
        """
        definition = self.definition(relation)
        found = Partitions.from_server(definition)
        if found is None:
            return None
        if wanted.scale.is_column:
            partition_keys.check_time(wanted.key, {name: each.type for name, each in definition.columns.items()})
        return found.layout


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _kept(relation: OceanBaseRelation, layout: Layout, part: Partition, rows: int) -> str:
    return (
        f"{CONFIG}: {relation.render()}: the partition {part.name} is past the retention and is kept, because {rows} "
        f"of its rows have no {layout.keys[0]}, so that no retention covers them: give them a value, or delete them"
    )
