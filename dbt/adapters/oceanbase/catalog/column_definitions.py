"""Parse the column definitions in the result of SHOW CREATE TABLE, and make the MODIFY clauses that change columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import islice
from typing import Any, NamedTuple

from dbt_common.exceptions import DbtRuntimeError

from ..connect.quoting import literal
from ..sql import types

_STRING = r"'(?:[^'\\]|\\.|'')*'"
_COLUMN = re.compile(r"^  (`(?:[^`]|``)+`) (.+?),?(?=\n  [`A-Z]|\n\))", re.M | re.S)
_PIECE = re.compile(rf"{_STRING}|`(?:[^`]|``)*`|\"(?:[^\"\\]|\\.|\"\")*\"|[()]|\s+|[^'`\"()\s]+|.", re.S)
_TYPE_WORDS = frozenset({"precision", "unsigned", "zerofill"})
"""Words such as ``unsigned`` that may follow the name of a type and belong to the type."""
_ENUMERATION = re.compile(
    r"\A(enum|set)\('(.*?)'\)((?:\s+CHARACTER SET \S+|\s+COLLATE \S+|\s+NOT NULL|\s+INVISIBLE)*)"
    rf"(?:\s+DEFAULT\s+(?:(NULL)|'(.*?)'))?((?:\s+COMMENT\s+{_STRING})?(?:\s+SKIP_INDEX\([^)]*\))?)\Z",
    re.I | re.S,
)
"""Pattern of the definition of an ENUM or SET column. The server escapes nothing in the values and the default."""

_WITHOUT_DEFAULT = frozenset({*types.TEXT_TYPES, *types.BLOB_TYPES, "json"})
"""Types for which the server refuses a default (error 1101)."""

_WITHOUT_NOT_NULL = frozenset({*types.types_in("collection", "geometry"), "sparsevector"})
"""Types with which a MODIFY that has NOT NULL is refused (error 1138).

seekdb 1.3 and 1.4 refuse it even if the column is NOT NULL already and has no NULL.
"""

_WITH_COLLATION = frozenset({*types.types_in("string", "text"), "enum", "set"})
"""Types that have a collation. With the others the server refuses COLLATE and CHARACTER SET (error 1064)."""

_BYTE_OR_TEXT_TYPES = frozenset(types.types_in("string", "text", "binary", "blob"))
_SAME_DEFAULTS = (
    frozenset({*types.NUMBERS, "bit", "year"}),
    _BYTE_OR_TEXT_TYPES,
    frozenset({"date", "datetime", "timestamp"}),
)
"""Sets of types. If a column changes its type to another type of the same set, its DEFAULT remains valid."""

_IMPLICIT_DEFAULT = re.compile(r"DEFAULT '[-0:. ]*'", re.I)
_IMPLICIT_TEXT_DEFAULT = re.compile(r"DEFAULT ''", re.I)
_INTEGER_DEFAULT = re.compile(r"DEFAULT (?:'-?\d+'|\(.*\)|NULL)", re.I | re.S)
_CURRENT_TIMESTAMP = re.compile(r"(.*\bCURRENT_TIMESTAMP)(?:\(\d*\))?", re.I)


class EscapedText(str):
    """A string in which single quotes and backslashes are doubled already.

    If it is joined with another string, the result is a plain str, which does not count as escaped.
    """

    __slots__ = ()


class ColumnDefinition(NamedTuple):
    """The definition of a column in the result of SHOW CREATE TABLE.

    ``quoted`` is the column's name in backticks, and ``type`` is its type. ``clauses`` is a tuple of the clauses after
    the type, with one string per clause, such as ``NOT NULL``. For an ENUM or SET whose values cannot be told from the
    rest of the definition, ``type`` and ``clauses`` are empty. The reason is that the server does not escape quotes.
    """

    quoted: str
    type: str
    clauses: tuple[str, ...]

    def modify(self, data_type: str | None = None, comment: str | None = None, nullable: bool = False) -> str:
        """Return the MODIFY clause of ALTER TABLE that changes the column's type or comment.

        ``data_type`` is the new type as DDL writes it, and ``comment`` the text of the new comment, which is escaped
        here. None keeps the present type or comment. The clause repeats the rest of the definition, because the server
        removes what a MODIFY does not repeat. With ``nullable``, NOT NULL and the default are left out, so that the
        column accepts NULL.

        A default that is not valid for the new type is left out, and so are the character set and collation if the new
        type has none. If CREATE TABLE ... AS had added this default by itself, NOT NULL is left out as well. Raises
        DbtRuntimeError for an ENUM or SET whose values cannot be parsed.
        """
        if not self.type:
            raise DbtRuntimeError(
                f"column {self.quoted}: the values of this ENUM or SET cannot be told from the rest of its definition, "
                "as the server shows them: change the column in a hook, or give it values without quotes"
            )
        kind = data_type or self.type
        dropped = {"NOT", "DEFAULT"} if nullable else _dropped_keywords(self.clauses, self.type, kind)
        if types.base_type(kind) not in _WITH_COLLATION:
            dropped |= {"CHARACTER", "COLLATE"}
        if comment is not None:
            dropped.add("COMMENT")
        kept = [_clause_for_type(clause, kind) for clause in self.clauses if _keyword(clause) not in dropped]
        if comment is not None:
            kept.append(f"comment {literal(comment)}")
        return " ".join(["modify column", self.quoted, kind, *kept])

    @property
    def is_fixed(self) -> bool:
        """Check whether the server refuses every MODIFY of the column, unless NOT NULL is left out.

        That is true for a NOT NULL column that is an array, a map, a vector or a geometry.
        """
        return refuses_not_null(self.type) and any(_keyword(clause) == "NOT" for clause in self.clauses)

    @property
    def comment(self) -> str | None:
        """Return the SQL literal in the comment clause, or None if the column has no such clause."""
        return next((c.split(None, 1)[1] for c in self.clauses if _keyword(c) == "COMMENT"), None)


def refuses_not_null(data_type: str) -> bool:
    """Check whether the server refuses NOT NULL in a MODIFY of a column of the type ``data_type``.

    This is true for arrays, maps, vectors and geometries. So a column of these types can get NOT NULL only in CREATE
    TABLE. A NOT NULL column of these types also can get its comment only there.
    """
    return types.base_type(data_type) in _WITHOUT_NOT_NULL


def parse_column_definitions(show_create: str) -> dict[str, ColumnDefinition]:
    """Return the column definitions in ``show_create``, the result of SHOW CREATE TABLE, by column name.

    The names are in the order of the table, spelled as in the table and without backticks.
    """
    definitions = (ColumnDefinition(quoted, *_type_and_clauses(text)) for quoted, text in _COLUMN.findall(show_create))
    return {definition.quoted[1:-1].replace("``", "`"): definition for definition in definitions}


def _type_and_clauses(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the type and the clauses in ``text``, which is a column definition without the name.

    If the values of an ENUM or SET cannot be parsed, the type is empty and there are no clauses.
    """
    if re.match(r"(?:enum|set)\(", text, re.I):
        found = _ENUMERATION.match(text)
        if found is None:
            return "", ()
        kind, values, attributes, null, default, others = found.groups()
        text = attributes
        if null or default is not None:
            text += f" DEFAULT {null or literal(default)}"
        return f"{kind}({_value_list(values)})", tuple(_clauses(text + others))
    words = list(_words(text))
    after = next((i for i, word in enumerate(words) if i and word.lower() not in _TYPE_WORDS), len(words))
    return " ".join(words[:after]), tuple(_clauses(" ".join(words[after:])))


def _clauses(text: str) -> Iterator[str]:
    """Yield the clauses in ``text``, which is the part of a column definition after the type.

    NOT NULL, DEFAULT, COMMENT, COLLATE and CHARACTER SET are yielded together with the word that follows them. Every
    other word is yielded alone.
    """
    words = _words(text)
    for word in words:
        following = {"NOT": 1, "DEFAULT": 1, "COMMENT": 1, "COLLATE": 1, "CHARACTER": 2}.get(word.upper(), 0)
        yield " ".join([word, *islice(words, following)])


def _words(text: str) -> Iterator[str]:
    """Yield the words of ``text``, split at blanks outside of quotes and parentheses."""
    depth, word = 0, ""
    for piece in _PIECE.findall(text):
        if piece.isspace() and not depth:
            if word:
                yield word
            word = ""
        else:
            depth += (piece == "(") - (piece == ")")
            word += piece
    if word:
        yield word


def _keyword(clause: str) -> str:
    return clause.split(None, 1)[0].upper()


def escaped_column_type(column_type: str) -> str:
    """Return ``column_type`` as DDL needs it: in the values of an ENUM or SET, quotes and backslashes are doubled.

    ``column_type`` is spelled as in ``information_schema.columns``, where the server escapes nothing. For example,
    ``enum('it's')`` becomes ``enum('it''s')``. Any other type is returned unchanged.
    """
    found = re.fullmatch(r"(enum|set)\('(.*)'\)", column_type, re.I | re.S)
    return f"{found[1]}({_value_list(found[2])})" if found else column_type


def _value_list(values: str) -> str:
    return ",".join(literal(value) for value in values.split("','"))


def missing_snapshot_columns(present: Set[str], names: Mapping[str, str], strategy: Mapping[str, Any]) -> list[str]:
    """Return the names of the columns that dbt adds to a snapshot and that the snapshot's table does not have.

    ``present`` are the names of the table's columns in lower case. ``names`` maps dbt's names of the added columns,
    such as ``dbt_valid_from``, to the names that the project has configured for them. The result has the configured
    names, which may be in backticks. ``strategy`` is dbt's dict of the snapshot strategy. If its key ``hard_deletes``
    is ``new_record``, dbt also adds ``dbt_is_deleted``.
    """
    wanted = ["dbt_scd_id", "dbt_valid_from", "dbt_valid_to"]
    if strategy.get("hard_deletes") == "new_record":
        wanted.append("dbt_is_deleted")
    return [names[name] for name in wanted if names[name].strip("`").lower() not in present]


def _dropped_keywords(clauses: Iterable[str], old: str, new: str) -> set[str]:
    """Return the first words of the clauses that must be dropped if a column's type changes from ``old`` to ``new``.

    ``clauses`` are the clauses after the type in the column's definition. DEFAULT is dropped if the default is not
    valid for the new type. A default of zero or '' may come from CREATE TABLE ... AS, which adds it together with NOT
    NULL. Such a default is not valid for a type of another family. If it is dropped, NOT NULL is dropped as well,
    because nobody has declared it.
    """
    default = next((clause for clause in clauses if clause.upper().startswith("DEFAULT ")), None)
    if default is None or (default.upper() == "DEFAULT NULL" and types.base_type(new) not in _WITHOUT_DEFAULT):
        return set()
    implicit = (_IMPLICIT_TEXT_DEFAULT if _is_text(old) else _IMPLICIT_DEFAULT).fullmatch(default) is not None
    if _accepts_default(default, types.base_type(old), types.base_type(new), implicit):
        return set()
    return {"DEFAULT", "NOT"} if implicit else {"DEFAULT"}


def _clause_for_type(clause: str, kind: str) -> str:
    """Return ``clause`` with as many fractional digits for CURRENT_TIMESTAMP as the type ``kind`` has.

    If the numbers of digits differ, the server raises error 1067. A clause without CURRENT_TIMESTAMP is returned
    unchanged.
    """
    now = _CURRENT_TIMESTAMP.fullmatch(clause)
    base, _, fraction = types.canonical_type(kind).partition("(")
    if now is None or base not in ("datetime", "timestamp"):
        return clause
    return now.group(1) + (f"({fraction}" if fraction else "")


def _accepts_default(default: str, old: str, new: str, implicit: bool) -> bool:
    """Check whether ``default``, the DEFAULT clause of a column of the type ``old``, is valid for the type ``new``.

    ``implicit`` means that CREATE TABLE ... AS added the default by itself.
    """
    if new in _WITHOUT_DEFAULT:
        return False
    if new == "date" and _CURRENT_TIMESTAMP.fullmatch(default):
        return False
    if new in types.INTEGER_TYPES and old != new and not _INTEGER_DEFAULT.fullmatch(default):
        return False
    if old == new or any({old, new} <= family for family in _SAME_DEFAULTS):
        return True
    return new in ("char", "varchar") and not implicit


def _is_text(kind: str) -> bool:
    return types.base_type(kind) in (*_BYTE_OR_TEXT_TYPES, "enum", "set")
