"""Names of column types in DDL and in CAST, and one canonical spelling for each type.

DDL and CAST accept different names in OceanBase's MySQL mode. In a CAST, ``int``, ``varchar(10)``, ``text``,
``boolean`` and ``timestamp`` are syntax errors (1064). In the column list of CREATE TABLE, ``varchar`` without a length
and ``string(20)`` are syntax errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """Facts about a column type. A fact that does not apply or is not needed is None.

    ``family`` is the name of a group of similar types, such as ``integer`` or ``text``. ``bits`` is the size of an
    integer, and ``digits`` the default display width that ZEROFILL uses. ``max_bytes`` is the largest size of a text or
    blob in bytes. ``max_argument`` is the largest n for which the server makes a column of this type from ``text(n)``
    (n characters) or ``blob(n)`` (n bytes). It is None if n has no limit. The limits were seen on seekdb 1.3 and 1.4.
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
"""The server's types by canonical name. The types of a family go from narrow to wide if they differ in size."""


def types_in(*families: str) -> tuple[str, ...]:
    """Return the names of all types in ``families``, in the order of the families.

    ``families`` are values of ``TypeInfo.family``, such as ``text`` and ``blob``. The types of a family go from
    narrow to wide if they differ in size.
    """
    return tuple(name for family in families for name, info in TYPES.items() if info.family == family)


INTEGERS = {name: info.digits for name, info in TYPES.items() if info.digits is not None}
"""Integer types, each with the display width, in digits, that ZEROFILL uses by default."""

INTEGER_TYPES = types_in("integer")
"""Integer types from narrow to wide; each may be unsigned."""

FLOAT_TYPES = types_in("float")

NUMBERS = types_in("integer", "decimal", "float")

TIME_TYPES = types_in("time")
"""Types with fractions of a second. The server rounds to the precision of the type without a warning."""

LENGTH_TYPES = types_in("string", "binary")
"""Types that have a length in parentheses."""

TEXT_TYPES = types_in("text")
BLOB_TYPES = types_in("blob")

STRING_TYPES = types_in("string", "text")
"""Character types: CHAR and VARCHAR, then the TEXT types from narrow to wide."""

BINARY_OF = dict(zip(STRING_TYPES, types_in("binary", "blob"), strict=True))
"""The type that each character type becomes with ``character set binary``."""

MAX_VARCHAR = 262_144
"""Maximum characters of a VARCHAR."""

MAX_PRECISION = 65
"""Maximum digits of a DECIMAL."""

MAX_SCALE = 30
"""Maximum digits of a DECIMAL after the point."""

MAX_FRACTION = 6
"""Maximum digits of the fraction of a second."""

MAX_FLOAT_BITS = 24
"""The largest p (binary digits) for which ``float(p)`` is a ``float``. For a larger p it is a ``double``."""

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
"""The canonical names of types by their other names, including names in other databases."""

WITH_MICROSECONDS = ("timestamp without time zone", "timestamp_ntz")
"""Names, in other databases, of the type for a date and time without a zone. It has microseconds there by default."""

UNSIGNED_BIGINT = ("unsigned", "unsigned int", "unsigned integer", "serial")
"""Names that mean ``bigint unsigned``."""

BOOLEAN = ("bool", "boolean")
"""Names that mean ``tinyint(1)``."""


class BooleanType(str):
    """The type ``tinyint(1)``. It also equals ``boolean``, because dbt packages compare a column's type with that name.

    In SQL it is still ``tinyint(1)``. A cast to boolean would turn other numbers, which such a column may hold, into 1.
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
    """The parts of an SQL type: its name (aliases are replaced), its arguments in parentheses, and its attributes."""

    name: str
    arguments: tuple[str, ...] = ()
    unsigned: bool = False
    zerofill: bool = False
    character_set: str = ""
    collation: str = ""
    binary: bool = False

    def __str__(self) -> str:
        arguments = f"({','.join(self.arguments)})" if self.arguments else ""
        return self.name + arguments + " unsigned" * self.unsigned + " zerofill" * self.zerofill


def canonical_type(data_type: str) -> str:
    """Return the canonical spelling of a column type. It is the same for all spellings of one type.

    ``data_type`` may be spelled as in DDL, a dbt config or ``information_schema.columns.column_type``. Display widths
    are removed (``int(11)`` becomes ``int``). Only ``tinyint(1)``, which is the boolean, and types with ZEROFILL keep
    them. A character set and a collation are not part of the canonical spelling. An unknown type is returned
    in lower case with single blanks. Literals of ENUM and SET are not changed. No error is raised for any text.
    """
    parsed = _parse(data_type)
    return str(_normalized(parsed)) if parsed else _with_single_blanks(data_type)


def base_type(data_type: str) -> str:
    """Return the canonical name of ``data_type`` without length and attributes: ``int`` for ``integer unsigned``.

    ``varchar`` without a length is ``text``. An unknown type is returned in lower case with single blanks.
    """
    parsed = _parse(data_type)
    return _normalized(parsed).name if parsed else _with_single_blanks(data_type)


def ddl_type(data_type: str) -> str:
    """Return the type for a column definition from ``data_type``, which a dbt user or dbt's macros may write.

    Names that the server refuses are replaced: ``varchar`` without a length and ``string`` become ``text``,
    ``string(20)`` becomes ``varchar(20)``, and ``timestamp without time zone`` becomes ``datetime(6)``. A character
    set, a collation and the word BINARY are kept. An unknown type is returned in lower case, and the server accepts or
    refuses it.
    """
    parsed = _parse(data_type)
    written = _with_single_blanks(data_type)
    if parsed is None or written in (*BOOLEAN, "serial"):
        return written
    character_set = "" if parsed.character_set == "binary" else parsed.character_set
    clauses = (("character set", character_set), ("collate", parsed.collation))
    kind = f"{_normalized(parsed)}{' binary' * parsed.binary}"
    return " ".join([kind, *(f"{clause} {name}" for clause, name in clauses if name)])


def cast_target(data_type: str) -> str:
    """Return the type to write in ``cast(x as ...)`` in order to convert a value to the column type ``data_type``.

    CAST knows signed, unsigned, char, binary, date, datetime, time, year, decimal, float, double and json. Length and
    precision are kept, except for FLOAT and DOUBLE, and for VARBINARY and BLOB. The last two become ``binary`` without
    a length, since CAST would add zero bytes up to a length. Character types without a length become ``char``, which
    has no limit in a CAST. ``timestamp`` becomes ``datetime(6)``, since ``datetime`` would round to seconds. For a type
    that CAST lacks (array, vector, geometry), its canonical spelling is returned, and the server refuses it.
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
    """Check whether a column has the character set and the collation that ``data_type`` names.

    ``character_set`` and ``collation`` are those of the column. Each is compared only if ``data_type`` names one. The
    word BINARY in ``data_type`` means the collation of the character set that ends in ``_bin``.
    """
    parsed = _parse(data_type)
    declared = (parsed.character_set, parsed.collation) if parsed else ("", "")
    if parsed and parsed.binary and not collation.lower().endswith("_bin"):
        return False
    # the server shows utf8 as utf8mb4
    wanted = [re.sub(r"^utf8(mb3)?(?=_|$)", "utf8mb4", name) for name in declared]
    return all(not name or name == has.lower() for name, has in zip(wanted, (character_set, collation), strict=True))


def numbers_of(data_type: str) -> list[int]:
    """Return the numbers in the parentheses of the type ``data_type``: its length, or its precision and scale.

    For example, ``decimal(10,2)`` has ``[10, 2]``. The list is empty for a type without numbers.
    """
    found = _NUMBERS_IN_PARENTHESES.search(data_type)
    return [int(number) for number in found.group(1).split(",")] if found else []


def arguments_of(data_type: str) -> tuple[str, ...]:
    """Return the arguments in the parentheses of ``data_type``, in lower case except for string literals.

    For ENUM and SET these are literals, with their quotes. The result is empty for a type without arguments.
    """
    parsed = _parse(data_type)
    return parsed.arguments if parsed else ()


def _parse(data_type: str) -> _ParsedType | None:
    """Return the parts of a type, with an alias replaced by the type's own name, or None for an unknown type."""
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
    character_set, collation = ((*each.findall(attributes), "")[0] for each in (_CHARACTER_SET, _COLLATE))
    binary = "binary" in words
    return _ParsedType(ALIASES.get(name, name), arguments, unsigned, zerofill, character_set, collation, binary)


def _known_name(words: list[str]) -> tuple[str, str]:
    """Return the longest name of a type with which ``words`` begin, and the remaining words, both joined by blanks.

    If ``words`` do not begin with the name of a known type, both results are empty.
    """
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        if name in _KNOWN_NAMES:
            return name, " ".join(words[count:])
    return "", ""


def _accepts_arguments(name: str, arguments: tuple[str, ...]) -> bool:
    return name in _ANY_ARGUMENTS or (len(arguments) <= 2 and all(argument.isdecimal() for argument in arguments))


def _normalized(kind: _ParsedType) -> _ParsedType:
    """Return the type that the server makes of ``kind``, in one form for all equal types.

    Default arguments are added where the server shows them, such as in ``char(1)`` and ``decimal(10,0)``. Arguments
    that do not change the type are removed, such as the display width in ``int(11)``.
    """
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
    """Return the type that the server creates for ``text(size)`` or ``blob(size)``.

    ``names`` are the TEXT or the BLOB types from small to large. The result is the first one that is large enough.
    ``size`` is in characters for TEXT and in bytes for BLOB.
    """
    return next(name for name in names if (most := TYPES[name].max_argument) is None or size <= most)


def _with_single_blanks(text: str) -> str:
    """Return ``text`` in lower case with one blank between words and no other blanks. Literals are not changed."""
    parts = _LITERAL.split(text.strip())
    parts[::2] = [re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", part.lower())) for part in parts[::2]]
    return re.sub(r"\)(?=\w)", ") ", "".join(parts).strip())


def _split_arguments(arguments: str) -> list[str]:
    """Split the arguments of a type at their commas. Commas in literals and in parentheses do not count."""
    found, depth = [""], 0
    for part in _LITERAL.split(arguments):
        for piece in [part] if part.startswith("'") else re.split(r"([(),])", part):
            depth += (piece == "(") - (piece == ")")
            if piece == "," and depth == 0:
                found.append("")
            else:
                found[-1] += piece
    return found
