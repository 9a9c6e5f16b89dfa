"""Load seeds: infer the types of their columns from the values, and make INSERT statements with many rows."""

from __future__ import annotations

from .inserts import packed_inserts
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
    "datetime_type",
    "declared_or_inferred",
    "declared_type",
    "number_type",
    "packed_inserts",
    "rows_of_file",
    "text_type",
    "with_all_digits",
]
