"""The format of files that the server reads or writes, with its options. In SQL it is the clause FORMAT."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..connect.quoting import literal
from . import values
from .components import error

FORMATS = ("csv", "parquet", "orc")
"""Names of the formats of files. Not every server has all of these formats."""

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
"""Options for CSV files that the server reads. Each name has a function that returns the option's value as SQL."""

WRITE_CSV = _CSV_COMMON
"""Options for CSV files that the server writes. Each name has a function that returns the option's value as SQL."""

WRITE_PARQUET: dict[str, Write] = {
    "compression": _one_of("uncompressed", "snappy", "gzip", "brotli", "zstd", "lz4", "lz4_hadoop"),
    "row_group_size": _text,
}
"""Options for Parquet files that the server writes. To read Parquet files, the server needs no options."""

ALIASES = {
    "delimiter": "field_delimiter",
    "sep": "field_delimiter",
    "separator": "field_delimiter",
    "quote": "field_optionally_enclosed_by",
    "quote_char": "field_optionally_enclosed_by",
    "escape_char": "escape",
    "charset": "encoding",
}
"""Names that other tools use for options of CSV files, each with the server's name for the option."""

_READ_DEFAULTS = {
    "field_delimiter": ",",
    "field_optionally_enclosed_by": '"',
    "escape": '"',
    "empty_field_as_null": True,
}
"""Options with which the adapter reads CSV files if the project does not set them.

They fit the files that spreadsheets and most other tools write. The server's own defaults differ: fields are separated
by tabs, a backslash is the escape character, and an empty field is NULL only at the end of a line.
"""

_WRITE_DEFAULTS = {"field_delimiter": ",", "field_optionally_enclosed_by": '"', "escape": "\\", "line_delimiter": "\n"}
_NEVER_EMPTY = ("field_delimiter", "field_optionally_enclosed_by", "escape", "line_delimiter")


@dataclass(frozen=True)
class FileFormat:
    """A format of files.

    ``name`` is one of ``FORMATS``. ``options`` are pairs of an option's name and its value as SQL.
    """

    name: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def clause(self) -> str:
        """Return the clause ``format = (...)`` with the name of the format and its options."""
        parts = [f"type = {literal(self.name)}", *(f"{name} = {value}" for name, value in self.options)]
        return f"format = ({', '.join(parts)})"


def to_read(place: str, name: Any, options: Any) -> FileFormat:
    """Return the format of files that an external table of a source reads.

    ``name`` is the name of the format, or None for ``csv``. ``options`` is a mapping of the format's options, or None.
    Raise ConfigError for an unknown format, an unknown option or a wrong value. The error's text begins with ``place``,
    the key of the source under which ``name`` and ``options`` stand.
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
    """Return the format of the files that a model writes, and the maximum size of one file in bytes.

    ``name`` and ``options`` are the model's configs ``format`` and ``options``. The size is None if all rows are
    written to one file. Raise ConfigError for an unknown format, an unknown option or a wrong value. A value is also
    wrong if the server could not read back files that it writes with this value.
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
    """Return the format in which the server can read the files that it has written in the format ``written``."""
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
    """Return the options ``given``, completed by ``defaults``, as a dict of their values as SQL by option name.

    ``known`` has the allowed options, each with the function that checks and converts its value. ``kind`` is the name
    of the format. Raise ConfigError, which begins with ``place``, for an unknown option or a wrong value.
    """
    if given and not known:
        raise error(_dotted(place), f"{kind} has no options", f"remove {', '.join(map(str, given))}")
    named = {**defaults, **values.renamed(_dotted(place), given, list(known), ALIASES)}
    return {name: known[name](f"{_dotted(place)}.{name}", named[name]) for name in known if name in named}


def _dotted(place: str) -> str:
    return f"{place}.{OPTIONS}" if place else OPTIONS


def _as_boolean(value: Any) -> Any:
    # other databases take the text 'true'
    return value.lower() == "true" if isinstance(value, str) and value.lower() in ("true", "false") else value
