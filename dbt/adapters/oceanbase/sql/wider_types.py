"""Find the wider type of the same kind that holds the values of two column types.

The functions take the type of a column and the type of new values. They return the type that the column needs, or None
if it has room for the values already. Types are in canonical spelling, such as ``varchar(20)`` or ``int unsigned``.
"""

from __future__ import annotations

from . import types
from .types import BLOB_TYPES, INTEGER_TYPES, STRING_TYPES, TEXT_TYPES, numbers_of

BYTE_TYPES = ("varbinary", *BLOB_TYPES)
"""Types of bytes that store a short value as it is. BINARY adds zero bytes to it."""

_BYTES_PER_CHARACTER = 4
_UNLIMITED = 2**32


def wider_string(own: str, new: str) -> str | None:
    """Return the type that a column of the type ``own`` needs for values of the type ``new``.

    Either both types are text, or ``own`` is in ``BYTE_TYPES`` and ``new`` has bytes, too.
    """
    is_text = types.base_type(own) in STRING_TYPES
    large = TEXT_TYPES if is_text else BLOB_TYPES
    if own not in large and new not in large:
        return f"{'varchar' if is_text else 'varbinary'}({_length(new)})" if _length(new) > _length(own) else None
    # a TEXT has as many characters as bytes if all of them are ASCII
    room = _most_bytes(own) if own in large else _length(own)
    if _most_bytes(new) <= room:
        return None
    if own not in large and new == large[0]:
        # has the room of a TINYTEXT or TINYBLOB, and may be in a key or index
        return f"{'varchar' if is_text else 'varbinary'}({_most_bytes(new)})"
    needed = max(_most_bytes(own), _most_bytes(new))
    return next(kind for kind in large if _most_bytes(kind) >= needed)


def wider_integer(own: str, new: str) -> str | None:
    """Return the type that an integer column of the type ``own`` needs for integers of the type ``new``.

    An unsigned column stays unsigned, since somebody may have declared it so to refuse negative numbers. A signed one
    stays signed. There is no larger type than BIGINT, so a BIGINT does not hold all values of BIGINT UNSIGNED.
    """
    size, new_size = (INTEGER_TYPES.index(types.base_type(kind)) for kind in (own, new))
    is_unsigned, new_is_unsigned = ("unsigned" in kind for kind in (own, new))
    if is_unsigned == new_is_unsigned:
        return new if new_size > size else None
    # the next larger signed type holds an unsigned one
    needed = min(new_size + new_is_unsigned, len(INTEGER_TYPES) - 1)
    return f"{INTEGER_TYPES[needed]}{' unsigned' if is_unsigned else ''}" if needed > size else None


def _length(data_type: str) -> int:
    return (numbers_of(data_type) or [1])[0]


def _most_bytes(data_type: str) -> int:
    """Return the maximum length of a value of ``data_type``, which has text or bytes, in bytes."""
    base = types.base_type(data_type)
    if base in types.LENGTH_TYPES:
        return _length(data_type) * (_BYTES_PER_CHARACTER if base in STRING_TYPES else 1)
    return types.TYPES[base].max_bytes or _UNLIMITED
