"""The class for a column: its type in DDL, in CAST and in a contract, and the types to which it can be widened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from dbt.adapters.base.column import Column
from pymysql.constants import FLAG

from .connect.quoting import identifier
from .sql import members, types
from .sql.field_types import BITMAP_LENGTH, name_of_code
from .sql.stored_values import same_as_stored
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
from .sql.value_loss import float_places
from .sql.wider_types import BYTE_TYPES, wider_integer, wider_string

_CONTRACT_FAMILIES = {
    "text": (*STRING_TYPES, *types.types_in("enumeration", "collection")),
    "bytes": (*types.types_in("binary", "blob"), "roaringbitmap"),
    "integer": (*INTEGER_TYPES, "year"),
    "float": FLOAT_TYPES,
    "moment": ("datetime", "timestamp"),
    "geometry": types.types_in("geometry"),
}
"""Types by family. A contract treats all types of a family as equal.

The name of a family must not be the name of a type that is in no family, such as TIME.
"""

_SAME_VALUES = (frozenset(INTEGER_TYPES), frozenset(STRING_TYPES) - {"char"})
"""Sets of types that store each other's values unchanged. The server refuses a value that is too large for the type.

CHAR is in none of the sets, because it removes trailing blanks.
"""

_COMPARED_BY_VALUE = (*types.types_in("collection"), "sparsevector")
"""Types whose values are compared as values and not as bytes, because the server does not cast them to bytes."""

_MAX_NUMBER_LENGTH = MAX_PRECISION + len("-0.")
"""Characters of the longest DECIMAL written as text, with its sign, a leading zero and the decimal point."""

_BINARY_CHARACTER_SET = 63
"""Number of the character set ``binary`` in the MySQL protocol.

The protocol has the same field type for BLOB and TEXT, and the same for BINARY and CHAR. This character set marks the
BLOB and the BINARY.
"""

_BYTES_PER_CHARACTER = 4
"""Bytes for each character of utf8mb4. The MySQL protocol gives the lengths of text columns in bytes."""


@dataclass
class OceanBaseColumn(Column):
    """A column of a relation or of a query.

    ``dtype`` is the type. For CHAR, VARCHAR, BINARY and VARBINARY it does not contain the length, which is in
    ``char_size``. For DECIMAL it contains neither precision nor scale, which are in ``numeric_precision`` and
    ``numeric_scale``, unless the DECIMAL is unsigned.

    ``nullable``: the column accepts NULL. ``has_default``: the column has a default other than NULL. ``refuses_null``:
    the column is NOT NULL, is in no key, is neither generated nor AUTO_INCREMENT, and has no default, or the default
    zero or ''. Perhaps no user declared it NOT NULL, because CREATE TABLE ... AS also makes such columns. The adapter
    assumes this if ``has_default`` is true as well, because CREATE TABLE ... AS itself adds these defaults.

    ``is_generated``: the server computes the column. ``is_untyped``: the column belongs to a query and is nothing but a
    NULL without a cast. ``collation``: the collation of a text column, or None for other types and if the collation was
    not read. ``mixes_collations``: this text column has another collation than the column of the same name in the
    staging table with the new rows.
    """

    nullable: bool = True
    refuses_null: bool = False
    has_default: bool = False
    is_generated: bool = False
    is_untyped: bool = False
    collation: str | None = None
    mixes_collations: bool = False

    @property
    def quoted(self) -> str:
        """Return the name as an SQL identifier in backticks. A backtick in the name is doubled."""
        return identifier(self.column)

    @property
    def data_type(self) -> str:
        """Return the type for a column definition, such as ``varchar(20)`` or ``decimal(10,2)``.

        The type ``tinyint(1)`` is returned as a ``types.BooleanType``, a str that also compares equal to ``boolean``.
        """
        if self.dtype in LENGTH_TYPES:
            return f"{self.dtype}({self.char_size if self.char_size is not None else 1})"
        if self.dtype == "decimal" and self.numeric_precision is not None:
            return f"decimal({self.numeric_precision},{self.numeric_scale})"
        return types.BooleanType(self.dtype) if self.dtype == "tinyint(1)" else str(self.dtype)

    def collated_type(self, collation: str | None = None) -> str:
        """Return the type for a column definition with a COLLATE clause, if the column is text, ENUM or SET.

        The clause names ``collation``, or the column's own collation if that is None. It also decides the character set
        of the column. It is left out if neither is known.
        """
        name = collation or self.collation
        return f"{self.data_type} collate {name}" if name and self.compares_as_text() else self.data_type

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
        """Return the column ``name`` with its type and attributes from the server's catalog.

        ``column_type`` is the type as the catalog spells it, such as ``decimal(10,2)``, but with quotes and backslashes
        doubled in the values of an ENUM or SET (see ``escaped_column_type``). The column gets the canonical spelling of
        the type, so ``int(11)`` becomes ``int``.

        ``nullable``: the column accepts NULL. ``refuses_null``: the column is NOT NULL, is in no key, is neither
        generated nor AUTO_INCREMENT, and has no default, or the default zero or ''. So for a primary key, ``nullable``
        and ``refuses_null`` are both False. ``has_default``: the column has a default other than NULL.
        ``is_generated``: the server computes the column; None means False. ``collation``: the collation of a text
        column, or None for any other type and if the collation was not read.
        """
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
        """Return the type to write in a column definition for ``dtype``, a type that dbt or a dbt user may write.

        Names that the server refuses are replaced, for example ``string`` by ``text`` (see ``types.ddl_type``). The
        name of a DECIMAL alone, such as ``numeric``, becomes ``decimal``, so that dbt can warn about the missing
        precision.
        """
        is_bare = len(dtype.split()) == 1 and "(" not in dtype
        return "decimal" if is_bare and types.base_type(dtype) == "decimal" else types.ddl_type(dtype)

    @classmethod
    def cast_target(cls, data_type: str) -> str:
        """Return the type to write in CAST for a conversion to the column type ``data_type``.

        For example, ``varchar(20)`` becomes ``char(20)``, and ``int`` becomes ``signed``. See ``types.cast_target``.
        """
        return types.cast_target(data_type)

    @classmethod
    def ddl_type(cls, data_type: str) -> str:
        """Return the type to write in a column definition for ``data_type``, a type that a dbt user may write.

        Names that the server refuses are replaced, for example ``string`` by ``text``. See ``types.ddl_type``.
        """
        return types.ddl_type(data_type)

    @classmethod
    def canonical_type(cls, data_type: str) -> str:
        """Return the canonical spelling of the type ``data_type``, such as ``int`` for ``integer`` and ``int(11)``."""
        return types.canonical_type(data_type)

    @classmethod
    def string_type(cls, size: int) -> str:
        """Return ``varchar(size)``, or ``longtext`` if ``size`` is more characters than a VARCHAR can have."""
        return f"varchar({size})" if size <= MAX_VARCHAR else "longtext"

    def is_string(self) -> bool:
        """Check whether the column is a CHAR, a VARCHAR or one of the TEXT types. This is false for ENUM and SET."""
        return self.dtype.lower() in STRING_TYPES

    def compares_as_text(self) -> bool:
        """Check whether the server compares values of the column by a collation, as it does for text, ENUM and SET.

        A collation may ignore case, accents and trailing blanks.
        """
        return self.is_string() or types.base_type(self.dtype) in ("enum", "set")

    def compares_as_bytes_with(self, stored: OceanBaseColumn) -> bool:
        """Check whether this column of a query must be compared with ``stored``, a column of a table, byte for byte.

        The result is false if ``stored`` is an array, map or vector, because the server cannot cast these types to
        bytes. It is false even if this column is text, because a query returns arrays, maps and vectors as text. In all
        other cases, the result is true if one of the two columns is text, ENUM or SET, or if ``stored`` is a bitmap.
        """
        base = types.base_type(stored.dtype)
        if base.partition("(")[0] in _COMPARED_BY_VALUE:
            return False
        return base == "roaringbitmap" or self.compares_as_text() or stored.compares_as_text()

    def same_as_stored(self, stored: OceanBaseColumn, value: str, stored_value: str) -> str | None:
        """Return the SQL condition that an INSERT of ``value`` would store the value that ``stored_value`` has now.

        This column belongs to a query, and ``value`` is the SQL of its value. ``stored`` is a column of a table, and
        ``stored_value`` is the SQL of its value. The condition is also true if both values are NULL. It is false if the
        INSERT would change ``value``, for example by rounding. Return None if no such condition is needed, because the
        caller can compare the two values directly. See ``stored_values.same_as_stored``.
        """
        return same_as_stored(stored_value, stored.data_type, value, self.data_type)

    def is_integer(self) -> bool:
        """Check whether the column has an integer type."""
        return types.base_type(self.dtype) in INTEGER_TYPES

    def is_float(self) -> bool:
        """Check whether the column has a binary floating point type: FLOAT or DOUBLE."""
        return types.base_type(self.dtype) in FLOAT_TYPES

    def is_numeric(self) -> bool:
        """Check whether the column is a DECIMAL."""
        return types.base_type(self.dtype) == "decimal"

    def is_date_or_time(self) -> bool:
        """Check whether the column is a DATE, DATETIME or TIME.

        A TIMESTAMP does not count, because its values depend on the time zone of the session.
        """
        return types.base_type(self.dtype) in ("date", "datetime", "time")

    def contract_family(self) -> str:
        """Return the name of the family of the column's type, or the type's own name if the type is in no family.

        A contract accepts a query's column if the column's type and the declared type belong to the same family. ENUM,
        SET, arrays, maps and vectors belong to the family ``text``, because the result of a query shows them with the
        field types of text. Bitmaps belong to the family ``bytes``, because the result shows them as BLOBs.
        """
        base = types.base_type(self.dtype)
        return next((family for family, names in _CONTRACT_FAMILIES.items() if base in names), base)

    def string_size(self) -> int:
        """Return the maximum length of a character column: characters for CHAR and VARCHAR, bytes for TEXT types.

        If the length of a CHAR or VARCHAR is 0 or not known, return 1. Unlike dbt's own method, this one raises no
        error for a column of another type.
        """
        max_bytes = types.TYPES[self.dtype].max_bytes if self.dtype in TEXT_TYPES else None
        return max_bytes or int(self.char_size or 1)

    def can_expand_to(self, other_column: Column) -> bool:
        """Check whether this column is too narrow for the values of ``other_column``, and can be widened to its type.

        ``widened_for`` has the rules. The result is false if ``other_column`` does not hold the values of this column
        either, as INT UNSIGNED for INT.
        """
        if not isinstance(other_column, OceanBaseColumn) or other_column.widened_for(self) is not None:
            return False
        is_refused = "unsigned" in other_column.dtype and self.has_other_sign(other_column)
        return not is_refused and self.widened_for(other_column) is not None

    def has_other_sign(self, other: OceanBaseColumn) -> bool:
        """Check whether this column and ``other`` are integers, of which one is unsigned."""
        return self.is_integer() and other.is_integer() and ("unsigned" in self.dtype) != ("unsigned" in other.dtype)

    def widened_for(self, other: OceanBaseColumn) -> str | None:
        """Return the type to which this column must be widened so that it holds the values of ``other``.

        Return None if the column holds these values already, or if it cannot be widened. It can be widened if both
        columns are text, both are DECIMAL, both are integers, both are floating point numbers of the same signedness,
        both are BIT, both are DATETIME, both are TIMESTAMP, both are TIME, both are ENUM, or both are SET. It can also
        be widened if it is a VARBINARY or BLOB and ``other`` has bytes, too. The members that an ENUM or SET lacks are
        added at its end, so its own members keep their positions. An integer column stays signed or unsigned: an
        unsigned one is not widened for negative numbers, and a BIGINT not at all.

        A column of length 0 holds only NULL or '', so its type may change completely. CREATE TABLE ... AS makes such a
        column from a NULL literal or a '' literal. The column gets the type of ``other``, with two exceptions. A text
        column remains text if ``other`` has numbers, dates or times, because it may come from ''. If ``other`` is JSON,
        the column becomes LONGTEXT, because the server cannot change a column of another type to JSON (1235).
        """
        if self._holds_nothing():
            if other._holds_nothing():
                return None
            if other.dtype == "json":
                return "longtext"
            if self._is_empty_text_for(other):
                return self.string_type(_MAX_NUMBER_LENGTH)
            return other.data_type if self.is_string() else other.collated_type()
        own, new = types.base_type(self.dtype), types.base_type(other.dtype)
        if (self.is_string() and other.is_string()) or (own in BYTE_TYPES and new in ("binary", *BYTE_TYPES)):
            return wider_string(self.data_type, other.data_type)
        if self.is_numeric() and other.is_numeric():
            return self._widened_decimal(other)
        if own in INTEGER_TYPES and new in INTEGER_TYPES:
            return wider_integer(self.dtype, other.dtype)
        if own in FLOAT_TYPES and new in FLOAT_TYPES:
            same_sign = ("unsigned" in self.dtype) == ("unsigned" in other.dtype)
            # double(10,2) would round the column's own values
            kind = other.dtype if float_places(other.dtype) is None else re.sub(r"[(].*[)]", "", other.dtype)
            return kind if same_sign and FLOAT_TYPES.index(new) > FLOAT_TYPES.index(own) else None
        if own == new and own in members.MAX_MEMBERS:
            return members.with_members(self.dtype, other.dtype)
        if own == new and own in (*TIME_TYPES, "bit") and _argument(other.dtype) > _argument(self.dtype):
            return str(other.dtype)
        return None

    def may_change_in(self, other: OceanBaseColumn) -> bool:
        """Check by the types whether a value of this column may change when it is stored in the column ``other``.

        Types of the same name, two integer types, and two text types other than CHAR count as alike. The result is true
        if the types are not alike, such as int and decimal. It is also true if ``other`` is too narrow, so that its
        method ``widened_for`` returns a type for this column, and for a type such as ``double(10,2)``, which rounds,
        unless both columns have it. In all other cases the result is false. It is always false if this column has
        length 0, because such a column holds only NULL or ''.
        """
        if self._holds_nothing():
            return False
        own, new = types.base_type(self.dtype), types.base_type(other.dtype)
        alike = own == new or any({own, new} <= family for family in _SAME_VALUES)
        rounds = float_places(other.dtype) is not None and self.data_type != other.data_type
        return not alike or rounds or other.widened_for(self) is not None

    def _holds_nothing(self) -> bool:
        return self.dtype in ("binary", "varbinary", "char", "varchar") and self.char_size == 0

    def _is_empty_text_for(self, other: OceanBaseColumn) -> bool:
        """Check whether this column, whose length is 0, must stay a text column when it is widened for ``other``.

        The result is true if this column is CHAR or VARCHAR and ``other`` has numbers, dates or times. This column may
        hold '', which is no number and no time.
        """
        is_text = self.dtype in ("char", "varchar")
        return is_text and types.base_type(other.dtype) in (*types.NUMBERS, *TIME_TYPES, "date", "year")

    def _widened_decimal(self, other: OceanBaseColumn) -> str | None:
        own, new = self.decimal_size(), other.decimal_size()
        scale = min(max(own[1], new[1]), MAX_SCALE)
        precision = min(max(own[0] - own[1], new[0] - new[1]) + scale, MAX_PRECISION)
        return f"decimal({precision},{scale})" if (precision, scale) != own else None

    def decimal_size(self) -> tuple[int, int]:
        """Return precision and scale of a DECIMAL column. For an unsigned DECIMAL, they are read from ``dtype``."""
        if self.numeric_precision is None:
            precision, scale = numbers_of(types.canonical_type(self.dtype)) or (10, 0)
            return precision, scale
        return int(self.numeric_precision), int(self.numeric_scale or 0)


def _argument(dtype: str) -> int:
    return (numbers_of(dtype) or [0])[0]


def column_from_field(field: Any) -> OceanBaseColumn:
    """Return the column of a query that ``field``, PyMySQL's descriptor of a result column, describes.

    A field of the type NULL, as for a NULL literal, becomes a column of the type ``text``.
    """
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
        if field.charsetnr != _BINARY_CHARACTER_SET:
            return OceanBaseColumn(field.name, text)
        bitmap_length = BITMAP_LENGTH if field.length == BITMAP_LENGTH else None
        return OceanBaseColumn(field.name, types.BINARY_OF[text], char_size=bitmap_length)
    is_untyped = name == "null"
    return OceanBaseColumn(field.name, "text" if is_untyped else name, is_untyped=is_untyped)
