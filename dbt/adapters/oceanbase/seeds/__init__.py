"""Load seeds: infer the types of their columns from the values, and make INSERT statements with many rows."""

from __future__ import annotations

from .file_rows import FileRows, read_file
from .inserts import packed_inserts
from .rows import SeedRows, TableRows
from .type_inference import (
    datetime_type,
    declared_or_inferred,
    declared_type,
    number_type,
    rows_of_file,
    text_type,
    with_all_digits,
)

__all__ = [
    "FileRows",
    "SeedRows",
    "TableRows",
    "datetime_type",
    "declared_or_inferred",
    "declared_type",
    "number_type",
    "packed_inserts",
    "read_file",
    "rows_of_file",
    "text_type",
    "with_all_digits",
]
