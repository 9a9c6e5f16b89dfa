"""Adapter methods that dbt's macros call to make the SQL of a unit test: its given and its expected rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dbt.adapters.base import available
from dbt_common.exceptions import DbtRuntimeError

from .catalog.adapter_base import OceanBaseAdapterBase
from .column import OceanBaseColumn
from .execution.node_settings import Variable


class UnitTestMixin(OceanBaseAdapterBase):
    """Adapter methods that make the SQL of the rows of unit tests."""

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._session_collations: dict[tuple[Variable, ...], str] = {}

    @available
    def expected_type(self, column: OceanBaseColumn) -> str:
        """Return the name of the type to which a unit test converts the expected values of ``column``.

        ``column`` is a column of the model's query. The result is the type of the column, such as ``int``. For an
        array, map or vector it is ``collection``, and for a roaring bitmap ``roaringbitmap``.
        """
        from . import unit_tests

        return unit_tests.expected_type(column)

    @available
    def compared_column(self, column: OceanBaseColumn) -> str:
        """Return the SQL for ``column`` in the query that compares the actual and the expected rows of a unit test.

        It is the name in backticks. An array, map, vector or roaring bitmap is converted to text, with the name as its
        alias, because the query is a UNION, which the server refuses for many of these values.
        """
        from . import unit_tests

        return unit_tests.compared(column)

    @available
    def fixture_value(self, fixture: str, row: dict[str, Any], name: str, value: Any, data_type: str) -> str:
        """Return ``value``, a value in a row of a unit test, as SQL of the type ``data_type``.

        None becomes a NULL. Raises DbtRuntimeError if ``value`` is not a value of ``data_type``, or if the rows of a
        unit test cannot have values of this type. The error names the ``fixture`` (the quoted name of an input, or
        ``expected output``), the ``row``, the column ``name`` and the value. See ``unit_tests.fixture_value``.
        """
        from . import unit_tests

        try:
            return unit_tests.fixture_value(value, data_type)
        except unit_tests.NotReadableError as error:
            place = f"unit test fixture for {fixture}, row {unit_tests.row_text(row)}, column {name}"
            raise DbtRuntimeError(f"{place}: {value!r} {error}") from None

    @available
    def expected_rows(self, rows: Sequence[dict[str, Any]], test: str) -> list[dict[str, Any]]:
        """Return the expected ``rows`` of the unit test ``test`` with their columns in the order of the first row.

        Raise DbtRuntimeError if a row has other columns than the first row. See ``unit_test_rows.expected_rows``.
        """
        from . import unit_test_rows

        return unit_test_rows.expected_rows(rows, test)

    @available
    def given_rows(self, rows: Sequence[dict[str, Any]], model: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
        """Return the given ``rows`` of an input of a unit test, with None for NULL if they come from a seed's file.

        ``model`` is the input, for which dbt makes an ephemeral model. If a unit test gives no rows for a seed, dbt
        reads them from the seed's file as texts, and ``dbt seed`` loads some texts as NULL, such as an empty one. Rows
        that are written in the unit test are returned unchanged. Raise DbtRuntimeError if it is not known where the
        rows come from, and if it matters.
        """
        from . import unit_test_rows

        name, package = str(model["name"]), str(model["package_name"])
        manifest: Any = self.get_macro_resolver()
        seed = manifest.nodes.get(f"seed.{package}.{name}")
        # an input that is a source has another id
        if seed is None or model["unique_id"] != f"model.{package}.{name}":
            return rows
        given = self._given_in_file(manifest)
        if given is None and unit_test_rows.may_be_null(rows):
            raise DbtRuntimeError(
                f"unit test fixture for '{name}': without the YAML file of the unit test it is not known whether an "
                "empty text means NULL, as in the file of the seed: run dbt with its files"
            )
        if not unit_test_rows.is_from_file(given or (), name, package):
            return rows
        return unit_test_rows.as_loaded(rows, seed.config.column_types)

    def _given_in_file(self, manifest: Any) -> Sequence[Mapping[str, Any]] | None:
        """Return the inputs of the unit test that this thread runs as its YAML file has them, or None if it has none.

        dbt names the connection of a thread after the node that it runs.
        """
        test = manifest.unit_tests.get(self.connections.get_thread_connection().name)
        file = manifest.files.get(test.file_id) if test else None
        written = file.dict_from_yaml.get("unit_tests", ()) if file else ()
        found = [each for each in written if (each.get("name"), each.get("model")) == (test.name, test.model)]
        return found[0].get("given") or () if found else None

    @available
    def given_types(self, columns: Sequence[OceanBaseColumn]) -> dict[str, str]:
        """Return the types of the given values for ``columns``, the columns of an input of a unit test.

        The keys of the result are the names of the columns in lower case. The type of a text column whose collation
        differs from the session's is ``collated_text``, see ``unit_tests.COLLATED_TEXT``. Sessions of nodes with the
        same session variables have the same collation, so it is asked once in a run for each set of variables.
        """
        from . import unit_tests

        settings = self.connections.get_thread_connection().settings
        variables = settings.variables if settings else ()
        if variables not in self._session_collations and any(column.collation for column in columns):
            _, cursor = self.connections.add_select_query("select @@collation_connection")
            self._session_collations[variables] = str(cursor.fetchone()[0])
        collation = self._session_collations.get(variables, "")
        return {column.name.lower(): unit_tests.given_type(column, collation) for column in columns}
