"""Pure functions: rows of the server's catalog to definitions, relations and catalog entries."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from dbt_common.contracts.metadata import CatalogTable, ColumnMetadata, StatsItem, TableMetadata
from dbt_common.exceptions import DbtRuntimeError

from . import defaults
from .connect.settings import literal

if TYPE_CHECKING:
    import agate

    from .column import OceanBaseColumn

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

_HAS_STATS = StatsItem(
    id="has_stats",
    label="Has Stats?",
    value=False,
    include=False,
    description="Indicates whether there are statistics for this table",
)


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
        gone = {"NOT", "DEFAULT"} if nullable else defaults.gone(self.clauses, self.type, kind)
        if comment is not None:
            gone.add("COMMENT")
        kept = [defaults.in_type(clause, kind) for clause in self.clauses if _keyword(clause) not in gone]
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


def absent_columns(names: Collection[str], columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Give the described columns that are not among ``names``; case counts for one with ``quote: true`` only."""
    folded = {name.lower() for name in names}
    return [
        name
        for name, column in columns.items()
        if name not in names and (column.get("quote") or name.lower() not in folded)
    ]


def comment_clauses(definitions: Mapping[str, Definition], columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Give the MODIFY clauses for the described columns whose comment differs; names compare without case."""
    by_name = {name.lower(): definition for name, definition in definitions.items()}
    clauses = []
    for name, column in columns.items():
        definition = by_name.get(name.lower())
        wanted = str(column.get("description") or "")
        if definition is not None and _value(definition.comment) != wanted:
            clauses.append(definition.modify(comment=wanted))
    return clauses


def descriptions(
    selected: Sequence[OceanBaseColumn], columns: Mapping[str, Mapping[str, Any]]
) -> list[tuple[OceanBaseColumn, str]]:
    """Give those of the selected columns that are described, each with its description; names compare without case."""
    texts = {name.lower(): str(column.get("description") or "") for name, column in columns.items()}
    return [(column, text) for column in selected if (text := texts.get(column.name.lower()))]


def catalog_table(rows: Sequence[Mapping[str, Any]]) -> CatalogTable | None:
    """Give dbt's catalog entry from the catalog rows of one relation, or None where there are none."""
    if not rows:
        return None
    first = rows[0]
    stats = {"has_stats": _HAS_STATS}
    if first["stats:row_count:include"]:
        stats = {
            "row_count": StatsItem(
                id="row_count",
                label=first["stats:row_count:label"],
                value=float(first["stats:row_count:value"]),
                include=True,
                description=first["stats:row_count:description"],
            ),
            "has_stats": replace(_HAS_STATS, value=True),
        }
    return CatalogTable(
        metadata=TableMetadata(
            type=first["table_type"],
            schema=first["table_schema"],
            name=first["table_name"],
            comment=first["table_comment"],
        ),
        columns={
            row["column_name"]: ColumnMetadata(
                type=row["column_type"],
                index=int(row["column_index"]),
                name=row["column_name"],
                comment=row["column_comment"],
            )
            for row in rows
        },
        stats=stats,
    )


def missing_snapshot_columns(present: Set[str], names: Mapping[str, str], strategy: Mapping[str, Any]) -> list[str]:
    """Give the columns that dbt adds to a snapshot and that are not ``present`` (names in lower case).

    A configured name may stand in backticks.
    """
    wanted = ["dbt_scd_id", "dbt_valid_from", "dbt_valid_to"]
    if strategy.get("hard_deletes") == "new_record":
        wanted.append("dbt_is_deleted")
    return [names[name] for name in wanted if names[name].strip("`").lower() not in present]


def filtered_catalog(table: agate.Table, schemas: Set[str]) -> agate.Table:
    """Give the catalog's rows of these schemas (lower case); whether a statistic counts becomes a boolean for dbt."""
    from dbt_common.clients.agate_helper import table_from_rows

    include = table.column_names.index("stats:row_count:include")
    rows = [
        (*row[:include], bool(row[include]), *row[include + 1 :])
        for row in (row.values() for row in table.rows)
        if str(row[1]).lower() in schemas
    ]
    text = [name for name in table.column_names if not name.startswith("stats:") and name != "column_index"]
    return table_from_rows(rows, table.column_names, text_only_columns=text)


def cut(comment: str, limit: int) -> str:
    """Give a comment in at most ``limit`` characters, an ellipsis at its end where it was longer."""
    return comment if len(comment) <= limit else comment[: limit - 3] + "..."


def cut_bytes(comment: str, limit: int) -> str:
    """Give a comment in at most ``limit`` bytes of UTF-8, an ellipsis at its end where it was longer."""
    encoded = comment.encode()
    return comment if len(encoded) <= limit else encoded[: limit - 3].decode(errors="ignore") + "..."


def _value(quoted: str | None) -> str:
    if quoted is None:
        return ""
    escapes = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
    text = quoted[1:-1].replace("''", "'")
    return re.sub(r"\\(.)", lambda match: escapes.get(match.group(1), match.group(1)), text, flags=re.S)
