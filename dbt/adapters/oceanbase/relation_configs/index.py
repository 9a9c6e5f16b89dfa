"""One index of a table: its SQL, its name, and the mark in its comment.

The mark is a hash of the index's definition. By the mark, a later run finds out whether the definition has changed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from ..connect.quoting import identifier, literal
from ..relation import HASH_LENGTH, MAX_NAME

_MARK = re.compile(r" ?\[dbt ([0-9a-f]{8})\]\Z")
_NOT_IN_NAMES = re.compile(r"\W+")


@dataclass(frozen=True)
class IndexColumn:
    """A column or an expression of an index.

    Either ``name``, the column's name without backticks, or ``expression`` is set, and the other one is empty.
    ``length`` is the number of characters that are indexed, or None for all. ``order`` is ``asc``, ``desc`` or empty.
    """

    name: str = ""
    expression: str = ""
    length: int | None = None
    order: str = ""

    def sql(self) -> str:
        """Return the SQL of this column or expression for the definition of an index."""
        text = identifier(self.name) if self.name else f"({self.expression})"
        return text + (f"({self.length})" if self.length else "") + (f" {self.order}" if self.order else "")

    def key(self) -> str:
        """Return a text by which this column is compared with a column of an existing index.

        The text is the name in lower case and in backticks, or the expression in parentheses, such as ``(lower(a))``.
        The length follows in parentheses if it is set. ``order`` is left out: the server does not keep a descending
        order, so SHOW CREATE TABLE does not show it.
        """
        text = f"`{self.name.lower()}`" if self.name else f"({' '.join(self.expression.split())})"
        return text + (f"({self.length})" if self.length else "")


@dataclass(frozen=True)
class Index:
    """An index as a config describes it.

    ``kind`` is ``fulltext``, ``vector`` or ``spatial``, or empty for an ordinary index. ``name`` is empty if the config
    has no name. ``parser`` and ``parser_properties`` are only for full-text indexes, and ``vector`` only for vector
    indexes: ``parser_properties`` and ``vector`` are pairs of a parameter and its value in SQL. ``scope`` is ``local``,
    ``global`` or empty.
    """

    columns: tuple[IndexColumn, ...]
    name: str = ""
    unique: bool = False
    kind: str = ""
    parser: str = ""
    parser_properties: tuple[tuple[str, str], ...] = ()
    vector: tuple[tuple[str, str], ...] = ()
    scope: str = ""
    storing: tuple[str, ...] = ()
    block_size: int | None = None
    comment: str = ""
    visible: bool = True
    column_groups: tuple[str, ...] = ()

    @property
    def is_multivalue(self) -> bool:
        """Check whether the index has an entry for each element of an array in a JSON column."""
        return any(re.search(r"\barray\s*\)", column.expression, re.I) for column in self.columns)

    @property
    def column_names(self) -> list[str]:
        """Return the names of the index's columns in lower case. Expressions are left out."""
        return [column.name.lower() for column in self.columns if column.name]

    @property
    def own_name(self) -> str:
        """Return the configured name of the index, or else a name made of its columns and the hash ``digest``.

        A name that is made has at most MAX_NAME characters. It is the same in each run, as long as the definition of
        the index does not change.
        """
        if self.name:
            return self.name
        words = _NOT_IN_NAMES.sub("_", "_".join(column.name or column.expression for column in self.columns)).strip("_")
        return f"{words[: MAX_NAME - HASH_LENGTH - 4].rstrip('_')}_ix_{self.digest}"

    @property
    def digest(self) -> str:
        """Return a hash of the index's definition without name, comment and visibility.

        If the hash in an existing index's comment differs, the index must be dropped and created again.
        """
        text = "|".join((self.words, *self.parts, *(column.key() + column.order for column in self.columns)))
        return hashlib.sha256(text.encode()).hexdigest()[:HASH_LENGTH]

    @property
    def words(self) -> str:
        """Return the words that name the kind of the index in SQL, such as ``unique index``."""
        return " ".join(filter(None, ("unique" if self.unique else "", self.kind, "index")))

    @property
    def marked_comment(self) -> str:
        """Return the comment with a mark at its end, ``[dbt <digest>]``, by which a later run recognizes the index."""
        return f"{self.comment} [dbt {self.digest}]".lstrip()

    def clause(self) -> str:
        """Return the definition of the index for the column list of CREATE TABLE."""
        return f"{self.words} {identifier(self.own_name)} {self._definition()}"

    def create(self, relation: str) -> str:
        """Return the statement CREATE INDEX for the table whose quoted name is ``relation``."""
        return f"create {self.words} {identifier(self.own_name)} on {relation} {self._definition()}"

    def _definition(self) -> str:
        columns = ", ".join(column.sql() for column in self.columns)
        *parts, groups = self._clauses()
        tail = (*parts, "" if self.visible else "invisible", f"comment {literal(self.marked_comment)}", groups)
        return " ".join(filter(None, (f"({columns})", *tail)))

    @property
    def parts(self) -> list[str]:
        """Return the clauses after the columns in the definition of the index, except comment and visibility."""
        return [clause for clause in self._clauses() if clause]

    @property
    def hallmarks(self) -> list[str]:
        """Return the options of this index, each as SQL in lower case, such as ``block_size 65536``.

        They are for the comparison with an existing index whose comment has no hash, because the adapter has not made
        it. That index has the same options if ``FoundIndex.tail`` contains the tokens of each of them.
        """
        pairs = [f"{name}={value}" for name, value in self.vector]
        # the server shows the words of a parser in double quotes
        pairs += [f"{name}={value}".replace("'", '"') for name, value in self.parser_properties]
        plain = replace(self, vector=(), parser_properties=())
        return [text.lower() for text in (*pairs, *plain.parts)]

    def _clauses(self) -> tuple[str, ...]:
        pairs = ", ".join(f"{name}={value}" for name, value in self.vector)
        properties = ", ".join(f"{name}={value}" for name, value in self.parser_properties)
        return (
            f"storing ({', '.join(map(identifier, self.storing))})" if self.storing else "",
            f"with parser {self.parser}" if self.parser else "",
            f"parser_properties=({properties})" if properties else "",
            f"with ({pairs})" if pairs else "",
            self.scope,
            f"block_size {self.block_size}" if self.block_size else "",
            f"with column group ({', '.join(self.column_groups)})" if self.column_groups else "",
        )


def split_comment(comment: str) -> tuple[str, str]:
    """Return the ``comment`` of an index without the adapter's mark, and the hash in the mark.

    The mark is ``[dbt <hash>]`` at the end of the comment. The hash is empty if the comment has no mark.
    """
    mark = _MARK.search(comment)
    return (comment[: mark.start()], mark[1]) if mark else (comment, "")
