"""Model contracts: compare their columns with a query, and write their constraints as clauses of CREATE TABLE."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import available
from dbt.adapters.base.impl import ConstraintSupport
from dbt_common.contracts.constraints import ConstraintType
from dbt_common.exceptions import DbtRuntimeError

from ..catalog.column_definitions import refuses_not_null
from ..catalog.comments import CommentMixin
from ..column import OceanBaseColumn
from ..connect.quoting import identifier, literal
from ..relation import HASH_LENGTH, shortened
from ..relation_configs.design import TableDesign
from ..sql import types

if TYPE_CHECKING:
    from ..relation import OceanBaseRelation

ManifestEntry = Mapping[str, Any]
"""A column or a constraint in dbt's manifest, as a dict."""

UNIQUE_PER_SCHEMA = frozenset({ConstraintType.check, ConstraintType.foreign_key})
"""Constraint types whose names must be unique per schema (errors 3822 and 1022).

A staging table exists beside the table that it replaces, so these constraints need other names in the staging table.
"""

MAX_OTHER_NAMES = 8
"""Number of alternative names to try if the name of a constraint is taken.

One alternative may not be enough. The table that is replaced may use one of them. Hidden tables of failed builds (see
``foreign_keys``) use others until the server drops them.
"""

TABLE_CONSTRAINTS = UNIQUE_PER_SCHEMA | {ConstraintType.unique, ConstraintType.primary_key}
"""Constraint types that are written as clauses of the table, even if they are declared on a column.

In this form they can have names, and OceanBase enforces a foreign key.
"""


_NAME = r"`(?:[^`]|``)+`|[^\s`.(]+"
_PARENT = re.compile(rf"\bforeign key .+? references (?:({_NAME})\s*\.)?\s*({_NAME})", re.I | re.S)
"""Matches the clause of a foreign key. Its groups are the parent's schema, if it is written, and the parent table."""


class ConstraintMixin(CommentMixin):
    """Adapter methods that compare a contract with a query, and write the contract as clauses of CREATE TABLE."""

    CONSTRAINT_SUPPORT = dict.fromkeys((*TABLE_CONSTRAINTS, ConstraintType.not_null), ConstraintSupport.ENFORCED)

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._reserved_names: dict[tuple[str, str], str] = {}

    @available.parse_list
    def contract_clauses(
        self,
        relation: OceanBaseRelation,
        columns: Mapping[str, ManifestEntry],
        model: Sequence[ManifestEntry],
        node_relation: OceanBaseRelation,
        design: TableDesign | None = None,
        with_comments: bool = False,
    ) -> list[str]:
        """Return the columns and constraints of a contract as clauses of a CREATE TABLE for ``relation``.

        ``relation`` is the table to create, often a staging table, and ``node_relation`` is the final relation of the
        node. ``columns`` are the node's columns in the manifest, and ``model`` are the constraints of the model itself.
        ``design`` is the physical design of the table. Its keys and its attributes of columns are added to the clauses.
        ``with_comments`` adds the descriptions of NOT NULL columns whose comment the server cannot set later (see
        ``refuses_not_null``).

        If the name of a check or a foreign key is taken in the schema or by another node of this run, the constraint
        gets another name. Raise DbtRuntimeError for an incomplete constraint, for a second primary key, for a foreign
        key that refers to ``node_relation`` itself, and if ``design`` has attributes of a column that the contract
        lacks.
        """
        design = design or TableDesign()
        attributes = dict(design.attributes_of(column["name"] for column in columns.values()))
        for name in required_columns(columns.values(), model) if with_comments else ():
            text = columns[name].get("description")
            if text and refuses_not_null(columns[name]["data_type"]):
                comment = f" comment {self.comment_literal(text, of_column=True)}"
                attributes[name.lower()] = attributes.get(name.lower(), "") + comment
        declared = table_constraints(columns.values(), model)
        if any(constraint["type"] == ConstraintType.primary_key for constraint in declared):
            design.refuse_second_key()
        names = self._available_names(relation, declared)
        clauses = [
            self.render_raw_model_constraint({**constraint, "name": names.get(constraint_name(constraint))})
            for constraint in declared
        ]
        self._check_parents(filter(None, clauses), node_relation)
        return [*column_clauses(columns.values(), model, attributes), *filter(None, clauses), *design.in_columns]

    @available.parse_list
    def required_columns(self, columns: Mapping[str, ManifestEntry], model: Sequence[ManifestEntry]) -> list[str]:
        """Return the names of the columns that a contract declares NOT NULL.

        ``columns`` are the columns in the manifest by name, and ``model`` are the constraints of the model itself. A
        column with a custom expression is left out, because the table may fill it, as AUTO_INCREMENT does.
        """
        return required_columns(columns.values(), model)

    @available.parse(lambda *_, **__: ([], []))
    def compared_with_contract(
        self, columns: Mapping[str, ManifestEntry], selected: Sequence[OceanBaseColumn]
    ) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        """Return the columns of a contract and the columns of a query as two lists, for dbt's table of differences.

        ``columns`` are the contract's columns, and ``selected`` are the query's columns. Each column is returned as a
        dict with its name and its type. A query's column fulfils the contract if the contract has a column of the same
        name with a type of the same family, such as int and bigint. Upper and lower case do not matter in the name. The
        second list then shows this column as the contract spells it, in the order of the contract. So both lists are
        equal if the whole query fulfils the contract, and otherwise show only real differences.
        """
        wanted = [OceanBaseColumn.from_catalog(column["name"], column["data_type"]) for column in columns.values()]
        found = {column.name.lower(): column for column in selected}
        kept = {
            name
            for name, column in ((column.name.lower(), column) for column in wanted)
            if name in found and column.contract_family() == found[name].contract_family()
        }
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
        """Return ``constraint``, dbt's ModelLevelConstraint, as a clause of CREATE TABLE.

        Raises DbtRuntimeError for an incomplete constraint, such as a check without an expression. So the result is
        never None.
        """
        prefix = f"constraint {identifier(constraint.name)} " if constraint.name else ""
        expression, columns = (constraint.expression or "").strip(), ", ".join(constraint.columns)
        if constraint.type == ConstraintType.check and expression:
            return f"{prefix}check ({expression})"
        if constraint.type in (ConstraintType.unique, ConstraintType.primary_key) and columns:
            words = constraint.type.value.replace("_", " ")
            return f"{prefix}{words} {expression}{' ' * bool(expression)}({columns})"
        if constraint.type == ConstraintType.foreign_key and columns:
            theirs = ", ".join(quoted_column(column) for column in constraint.to_columns or ())
            parent = f"{constraint.to} ({theirs})" if constraint.to and theirs else ""
            if parent or expression:
                return f"{prefix}foreign key ({columns}) references {f'{parent} {expression}'.strip()}"
        if constraint.type == ConstraintType.custom and expression:
            return f"{prefix}{expression}"
        raise DbtRuntimeError(
            f"constraint {constraint.type.value}{f' {constraint.name}' if constraint.name else ''}"
            f"{f' on {columns}' if columns else ''}: it says too little to be enforced: "
            f"{_REQUIRED_PARTS[constraint.type]}"
        )

    @classmethod
    def render_column_constraint(cls, constraint: Any) -> str | None:
        """Return ``constraint``, dbt's ColumnLevelConstraint, as part of a column definition.

        Return None for a check or a custom constraint without an expression. Raises DbtRuntimeError for a foreign key,
        because OceanBase ignores it in a column definition.
        """
        if constraint.type == ConstraintType.foreign_key:
            raise DbtRuntimeError(
                "foreign_key on a column: OceanBase takes `references` in a column's definition and enforces nothing: "
                "declare it under the model's constraints, with its columns"
            )
        rendered: str | None = super().render_column_constraint(constraint)
        return rendered

    def _check_parents(self, clauses: Iterable[str], own: OceanBaseRelation) -> None:
        """Raise DbtRuntimeError if one of the ``clauses`` is a foreign key that refers to the table ``own``."""
        fold = self.name_folding()
        for clause in clauses:
            schema, table = referenced_table(clause, own.schema or "")
            if table and (fold(schema), fold(table)) == (fold(own.schema or ""), fold(own.identifier or "")):
                raise DbtRuntimeError(
                    f"constraint foreign_key: {own.render()} refers to itself, which the server does not find while it "
                    "is made of a query (1146): add the key in a post-hook, such as "
                    '"alter table {{ this }} add foreign key (a) references {{ this }} (b)", and remove the constraint'
                )

    def _available_names(
        self, relation: OceanBaseRelation, constraints: Iterable[ManifestEntry]
    ) -> dict[str | None, str]:
        """Return a dict that maps the declared name of each constraint to the name to use, of at most 64 characters.

        ``relation`` is the table to create. The names of checks and foreign keys must be unique per schema. If the
        schema already has a constraint of such a name, or another node of this run has reserved it, the constraint gets
        the name ``<name>__<hash>``. The hash is computed from ``relation`` and the name, so it is the same in each run.
        All other constraints keep their names.
        """
        named = [
            (name, ConstraintType(constraint["type"]) in UNIQUE_PER_SCHEMA)
            for constraint in constraints
            if (name := constraint_name(constraint))
        ]
        available_names: dict[str | None, str] = {own: shortened(own) for own, _ in named}
        choices = {
            own: [shortened(own), *(other_name(relation, own, number) for number in range(MAX_OTHER_NAMES))]
            for own, shared in named
            if shared
        }
        if not choices:
            return available_names
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
            # setdefault is atomic: of two nodes that reserve a name at the same time only one gets it
            reserved = (c for c in untaken if self._reserved_names.setdefault((schema, c.lower()), owner) == owner)
            available_names[own] = next(reserved, names[0])
        return available_names


_REQUIRED_PARTS = {
    ConstraintType.check: "give its expression",
    ConstraintType.not_null: "give its columns",
    ConstraintType.unique: "give its columns",
    ConstraintType.primary_key: "give its columns",
    ConstraintType.foreign_key: "give its columns, and `to` with `to_columns` or an expression",
    ConstraintType.custom: "give its expression",
}


def constraint_name(constraint: ManifestEntry) -> str | None:
    """Return a constraint's name without surrounding backticks, or None if it has no name."""
    return str(constraint["name"]).strip("`") if constraint.get("name") else None


def quoted_column(column: str) -> str:
    """Return a column's name in backticks. A name that already begins with a backtick is not changed."""
    return column if column.startswith("`") else identifier(column)


def referenced_table(clause: str, own_schema: str) -> tuple[str, str]:
    """Return the schema and the table to which ``clause``, the clause of a foreign key, refers.

    ``own_schema`` is returned if the clause names no schema. If the clause is not that of a foreign key, both results
    are empty texts.
    """
    parent = _PARENT.search(clause)
    if parent is None:
        return "", ""
    schema, table = ((each or own_schema).strip("`").replace("``", "`") for each in parent.groups())
    return schema, table


def required_columns(columns: Iterable[ManifestEntry], model: Iterable[ManifestEntry]) -> list[str]:
    """Return the names of the columns that a contract declares NOT NULL.

    ``columns`` are the columns in the manifest, and ``model`` are the constraints of the model itself. A column with a
    constraint of the type ``custom`` is left out. Its expression may make the server fill the column, for example
    AUTO_INCREMENT.
    """
    of_model = {
        column.strip("`").lower() for c in model if c["type"] == ConstraintType.not_null for column in c["columns"]
    }
    return [
        column["name"]
        for column in columns
        if (
            column["name"].lower() in of_model
            or any(c["type"] == ConstraintType.not_null for c in column.get("constraints") or ())
        )
        and not any(c["type"] == ConstraintType.custom for c in column.get("constraints") or ())
    ]


def column_clauses(
    columns: Iterable[ManifestEntry], model: Iterable[ManifestEntry], attributes: Mapping[str, str]
) -> list[str]:
    """Return the definition of each column for CREATE TABLE: name, type, NOT NULL, and further SQL.

    The further SQL has the expressions of the column's NOT NULL and custom constraints, and the text in ``attributes``.
    ``columns`` are the columns in the manifest, and ``model`` are the constraints of the model itself, which may also
    declare columns NOT NULL. ``attributes`` maps column names in lower case to the SQL, such as a skip index, that the
    configs of the table add to a definition.
    """
    required = {
        column.strip("`").lower() for c in model if c["type"] == ConstraintType.not_null for column in c["columns"]
    }
    clauses = []
    for column in columns:
        own = column.get("constraints") or ()
        words = [identifier(column["name"]), types.ddl_type(column["data_type"])]
        if column["name"].lower() in required or any(c["type"] == ConstraintType.not_null for c in own):
            words.append("not null")
        words += [c["expression"] for c in own if c["type"] not in TABLE_CONSTRAINTS and c.get("expression")]
        attribute = attributes.get(column["name"].lower(), "")
        clauses.append(" ".join(words) + (attribute.replace(" not null", "") if "not null" in words else attribute))
    return clauses


def table_constraints(columns: Iterable[ManifestEntry], model: Iterable[ManifestEntry]) -> list[dict[str, Any]]:
    """Return the constraints to write as clauses of the table: first those on single columns, then those of the model.

    ``columns`` are the columns in the manifest, and ``model`` are the constraints of the model itself. Column names in
    the constraints are quoted. Anything else in their lists of columns, such as ``word(10)``, is not changed. NOT NULL,
    and custom constraints on single columns, are left out, because they belong to the definition of a column.
    """
    columns = list(columns)
    names = {column["name"].lower(): identifier(column["name"]) for column in columns}
    of_columns = [
        {**constraint, "columns": [identifier(column["name"])]}
        for column in columns
        for constraint in column.get("constraints") or ()
        if constraint["type"] in TABLE_CONSTRAINTS
    ]
    of_model = [
        {**constraint, "columns": [names.get(column.lower(), column) for column in constraint.get("columns") or ()]}
        for constraint in model
        if constraint["type"] != ConstraintType.not_null
    ]
    return of_columns + of_model


def _name_and_type(column: OceanBaseColumn) -> dict[str, str]:
    return {"name": column.name, "data_type": column.data_type}


def other_name(relation: OceanBaseRelation, own: str, number: int) -> str:
    """Return a name to use for a constraint of ``relation`` if its declared name ``own`` is taken.

    ``number`` counts the alternative names: each number gives another one. The same arguments always give the same
    name.
    """
    digest = hashlib.sha256(f"{relation.render()} {own} {number}".encode()).hexdigest()[:HASH_LENGTH]
    return shortened(own, f"__{digest}")
