"""Contracts: their columns against those of a query, their constraints as clauses of a table that enforces them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import available
from dbt.adapters.base.impl import ConstraintSupport
from dbt.adapters.sql import SQLAdapter
from dbt_common.contracts.constraints import ConstraintType
from dbt_common.exceptions import DbtRuntimeError

from ..column import OceanBaseColumn
from ..connect.quoting import identifier, literal
from ..relation import HASH_LENGTH, shortened
from ..sql import types

if TYPE_CHECKING:
    from ..relation import OceanBaseRelation

Raw = Mapping[str, Any]
"""A column or a constraint as the manifest has it."""

UNIQUE_PER_SCHEMA = frozenset({ConstraintType.check, ConstraintType.foreign_key})
"""Constraints whose names a schema holds once (errors 3822 and 1022): a table built aside needs others."""

OTHER_NAMES = 8
"""Names to choose from where a constraint's own is taken: one for the table that is replaced, the others for tables
that builds which failed have left hidden (see ``foreign_keys``), for as long as the server keeps them."""

OF_THE_TABLE = UNIQUE_PER_SCHEMA | {ConstraintType.unique, ConstraintType.primary_key}
"""What a column may declare and a clause of the table says as well: with a name, and for foreign keys enforced."""


_NAME = r"`(?:[^`]|``)+`|[^\s`.(]+"
_PARENT = re.compile(rf"\bforeign key .+? references (?:({_NAME})\s*\.)?\s*({_NAME})", re.I | re.S)
"""Schema, where given, and table in the clause of a foreign key."""


class DeclaresConstraints(SQLAdapter):
    """The part of the adapter that makes clauses of CREATE TABLE from a contract."""

    CONSTRAINT_SUPPORT = dict.fromkeys((*OF_THE_TABLE, ConstraintType.not_null), ConstraintSupport.ENFORCED)

    _fold: Callable[[], Callable[[str], str]]

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._given: dict[tuple[str, str], str] = {}

    @available.parse_list
    def contract_clauses(
        self,
        relation: OceanBaseRelation,
        columns: Mapping[str, Raw],
        model: Sequence[Raw],
        own: OceanBaseRelation,
    ) -> list[str]:
        """Give the columns and constraints of a contract as CREATE TABLE takes them for ``relation``.

        ``columns`` and ``model`` are the node's columns and its own constraints, ``own`` is its name. Asks the server
        which names are taken where a check or a foreign key has one. Raises DbtRuntimeError for a constraint that says
        too little, and for a foreign key of the table to itself.
        """
        declared = of_table(columns.values(), model)
        free = self._free_names(relation, declared)
        clauses = [
            self.render_raw_model_constraint({**constraint, "name": free.get(name(constraint), name(constraint))})
            for constraint in declared
        ]
        self._refuse_own_parent(filter(None, clauses), own)
        return [*column_clauses(columns.values(), model), *filter(None, clauses)]

    @available.parse(lambda *_: ([], []))
    def compared_with_contract(
        self, columns: Mapping[str, Raw], selected: Sequence[OceanBaseColumn]
    ) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        """Give name and type of a contract's columns and of those that a query gives, for dbt's list of differences.

        The two are equal where the query keeps the contract: what differs only in case, order or within a kind of type
        is given as the contract has it.
        """
        wanted = [OceanBaseColumn.from_catalog(column["name"], column["data_type"]) for column in columns.values()]
        found = {column.name.lower(): column for column in selected}
        kept = {c.name.lower() for c in wanted if c.name.lower() in found and c.kind() == found[c.name.lower()].kind()}
        declared = [_name_and_type(column) for column in wanted]
        own_names = {column.name.lower(): column.name for column in wanted}
        in_order = [_name_and_type(column) for column in wanted if column.name.lower() in kept]
        others = [
            {**_name_and_type(column), "name": own_names.get(column.name.lower(), column.name)}
            for column in selected
            if column.name.lower() not in kept
        ]
        return declared, in_order + others

    @classmethod
    def render_model_constraint(cls, constraint: Any) -> str | None:
        """Give a constraint as a clause of the table, its names quoted."""
        prefix = f"constraint {identifier(constraint.name)} " if constraint.name else ""
        expression, columns = (constraint.expression or "").strip(), ", ".join(constraint.columns)
        if constraint.type == ConstraintType.check and expression:
            return f"{prefix}check ({expression})"
        if constraint.type in (ConstraintType.unique, ConstraintType.primary_key) and columns:
            words = constraint.type.value.replace("_", " ")
            return f"{prefix}{words} {expression}{' ' * bool(expression)}({columns})"
        if constraint.type == ConstraintType.foreign_key and columns:
            theirs = ", ".join(quoted(column) for column in constraint.to_columns or ())
            parent = f"{constraint.to} ({theirs})" if constraint.to and theirs else ""
            if parent or expression:
                return f"{prefix}foreign key ({columns}) references {f'{parent} {expression}'.strip()}"
        if constraint.type == ConstraintType.custom and expression:
            return f"{prefix}{expression}"
        raise DbtRuntimeError(
            f"constraint {constraint.type.value}{f' {constraint.name}' if constraint.name else ''}"
            f"{f' on {columns}' if columns else ''}: it says too little to be enforced: {_NEEDS[constraint.type]}"
        )

    @classmethod
    def render_column_constraint(cls, constraint: Any) -> str | None:
        """Give a constraint in a column's definition. Raises DbtRuntimeError for a foreign key, ignored there."""
        if constraint.type == ConstraintType.foreign_key:
            raise DbtRuntimeError(
                "foreign_key on a column: OceanBase takes `references` in a column's definition and enforces nothing: "
                "declare it under the model's constraints, with its columns"
            )
        rendered: str | None = super().render_column_constraint(constraint)
        return rendered

    def _refuse_own_parent(self, clauses: Iterable[str], own: OceanBaseRelation) -> None:
        fold = self._fold()
        for clause in clauses:
            parent = _PARENT.search(clause)
            if parent is None:
                continue
            schema, table = ((each or own.schema or "").strip("`").replace("``", "`") for each in parent.groups())
            if (fold(schema), fold(table)) == (fold(own.schema or ""), fold(own.identifier or "")):
                raise DbtRuntimeError(
                    f"constraint foreign_key: {own.render()} refers to itself, which the server does not find while it "
                    "is made of a query (1146): add the key in a post-hook, such as "
                    '"alter table {{ this }} add foreign key (a) references {{ this }} (b)", and remove the constraint'
                )

    def _free_names(self, relation: OceanBaseRelation, constraints: Iterable[Raw]) -> dict[str | None, str]:
        """Give the name that each named constraint gets, at most 64 characters long.

        Where its schema has the name already, or another node of this run is about to give it one, it is
        ``<name>__<hash>``, a pure function of relation and name.
        """
        named = [(str(name(c)), ConstraintType(c["type"]) in UNIQUE_PER_SCHEMA) for c in constraints if name(c)]
        free: dict[str | None, str] = {own: shortened(own) for own, _ in named}
        choices = {
            own: [shortened(own), *(_other_name(relation, own, number) for number in range(OTHER_NAMES))]
            for own, shared in named
            if shared
        }
        if not choices:
            return free
        listed = ", ".join(literal(choice) for names in choices.values() for choice in names)
        _, table = self.execute(
            "select lower(constraint_name) from information_schema.table_constraints "
            f"where constraint_schema = {literal(relation.schema or '')} and constraint_name in ({listed})",
            fetch=True,
        )
        taken = {row[0] for row in table.rows}
        schema, owner = str(relation.schema).lower(), relation.render()
        for own, names in choices.items():
            untaken = (choice for choice in names if choice.lower() not in taken)
            # setdefault is one step: of two nodes that ask at the same time only one gets the name
            ours = (c for c in untaken if self._given.setdefault((schema, c.lower()), owner) == owner)
            free[own] = next(ours, names[0])
        return free


_NEEDS = {
    ConstraintType.check: "give its expression",
    ConstraintType.not_null: "give its columns",
    ConstraintType.unique: "give its columns",
    ConstraintType.primary_key: "give its columns",
    ConstraintType.foreign_key: "give its columns, and `to` with `to_columns` or an expression",
    ConstraintType.custom: "give its expression",
}


def name(constraint: Raw) -> str | None:
    """Give a constraint's name without the backticks that a user may have written, or None."""
    return str(constraint["name"]).strip("`") if constraint.get("name") else None


def quoted(column: str) -> str:
    """Give a column's name in backticks, unless it has some."""
    return column if column.startswith("`") else identifier(column)


def column_clauses(columns: Iterable[Raw], model: Iterable[Raw]) -> list[str]:
    """Give the definition of each column: name, type, NOT NULL and what is custom."""
    required = {
        column.strip("`").lower() for c in model if c["type"] == ConstraintType.not_null for column in c["columns"]
    }
    clauses = []
    for column in columns:
        own = column.get("constraints") or ()
        words = [identifier(column["name"]), types.ddl_type(column["data_type"])]
        if column["name"].lower() in required or any(c["type"] == ConstraintType.not_null for c in own):
            words.append("not null")
        words += [c["expression"] for c in own if c["type"] not in OF_THE_TABLE and c.get("expression")]
        clauses.append(" ".join(words))
    return clauses


def of_table(columns: Iterable[Raw], model: Iterable[Raw]) -> list[dict[str, Any]]:
    """Give the constraints that the table declares: those of its columns, each with its column, then the model's own.

    Names of the model's columns are quoted; anything else in a list of columns, such as ``word(10)``, stays as it is.
    """
    columns = list(columns)
    names = {column["name"].lower(): identifier(column["name"]) for column in columns}
    of_columns = [
        {**constraint, "columns": [identifier(column["name"])]}
        for column in columns
        for constraint in column.get("constraints") or ()
        if constraint["type"] in OF_THE_TABLE
    ]
    of_model = [
        {**constraint, "columns": [names.get(column.lower(), column) for column in constraint.get("columns") or ()]}
        for constraint in model
        if constraint["type"] != ConstraintType.not_null
    ]
    return of_columns + of_model


def _name_and_type(column: OceanBaseColumn) -> dict[str, str]:
    return {"name": column.name, "data_type": column.data_type}


def _other_name(relation: OceanBaseRelation, own: str, number: int) -> str:
    digest = hashlib.sha256(f"{relation.render()} {own} {number}".encode()).hexdigest()[:HASH_LENGTH]
    return shortened(own, f"__{digest}")
