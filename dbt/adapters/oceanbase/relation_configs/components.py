"""The base class of the components, such as indexes or partitions, of which a table's design consists.

This module also has the class ``Change``, the statements that change a component of an existing table.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from dbt_common.exceptions import DbtRuntimeError

from ..execution.errors import NO_STATEMENT

if TYPE_CHECKING:
    from typing_extensions import Self

    from .table_definition import TableDefinition

Get = Callable[[str], Any]
"""A function that returns the value of a node's config, or None if the node does not set it."""

RELATION = "{relation}"
"""Placeholder for the quoted name of the table in a statement of a ``Change``. Only the first one is replaced."""


class ConfigError(DbtRuntimeError):
    """A config has a wrong value, or the server lacks a feature that the config needs."""


class Place(Enum):
    """A place in CREATE TABLE for a part of the table's design. The members are in the order in which the SQL has them.

    Each component, such as the indexes or the partitions, has one place for its SQL.
    """

    IN_COLUMNS = "in the parentheses, after the columns"
    OPTION = "an option of the table"
    PARTITION = "the partitions"
    COLUMN_GROUP = "the column groups"


@dataclass(frozen=True)
class Probe:
    """A ``statement`` that shows whether the server has a feature. It is sent by PREPARE and never run.

    ``config`` is the config that needs the feature. ``available_in`` names the servers that have it. ``refused_codes``
    are the error codes of PREPARE that mean that the server lacks the feature, by default the code of a syntax error.
    If PREPARE succeeds or fails with any other code, the server has the feature.
    """

    config: str
    statement: str
    available_in: str
    refused_codes: frozenset[int] = frozenset({NO_STATEMENT})


@dataclass(frozen=True)
class Change:
    """The statements that change a component, such as the indexes, of an existing table.

    Each statement has ``RELATION`` in place of the table's name. The statements run in three phases: first ``before``,
    then ``drops``, which drop old indexes, then ``statements``. ``divides`` means that the change divides the whole
    table into new partitions. If one change divides the table, the ``drops`` of all changes run first, see
    ``in_order``.

    ``refused`` is None, or one line that says what cannot be changed while the table keeps its rows. If it is set, the
    adapter runs none of the statements.

    ``blocking`` are the statements, among the above, in which the server moves the rows of the table. Until such a
    statement has ended, other sessions can read the table, but have to wait if they write to it.
    """

    statements: tuple[str, ...] = ()
    refused: str | None = None
    before: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    divides: bool = False
    blocking: tuple[str, ...] = ()

    @classmethod
    def by_alter(cls, *clauses: str, blocks_writers: bool = False) -> Change:
        """Return the change that consists of one ALTER TABLE statement for each of the ``clauses``.

        If ``blocks_writers`` is true, the attribute ``blocking`` of the change also has all of these statements.
        """
        statements = tuple(f"alter table {RELATION} {clause}" for clause in clauses)
        return cls(statements, blocking=statements if blocks_writers else ())

    def statements_for(self, relation: str) -> list[str]:
        """Return the SQL statements for one table, in the order to run: ``before``, ``drops``, then ``statements``.

        ``relation`` is the quoted name of the table. In each statement, it replaces the placeholder ``RELATION``.
        This method runs no statement, and it ignores ``refused``.
        """
        return [_of(relation, statement) for statement in self._all()]

    def blocking_for(self, relation: str) -> list[str]:
        """Return the statements in ``blocking``, during which other sessions cannot write to the table.

        ``relation`` is the quoted name of the table. In each statement, it replaces the placeholder ``RELATION``.
        """
        return [_of(relation, statement) for statement in self.blocking]

    def __bool__(self) -> bool:
        """Check whether there is something to change, or something that cannot be changed."""
        return bool(self._all() or self.refused)

    def _all(self) -> tuple[str, ...]:
        return (*self.before, *self.drops, *self.statements)


def _of(relation: str, statement: str) -> str:
    return statement.replace(RELATION, relation, 1)


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Return the ``changes`` in the order in which they have to run. Changes that change nothing are left out.

    If one of them divides the table into new partitions, the drops of all changes come first. The reason is that the
    server refuses such a division (error 1503) while a unique index lacks the columns of the partitions, and one of the
    drops may drop this index.
    """
    found = [change for change in changes if change]
    if not any(change.divides for change in found):
        return found
    first = Change(drops=tuple(statement for change in found for statement in change.drops))
    return [change for change in (first, *(replace(each, drops=()) for each in found)) if change]


class Component(ABC):
    """A part of a table's physical design, such as its indexes or its partitions.

    A component is read from configs (``from_config``) or from an existing table (``from_server``). ``configs`` are the
    names of the configs that it reads. ``place`` is the place of its SQL in CREATE TABLE.
    """

    configs: ClassVar[tuple[str, ...]]
    place: ClassVar[Place]

    @classmethod
    @abstractmethod
    def from_config(cls, get: Get) -> Self | None:
        """Return the component that the configs of a node describe, or None if the node sets none of its configs.

        ``get`` returns the value of a config by name. Raises ConfigError, whose text is one line, for a wrong value.
        """

    @classmethod
    @abstractmethod
    def from_server(cls, definition: TableDefinition) -> Self | None:
        """Return the component, such as the indexes, of an existing table, or None if the table has no such component.

        ``definition`` is the definition of the table.
        """

    @abstractmethod
    def clause(self) -> str:
        """Return the SQL of this component for CREATE TABLE. It may be empty."""

    @abstractmethod
    def change_to(self, wanted: Self) -> Change:
        """Return the change that gives the component ``wanted`` to an existing table that has this component.

        Parts of this component that ``wanted`` does not describe, such as other table options, may stay unchanged.
        """

    def added(self) -> Change:
        """Return the change that adds this component to a table for which ``from_server`` has returned None."""
        return Change.by_alter(self.clause())

    def probes(self) -> tuple[Probe, ...]:
        """Return the probes that show whether the server has the features that this component needs."""
        return ()

    def column_attributes(self) -> Mapping[str, str]:
        """Return SQL to append to the definitions of columns, such as ``not null``, by column name in lower case."""
        return {}


def error(config: str, problem: str, remedy: str) -> ConfigError:
    """Return the error for a wrong value of ``config``.

    ``problem`` says what is wrong with the value, and ``remedy`` says what to write instead.
    """
    return ConfigError(f"{config}: {problem}: {remedy}")
