"""Seeds: column types from the values, and rows as packed multi-row INSERTs of literals."""

from __future__ import annotations

from .inserts import packed_inserts
from .type_inference import datetime_type, declared_or_inferred, exactly, number_type, rows_of_file, text_type

__all__ = [
    "datetime_type",
    "declared_or_inferred",
    "exactly",
    "number_type",
    "packed_inserts",
    "rows_of_file",
    "text_type",
]
