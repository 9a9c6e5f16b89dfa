"""Adapter methods that dbt's macros call to load a seed: find its column types, and insert its rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import available
from dbt_common.exceptions import DbtRuntimeError

from .. import seeds
from ..build.foreign_keys import ForeignKeyMixin
from ..catalog import column_definitions
from ..column import OceanBaseColumn
from ..connect.quoting import literal
from ..sql import types
from .column_attributes import StoredAttributes, has_attributes, split_attributes

if TYPE_CHECKING:
    import agate

    from ..relation import OceanBaseRelation


class SeedMixin(ForeignKeyMixin):
    """Adapter methods that find the column types of seeds and insert their rows."""

    @classmethod
    def convert_text_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Return the first of ``varchar(255)``, ``text`` and ``longtext`` that holds all values of a text column."""
        return seeds.text_type(agate_table.columns[col_idx].values())

    @classmethod
    def convert_number_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Return ``bigint`` if all numbers of a column fit in it, else a decimal type if they fit, else ``double``."""
        return seeds.number_type(agate_table.columns[col_idx].values())

    @classmethod
    def convert_integer_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Return ``bigint``, the SQL type for all integer columns of a seed."""
        return "bigint"

    @classmethod
    def convert_boolean_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Return ``boolean``, the SQL type for all boolean columns of a seed."""
        return "boolean"

    @classmethod
    def convert_datetime_type(cls, agate_table: agate.Table, col_idx: int) -> str:
        """Return ``datetime``, or ``datetime(6)`` if a value of a seed's datetime column has microseconds."""
        return seeds.datetime_type(agate_table.columns[col_idx].values())

    @available
    def quote_seed_column(self, column: str, quote_config: bool | None) -> str:
        """Return the name of a seed's column for SQL. ``quote_config`` is the config ``quote_columns``.

        A name of letters, digits and underscores is always put in backticks, since it may be a reserved word. Any other
        name is put in backticks unless ``quote_columns`` is false. Without backticks, the server refuses such a name.
        That refusal reveals, for example, a wrong delimiter of the seed, by which the whole header line becomes one
        name. Raise QuoteConfigTypeError if ``quote_columns`` is not a boolean.
        """
        as_configured = str(super().quote_seed_column(column, quote_config))
        return str(self.quote(column)) if re.fullmatch(r"\w+", column) else as_configured

    @available.parse_none
    def seed_rows(
        self,
        load_agate_table: Callable[[], agate.Table],
        store_result: Callable[..., Any],
        node: Mapping[str, Any],
        is_empty: bool,
    ) -> seeds.SeedRows:
        """Read the file of the seed ``node``, return its rows, and store dbt's table of the rows as the node's result.

        ``load_agate_table``, dbt's reader of the file, and ``store_result`` are functions of dbt's context. dbt's
        reader is called at once only if this adapter cannot read the file, or if ``is_empty`` is true (``dbt seed
        --empty``). Otherwise it is called when the stored result is used, see ``lazy_table.store``. An error of dbt's
        reader is raised unchanged.
        """

        def load() -> agate.Table:
            return seeds.with_all_digits(load_agate_table)

        declared, delimiter = node["config"].get("column_types") or {}, node["config"].get("delimiter", ",")
        rows = None if is_empty else seeds.read_file(self._seed_path(node), declared, delimiter)
        if rows is None:
            table = load()
            store_result("agate_table", response="OK", agate_table=table)
            texts = set(declared) & set(table.column_names)
            full = table if table.rows else seeds.rows_of_file(table, texts, delimiter)
            return seeds.TableRows(table, full, self.convert_type, delimiter)
        from ..seeds import lazy_table

        lazy_table.store(store_result, load)
        return rows

    def _seed_path(self, node: Mapping[str, Any]) -> Path:
        """Return the path of the file of the seed ``node``, in the folder of its project or of its package.

        If that path does not exist, return the file's path below the node's ``root_path`` instead. dbt does the same.
        """
        folder = Path(self.config.project_root)
        if node["package_name"] != self.config.project_name:
            folder = folder / self.config.packages_install_path / node["package_name"]
        path = folder / node["original_file_path"]
        return path if path.exists() else Path(node.get("root_path") or "", node["original_file_path"])

    @available.parse_list
    def seed_columns(self, rows: seeds.SeedRows, declared: Mapping[str, str]) -> list[OceanBaseColumn]:
        """Return the columns of a seed, with types from the config ``column_types`` or else inferred from the values.

        ``rows`` are the seed's rows, and ``declared`` is ``column_types``.
        """
        types_by_name = seeds.declared_or_inferred(rows.column_names, declared, rows.inferred_type, rows.values)
        return [OceanBaseColumn(name, _ddl_type(kind)) for name, kind in types_by_name.items()]

    @available.parse(lambda *args, **kwargs: {"same_columns": False, "is_parent": False})
    def seed_target(self, wanted: Sequence[OceanBaseColumn], relation: OceanBaseRelation) -> dict[str, bool]:
        """Compare the table of a seed with the columns ``wanted``, and return ``same_columns`` and ``is_parent``.

        ``same_columns`` is true if the table ``relation`` has the ``wanted`` columns in the same order. Names are
        compared without case, and types without regard to their spelling. Character sets, collations and attributes
        such as NOT NULL are compared if ``wanted`` has them. ``same_columns`` is false for an attribute that cannot be
        compared, such as a CHECK, and for AUTO_INCREMENT and SERIAL. ``is_parent`` is true if foreign keys of other
        tables refer to the table.
        """
        schema, table = literal(relation.schema or ""), literal(relation.identifier or "")
        _, cursor = self.connections.add_select_query(
            "select column_name, column_type, character_set_name, collation_name, is_nullable, column_default, "
            "column_key, column_comment, "
            "(select count(*) from information_schema.referential_constraints "
            f"where unique_constraint_schema = {schema} and referenced_table_name = {table}) as children "
            f"from information_schema.columns where table_schema = {schema} and table_name = {table} "
            "order by ordinal_position"
        )
        rows = cursor.fetchall()
        same = len(rows) == len(wanted) and all(map(_is_same_column, wanted, rows))
        return {"same_columns": same, "is_parent": any(row[-1] for row in rows)}

    @available.parse(lambda *args, **kwargs: 0)
    def delete_seed(self, relation: OceanBaseRelation, is_parent: bool) -> int:
        """Delete the rows of ``relation``, a seed's table, in dbt's transaction, and return their number.

        If foreign keys refer to the table (``is_parent``), they are not enforced during the DELETE, so that the rows of
        child tables stay. Call ``check_children`` after the new rows are inserted.
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
        """Raise DbtRuntimeError for foreign keys whose child tables have rows without a match in ``relation``."""
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
        self, relation: OceanBaseRelation, rows: seeds.SeedRows, declared: Mapping[str, str], quote: Any
    ) -> str:
        """Insert ``rows``, the rows of a seed, into ``relation`` in dbt's transaction by INSERTs of many rows.

        ``declared`` is the config ``column_types``, and ``quote`` is the config ``quote_columns``. Return the first 512
        characters of the first INSERT, which dbt writes to its compiled file, or an empty text if there are no rows.
        Raise DbtRuntimeError for an invalid value (see ``packed_inserts``).
        """
        session = self.connections.session()
        names = ", ".join(self.quote_seed_column(name, quote) for name in rows.column_names)
        kinds = [
            seeds.declared_type(declared[name], rows.values(index)) if name in declared else None
            for index, name in enumerate(rows.column_names)
        ]
        packed = seeds.packed_inserts(
            f"{relation.render()} ({names})",
            rows.chunks(),
            rows.literals(kinds, session.connection.escape),
            self.server_info().max_packet,
        )
        first = ""
        for statement in packed:
            self.connections.add_packed(statement)
            first = first or statement[:512]
        return first


def _ddl_type(declared: str) -> str:
    kind, attributes = split_attributes(declared)
    return f"{OceanBaseColumn.ddl_type(kind)} {attributes}".rstrip()


def _is_same_column(wanted: OceanBaseColumn, row: Sequence[Any]) -> bool:
    """Check whether ``row``, a row of the query of ``seed_target``, is the column ``wanted``."""
    name, stored, character_set, collation, *attributes, _ = row
    kind, declared = split_attributes(wanted.dtype)
    return (
        wanted.name.lower() == name.lower()
        and types.canonical_type(kind) == types.canonical_type(column_definitions.escaped_column_type(stored))
        and types.matches_character_set(kind, character_set or "", collation or "")
        # such a column has AUTO_INCREMENT
        and kind.lower() != "serial"
        and has_attributes(StoredAttributes(*attributes), declared)
    )
