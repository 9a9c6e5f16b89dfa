"""Parse the config ``indexes``, a list of mappings. A mapping may also have keys that other adapters define."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..relation import MAX_NAME
from ..sql import column_references
from ..sql.lexer import NAME_CHARACTERS
from . import column_groups, values
from .components import error
from .index import Index, IndexColumn
from .table_definition import group_end, tokens, unquoted

CONFIG = "indexes"
KINDS = ("fulltext", "vector", "spatial", "multivalue")
KEYS = (
    "columns", "name", "unique", "type", "parser", "parser_properties", "vector", "scope", "storing", "block_size",
    "comment", "visible", "column_groups",
)  # fmt: skip
_ALIASES = {"kind": "type", "algorithm": "type", "column_group": "column_groups", "storing_columns": "storing"}
_COLUMN_KEYS = ("column", "expression", "length", "order")
_VECTOR_KEYS = ("distance", "type")

_PLAIN = re.compile(
    rf"(?P<name>(?!\d)[{NAME_CHARACTERS}]+|`(?:[^`]|``)+`|\"(?:[^\"]|\"\")+\")"
    r"\s*(?:\((?P<length>\d+)\))?(?:\s+(?P<order>asc|desc))?",
    re.I,
)
_WORD = re.compile(r"\w[\w.]*")
_NUMBER = re.compile(r"\d+")
_TABLES_OF_WORDS = frozenset({"dict_table", "stopword_table", "quantifier_table"})

_OPTIONS_PLACE = f"{CONFIG}: options"
_REMOVE = "remove one of them"
_COMMENT = re.compile(
    r"comment\s*=?\s*('(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\")",
    re.I | re.S,
)
_NAME = re.compile(rf"[{NAME_CHARACTERS}]+|`[^`]+`")
_OPTION_WORDS: dict[str, tuple[str, Any]] = {
    "global": ("scope", "global"),
    "local": ("scope", "local"),
    "visible": ("visible", True),
    "invisible": ("visible", False),
}
"""Options of an index that are one word, with the key and the value that mean the same."""


def parse(value: Any) -> tuple[Index, ...]:
    """Return the indexes in ``value``, the config ``indexes``. Raises ConfigError for the first mistake in it.

    ``value`` is a list of mappings, one for each index, such as ``{"columns": ["a", "b desc"], "unique": True}``.
    """
    if not isinstance(value, list | tuple) or not all(isinstance(each, Mapping) for each in value):
        raise error(CONFIG, f"{value!r} is no list of mappings", "write [{columns: [a, b]}]")
    found = tuple(_index(each) for each in value)
    names = [index.own_name.lower() for index in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise error(CONFIG, f"two indexes would have the name {twice}", "give one of them another name, or remove it")
    return found


def _index(raw: Mapping[str, Any]) -> Index:
    given = _with_options(values.renamed(CONFIG, raw, (*KEYS, "options"), _ALIASES))
    place = f"{CONFIG}: {given.get('name') or given.get('columns') or dict(raw)}"
    columns = tuple(_columns(place, given.get("columns")))
    unique = values.boolean(f"{place}: unique", given.get("unique"), default=False)
    index = Index(
        columns=columns,
        name=_name(place, given.get("name")),
        unique=unique or str(given.get("type")).lower() == "unique",
        kind=_kind(place, given),
        parser=_word(f"{place}: parser", given.get("parser")),
        parser_properties=_parser_properties(f"{place}: parser_properties", given.get("parser_properties")),
        vector=_pairs(f"{place}: vector", given.get("vector"), _WORD),
        scope=values.choice(f"{place}: scope", given.get("scope"), ("local", "global")),
        storing=tuple(values.names(f"{place}: storing", given.get("storing"))),
        block_size=values.integer(f"{place}: block_size", given.get("block_size"), 1024, 1048576),
        comment=values.text(f"{place}: comment", given.get("comment")),
        visible=values.boolean(f"{place}: visible", given.get("visible"), default=True),
        column_groups=column_groups.parse(f"{place}: column_groups", given.get("column_groups")),
    )
    _check(place, index)
    return index


def _check(place: str, index: Index) -> None:
    """Raise ConfigError if parts of ``index`` contradict each other.

    ``place`` is the name of the config, for the error.
    """
    if index.kind and index.unique:
        raise error(place, f"a {index.kind} index cannot be unique", "remove unique")
    if index.parser_properties and not index.parser:
        raise error(place, "parser_properties need a parser", "add parser, such as ngram")
    if (index.parser or index.parser_properties) and index.kind != "fulltext":
        raise error(place, "only an index of the type fulltext has a parser", "write type: fulltext")
    if index.vector and index.kind != "vector":
        raise error(place, "only an index of the type vector has parameters of vectors", "write type: vector")
    if index.kind == "vector" and not {"distance", "type"} <= {name for name, _ in index.vector}:
        raise error(place, "a vector index needs distance and type", "add vector: {distance: l2, type: hnsw}")
    if index.kind and (index.storing or index.scope):
        raise error(place, f"a {index.kind} index has neither scope nor storing", "remove them")


def _kind(place: str, given: Mapping[str, Any]) -> str:
    kind = str(given.get("type") or ("vector" if given.get("vector") else "")).lower()
    if kind in ("", "btree", "unique", "multivalue", "normal"):
        return ""
    if kind in KINDS:
        return kind
    raise error(place, f"type: {kind}: OceanBase has no such index", f"write one of {', '.join(KINDS)}, or remove it")


def _name(place: str, value: Any) -> str:
    name = values.text(f"{place}: name", value).strip("`")
    if len(name) > MAX_NAME:
        raise error(place, f"the name has {len(name)} characters, and OceanBase takes {MAX_NAME}", "shorten it")
    return name


def _columns(place: str, value: Any) -> list[IndexColumn]:
    listed = [value] if isinstance(value, str | Mapping) else value
    if not isinstance(listed, list | tuple) or not listed:
        raise error(place, "it has no columns", "add columns: [a, b]")
    return [_column(place, each) for each in listed]


def _column(place: str, value: Any) -> IndexColumn:
    if isinstance(value, Mapping):
        given = values.renamed(f"{place}: columns", value, _COLUMN_KEYS, {"name": "column"})
        if bool(given.get("column")) == bool(given.get("expression")):
            raise error(place, f"{dict(value)} has to have column or expression", "write {column: a}")
        column = str(given.get("column") or "")
        indexed = _expression(place, str(given["expression"])) if not column else IndexColumn()
        return replace(
            indexed,
            name=column_references.name_of(column) or column or indexed.name,
            length=values.integer(f"{place}: length", given.get("length"), 1, 16384),
            order=values.choice(f"{place}: order", given.get("order"), ("asc", "desc")),
        )
    text = values.text(f"{place}: columns", value).strip()
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        return _expression(place, text)
    # the server would take a name in double quotes for a text, and index the same value for each row
    name = column_references.name_of(plain["name"]) or plain["name"]
    length = int(plain["length"]) if plain["length"] else None
    return IndexColumn(name=name, length=length, order=(plain["order"] or "").lower())


def _expression(place: str, text: str) -> IndexColumn:
    """Return the column of an index for the expression ``text``. Raise DbtRuntimeError if it reads no column."""
    expression = without_parentheses(text)
    if expression.startswith('"') and (name := column_references.name_of(expression)):
        return IndexColumn(name=name)
    column_references.column_sql(place, expression)
    return IndexColumn(expression=expression)


def without_parentheses(expression: str) -> str:
    """Return ``expression`` without parentheses around the whole of it: ``((a + b))`` becomes ``a + b``."""
    text = expression.strip()
    while text.startswith("("):
        words = tokens(text)
        if group_end(words, 0) != len(words) or words[-1] != ")":
            break
        text = text[1:-1].strip()
    return text


def _word(place: str, value: Any) -> str:
    word = values.text(place, value)
    if word and not _WORD.fullmatch(word):
        raise error(place, f"{word!r} is no word", "write a word, such as ngram")
    return word


def _parser_properties(place: str, value: Any) -> tuple[tuple[str, str], ...]:
    """Return the properties of a full-text parser in the mapping ``value`` as pairs of name and SQL.

    Raise ConfigError for a property that sets a table of words, such as ``stopword_table``. ``place`` is the name of
    the config, for errors.
    """
    pairs = _pairs(place, value, _NUMBER)
    for name, _ in pairs:
        if name in _TABLES_OF_WORDS:
            raise error(
                f"{place}: {name}",
                "seekdb 1.3 and 1.4 accept it and do not read the table",
                "remove it, or create the index in a post-hook on a server that reads the table",
            )
    return pairs


def _pairs(place: str, value: Any, bare: re.Pattern[str]) -> tuple[tuple[str, str], ...]:
    """Return the items of the mapping ``value`` as pairs of key and value, in its order, with the values as SQL.

    ``place`` is the name of the config, for errors. Values that are texts get quotes, unless they match ``bare``. The
    server wants quotes around a word that is the value of a parser's property, and none around a word that is the value
    of a vector index's parameter, such as ``l2``.
    """
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        raise error(place, f"{value!r} is no mapping", "write {name: value}")
    return tuple((_word(place, name).lower(), _parameter(place, each, bare)) for name, each in value.items())


def _parameter(place: str, value: Any, bare: re.Pattern[str]) -> str:
    if isinstance(value, bool | int | float):
        return str(value).lower()
    text = values.text(place, value)
    return text if bare.fullmatch(text) else values.quoted(text)


def _with_options(given: dict[str, Any]) -> dict[str, Any]:
    """Return ``given``, the mapping of one index, with the key ``options`` replaced by this adapter's keys.

    ``options`` is SQL such as ``'GLOBAL'``, or a list of SQL, as the adapter obmysql accepts it. Raise ConfigError for
    an unknown option, for an option with a wrong value, or if an option and another option or key mean the same.
    """
    options = given.pop("options", None)
    listed = [] if options in (None, "") else [options] if isinstance(options, str) else options
    if not isinstance(listed, list | tuple):
        raise error(_OPTIONS_PLACE, f"{options!r} is no list of options", "write ['GLOBAL', 'BLOCK_SIZE 16384']")
    for option in listed:
        name, value = _option(option)
        if given.get(name) is not None:
            raise error(f"{_OPTIONS_PLACE}: {option}", f"another option, or the key {name}, means the same", _REMOVE)
        given[name] = value
    return given


def _option(option: Any) -> tuple[str, Any]:
    """Return the key and the value that mean the same as ``option``, an option of an index as SQL.

    Raise ConfigError if ``option`` is not known, or if its value is missing or wrong.
    """
    place = f"{_OPTIONS_PLACE}: {option}"
    words = tokens(option) if isinstance(option, str) else []
    first, rest = words[0].lower() if words else "", words[1:]
    if first in _OPTION_WORDS:
        if rest:
            raise error(place, f"{first} has no value", "write each option as an item of its own")
        return _OPTION_WORDS[first]
    if rest[:1] == ["="]:
        rest = rest[1:]
    if first == "block_size":
        return first, "".join(rest)
    if first == "comment":
        text = _COMMENT.fullmatch(option.strip())
        if text is None:
            raise error(place, "the comment is no text in single quotes", "write COMMENT 'a text'")
        return first, unquoted(text[1])
    if first == "storing":
        listed = rest[1:-1] if rest[:1] == ["("] and rest[-1] == ")" else rest
        if not listed or not all(map(_NAME.fullmatch, listed[::2])) or set(listed[1::2]) - {","}:
            raise error(place, "it is no list of columns", "write STORING (a, b)")
        names = [word.strip("`") for word in listed[::2]]
        return first, names
    known = ", ".join(sorted((*_OPTION_WORDS, "block_size", "comment", "storing")))
    raise error(place, "not known", f"write one of {known}, or the key of its own")
