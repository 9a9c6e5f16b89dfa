"""A column of OceanBase: its type in DDL, in CAST and in a contract, and the types to which it can be widened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dbt.adapters.base.column import Column
from pymysql.constants import FLAG

from .connect.quoting import identifier
from .sql import types
from .sql.field_types import name_of_code
from .sql.types import (
    FLOAT_TYPES,
    INTEGER_TYPES,
    LENGTH_TYPES,
    MAX_PRECISION,
    MAX_SCALE,
    MAX_VARCHAR,
    STRING_TYPES,
    TEXT_TYPES,
    TIME_TYPES,
    numbers_of,
)

_CONTRACT_FAMILIES = {
    "text": (*STRING_TYPES, *types.types_in("enumeration", "collection")),
    "bytes": types.types_in("binary", "blob"),
    "integer": (*INTEGER_TYPES, "year"),
    "float": FLOAT_TYPES,
    "time": ("datetime", "timestamp"),
    "geometry": types.types_in("geometry"),
}
"""Families of types that a contract does not tell apart."""

_SAME_VALUES = (frozenset(INTEGER_TYPES), frozenset(STRING_TYPES) - {"char"})
"""Types that store the same values, or refuse a value that is too large; CHAR removes trailing blanks."""

_COMPARED_BY_VALUE = (*types.types_in("collection"), "sparsevector")
"""Types that the server does not cast to bytes."""

_MAX_NUMBER_LENGTH = MAX_PRECISION + len("-0.")
"""Characters of the longest decimal number."""

_BINARY_CHARACTER_SET = 63
"""Number of the character set that marks bytes; TEXT and BLOB, and CHAR and BINARY, share their field types."""

_BYTES_PER_CHARACTER = 4
"""The protocol gives lengths in bytes, four for each character of utf8mb4."""


@dataclass
class OceanBaseColumn(Column):
    """A column. ``dtype`` is the type without the length or precision of strings and decimals, which are own fields.

    ``refuses_null``: the column is NOT NULL, not part of a key, and has no default that must have been declared. If
    ``has_default`` is true as well, CREATE TABLE ... AS made the NOT NULL from a literal, and nobody declared it.
    ``is_generated``: the server computes the column.
    ``collation``: that of a text, with which the server compares it; None for other types, and where it was not read.
    ``mixes_collations``: the column of the new rows, with which this one is compared, has another collation.
    """

    nullable: bool = True
    refuses_null: bool = False
    has_default: bool = False
    is_generated: bool = False
    collation: str | None = None
    mixes_collations: bool = False

    @property
    def quoted(self) -> str:
        """Return the name in backticks."""
        return identifier(self.column)

    @property
    def data_type(self) -> str:
        """Return the type for DDL."""
        if self.dtype in LENGTH_TYPES:
            return f"{self.dtype}({self.char_size if self.char_size is not None else 1})"
        if self.dtype == "decimal":
            return f"decimal({self.numeric_precision},{self.numeric_scale})"
        return str(self.dtype)

    @classmethod
    def from_catalog(
        cls,
        name: str,
        column_type: str,
        nullable: bool = True,
        refuses_null: bool = False,
        has_default: bool = False,
        is_generated: bool | None = False,
        collation: str | None = None,
    ) -> OceanBaseColumn:
        """Make a column from its name, its ``information_schema.columns.column_type`` and its attributes."""
        column = cls._of_type(name, column_type)
        column.nullable, column.refuses_null, column.has_default = nullable, refuses_null, has_default
        column.is_generated, column.collation = bool(is_generated), collation
        return column

    @classmethod
    def _of_type(cls, name: str, column_type: str) -> OceanBaseColumn:
        canonical = types.canonical_type(column_type)
        base, numbers = types.base_type(canonical), numbers_of(canonical)
        if base in LENGTH_TYPES:
            return cls(name, base, char_size=numbers[0] if numbers else 1)
        if base == "decimal" and len(numbers) == 2 and canonical.endswith(")"):
            return cls(name, base, numeric_precision=numbers[0], numeric_scale=numbers[1])
        return cls(name, canonical)

    @classmethod
    def translate_type(cls, dtype: str) -> str:
        """Return the type for a name of dbt; a decimal without a precision stays one, so that dbt warns about it."""
        written = types.ddl_type(dtype)
        return "decimal" if types.base_type(dtype) == "decimal" and "(" not in dtype else written

    @classmethod
    def cast_target(cls, data_type: str) -> str:
        """Return the type for CAST that converts to a column type."""
        return types.cast_target(data_type)

    @classmethod
    def ddl_type(cls, data_type: str) -> str:
        """Return the type for DDL from a type name that a dbt user may write."""
        return types.ddl_type(data_type)

    @classmethod
    def canonical_type(cls, data_type: str) -> str:
        """Return the canonical spelling of a column type."""
        return types.canonical_type(data_type)

    @classmethod
    def string_type(cls, size: int) -> str:
        """Return the type for text of ``size`` characters."""
        return f"varchar({size})" if size <= MAX_VARCHAR else "longtext"

    def is_string(self) -> bool:
        """Check whether the column has a character type (not ENUM or SET)."""
        return self.dtype.lower() in STRING_TYPES

    def compares_as_text(self) -> bool:
        """Check whether the server compares the column by a collation, which ignores case, accents and blanks."""
        return self.is_string() or types.base_type(self.dtype) in ("enum", "set")

    def compares_as_bytes_with(self, stored: OceanBaseColumn) -> bool:
        """Check whether values of this column of a query are compared byte for byte with those of a stored column.

        The fields of a query show arrays, maps and vectors as text, so the type of the stored column comes first: the
        server casts none of these to bytes, and compares their values; of bitmaps it compares only the bytes.
        """
        base = types.base_type(stored.dtype)
        if base.partition("(")[0] in _COMPARED_BY_VALUE:
            return False
        return base == "roaringbitmap" or self.compares_as_text() or stored.compares_as_text()

    def is_integer(self) -> bool:
        """Check whether the column has an integer type."""
        return types.base_type(self.dtype) in INTEGER_TYPES

    def is_float(self) -> bool:
        """Check whether the column has a binary floating point type."""
        return types.base_type(self.dtype) in FLOAT_TYPES

    def is_numeric(self) -> bool:
        """Check whether the column is a DECIMAL."""
        return types.base_type(self.dtype) == "decimal"

    def is_date_or_time(self) -> bool:
        """Check whether the column holds dates or times without a zone."""
        return types.base_type(self.dtype) in ("date", "datetime", "time")

    def contract_family(self) -> str:
        """Return the family of the type: a contract accepts a column of a query if both families are equal.

        Enumerations, arrays, maps and vectors count as text, since the fields of a query do not tell them apart.
        """
        base = types.base_type(self.dtype)
        return next((family for family, names in _CONTRACT_FAMILIES.items() if base in names), base)

    def string_size(self) -> int:
        """Return the length in characters; for TEXT types in bytes, which is at least a quarter of it in characters."""
        max_bytes = types.TYPES[self.dtype].max_bytes if self.dtype in TEXT_TYPES else None
        return max_bytes or int(self.char_size or 1)

    def can_expand_to(self, other_column: Column) -> bool:
        """Check whether this column must be widened to hold the values of ``other_column``."""
        return isinstance(other_column, OceanBaseColumn) and self.widened_for(other_column) is not None

    def widened_for(self, other: OceanBaseColumn) -> str | None:
        """Return the type that holds the values of both columns, or None if this column already does.

        The family of the type never changes, with one exception: a column that a NULL literal made can hold no value
        and takes any type. A column that a '' literal made stays text.
        """
        if self._holds_nothing():
            if other._holds_nothing():
                return None
            return self.string_type(_MAX_NUMBER_LENGTH) if self._is_empty_text_for(other) else other.data_type
        if self.is_string() and other.is_string():
            return self._widened_string(other)
        if self.is_numeric() and other.is_numeric():
            return self._widened_decimal(other)
        own, new = types.base_type(self.dtype), types.base_type(other.dtype)
        for family in (INTEGER_TYPES, FLOAT_TYPES):
            if own in family and new in family:
                same_sign = ("unsigned" in self.dtype) == ("unsigned" in other.dtype)
                return other.dtype if same_sign and family.index(new) > family.index(own) else None
        if own == new and own in TIME_TYPES and _fraction(other.dtype) > _fraction(self.dtype):
            return str(other.dtype)
        return None

    def may_change_in(self, other: OceanBaseColumn) -> bool:
        """Check whether a value of this column may change when it is stored in ``other``."""
        if self._holds_nothing():
            return False
        own, new = types.base_type(self.dtype), types.base_type(other.dtype)
        alike = own == new or any({own, new} <= family for family in _SAME_VALUES)
        return not alike or other.widened_for(self) is not None

    def _holds_nothing(self) -> bool:
        return self.dtype in ("binary", "varbinary", "char", "varchar") and self.char_size == 0

    def _is_empty_text_for(self, other: OceanBaseColumn) -> bool:
        """Check whether a '' literal made this column and ``other`` is a number or a time, which '' is not."""
        is_from_literal = self.dtype in ("char", "varchar") and not self.nullable
        return is_from_literal and types.base_type(other.dtype) in (*types.NUMBERS, *TIME_TYPES, "date", "year")

    def _widened_string(self, other: OceanBaseColumn) -> str | None:
        fixed = ("char", "varchar")
        if self.dtype in fixed and other.dtype in fixed:
            return self.string_type(other.string_size()) if other.string_size() > self.string_size() else None
        wider = STRING_TYPES.index(other.dtype) > STRING_TYPES.index(self.dtype)
        return other.dtype if wider and other.string_size() > self.string_size() else None

    def _widened_decimal(self, other: OceanBaseColumn) -> str | None:
        own, new = self.decimal_size(), other.decimal_size()
        scale = min(max(own[1], new[1]), MAX_SCALE)
        precision = min(max(own[0] - own[1], new[0] - new[1]) + scale, MAX_PRECISION)
        return f"decimal({precision},{scale})" if (precision, scale) != own else None

    def decimal_size(self) -> tuple[int, int]:
        """Return precision and scale of a decimal; for an unsigned one they are part of ``dtype``."""
        if self.numeric_precision is None:
            precision, scale = numbers_of(types.canonical_type(self.dtype)) or (10, 0)
            return precision, scale
        return int(self.numeric_precision), int(self.numeric_scale or 0)


def _fraction(dtype: str) -> int:
    numbers = numbers_of(dtype)
    return numbers[0] if numbers else 0


def column_from_field(field: Any) -> OceanBaseColumn:
    """Make a column from a field descriptor of the driver; a field without a type (NULL) becomes text."""
    name = name_of_code(field.type_code)
    is_unsigned = bool(field.flags & FLAG.UNSIGNED)
    if name in INTEGER_TYPES:
        boolean = name == "tinyint" and field.length == 1
        kind = "tinyint(1)" if boolean else f"{name} unsigned" if is_unsigned else name
        return OceanBaseColumn(field.name, kind)
    if name == "decimal":
        precision = field.length - (field.scale > 0) - (not is_unsigned)
        return OceanBaseColumn(field.name, name, numeric_precision=precision, numeric_scale=field.scale)
    if name in TIME_TYPES and field.scale:
        return OceanBaseColumn(field.name, f"{name}({field.scale})")
    if name in ("char", "varchar"):
        if field.charsetnr == _BINARY_CHARACTER_SET:
            return OceanBaseColumn(field.name, "binary" if name == "char" else "varbinary", char_size=field.length)
        return OceanBaseColumn(field.name, name, char_size=field.length // _BYTES_PER_CHARACTER)
    if name == "text":
        text = next((kind for kind in TEXT_TYPES if types.TYPES[kind].max_bytes == field.length), "longtext")
        is_binary = field.charsetnr == _BINARY_CHARACTER_SET
        return OceanBaseColumn(field.name, types.BINARY_OF[text] if is_binary else text)
    return OceanBaseColumn(field.name, "text" if name == "null" else name)
