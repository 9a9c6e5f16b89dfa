"""Find the foreign keys that refer to a table, and move them to the table that replaces it.

If a parent table is renamed, the foreign keys of its child tables still refer to the renamed table. They do not refer
to the new table that gets the old name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from dbt.adapters.events.logging import AdapterLogger

from ..catalog.adapter_base import OceanBaseAdapterBase
from ..connect.quoting import identifier, literal
from ..execution.errors import NO_RIGHTS, DatabaseError

if TYPE_CHECKING:
    from ..relation import OceanBaseRelation

logger = AdapterLogger("OceanBase")

CTAS_PREFIX = "__ctas_"
"""Prefix of the name that the server gives to a table while CREATE TABLE ... AS fills it."""

NO_PARENT_KEY = 1215
"""Error code of ALTER TABLE if a foreign key's parent columns have no unique index, or other types than the child's.

seekdb 1.3 and 1.4 both return this code.
"""

ORPHANS = frozenset({1452, 5785})
"""Error codes of an ALTER TABLE that adds a foreign key if rows of the child table have no match in the parent."""

NO_SUCH_KEY = 1091
"""Error code of an ALTER TABLE that drops a key which the table does not have."""


class ChildKey(NamedTuple):
    """A foreign key of the child table ``schema``.``table``, which refers to a parent table.

    ``columns`` are columns of the child table, and ``parent_columns`` are the columns of the parent table to which they
    refer, in the same order. ``on_update`` and ``on_delete`` are the key's rules, such as CASCADE.
    """

    schema: str
    table: str
    name: str
    on_update: str
    on_delete: str
    columns: tuple[str, ...]
    parent_columns: tuple[str, ...]

    @property
    def is_hidden(self) -> bool:
        """Check whether the child is a hidden table, which the server fills during a CREATE TABLE ... AS.

        ALTER TABLE on a hidden table fails with error 1146, so its keys cannot be moved. If the CREATE fails, the
        server drops the hidden table at once or some time later.
        """
        return self.table.startswith(CTAS_PREFIX)

    @property
    def child(self) -> str:
        """Return schema and name of the child table, quoted."""
        return f"{identifier(self.schema)}.{identifier(self.table)}"

    def drop(self) -> str:
        """Return the ALTER TABLE statement that drops the key."""
        return f"alter table {self.child} drop foreign key {identifier(self.name)}"

    def add(self, parent: str) -> str:
        """Return the ALTER TABLE statement that adds the key again, with ``parent`` (quoted) as its parent."""
        own, theirs = (", ".join(map(identifier, names)) for names in (self.columns, self.parent_columns))
        return (
            f"alter table {self.child} add constraint {identifier(self.name)} foreign key ({own}) "
            f"references {parent} ({theirs}) on update {self.on_update.lower()} on delete {self.on_delete.lower()}"
        )

    def lost_message(self, parent: str, code: int | None, reason: str) -> str:
        """Return the error message for a key that could not be added again with ``parent`` (quoted) as its parent.

        ``code`` is the code of the server's error, or None if it has none. ``reason`` is the error's text.
        """
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
        """Return the query that counts the child's rows without a match in the table ``parent`` (quoted).

        A row with a NULL in the key needs no match.
        """
        pairs = [
            (identifier(own), identifier(theirs)) for own, theirs in zip(self.columns, self.parent_columns, strict=True)
        ]
        given = " and ".join(f"c.{own} is not null" for own, _ in pairs)
        # with `=` instead of `<=>`, the server would rely on the foreign key and not read any rows
        found = " and ".join(f"p.{theirs} <=> c.{own}" for own, theirs in pairs)
        return (
            f"select count(*) from {self.child} c where {given} and not exists (select 1 from {parent} p where {found})"
        )


class ForeignKeyMixin(OceanBaseAdapterBase):
    """Adapter methods that find the foreign keys that refer to a table, and move them to another one."""

    def _child_keys(self, table: OceanBaseRelation) -> list[ChildKey]:
        """Return the foreign keys that refer to ``table``, including foreign keys of hidden tables.

        A hidden table is a table that the server fills during a CREATE TABLE ... AS (see ``ChildKey.is_hidden``).
        """
        _, found = self.execute(child_keys_query(table.schema or "", table.identifier or ""), fetch=True)
        return child_keys_from_rows(found.rows)

    def _move_child_key(self, key: ChildKey, parent: OceanBaseRelation) -> str | None:
        """Drop the foreign key ``key``, if it is there, and add it again with ``parent`` as its parent.

        If the server refuses to add the key, the key is lost. Return an error message in this case, and None otherwise.
        The server takes the two changes only as two statements (1235). A run that is killed between them loses the key,
        so the statement that adds the key is logged first.
        """
        add = key.add(parent.render())
        logger.info(f"foreign key {key.name} of {key.child} is dropped, then added again: {add}")
        self._drop_child_key(key)
        try:
            self.execute(add)
        except DatabaseError as error:
            if error.server_code in ORPHANS:
                # kernel 1.4 has the key in the table even if it has refused it
                self._drop_child_key(key)
            return key.lost_message(parent.render(), error.server_code, error.msg.splitlines()[0])
        return None

    def _drop_child_key(self, key: ChildKey) -> None:
        try:
            self.execute(key.drop())
        except DatabaseError as error:
            if error.server_code != NO_SUCH_KEY:
                raise


def refusal_message(
    error: DatabaseError, replaced: OceanBaseRelation, successor: OceanBaseRelation, is_undone: bool
) -> str:
    """Return the message for ``error``: dbt's user may not see or may not change a child table of ``replaced``.

    ``successor`` is the relation that was to replace it. ``is_undone`` means that ``replaced`` has its name again.
    """
    kept = f"{successor.render()} is as before" if is_undone else f"{replaced.render()} cannot be dropped"
    if error.server_code in NO_RIGHTS:
        # the text of a missing right has a remedy of its own, after a semicolon
        verb, rights, reason = "change", "alter", error.reason.partition(";")[0]
    else:
        verb, rights, reason = "see", "select and alter", f"{error.reason} (3730)"
    if successor.is_table:
        remedy = f"grant {rights} on that table to dbt's user, which then moves the key"
    else:
        remedy = "drop the key first, as nothing but a table can be its parent"
    return f"{kept}, since a table that dbt's user may not {verb} has a foreign key to it: {reason}; {remedy}"


def child_keys_query(schema: str, table: str) -> str:
    """Return the query for the foreign keys that refer to ``schema``.``table``.

    The result has one row for each column of a key. ``child_keys_from_rows`` converts the rows.
    """
    return f"""
select r.constraint_schema, r.table_name, r.constraint_name, r.update_rule, r.delete_rule,
  k.column_name, k.referenced_column_name
from information_schema.referential_constraints r
join information_schema.key_column_usage k on k.constraint_schema = r.constraint_schema
  and k.constraint_name = r.constraint_name and k.table_name = r.table_name
where r.unique_constraint_schema = {literal(schema)} and r.referenced_table_name = {literal(table)}
  and k.referenced_table_name is not null
order by r.constraint_schema, r.table_name, r.constraint_name, k.ordinal_position"""


def child_keys_from_rows(rows: Iterable[Any]) -> list[ChildKey]:
    """Return the foreign keys in the rows of ``child_keys_query``."""
    found: dict[tuple[str, str], ChildKey] = {}
    for schema, table, name, on_update, on_delete, column, parent_column in rows:
        key = found.get((schema, name)) or ChildKey(schema, table, name, on_update, on_delete, (), ())
        found[schema, name] = key._replace(
            columns=(*key.columns, column), parent_columns=(*key.parent_columns, parent_column)
        )
    return list(found.values())
