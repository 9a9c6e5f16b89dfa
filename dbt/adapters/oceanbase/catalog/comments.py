"""Store the descriptions of relations and columns as comments on the server."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import BaseRelation, available
from dbt.adapters.events.logging import AdapterLogger

from ..connect.quoting import literal
from .adapter_base import OceanBaseAdapterBase
from .column_definitions import ColumnDefinition

if TYPE_CHECKING:
    from ..column import OceanBaseColumn

logger = AdapterLogger("OceanBase")

MAX_COLUMN_COMMENT = 1024
"""Maximum characters of a column comment. A longer one is error 1629 (seen on seekdb 1.3 and 1.4)."""

MAX_TABLE_COMMENT = 4096
"""Maximum bytes of a table comment. A longer one is error 1628 (seen on seekdb 1.3 and 1.4)."""


class CommentMixin(OceanBaseAdapterBase):
    """The adapter's methods that store the descriptions of relations and columns as comments."""

    @available.parse(lambda relation, comment: False)
    def has_comment(self, relation: BaseRelation, comment: str) -> bool:
        """Check whether the table ``relation`` has the comment ``comment``, so that the caller can avoid needless DDL.

        One query reads the table's comment. ``comment`` is truncated to the server's limit before it is compared,
        because the adapter also truncates a comment before it stores it (see ``comment_literal``).
        """
        _, cursor = self.connections.add_select_query(
            "select table_comment from information_schema.tables where "
            f"table_schema = {literal(relation.schema or '')} and table_name = {literal(relation.identifier or '')}"
        )
        return bool(cursor.fetchone() == (self._truncated(comment, of_column=False),))

    @available.parse_list
    def comment_columns(self, relation: BaseRelation, columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Store column descriptions as comments in the table ``relation``. Return the names of absent columns.

        ``columns`` maps column names to dbt's properties of the columns, which have the descriptions. Comments that are
        already equal are not set. All other comments are set by one ALTER TABLE, which keeps the rest of each column's
        definition. A column in ``columns`` without a description loses its comment. A description that is too long is
        truncated, with a warning. Another warning says how many comments cannot be set because the server refuses to
        change their columns. The result is the list of the names in ``columns`` that the table does not have. Raise
        DbtRuntimeError if the values of an ENUM or SET whose comment differs cannot be parsed.
        """
        definitions = self._definitions(relation)
        absent = absent_columns(definitions, columns)
        descriptions = {
            name: self._truncated(column.get("description"), of_column=True)
            for name, column in columns.items()
            if name not in absent
        }
        fixed = {name: definition for name, definition in definitions.items() if definition.is_fixed}
        if outdated := comment_clauses(fixed, descriptions):
            logger.warning(
                f"persist_docs: {relation.render()}: {len(outdated)} comments of NOT NULL columns stay as they are, "
                "because the server changes no such column of their types (1138): run with --full-refresh for new ones"
            )
        clauses = comment_clauses({k: v for k, v in definitions.items() if k not in fixed}, descriptions)
        if clauses:
            self._alter(relation, clauses)
        return absent

    @available.parse_list
    def absent_columns(self, names: Sequence[str], columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Return the column names that are keys of ``columns`` and not among ``names``, the columns of a relation.

        The values of ``columns`` are dbt's properties of the columns. The case of a name does not matter, unless its
        properties contain ``quote: true``.
        """
        return absent_columns(names, columns)

    @available
    def comment_literal(self, comment: str, of_column: bool = False) -> str:
        """Return ``comment`` as an SQL literal, truncated to the server's limit. Log a warning if it is truncated.

        With ``of_column`` the limit for comments of columns applies, without it the limit for comments of tables.
        """
        return literal(self._truncated(comment, of_column))

    @available
    def stored_comment(self, comment: str, of_column: bool = False) -> str:
        """Return ``comment``, truncated to the server's limit. Log a warning if it is truncated.

        With ``of_column`` the limit for comments of columns applies, without it the limit for comments of tables.
        """
        return self._truncated(comment, of_column)

    def _truncated(self, comment: str | None, of_column: bool) -> str:
        """Return a comment truncated to the server's limit, and log a warning if the comment is longer than the limit.

        With ``of_column`` the limit for comments of columns applies, without it the limit for comments of tables.
        """
        whole = comment or ""
        if of_column:
            kept, limit = truncate(whole, MAX_COLUMN_COMMENT), f"{MAX_COLUMN_COMMENT} characters"
        else:
            kept, limit = truncate_bytes(whole, MAX_TABLE_COMMENT), f"{MAX_TABLE_COMMENT} bytes"
        if kept != whole:
            logger.warning(f"persist_docs: a comment is cut to the server's {limit}: {whole[:60]!r}...")
        return kept


def absent_columns(names: Collection[str], columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the column names that are keys of ``columns`` and not among ``names``, the columns of a relation.

    The values of ``columns`` are dbt's properties of the columns. The case of a name does not matter, unless its
    properties contain ``quote: true``.
    """
    folded = {name.lower() for name in names}
    return [
        name
        for name, column in columns.items()
        if name not in names and (column.get("quote") or name.lower() not in folded)
    ]


def comment_clauses(definitions: Mapping[str, ColumnDefinition], descriptions: Mapping[str, str]) -> list[str]:
    """Return the MODIFY clauses for the columns whose present comments differ from their descriptions.

    ``definitions`` maps column names to definitions, which have the present comments. ``descriptions`` maps column
    names to descriptions. The case of the names does not matter. Columns that only one of the two has are left out. An
    empty description removes the comment.
    """
    by_name = {name.lower(): definition for name, definition in definitions.items()}
    clauses = []
    for name, description in descriptions.items():
        definition = by_name.get(name.lower())
        if definition is not None and _unquoted(definition.comment) != description:
            clauses.append(definition.modify(comment=description))
    return clauses


def described_columns(
    selected: Sequence[OceanBaseColumn], columns: Mapping[str, Mapping[str, Any]]
) -> list[tuple[OceanBaseColumn, str]]:
    """Return the ``selected`` columns that have a description, each together with its description.

    ``columns`` maps column names, whose case does not matter, to dbt's properties of the columns.
    """
    texts = {name.lower(): str(column.get("description") or "") for name, column in columns.items()}
    return [(column, text) for column in selected if (text := texts.get(column.name.lower()))]


def truncate(comment: str, limit: int) -> str:
    """Return ``comment``, truncated to at most ``limit`` characters. A truncated comment ends in ``...``.

    The limit includes the ``...``.
    """
    return comment if len(comment) <= limit else comment[: limit - 3] + "..."


def truncate_bytes(comment: str, limit: int) -> str:
    """Return ``comment``, truncated to at most ``limit`` bytes of UTF-8. A truncated comment ends in ``...``.

    The limit includes the ``...``, and no character is cut in two.
    """
    encoded = comment.encode()
    return comment if len(encoded) <= limit else encoded[: limit - 3].decode(errors="ignore") + "..."


def _unquoted(comment: str | None) -> str:
    """Return the text of ``comment``, an SQL literal. The text is empty if ``comment`` is None."""
    if comment is None:
        return ""
    escapes = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
    text = comment[1:-1].replace("''", "'")
    return re.sub(r"\\(.)", lambda match: escapes.get(match.group(1), match.group(1)), text, flags=re.S)
