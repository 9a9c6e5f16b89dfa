"""Checks of single profile values.

A ``Check`` takes the field's name and the value given, and returns the value in its final form, or raises the
error that ``invalid`` makes. Numbers and booleans may be text, since ``env_var`` gives nothing else.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dbt_common.dataclass_schema import ValidationError

from ..connect.errors import one_line

Check = Callable[[str, Any], Any]

MAX_TEXT = 215
"""Characters of an error's text: dbt puts profile and target before it, on a line of at most 300."""

_MAX_SHOWN = 50
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_TRUE, _FALSE = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
_HOST = re.compile(r"[\w.-]+")
_HOST_AND_PORT = re.compile(r"(?P<host>\[[^]]*\]|[^:]*)(?::(?P<port>.*))?")


def invalid(text: str) -> ValidationError:
    """Make the error that dbt shows as ``Credentials in profile "p", target "t" invalid: <text>``.

    Of the exceptions that dbt catches there, this one adds no line of its own. ``text`` becomes one line of
    at most MAX_TEXT characters; it names the field, the rule and the remedy, and never holds a secret.
    """
    return ValidationError(one_line(text, MAX_TEXT))


def shown(value: Any) -> str:
    """Give ``value`` as an error may show it: quoted, on one line, abridged."""
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 3]}..."


def is_given(value: Any) -> bool:
    """Tell whether a field has a value: None and empty text are what an unset variable or answer leaves."""
    return value is not None and value != ""


def secret(field: str, value: Any) -> str:
    """Take text as it is, and name the field alone in the error."""
    if not isinstance(value, str):
        raise invalid(f"{field} must be text, but YAML reads it as {_kind(value)}: put it in quotes")
    return value


def secret_words(field: str, value: Any) -> list[str]:
    """Take a command as a list of words; no shell ever splits one."""
    words = list(value) if isinstance(value, (list, tuple)) else []
    if not words or not all(isinstance(word, str) and word for word in words):
        raise invalid(f"{field} must be a list of texts, as no shell reads it: [program, argument]")
    return words


def text(field: str, value: Any) -> str:
    """Take text without control characters and without blanks at its ends."""
    if not isinstance(value, str):
        raise invalid(f"{field} must be text, but {shown(value)} is {_kind(value)}: put it in quotes")
    if value != value.strip() or not value.isprintable():
        raise invalid(f"{field} must not begin or end with blanks, or hold control characters: {shown(value)}")
    return value


def matching(pattern: str, rule: str) -> Check:
    """Take text that ``pattern`` matches as a whole; ``rule`` is what the error says it must be."""
    compiled = re.compile(pattern)

    def check(field: str, value: Any) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise invalid(f"{field} must be {rule}, not {shown(value)}")
        return value

    return check


def one_of(*allowed: str) -> Check:
    """Take one of ``allowed``, in any case."""

    def check(field: str, value: Any) -> str:
        word = value.lower() if isinstance(value, str) else None
        if word not in allowed:
            raise invalid(f"{field} must be one of {', '.join(allowed)}, not {shown(value)}")
        return word

    return check


def boolean(field: str, value: Any) -> bool:
    """Take true or false, also as text."""
    word = str(value).lower()
    if isinstance(value, float) or word not in _TRUE | _FALSE:
        raise invalid(f"{field} must be true or false, not {shown(value)}")
    return word in _TRUE


def whole(low: int, high: int) -> Check:
    """Take a whole number from ``low`` to ``high``."""

    def check(field: str, value: Any) -> int:
        number = _number(value)
        if not isinstance(number, int) or not low <= number <= high:
            raise invalid(f"{field} must be a whole number from {low} to {high}, not {shown(value)}")
        return number

    return check


def seconds(low: float, high: float, why_not_zero: str = "") -> Check:
    """Take a number of seconds from ``low`` to ``high``; ``why_not_zero`` ends the error that 0 gives."""

    def check(field: str, value: Any) -> int | float:
        number = _number(value)
        if number is None or not low <= number <= high:
            reason = f": {why_not_zero}" if number == 0 and why_not_zero else ""
            raise invalid(f"{field} must be seconds from {low} to {high}, not {shown(value)}{reason}")
        return number

    return check


def _number(value: Any) -> int | float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def place(field: str, value: Any) -> str:
    """Take the name of a file or folder that need not exist; a leading ``~`` becomes the home folder."""
    return os.path.expanduser(text(field, value))


def folder(field: str, value: Any) -> str:
    """Take the name of a folder, which need not exist but must not be something else."""
    name = place(field, value)
    if os.path.exists(name) and not os.path.isdir(name):
        raise invalid(f"{field} must be a folder, and {shown(name)} is a file: name another place")
    return name


def file(field: str, value: Any) -> str:
    """Take the name of a file that can be read."""
    name = place(field, value)
    if not os.path.isfile(name):
        raise invalid(f"{field} must be a file, and {shown(name)} is none: correct the name")
    if not os.access(name, os.R_OK):
        raise invalid(f"{field}: this user may not read {shown(name)}: change the file's rights")
    return name


def host(field: str, value: Any) -> str:
    """Take a host name or an IP address, an IPv6 one with or without brackets."""
    name, port = _host_and_port(field, value)
    if port is not None:
        raise invalid(f"{field} has a port in it, {shown(value)}: write {field}: {name} and port: {port}")
    return name


def endpoint(field: str, value: Any) -> str:
    """Take ``host`` or ``host:port`` and give it back, an IPv6 address in brackets."""
    name, port = _host_and_port(field, value)
    bracketed = f"[{name}]" if ":" in name else name
    return bracketed if port is None else f"{bracketed}:{port}"


def split_endpoint(value: str) -> tuple[str, int | None]:
    """Take apart what ``endpoint`` gives: the host without brackets, and its port or None."""
    return _host_and_port("hosts", value)


def _host_and_port(field: str, value: Any) -> tuple[str, int | None]:
    if not isinstance(value, str):
        raise invalid(f"{field} must be a host name or an IP address, not {shown(value)}")
    if _is_ipv6(value):
        return value, None
    match = _HOST_AND_PORT.fullmatch(value)
    name = match["host"] if match else ""
    bare = name[1:-1]
    is_host = _is_ipv6(bare) if name.startswith("[") else _HOST.fullmatch(name)
    if not match or not is_host or "/" in value or "@" in value:
        # a URL may hold a password
        what = "" if "@" in value else f", not {shown(value)}"
        raise invalid(f"{field} must be a host name or an IP address alone (no URL, user or list){what}")
    port = None if match["port"] is None else whole(1, 65535)(f"the port in {field}", match["port"])
    return (bare if name.startswith("[") else name), port


def _is_ipv6(value: str) -> bool:
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return True


def section(checks: Mapping[str, Check], required: Iterable[str] = ()) -> Check:
    """Take a mapping with the fields of ``checks``; its errors name ``field.key``."""

    def check(field: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise invalid(f"{field} must be a mapping with {', '.join(checks)}, not {_kind(value)}")
        for key in value:
            if key not in checks:
                raise unknown(key, checks, f"{field}.")
        given = {key: checks[key](f"{field}.{key}", item) for key, item in value.items() if is_given(item)}
        missing = [key for key in required if key not in given]
        if missing:
            raise invalid(f"{field}.{missing[0]} is missing: add it")
        return given

    return check


def unknown(key: Any, known: Iterable[str], prefix: str = "") -> ValidationError:
    """Make the error for a field that is not among ``known``, which follow ``prefix`` in the profile."""
    names = sorted(known)
    near = difflib.get_close_matches(str(key).lower(), names, n=1, cutoff=0.7)
    if near:
        return mistaken(f"{prefix}{key}", f"{prefix}{near[0]}")
    remedy = f"{prefix[:-1]} has {', '.join(names)}" if prefix else "remove it (the README lists all fields)"
    return invalid(f"unknown profile field {shown(f'{prefix}{key}')}: {remedy}")


def mistaken(name: str, right: str) -> ValidationError:
    """Make the error for a field that is called ``right`` here."""
    return invalid(f"unknown profile field {shown(name)}: did you mean {right!r}?")


def _kind(value: Any) -> str:
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "a mapping")
