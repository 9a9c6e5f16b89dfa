"""Add constraints to the table of an incremental model that were added to its contract after the table was created.

New rows that break one of the constraints make the run fail before anything is written. The table gets a constraint
unless its present rows break it, its name is taken, or it is a second primary key. In these cases dbt warns, and each
later run checks its new rows. Custom constraints, and other rules (ON DELETE, ON UPDATE) of a foreign key that the
table has, are not added: dbt warns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from dbt.adapters.base import available
from dbt_common.contracts.constraints import ConstraintType
from dbt_common.exceptions import DbtRuntimeError

from ..build.constraints import (
    TABLE_CONSTRAINTS,
    ConstraintMixin,
    ManifestEntry,
    constraint_name,
    other_name,
    referenced_table,
    required_columns,
    table_constraints,
)
from ..build.foreign_keys import NO_SUCH_KEY
from ..catalog.column_definitions import ColumnDefinition, refuses_not_null
from ..connect.quoting import identifier, literal
from ..execution.errors import DatabaseError
from ..relation import OceanBaseRelation
from .custom_constraints import has_custom

BROKEN = frozenset({1048, 1062, 1138, 1452, 3819, 5785})
"""Error codes of ALTER TABLE if rows of the table break the constraint that it adds."""

IN_THE_WAY = frozenset({1022, 1061, 1068, 1826, 3822})
"""Error codes of ALTER TABLE if the name of the new constraint is taken, or if it adds a second primary key."""

_UNDECIDED = re.compile(r"\b(?:or|xor|not|case)\b|[-+*/%|&!~^]", re.IGNORECASE)
"""Matches operators with which the meaning of a check constraint may depend on parentheses.

The server may store a check with other parentheses, so checks are compared without parentheses. If a check has such an
operator, this comparison does not tell whether two checks are equal.
"""

_QUOTED = re.compile(r"('(?:[^'\\]|''|\\.)*')")

_THEIRS = re.compile(r"\breferences\b(?:`(?:[^`]|``)*`|[^(`])*\(((?:`(?:[^`]|``)*`|[^)`])*)\)", re.IGNORECASE)
"""Matches the clause of a foreign key from REFERENCES on. Its group is the list of the parent's columns."""

_RULE = r"\bon\s+{}\s+(cascade|set\s+null|set\s+default|restrict|no\s+action)\b"

# kinds of constraints, see ``Present`` and ``Missing``
FOREIGN_KEY, RULES, CUSTOM, NOT_NULL = "foreign key", "rules", "custom", "not null"

Present = frozenset[tuple[str, str]]
"""The constraints of a table, each as a pair of kind and text.

The kinds are check, primary key, unique, foreign key, rules and not null. The text of a check is its expression as the
server writes it. The text of any other kind has the columns. A foreign key has three pairs: one of its kind with the
table to which it refers, one that also has the columns of that table, and one of the kind rules that also has what
happens ON DELETE and ON UPDATE.
"""


class Missing(NamedTuple):
    """A constraint of the contract that the model's table does not have.

    ``kind`` and ``text`` describe the constraint as in ``Present``, so that it can be compared.
    ``constraint`` is the entry in the contract, or None for NOT NULL, for which ``text`` is the column's name.
    ``is_enforced`` is true if the new rows are known to fulfil the constraint.

    The kind is ``rules`` for a foreign key that the table has with other rules. It is ``custom`` for a custom
    constraint, for which ``text`` is the column to which it belongs, or empty. It is not known yet whether the table
    has it.
    """

    kind: str
    text: str
    constraint: ManifestEntry | None = None
    is_enforced: bool = True


class LaterConstraintMixin(ConstraintMixin):
    """Adapter methods that enforce a contract on an incremental model's new rows, and add constraints to its table."""

    @available.parse_list
    def missing_constraints(
        self,
        target: OceanBaseRelation,
        staging: OceanBaseRelation,
        columns: Mapping[str, ManifestEntry],
        model: Sequence[ManifestEntry],
    ) -> list[Missing]:
        """Enforce a contract on the new rows, and return the constraints that the table ``target`` does not have.

        ``columns`` are the model's columns in the manifest, and ``model`` are the constraints of the model itself. The
        table ``staging`` has the new rows. Constraints that ``target`` does not have are added to ``staging``, except
        NOT NULL, which was enforced when the rows were written to ``staging``, and custom constraints, which are
        returned in any case. If the contract has any other constraints, one query reads those of ``target``. Raise
        DbtRuntimeError if the rows break a constraint, and DatabaseError if the server refuses a constraint for another
        reason.
        """
        declared = [c for c in table_constraints(columns.values(), model) if c["type"] in TABLE_CONSTRAINTS]
        nullable = _not_null_columns(columns.values(), model)
        custom = _custom_constraints(columns.values(), model)
        if not declared and not nullable:
            return custom
        present = self._present_constraints(target)
        every = [self._declared(constraint, target) for constraint in declared]
        absent = [each for each in every if not _is_present(each, present)]
        ruled = [_rules_of(each, self._clause(each.constraint or {}, None)) for each in every if each not in absent]
        absent = self._enforce_on_new_rows(staging, target, absent, present)
        lacking = [each for each in (*nullable, *filter(None, ruled)) if tuple(each[:2]) not in present]
        return [*lacking, *absent, *custom]

    @available.parse_list
    def apply_constraints(
        self, target: OceanBaseRelation, missing: Sequence[Missing], with_custom: bool = True
    ) -> list[str]:
        """Add the constraints ``missing`` to the table ``target``, and return a warning for each that cannot be added.

        ``missing`` is the result of ``missing_constraints``. A constraint cannot be added if rows of the table break
        it, if its name is taken, if it is a second primary key, or if the server adds NOT NULL to the column's type
        only in CREATE TABLE. NOT NULL is left out without a warning if the table does not have the column. There is
        also a warning for each custom constraint that one SHOW CREATE TABLE does not show. Custom constraints are left
        out if ``with_custom`` is false. Raise DatabaseError for any other error of the server.
        """
        added = [each for each in missing if each.kind not in (RULES, CUSTOM)]
        names = self._available_names(target, [each.constraint for each in added if each.constraint])
        warnings = []
        for number, each in enumerate(missing):
            own = constraint_name(each.constraint) if each.constraint else None
            name = names.get(own) or (other_name(target, "foreign_key", number) if each.kind == FOREIGN_KEY else None)
            if each.kind == RULES:
                refusal = "whose foreign key of these columns has other rules: run with --full-refresh"
            else:
                refusal = self._apply(target, each, name) if each in added else ""
            if refusal:
                text = f"{self._shown(each)} was not added to the table, {refusal}"
                warnings.append(f"contract of {target.render()}: {text}")
        custom = [each for each in missing if each.kind == CUSTOM and with_custom]
        return warnings + self._unknown_custom(target, custom)

    def _apply(self, target: OceanBaseRelation, missing: Missing, name: str | None) -> str:
        """Add the constraint ``missing`` to ``target``. Return an empty text, or why that is not possible and a remedy.

        The new constraint has the name ``name``. If that is None, the server names it. Reasons are rows in the table
        that break it, a name that is taken, a second primary key, and a type that gets NOT NULL only in CREATE TABLE.
        For any other error of the server, raise DatabaseError.
        """
        try:
            if missing.constraint is None:
                definitions = {column.lower(): each for column, each in self._definitions(target).items()}
                # without on_schema_change: append_new_columns the table may not have the column
                definition = definitions.get(missing.text)
                if definition and refuses_not_null(definition.type):
                    return "as a column of this type gets it only with the table: run with --full-refresh"
                if definition:
                    self._alter(target, [_not_null(definition)])
            else:
                self._alter(target, [f"add {self._clause(missing.constraint, name)}"])
        except DatabaseError as error:
            if error.server_code not in BROKEN | IN_THE_WAY:
                raise
            if name and missing.kind == FOREIGN_KEY:
                self._drop_refused_key(target, name)
            taken = "which already has a constraint of this name, or a primary key"
            reason = "whose rows break it" if error.server_code in BROKEN else taken
            checked = "; new rows are checked" if missing.is_enforced else ""
            remedy = "correct the rows in the table, or run with --full-refresh"
            return f"{reason} ({error.server_code}){checked}: {remedy}"
        return ""

    def _unknown_custom(self, target: OceanBaseRelation, custom: Sequence[Missing]) -> list[str]:
        """Return a warning for each of the custom constraints ``custom`` that SHOW CREATE TABLE does not show."""
        if not custom:
            return []
        _, table = self.execute(f"show create table {target.render()}", fetch=True)
        show_create = str(table.rows[0][1])
        return [
            f"contract of {target.render()}: custom constraint {expression}{f' of {each.text}' if each.text else ''} "
            "was not found in the table, which gets custom constraints only when it is made: run with --full-refresh, "
            "or, if the table has it, write it in the words of SHOW CREATE TABLE"
            for each in custom
            if not has_custom(
                show_create, expression := str((each.constraint or {}).get("expression") or ""), each.text
            )
        ]

    def _drop_refused_key(self, target: OceanBaseRelation, name: str) -> None:
        """Drop the foreign key ``name`` after the server has refused to add it.

        Kernel 1.4 keeps a foreign key in the table even if it has refused the key.
        """
        try:
            self._alter(target, [f"drop foreign key {identifier(name)}"])
        except DatabaseError as error:
            if error.server_code != NO_SUCH_KEY:
                raise

    def _enforce_on_new_rows(
        self, staging: OceanBaseRelation, target: OceanBaseRelation, absent: Iterable[Missing], present: Present
    ) -> list[Missing]:
        """Add constraints to ``staging``, the table of the new rows. Return the constraints that ``target`` lacks.

        ``absent`` are the constraints to add, which were not found in ``present``, the constraints of ``target``. For a
        check, this search may be wrong, because the server stores the expression in its own spelling. This spelling can
        be read after the check was added to ``staging``. If ``present`` has a check in this spelling, ``target`` has
        the check, and it is not returned. Raise DbtRuntimeError if the new rows break a constraint.
        """
        found, known = [], Present()
        for missing in absent:
            self._enforce(staging, target, missing)
            if missing.kind == "check":
                staged = self._present_constraints(staging)
                written = {each for each in staged - known if each[0] == "check"}
                known = staged
                if written <= present:
                    continue
            found.append(missing)
        return found

    def _enforce(self, staging: OceanBaseRelation, target: OceanBaseRelation, missing: Missing) -> None:
        try:
            self._alter(staging, [f"add {self._clause(missing.constraint or {}, None)}"])
        except DatabaseError as error:
            if error.server_code not in BROKEN:
                raise
            raise DbtRuntimeError(
                f"contract of {target.render()}: the new rows break {self._shown(missing)} ({error.server_code}), "
                "which the table does not have yet, so nothing was written: correct the rows or the constraint"
            ) from error

    def _clause(self, constraint: ManifestEntry, name: str | None) -> str:
        """Return ``constraint`` as a clause of CREATE TABLE or ALTER TABLE. It has no name if ``name`` is None."""
        return self.render_raw_model_constraint({**constraint, "name": name}) or ""

    def _shown(self, missing: Missing) -> str:
        if missing.constraint is None:
            return f"{NOT_NULL} of {missing.text}"
        return self._clause(missing.constraint, constraint_name(missing.constraint))

    def _declared(self, constraint: ManifestEntry, own: OceanBaseRelation) -> Missing:
        """Return ``constraint``, an entry in the contract, together with its kind and a text that describes it.

        Kind and text can be compared with those of a table's constraints (``Present``). A foreign key without a schema
        refers to a table in the schema of ``own``, the model's table.
        """
        kind = str(ConstraintType(constraint["type"]).value).replace("_", " ")
        if kind == "check":
            return Missing(kind, str(constraint.get("expression") or ""), constraint)
        text = ",".join(constraint.get("columns") or ())
        if kind == FOREIGN_KEY:
            clause = self._clause(constraint, None)
            schema, table = referenced_table(clause, own.schema or "")
            theirs = _THEIRS.search(clause)
            listed = f" ({','.join(map(str.strip, theirs[1].split(',')))})" if theirs else ""
            text += f" {schema}.{table}{listed}"
        return Missing(kind, _plain(text), constraint)

    def _present_constraints(self, table: OceanBaseRelation) -> Present:
        """Return the constraints that ``table`` has, read by one query."""
        schema, name = literal(table.schema or ""), literal(table.identifier or "")
        of_table = f"table_schema = {schema} and table_name = {name}"
        _, cursor = self.connections.add_select_query(
            "select 'check', check_clause, '', '' from information_schema.check_constraints c where exists (select 1 "
            f"from information_schema.table_constraints t where {of_table} and t.constraint_type = 'CHECK' "
            "and t.constraint_schema = c.constraint_schema and t.constraint_name = c.constraint_name) "
            "union all select if(index_name = 'PRIMARY', 'primary key', 'unique'), group_concat(concat(column_name, "
            "ifnull(concat('(', sub_part, ')'), '')) order by seq_in_index), '', '' from information_schema.statistics "
            f"where non_unique = 0 and {of_table} group by index_name "
            "union all select 'foreign key', concat(group_concat(k.column_name order by k.ordinal_position), ' ', "
            "min(k.referenced_table_schema), '.', min(k.referenced_table_name)), "
            "group_concat(k.referenced_column_name order by k.ordinal_position), "
            "concat('on delete ', min(r.delete_rule), ' on update ', min(r.update_rule)) "
            "from information_schema.key_column_usage k join information_schema.referential_constraints r "
            "on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name "
            f"and r.table_name = k.table_name where k.referenced_table_name is not null and k.table_schema = {schema} "
            f"and k.table_name = {name} group by k.constraint_name "
            "union all select 'not null', column_name, '', '' from information_schema.columns "
            f"where is_nullable = 'NO' and {of_table}"
        )
        return frozenset(pair for row in cursor.fetchall() for pair in _pairs(*map(str, row)))


def _pairs(kind: str, text: str, theirs: str, rules: str) -> list[tuple[str, str]]:
    """Return a constraint of a table as pairs for ``Present``.

    ``kind`` and ``text`` are as the server writes them. For a foreign key, ``theirs`` are the columns of the other
    table, and ``rules`` is what happens ON DELETE and ON UPDATE.
    """
    if kind != FOREIGN_KEY:
        return [(kind, text if kind == "check" else _plain(text))]
    with_columns = _plain(f"{text} ({theirs})")
    return [(kind, _plain(text)), (kind, with_columns), (RULES, f"{with_columns} {_same_rules(rules.lower())}")]


def _rules_of(declared: Missing, clause: str) -> Missing | None:
    """Return the rules of the foreign key ``declared``, whose clause is ``clause``, or None for another constraint."""
    if declared.kind != FOREIGN_KEY or not declared.text.endswith(")"):
        return None
    unquoted = re.sub(r"`(?:[^`]|``)*`", "", clause)
    found = {event: re.search(_RULE.format(event), unquoted, re.IGNORECASE) for event in ("delete", "update")}
    rules = " ".join(f"on {event} {rule[1] if rule else 'restrict'}" for event, rule in found.items())
    text = f"{declared.text} {_same_rules(' '.join(rules.lower().split()))}"
    return declared._replace(kind=RULES, text=text)


def _same_rules(rules: str) -> str:
    """Return ``rules`` with RESTRICT for NO ACTION, which is the same for the server, and the default."""
    return rules.replace("no action", "restrict")


def _not_null_columns(columns: Iterable[ManifestEntry], model: Iterable[ManifestEntry]) -> list[Missing]:
    """Return NOT NULL of each column that a contract declares so.

    NOT NULL of a column with a custom constraint is not enforced on the new rows, because the table may fill it.
    """
    columns, model = list(columns), list(model)
    enforced = set(required_columns(columns, model))
    bare = [
        {**c, "constraints": [e for e in c.get("constraints") or () if e["type"] != ConstraintType.custom]}
        for c in columns
    ]
    return [Missing(NOT_NULL, name.lower(), is_enforced=name in enforced) for name in required_columns(bare, model)]


def _custom_constraints(columns: Iterable[ManifestEntry], model: Iterable[ManifestEntry]) -> list[Missing]:
    """Return the custom constraints of a contract, and the expressions that other constraints add to columns."""
    of_columns = [
        Missing(CUSTOM, column["name"].lower(), constraint)
        for column in columns
        for constraint in column.get("constraints") or ()
        if constraint["type"] not in TABLE_CONSTRAINTS and constraint.get("expression")
    ]
    return of_columns + [Missing(CUSTOM, "", each) for each in model if each["type"] == ConstraintType.custom]


def _is_present(declared: Missing, present: Present) -> bool:
    """Check whether ``present``, the constraints of a table, has the constraint ``declared``.

    Checks are compared as text. The result is False if the texts differ. It is also False for a check with an operator
    such as OR, for which parentheses matter. The text of such a check does not tell whether two checks are equal.
    """
    if declared.kind != "check":
        return (declared.kind, declared.text) in present
    if _UNDECIDED.search("".join(_QUOTED.split(declared.text)[::2])):
        return False
    return _simple_check(declared.text) in {_simple_check(text) for kind, text in present if kind == "check"}


def _simple_check(expression: str) -> str:
    """Return the expression of a check in a form that can be compared.

    Blanks, backticks and parentheses are removed, and everything except string literals is in lower case.
    """
    parts = _QUOTED.split(expression)
    parts[::2] = [re.sub(r"[\s`()]", "", part).lower().replace("!=", "<>") for part in parts[::2]]
    return "".join(parts)


def _plain(text: str) -> str:
    return text.replace("`", "").lower()


def _not_null(definition: ColumnDefinition) -> str:
    """Return the MODIFY clause that makes a column NOT NULL and keeps the rest of its ``definition``."""
    kept = tuple(clause for clause in definition.clauses if clause.upper() not in ("DEFAULT NULL", "NULL"))
    return f"{definition._replace(clauses=kept).modify()} not null"
