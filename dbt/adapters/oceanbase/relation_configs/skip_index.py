"""The class for the skip indexes of a table, which the option ``skip_index`` of the config ``table_options`` sets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from .components import Change, Component, Get, Place, Probe, error
from .table_options import CONFIG, SKIP_INDEX, read
from .values import names

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..catalog.column_definitions import ColumnDefinition
    from .table_definition import TableDefinition

KINDS = ("min_max", "sum")
_PLACE = f"{CONFIG}: {SKIP_INDEX}"
_CLAUSE = re.compile(r"SKIP_INDEX\(([^)]*)\)", re.I)


@dataclass(frozen=True)
class SkipIndexes(Component):
    """The skip indexes of a table. A skip index has aggregates, such as the minimum, of each storage block of a column.

    By the aggregates, the server skips blocks that a query need not read. ``kinds`` maps a column to its aggregates
    (``min_max``, ``sum``). ``definitions`` maps a column of an existing table to its definition, and is empty for a
    config. The names of columns are in lower case.
    """

    kinds: Mapping[str, tuple[str, ...]]
    definitions: Mapping[str, ColumnDefinition]

    configs: ClassVar[tuple[str, ...]] = (_PLACE,)
    place: ClassVar[Place] = Place.IN_COLUMNS

    @classmethod
    def from_config(cls, get: Get) -> Self | None:
        value = read(get).get(SKIP_INDEX)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise error(_PLACE, f"{value!r} is no mapping of columns", f"write {{column: [{', '.join(KINDS)}]}}")
        return cls({str(column).strip("`").lower(): _kinds(each) for column, each in value.items()}, {})

    @classmethod
    def from_server(cls, definition: TableDefinition) -> Self:
        clauses = {
            name.lower(): _CLAUSE.search(" ".join(column.clauses)) for name, column in definition.columns.items()
        }
        kinds = {name: _kinds(clause[1].split(",")) for name, clause in clauses.items() if clause}
        return cls(kinds, {name.lower(): column for name, column in definition.columns.items()})

    def clause(self) -> str:
        return ""

    def column_attributes(self) -> dict[str, str]:
        return {name: f"skip_index({', '.join(kinds)})" for name, kinds in self.kinds.items() if kinds}

    def probes(self) -> tuple[Probe, ...]:
        if not self.kinds:
            return ()
        statement = "create table dbt_probe (a int skip_index(min_max))"
        return (Probe(_PLACE, statement, "OceanBase 4.3 and seekdb have skip indexes"),)

    def change_to(self, wanted: Self) -> Change:
        """Return the change after which a table with these skip indexes has the skip indexes ``wanted``.

        It has one ALTER, which modifies all columns whose skip index differs. The server rebuilds no rows for it. The
        ``Change`` has no statements if no skip index differs. Columns that ``wanted`` does not name are not changed.
        Raise ConfigError if ``wanted`` names a column that the table does not have.
        """
        clauses = []
        for name, kinds in wanted.kinds.items():
            definition = self.definitions.get(name)
            if definition is None:
                raise error(_PLACE, f"there is no column {name}", "write the name of a column")
            if self.kinds.get(name, ()) != kinds:
                kept = tuple(clause for clause in definition.clauses if not _CLAUSE.fullmatch(clause))
                clauses.append(f"{definition._replace(clauses=kept).modify()} skip_index({', '.join(kinds)})")
        return Change.by_alter(", ".join(clauses)) if clauses else Change()


def _kinds(value: Any) -> tuple[str, ...]:
    found = {each.strip().lower() for each in names(_PLACE, value)}
    if unknown := found - set(KINDS):
        raise error(_PLACE, f"{', '.join(sorted(unknown))} is not known", f"write {', '.join(KINDS)}, or []")
    return tuple(kind for kind in KINDS if kind in found)
