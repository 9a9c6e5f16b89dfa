"""Infer the type of a seed's column from its texts, chunk by chunk. The type is the one that dbt would infer.

dbt's loader, in ``dbt_common``, has a list of types: a column has the first type to which all its texts can be
converted. This module recognizes texts of the usual forms, such as ``2024-01-05``, by itself. It converts all other
texts by the loader's types.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .type_inference import BIGINT, BIGINT_DIGITS, VARCHAR_LENGTH, digits_of, number_type_of, text_type_of

if TYPE_CHECKING:
    import agate

NULLS = frozenset({"", "null", "NULL", "Null"})
"""Common texts that dbt's CSV loader reads as NULL in a column of any type.

The list is not complete, because the loader ignores upper and lower case and surrounding blanks.
"""

PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
"""Regular expression of a number without an exponent, a plus sign or extra leading zeros, such as ``-12.50``.

``format(Decimal(text), "f")`` returns such a text unchanged.
"""

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")
ISO_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")
BOOLEANS = {"true": "1", "True": "1", "TRUE": "1", "false": "0", "False": "0", "FALSE": "0"}
"""The SQL literals of the usual words for true and false."""

_KNOWN = ("Integer", "Number", "Date", "DateTime", "ISODateTime", "Boolean", "Text")


class NotScanned(Exception):
    """The type of a column cannot be inferred here, so that dbt's loader must read the file."""


def type_tests() -> list[agate.DataType]:
    """Return the types of dbt's loader in the order in which it tries them, without Integer.

    The loader reads all values as texts, but its Integer accepts no text, not even an empty one. So no column with a
    value can have this type. Raise NotScanned if the installed loader has other types than those known here.
    """
    from dbt_common.clients.agate_helper import build_type_tester

    kinds = list(getattr(build_type_tester(()), "_possible_types", ()))
    if tuple(type(kind).__name__ for kind in kinds) != _KNOWN:
        raise NotScanned
    return kinds[1:]


def are_plain_numbers(values: Iterable[str]) -> bool:
    """Check whether all ``values`` are numbers in the usual form, such as 0 or -12.50 (see ``PLAIN_NUMBER``)."""
    return all(map(PLAIN_NUMBER.fullmatch, values))


def are_dates(values: Iterable[str]) -> bool:
    """Check whether all ``values`` are existing dates such as 2024-01-05."""
    return _are_moments(values, DATE, datetime.date.fromisoformat)


def are_datetimes(values: Iterable[str]) -> bool:
    """Check whether all ``values`` are existing dates with times such as 2024-01-05 10:20:30."""
    return _are_moments(values, DATETIME, datetime.datetime.fromisoformat)


def are_iso_datetimes(values: Iterable[str]) -> bool:
    """Check whether all ``values`` are existing dates with times such as 2024-01-05T10:20:30."""
    return _are_moments(values, ISO_DATETIME, datetime.datetime.fromisoformat)


def _are_moments(values: Iterable[str], pattern: re.Pattern[str], parse: Callable[[str], Any]) -> bool:
    values = list(values)
    if not all(map(pattern.fullmatch, values)):
        return False
    try:
        for value in values:
            parse(value)
    except ValueError:
        return False
    return True


def are_booleans(values: Iterable[str]) -> bool:
    """Check whether all ``values`` are in ``BOOLEANS``."""
    return BOOLEANS.keys() >= set(values)


_SHAPES: dict[str, Callable[[Iterable[str]], bool]] = {
    "Number": are_plain_numbers,
    "Date": are_dates,
    "DateTime": are_datetimes,
    "ISODateTime": are_iso_datetimes,
    "Boolean": are_booleans,
}
"""Functions by the names of dbt's types. Each checks whether all texts of a list have a usual form of the type.

A text of such a form can be converted to this type and to Text, and to no other of dbt's types.
"""


class ColumnScan:
    """The type of a seed's column, and the size that its values need, inferred from the values added so far."""

    def __init__(self, kinds: Sequence[agate.DataType]) -> None:
        """Begin with no values. ``kinds`` are the types that a column can have, in their order; the last is Text."""
        self._kinds = list(kinds)
        self._text = kinds[-1]
        self._measured: agate.DataType | None = None
        self._longest = 0
        self._max_bytes = 0
        self._whole, self._scale = 1, 0
        self._fits_bigint = True
        self._has_microseconds = False

    @property
    def kind(self) -> agate.DataType:
        """The first type to which all texts can be converted."""
        return self._kinds[0]

    def sql_type(self) -> str:
        """Return the SQL type that holds all values."""
        name = type(self.kind).__name__
        if name == "Number":
            return number_type_of(self._whole, self._scale, self._fits_bigint)
        if name in ("DateTime", "ISODateTime"):
            return "datetime(6)" if self._has_microseconds else "datetime"
        return text_type_of(self._longest, self._max_bytes) if self.kind is self._text else name.lower()

    def add(self, values: Sequence[str]) -> None:
        """Add ``values``, a chunk of the column's texts, and infer the type again.

        Raise NotScanned if the type changes to another type than Text, because the size that the values of earlier
        chunks need in the new type is not known.
        """
        self._measure_texts(values)
        if self.kind is self._text:
            return
        present = [value for value in values if value not in NULLS]
        if not present:
            return
        for kind in self._kinds[:-1]:
            if _SHAPES[type(kind).__name__](present[:1]):
                if _SHAPES[type(kind).__name__](present):
                    self._kinds = [kind, self._text]
                    self._measure_plain(kind, present)
                    return
                break
        self._convert(present)

    def _convert(self, values: Sequence[str]) -> None:
        for value in values:
            if len(self._kinds) <= 2:
                break
            self._kinds = [kind for kind in self._kinds if kind is self._text or kind.test(value)]
        if self.kind is self._text:
            return
        typed = _converted(self.kind, values)
        if typed is None:
            self._kinds = [self._text]
        else:
            self._measure(self.kind, [value for value in typed if value is not None])

    def _measure_texts(self, values: Sequence[str]) -> None:
        longest = max(map(len, values))
        if longest > VARCHAR_LENGTH:
            long = [value for value in values if len(value) > VARCHAR_LENGTH and value.strip().lower() not in NULLS]
            longest = max(map(len, long), default=0)
            self._max_bytes = max(self._max_bytes, *(len(value.encode()) for value in long), 0)
        self._longest = max(self._longest, longest)

    def _measure_plain(self, kind: agate.DataType, values: Sequence[str]) -> None:
        self._measure_as(kind)
        if type(kind).__name__ != "Number":
            return
        unsigned = [value.lstrip("-") for value in values]
        parts = [value.partition(".") for value in unsigned if "." in value]
        whole = max(map(len, unsigned)) if not parts else max(len(value.partition(".")[0]) for value in unsigned)
        scale = max((len(after.rstrip("0")) for _, _, after in parts), default=0)
        self._add_digits(whole, scale, (int(value.partition(".")[0]) for value in values))

    def _measure(self, kind: agate.DataType, values: Sequence[Any]) -> None:
        if not values:
            return
        self._measure_as(kind)
        name = type(kind).__name__
        if name == "Number":
            self._add_digits(*digits_of(values), (int(value) for value in values if value.is_finite()))
        elif name in ("DateTime", "ISODateTime"):
            self._has_microseconds = self._has_microseconds or any(value.microsecond for value in values)

    def _measure_as(self, kind: agate.DataType) -> None:
        if self._measured not in (None, kind):
            raise NotScanned
        self._measured = kind

    def _add_digits(self, whole: int, scale: int, integers: Iterable[int]) -> None:
        if whole >= BIGINT_DIGITS and self._fits_bigint and not self._scale and not scale:
            self._fits_bigint = all(value in BIGINT for value in integers)
        self._whole, self._scale = max(self._whole, whole), max(self._scale, scale)


def _converted(kind: agate.DataType, values: Iterable[str]) -> list[Any] | None:
    """Return ``values`` as the type ``kind`` converts them, or None if it cannot convert one of them."""
    from agate.exceptions import CastError

    try:
        return [kind.cast(value) for value in values]
    except CastError:
        return None
