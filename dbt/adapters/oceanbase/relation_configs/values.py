"""Check and convert the values of configs: booleans, numbers, texts and names.

The parameter ``place`` of the functions is the name of the config. The text of an error begins with this name.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from ..connect.quoting import literal
from .components import error


def renamed(place: str, given: Mapping[str, Any], known: Sequence[str], aliases: Mapping[str, str]) -> dict[str, Any]:
    """Return the mapping ``given`` with keys in lower case, ``-`` as ``_``, and aliases replaced by the usual names.

    ``aliases`` maps an alias to the usual name, and ``known`` has the usual names. Raise ConfigError if a key is not
    known (the error suggests a key), or if two keys mean the same.
    """
    found: dict[str, Any] = {}
    for raw, value in given.items():
        key = str(raw).strip().lower().replace("-", "_")
        name = aliases.get(key, key)
        if name not in known:
            meant = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            remedy = f"write {meant[0]}" if meant else f"write one of {', '.join(known)}"
            raise error(place, f"{raw} is not known", remedy)
        if name in found:
            raise error(place, f"{raw} and another key mean the same", "remove one of them")
        found[name] = value
    return found


def boolean(place: str, value: Any, default: bool) -> bool:
    """Return the boolean ``value``, or ``default`` if ``value`` is None. Raises ConfigError if it is not a boolean."""
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    raise error(place, f"{value!r} is no boolean", "write true or false")


def integer(place: str, value: Any, least: int, most: int) -> int | None:
    """Return ``value`` as an integer. If ``value`` is None, return None.

    Raise ConfigError, whose text begins with ``place``, if ``value`` is no integer from ``least`` to ``most``.
    """
    if value is None:
        return None
    number = int(value) if isinstance(value, str) and value.strip().isdecimal() else value
    if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
        raise error(place, f"{value!r} is no integer from {least} to {most}", "write one")
    return number


def choice(place: str, value: Any, choices: Sequence[str]) -> str:
    """Return ``value`` in lower case, without blanks and single quotes around it, or an empty text if it is None.

    Raises ConfigError, whose text begins with ``place``, if the result is none of ``choices``.
    """
    if value is None:
        return ""
    word = str(value).strip().strip("'").lower()
    if word not in choices:
        raise error(place, f"{value!r} is not known", f"write one of {', '.join(choices)}")
    return word


def text(place: str, value: Any) -> str:
    """Return the text ``value``, or an empty text if it is None. Raises ConfigError for another type."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise error(place, f"{value!r} is no text", "write a text")
    return value


def names(place: str, value: Any) -> list[str]:
    """Return the names in ``value`` without backticks. ``value`` is a name, a list of names or None.

    The result for None is empty. Raise ConfigError for another type, or for an empty name.
    """
    if value is None:
        return []
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(each, str) and each.strip() for each in listed):
        raise error(place, f"{value!r} is no list of names", "write [a, b]")
    return [each.strip().strip("`") for each in listed]


def quoted(value: str) -> str:
    """Return the text ``value`` as an SQL literal. Quotes that already surround ``value`` are not doubled."""
    stripped = value[1:-1] if len(value) > 1 and value[0] == value[-1] == "'" else value
    return literal(stripped)
