"""The partitions of a table as a component of its design: read from configs or from a table, compared, and changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, ClassVar

from ..connect.quoting import identifier, literal
from ..sql.event_time import clock_at
from . import partition_config
from .components import Change, Component, Get, Place, Probe
from .partition_config import PartitionConfig
from .partition_layout import COUNTED, Layout, Partition, comparable
from .partition_rules import CONFIG, Period, Rule, Span
from .partition_scale import Scale
from .table_definition import TableDefinition

CLOCK = "run clock"
"""Name that ``Partitions.from_config`` passes to ``get`` to read the time at which the run began, as a ``Clock``.

It is no config.
"""

LARGEST = "largest moment"
"""Name with which ``Partitions.from_config`` calls its argument ``get`` for the largest time in the node's rows.

It is not the name of a config. ``get`` returns None for it if the largest time is not known.
"""

_UNREADABLE = "its partitions cannot be read back, since the server does not escape quotes in their values"
_POLICY = "dynamic_partition_policy"


@dataclass(frozen=True)
class Clock:
    """The time at which a run began.

    ``now`` is that time in the session's time zone, as a datetime without a zone. ``zone`` is that time zone, such as
    ``+08:00``.
    """

    now: datetime
    zone: str = "+00:00"

    @classmethod
    def at(cls, started: datetime | None, zone: str) -> Clock:
        """Return the clock of a run that began at the UTC time ``started``, or now if ``started`` is None."""
        return cls(clock_at(started or datetime.now(timezone.utc), zone), zone)


@dataclass(frozen=True)
class Partitions(Component):
    """The partitions of a table, as the config ``partition_by`` describes them or as an existing table has them.

    ``layout`` is None if the partitions of an existing table cannot be parsed from SHOW CREATE TABLE. ``config`` is
    None for an existing table. ``largest`` is the largest time in the rows that a run writes, or None if it is not
    known. If the config has a rule, such as one partition per day, a run makes partitions at least up to that time.
    ``policy`` is the option DYNAMIC_PARTITION_POLICY of an existing table, or empty.
    """

    configs: ClassVar[tuple[str, ...]] = (CONFIG,)
    place: ClassVar[Place] = Place.PARTITION

    layout: Layout | None
    config: PartitionConfig | None = None
    clock: Clock = field(default_factory=lambda: Clock.at(None, "+00:00"))
    largest: datetime | None = None
    policy: str = ""

    @classmethod
    def from_config(cls, get: Get) -> Partitions | None:
        """Return the partitions that the config ``partition_by`` describes, or None if it is not set.

        ``get`` returns the value of a config by name. It also takes two names that are no configs. For CLOCK it
        returns the ``Clock`` of the run, or None for the present time in UTC. For LARGEST it returns the largest time
        in the rows that the run writes, as a datetime, or None if unknown. Raises ConfigError for a wrong value.
        """
        value = get(CONFIG)
        if value is None:
            return None
        clock = get(CLOCK) or Clock.at(None, "+00:00")
        config = partition_config.parse(value, clock.zone)
        return cls(config.layout, config, clock, get(LARGEST))

    @classmethod
    def from_server(cls, definition: TableDefinition) -> Partitions | None:
        """Return the partitions of an existing table, or None if it has none."""
        if not definition.partition:
            return None
        return cls(Layout.parse(definition.partition), policy=definition.options.get(_POLICY, ""))

    @property
    def rule(self) -> Rule | None:
        """Return the rule by which the config makes partitions, or None if it has no rule or there is no config."""
        return self.config.rule if self.config else None

    @property
    def scale(self) -> Scale:
        """Return the conversion between times and partition bounds, for the partitions' column or expression."""
        return self._config().scale

    @property
    def key(self) -> str:
        """Return the SQL whose value decides to which partition a row belongs: the expression or the first column."""
        return self._layout().keys[0]

    def end(self) -> datetime:
        """Return the time at which the last partition of a new table ends. A row with this time is not in it.

        The end is known if ``partition_by`` has a rule, such as one partition per day. Without a rule, return
        ``datetime.max``.
        """
        return self.rule.end(self.clock.now, self.largest) if self.rule else datetime.max

    def moment_of(self, value: Any) -> datetime | None:
        """Return ``value`` as a datetime, or None if ``value`` is NULL or stands for no time.

        ``value`` is a value of the column or expression by which the table is partitioned (``key``), for example a
        number of days.
        """
        return None if value is None else self.scale.moment(comparable(str(value)))

    def first_begin(self, layout: Layout) -> datetime | None:
        """Return the moment from which on every row of a table with ``layout`` is in the partition of its own period.

        Earlier rows may be in the partition of a later period. Return None if the config has no rule, or if its rule
        cannot have made the partitions of ``layout``. See ``Rule.first_begin``.
        """
        made = self._made(layout)
        return self.rule.first_begin(made) if self.rule and made else None

    def is_as_configured(self, layout: Layout) -> bool:
        """Check whether an existing table with the ``layout`` is divided by the method and the key of this config.

        The key is the columns or the expression. If the config has a rule, the result is true only if the rule can have
        made the partitions. If the result is false, times and values of the config cannot be compared with the bounds
        of the table's partitions.
        """
        return bool(self._made(layout)) if self.rule else layout.compares_as(self._layout())

    def _made(self, layout: Layout) -> list[datetime]:
        """Return the upper bounds of the partitions of ``layout`` as datetimes, if the rule can have made them.

        The rule is that of the config, such as one partition per day. The list is empty if the config has no rule, or
        if its rule cannot have made these partitions.
        """
        # bounds of another column say nothing about the rows of this one
        if self.rule is None or not layout.compares_as(self._layout()):
            return []
        bounds = self.moments(layout)
        # with a policy of the server, the server may have made the last one, and named it by its own time zone
        last_name = "" if self._config().is_dynamic else layout.partitions[-1].name
        if not self.rule.has_made(bounds, layout.partitions[0].name, last_name):
            return []
        return [bound for bound in bounds if bound is not None]

    # -- CREATE TABLE

    def clause(self) -> str:
        """Return the clause PARTITION BY for CREATE TABLE, with the option DYNAMIC_PARTITION_POLICY if it is needed.

        The option is needed if ``partition_by`` has ``dynamic: true``, so that the server itself adds and drops
        partitions. Raise ConfigError if the config's rule makes more partitions than a table can have.
        """
        return f"{self._policy_clause()} {self.whole().clause()}".strip()

    def probes(self) -> tuple[Probe, ...]:
        """Return a tuple with the probe that shows whether the server has DYNAMIC_PARTITION_POLICY (see ``Probe``).

        The tuple is empty if the config is not ``dynamic``.
        """
        if not self.config or not self.config.is_dynamic:
            return ()
        statement = (
            f"create table dbt_probe (d date) {_POLICY} (enable = true, time_unit = 'day') "
            "partition by range columns (d) (partition p0 values less than ('2024-01-01'))"
        )
        return (Probe(f"{CONFIG}: dynamic", statement, "seekdb 1.3 has it"),)

    def whole(self) -> Layout:
        """Return the layout of a new table with all its partitions.

        If the config has a rule, such as one partition per day, the partitions are those that the rule makes at the
        start of the run. They reach at least to the largest time in the rows, if that is known. See ``Rule.first``.
        """
        layout = self._layout()
        if self.rule is None:
            return layout
        return replace(layout, partitions=self.of_rule(self.rule.first(self.clock.now, self.largest)))

    def of_rule(self, periods: Iterable[Period]) -> tuple[Partition, ...]:
        """Return a partition for each of ``periods``, which come from the rule in the config ``partition_by``.

        The rule makes one partition per period, such as a day. The bound of a partition is the end of its period.
        """
        return tuple(Partition(period.name, (self.scale.bound(period.end),)) for period in periods)

    def _policy_clause(self) -> str:
        options = self._policy_options()
        listed = ", ".join(f"{name} = {literal(text)}" for name, text in options.items())
        return f"{_POLICY} (enable = true, {listed})" if options else ""

    def _policy_options(self) -> dict[str, str]:
        config = self._config()
        if not config.is_dynamic or config.rule is None:
            return {}
        retention = config.rule.retention
        return {
            "time_unit": config.rule.every.value,
            "precreate_time": _policy_span(config.rule.ahead),
            "expire_time": _policy_span(retention) if retention else "-1",
            # the server refuses any other time zone for a TIMESTAMP (1210)
            "time_zone": "default" if config.is_timestamp else self.clock.zone,
        }

    def policy_change(self, present: str) -> Change:
        """Return the change of the table option DYNAMIC_PARTITION_POLICY to the options of this config.

        ``present`` is the text of the option in SHOW CREATE TABLE, or empty if the table does not have it. If the
        config is not ``dynamic``, the change disables the policy. The change is refused if ``time_unit`` or
        ``time_zone`` differs, because the server cannot change these two.
        """
        found = dict(re.findall(r"(\w+)\s*=\s*'?([^',\s]+)'?", present.lower()))
        wanted = self._policy_options()
        if not wanted:
            is_on = found.get("enable") == "true"
            return Change.by_alter(f"{_POLICY} (enable = false)") if is_on else Change()
        if not found:
            return Change.by_alter(self._policy_clause())
        changed = {name: text for name, text in wanted.items() if found.get(name) != text.replace(" ", "")}
        fixed = [name for name in ("time_unit", "time_zone") if name in changed]
        if fixed:
            return Change(refused=f"{CONFIG}: dynamic: the server cannot change its {' and '.join(fixed)} (1235)")
        options = [f"{name} = {literal(text)}" for name, text in changed.items()]
        if found.get("enable") != "true":
            options.insert(0, "enable = true")
        return Change.by_alter(f"{_POLICY} ({', '.join(options)})") if options else Change()

    # -- existing tables

    def added(self) -> Change:
        """Return the change that divides an existing table, which has no partitions yet.

        The server refuses the statement if no partition would hold one of the table's rows.
        """
        change = Change.by_alter(self.whole().clause(), blocks_writers=True)
        policy = self._policy_clause()
        more = Change.by_alter(policy).statements if policy else ()
        return replace(change, statements=(*change.statements, *more), divides=True)

    def change_to(self, wanted: Partitions) -> Change:
        """Return the change that gives the partitions ``wanted`` to a table that has these partitions.

        If the table only lacks some listed partitions, the change adds them. The server adds partitions to a range only
        after the last one. It adds no partitions to a table in which one partition holds all other values. For any
        other difference, the change divides the whole table again. This moves the rows of the table, and fails if no
        partition would hold one of them. If the partitions of the table cannot be parsed, the change is refused.

        If ``wanted`` has a rule that can have made the partitions of the table, this change keeps them: see ``missing``
        for the partitions that a run adds, and ``expired`` for the partitions that it drops. The change also sets
        DYNAMIC_PARTITION_POLICY, see ``policy_change``.
        """
        if self.layout is None:
            return Change(refused=f"{CONFIG}: {_UNREADABLE}")
        policy = wanted.policy_change(self.policy)
        change = self._partition_change(self.layout, wanted)
        return policy if policy.refused else replace(change, statements=(*change.statements, *policy.statements))

    def _partition_change(self, present: Layout, wanted: Partitions) -> Change:
        target = wanted._layout()
        if not present.divides_as(target):
            return self._divided_again(wanted)
        if wanted.rule is not None:
            return Change() if wanted._made(present) else self._divided_again(wanted)
        if present.holds_as(target):
            return Change()
        added = _added(present, target)
        return self._divided_again(wanted) if added is None else _adding(target, added)

    def _divided_again(self, wanted: Partitions) -> Change:
        """Return the change that divides the whole existing table again, into the partitions of ``wanted``.

        If ``wanted`` has a rule, the rule makes partitions up to the last bound of the table, so that each row finds a
        partition.
        """
        bounds = [moment for moment in wanted.moments(self.layout) if moment] if self.layout and wanted.rule else []
        needed = [*bounds, *([wanted.largest] if wanted.largest else [])]
        clause = replace(wanted, largest=max(needed, default=None)).whole().clause()
        return replace(Change.by_alter(clause, blocks_writers=True), divides=True)

    def moments(self, layout: Layout) -> list[datetime | None]:
        """Return the upper bounds of the partitions in ``layout``, which an existing table has, as datetimes.

        A bound is None if it is no time, or if it has several values.
        """
        scale = self._config().scale
        return [scale.moment(part.bounds[0]) if len(part.bounds) == 1 else None for part in layout.partitions]

    def missing(self, layout: Layout, largest: datetime | None) -> list[Partition]:
        """Return the partitions that a run must add to a table with ``layout``, for rows up to the time ``largest``.

        The list is empty if the config has no rule, or if its rule cannot have made the partitions of the table. Raise
        ConfigError if the table would have too many partitions.
        """
        made = self._made(layout)
        return list(self.of_rule(self.rule.missing(made, self.clock.now, largest))) if self.rule and made else []

    def expired(self, layout: Layout) -> list[Partition]:
        """Return those partitions of an existing table in which all rows are older than the config's ``retention``.

        ``layout`` describes the table. The last partition is never returned, because a table must keep one. The list is
        empty if the config is ``dynamic``, because the server itself then drops partitions. It is also empty if the
        config has no ``retention`` or no rule, such as one partition per day, or if its rule cannot have made the
        table's partitions.
        """
        made = self._made(layout)
        if self.rule is None or not made or self._config().is_dynamic:
            return []
        return list(layout.partitions[: self.rule.expired(made, self.clock.now)])

    def _layout(self) -> Layout:
        if self.layout is None:
            raise AssertionError(_UNREADABLE)  # a config has a layout
        return self.layout

    def _config(self) -> PartitionConfig:
        return self.config or PartitionConfig(self._layout())


def _policy_span(span: Span) -> str:
    return f"{span.number} {span.unit.value}"


def _adding(layout: Layout, partitions: Sequence[Partition]) -> Change:
    if not partitions:
        return Change()
    return Change.by_alter(f"add partition ({', '.join(layout.clauses(partitions))})")


def _added(present: Layout, wanted: Layout) -> list[Partition] | None:
    """Return the partitions that ADD PARTITION must add to a table to give it the layout ``wanted``.

    ``present`` is the layout of the table, with the same method and keys. Return None if ADD PARTITION cannot do that.
    """
    if present.method in COUNTED:
        return None
    known = present.compared()
    if present.method.startswith("list"):
        rest = [part for part in wanted.partitions if (part.name.lower(), frozenset(part.bounds)) not in known]
        is_part = len(rest) == len(wanted.partitions) - len(known)
        # the server adds nothing to a list with a partition for all other values (5598)
        has_default = any("default" in part.values for part in present.partitions)
        return rest if is_part and not has_default else None
    if wanted.compared()[: len(known)] != known or any("maxvalue" in part.values for part in present.partitions):
        return None
    return list(wanted.partitions[len(known) :])


def drop_statement(relation: str, partitions: Iterable[Partition]) -> str:
    """Return the ALTER TABLE that drops ``partitions`` of the table whose quoted name is ``relation``."""
    return f"alter table {relation} drop partition {', '.join(identifier(part.name) for part in partitions)}"
