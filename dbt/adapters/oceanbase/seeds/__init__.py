"""Seeds: column types from the values, and rows as packed multi-row INSERTs of literals."""

from __future__ import annotations

from .columns import datetime_type, declared_or_inferred, exactly, number_type, rows_of_file, text_type
from .inserts import packed_inserts

__all__ = [
    "datetime_type",
    "declared_or_inferred",
    "exactly",
    "number_type",
    "packed_inserts",
    "rows_of_file",
    "text_type",
]
