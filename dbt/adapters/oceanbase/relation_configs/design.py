"""The design of a table: all of its components, their clauses in CREATE TABLE, and the changes between two designs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .column_groups import ColumnGroups
from .components import Change, Component, Get, Place, Probe, error, in_order
from .indexes import Indexes
from .partitions import Partitions
from .primary_key import PrimaryKey
from .skip_index import SkipIndexes
from .table_definition import TableDefinition
from .table_options import TableOptions

COMPONENTS: tuple[type[Component], ...] = (PrimaryKey, TableOptions, SkipIndexes, Partitions, ColumnGroups, Indexes)
"""All components of a table, in the order in which they are changed."""


@dataclass(frozen=True)
class TableDesign:
    """The physical design of a table: its components, such as indexes and partitions."""

    components: tuple[Component, ...] = ()

    @classmethod
    def of_config(cls, get: Get) -> TableDesign:
        """Return the design that the configs of a node describe. Raises ConfigError for a wrong value."""
        found = (component.from_config(get) for component in COMPONENTS)
        return cls(tuple(component for component in found if component is not None))

    def __bool__(self) -> bool:
        return bool(self.components)

    @property
    def in_columns(self) -> list[str]:
        """Return the clauses that follow the columns inside the parentheses of CREATE TABLE, such as keys."""
        return list(self._clauses(Place.IN_COLUMNS))

    @property
    def after_columns(self) -> str:
        """Return the clauses that follow the parentheses of CREATE TABLE."""
        return " ".join(clause for place in list(Place)[1:] for clause in self._clauses(place))

    @property
    def column_attributes(self) -> dict[str, str]:
        """Return the SQL to append to definitions of columns, such as ``not null``, by column name in lower case."""
        found: dict[str, str] = {}
        for component in self.components:
            for name, attribute in component.column_attributes().items():
                found[name] = f"{found[name]} {attribute}" if name in found else attribute
        return found

    @property
    def declares_columns(self) -> bool:
        """Check whether a CREATE TABLE ... AS with this design must declare at least one column.

        This is so if the design has keys, which the server refuses without a declared column (error 4028), or
        attributes of columns, which are written in the declaration of a column.
        """
        return bool(self.in_columns or self.column_attributes)

    def attributes_of(self, columns: Iterable[str]) -> dict[str, str]:
        """Return the SQL to append to the definitions of columns, such as `` not null``, by column name in lower case.

        ``columns`` are the names of the table's columns. Each text in the result begins with a blank. Raises
        ConfigError if a config names a column that is not among ``columns``.
        """
        present = {column.lower() for column in columns}
        for component in self.components:
            for name in component.column_attributes():
                if name not in present:
                    raise error(component.configs[0], f"there is no column {name}", "write the name of a column")
        return {name: f" {attribute}" for name, attribute in self.column_attributes.items()}

    def config_of(self, column: str) -> str:
        """Return the name of a config for which CREATE TABLE ... AS must declare ``column``, or an empty text.

        It is the config that gives an attribute to the column, or else one that makes a key. See ``declares_columns``.
        """
        attributed = (each for each in self.components if column.lower() in each.column_attributes())
        keyed = (each for each in self.components if each.place is Place.IN_COLUMNS and each.clause())
        return next((each.configs[0] for each in (*attributed, *keyed)), "")

    def refuse_second_key(self) -> None:
        """Raise ConfigError if the design has a primary key.

        The caller has found a primary key in the model's contract, and a table can have only one.
        """
        if any(isinstance(component, PrimaryKey) for component in self.components):
            raise error("primary_key", "the contract declares a primary key as well", "remove one of them")

    def probes(self) -> list[Probe]:
        """Return the probes that show whether the server has the features that the design needs."""
        return [probe for component in self.components for probe in component.probes()]

    def changes_from(self, definition: TableDefinition) -> list[Change]:
        """Return the changes after which an existing table has this design. ``definition`` is the table's definition.

        Parts of the table's design for which this design has no component are not changed.
        """
        found = ((component, type(component).from_server(definition)) for component in self.components)
        return in_order(wanted.added() if present is None else present.change_to(wanted) for wanted, present in found)

    def _clauses(self, place: Place) -> Iterator[str]:
        for component in self.components:
            if component.place is place and (clause := component.clause()):
                yield clause
