"""Foreign keys of child tables follow a renamed parent: here they are led back to its successor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ..connect.quoting import identifier, literal

HIDDEN = "__ctas_"
"""How the server calls a table that is being filled."""

NO_PARENT_KEY = 1215
"""Code of ALTER for a foreign key to columns without a unique index, or of other types; both kernels."""


class ChildKey(NamedTuple):
    """A foreign key that refers to a table, with the columns of both sides in order."""

    schema: str
    table: str
    name: str
    on_update: str
    on_delete: str
    columns: tuple[str, ...]
    parent_columns: tuple[str, ...]

    @property
    def is_hidden(self) -> bool:
        """Tell whether the child is what a CREATE TABLE ... AS fills: nobody else finds it, ALTER included (1146).

        The server takes it away when that statement fails, or after some time where it could not.
        """
        return self.table.startswith(HIDDEN)

    @property
    def child(self) -> str:
        """Give the child table, quoted."""
        return f"{identifier(self.schema)}.{identifier(self.table)}"

    def drop(self) -> str:
        """Give the ALTER that drops the key."""
        return f"alter table {self.child} drop foreign key {identifier(self.name)}"

    def add(self, parent: str) -> str:
        """Give the ALTER that adds the key again, to ``parent`` (quoted)."""
        own, theirs = (", ".join(map(identifier, names)) for names in (self.columns, self.parent_columns))
        return (
            f"alter table {self.child} add constraint {identifier(self.name)} foreign key ({own}) "
            f"references {parent} ({theirs}) on update {self.on_update.lower()} on delete {self.on_delete.lower()}"
        )

    def lost(self, parent: str, code: int | None, reason: str) -> str:
        """Say that the key could not be added again to ``parent`` (quoted), for the server's code and reason."""
        remedy = f"{reason}; correct the rows of {self.child}, then"
        if code == NO_PARENT_KEY:
            theirs = ", ".join(map(identifier, self.parent_columns))
            remedy = (
                f"{parent} has no unique index on ({theirs}) of the child's types when it takes its place, post-hooks "
                f"run later ({code}); declare it as a unique or primary_key constraint of the parent's contract, and"
            )
        return (
            f"foreign key {self.name} of {self.child} does not hold for the rebuilt {parent} and is gone: "
            f"{remedy} add the key again: {self.add(parent)}"
        )

    def count_orphans(self, parent: str) -> str:
        """Give the query for how many rows of the child find none in ``parent`` (quoted)."""
        pairs = [
            (identifier(own), identifier(theirs)) for own, theirs in zip(self.columns, self.parent_columns, strict=True)
        ]
        given = " and ".join(f"c.{own} is not null" for own, _ in pairs)
        # by `=` the server takes the key's word for it and looks at no row
        found = " and ".join(f"p.{theirs} <=> c.{own}" for own, theirs in pairs)
        return (
            f"select count(*) from {self.child} c where {given} and not exists (select 1 from {parent} p where {found})"
        )


def query(schema: str, table: str) -> str:
    """Give the query for the foreign keys that refer to ``schema``.``table``."""
    return f"""
select r.constraint_schema, r.table_name, r.constraint_name, r.update_rule, r.delete_rule,
  k.column_name, k.referenced_column_name
from information_schema.referential_constraints r
join information_schema.key_column_usage k on k.constraint_schema = r.constraint_schema
  and k.constraint_name = r.constraint_name and k.table_name = r.table_name
where r.unique_constraint_schema = {literal(schema)} and r.referenced_table_name = {literal(table)}
  and k.referenced_table_name is not null
order by r.constraint_schema, r.table_name, r.constraint_name, k.ordinal_position"""


def from_rows(rows: Iterable[Any]) -> list[ChildKey]:
    """Make the keys from the rows of ``query``."""
    found: dict[tuple[str, str], ChildKey] = {}
    for schema, table, name, on_update, on_delete, column, parent_column in rows:
        key = found.get((schema, name)) or ChildKey(schema, table, name, on_update, on_delete, (), ())
        found[schema, name] = key._replace(
            columns=(*key.columns, column), parent_columns=(*key.parent_columns, parent_column)
        )
    return list(found.values())
