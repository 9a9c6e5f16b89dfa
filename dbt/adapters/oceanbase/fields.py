"""Columns of a query from the protocol's field descriptors: types without making a table of it."""

from __future__ import annotations

from typing import Any

from pymysql.constants import FIELD_TYPE, FLAG

from .column import OceanBaseColumn

BINARY = 63
"""Number of the character set that marks bytes; text and blob, char and binary share their field types."""

BYTES_PER_CHARACTER = 4
"""The protocol counts bytes, four for each character of utf8mb4."""

TEXT_SIZES = {255: "tinytext", 65_535: "text", 16_777_215: "mediumtext"}
"""Text types by the bytes that the protocol gives; longtext beyond."""

NAME_OF_CODE: dict[int, str] = {
    FIELD_TYPE.TINY: "tinyint",
    FIELD_TYPE.SHORT: "smallint",
    FIELD_TYPE.INT24: "mediumint",
    FIELD_TYPE.LONG: "int",
    FIELD_TYPE.LONGLONG: "bigint",
    FIELD_TYPE.FLOAT: "float",
    FIELD_TYPE.DOUBLE: "double",
    FIELD_TYPE.DECIMAL: "decimal",
    FIELD_TYPE.NEWDECIMAL: "decimal",
    FIELD_TYPE.DATE: "date",
    FIELD_TYPE.NEWDATE: "date",
    FIELD_TYPE.DATETIME: "datetime",
    FIELD_TYPE.TIMESTAMP: "timestamp",
    FIELD_TYPE.TIME: "time",
    FIELD_TYPE.YEAR: "year",
    FIELD_TYPE.BIT: "bit",
    FIELD_TYPE.JSON: "json",
    FIELD_TYPE.VARCHAR: "varchar",
    FIELD_TYPE.VAR_STRING: "varchar",
    FIELD_TYPE.STRING: "char",
    FIELD_TYPE.ENUM: "enum",
    FIELD_TYPE.SET: "set",
    FIELD_TYPE.TINY_BLOB: "text",
    FIELD_TYPE.BLOB: "text",
    FIELD_TYPE.MEDIUM_BLOB: "text",
    FIELD_TYPE.LONG_BLOB: "text",
    FIELD_TYPE.GEOMETRY: "geometry",
    FIELD_TYPE.NULL: "null",
}
"""Names of the field types of the MySQL protocol."""

_INTEGERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})
_TIMES = frozenset({"datetime", "timestamp", "time"})


def name_of_code(code: int) -> str:
    """Give the type's name for a field type of the protocol, or ``unknown``."""
    return NAME_OF_CODE.get(code, "unknown")


def column_of(field: Any) -> OceanBaseColumn:
    """Make a column from a field descriptor of the driver. What has no type of its own (NULL) counts as text."""
    name = name_of_code(field.type_code)
    is_unsigned = bool(field.flags & FLAG.UNSIGNED)
    if name in _INTEGERS:
        boolean = name == "tinyint" and field.length == 1
        kind = "tinyint(1)" if boolean else f"{name} unsigned" if is_unsigned else name
        return OceanBaseColumn(field.name, kind)
    if name == "decimal":
        precision = field.length - (field.scale > 0) - (not is_unsigned)
        return OceanBaseColumn(field.name, name, numeric_precision=precision, numeric_scale=field.scale)
    if name in _TIMES and field.scale:
        return OceanBaseColumn(field.name, f"{name}({field.scale})")
    if name in ("char", "varchar"):
        if field.charsetnr == BINARY:
            return OceanBaseColumn(field.name, "binary" if name == "char" else "varbinary", char_size=field.length)
        return OceanBaseColumn(field.name, name, char_size=field.length // BYTES_PER_CHARACTER)
    if name == "text":
        text = TEXT_SIZES.get(field.length, "longtext")
        return OceanBaseColumn(field.name, text.replace("text", "blob") if field.charsetnr == BINARY else text)
    return OceanBaseColumn(field.name, "text" if name == "null" else name)
