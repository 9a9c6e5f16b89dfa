"""Checks of single profile values. Numbers and booleans may be given as text, since ``env_var`` returns text.

The parameters ``field`` and ``value`` of a check are the name of the profile field and the given value.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dbt_common.dataclass_schema import ValidationError

from ..connect.errors import one_line

Value = TypeVar("Value")

MAX_TEXT = 215
"""Maximum number of characters of an error's text.

dbt puts the names of profile and target before it, and the whole line must not be longer than 300 characters.
"""

_MAX_SHOWN = 50
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_LOGIN = re.compile(r"//.*@", re.DOTALL)
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_HOST = re.compile(r"[\w.-]+")
_HOST_AND_PORT = re.compile(r"(?P<host>\[[^]]*\]|[^:]*)(?::(?P<port>.*))?")


@dataclass(frozen=True)
class Check(Generic[Value]):
    """A check of one profile value. ``values`` describes the accepted values in the documentation.

    A check is called with the name of the field and the given value. It returns the value as the adapter uses it, for
    example the number 10 for the text ``"10"``. If the value is not accepted, it raises ``ValidationError``, whose text
    has the name of the field.
    """

    values: str
    function: Callable[[str, Any], Value]

    def __call__(self, field: str, value: Any) -> Value:
        return self.function(field, value)


def accepts(values: str) -> Callable[[Callable[[str, Any], Value]], Check[Value]]:
    """Return a decorator that makes a ``Check`` of a function.

    ``values`` describes the values that the function accepts, for the documentation.
    """
    return lambda function: Check(values, function)


def invalid(text: str) -> ValidationError:
    """Return the error that dbt shows as ``Credentials in profile "p", target "t" invalid: <text>``.

    The error is a ``ValidationError``, because dbt adds further lines to all other exceptions. ``text`` is shortened to
    one line of at most MAX_TEXT characters. It must name the field, the rule and the remedy, and must not contain a
    secret.
    """
    return ValidationError(one_line(text, MAX_TEXT))


def shown(value: Any) -> str:
    """Return the ``repr`` of ``value`` for an error message. If it is longer than 50 characters, its end is cut off.

    The login in a URL is replaced by stars, because it may contain a password.
    """
    text = _LOGIN.sub("//***@", repr(value))
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 3]}..."


def is_given(value: Any) -> bool:
    """Check whether ``value`` is neither None nor an empty text.

    An unset environment variable or an unanswered question of ``dbt init`` may result in an empty text.
    """
    return value is not None and value != ""


@accepts("text")
def secret(field: str, value: Any) -> str:
    """Return ``value`` unchanged. Raise ValidationError if it is not text.

    The error names ``field``, the profile field, but does not show ``value``.
    """
    if not isinstance(value, str):
        raise invalid(f"{field} must be text, but YAML reads it as {_kind(value)}: put it in quotes")
    return value


@accepts("a list: program and arguments")
def command(field: str, value: Any) -> list[str]:
    """Return ``value``, a program and its arguments, which are run without a shell.

    Raise ValidationError if ``value`` is not a list of texts, or if the list or one of its texts is empty. Also raise
    it if the list is a single text with blanks, unless a file has this name: the text is a whole command line then. The
    error names ``field``, the profile field, but does not show ``value``, which may contain a password.
    """
    words = list(value) if isinstance(value, (list, tuple)) else []
    if not words or not all(isinstance(word, str) and word for word in words):
        raise invalid(f"{field} must be a list of texts, as no shell reads it: [program, argument]")
    if len(words) == 1 and len(words[0].split()) != 1 and not os.path.exists(words[0]):
        text = f"{field} is a list of one text with blanks, and no file has this name"
        raise invalid(f"{text}: write each word as an item of its own, as no shell reads it: [program, argument]")
    return words


@accepts("text")
def text(field: str, value: Any) -> str:
    """Return ``value``, a text, unchanged.

    Raise ValidationError if it is not text, has control characters, or begins or ends with blanks. An empty text is
    accepted. ``field`` is the name of the profile field, for the error.
    """
    if not isinstance(value, str):
        raise invalid(f"{field} must be text, but {shown(value)} is {_kind(value)}: put it in quotes")
    if value != value.strip() or not value.isprintable():
        raise invalid(f"{field} must not begin or end with blanks, or hold control characters: {shown(value)}")
    return value


def matching(pattern: str, rule: str, values: str = "") -> Check[str]:
    """Return a check for text that the regular expression ``pattern`` matches completely.

    The check returns the text unchanged, and raises ValidationError for anything else. ``rule`` describes the accepted
    text in the error, after the words ``must be``. ``values`` describes it in the documentation. If ``values`` is
    empty, ``rule`` is used for both.
    """
    compiled = re.compile(pattern)

    @accepts(values or rule)
    def check(field: str, value: Any) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise invalid(f"{field} must be {rule}, not {shown(value)}")
        return value

    return check


def one_of(*allowed: str) -> Check[str]:
    """Return a check for one of the ``allowed`` words, which are in lower case.

    The check accepts a word in any case and returns it in lower case. It raises ValidationError for anything else.
    """

    @accepts(", ".join(f"`{word}`" for word in allowed))
    def check(field: str, value: Any) -> str:
        word = value.lower() if isinstance(value, str) else None
        if word not in allowed:
            raise invalid(f"{field} must be one of {', '.join(allowed)}, not {shown(value)}")
        return word

    return check


@accepts("true or false")
def boolean(field: str, value: Any) -> bool:
    """Return ``value`` as a boolean. It may be given as text or as the number 1 or 0.

    The texts are ``true``, ``yes``, ``on``, ``1``, ``false``, ``no``, ``off`` and ``0`` in any case. Raise
    ValidationError for any other value. ``field`` is the name of the profile field, for the error.
    """
    word = str(value).lower()
    if isinstance(value, float) or word not in _TRUE | _FALSE:
        raise invalid(f"{field} must be true or false, not {shown(value)}")
    return word in _TRUE


def whole_number(low: int, high: int) -> Check[int]:
    """Return a check for a whole number from ``low`` to ``high``, which may be given as text, such as ``"8"``.

    Both limits are accepted. The check returns the number, and raises ValidationError for anything else, such as 8.0.
    """

    @accepts(f"whole number from {low} to {high}")
    def check(field: str, value: Any) -> int:
        number = _number(value)
        if not isinstance(number, int) or not low <= number <= high:
            raise invalid(f"{field} must be a whole number from {low} to {high}, not {shown(value)}")
        return number

    return check


def seconds(low: float, high: float, why_not_zero: str = "") -> Check[int | float]:
    """Return a check for a number of seconds from ``low`` to ``high``, which may be given as text, such as ``"0.5"``.

    Both limits are accepted. The check returns the number, and raises ValidationError for anything else. If the value
    is 0 and not permitted, the error's text ends with ``why_not_zero``.
    """

    @accepts(f"seconds from {low} to {high}")
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


@accepts("a file name")
def file_name(field: str, value: Any) -> str:
    """Return ``value``, the name of a file or folder that need not exist, with the home folder for a leading ``~``.

    A relative name stays relative. Raise ValidationError if ``value`` is not text, has control characters, or begins or
    ends with blanks. ``field`` is the name of the profile field, for the error.
    """
    return os.path.expanduser(text(field, value))


@accepts("a folder")
def folder(field: str, value: Any) -> str:
    """Return ``value``, the name of a folder, with the home folder for a leading ``~``. The folder need not exist.

    A relative name stays relative. Raise ValidationError if the name belongs to a file, is no text, has control
    characters, or begins or ends with blanks. ``field`` is the name of the profile field, for the error.
    """
    name = file_name(field, value)
    if os.path.exists(name) and not os.path.isdir(name):
        raise invalid(f"{field} must be a folder, and {shown(name)} is a file: name another place")
    return name


@accepts("a readable file")
def file(field: str, value: Any) -> str:
    """Return ``value``, the name of a file, with the home folder for a leading ``~``.

    A relative name stays relative. Raise ValidationError if there is no such file, if this user may not read it, or if
    ``value`` is no text, has control characters, or begins or ends with blanks. ``field`` is the name of the profile
    field, for the error.
    """
    name = file_name(field, value)
    if not os.path.isfile(name):
        raise invalid(f"{field} must be a file, and {shown(name)} is none: correct the name")
    if not os.access(name, os.R_OK):
        raise invalid(f"{field}: this user may not read {shown(name)}: change the file's rights")
    return name


@accepts("host name or IP address")
def host_name(field: str, value: Any) -> str:
    """Return ``value``, a host name or an IP address. Brackets around an IPv6 address are removed.

    Raise ValidationError for anything else, such as a URL, and also if a port is given. ``field`` is the name of the
    profile field, for the error.
    """
    name, port = _host_and_port(field, value)
    if port is not None:
        raise invalid(f"{field} has a port in it, {shown(value)}: write {field}: {name} and port: {port}")
    return name


def endpoint(field: str, value: Any) -> str:
    """Return ``value``, which is ``host`` or ``host:port``, with brackets around an IPv6 address.

    No port is added: ``ob1`` stays ``ob1``, and ``::1`` becomes ``[::1]``. Raise ValidationError for anything else,
    such as a URL. ``field`` is the name of the profile field, for the error.
    """
    name, port = _host_and_port(field, value)
    bracketed = f"[{name}]" if ":" in name else name
    return bracketed if port is None else f"{bracketed}:{port}"


def split_endpoint(value: str) -> tuple[str, int | None]:
    """Return the host, without brackets, and the port of ``value``, a result of ``endpoint``.

    The port is None if ``value`` has none. Raise ValidationError if ``value`` is no result of ``endpoint``.
    """
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
        # a URL may contain a password, so a value with an @ is not shown
        what = "" if "@" in value else f", not {shown(value)}"
        raise invalid(f"{field} must be a host name or an IP address alone (no URL, user or list){what}")
    port = None if match["port"] is None else whole_number(1, 65535)(f"the port in {field}", match["port"])
    return (bare if name.startswith("[") else name), port


def _is_ipv6(value: str) -> bool:
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return True


def section(checks: Mapping[str, Check[Any]], required: Iterable[str] = ()) -> Check[dict[str, Any]]:
    """Return a check for a mapping. ``checks`` has the permitted keys, each with the check of its value.

    ``required`` lists the keys that must be given. The check returns a dict of the converted values, without keys whose
    value is None or an empty text. It raises ValidationError for another type, an unknown key, a missing key or a wrong
    value. Errors name a key as ``field.key``.
    """

    @accepts("a mapping, see below")
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
    """Return the error for ``key``, which is not among the ``known`` fields. It suggests a similar name, if any.

    ``prefix`` is empty, or the name of a section with a dot, such as ``pool.``.
    """
    names = sorted(known)
    near = difflib.get_close_matches(str(key).lower(), names, n=1, cutoff=0.7)
    if near:
        return misnamed(f"{prefix}{key}", f"{prefix}{near[0]}")
    remedy = f"{prefix[:-1]} has {', '.join(names)}" if prefix else "remove it (docs/profile.md lists all fields)"
    return invalid(f"unknown profile field {shown(f'{prefix}{key}')}: {remedy}")


def misnamed(name: str, right: str) -> ValidationError:
    """Return the error for ``name``, a profile field that does not exist. It suggests the field ``right``."""
    return invalid(f"unknown profile field {shown(name)}: did you mean {right!r}?")


def _kind(value: Any) -> str:
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "a mapping")
