"""Rules for the options of tables: which values an option accepts, its SQL, and whether ALTER can change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..connect.quoting import literal
from ..execution.errors import NO_STATEMENT
from . import values
from .components import error

REFUSED = frozenset({NO_STATEMENT, 1210, 1235})
"""Error codes for an option that the server does not know, or for a value that the server does not accept."""

_FULL_KERNEL = "OceanBase 4.3.5 and seekdb 1.3 have it, seekdb 1.4 has not"

Parse = Callable[[str, Any], str]


@dataclass(frozen=True)
class OptionRule:
    """The rule for one option of a table: how to parse its value, write it as SQL, compare it and change it.

    ``parse`` takes the config's name, for errors, and the value. It returns the value as SQL, or raises ConfigError.
    ``form`` is the SQL of the option with ``%s`` for the value. If it is empty, the SQL is ``name = value``.
    ``default`` is the value that a table has if SHOW CREATE TABLE does not show the option. If it is None, such a table
    counts as equal to any config. ``is_alterable`` is false if ALTER cannot change the option. ``is_compared`` is false
    if the option of an existing table is never compared with the config. ``is_altered_alone`` is true if the server
    refuses the option together with others in one ALTER. ``blocks_writers`` is true if other sessions cannot write to
    the table until the ALTER has ended. ``available_in`` names the servers that have the option, and is empty if all
    have it.

    If ``available_in`` is not empty, the adapter first prepares a CREATE TABLE with the option, which creates nothing,
    to see whether the server knows the option. ``probed`` is the value in this statement, or empty for the configured
    value.
    """

    parse: Parse
    form: str = ""
    default: str | None = None
    is_alterable: bool = True
    is_compared: bool = True
    is_altered_alone: bool = False
    blocks_writers: bool = False
    available_in: str = ""
    probed: str = ""

    def clause(self, name: str, value: str) -> str:
        """Return the SQL of the option ``name`` with ``value``, for CREATE TABLE and ALTER TABLE."""
        return (self.form or f"{name} = %s") % value


def _one_of(*choices: str, is_text: bool = False) -> Parse:
    def parse(place: str, value: Any) -> str:
        word = values.choice(place, value, choices)
        return literal(word) if is_text else word

    return parse


def _number(least: int, most: int) -> Parse:
    return lambda place, value: str(values.integer(place, value, least, most))


def _boolean(place: str, value: Any) -> str:
    word = value.lower() == "true" if isinstance(value, str) and value.lower() in ("true", "false") else value
    return str(values.boolean(place, word, default=False)).lower()


def _text(place: str, value: Any) -> str:
    return literal(values.text(place, value))


def _ttl(place: str, value: Any) -> str:
    """Return ``value``, the TTL of a table: a column with a time, plus the interval for which the row is kept.

    ``place`` is the name of the config. Raise ConfigError if ``value`` has no such form.
    """
    text = " ".join(values.text(place, value).strip().split()).removeprefix("(").removesuffix(")")
    if "+" not in text or "interval" not in text.lower():
        raise error(
            place, f"{value!r} is no time to live", "write the column and an interval: loaded_at + interval 7 day"
        )
    return text


RULES: dict[str, OptionRule] = {
    "organization": OptionRule(_one_of("index", "heap"), is_alterable=False),
    "compression": OptionRule(
        _one_of("none", "lz4_1.0", "snappy_1.0", "zlib_1.0", "zstd_1.0", "zstd_1.3.8", is_text=True),
        available_in="none and zstd_1.3.8 are everywhere, lz4_1.0, snappy_1.0 and zstd_1.0 not in seekdb 1.4",
    ),
    "row_format": OptionRule(_one_of("redundant", "compact", "dynamic", "compressed", "condensed")),
    "table_mode": OptionRule(
        _one_of("normal", "queuing", "moderate", "super", "extreme", is_text=True), default="'normal'"
    ),
    "block_size": OptionRule(_number(1024, 1048576)),
    "tablet_size": OptionRule(_number(2097152, 2**62)),
    "pctfree": OptionRule(_number(0, 50)),
    "progressive_merge_num": OptionRule(_number(0, 100), default="0"),
    "parallel": OptionRule(_number(1, 65535), form="parallel %s", default="1"),
    "lob_inrow_threshold": OptionRule(_number(0, 786432), default="8192", is_altered_alone=True, blocks_writers=True),
    "auto_increment": OptionRule(_number(1, 2**64 - 1), is_compared=False),
    "comment": OptionRule(_text, default="''"),
    "ttl": OptionRule(_ttl, form="ttl(%s)", default="", available_in=_FULL_KERNEL, probed="d + interval 1 day"),
    "merge_engine": OptionRule(
        _one_of("delete_insert", "partial_update"),
        default="partial_update",
        is_alterable=False,
        available_in=_FULL_KERNEL,
    ),
    "replica_num": OptionRule(_number(1, 7), is_altered_alone=True, available_in=_FULL_KERNEL),
    "tablegroup": OptionRule(_text, default="''", is_altered_alone=True, available_in=_FULL_KERNEL),
    "duplicate_scope": OptionRule(
        _one_of("none", "cluster", is_text=True), default="'none'", is_altered_alone=True, available_in=_FULL_KERNEL
    ),
    "use_bloom_filter": OptionRule(_boolean, available_in=_FULL_KERNEL),
    "enable_macro_block_bloom_filter": OptionRule(_boolean, available_in=_FULL_KERNEL),
}
"""The rules of all options by name, except ``skip_index``, which belongs to columns: see the module ``skip_index``."""
