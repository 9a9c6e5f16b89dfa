"""A column of OceanBase: its type's names in DDL, in CAST and in a contract, and how far it can be widened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from dbt.adapters.base.column import Column
from pymysql.constants import FLAG

from .connect.quoting import identifier
from .sql import types
from .sql.field_types import name_of_code

STRING_TYPES = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext")
"""Character types from narrow to wide."""

INTEGER_TYPES = ("tinyint", "smallint", "mediumint", "int", "bigint")
"""Integer types from narrow to wide; each may be unsigned."""

FLOAT_TYPES = ("float", "double")
TIME_TYPES = ("datetime", "timestamp", "time")
"""Types with a precision of fractions of a second; more digits are rounded away without a warning."""

KINDS = {
    "text": (*STRING_TYPES, "enum", "set", "array", "map", "vector"),
    "bytes": ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"),
    "integer": (*INTEGER_TYPES, "year"),
    "float": FLOAT_TYPES,
    "time": ("datetime", "timestamp"),
    "geometry": (
        *("geometry", "point", "linestring", "polygon"),
        *("multipoint", "multilinestring", "multipolygon", "geomcollection"),
    ),
}
"""Families of types that a contract does not tell apart."""

_SAME_VALUES = (frozenset(INTEGER_TYPES), frozenset(STRING_TYPES) - {"char"})
"""Types that hold the same values, or refuse one that they cannot hold; char takes blanks from the end."""

MAX_VARCHAR, MAX_PRECISION, MAX_SCALE = 262_144, 65, 30
_LONGEST_NUMBER = MAX_PRECISION + len("-0.")

BINARY = 63
"""Number of the character set that marks bytes; text and blob, char and binary share their field types."""


BYTES_PER_CHARACTER = 4
"""The protocol counts bytes, four for each character of utf8mb4."""


TEXT_FIELDS = {255: "tinytext", 65_535: "text", 16_777_215: "mediumtext"}
"""Text types by the bytes that the protocol gives; longtext beyond."""


_INTEGER_FIELDS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})


_TIME_FIELDS = frozenset({"datetime", "timestamp", "time"})

_NUMBERS = re.compile(r"\((\d+(?:\s*,\s*\d+)*)\)")


@dataclass
class OceanBaseColumn(Column):
    """A column. ``dtype`` is the type without length or precision of strings and decimals, which stand beside it.

    ``refuses_null`` is said of a column that is NOT NULL, no part of a key, and without a default that only somebody
    who declared it can have given; with ``has_default`` as well it is one that CREATE TABLE ... AS made of a literal,
    and nobody declared. ``is_generated``: the server computes it.
    """

    nullable: bool = True
    refuses_null: bool = False
    has_default: bool = False
    is_generated: bool = False

    @property
    def quoted(self) -> str:
        """Give the name in backticks."""
        return identifier(self.column)

    @property
    def data_type(self) -> str:
        """Give the type as DDL takes it."""
        if self.dtype in ("char", "varchar", "binary", "varbinary"):
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
    ) -> OceanBaseColumn:
        """Make a column from its name, ``information_schema.columns.column_type`` and what it does with NULL."""
        column = cls._of_type(name, column_type)
        column.nullable, column.refuses_null, column.has_default = nullable, refuses_null, has_default
        column.is_generated = bool(is_generated)
        return column

    @classmethod
    def _of_type(cls, name: str, column_type: str) -> OceanBaseColumn:
        canonical = types.canonical_type(column_type)
        base, numbers = types.base_type(canonical), numbers_of(canonical)
        if base in ("char", "varchar", "binary", "varbinary"):
            return cls(name, base, char_size=numbers[0] if numbers else 1)
        if base == "decimal" and len(numbers) == 2 and canonical.endswith(")"):
            return cls(name, base, numeric_precision=numbers[0], numeric_scale=numbers[1])
        return cls(name, canonical)

    @classmethod
    def translate_type(cls, dtype: str) -> str:
        """Give the type that dbt's name stands for; a decimal without a precision stays one, to be warned about."""
        written = types.ddl_type(dtype)
        return "decimal" if types.base_type(dtype) == "decimal" and "(" not in dtype else written

    @classmethod
    def cast_target(cls, data_type: str) -> str:
        """Give what CAST takes for a column type."""
        return types.cast_target(data_type)

    @classmethod
    def ddl_type(cls, data_type: str) -> str:
        """Give what DDL takes for a type name that a dbt user may write."""
        return types.ddl_type(data_type)

    @classmethod
    def canonical_type(cls, data_type: str) -> str:
        """Give the one spelling of a column type."""
        return types.canonical_type(data_type)

    @classmethod
    def string_type(cls, size: int) -> str:
        """Give the type for text of ``size`` characters."""
        return f"varchar({size})" if size <= MAX_VARCHAR else "longtext"

    def is_string(self) -> bool:
        """Tell whether the column holds characters (not enum or set)."""
        return self.dtype.lower() in STRING_TYPES

    def compares_as_text(self) -> bool:
        """Tell whether the server compares the column by a collation, which folds case, accents and blanks."""
        return self.is_string() or types.base_type(self.dtype) in ("enum", "set")

    def is_integer(self) -> bool:
        """Tell whether the column holds integers."""
        return types.base_type(self.dtype) in INTEGER_TYPES

    def is_float(self) -> bool:
        """Tell whether the column holds binary floating point numbers."""
        return types.base_type(self.dtype) in FLOAT_TYPES

    def is_numeric(self) -> bool:
        """Tell whether the column holds decimals."""
        return types.base_type(self.dtype) == "decimal"

    def holds_time(self) -> bool:
        """Tell whether the column holds dates or times without a zone."""
        return types.base_type(self.dtype) in ("date", "datetime", "time")

    def kind(self) -> str:
        """Give what columns of a contract and of a query have in common where one may hold the other's values.

        Enumerations, arrays, maps and vectors are text here, since a query's fields do not tell them apart.
        """
        base = types.base_type(self.dtype)
        return next((family for family, names in KINDS.items() if base in names), base)

    def string_size(self) -> int:
        """Give the characters that fit (for text types the bytes, at least a quarter of that in characters)."""
        sizes = {"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215, "longtext": 536_870_910}
        return sizes.get(self.dtype, int(self.char_size or 1))

    def can_expand_to(self, other_column: Column) -> bool:
        """Tell whether this column should be widened to hold the values of ``other_column``."""
        return isinstance(other_column, OceanBaseColumn) and self.widened_for(other_column) is not None

    def widened_for(self, other: OceanBaseColumn) -> str | None:
        """Give the type that holds the values of both columns, or None where this one already does.

        Never changes the kind of a column, except for one that a NULL literal made and that can hold nothing; one that
        a '' literal made stays text.
        """
        if self._holds_nothing():
            if other._holds_nothing():
                return None
            return self.string_type(_LONGEST_NUMBER) if self._holds_empty_text(other) else other.data_type
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

    def changes_in(self, other: OceanBaseColumn) -> bool:
        """Tell whether a value of this column may become another one when it is stored in ``other``."""
        if self._holds_nothing():
            return False
        own, new = types.base_type(self.dtype), types.base_type(other.dtype)
        alike = own == new or any({own, new} <= family for family in _SAME_VALUES)
        return not alike or other.widened_for(self) is not None

    def _holds_nothing(self) -> bool:
        return self.dtype in ("binary", "varbinary", "char", "varchar") and self.char_size == 0

    def _holds_empty_text(self, other: OceanBaseColumn) -> bool:
        """Tell whether a literal '' made this column, whose rows then refuse the type of numbers and times."""
        was_literal = self.dtype in ("char", "varchar") and not self.nullable
        return was_literal and types.base_type(other.dtype) in (*types.NUMBERS, *TIME_TYPES, "date", "year")

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
        """Give precision and scale of a decimal, also of an unsigned one, whose type stands in ``dtype`` as a whole."""
        if self.numeric_precision is None:
            precision, scale = numbers_of(types.canonical_type(self.dtype)) or (10, 0)
            return precision, scale
        return int(self.numeric_precision), int(self.numeric_scale or 0)


def numbers_of(data_type: str) -> list[int]:
    """Give the numbers in a type's parentheses: length, or precision and scale."""
    found = _NUMBERS.search(data_type)
    return [int(number) for number in found.group(1).split(",")] if found else []


def _fraction(dtype: str) -> int:
    numbers = numbers_of(dtype)
    return numbers[0] if numbers else 0


def column_of(field: Any) -> OceanBaseColumn:
    """Make a column from a field descriptor of the driver. What has no type of its own (NULL) counts as text."""
    name = name_of_code(field.type_code)
    is_unsigned = bool(field.flags & FLAG.UNSIGNED)
    if name in _INTEGER_FIELDS:
        boolean = name == "tinyint" and field.length == 1
        kind = "tinyint(1)" if boolean else f"{name} unsigned" if is_unsigned else name
        return OceanBaseColumn(field.name, kind)
    if name == "decimal":
        precision = field.length - (field.scale > 0) - (not is_unsigned)
        return OceanBaseColumn(field.name, name, numeric_precision=precision, numeric_scale=field.scale)
    if name in _TIME_FIELDS and field.scale:
        return OceanBaseColumn(field.name, f"{name}({field.scale})")
    if name in ("char", "varchar"):
        if field.charsetnr == BINARY:
            return OceanBaseColumn(field.name, "binary" if name == "char" else "varbinary", char_size=field.length)
        return OceanBaseColumn(field.name, name, char_size=field.length // BYTES_PER_CHARACTER)
    if name == "text":
        text = TEXT_FIELDS.get(field.length, "longtext")
        return OceanBaseColumn(field.name, text.replace("text", "blob") if field.charsetnr == BINARY else text)
    return OceanBaseColumn(field.name, "text" if name == "null" else name)
