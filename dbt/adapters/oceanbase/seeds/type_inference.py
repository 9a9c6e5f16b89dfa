"""The columns of a seed: types from the values where none is declared."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from dbt_common.exceptions import DbtRuntimeError

from ..column import MAX_PRECISION, MAX_SCALE

if TYPE_CHECKING:
    import agate

BIGINT = range(-(2**63), 2**63)
BIGINT_DIGITS = 19
DECIMAL_DIGITS = 38
"""Digits of a decimal column, so that most other values fit as well; more only where the values need them."""

LOADER_DIGITS = 131_072
"""Digits that reading a seed may keep: Python's csv module takes no longer field."""

VARCHAR_LENGTH, TEXT_BYTES = 255, 65_535


def exactly(load: Callable[[], agate.Table]) -> agate.Table:
    """Give what dbt's loader gives, with all digits of its numbers: agate multiplies each by its sign, which rounds."""
    with decimal.localcontext() as context:
        context.prec = LOADER_DIGITS
        return load()


def rows_of_file(table: agate.Table, texts: Collection[str], delimiter: str) -> agate.Table:
    """Give all rows of the file that dbt's loader made ``table`` of; those of the columns in ``texts`` as texts."""
    from dbt_common.clients.agate_helper import from_csv

    return exactly(lambda: from_csv(table.original_abspath, text_columns=texts, delimiter=delimiter))


def number_type(values: Sequence[Decimal | None]) -> str:
    """Give ``bigint`` for integers, the decimal type that holds all values otherwise, ``double`` where none does."""
    present = [value for value in values if value is not None]
    whole, scale = 1, 0
    # as text: Decimal's own normalize rounds to the digits of its context
    for text in [format(value, "f") for value in present]:
        before, _, after = text.lstrip("-").partition(".")
        if len(before) > whole:
            whole = len(before)
        if len(after) > scale:
            scale = max(scale, len(after.rstrip("0")))
    if scale == 0 and (whole < BIGINT_DIGITS or all(value in BIGINT for value in map(int, filter(_finite, present)))):
        return "bigint"
    if scale > MAX_SCALE or whole + scale > MAX_PRECISION:
        return "double"
    return f"decimal({max(DECIMAL_DIGITS, whole + scale)},{scale})"


def _finite(value: Decimal) -> bool:
    return value.is_finite()


def text_type(values: Sequence[str | None]) -> str:
    """Give ``varchar(255)`` where every value fits, a text type otherwise."""
    present = [value for value in values if value is not None]
    if max(map(len, present), default=0) <= VARCHAR_LENGTH:
        return f"varchar({VARCHAR_LENGTH})"
    return "text" if max(len(value.encode()) for value in present) <= TEXT_BYTES else "longtext"


def datetime_type(values: Sequence[datetime.datetime | None]) -> str:
    """Give ``datetime``, with microseconds where a value has some."""
    return "datetime(6)" if any(value is not None and value.microsecond for value in values) else "datetime"


def declared_or_inferred(
    names: Sequence[str], declared: Mapping[str, str], inferred: Callable[[int], str]
) -> dict[str, str]:
    """Give each column's type: as ``column_types`` declares it, ``inferred(index)`` otherwise.

    Raises DbtRuntimeError for a declared column that the seed does not have, since its type would be ignored, and for
    a declared type that is not a text.
    """
    unknown = sorted(set(declared) - set(names))
    if unknown:
        raise DbtRuntimeError(
            f"column_types: the seed has no column {', '.join(unknown)}; it has {', '.join(names)}: correct the name"
        )
    for name, kind in declared.items():
        if not isinstance(kind, str) or not kind.strip():
            raise DbtRuntimeError(f"column_types: {kind!r} for {name!r} is no type: write one, such as varchar(20)")
    return {name: declared.get(name) or inferred(index) for index, name in enumerate(names)}
