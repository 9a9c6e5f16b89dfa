"""Convert the rows of a result to dbt's table: bytes to text or hexadecimal, and long decimals without rounding."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, getcontext
from typing import TYPE_CHECKING, Any
from unicodedata import category

from pymysql.constants import FIELD_TYPE

if TYPE_CHECKING:
    import agate

_BIT_VALUES = {b"\0": 0, b"\1": 1}

_NOT_READABLE = frozenset({"Cc", "Cn", "Co", "Cs"})
"""Unicode categories of characters that a text may not have: control characters, and code points without a meaning.

The control characters in ``_TEXT_CONTROLS`` are allowed nevertheless. Spaces, such as the ideographic one (U+3000), and
joiners, such as those in emoji, belong to other categories.
"""

_TEXT_CONTROLS = frozenset("\t\n\r")
"""Control characters that may be in a text. Bytes with any other control character are not converted to text."""


def readable_rows(fields: Sequence[Any], rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Return ``rows`` with bytes converted to text, numbers or hexadecimal. All bytes of a column are converted alike.

    ``fields`` are PyMySQL's descriptions of the columns. A VAR_STRING column of one byte is converted to the numbers 0
    and 1 if all its values are the bytes 0 or 1, because the server sends the literals ``b'0'`` and ``b'1'`` like this.
    The bytes of any other column become text if all of them are UTF-8 without control characters (tabs and line ends
    are allowed) and without characters that have no meaning in Unicode. Otherwise they become hexadecimal text as in
    SQL (``0x00FF``). Texts in a column that also has bytes are treated like bytes. None, and columns without bytes, are
    not changed.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    for number, values in enumerate(columns):
        if any(isinstance(value, bytes) for value in values):
            found = [value.encode() if isinstance(value, str) else value for value in values]
            read = _readable(fields[number], [value for value in found if value is not None])
            columns[number] = [value if value is None else read[value] for value in found]
    return list(zip(*columns, strict=True))


def _readable(field: Any, found: Sequence[bytes]) -> dict[bytes, Any]:
    """Return a dict that maps each value in ``found`` to the text, number or hexadecimal text that replaces it.

    ``found`` are the values of one column. ``field`` is PyMySQL's description of this column.
    """
    if field.type_code == FIELD_TYPE.VAR_STRING and field.length == 1 and _BIT_VALUES.keys() >= set(found):
        return dict(_BIT_VALUES)
    texts = {value: _text(value) for value in found}
    if None not in texts.values():
        return texts
    return {value: f"0x{value.hex().upper()}" for value in found}


def _text(value: bytes) -> str | None:
    """Return ``value`` as text, or None if it is not UTF-8 or has control characters."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return text if all(letter in _TEXT_CONTROLS or category(letter) not in _NOT_READABLE for letter in text) else None


def table_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> agate.Table | None:
    """Return ``rows`` as the table that dbt would make of them, or None if they need dbt's own function.

    dbt's function guesses the type of each column value by value. That is not needed if each column has only texts, or
    only whole numbers, apart from None. The result is None for any other values, and if a name in ``names`` is empty or
    repeated.
    """
    from agate import Row, Table, Text
    from dbt_common.clients.agate_helper import Integer

    if not all(names) or len(set(names)) < len(names):
        return None
    text, whole = Text(null_values=()), Integer(null_values=("null", ""))
    kinds = [set(map(type, column)) - {type(None)} for column in zip(*rows, strict=True)] or [set()] * len(names)
    if any(kind not in (set(), {int}, {str}) for kind in kinds):
        return None
    names = tuple(names)
    types = [text if kind == {str} else whole for kind in kinds]
    return Table([Row(row, names) for row in rows], names, types, _is_fork=True)


def with_long_decimals(table: agate.Table) -> agate.Table:
    """Return ``table``, or a copy of it with which dbt can print decimals of any length with all their digits.

    agate rounds to the 28 digits of Python's decimal context when it prints a table, and raises InvalidOperation for
    longer whole numbers. So in the copy, a column with longer decimals has another type than agate's Number. The values
    do not change. Without such a column, ``table`` itself is returned.
    """
    import agate

    names = [
        column.name
        for column in table.columns
        if isinstance(column.data_type, agate.Number) and any(map(_is_long, column.values()))
    ]
    if not names:
        return table

    class LongDecimal(agate.data_types.DataType):  # type: ignore[misc]  # agate is not typed
        """An agate type for decimals of any length. They are written with all their digits."""

        def cast(self, d: Any) -> Any:
            return d

        def jsonify(self, d: Any) -> str | None:
            return None if d is None else format(d, "f")

    types = [
        LongDecimal() if name in names else kind
        for name, kind in zip(table.column_names, table.column_types, strict=True)
    ]
    return agate.Table(table.rows, table.column_names, types)


def _is_long(value: Decimal | None) -> bool:
    return value is not None and (value.adjusted() >= getcontext().prec or value.normalize() != value)
