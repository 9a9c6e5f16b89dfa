"""Column types: their names in DDL and in CAST, and one canonical spelling for each.

DDL and CAST have different vocabularies in MySQL mode: ``cast(x as int)``, ``varchar(10)``, ``text``, ``boolean`` and
``timestamp`` are syntax errors (1064), and so are ``varchar`` without a length or ``string(20)`` in a column list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """Facts about a type; None where they do not apply or are not needed.

    ``bits``: size of an integer. ``digits``: default display width of an integer, used by ZEROFILL. ``max_bytes``: the
    largest text or blob in bytes. ``max_argument``: the largest n for which the server turns ``text(n)`` (characters)
    or ``blob(n)`` (bytes) into this type, None if there is no limit (seen on kernels 1.3 and 1.4).
    """

    family: str
    bits: int | None = None
    digits: int | None = None
    max_bytes: int | None = None
    max_argument: int | None = None


TYPES: dict[str, TypeInfo] = {
    "tinyint": TypeInfo("integer", bits=8, digits=3),
    "smallint": TypeInfo("integer", bits=16, digits=5),
    "mediumint": TypeInfo("integer", bits=24, digits=8),
    "int": TypeInfo("integer", bits=32, digits=10),
    "bigint": TypeInfo("integer", bits=64, digits=20),
    "decimal": TypeInfo("decimal"),
    "float": TypeInfo("float"),
    "double": TypeInfo("float"),
    "bit": TypeInfo("bit"),
    "year": TypeInfo("year"),
    "date": TypeInfo("date"),
    "datetime": TypeInfo("time"),
    "timestamp": TypeInfo("time"),
    "time": TypeInfo("time"),
    "char": TypeInfo("string"),
    "varchar": TypeInfo("string"),
    "tinytext": TypeInfo("text", max_bytes=255, max_argument=64),
    "text": TypeInfo("text", max_bytes=65_535, max_argument=16_384),
    "mediumtext": TypeInfo("text", max_bytes=16_777_215, max_argument=4_194_304),
    "longtext": TypeInfo("text", max_bytes=536_870_910),
    "binary": TypeInfo("binary"),
    "varbinary": TypeInfo("binary"),
    "tinyblob": TypeInfo("blob", max_bytes=255, max_argument=256),
    "blob": TypeInfo("blob", max_bytes=65_535, max_argument=65_536),
    "mediumblob": TypeInfo("blob", max_bytes=16_777_215, max_argument=16_777_216),
    "longblob": TypeInfo("blob"),
    "enum": TypeInfo("enumeration"),
    "set": TypeInfo("enumeration"),
    "array": TypeInfo("collection"),
    "map": TypeInfo("collection"),
    "vector": TypeInfo("collection"),
    "json": TypeInfo("json"),
    "geometry": TypeInfo("geometry"),
    "point": TypeInfo("geometry"),
    "linestring": TypeInfo("geometry"),
    "polygon": TypeInfo("geometry"),
    "multipoint": TypeInfo("geometry"),
    "multilinestring": TypeInfo("geometry"),
    "multipolygon": TypeInfo("geometry"),
    "geomcollection": TypeInfo("geometry"),
}
"""Every type of the server under its canonical name; within a family from narrow to wide."""


def types_in(*families: str) -> tuple[str, ...]:
    """Return the names of the types in these families, each family from narrow to wide."""
    return tuple(name for family in families for name, info in TYPES.items() if info.family == family)


INTEGERS = {name: info.digits for name, info in TYPES.items() if info.digits is not None}
"""Integer types with their digits."""

INTEGER_TYPES = types_in("integer")
"""Integer types from narrow to wide; each may be unsigned."""

FLOAT_TYPES = types_in("float")

NUMBERS = types_in("integer", "decimal", "float")

TIME_TYPES = types_in("time")
"""Types with a precision of fractions of a second; more digits are rounded away without a warning."""

LENGTH_TYPES = types_in("string", "binary")
"""Types that are written with a length."""

TEXT_TYPES = types_in("text")
BLOB_TYPES = types_in("blob")

STRING_TYPES = types_in("string", "text")
"""Character types from narrow to wide."""

BINARY_OF = dict(zip(STRING_TYPES, types_in("binary", "blob"), strict=True))
"""Character types, with the type that they become under ``character set binary``."""

MAX_VARCHAR = 262_144
"""Characters of the longest VARCHAR."""

MAX_PRECISION = 65
"""Digits of the longest DECIMAL."""

MAX_SCALE = 30
"""Most digits that a DECIMAL may have after the point."""

MAX_FRACTION = 6
"""Most digits that fractions of a second may have."""

MAX_FLOAT_BITS = 24
"""Binary digits up to which ``float(p)`` is a ``float``; from there on it is a ``double``."""

ALIASES: dict[str, str] = {
    **dict.fromkeys(("integer", "int4", "int32"), "int"),
    **dict.fromkeys(("int8", "int64", "signed", "signed int", "signed integer"), "bigint"),
    "int1": "tinyint",
    "int2": "smallint",
    **dict.fromkeys(("int3", "middleint"), "mediumint"),
    **dict.fromkeys(("dec", "fixed", "number", "numeric"), "decimal"),
    **dict.fromkeys(("double precision", "real", "float8", "float64"), "double"),
    "float4": "float",
    **dict.fromkeys(("character", "nchar", "national char", "national character"), "char"),
    **dict.fromkeys(("character varying", "char varying", "nvarchar", "national varchar"), "varchar"),
    **dict.fromkeys(("national character varying", "national char varying", "string"), "varchar"),
    **dict.fromkeys(("long", "long varchar"), "mediumtext"),
    "long varbinary": "mediumblob",
    "clob": "longtext",
    **dict.fromkeys(("bytes", "bytea"), "longblob"),
    "jsonb": "json",
    "geometrycollection": "geomcollection",
    "time without time zone": "time",
}
"""Other names of a type, those of other databases included where they mean the same."""

WITH_MICROSECONDS = ("timestamp without time zone", "timestamp_ntz")
"""Names of other databases for a time without a zone, whose precision there is microseconds unless given."""

UNSIGNED_BIGINT = ("unsigned", "unsigned int", "unsigned integer", "serial")
"""Names that mean ``bigint unsigned``."""

BOOLEAN = ("bool", "boolean")
"""Names that mean ``tinyint(1)``."""


class BooleanType(str):
    """The type ``tinyint(1)``, which is also equal to ``boolean``: packages compare a column's type with that name.

    The text stays the server's. A cast to boolean would make 1 of the other numbers that such a column may hold.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and (other in BOOLEAN or str(self) == str(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


_KNOWN_NAMES = frozenset({*TYPES, *ALIASES, *WITH_MICROSECONDS, *UNSIGNED_BIGINT, *BOOLEAN})
_CHARACTER_SET = re.compile(r"\b(?:character set|charset)\s*=?\s*(\w+)")
_COLLATE = re.compile(r"\bcollate\s*=?\s*(\w+)")
_ATTRIBUTES = frozenset({"unsigned", "signed", "zerofill", "binary"})
_LITERAL = re.compile(r"('(?:[^'\\]|''|\\.)*')")
_PARENTHESES = re.compile(r"([^(]*)\((.*)\)([^)]*)")
_NUMBERS_IN_PARENTHESES = re.compile(r"\((\d+(?:\s*,\s*\d+)*)\)")
_ANY_ARGUMENTS = frozenset(types_in("enumeration", "collection"))
"""Types whose arguments are not numbers."""


@dataclass(frozen=True, slots=True)
class _ParsedType:
    """The parts of a type: its name without aliases, its arguments in parentheses, and its attributes."""

    name: str
    arguments: tuple[str, ...] = ()
    unsigned: bool = False
    zerofill: bool = False
    character_set: str = ""
    collation: str = ""

    def __str__(self) -> str:
        arguments = f"({','.join(self.arguments)})" if self.arguments else ""
        return self.name + arguments + " unsigned" * self.unsigned + " zerofill" * self.zerofill


def canonical_type(data_type: str) -> str:
    """Return the canonical spelling of a column type: two names of the same type give the same text.

    The type may be spelled as in DDL, a dbt config or ``information_schema.columns.column_type``. Display widths are
    removed (``int(11)`` becomes ``int``), except that of ``tinyint(1)``, which is the boolean, and those that ZEROFILL
    uses. A character set and a collation are not part of the type. An unknown type is returned in lower case with
    single blanks; literals of ENUM and SET are not changed. Never raises.
    """
    parsed = _parse(data_type)
    return str(_normalized(parsed)) if parsed else _with_single_blanks(data_type)


def base_type(data_type: str) -> str:
    """Return the canonical name of a type without length, precision and attributes.

    An unknown type is returned unchanged.
    """
    parsed = _parse(data_type)
    return _normalized(parsed).name if parsed else _with_single_blanks(data_type)


def ddl_type(data_type: str) -> str:
    """Return the type for a column definition from a type name that a dbt user or dbt's macros may write.

    Names that the server refuses are replaced: ``varchar`` without a length and ``string`` become ``text``,
    ``string(20)`` becomes ``varchar(20)``, ``timestamp without time zone`` becomes ``datetime(6)``. A character set
    and a collation stay. An unknown type is returned as it is, so that the server refuses it.
    """
    parsed = _parse(data_type)
    written = _with_single_blanks(data_type)
    if parsed is None or written in (*BOOLEAN, "serial"):
        return written
    character_set = "" if parsed.character_set == "binary" else parsed.character_set
    clauses = (("character set", character_set), ("collate", parsed.collation))
    return " ".join([str(_normalized(parsed)), *(f"{clause} {name}" for clause, name in clauses if name)])


def cast_target(data_type: str) -> str:
    """Return the type for ``cast(x as ...)`` that converts to a column type, keeping length and precision.

    CAST knows signed, unsigned, char, binary, date, datetime, time, year, decimal, float, double and json. Character
    types without a length become ``char``, which is not limited. VARBINARY and BLOB become ``binary`` without a
    length, since a length would pad them with zero bytes. ``timestamp`` becomes ``datetime(6)``, since ``datetime``
    would round to seconds. Types that CAST does not have (arrays, vectors, geometries) are returned as they are, so
    that the server refuses them.
    """
    parsed = _parse(data_type)
    if parsed is None:
        return _with_single_blanks(data_type)
    kind = _normalized(parsed)
    if kind.name in INTEGER_TYPES or kind.name == "bit":
        return "unsigned" if kind.unsigned or kind.name == "bit" else "signed"
    if kind.name in ("char", "varchar"):
        return f"char({kind.arguments[0]})" if parsed.arguments else "char"
    if kind.name in (*TEXT_TYPES, "enum", "set"):
        return "char"
    if kind.name in (*BLOB_TYPES, "varbinary") or (kind.name == "binary" and not parsed.arguments):
        return "binary"
    if kind.name == "timestamp":
        return f"datetime({kind.arguments[0] if kind.arguments else 6})"
    if kind.name in FLOAT_TYPES:
        return kind.name
    return str(replace(kind, unsigned=False, zerofill=False))


def matches_character_set(data_type: str, character_set: str, collation: str) -> bool:
    """Check whether a column has the character set and the collation that ``data_type`` names, if it names any."""
    parsed = _parse(data_type)
    declared = (parsed.character_set, parsed.collation) if parsed else ("", "")
    # the server shows utf8 as utf8mb4
    wanted = [re.sub(r"^utf8(mb3)?(?=_|$)", "utf8mb4", name) for name in declared]
    return all(not name or name == has.lower() for name, has in zip(wanted, (character_set, collation), strict=True))


def numbers_of(data_type: str) -> list[int]:
    """Return the numbers in a type's parentheses: length, or precision and scale."""
    found = _NUMBERS_IN_PARENTHESES.search(data_type)
    return [int(number) for number in found.group(1).split(",")] if found else []


def _parse(data_type: str) -> _ParsedType | None:
    """Return the parts of a type, with its alias resolved; None for an unknown type."""
    text = _with_single_blanks(data_type)
    if text.endswith("[]"):
        return _ParsedType("array", (text[:-2],))
    parts = _PARENTHESES.fullmatch(text)
    head, inside, tail = parts.groups() if parts else (text, "", "")
    name, attributes = _known_name(f"{head} {tail}".split())
    words = _COLLATE.sub("", _CHARACTER_SET.sub("", attributes)).split()
    arguments = tuple(_split_arguments(inside)) if parts else ()
    if not name or not _ATTRIBUTES.issuperset(words) or not _accepts_arguments(name, arguments):
        return None
    zerofill = "zerofill" in words
    unsigned = zerofill or "unsigned" in words or name in UNSIGNED_BIGINT
    if name in BOOLEAN:
        name, arguments = "tinyint", ("1",)
    elif name in WITH_MICROSECONDS:
        name, arguments = "datetime", arguments or ("6",)
    elif name in UNSIGNED_BIGINT:
        name = "bigint"
    character_set, collation = (pattern.search(attributes) for pattern in (_CHARACTER_SET, _COLLATE))
    return _ParsedType(
        ALIASES.get(name, name),
        arguments,
        unsigned,
        zerofill,
        character_set.group(1) if character_set else "",
        collation.group(1) if collation else "",
    )


def _known_name(words: list[str]) -> tuple[str, str]:
    """Split words into the longest known type name (or an empty string) and the rest."""
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        if name in _KNOWN_NAMES:
            return name, " ".join(words[count:])
    return "", ""


def _accepts_arguments(name: str, arguments: tuple[str, ...]) -> bool:
    return name in _ANY_ARGUMENTS or (len(arguments) <= 2 and all(argument.isdecimal() for argument in arguments))


def _normalized(kind: _ParsedType) -> _ParsedType:
    """Add default arguments and remove arguments that do not change the type."""
    if kind.character_set == "binary" and kind.name in BINARY_OF:
        kind = replace(kind, name=BINARY_OF[kind.name])
    name, arguments = kind.name, kind.arguments
    if name in INTEGER_TYPES and kind.zerofill:
        arguments = arguments or (str(INTEGERS[name]),)
    elif name in INTEGER_TYPES:
        arguments = arguments if str(kind) == "tinyint(1)" else ()
    elif name == "varchar" and not arguments:
        name = "text"
    elif name in ("char", "binary", "bit"):
        arguments = arguments or ("1",)
    elif name == "decimal":
        arguments = (*(arguments or ("10",)), "0")[:2]
    elif name == "float" and len(arguments) == 1:
        name, arguments = "float" if int(arguments[0]) <= MAX_FLOAT_BITS else "double", ()
    elif name in ("text", "blob") and arguments:
        name, arguments = _narrowest(TEXT_TYPES if name == "text" else BLOB_TYPES, int(arguments[0])), ()
    elif name == "year" or (name in TIME_TYPES and arguments == ("0",)):
        arguments = ()
    elif name in ("array", "map"):
        arguments = tuple(canonical_type(argument) for argument in arguments)
    return replace(kind, name=name, arguments=arguments)


def _narrowest(names: Iterable[str], size: int) -> str:
    """Return the first of these text or blob types that the server makes for a given size."""
    return next(name for name in names if (most := TYPES[name].max_argument) is None or size <= most)


def _with_single_blanks(text: str) -> str:
    """Return a text in lower case with single blanks between words and no others; literals are not changed."""
    parts = _LITERAL.split(text.strip())
    parts[::2] = [re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", part.lower())) for part in parts[::2]]
    return re.sub(r"\)(?=\w)", ") ", "".join(parts).strip())


def _split_arguments(arguments: str) -> list[str]:
    """Split a list at its commas, except those in literals and in parentheses."""
    found, depth = [""], 0
    for part in _LITERAL.split(arguments):
        for piece in [part] if part.startswith("'") else re.split(r"([(),])", part):
            depth += (piece == "(") - (piece == ")")
            if piece == "," and depth == 0:
                found.append("")
            else:
                found[-1] += piece
    return found
