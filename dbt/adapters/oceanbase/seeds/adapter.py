"""Seeds: the methods that dbt's macros call, from the types of the columns to the rows in the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import available
from dbt_common.exceptions import DbtRuntimeError

from .. import seeds
from ..build.foreign_keys import ForeignKeyMixin
from ..catalog import column_definitions
from ..column import OceanBaseColumn
from ..connect.quoting import literal
from ..sql import types

if TYPE_CHECKING:
    import agate

    from ..relation import OceanBaseRelation


class SeedMixin(ForeignKeyMixin):
    """Loads seeds."""

    @classmethod
    def convert_text_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Return the type for a seed's text column."""
        return seeds.text_type(agate_table.columns[col_idx].values())

    @classmethod
    def convert_number_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Return the type for a seed's number column."""
        return seeds.number_type(agate_table.columns[col_idx].values())

    @classmethod
    def convert_integer_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Return the type for integers."""
        return "bigint"

    @classmethod
    def convert_boolean_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Return the type for booleans."""
        return "boolean"

    @classmethod
    def convert_datetime_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Return the type for a seed's column of dates with times."""
        return seeds.datetime_type(agate_table.columns[col_idx].values())

    @available
    def quote_seed_column(self, column: str, quote_config: bool | None) -> str:
        """Return a header for a column list, in backticks unless ``quote_columns`` is false.

        A plain word is quoted in any case: it may be reserved, and names of columns ignore case. A header that only
        quotes would make a name, such as one with a wrong delimiter in it, is left for the server to refuse. Raise
        QuoteConfigTypeError if ``quote_columns`` is not a boolean.
        """
        as_configured = str(super().quote_seed_column(column, quote_config))
        return str(self.quote(column)) if re.fullmatch(r"\w+", column) else as_configured

    @available
    def seed_table(self, load: Callable[[], agate.Table]) -> agate.Table:
        """Return the table that ``load``, dbt's loader, reads from the file, with all digits of its numbers."""
        return seeds.with_all_digits(load)

    @available.parse_list
    def seed_columns(
        self, table: agate.Table, declared: Mapping[str, str], delimiter: str = ","
    ) -> list[OceanBaseColumn]:
        """Return a seed's columns, with types from ``column_types`` or else inferred from the values in its file.

        The file is read again for ``dbt seed --empty``, which gives a table without rows.
        """
        names = table.column_names
        values = table if table.rows else seeds.rows_of_file(table, set(declared) & set(names), delimiter)
        types_by_name = seeds.declared_or_inferred(
            names,
            declared,
            lambda index: self.convert_type(values, index),
            lambda index: values.columns[index].values(),
        )
        return [OceanBaseColumn(name, OceanBaseColumn.ddl_type(kind)) for name, kind in types_by_name.items()]

    @available.parse(lambda *args, **kwargs: {"same_columns": False, "is_parent": False})
    def seed_target(self, wanted: Sequence[OceanBaseColumn], relation: OceanBaseRelation) -> dict[str, bool]:
        """Return two facts about the table of a seed that is loaded again, from one query.

        ``same_columns``: ``relation`` has the wanted columns in this order. Names ignore case, types their spelling;
        character sets and collations count if they are declared. ``is_parent``: foreign keys refer to the table.
        """
        schema, table = literal(relation.schema or ""), literal(relation.identifier or "")
        _, cursor = self.connections.add_select_query(
            "select column_name, column_type, character_set_name, collation_name, "
            "(select count(*) from information_schema.referential_constraints "
            f"where unique_constraint_schema = {schema} and referenced_table_name = {table}) as children "
            f"from information_schema.columns where table_schema = {schema} and table_name = {table} "
            "order by ordinal_position"
        )
        rows = cursor.fetchall()
        same = len(rows) == len(wanted) and all(
            column.name.lower() == name.lower()
            and types.canonical_type(column.dtype) == types.canonical_type(column_definitions.escaped_column_type(kind))
            and types.matches_character_set(column.dtype, character_set or "", collation or "")
            for column, (name, kind, character_set, collation, _) in zip(wanted, rows, strict=True)
        )
        return {"same_columns": same, "is_parent": any(row[-1] for row in rows)}

    @available.parse(lambda *args, **kwargs: 0)
    def delete_seed(self, relation: OceanBaseRelation, is_parent: bool) -> int:
        """Delete a seed's rows in dbt's transaction; return how many there were.

        Foreign keys of child tables are not enforced meanwhile, so that their rows stay. ``check_children`` compares
        them with the new rows.
        """
        if is_parent:
            self.execute("set foreign_key_checks = 0")
        try:
            response, _ = self.execute(f"delete from {relation.render()}", auto_begin=True)
        finally:
            if is_parent:
                self.execute("set foreign_key_checks = 1")
        return int(response.rows_affected or 0)

    @available.parse_none
    def check_children(self, relation: OceanBaseRelation) -> None:
        """Raise DbtRuntimeError naming the foreign keys whose child rows have no row in ``relation``."""
        failures = []
        for key in self._child_keys(relation):
            if not key.is_hidden:
                _, cursor = self.connections.add_select_query(key.count_orphans(relation.render()))
                if count := cursor.fetchone()[0]:
                    failures.append(
                        f"foreign key {key.name}: {count} row{'s' * (count > 1)} of {key.child} would find nothing in "
                        f"{relation.render()} any more: nothing was changed; keep what they refer to, or correct them"
                    )
        if failures:
            raise DbtRuntimeError("\n".join(failures))

    @available.parse(lambda *args, **kwargs: "")
    def load_seed(
        self, relation: OceanBaseRelation, table: agate.Table, declared: Mapping[str, str], quote: Any
    ) -> str:
        """Insert the rows of a seed in packed statements in dbt's transaction; return the first one, abridged."""
        session = self.connections.session()
        names = ", ".join(self.quote_seed_column(name, quote) for name in table.column_names)
        kinds = [
            seeds.declared_type(declared[name], table.columns[name].values()) if name in declared else None
            for name in table.column_names
        ]
        packed = seeds.packed_inserts(
            f"{relation.render()} ({names})",
            table,
            kinds,
            session.connection.escape,
            self.server_info().max_packet,
        )
        first = ""
        for statement in packed:
            self.connections.add_packed(statement)
            first = first or statement[:512]
        return first
