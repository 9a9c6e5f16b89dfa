"""The rows of a seed, as the seed's macros use them: from dbt's table, or from the seed's file (``file_rows``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from .inserts import ROWS_PER_INSERT, ColumnLiterals
from .literals import declared_literal, inferred_literal, is_iso_time
from .type_inference import rows_of_file

if TYPE_CHECKING:
    import agate


class SeedRows(Protocol):
    """The rows of a seed and the types of their columns.

    ``column_names`` has the names of the columns in the order of the file. ``count`` is the number of rows to load. It
    is 0 with ``dbt seed --empty``.
    """

    @property
    def column_names(self) -> Sequence[str]: ...

    @property
    def count(self) -> int: ...

    def inferred_type(self, index: int) -> str:
        """Return the SQL type that holds all values of the column at ``index``, as dbt's rules infer it."""

    def values(self, index: int) -> Iterable[Any]:
        """Return all values of the column at ``index`` in the Python type that dbt infers for it, with None for NULL.

        If the config ``column_types`` declares the column's type, the values are texts.
        """

    def chunks(self) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows by chunks of at most ``ROWS_PER_INSERT`` rows. A chunk has a sequence of values per column."""

    def literals(self, kinds: Sequence[str | None], escape: Callable[[str], str]) -> list[ColumnLiterals]:
        """Return the functions that convert the values of each column in ``chunks`` to SQL literals.

        ``kinds`` has the type of each column in the config ``column_types``, or None. ``escape`` makes a SQL literal of
        a text.
        """


class TableRows:
    """The rows of a seed that dbt has read into an agate table."""

    def __init__(
        self,
        table: agate.Table,
        full: agate.Table,
        convert: Callable[[agate.Table, int], str],
        delimiter: str = ",",
    ) -> None:
        """Wrap ``table``, whose rows are loaded.

        The types of the columns come from ``full``. It is the same table, or with ``dbt seed --empty`` a table of all
        rows of the file. ``convert(table, index)`` returns the SQL type for the column of a table. ``delimiter``
        separates the fields in the file.
        """
        self._delimiter = delimiter
        self._table = table
        self._full = full
        self._convert = convert
        self._types: dict[int, str] = {}
        self.column_names: Sequence[str] = table.column_names
        self.count = len(table.rows)

    def inferred_type(self, index: int) -> str:
        """Return the SQL type that holds all values of the column at ``index``, as agate has read them from the file.

        With ``dbt seed --empty`` these are the values of all rows of the file, although no row is loaded.
        """
        if index not in self._types:
            self._types[index] = self._convert(self._full, index)
        return self._types[index]

    def values(self, index: int) -> Iterable[Any]:
        """Return all values of the column at ``index``, as agate has read them, even if ``--empty`` loads no row."""
        values: Iterable[Any] = self._full.columns[index].values()
        return values

    def chunks(self) -> Iterator[Sequence[Sequence[Any]]]:
        """Yield chunks of the rows, with agate's values. Yield nothing with ``dbt seed --empty``. See ``SeedRows``.

        The values of a column of ISO times are texts, because agate's values lack what is smaller than a microsecond.
        """
        rows, texts = self._table.rows.values(), self._iso_times()
        for first in range(0, len(rows), ROWS_PER_INSERT):
            until = first + ROWS_PER_INSERT
            columns = zip(*(row.values() for row in rows[first:until]), strict=True)
            yield [texts[index][first:until] if index in texts else column for index, column in enumerate(columns)]

    def _iso_times(self) -> dict[int, Sequence[str | None]]:
        """Read the columns of ISO times again as texts, and return them by index.

        Return nothing if no rows are loaded, or if agate has not read a file.
        """
        columns = self._table.columns
        found = {i: column.name for i, column in enumerate(columns) if is_iso_time(column.data_type)}
        if not found or not self.count or not hasattr(self._table, "original_abspath"):
            return {}
        read = rows_of_file(self._table, found.values(), self._delimiter)
        return {index: read.columns[index].values() for index in found}

    def literals(self, kinds: Sequence[str | None], escape: Callable[[str], str]) -> list[ColumnLiterals]:
        """Return the functions that convert agate's values of each column to SQL literals. See ``SeedRows``."""
        return [
            ColumnLiterals(
                column.name,
                declared_literal(kind, escape)
                if kind
                else inferred_literal(column.data_type, self.inferred_type(index), escape),
            )
            for index, (column, kind) in enumerate(zip(self._table.columns, kinds, strict=True))
        ]
