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
    """A field of a class of ``connect.options``. ``convert`` makes its value from the value in the profile."""

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
    """What is known of a profile field, or of one key of a field that is a mapping (``keys``).

    ``option`` is None if the adapter reads the field itself. ``only_with`` names the fields of which one has to be
    given too. A field that is ``secret`` is neither printed nor serialized; one that is not ``printed`` is missing
    in ``dbt debug`` and in ``target``. ``default_text`` describes a default that depends on other things.
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
        """The value that applies if the field is not given, or None."""
        if self.default is None and self.option and self.option.default is not MISSING:
            return self.option.default
        return self.default


def profile_field(
    check: Check[Any],
    help: str,  # the name that argparse and click have for it
    *,
    group: Group,
    option: Option | None = None,
    default: Any = MISSING,
    **others: Any,
) -> Any:
    """Return a dataclass field that carries a ``ProfileField``.

    Its default is ``default``, or that of ``option``. A field whose value matters only if it is given has the default
    None, even if the option has another. A dict as default is copied.
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
    help: str,  # as above
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
