"""The partitions of a table: write them as SQL for CREATE TABLE, and parse them from SHOW CREATE TABLE.

``Layout`` says how a table is divided, and ``Partition`` is one of the parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..connect.quoting import identifier, literal
from ..sql.lexer import NAME_CHARACTERS
from .partition_rules import moment
from .table_definition import name_of, tokens

MAXVALUE = "maxvalue"
"""The upper bound that is above all values (MAXVALUE), as it stands in ``Partition.values``."""

DEFAULT = "default"
"""The value, in ``Partition.values``, of the list partition that holds all values that no other partition lists."""

NULL = "null"
"""The SQL NULL as a value of a list partition."""

METHODS = ("range", "range columns", "list", "list columns", "hash", "key")
COUNTED = ("hash", "key")
"""Methods whose partitions have no values. Only the number of the partitions matters."""

_VALUE = re.compile(r"-?\d+(\.\d+)?|'[^'\\]*'")
_WORD = re.compile(rf"[{NAME_CHARACTERS}`]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_NUMBER_TEXT = re.compile(r"0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9]")

Value = Decimal | datetime | str | tuple[Any, ...]
"""A bound or a listed value of a partition, as ``comparable`` returns it: a number, a datetime, or else the SQL.

A value of several columns is a tuple with such an object for each column.
"""


@dataclass(frozen=True)
class Partition:
    """A partition or subpartition: its name, and its values as SQL.

    ``values`` has the listed values of a list partition, or the upper bound of a range partition, with one value for
    each column. It is empty for the methods ``hash`` and ``key``.
    """

    name: str
    values: tuple[str, ...] = ()

    @property
    def bounds(self) -> tuple[Value, ...]:
        """Return ``values`` in a form that can be compared with the values of other partitions.

        A number is a Decimal, a date or time is a datetime, and any other value is its SQL. A listed value of several
        columns is a tuple.
        """
        return tuple(comparable(value) for value in self.values)

    def clause(self, method: str, word: str = "partition") -> str:
        """Return the definition of this partition for the clause PARTITION BY.

        ``method`` is the method of the partitions, such as ``range columns`` or ``hash``. ``word`` is ``partition`` or
        ``subpartition``.
        """
        text = f"{word} {identifier(self.name)}"
        if method in COUNTED:
            return text
        verb = "in" if method.startswith("list") else "less than"
        return f"{text} values {verb} ({', '.join(self.values)})"


@dataclass(frozen=True)
class Layout:
    """How a table is divided into partitions: the method, the columns or expression, the partitions, and subpartitions.

    ``keys`` are the columns, quoted, or one expression. ``sub`` is the layout of the subpartitions of each partition,
    or None. ``is_whole`` is false if a partition has subpartitions of its own, so that ``sub`` does not describe them.
    """

    method: str
    keys: tuple[str, ...]
    partitions: tuple[Partition, ...]
    sub: Layout | None = None
    is_whole: bool = True

    def clause(self) -> str:
        """Return the clause PARTITION BY."""
        head = f"partition by {self._head()}"
        if self.sub:
            template = ", ".join(part.clause(self.sub.method, "subpartition") for part in self.sub.partitions)
            head += f" subpartition by {self.sub._head()} subpartition template ({template})"
        return f"{head} ({', '.join(self.clauses(self.partitions))})"

    def clauses(self, partitions: Iterable[Partition]) -> list[str]:
        """Return the SQL definitions of ``partitions``, one for each."""
        return [partition.clause(self.method) for partition in partitions]

    def _head(self) -> str:
        return f"{self.method} ({', '.join(self.keys)})"

    def divides_as(self, other: Layout) -> bool:
        """Check whether this layout and ``other`` have the same method, the same keys and the same subpartitions.

        The partitions themselves are not compared.
        """
        if not self.compares_as(other):
            return False
        if self.sub is None or other.sub is None:
            return self.sub is other.sub
        return self.is_whole and other.is_whole and self.sub.divides_as(other.sub) and self.sub.holds_as(other.sub)

    def compares_as(self, other: Layout) -> bool:
        """Check whether ``other`` has the same partitioning method and keys as this layout.

        Only then can the bounds of their partitions be compared.
        """
        return (self.method, self._compared_keys()) == (other.method, other._compared_keys())

    def _compared_keys(self) -> list[str]:
        return ["".join(tokens(key)).replace("`", "").lower() for key in self.keys]

    def holds_as(self, other: Layout) -> bool:
        """Check whether this layout and ``other`` have the same partitions, with equal names and values.

        For the methods ``hash`` and ``key``, only the number of partitions is compared.
        """
        if self.method in COUNTED:
            return len(self.partitions) == len(other.partitions)
        return self.compared() == other.compared()

    def compared(self) -> list[tuple[str, Any]]:
        """Return a pair for each partition: its name in lower case, and its values as Decimals, datetimes or SQL.

        Two layouts with the same partitions have equal results. For the methods ``list`` and ``list columns``, the
        pairs are sorted and the values are a frozenset, because the server does not keep the order of the partitions.
        """
        if self.method.startswith("list"):
            return sorted((part.name.lower(), frozenset(part.bounds)) for part in self.partitions)
        return [(part.name.lower(), part.bounds) for part in self.partitions]

    @classmethod
    def parse(cls, text: str) -> Layout | None:
        """Return the layout in ``text``, which is the end of a SHOW CREATE TABLE, from PARTITION BY on.

        Return None if ``text`` cannot be parsed. An example is a value with a quote, which the server does not escape.
        """
        words = tokens(text)
        try:
            layout, position = _parsed_head(words, 0, "partition")
            sub: Layout | None = None
            if words[position].lower() == "subpartition":
                sub, position = _parsed_head(words, position, "subpartition")
                if words[position].lower() == "subpartition":  # subpartition template
                    found, position = _parsed_partitions(words, position + 2)
                    sub = cls(sub.method, sub.keys, tuple(part for part, _ in found))
            found, position = _parsed_partitions(words, position)
        except (IndexError, ValueError):
            return None
        if position != len(words):
            return None
        return cls(layout.method, layout.keys, tuple(part for part, _ in found), sub, not any(own for _, own in found))


def _parsed_head(words: list[str], start: int, word: str) -> tuple[Layout, int]:
    if [each.lower() for each in words[start : start + 2]] != [word, "by"]:
        raise ValueError(word)
    opening = words.index("(", start)
    end = _group_end(words, opening)
    keys = tuple(_joined(part) for part in _split(words[opening + 1 : end - 1]))
    return Layout(" ".join(words[start + 2 : opening]).lower(), keys, ()), end


def _parsed_partitions(words: list[str], start: int) -> tuple[list[tuple[Partition, bool]], int]:
    """Return the partitions in ``words``, and the position after them.

    ``words`` are tokens of SHOW CREATE TABLE. The definitions of the partitions are in parentheses, which begin at
    ``start``. A partition comes with a boolean that is true if the partition has subpartitions of its own.
    """
    if words[start] != "(":
        raise ValueError(words[start])
    end = _group_end(words, start)
    return [_parsed_partition(part) for part in _split(words[start + 1 : end - 1])], end


def _parsed_partition(words: list[str]) -> tuple[Partition, bool]:
    name = name_of(words[1]) if words[1].startswith("`") else words[1]
    if len(words) == 2:  # partition p0
        return Partition(name), False
    opening = words.index("(")
    end = _group_end(words, opening)
    if words[2].lower() != "values":
        return Partition(name), True
    values = tuple(_value(value) for value in _split(words[opening + 1 : end - 1]))
    return Partition(name, values), end < len(words)


def _value(words: list[str]) -> str:
    text = "".join(words)
    if text.lower() in (MAXVALUE, DEFAULT, NULL):
        return text.lower()
    if words[0] == "(":
        return f"({', '.join(map(_value, _split(words[1:-1])))})"
    if not _VALUE.fullmatch(text):
        raise ValueError(text)
    return text


def _joined(words: list[str]) -> str:
    """Return ``words`` as SQL, with a blank only between two words that would otherwise become one word."""
    text = ""
    for word in words:
        text += " " if _WORD.match(text[-1:]) and _WORD.match(word) else ""
        text += word
    return text


def _group_end(words: list[str], start: int) -> int:
    """Return the position after the parenthesis that closes the one at ``start``. Raises ValueError if none does."""
    depth = 0
    for position in range(start, len(words)):
        depth += (words[position] == "(") - (words[position] == ")")
        if not depth:
            return position + 1
    raise ValueError("(")


def _split(words: list[str]) -> Iterator[list[str]]:
    """Yield the parts of ``words`` between the commas that stand in no parentheses."""
    depth, part = 0, list[str]()
    for word in words:
        depth += (word == "(") - (word == ")")
        if word == "," and not depth:
            yield part
            part = []
        else:
            part.append(word)
    yield part


def comparable(value: str) -> Value:
    """Return an object for ``value``, the SQL of a bound or a listed value. Equal values have equal objects.

    The server may show a value in another way than it was written. If the column has times, the server shows a date as
    a date with a time. So the result for a date, with or without a time, is a datetime. If the column has numbers, the
    server shows a text such as ``'1'`` as a number. So the result for a number, or for a text with the server's
    spelling of a number, is a Decimal. For every other value, the result is ``value`` itself. This includes ``'01'``,
    because in a text column it is another value than ``'1'``. The result for a value of several columns, such as
    ``(1, 'x')``, is a tuple of the results for its parts.
    """
    if value[:1] == "(":
        return tuple(comparable("".join(part)) for part in _split(tokens(value)[1:-1]))
    is_text = value[:1] == "'"
    text = value[1:-1] if is_text else value
    if (_NUMBER_TEXT if is_text else _NUMBER).fullmatch(text):
        return Decimal(text)
    return moment(text) or value


def bound_order(value: str) -> Value:
    """Return an object for ``value``, the SQL of the upper bound of a range, that can be ordered among such objects.

    The result is that of ``comparable``, with one exception: for a text that is no time, it is ``value`` itself. The
    server accepts such a text only for a text column, whose values have the order of a collation. So two results that
    are a str have no known order, even if their texts are numbers.
    """
    found = comparable(value)
    return value if value[:1] == "'" and not isinstance(found, datetime) else found


def moment_literal(value: datetime) -> str:
    """Return ``value`` as an SQL text. For midnight the text is only the date, so that a DATE column accepts it."""
    if value == value.replace(hour=0, minute=0, second=0, microsecond=0):
        return literal(value.date().isoformat())
    return literal(str(value))
