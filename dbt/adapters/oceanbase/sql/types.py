"""Names of column types: what DDL takes, what CAST takes, and one spelling for each type.

DDL and CAST have different vocabularies in MySQL mode: ``cast(x as int)``, ``varchar(10)``, ``text``, ``boolean`` and
``timestamp`` are syntax errors (1064), and so are ``varchar`` without a length or ``string(20)`` in a column list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

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
INTEGERS = {"tinyint": 3, "smallint": 5, "mediumint": 8, "int": 10, "bigint": 20}
"""Integer types, with the digits that ZEROFILL fills up to when no width is given."""

NUMBERS = (*INTEGERS, "decimal", "float", "double")
TIMES = ("datetime", "timestamp", "time")
BLOB_OF = {"tinytext": "tinyblob", "text": "blob", "mediumtext": "mediumblob", "longtext": "longblob"}
BINARY_OF = {"char": "binary", "varchar": "varbinary", **BLOB_OF}
"""Character types, with the type that they become under ``character set binary``."""

TEXT_SIZES = {"tinytext": 64, "text": 16_384, "mediumtext": 4_194_304, "longtext": None}
"""The longest n (characters) for which the server makes this type of ``text(n)``; observed on both kernels."""

BLOB_SIZES = {"tinyblob": 256, "blob": 65_536, "mediumblob": 16_777_216, "longblob": None}
"""The longest n (bytes) for which the server makes this type of ``blob(n)``; observed on both kernels."""

OTHERS = ("bit", "date", "year", "binary", "varbinary", "enum", "set", "json", "array", "map", "vector")
KNOWN = frozenset(
    {*NUMBERS, *TIMES, *BINARY_OF, *BLOB_SIZES, *OTHERS, *ALIASES, *WITH_MICROSECONDS, *UNSIGNED_BIGINT, *BOOLEAN}
)
FLOAT_DIGITS = 24
"""Binary digits up to which ``float(p)`` is a ``float``; from there on it is a ``double``."""

_CHARACTER_SET = re.compile(r"\b(?:character set|charset)\s*=?\s*(\w+)")
_COLLATE = re.compile(r"\bcollate\s*=?\s*(\w+)")
_ATTRIBUTES = frozenset({"unsigned", "signed", "zerofill", "binary"})
_LITERAL = re.compile(r"('(?:[^'\\]|''|\\.)*')")
_PARENTHESES = re.compile(r"([^(]*)\((.*)\)([^)]*)")
_NOT_NUMBERS = frozenset({"enum", "set", "array", "map", "vector"})


@dataclass(frozen=True, slots=True)
class _Type:
    """A type taken apart: its name without aliases, what stands in its parentheses, and what follows."""

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
    """Give the one spelling of a column type: two names of the same type give the same text.

    Takes a type as DDL, a dbt config or ``information_schema.columns.column_type`` spell it. Display widths go
    (``int(11)`` is ``int``), except that of ``tinyint(1)``, which is the boolean, and those that ZEROFILL uses; a
    character set and a collation are not part of the type. What is not known comes back in lower case with single
    blanks, literals of ENUM and SET as they are. Never raises.
    """
    parsed = _parse(data_type)
    return str(_normal(parsed)) if parsed else _one_spaced(data_type)


def base_type(data_type: str) -> str:
    """Give the canonical name of a type without length, precision and attributes; all of it when it is not known."""
    parsed = _parse(data_type)
    return _normal(parsed).name if parsed else _one_spaced(data_type)


def ddl_type(data_type: str) -> str:
    """Give what a column definition takes for a type name that a dbt user or dbt's macros may write.

    Names that the server refuses become what they stand for: ``varchar`` without a length and ``string`` become
    ``text``, ``string(20)`` becomes ``varchar(20)``, ``timestamp without time zone`` becomes ``datetime(6)``. A
    character set and a collation stay. What is not known comes back as it is, for the server to refuse.
    """
    parsed = _parse(data_type)
    written = _one_spaced(data_type)
    if parsed is None or written in (*BOOLEAN, "serial"):
        return written
    character_set = "" if parsed.character_set == "binary" else parsed.character_set
    clauses = (("character set", character_set), ("collate", parsed.collation))
    return " ".join([str(_normal(parsed)), *(f"{clause} {name}" for clause, name in clauses if name)])


def cast_target(data_type: str) -> str:
    """Give what ``cast(x as ...)`` takes to turn a value into a column type, keeping length and precision.

    CAST knows signed, unsigned, char, binary, date, datetime, time, year, decimal, float, double and json. Character
    types without a length become ``char``, which is not limited; VARBINARY and BLOB become ``binary`` without a
    length, since one would fill them up with zero bytes; ``timestamp`` becomes ``datetime(6)``, since ``datetime``
    would round to seconds. What CAST has no name for (arrays, vectors, geometries) comes back as it is, for the
    server to refuse.
    """
    parsed = _parse(data_type)
    if parsed is None:
        return _one_spaced(data_type)
    kind = _normal(parsed)
    if kind.name in INTEGERS or kind.name == "bit":
        return "unsigned" if kind.unsigned or kind.name == "bit" else "signed"
    if kind.name in ("char", "varchar"):
        return f"char({kind.arguments[0]})" if parsed.arguments else "char"
    if kind.name in (*TEXT_SIZES, "enum", "set"):
        return "char"
    if kind.name in (*BLOB_SIZES, "varbinary") or (kind.name == "binary" and not parsed.arguments):
        return "binary"
    if kind.name == "timestamp":
        return f"datetime({kind.arguments[0] if kind.arguments else 6})"
    if kind.name in ("float", "double"):
        return kind.name
    return str(replace(kind, unsigned=False, zerofill=False))


def is_written_in(data_type: str, character_set: str, collation: str) -> bool:
    """Tell whether a column has the character set and the collation that ``data_type`` names; it may name none."""
    parsed = _parse(data_type)
    declared = (parsed.character_set, parsed.collation) if parsed else ("", "")
    # the server calls utf8 by its longer name
    wanted = [re.sub(r"^utf8(mb3)?(?=_|$)", "utf8mb4", name) for name in declared]
    return all(not name or name == has.lower() for name, has in zip(wanted, (character_set, collation), strict=True))


def _parse(data_type: str) -> _Type | None:
    """Take a type apart and resolve aliases; None for one that is not known."""
    text = _one_spaced(data_type)
    if text.endswith("[]"):
        return _Type("array", (text[:-2],))
    parts = _PARENTHESES.fullmatch(text)
    head, inside, tail = parts.groups() if parts else (text, "", "")
    name, attributes = _known_name(f"{head} {tail}".split())
    words = _COLLATE.sub("", _CHARACTER_SET.sub("", attributes)).split()
    arguments = tuple(_split(inside)) if parts else ()
    if not name or not _ATTRIBUTES.issuperset(words) or not _fits(name, arguments):
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
    return _Type(
        ALIASES.get(name, name),
        arguments,
        unsigned,
        zerofill,
        character_set.group(1) if character_set else "",
        collation.group(1) if collation else "",
    )


def _known_name(words: list[str]) -> tuple[str, str]:
    """Split words into the longest type name that is known (or an empty one) and the rest."""
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count])
        if name in KNOWN:
            return name, " ".join(words[count:])
    return "", ""


def _fits(name: str, arguments: tuple[str, ...]) -> bool:
    return name in _NOT_NUMBERS or (len(arguments) <= 2 and all(argument.isdecimal() for argument in arguments))


def _normal(kind: _Type) -> _Type:
    """Write out defaults and drop what does not make a type another one."""
    if kind.character_set == "binary" and kind.name in BINARY_OF:
        kind = replace(kind, name=BINARY_OF[kind.name])
    name, arguments = kind.name, kind.arguments
    if name in INTEGERS and kind.zerofill:
        arguments = arguments or (str(INTEGERS[name]),)
    elif name in INTEGERS:
        arguments = arguments if str(kind) == "tinyint(1)" else ()
    elif name == "varchar" and not arguments:
        name = "text"
    elif name in ("char", "binary", "bit"):
        arguments = arguments or ("1",)
    elif name == "decimal":
        arguments = (*(arguments or ("10",)), "0")[:2]
    elif name == "float" and len(arguments) == 1:
        name, arguments = "float" if int(arguments[0]) <= FLOAT_DIGITS else "double", ()
    elif name in ("text", "blob") and arguments:
        sizes = TEXT_SIZES if name == "text" else BLOB_SIZES
        name = next(fit for fit, most in sizes.items() if most is None or int(arguments[0]) <= most)
        arguments = ()
    elif name == "year" or (name in TIMES and arguments == ("0",)):
        arguments = ()
    elif name in ("array", "map"):
        arguments = tuple(canonical_type(argument) for argument in arguments)
    return replace(kind, name=name, arguments=arguments)


def _one_spaced(text: str) -> str:
    """Give a text in lower case with no blanks but single ones between words, literals in it as they are."""
    parts = _LITERAL.split(text.strip())
    parts[::2] = [re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", part.lower())) for part in parts[::2]]
    return re.sub(r"\)(?=\w)", ") ", "".join(parts).strip())


def _split(arguments: str) -> list[str]:
    """Split a list at the commas that stand neither in a literal nor in parentheses."""
    found, depth = [""], 0
    for part in _LITERAL.split(arguments):
        for piece in [part] if part.startswith("'") else re.split(r"([(),])", part):
            depth += (piece == "(") - (piece == ")")
            if piece == "," and depth == 0:
                found.append("")
            else:
                found[-1] += piece
    return found
