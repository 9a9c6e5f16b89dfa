"""How a profile field is declared: its check, default and help, and the connect option that it sets."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass
from typing import Any, Literal

from .values import Check, section

Group = Literal[
    "Server",
    "Embedded engine",
    "Login",
    "TLS",
    "SSH",
    "Opening connections",
    "Connection pool",
    "Session",
    "Cancelling",
    "Other",
]
"""Headings of the documentation, in its order."""

_KEY = "profile_field"


@dataclass(frozen=True)
class Option:
    """A field of a class in ``connect.options``. ``convert`` turns the value in the profile into the option's value."""

    owner: type
    name: str
    convert: Callable[[Any], Any] = lambda value: value

    @property
    def default(self) -> Any:
        """The default in the class, or MISSING."""
        found = {field.name: field.default for field in dataclasses.fields(self.owner)}
        return found[self.name]


@dataclass(frozen=True)
class ProfileField:
    """The declaration of a profile field, or of one key in a field that is a mapping (``keys``).

    ``option`` is None if the adapter reads the field itself. ``only_with`` lists fields of which one must be given
    too. A ``secret`` field is neither printed nor serialized. A field that is not ``printed`` does not appear in
    ``dbt debug`` and ``target``. ``default_text`` documents a default that is not a fixed value.
    """

    check: Check[Any]
    help: str
    option: Option | None = None
    group: Group = "Other"
    only_with: tuple[str, ...] = ()
    secret: bool = False
    printed: bool = True
    default_text: str = ""
    default: Any = None
    keys: Mapping[str, ProfileField] = dataclasses.field(default_factory=dict)

    @property
    def default_in_force(self) -> Any:
        """The value that applies if the field is not given, or None if there is no fixed one."""
        if self.default is None and self.option and self.option.default is not MISSING:
            return self.option.default
        return self.default


def profile_field(
    check: Check[Any],
    help: str,
    *,
    group: Group,
    option: Option | None = None,
    default: Any = MISSING,
    **others: Any,
) -> Any:
    """Return a dataclass field that carries a ``ProfileField``.

    Its default is that of ``option`` unless ``default`` is given. ``default=None`` keeps a field empty that is not in
    the profile, where a rule has to know whether it was given; the option still applies its own default. Every
    instance gets its own copy of a dict.
    """
    if default is MISSING:
        default = option.default if option else None
    declared = ProfileField(check, help, option, group, default=default, **others)
    metadata = {_KEY: declared}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=default.copy, repr=not declared.secret, metadata=metadata)
    return dataclasses.field(default=default, repr=not declared.secret, metadata=metadata)


def profile_section(
    keys: Mapping[str, ProfileField],
    help: str,
    *,
    group: Group,
    **others: Any,
) -> Any:
    """Return a dataclass field for a mapping with ``keys``. Keys whose options have no default are required."""
    required = [name for name, key in keys.items() if key.option and key.option.default is MISSING]
    check = section({name: key.check for name, key in keys.items()}, required)
    return profile_field(check, help, group=group, keys=keys, **others)


def declared_fields(fields_class: type) -> dict[str, ProfileField]:
    """Return the declarations of a dataclass by the names of the fields."""
    return {field.name: field.metadata[_KEY] for field in dataclasses.fields(fields_class)}


def option_values(fields: Mapping[str, ProfileField], values: Mapping[str, Any], owner: type) -> dict[str, Any]:
    """Return the arguments of ``owner``, a class of ``connect.options``, from the ``values`` of profile fields.

    Values that are None are left out, so that the default of the option applies.
    """
    found: dict[str, Any] = {}
    for name, field in fields.items():
        value = values.get(name)
        if value is None:
            continue
        if field.option and field.option.owner is owner:
            found[field.option.name] = field.option.convert(value)
        found |= option_values(field.keys, value, owner) if field.keys else {}
    return found
