"""The format of files that the server reads or writes: the clause FORMAT, and the options in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..connect.quoting import literal
from . import values
from .components import error

FORMATS = ("csv", "parquet", "orc")
"""Formats of files. Not every server has all of them."""

OPTIONS = "options"

Write = Callable[[str, Any], str]


def _text(place: str, value: Any) -> str:
    if not isinstance(value, str):
        raise error(place, f"{value!r} is no text", "write a text in quotes")
    return literal(value)


def _boolean(place: str, value: Any) -> str:
    return str(values.boolean(place, value, default=False)).lower()


def _lines(place: str, value: Any) -> str:
    return str(values.integer(place, value, 0, 2**31 - 1) or 0)


def _texts(place: str, value: Any) -> str:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed:
        raise error(place, f"{value!r} is no list of texts", "write ['NULL', '-']")
    return f"({', '.join(_text(place, each) for each in listed)})"


def _one_of(*choices: str) -> Write:
    return lambda place, value: literal(values.choice(place, value, choices))


_CSV_COMMON: dict[str, Write] = {
    "field_delimiter": _text,
    "line_delimiter": _text,
    "field_optionally_enclosed_by": _text,
    "escape": _text,
    "compression": _one_of("none", "gzip", "deflate", "zstd"),
}
READ_CSV: dict[str, Write] = {
    **_CSV_COMMON,
    "skip_header": _lines,
    "parse_header": _boolean,
    "encoding": _text,
    "null_if": _texts,
    "empty_field_as_null": _boolean,
    "skip_blank_lines": _boolean,
    "trim_space": _boolean,
    "ignore_last_empty_column": _boolean,
}
"""Options of CSV files that the server reads: name -> function that returns the value as SQL."""

WRITE_CSV = _CSV_COMMON
"""Options of CSV files that the server writes."""

WRITE_PARQUET: dict[str, Write] = {
    "compression": _one_of("uncompressed", "snappy", "gzip", "brotli", "zstd", "lz4", "lz4_hadoop"),
    "row_group_size": _text,
}
"""Options of Parquet files that the server writes. Files that it reads need none."""

ALIASES = {
    "delimiter": "field_delimiter",
    "sep": "field_delimiter",
    "separator": "field_delimiter",
    "quote": "field_optionally_enclosed_by",
    "quote_char": "field_optionally_enclosed_by",
    "escape_char": "escape",
    "charset": "encoding",
}
"""Names of options as other tools have them."""

_READ_DEFAULTS = {
    "field_delimiter": ",",
    "field_optionally_enclosed_by": '"',
    "escape": '"',
    "empty_field_as_null": True,
}
"""Options of CSV files as spreadsheets and most other tools write them.

By default, the server separates fields by tabs, takes a backslash for the escape, and takes an empty field for NULL
only at the end of a line.
"""

_WRITE_DEFAULTS = {"field_delimiter": ",", "field_optionally_enclosed_by": '"', "escape": "\\", "line_delimiter": "\n"}
_NEVER_EMPTY = ("field_delimiter", "field_optionally_enclosed_by", "escape", "line_delimiter")


@dataclass(frozen=True)
class FileFormat:
    """The format of files: ``name`` is one of ``FORMATS``, ``options`` are pairs of a name and a value as SQL."""

    name: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def clause(self) -> str:
        """Return the clause ``format = (...)``."""
        parts = [f"type = {literal(self.name)}", *(f"{name} = {value}" for name, value in self.options)]
        return f"format = ({', '.join(parts)})"


def to_read(place: str, name: Any, options: Any) -> FileFormat:
    """Return the format of files that are read.

    ``name`` is the name of the format, by default ``csv``. ``options`` is a mapping of its options, or None. Raise
    ConfigError, which begins with ``place``, for a format or an option that is not known, or a wrong value.
    """
    kind = values.choice(f"{place}.file_format", name, FORMATS) or "csv"
    given = dict(_mapping(place, options))
    header = next((given.pop(key) for key in list(given) if str(key).lower() == "header"), None)
    found = _checked(place, kind, given, READ_CSV if kind == "csv" else {}, _READ_DEFAULTS if kind == "csv" else {})
    if header is not None and kind != "csv":
        raise error(f"{place}.{OPTIONS}", f"header is not for {kind}", "remove it")
    if header is not None and {"skip_header", "parse_header"} & set(found):
        raise error(f"{place}.{OPTIONS}", "header and another option mean the same", "remove one of them")
    if values.boolean(f"{place}.{OPTIONS}.header", _as_boolean(header), default=False):
        found["skip_header"] = "1"
    return FileFormat(kind, tuple(found.items()))


def to_write(name: Any, options: Any) -> tuple[FileFormat, int | None]:
    """Return the format of files that are written, and the maximum size of a file in bytes or None.

    ``name`` and ``options`` are the configs ``format`` and ``options`` of a model. Raise ConfigError for a format or an
    option that is not known, or a wrong value, or a value with which the files could not be read back.
    """
    kind = values.choice("format", name, FORMATS) or "csv"
    given = dict(_mapping("", options))
    if "header" in {str(key).lower() for key in given}:
        raise error(OPTIONS, "the server writes no header", "remove header")
    size = values.integer(f"{OPTIONS}.max_file_size", given.pop("max_file_size", None), 1, 2**62)
    known = {"csv": WRITE_CSV, "parquet": WRITE_PARQUET}.get(kind, {})
    found = _checked("", kind, given, known, _WRITE_DEFAULTS if kind == "csv" else {})
    for option in _NEVER_EMPTY:
        if found.get(option) == "''":
            raise error(f"{OPTIONS}.{option}", "an empty text cannot be read back", "write a character, or remove it")
    if kind == "csv" and found["escape"] in (found["field_optionally_enclosed_by"], found["field_delimiter"]):
        raise error(f"{OPTIONS}.escape", "NULL could not be read back", "write another character, or remove it")
    return FileFormat(kind, tuple(found.items())), size


def read_back(written: FileFormat) -> FileFormat:
    """Return the format in which the server reads files that it has written in the format ``written``."""
    return written if written.name == "csv" else FileFormat(written.name)


def _mapping(place: str, options: Any) -> Mapping[str, Any]:
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise error(_dotted(place), f"{options!r} is no mapping", "write {field_delimiter: ';'}")
    return options


def _checked(
    place: str, kind: str, given: Mapping[str, Any], known: Mapping[str, Write], defaults: Mapping[str, Any]
) -> dict[str, str]:
    """Return the options as SQL by name, in the order of ``known``."""
    if given and not known:
        raise error(_dotted(place), f"{kind} has no options", f"remove {', '.join(map(str, given))}")
    named = {**defaults, **values.renamed(_dotted(place), given, list(known), ALIASES)}
    return {name: known[name](f"{_dotted(place)}.{name}", named[name]) for name in known if name in named}


def _dotted(place: str) -> str:
    return f"{place}.{OPTIONS}" if place else OPTIONS


def _as_boolean(value: Any) -> Any:
    # other databases take the text 'true'
    return value.lower() == "true" if isinstance(value, str) and value.lower() in ("true", "false") else value
