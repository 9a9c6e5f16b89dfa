"""Split a type such as ``int not null`` in the config ``column_types`` into the type and the column's attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from ..sql import types
from ..sql.lexer import token_ends, tokens

_LITERAL = r"'(?:[^'\\]|'')*'"
_ATTRIBUTE = re.compile(
    rf"\s*(?:(?P<not_null>not\s+null)|(?P<null>null)|(?P<no_default>default\s+null)"
    rf"|(?P<primary>primary(?:\s+key)?|key)|(?P<unique>unique(?:\s+key)?)"
    rf"|default\s+(?P<default>[-+]?[0-9.]+|{_LITERAL})|comment\s+(?P<comment>{_LITERAL}))(?=\s|\Z)",
    re.IGNORECASE,
)
_CURRENT_TIME = re.compile(
    r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\""
    r"|(?P<now>\b(?:default|on\s+update)\s+(?:current_timestamp|localtimestamp|localtime|now)\b)"
    r"(?:\s*\(\s*0?\s*\))?(?!\s*\()",
    re.IGNORECASE | re.DOTALL,
)
"""Pattern of a string, or of a clause that sets a column to the current time and has no digits of a second."""


class StoredAttributes(NamedTuple):
    """The attributes of a table's column, as ``information_schema.columns`` has them."""

    is_nullable: str
    column_default: str | None
    column_key: str
    column_comment: str


def split_attributes(declared: str) -> tuple[str, str]:
    """Split ``declared``, a type that may be followed by attributes of a column, into the type and the attributes.

    For example, ``int not null default 0`` is split into ``int`` and ``not null default 0``. A collation is part of the
    type, even if it stands among the attributes. The type is the longest beginning of ``declared`` that is a known
    type. If there is none, it is the first word, or the whole text if no other word follows the first one.
    """
    text = declared.strip()
    ends = list(_ends_of_types(text))
    end = next((end for end in reversed(ends) if types.base_type(text[:end]) in types.TYPES), None)
    if end is None:
        end = ends[0] if ends and re.match(r"\s+\w", text[ends[0] :]) else len(text)
    return _with_collation(text[:end], text[end:].strip())


def _ends_of_types(text: str) -> Iterator[int]:
    """Yield the positions in ``text`` at which its type can end.

    A type has only one group in parentheses. A second group belongs to an attribute, such as ``default (1)``. A type
    does not end directly before its group.
    """
    depth = groups = 0
    found = [word for _, word in tokens(text)]
    for word, following, end in zip(found, [*found, ""][1:], token_ends(text), strict=True):
        groups += word == "(" and not depth
        depth += (word == "(") - (word == ")")
        if groups > 1:
            return
        if not depth and (following not in ("(", "[", "]") or groups):
            yield end


def _with_collation(kind: str, attributes: str) -> tuple[str, str]:
    """Return ``kind`` and ``attributes``, with the clause COLLATE moved from the attributes to the end of the type.

    A COLLATE in parentheses belongs to an expression, such as that of a CHECK, and is not moved.
    """
    depth = 0
    words = [(start, end, word) for (start, word), end in zip(tokens(attributes), token_ends(attributes), strict=True)]
    for index, (start, _, word) in enumerate(words):
        depth += (word == "(") - (word == ")")
        if word == "collate" and not depth:
            name = next((each for each in words[index + 1 :] if each[2] != "="), None)
            if name:
                rest = f"{attributes[:start].rstrip()} {attributes[name[1] :].lstrip()}".strip()
                return f"{kind} collate {attributes[name[0] : name[1]]}", rest
    return kind, attributes


def with_fraction(attributes: str, digits: int) -> str:
    """Return ``attributes`` with ``digits`` digits of a second in DEFAULT and ON UPDATE of the current time.

    For example, ``default now()`` becomes ``default now(6)``. If the digits of such a clause and of the column's type
    differ, the server raises error 1067. Digits that are written, such as in ``now(3)``, and expressions in parentheses
    are not changed.
    """
    return _CURRENT_TIME.sub(lambda found: f"{found['now']}({digits})" if found["now"] else found[0], attributes)


def has_attributes(stored: StoredAttributes, attributes: str) -> bool:
    """Check whether a table's column has all ``attributes``, which are written as in DDL.

    The result is false for an attribute that cannot be compared with the catalog, such as a CHECK. It is also false for
    AUTO_INCREMENT. A DELETE does not reset its counter, so empty values would get other numbers in each load.
    """
    end = 0
    while found := _ATTRIBUTE.match(attributes, end):
        if not _is_stored(stored, str(found.lastgroup), found[str(found.lastgroup)]):
            return False
        end = found.end()
    return not attributes[end:].strip()


def _is_stored(stored: StoredAttributes, name: str, text: str) -> bool:
    return {
        "null": stored.is_nullable == "YES",
        "no_default": stored.column_default is None,
        "not_null": stored.is_nullable == "NO",
        "primary": stored.column_key == "PRI",
        # the server shows the first unique key of columns that are NOT NULL as PRI
        "unique": stored.column_key in ("UNI", "PRI"),
        "default": _is_same_default(stored.column_default, text),
        "comment": stored.column_comment == _value(text),
    }[name]


def _is_same_default(stored: str | None, text: str) -> bool:
    if stored is None:
        return False
    try:
        return Decimal(stored) == Decimal(_value(text))
    except InvalidOperation:
        return stored == _value(text)


def _value(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text
