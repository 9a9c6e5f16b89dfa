"""Find values that would change, without an error, when they are stored in a column of another type.

Types are grouped in families. A table has one entry for each pair of families, that of a value and that of the column
in which the value would be stored. The entry names a function that returns an SQL condition. With this condition, a
query finds the values that INSERT ... SELECT in strict mode would change. The entry names no function if the server
stores each value unchanged or refuses it with an error.
"""

from __future__ import annotations

from collections.abc import Callable

from . import types
from .collection_loss import is_no_array, is_other_collection
from .value_loss import (
    blanks_lost,
    day_lost,
    digits_lost_in_double,
    digits_lost_in_float,
    fraction_lost,
    is_no_date,
    is_no_decimal,
    is_no_float,
    is_no_integer,
    is_no_json,
    is_no_member,
    is_no_moment,
    is_no_set,
    is_no_time,
    is_no_year,
    is_outside_of_years,
    is_padded,
    is_shortened,
    places_lost,
    places_lost_in_float,
    value_exists,
)
from .value_texts import is_collection

Condition = Callable[[str, str, str], str | None]
"""A function of the module ``value_loss`` or ``collection_loss``.

The function takes the SQL of a value, its type and the new type. It returns an SQL condition that is true if a column
of the new type would change the value. It may return None if a column of the new type changes no value.
"""

FAMILIES: dict[str, tuple[str, ...]] = {
    "int": types.INTEGER_TYPES,
    "dec": ("decimal",),
    "flt": ("float",),
    "dbl": ("double",),
    "bit": ("bit",),
    "year": ("year",),
    "date": ("date",),
    "mom": ("datetime", "timestamp"),
    "time": ("time",),
    "char": ("char",),
    "text": ("varchar", *types.TEXT_TYPES),
    "bin": ("binary",),
    "byte": ("varbinary", *types.BLOB_TYPES),
    "enum": ("enum",),
    "set": ("set",),
    "json": ("json",),
    "geo": types.types_in("geometry"),
    "coll": types.types_in("collection"),
    "else": (),
}
"""Families of types that the server converts alike. ``else`` has every type that is not in ``types.TYPES``."""

CODES: dict[str, Condition | None] = {
    "=": None,
    "!": value_exists,
    "p": places_lost,
    "f": digits_lost_in_float,
    "d": digits_lost_in_double,
    "y": is_outside_of_years,
    "s": is_shortened,
    "b": blanks_lost,
    "0": is_padded,
    "D": day_lost,
    "F": fraction_lost,
    "i": is_no_integer,
    "n": is_no_decimal,
    "x": is_no_float,
    "Y": is_no_year,
    "a": is_no_date,
    "m": is_no_moment,
    "t": is_no_time,
    "e": is_no_member,
    "S": is_no_set,
    "j": is_no_json,
    "A": is_no_array,
}
"""Functions by the codes in ``PAIRS``. They find the values that would change in a column of another type.

Each function returns an SQL condition that is true for a value that the server would change without an error. ``=`` has
no function: the server stores each value unchanged, or refuses it. The condition for ``!`` is true unless the value is
NULL.
"""

_TABLE = """
from int dec flt dbl bit year date mom time char text bin byte enum set json geo coll else
int  =   =   f   d   =   y    !    !   !    =    =    0   =    !    !   =    !   !    !
dec  p   p   f   d   p   y    !    !   !    =    =    0   =    !    !   =    !   !    !
flt  p   p   =   =   p   y    !    !   !    =    =    0   =    !    !   =    !   !    !
dbl  p   p   f   =   p   y    !    !   !    s    s    0   s    !    !   =    !   !    !
bit  =   =   f   d   =   y    !    !   !    =    =    0   =    !    !   =    !   !    !
year =   =   =   =   =   =    !    !   !    =    =    0   =    !    !   !    !   !    !
date !   !   !   !   !   !    =    =   !    =    =    0   =    !    !   !    !   !    !
mom  !   !   !   !   !   !    D    F   !    =    =    0   =    !    !   !    !   !    !
time !   !   !   !   !   !    !    !   F    =    =    0   =    !    !   !    !   !    !
char i   n   x   x   !   Y    a    m   t    =    =    0   =    e    S   j    !   A    !
text i   n   x   x   !   Y    a    m   t    b    b    0   =    e    S   j    !   A    !
bin  !   !   !   !   !   !    !    !   !    b    =    0   =    !    !   !    !   !    !
byte !   !   !   !   !   !    !    !   !    b    b    0   =    !    !   !    !   !    !
enum !   !   !   !   !   !    !    !   !    =    =    0   =    e    S   !    !   !    !
set  !   !   !   !   !   !    !    !   !    =    =    0   =    e    S   !    !   !    !
json !   !   !   !   !   !    !    !   !    =    =    0   =    !    !   =    !   !    !
geo  !   !   !   !   !   !    !    !   !    !    !    !   =    !    !   !    =   !    !
coll !   !   !   !   !   !    !    !   !    !    !    !   !    !    !   !    !   !    !
else !   !   !   !   !   !    !    !   !    !    !    !   !    !    !   !    !   !    !
"""
"""The content of ``PAIRS`` as a text table: a code, which is a key of ``CODES``, for each pair of type families.

The first word of a row is the family of a value. The first line has the families of the column that stores the value.
"""


def _pairs(table: str) -> dict[tuple[str, str], str]:
    header, *rows = (line.split() for line in table.strip().splitlines())
    return {(row[0], name): code for row in rows for name, code in zip(header[1:], row[1:], strict=True)}


PAIRS = _pairs(_TABLE)
"""The code of the check for values that change when they are stored in a column of another type, by type families.

The key is a pair: the family of the value, and the family of the column. The code is a key of ``CODES``.
"""


def family_of(data_type: str) -> str:
    """Return the name of the family, a key of ``FAMILIES``, to which ``data_type`` belongs.

    For example, ``bigint`` belongs to ``int``, and ``varchar(20)`` to ``text``. The name is ``else`` for a type that is
    in no other family.
    """
    base = types.base_type(data_type)
    return next((family for family, names in FAMILIES.items() if base in names), "else")


def loss_condition(value: str, data_type: str, new_type: str) -> str | None:
    """Return the SQL condition that the server would store ``value`` as another value in a column of ``new_type``.

    ``value`` is the SQL of a value of ``data_type``. Return None if the server stores each value of ``data_type``
    unchanged or refuses it with an error.
    """
    if types.canonical_type(data_type) == types.canonical_type(new_type):
        return None
    if is_collection(data_type):
        return is_other_collection(value, data_type, new_type)
    if types.base_type(new_type) == "roaringbitmap" and family_of(data_type) in ("bin", "byte"):
        # the server refuses bytes that are no bitmap (4070)
        return None
    condition = CODES[PAIRS[family_of(data_type), family_of(new_type)]]
    lost = condition(value, data_type, new_type) if condition else None
    if condition is value_exists:
        return lost
    checks = (lost, places_lost_in_float(value, data_type, new_type))
    return " or ".join(filter(None, checks)) or None
