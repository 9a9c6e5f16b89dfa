"""Seeds: what dbt's macros ask of the adapter, from the types of the columns to the rows in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.sql import SQLAdapter

from . import seeds
from .column import OceanBaseColumn

if TYPE_CHECKING:
    import agate

    from .connections import OceanBaseConnectionManager
    from .relation import OceanBaseRelation
    from .server import ServerInfo


class LoadsSeeds(SQLAdapter):
    """The part of the adapter that loads seeds."""

    connections: OceanBaseConnectionManager
    server_info: Callable[[], ServerInfo]
    columns_of: Callable[[Sequence[BaseRelation]], list[list[OceanBaseColumn]]]

    @classmethod
    def convert_text_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Give the type for a seed's text column."""
        return seeds.text_type(agate_table.columns[col_idx].values())

    @classmethod
    def convert_number_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Give the type for a seed's number column."""
        return seeds.number_type(agate_table.columns[col_idx].values())

    @classmethod
    def convert_integer_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Give the type for integers."""
        return "bigint"

    @classmethod
    def convert_boolean_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Give the type for booleans."""
        return "boolean"

    @classmethod
    def convert_datetime_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Give the type for a seed's column of dates with times."""
        return seeds.datetime_type(agate_table.columns[col_idx].values())

    @available
    def seed_table(self, load: Callable[[], agate.Table]) -> agate.Table:
        """Give the rows of a seed as ``load_agate_table`` does, numbers with all their digits."""
        return seeds.exactly(load)

    @available.parse_list
    def seed_columns(
        self, table: agate.Table, declared: Mapping[str, str], delimiter: str = ","
    ) -> list[OceanBaseColumn]:
        """Give a seed's columns: types as declared in ``column_types``, from the values in its file otherwise.

        ``dbt seed --empty`` gives a table without the rows that its file has.
        """
        names = table.column_names
        values = table if table.rows else seeds.rows_of_file(table, set(declared) & set(names), delimiter)
        types = seeds.declared_or_inferred(names, declared, lambda index: self.convert_type(values, index))
        return [OceanBaseColumn(name, OceanBaseColumn.ddl_type(kind)) for name, kind in types.items()]

    @available.parse(lambda *args, **kwargs: False)
    def same_columns(self, wanted: Sequence[OceanBaseColumn], relation: OceanBaseRelation) -> bool:
        """Tell whether a relation has these columns in this order, names without case, types however spelled."""
        [present] = self.columns_of([relation])
        spell = OceanBaseColumn.canonical_type
        return [(c.name.lower(), spell(c.dtype)) for c in wanted] == [
            (c.name.lower(), spell(c.data_type)) for c in present
        ]

    @available.parse(lambda *args, **kwargs: "")
    def load_seed(
        self, relation: OceanBaseRelation, table: agate.Table, declared: Mapping[str, str], quote: Any
    ) -> str:
        """Insert the rows of a seed in packed statements; give the first, abridged. Runs in the noted transaction."""
        session = self.connections.session()
        names = ", ".join(self.quote_seed_column(name, quote) for name in table.column_names)
        kinds = [declared.get(name) for name in table.column_names]
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
