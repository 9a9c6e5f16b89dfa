"""Map the field types of the MySQL protocol, which are numbers in a query's result, to names of column types."""

from __future__ import annotations

from pymysql.constants import FIELD_TYPE

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
"""Names of column types by field type. The four field types of BLOBs are ``text``, because they also mean TEXT."""


COLLECTION_LENGTH = 536_870_911 // 4
"""Length in characters that the server states for arrays, maps and vectors in the result of a query.

They are of the type CHAR there, and no other CHAR has this length (seen on kernels 1.3 and 1.4).
"""

BITMAP_LENGTH = 262_143
"""Length in bytes that the server states for roaring bitmaps, which are BLOBs in the result of a query.

No other BLOB has this length (seen on kernel 1.3; kernel 1.4 has no bitmaps).
"""


def name_of_code(code: int) -> str:
    """Return the name of the column type for ``code``, a field type of the MySQL protocol.

    The name is ``unknown`` if the field type is not known.
    """
    return NAME_OF_CODE.get(code, "unknown")
