"""SQL conditions that compare a value of a query with a value in a column whose type is of another kind.

For two values of different kinds of types, the server's ``=`` converts both to a third type. The result can be wrong: a
BIGINT equals a DOUBLE that was rounded from it, bytes equal the number at their beginning, 24 equals the year 2024, and
a FLOAT differs from the bytes that an INSERT made of it. The conditions of this module convert the value of the query
as an INSERT into the column would, and compare the result with the value in the column.
"""

from __future__ import annotations

from .comparisons import text_bytes
from .type_pairs import family_of, loss_condition
from .types import MAX_PRECISION, base_type, canonical_type, numbers_of
from .value_loss import float_places

_EXACT = ("int", "dec")
_FLOATS = ("flt", "dbl")
_COUNTED = ("bit", "year")
_NUMBERS = (*_EXACT, *_FLOATS, *_COUNTED)
_TEXTS = ("char", "text")
_BYTES = ("bin", "byte")
_DAYS = ("date", "mom")
_HAVE_MEMBERS = ("enum", "set")
_READ_FROM_TEXT = (*_EXACT, *_FLOATS, *_DAYS, "time", "json")
_COMPARABLE = (*_NUMBERS, *_DAYS, "time", *_HAVE_MEMBERS, "json")
_UNCOMPARABLE = ("geo", "coll")
"""Families of types whose values the server cannot compare with values of the families in ``_COMPARABLE``.

The server cannot store values of one group in columns of the other group either.
"""

_DIGITS_OF_INTEGER = 20
_NUMBER = "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)(e[+-]?[0-9]{1,3})?;$"
"""Regular expression, used in SQL, that matches a number as text. A semicolon must be added to the end of the text.

Without the semicolon, ``$`` would also match before a line feed at the end.
"""


def same_as_stored(stored: str, stored_type: str, selected: str, selected_type: str) -> str | None:
    """Return the SQL condition that the column ``stored`` has the value ``selected``, as an INSERT would store it.

    ``stored_type`` is the type of the column. ``selected`` is the SQL of a value of a query, and ``selected_type`` its
    type. Two NULLs count as equal. The condition is false for each value that the INSERT would change without an error,
    for example by rounding. It is then false even if the column has the changed value.

    Return None if no such condition is needed, because both types are of the same kind, or because the server compares
    them correctly. The caller then compares texts and bytes by their bytes, and all other values by ``<=>``.
    """
    own, kept = family_of(selected_type), family_of(stored_type)
    pair = {own, kept}
    if (own in _COMPARABLE and kept in _UNCOMPARABLE) or (own == "geo" and kept in (*_COMPARABLE, "coll")):
        return f"{stored} is null and {selected} is null"
    if (
        own == kept
        or not pair <= {*_COMPARABLE, *_BYTES, *_TEXTS}
        or pair <= {*_TEXTS, *_BYTES, *_HAVE_MEMBERS}
        or pair == {*_DAYS}
    ):
        return None
    if own in _TEXTS and kept in _READ_FROM_TEXT:
        return _same_as_read(stored, stored_type, selected, selected_type)
    if own in _NUMBERS and kept in _NUMBERS:
        return _same_number(stored, stored_type, selected, selected_type)
    if "bit" not in pair and not pair.isdisjoint({*_TEXTS, *_HAVE_MEMBERS}):
        return None
    if "json" in pair and not pair.isdisjoint(_NUMBERS):
        return None
    return f"{_written(stored, kept)} <=> {_written(selected, own)}"


def _written(value: str, family: str) -> str:
    """Return SQL for the bytes of the text that an INSERT into a text column would make of ``value``.

    ``family`` is the family of the type of ``value``, as ``family_of`` returns it.
    """
    if family in _BYTES:
        return f"cast({value} as binary)"
    if family in (*_TEXTS, *_HAVE_MEMBERS):
        return text_bytes(value)
    return f"cast(cast({value}{' + 0' if family == 'bit' else ''} as char) as binary)"


def _same_as_read(stored: str, stored_type: str, selected: str, selected_type: str) -> str:
    # a query shows an ENUM as text, and a cast of an ENUM to a number gives the position of the member
    text = f"cast({selected} as char)"
    kind, base = family_of(stored_type), base_type(stored_type)
    checks = [loss_condition(text, selected_type, stored_type)]
    if kind in _FLOATS:
        checks.insert(0, f"concat({text}, ';') not regexp '{_NUMBER}'")
    if kind == "json":
        checks.insert(0, f"not json_valid({text})")
        same = f"{_written(stored, kind)} <=> {_written(f'cast({text} as json)', kind)}"
    else:
        moments = {"date": "date", "mom": "datetime(6)", "time": "time(6)"}
        read_as = _decimal(stored_type) if kind in _EXACT else moments.get(kind, base)
        same = f"{stored} <=> cast({text} as {read_as})"
    return f"(cast({stored} as binary) <=> cast({selected} as binary) or {_unless(checks, same)})"


def _same_number(stored: str, stored_type: str, selected: str, selected_type: str) -> str | None:
    own, kept = family_of(selected_type), family_of(stored_type)
    if {own, kept} <= {*_FLOATS}:
        # a FLOAT is another number than the rounded one of a DOUBLE, even if both are shown alike
        places = float_places(stored_type) if own == "flt" and kept == "dbl" else None
        checks = [loss_condition(selected, selected_type, stored_type)]
        return None if places is None else _unless(checks, f"{stored} <=> round({selected}, {places})")
    if {own, kept} <= {*_EXACT}:
        return None
    # a FLOAT becomes a DOUBLE when numbers of another kind are stored in it
    checks = [loss_condition(selected, selected_type, "double" if kept == "flt" else stored_type)]
    one, other = (f"{value} + 0" if kind in _COUNTED else value for value, kind in ((stored, kept), (selected, own)))
    if own in _FLOATS and kept != "year":
        # kernel 1.4 refuses a number without room in the CAST, too
        room = numbers_of(_decimal(stored_type))[1]
        digits = numbers_of(canonical_type(stored_type))[0] - room if kept == "dec" else _DIGITS_OF_INTEGER
        checks.insert(0, f"abs({selected}) >= 1e{digits}")
        other = f"cast({selected} as {_decimal(stored_type)})"
    return _unless(checks, f"{one} <=> {other}")


def _decimal(data_type: str) -> str:
    """Return the widest DECIMAL that has as many digits after the point as ``data_type``."""
    places = numbers_of(canonical_type(data_type))[1] if base_type(data_type) == "decimal" else 0
    return f"decimal({MAX_PRECISION},{places})"


def _unless(checks: list[str | None], condition: str) -> str:
    """Return the SQL condition that ``condition`` is true and none of the ``checks`` is.

    ``checks`` are SQL conditions. A check that is None is left out. The server evaluates ``condition``, which may raise
    an error for some values, only if no check is true.
    """
    branches = " ".join(f"when {check} then false" for check in checks if check)
    return f"case {branches} else {condition} end" if branches else condition
