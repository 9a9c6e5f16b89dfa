"""The column types of a seed: declared, or inferred from the values."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from dbt_common.exceptions import DbtRuntimeError

from ..sql import types
from ..sql.types import MAX_FRACTION, MAX_PRECISION, MAX_SCALE, TIME_TYPES, TYPES
from .datetimes import has_fraction

if TYPE_CHECKING:
    import agate

BIGINT = range(-(2**63), 2**63)
"""Integers that BIGINT holds."""

BIGINT_DIGITS = 19
"""Digits of the largest BIGINT: any integer with fewer digits fits."""

DECIMAL_DIGITS = 38
"""Digits of a decimal column, so that later values fit as well; it gets more if its values need them."""

LOADER_DIGITS = 131_072
"""Digits that numbers keep when a seed is read: the longest field that Python's csv module takes."""

VARCHAR_LENGTH = 255
"""Characters of a text column, unless a value is longer."""


def with_all_digits(load: Callable[[], agate.Table]) -> agate.Table:
    """Return what ``load`` returns, with all digits: agate multiplies each number by its sign, which rounds it."""
    with decimal.localcontext() as context:
        context.prec = LOADER_DIGITS
        return load()


def rows_of_file(table: agate.Table, texts: Collection[str], delimiter: str) -> agate.Table:
    """Return all rows of the file from which dbt read ``table``; values of the columns in ``texts`` stay texts."""
    from dbt_common.clients.agate_helper import from_csv

    return with_all_digits(lambda: from_csv(table.original_abspath, text_columns=texts, delimiter=delimiter))


def number_type(values: Sequence[Decimal | None]) -> str:
    """Return ``bigint`` for integers, else the decimal type that holds all values, or ``double`` if none does."""
    present = [value for value in values if value is not None]
    whole, scale = _digits(present)
    if scale == 0 and (whole < BIGINT_DIGITS or all(value in BIGINT for value in map(int, filter(_finite, present)))):
        return "bigint"
    if scale > MAX_SCALE or whole + scale > MAX_PRECISION:
        return "double"
    return f"decimal({max(DECIMAL_DIGITS, whole + scale)},{scale})"


def _digits(values: Iterable[Decimal]) -> tuple[int, int]:
    """Return how many digits the values need before and after the point."""
    whole, scale = 1, 0
    # as text: Decimal.normalize rounds to the precision of its context
    for text in [format(value, "f") for value in values]:
        before, _, after = text.lstrip("-").partition(".")
        if len(before) > whole:
            whole = len(before)
        if len(after) > scale:
            scale = max(scale, len(after.rstrip("0")))
    return whole, scale


def _finite(value: Decimal) -> bool:
    return value.is_finite()


def text_type(values: Sequence[str | None]) -> str:
    """Return ``varchar(255)`` if every value fits, else a text type."""
    present = [value for value in values if value is not None]
    if max(map(len, present), default=0) <= VARCHAR_LENGTH:
        return f"varchar({VARCHAR_LENGTH})"
    return "text" if max(len(value.encode()) for value in present) <= (TYPES["text"].max_bytes or 0) else "longtext"


def datetime_type(values: Sequence[datetime.datetime | None]) -> str:
    """Return ``datetime``, or ``datetime(6)`` if a value has microseconds."""
    return "datetime(6)" if any(value is not None and value.microsecond for value in values) else "datetime"


def declared_or_inferred(
    names: Sequence[str],
    declared: Mapping[str, str],
    inferred: Callable[[int], str],
    values: Callable[[int], Iterable[str | None]],
) -> dict[str, str]:
    """Return each column's type: the one declared in ``column_types``, or else ``inferred(index)``.

    ``values(index)`` are the values of a declared column. Raises DbtRuntimeError for a declared column that the seed
    does not have, since its type would be ignored, and for a declared type that is not a text.
    """
    unknown = sorted(set(declared) - set(names))
    if unknown:
        raise DbtRuntimeError(
            f"column_types: the seed has no column {', '.join(unknown)}; it has {', '.join(names)}: correct the name"
        )
    for name, kind in declared.items():
        if not isinstance(kind, str) or not kind.strip():
            raise DbtRuntimeError(f"column_types: {kind!r} for {name!r} is no type: write one, such as varchar(20)")
    return {
        name: declared_type(declared[name], values(index)) if name in declared else inferred(index)
        for index, name in enumerate(names)
    }


def declared_type(kind: str, values: Iterable[str | None]) -> str:
    """Return a type of ``column_types`` as it is built for the ``values`` of its column.

    ``float`` is a double, as on other databases: OceanBase's FLOAT has four bytes, in which 3.3 is another number than
    the 3.3 of a query. ``float(24)`` and ``float4`` ask for them. A decimal or a time without a size gets the one that
    the values need: other databases keep all their digits, and the server would round them.
    """
    if kind.strip().lower() == "float":
        return "double"
    base, canonical = types.base_type(kind), types.canonical_type(kind)
    if "(" in kind:
        return kind
    if base == "decimal":
        whole, scale = _digits(filter(None, map(_number, filter(None, values))))
        scale = min(scale, MAX_SCALE)
        precision = min(max(DECIMAL_DIGITS, whole + scale), MAX_PRECISION)
        return canonical.replace("decimal(10,0)", f"decimal({precision},{scale})")
    if base in TIME_TYPES and canonical == base and any(map(has_fraction, filter(None, values))):
        return f"{base}({MAX_FRACTION})"
    return kind


def _number(text: str) -> Decimal | None:
    """Return the number of a text, or None if it is none, or one that no decimal holds."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= MAX_PRECISION else None
