"""The indexes of a table: read from the config ``indexes`` or from an existing table, compared, and changed."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..connect.quoting import identifier
from . import column_groups, index_config
from .components import RELATION, Change, Component, Get, Place, Probe
from .index import Index, IndexColumn, split_comment
from .table_definition import TableDefinition, group_end, name_of, tokens, unquoted

if TYPE_CHECKING:
    from typing_extensions import Self

_VECTOR = "create table dbt_probe (a vector(3), vector index i (a) with (distance=l2, type=hnsw))"
_KINDS_IN = "OceanBase 4.3.5 and seekdb have full text and vector indexes"
_REFUSED = frozenset({1064, 1128, 1210, 1235})
"""Error codes of PREPARE if the server lacks full-text indexes, the index's parser, or a property of the parser."""


@dataclass(frozen=True)
class FoundIndex:
    """An index of an existing table.

    ``words`` are the words for its kind, such as ``unique index``. ``columns`` has a text for each column: the name in
    lower case and in backticks, or an expression in parentheses, and then the indexed length in parentheses, if any.
    ``tail`` has the tokens of the definition after the columns, in lower case and without the comment. ``comment`` is
    the comment without the adapter's mark, ``[dbt <digest>]`` at its end. ``digest`` is the hash in the mark, which the
    adapter has computed from the index's definition. It is empty if the adapter has not made the index.
    """

    name: str
    words: str
    columns: tuple[str, ...]
    tail: tuple[str, ...]
    comment: str
    digest: str
    visible: bool

    @classmethod
    def parse(cls, name: str, text: str) -> FoundIndex:
        """Return the index that ``text``, its definition in SHOW CREATE TABLE, describes."""
        words = tokens(text)
        start = words.index("(")
        end = group_end(words, start)
        tail = [word.lower() for word in words[end:]]
        comment = "''"
        if "comment" in tail:
            place = tail.index("comment")
            comment = words[end + place + 1]
            del tail[place : place + 2]
        plain, digest = split_comment(unquoted(comment))
        return cls(
            name=name,
            words=re.sub(r"key\b", "index", " ".join(words[: start - 1]).lower()),
            columns=tuple(_columns(words[start + 1 : end - 1])),
            tail=tuple(tail),
            comment=plain,
            digest=digest,
            visible="invisible" not in tail,
        )

    def is_made_as(self, wanted: Index) -> bool:
        """Check whether this existing index has the definition of ``wanted``, except name, comment and visibility.

        If the adapter has made the index, the hashes are compared. Otherwise the kind, the columns and the options that
        ``wanted`` sets are compared.
        """
        if self.digest:
            return self.digest == wanted.digest
        own = tuple(column.key() for column in wanted.columns)
        return (self.words, self.columns) == (wanted.words, own) and all(map(self._has, wanted.hallmarks))

    def _has(self, option: str) -> bool:
        sought = tuple(tokens(option))
        return any(self.tail[start : start + len(sought)] == sought for start in range(len(self.tail)))

    def has_comment_of(self, wanted: Index) -> bool:
        """Check whether the comment of this existing index may stay if the config describes the index ``wanted``.

        It may stay if the two comments are equal. It may also stay if the adapter has not made the index and ``wanted``
        has no comment.
        """
        comment, _ = split_comment(wanted.marked_comment)
        return self.comment == comment or not (self.digest or comment)


@dataclass(frozen=True)
class Indexes(Component):
    """The indexes of a table.

    ``wanted`` are indexes that the config ``indexes`` describes, and ``found`` are indexes of an existing table. At
    least one of the two is empty.
    """

    wanted: tuple[Index, ...] = ()
    found: tuple[FoundIndex, ...] = ()

    configs: ClassVar[tuple[str, ...]] = ("indexes",)
    place: ClassVar[Place] = Place.IN_COLUMNS

    @classmethod
    def from_config(cls, get: Get) -> Self | None:
        value = get("indexes")
        return None if value is None else cls(wanted=index_config.parse(value))

    @classmethod
    def from_server(cls, definition: TableDefinition) -> Self:
        return cls(found=tuple(FoundIndex.parse(name, text) for name, text in definition.keys.items()))

    def clause(self) -> str:
        return ", ".join(index.clause() for index in self.wanted)

    def probes(self) -> tuple[Probe, ...]:
        """Return the probes: statements that show whether the server has the features that the indexes need.

        There are probes for full-text indexes with their parsers, for vector indexes, and for indexes with column
        groups. The parameters of a vector index are not probed, because the column of the index decides which
        parameters are allowed.
        """
        found = []
        for index in self.wanted:
            if index.kind == "fulltext":
                probed = Index((IndexColumn("a"),), "i", False, "fulltext", index.parser, index.parser_properties)
                statement = f"create table dbt_probe (a text, {probed.clause()})"
                found.append(Probe(f"indexes: {index.own_name}", statement, _KINDS_IN, _REFUSED))
            elif index.kind == "vector":
                found.append(Probe(f"indexes: {index.own_name}", _VECTOR, _KINDS_IN))
        if any(index.column_groups for index in self.wanted):
            statement = "create table dbt_probe (a int, index i (a) with column group (each column))"
            found.append(Probe("indexes: column_groups", statement, column_groups.AVAILABLE_IN))
        return tuple(found)

    def column_attributes(self) -> dict[str, str]:
        spatial = (index for index in self.wanted if index.kind == "spatial")
        return {name: "not null" for index in spatial for name in index.column_names}

    def change_to(self, wanted: Self) -> Change:
        """Return the change of a table from its existing indexes, ``self.found``, to the config's, ``wanted.wanted``.

        Its statements drop and rename indexes, set their visibility, and create indexes. An index that the adapter has
        not made is dropped only if the config has a different index of the same name. It is left alone if the config
        has an index with its definition and no ``name``, and this index is not created. The change is refused if it
        would create an index on the elements of a JSON array.
        """
        present = {index.name.lower(): index for index in self.found}
        dropped, changed, created = [], [], []
        kept: set[str] = set()
        for index in wanted.wanted:
            found = present.get(index.own_name.lower()) or self._renamed(index, wanted)
            if found is None and (equal := self._of_others(index, wanted, kept)):
                kept.add(equal.name.lower())
                continue
            if found is None or not found.is_made_as(index) or not found.has_comment_of(index):
                created.append(index)
                continue
            kept.add(found.name.lower())
            changed += _adapted(found, index)
        names = {index.own_name.lower() for index in created}
        for old in self.found:
            name = old.name.lower()
            if name not in kept and (old.digest or name in names):
                dropped.append(f"drop index {identifier(old.name)} on {RELATION}")
        if after := [index.own_name for index in created if index.is_multivalue]:
            return Change(
                refused=f"indexes: {', '.join(after)}: OceanBase makes an index on the elements of a JSON array only "
                "together with its table"
            )
        # a unique index that the rows refuse must not leave the table without the index that it replaces
        first = [index for index in created if not index.kind and index.own_name.lower() not in present]
        last = [index for index in created if index not in first]
        return Change(
            before=tuple(index.create(RELATION) for index in first),
            drops=tuple(dropped),
            statements=(*changed, *(index.create(RELATION) for index in last)),
        )

    def _renamed(self, index: Index, wanted: Indexes) -> FoundIndex | None:
        """Return the existing index that only has to be renamed to become ``index``, or None if there is none.

        Its comment has the hash of the definition of ``index`` (see ``Index.digest``). Its present name is not the name
        of any index in ``wanted``.
        """
        names = {each.own_name.lower() for each in wanted.wanted}
        return next((f for f in self.found if f.digest == index.digest and f.name.lower() not in names), None)

    def _of_others(self, index: Index, wanted: Indexes, kept: Set[str]) -> FoundIndex | None:
        """Return an existing index that serves as ``index`` although the adapter has not made it, or None.

        It has the definition of ``index``, whose config has no name. Its name is neither in ``kept``, which are names
        in lower case, nor that of any index in ``wanted``.
        """
        taken = {*kept, *(each.own_name.lower() for each in wanted.wanted)}
        others = (f for f in self.found if not (index.name or f.digest or f.name.lower() in taken))
        return next(
            (f for f in others if f.is_made_as(index) and f.has_comment_of(index) and f.visible == index.visible), None
        )


def _adapted(found: FoundIndex, index: Index) -> list[str]:
    statements = []
    if found.name.lower() != index.own_name.lower():
        old, new = identifier(found.name), identifier(index.own_name)
        statements.append(f"alter table {RELATION} rename index {old} to {new}")
    if found.visible != index.visible:
        word = "visible" if index.visible else "invisible"
        statements.append(f"alter table {RELATION} alter index {identifier(index.own_name)} {word}")
    return statements


def _columns(words: list[str]) -> list[str]:
    """Return one text for each column of an existing index: its name or expression, and its indexed length, if any.

    ``words`` are the tokens between the parentheses of the index's definition. A name is in lower case and in
    backticks, so that the texts can be compared with results of ``IndexColumn.key``.
    """
    found, depth = [""], 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if word == "," and not depth:
            found.append("")
        elif word.startswith("`") and not depth:
            found[-1] += f"`{name_of(word).lower()}`"
        else:
            found[-1] += word
    return found
