"""Find the column types of a seed. They are declared in ``column_types`` or inferred from the values."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeVar

from dbt_common.exceptions import DbtRuntimeError

from ..sql import types
from ..sql.types import MAX_FRACTION, MAX_PRECISION, MAX_SCALE, TIME_TYPES, TYPES
from .column_attributes import split_attributes, with_fraction
from .datetimes import has_fraction

if TYPE_CHECKING:
    import agate

Result = TypeVar("Result")

BIGINT = range(-(2**63), 2**63)
"""The integers that a BIGINT can hold."""

BIGINT_DIGITS = 19
"""Number of digits of the largest BIGINT. Any integer with fewer digits fits."""

DECIMAL_DIGITS = 38
"""Minimum precision of a decimal column. It leaves room for longer values in later versions of the seed."""

LOADER_DIGITS = 131_072
"""Precision of numbers while a seed is read: as many digits as the longest field that Python's csv module reads."""

VARCHAR_LENGTH = 255
"""Length in characters of a text column, if no value is longer than that."""


def with_all_digits(convert: Callable[[], Result]) -> Result:
    """Call ``convert``, which converts texts by agate, and return its result with all digits of the numbers.

    agate multiplies each number by its sign. With Python's default decimal context, this rounds the number to 28
    digits, so ``convert`` is called with a context of more digits.
    """
    with decimal.localcontext() as context:
        context.prec = LOADER_DIGITS
        return convert()


def rows_of_file(table: agate.Table, texts: Collection[str], delimiter: str) -> agate.Table:
    """Read again the file from which ``table`` was loaded, and return all its rows.

    Values of the columns in ``texts`` are not converted. ``delimiter`` separates the fields in the file.
    """
    from dbt_common.clients.agate_helper import from_csv

    return with_all_digits(lambda: from_csv(table.original_abspath, text_columns=texts, delimiter=delimiter))


def number_type(values: Sequence[Decimal | None]) -> str:
    """Return ``bigint`` if all ``values`` fit in it, else a decimal type if all fit in it, else ``double``."""
    present = [value for value in values if value is not None]
    whole, scale = digits_of(present)
    fits_bigint = whole < BIGINT_DIGITS or all(value in BIGINT for value in map(int, filter(_finite, present)))
    return number_type_of(whole, scale, fits_bigint)


def number_type_of(whole: int, scale: int, fits_bigint: bool) -> str:
    """Return the type for numbers of at most ``whole`` digits before the point and ``scale`` digits after the point.

    ``fits_bigint`` says whether their integer parts are in ``BIGINT``.
    """
    if scale == 0 and fits_bigint:
        return "bigint"
    if scale > MAX_SCALE or whole + scale > MAX_PRECISION:
        return "double"
    return f"decimal({max(DECIMAL_DIGITS, whole + scale)},{scale})"


def digits_of(values: Iterable[Decimal]) -> tuple[int, int]:
    """Return the numbers of digits before and after the point that a decimal type needs to hold all ``values``."""
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
    """Return ``varchar(255)`` if all values fit in it, else ``text`` if all fit in it, else ``longtext``."""
    present = [value for value in values if value is not None]
    longest = max(map(len, present), default=0)
    return text_type_of(longest, max(len(value.encode()) for value in present) if longest > VARCHAR_LENGTH else 0)


def text_type_of(longest: int, max_bytes: int) -> str:
    """Return the type for texts of at most ``longest`` characters and ``max_bytes`` bytes. See ``text_type``."""
    if longest <= VARCHAR_LENGTH:
        return f"varchar({VARCHAR_LENGTH})"
    return "text" if max_bytes <= (TYPES["text"].max_bytes or 0) else "longtext"


def datetime_type(values: Sequence[datetime.datetime | None]) -> str:
    """Return ``datetime``, or ``datetime(6)`` if a value has microseconds."""
    return "datetime(6)" if any(value is not None and value.microsecond for value in values) else "datetime"


def declared_or_inferred(
    names: Sequence[str],
    declared: Mapping[str, str],
    inferred: Callable[[int], str],
    values: Callable[[int], Iterable[str | None]],
) -> dict[str, str]:
    """Return a dict that maps the ``names`` of a seed's columns to their types.

    ``declared`` is the config ``column_types``. A column in ``declared`` gets its declared type, with the size that the
    column's values need. ``values(index)`` returns these values. Any other column gets the type that
    ``inferred(index)`` returns. ``index`` is the position of the column in ``names``. Raise DbtRuntimeError if
    ``declared`` has a column that the seed does not have, or a type that is empty or not a string.
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


def declared_type(declared: str, values: Iterable[str | None]) -> str:
    """Return the type with which a seed's column is created, with the attributes in ``declared``.

    ``declared`` is the type in the config ``column_types``, and attributes such as ``not null`` may follow it.
    ``values`` are the column's values. ``float`` becomes ``double``. OceanBase's FLOAT has four bytes, so a 3.3 stored
    in it does not equal 3.3 in a query. On other databases ``float`` has eight bytes. Users who want four bytes can
    declare ``float(24)`` or ``float4``. A decimal without a size gets a size that the values fit in. A time type
    without a size gets six digits of fraction if a value has a fraction of a second. The reason is that other databases
    keep all digits, and the server would round. A default that is the current time gets the same digits.
    """
    kind, attributes = split_attributes(declared)
    sized = _sized_type(kind, values)
    fraction = types.numbers_of(types.ddl_type(sized)) if types.base_type(sized) in TIME_TYPES else []
    if fraction and "(" not in kind:
        attributes = with_fraction(attributes, fraction[0])
    return f"{sized} {attributes}".rstrip()


def _sized_type(kind: str, values: Iterable[str | None]) -> str:
    if kind.lower() == "float":
        return "double"
    base, canonical = types.base_type(kind), types.canonical_type(kind)
    if "(" in kind:
        return kind
    if base == "decimal":
        whole, scale = digits_of(filter(None, map(_number, filter(None, values))))
        scale = min(scale, MAX_SCALE)
        precision = min(max(DECIMAL_DIGITS, whole + scale), MAX_PRECISION)
        return canonical.replace("decimal(10,0)", f"decimal({precision},{scale})")
    if base in TIME_TYPES and canonical == base and any(map(has_fraction, filter(None, values))):
        return f"{base}({MAX_FRACTION})"
    return kind


def _number(text: str) -> Decimal | None:
    """Return the number in ``text``, or None if ``text`` is no number or one too large for a decimal."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= MAX_PRECISION else None
