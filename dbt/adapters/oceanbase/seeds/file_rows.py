"""Read the CSV file of a seed in little memory, without an agate table, and infer types by dbt's rules in one pass."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .column_scan import ColumnScan, NotScanned, type_tests
from .inserts import ROWS_PER_INSERT, ColumnLiterals
from .literals import declared_literal, inferred_literal, is_iso_time
from .shortcuts import declared_shortcut, inferred_shortcut
from .type_inference import with_all_digits

if TYPE_CHECKING:
    import agate

BOM = "\ufeff"


def read_file(path: Path, declared: Collection[str], delimiter: str) -> FileRows | None:
    """Read the CSV file of a seed and infer the types of its columns as dbt's loader does.

    ``declared`` has the names of the columns whose types are declared, and ``delimiter`` separates the fields. Return
    None if the file is unusual, so that dbt's loader must read it or refuse it. Examples are a file that does not
    exist, a row with too many fields, columns without a name, columns of the same name, and invalid UTF-8.
    """
    try:
        return FileRows(path.read_bytes(), declared, delimiter)
    except (OSError, ValueError, TypeError, csv.Error, NotScanned):
        return None


class FileRows:
    """The rows of a seed, parsed from the bytes of its file. See ``SeedRows``.

    The bytes stay in memory and are parsed several times, so that a change of the file in the meantime has no effect.
    """

    def __init__(self, content: bytes, declared: Collection[str], delimiter: str) -> None:
        """Infer the types of the columns in ``content`` that are not in ``declared``.

        ``delimiter`` separates the fields. Raise ValueError, TypeError, csv.Error or NotScanned if dbt's loader would
        refuse the file, or if it may read the file in another way.
        """
        self._content = content
        self._delimiter = delimiter
        names = next(self._parsed(), [])
        if not names or not all(names) or len(set(names)) < len(names) or not set(declared) <= set(names):
            raise NotScanned
        kinds = type_tests()
        self._text = kinds[-1]
        self.column_names: Sequence[str] = tuple(names)
        self.count = 0
        self._declared: dict[int, list[Any]] = {}
        self._scans = [None if name in declared else ColumnScan(kinds) for name in names]
        for chunk in self.chunks():
            self.count += len(chunk[0])
            for scan, values in zip(self._scans, chunk, strict=True):
                if scan:
                    with_all_digits(partial(scan.add, values))

    def _parsed(self) -> Iterator[list[str]]:
        """Yield the header and the rows as the csv module parses them."""
        file = io.TextIOWrapper(io.BytesIO(self._content), encoding="utf-8")
        if file.read(1) != BOM:
            file.seek(0)
        yield from csv.reader(file, delimiter=self._delimiter)

    def chunks(self) -> Iterator[Sequence[Sequence[str]]]:
        """Yield the rows by chunks, as texts. A field that a short row lacks is an empty text. See ``SeedRows``."""
        width = len(self.column_names)
        rows = self._parsed()
        next(rows)
        while chunk := list(islice(rows, ROWS_PER_INSERT)):
            widths = set(map(len, chunk))
            if max(widths) > width:
                raise NotScanned
            if len(widths) > 1 or width not in widths:
                chunk = [row + [""] * (width - len(row)) for row in chunk]
            yield list(zip(*chunk, strict=True))

    def inferred_type(self, index: int) -> str:
        """Return the SQL type that holds all values of the column at ``index``, or ``text`` if its type is declared."""
        scan = self._scans[index]
        return scan.sql_type() if scan else "text"

    def values(self, index: int) -> Iterable[Any]:
        """Yield the values of the column at ``index`` as dbt's loader converts them. See ``SeedRows``."""
        if self._scans[index] is None:
            yield from self._declared_values()[index]
            return
        cast = self._cast(index)
        for chunk in self.chunks():
            yield from cast(chunk[index])

    def _declared_values(self) -> dict[int, list[Any]]:
        # one pass for all columns: a pass per column would parse a wide file many times
        if not self._declared:
            casts = {index: self._cast(index) for index, scan in enumerate(self._scans) if scan is None}
            found: dict[int, list[Any]] = {index: [] for index in casts}
            for chunk in self.chunks():
                for index, cast in casts.items():
                    found[index].extend(cast(chunk[index]))
            self._declared = found
        return self._declared

    def literals(self, kinds: Sequence[str | None], escape: Callable[[str], str]) -> list[ColumnLiterals]:
        """Return the functions that convert the texts of each column to SQL literals. See ``SeedRows``."""
        return [self._literals_of(index, kind, escape) for index, kind in enumerate(kinds)]

    def _literals_of(self, index: int, declared: str | None, escape: Callable[[str], str]) -> ColumnLiterals:
        if declared:
            to_literal, shortcut = declared_literal(declared, escape), declared_shortcut(declared, escape)
        else:
            kind, sql_type = self._kind(index), self.inferred_type(index)
            to_literal, shortcut = inferred_literal(kind, sql_type, escape), inferred_shortcut(kind, sql_type, escape)
            if is_iso_time(kind):
                return ColumnLiterals(self.column_names[index], to_literal, None, shortcut)
        return ColumnLiterals(self.column_names[index], to_literal, self._cast(index), shortcut)

    def _kind(self, index: int) -> agate.DataType:
        scan = self._scans[index]
        return scan.kind if scan else self._text

    def _cast(self, index: int) -> Callable[[Sequence[str]], Sequence[Any]]:
        cast = self._kind(index).cast
        return lambda values: with_all_digits(lambda: list(map(cast, values)))
