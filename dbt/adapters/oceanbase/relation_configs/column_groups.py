"""The class for the column groups of a table, which the config ``column_groups`` sets.

A column group is a set of columns that the server stores together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from .components import Change, Component, Get, Place, Probe, error

if TYPE_CHECKING:
    from typing_extensions import Self

    from .table_definition import TableDefinition

ALL, EACH = "all columns", "each column"
GROUPS = (ALL, EACH)
AVAILABLE_IN = "OceanBase 4.3 and seekdb 1.3 have column groups, seekdb 1.4 has not"


@dataclass(frozen=True)
class ColumnGroups(Component):
    """The column groups of a table. If it has none, or only ``all columns``, the server stores the table by rows."""

    groups: tuple[str, ...]

    configs: ClassVar[tuple[str, ...]] = ("column_groups",)
    place: ClassVar[Place] = Place.COLUMN_GROUP

    @classmethod
    def from_config(cls, get: Get) -> Self | None:
        value = get("column_groups")
        return None if value is None else cls(parse("column_groups", value))

    @classmethod
    def from_server(cls, definition: TableDefinition) -> Self:
        return cls(parse("column_groups", [group for group in definition.column_group.split(",") if group.strip()]))

    def clause(self) -> str:
        return f"with column group ({', '.join(self.groups)})" if self.groups else ""

    def probes(self) -> tuple[Probe, ...]:
        if not self.groups:
            return ()
        return (Probe("column_groups", "create table dbt_probe (a int) with column group (each column)", AVAILABLE_IN),)

    def change_to(self, wanted: Self) -> Change:
        """Return the change that gives the column groups ``wanted`` to a table with these column groups.

        The change has up to two ALTER statements: the first adds column groups, and the second drops others, since the
        server refuses both in one statement. It has no statements if no group differs. A table without groups counts as
        equal to a table with the single group ``all columns``.
        """
        present, needed = self.groups, wanted.groups
        if {present, needed} <= {(), (ALL,)}:
            return Change()
        clauses = [
            f"{word} column group ({', '.join(groups)})"
            for word, groups in (
                ("add", [group for group in needed if group not in present]),
                ("drop", [group for group in present if group not in needed]),
            )
            if groups
        ]
        return Change.by_alter(*clauses, blocks_writers=True)


def parse(place: str, value: Any) -> tuple[str, ...]:
    """Return the column groups that ``value`` lists: ``all columns``, ``each column``, or both in this order.

    ``value`` is one of these texts, a list of them, or None for no groups. Raise ConfigError for any other value. The
    error begins with ``place``, the name of the config.
    """
    if value is None:
        return ()
    listed = [value] if isinstance(value, str) else value
    remedy = f"write one or both of {', '.join(GROUPS)}"
    if not isinstance(listed, list | tuple):
        raise error(place, f"{value!r} is no list", remedy)
    found = {" ".join(str(each).lower().replace("_", " ").split()) for each in listed}
    if unknown := found - set(GROUPS):
        raise error(place, f"{', '.join(sorted(unknown))}: OceanBase makes no groups of single columns yet", remedy)
    return tuple(group for group in GROUPS if group in found)
