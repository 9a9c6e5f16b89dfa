"""Pure functions: rows of the server's catalog to definitions, relations and catalog entries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any, NamedTuple

from dbt_common.exceptions import DbtRuntimeError

from ..connect.quoting import literal
from . import column_defaults

if TYPE_CHECKING:
    pass

_STRING = r"'(?:[^'\\]|\\.|'')*'"
_COLUMN = re.compile(r"^  (`(?:[^`]|``)+`) (.+?),?(?=\n  [`A-Z]|\n\))", re.M | re.S)
_PIECE = re.compile(rf"{_STRING}|`(?:[^`]|``)*`|\"(?:[^\"\\]|\\.|\"\")*\"|[()]|\s+|[^'`\"()\s]+|.", re.S)
_OF_TYPE = frozenset({"precision", "unsigned", "zerofill"})
_ENUMERATION = re.compile(
    r"\A(enum|set)\('(.*?)'\)((?:\s+CHARACTER SET \S+|\s+COLLATE \S+|\s+NOT NULL|\s+INVISIBLE)*)"
    rf"(?:\s+DEFAULT\s+(?:(NULL)|'(.*?)'))?((?:\s+COMMENT\s+{_STRING})?(?:\s+SKIP_INDEX\([^)]*\))?)\Z",
    re.I | re.S,
)
"""An ENUM or SET: the server writes its values and its default without any escape."""


class EscapedText(str):
    """A text whose quotes and backslashes are doubled; what is joined with another text is an ordinary one again."""

    __slots__ = ()


class Definition(NamedTuple):
    """A column as SHOW CREATE TABLE gives it: quoted name, type, and the clauses after it, each whole."""

    quoted: str
    type: str
    clauses: tuple[str, ...]

    def modify(self, data_type: str | None = None, comment: str | None = None, nullable: bool = False) -> str:
        """Give the MODIFY clause that changes type or comment and keeps all else: what is left out is dropped.

        ``nullable`` takes NOT NULL and its default away. A default that the new type does not take goes, and with it
        the NOT NULL of a column that nobody declared. Raises DbtRuntimeError for an ENUM or SET that cannot be told
        from what stands beside it.
        """
        if not self.type:
            raise DbtRuntimeError(
                f"column {self.quoted}: the values of this ENUM or SET cannot be told from the rest of its definition, "
                "as the server shows them: change the column in a hook, or give it values without quotes"
            )
        kind = data_type or self.type
        gone = {"NOT", "DEFAULT"} if nullable else column_defaults.gone(self.clauses, self.type, kind)
        if comment is not None:
            gone.add("COMMENT")
        kept = [column_defaults.in_type(clause, kind) for clause in self.clauses if _keyword(clause) not in gone]
        if comment is not None:
            kept.append(f"comment {literal(comment)}")
        return " ".join(["modify column", self.quoted, kind, *kept])

    @property
    def comment(self) -> str | None:
        """Give the comment clause's literal as the server wrote it, or None."""
        return next((c.split(None, 1)[1] for c in self.clauses if _keyword(c) == "COMMENT"), None)


def column_definitions(show_create: str) -> dict[str, Definition]:
    """Give the columns of a SHOW CREATE TABLE text by name."""
    found = _COLUMN.findall(show_create)
    return {quoted[1:-1].replace("``", "`"): Definition(quoted, *_typed(text)) for quoted, text in found}


def _typed(text: str) -> tuple[str, tuple[str, ...]]:
    """Give type and clauses of a definition without its name; no type where it cannot be read."""
    if re.match(r"(?:enum|set)\(", text, re.I):
        found = _ENUMERATION.match(text)
        if found is None:
            return "", ()
        kind, values, attributes, null, default, others = found.groups()
        text = attributes
        if null or default is not None:
            text += f" DEFAULT {null or literal(default)}"
        return f"{kind}({_listed(values)})", tuple(_clauses(text + others))
    words = list(_words(text))
    after = next((i for i, word in enumerate(words) if i and word.lower() not in _OF_TYPE), len(words))
    return " ".join(words[:after]), tuple(_clauses(" ".join(words[after:])))


def _clauses(text: str) -> Iterator[str]:
    """Yield those that MODIFY may leave out whole, everything else word by word."""
    words = _words(text)
    for word in words:
        yield f"{word} {next(words, '')}" if word.upper() in ("NOT", "DEFAULT", "COMMENT") else word


def _words(text: str) -> Iterator[str]:
    """Yield what blanks separate outside of quotes and parentheses."""
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


def escaped_values(column_type: str) -> str:
    """Give a type of the catalog, where values of an ENUM or SET stand without any escape, as DDL takes it."""
    found = re.fullmatch(r"(enum|set)\('(.*)'\)", column_type, re.I | re.S)
    return f"{found[1]}({_listed(found[2])})" if found else column_type


def _listed(values: str) -> str:
    return ",".join(literal(value) for value in values.split("','"))


def missing_snapshot_columns(present: Set[str], names: Mapping[str, str], strategy: Mapping[str, Any]) -> list[str]:
    """Give the columns that dbt adds to a snapshot and that are not ``present`` (names in lower case).

    A configured name may stand in backticks.
    """
    wanted = ["dbt_scd_id", "dbt_valid_from", "dbt_valid_to"]
    if strategy.get("hard_deletes") == "new_record":
        wanted.append("dbt_is_deleted")
    return [names[name] for name in wanted if names[name].strip("`").lower() not in present]
