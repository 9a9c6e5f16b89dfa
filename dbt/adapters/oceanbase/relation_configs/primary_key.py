"""The class for the primary key of a table, which the config ``primary_key`` sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..connect.quoting import identifier
from .components import Change, Component, Get, Place, error
from .table_definition import name_of, tokens
from .values import names

if TYPE_CHECKING:
    from typing_extensions import Self

    from .table_definition import TableDefinition

_ADD = "adding or changing a primary key makes OceanBase build the table again"


@dataclass(frozen=True)
class PrimaryKey(Component):
    """The primary key of a table: its columns, in their order."""

    columns: tuple[str, ...]

    configs: ClassVar[tuple[str, ...]] = ("primary_key",)
    place: ClassVar[Place] = Place.IN_COLUMNS

    @classmethod
    def from_config(cls, get: Get) -> Self | None:
        value = get("primary_key")
        if value is None:
            return None
        columns = tuple(names("primary_key", value))
        if len({column.lower() for column in columns}) < len(columns):
            raise error("primary_key", f"{', '.join(columns)} has a column twice", "write each column once")
        return cls(columns)

    @classmethod
    def from_server(cls, definition: TableDefinition) -> Self:
        return cls(tuple(name_of(word) for word in tokens(definition.primary_key) if word.startswith("`")))

    def clause(self) -> str:
        return f"primary key ({', '.join(map(identifier, self.columns))})" if self.columns else ""

    def change_to(self, wanted: Self) -> Change:
        """Return an empty change if this key and ``wanted`` have the same columns, and a refused change if they differ.

        The names of the columns are compared without case. The adapter does not change the key of an existing table,
        because the server would build the whole table again and meanwhile refuse writers.
        """
        if [each.lower() for each in self.columns] == [each.lower() for each in wanted.columns]:
            return Change()
        return Change(refused=f"primary_key: the table has ({', '.join(self.columns)}): {_ADD}")
