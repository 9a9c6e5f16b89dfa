"""Column definitions as SHOW CREATE TABLE gives them, and the MODIFY clauses that change them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, NamedTuple

from dbt_common.exceptions import DbtRuntimeError

from ..connect.quoting import literal
from ..sql import types

_STRING = r"'(?:[^'\\]|\\.|'')*'"
_COLUMN = re.compile(r"^  (`(?:[^`]|``)+`) (.+?),?(?=\n  [`A-Z]|\n\))", re.M | re.S)
_PIECE = re.compile(rf"{_STRING}|`(?:[^`]|``)*`|\"(?:[^\"\\]|\\.|\"\")*\"|[()]|\s+|[^'`\"()\s]+|.", re.S)
_TYPE_WORDS = frozenset({"precision", "unsigned", "zerofill"})
"""Words after the first that belong to the type."""
_ENUMERATION = re.compile(
    r"\A(enum|set)\('(.*?)'\)((?:\s+CHARACTER SET \S+|\s+COLLATE \S+|\s+NOT NULL|\s+INVISIBLE)*)"
    rf"(?:\s+DEFAULT\s+(?:(NULL)|'(.*?)'))?((?:\s+COMMENT\s+{_STRING})?(?:\s+SKIP_INDEX\([^)]*\))?)\Z",
    re.I | re.S,
)
"""An ENUM or SET: the server writes its values and its default without any escape."""

_WITHOUT_DEFAULT = frozenset({*types.TEXT_TYPES, *types.BLOB_TYPES, "json"})
"""Types that take no default (error 1101)."""

_BYTE_OR_TEXT_TYPES = frozenset(types.types_in("string", "text", "binary", "blob"))
_SAME_DEFAULTS = (
    frozenset({*types.NUMBERS, "bit", "year"}),
    _BYTE_OR_TEXT_TYPES,
    frozenset({"date", "datetime", "timestamp"}),
)
"""Sets of types whose defaults are valid for each other."""

_IMPLICIT_DEFAULT = re.compile(r"DEFAULT '[-0:. ]*'", re.I)
_IMPLICIT_TEXT_DEFAULT = re.compile(r"DEFAULT ''", re.I)
_INTEGER_DEFAULT = re.compile(r"DEFAULT (?:'-?\d+'|\(.*\)|NULL)", re.I | re.S)
_CURRENT_TIMESTAMP = re.compile(r"(.*\bCURRENT_TIMESTAMP)(?:\(\d*\))?", re.I)


class EscapedText(str):
    """A text whose quotes and backslashes are doubled already; joined with another text it becomes a plain str."""

    __slots__ = ()


class ColumnDefinition(NamedTuple):
    """A column as SHOW CREATE TABLE gives it: quoted name, type, and the clauses after the type."""

    quoted: str
    type: str
    clauses: tuple[str, ...]

    def modify(self, data_type: str | None = None, comment: str | None = None, nullable: bool = False) -> str:
        """Return the MODIFY clause that changes type or comment and repeats the rest, which the server would drop.

        ``nullable`` removes NOT NULL and the default. A default that the new type does not take is removed, and if
        nobody declared it, NOT NULL as well. Raises DbtRuntimeError for an ENUM or SET whose values cannot be parsed.
        """
        if not self.type:
            raise DbtRuntimeError(
                f"column {self.quoted}: the values of this ENUM or SET cannot be told from the rest of its definition, "
                "as the server shows them: change the column in a hook, or give it values without quotes"
            )
        kind = data_type or self.type
        dropped = {"NOT", "DEFAULT"} if nullable else _dropped_keywords(self.clauses, self.type, kind)
        if comment is not None:
            dropped.add("COMMENT")
        kept = [_clause_for_type(clause, kind) for clause in self.clauses if _keyword(clause) not in dropped]
        if comment is not None:
            kept.append(f"comment {literal(comment)}")
        return " ".join(["modify column", self.quoted, kind, *kept])

    @property
    def comment(self) -> str | None:
        """Return the literal of the comment clause as the server wrote it, or None."""
        return next((c.split(None, 1)[1] for c in self.clauses if _keyword(c) == "COMMENT"), None)


def parse_column_definitions(show_create: str) -> dict[str, ColumnDefinition]:
    """Return the columns of a SHOW CREATE TABLE text by name."""
    definitions = (ColumnDefinition(quoted, *_type_and_clauses(text)) for quoted, text in _COLUMN.findall(show_create))
    return {definition.quoted[1:-1].replace("``", "`"): definition for definition in definitions}


def _type_and_clauses(text: str) -> tuple[str, tuple[str, ...]]:
    """Return type and clauses of a definition without its name; an empty type if it cannot be parsed."""
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
    """Yield NOT NULL, DEFAULT and COMMENT clauses as a whole, everything else word by word."""
    words = _words(text)
    for word in words:
        yield f"{word} {next(words, '')}" if word.upper() in ("NOT", "DEFAULT", "COMMENT") else word


def _words(text: str) -> Iterator[str]:
    """Split ``text`` at blanks that are outside of quotes and parentheses, and yield the words."""
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
    """Return a column type of the catalog for DDL: the catalog shows values of ENUM and SET without any escape."""
    found = re.fullmatch(r"(enum|set)\('(.*)'\)", column_type, re.I | re.S)
    return f"{found[1]}({_value_list(found[2])})" if found else column_type


def _value_list(values: str) -> str:
    return ",".join(literal(value) for value in values.split("','"))


def missing_snapshot_columns(present: Set[str], names: Mapping[str, str], strategy: Mapping[str, Any]) -> list[str]:
    """Return the columns that dbt adds to a snapshot and that are not ``present`` (names in lower case).

    A configured name may have backticks.
    """
    wanted = ["dbt_scd_id", "dbt_valid_from", "dbt_valid_to"]
    if strategy.get("hard_deletes") == "new_record":
        wanted.append("dbt_is_deleted")
    return [names[name] for name in wanted if names[name].strip("`").lower() not in present]


def _dropped_keywords(clauses: Iterable[str], old: str, new: str) -> set[str]:
    """Return the keywords of the clauses that must be dropped when the type changes from ``old`` to ``new``.

    That is DEFAULT if the new type does not take it. A default that CREATE TABLE ... AS adds by itself (0, '') has no
    meaning in a type of another family; its NOT NULL is dropped with it, since nobody declared either.
    """
    default = next((clause for clause in clauses if clause.upper().startswith("DEFAULT ")), None)
    if default is None or (default.upper() == "DEFAULT NULL" and types.base_type(new) not in _WITHOUT_DEFAULT):
        return set()
    implicit = (_IMPLICIT_TEXT_DEFAULT if _is_text(old) else _IMPLICIT_DEFAULT).fullmatch(default) is not None
    if _accepts_default(default, types.base_type(old), types.base_type(new), implicit):
        return set()
    return {"DEFAULT", "NOT"} if implicit else {"DEFAULT"}


def _clause_for_type(clause: str, kind: str) -> str:
    """Return ``clause`` with the fractional digits of type ``kind`` for CURRENT_TIMESTAMP.

    The server raises error 1067 if the two differ. Other clauses are returned unchanged.
    """
    now = _CURRENT_TIMESTAMP.fullmatch(clause)
    base, _, fraction = types.canonical_type(kind).partition("(")
    if now is None or base not in ("datetime", "timestamp"):
        return clause
    return now.group(1) + (f"({fraction}" if fraction else "")


def _accepts_default(default: str, old: str, new: str, implicit: bool) -> bool:
    """Check whether a default of base type ``old`` is valid in base type ``new``."""
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
