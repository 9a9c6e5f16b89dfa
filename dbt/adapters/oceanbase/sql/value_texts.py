"""SQL that converts a value to a text or to bytes, for comparisons and for errors.

The parameter ``value`` is the SQL of a value, and ``data_type`` is the type of that value.
"""

from __future__ import annotations

from . import types
from .field_types import COLLECTION_LENGTH

BYTES = types.types_in("binary", "blob")
"""The types whose values are bytes and not text: BINARY, VARBINARY and the BLOB types."""

_SHOWN_CHARACTERS = 100


def is_collection(data_type: str) -> bool:
    """Check whether ``data_type`` is ``char(134217727)``, which in the result of a query is an array, map or vector."""
    return types.base_type(data_type) == "char" and types.numbers_of(data_type) == [COLLECTION_LENGTH]


def collection_text(value: str) -> str:
    """Return SQL that converts ``value``, an array, a map or a vector, to text without CAST.

    The server refuses these types in CAST and CONCAT (error 5083).
    """
    return f"if({value} is null, null, json_unquote(json_extract(json_array({value}), '$[0]')))"


def shown(value: str, data_type: str) -> str:
    """Return SQL for a text that shows ``value`` in an error message.

    The text has at most 100 characters of the value. Bytes and geometries are shown as ``0x`` and at most 100
    hexadecimal digits. The text is NULL only if ``value`` is NULL. A value of an unknown type, or of a collection type
    such as ``array(int)``, which cannot be cast to text, is shown as the words ``a value``, even if it is NULL.
    """
    if is_collection(data_type):
        return f"left({collection_text(value)}, {_SHOWN_CHARACTERS})"
    base = types.base_type(data_type)
    if base in (*BYTES, *types.types_in("geometry")):
        return f"concat('0x', left(hex({value}), {_SHOWN_CHARACTERS}))"
    if base not in types.TYPES or base in types.types_in("collection"):
        return "'a value'"
    return f"left({as_text(value, data_type)}, {_SHOWN_CHARACTERS})"


def as_text(value: str, data_type: str) -> str:
    """Return SQL for the text that an INSERT into a text column would make of ``value``. A BIT becomes its number."""
    return f"cast({value}{' + 0' if types.base_type(data_type) == 'bit' else ''} as char)"


def as_bytes(value: str) -> str:
    """Return SQL for the bytes of the text of ``value``. Comparisons of bytes depend on no collation."""
    return f"cast(cast({value} as char) as binary)"
