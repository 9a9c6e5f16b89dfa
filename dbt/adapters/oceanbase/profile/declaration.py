"""The classes with which profile fields are declared: the check, the default and the help text of a field.

A declaration also names the connect option that the field sets.
"""

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
"""Headings in docs/profile.md, in the order of that page."""

_KEY = "profile_field"


@dataclass(frozen=True)
class Option:
    """A connect option: the field ``name`` of ``owner``, which is a dataclass in the module ``connect.options``.

    ``convert`` converts a profile value to the value of the option.
    """

    owner: type
    name: str
    convert: Callable[[Any], Any] = lambda value: value

    @property
    def default(self) -> Any:
        """The default of the option in its dataclass ``owner``, or ``dataclasses.MISSING`` if it is required."""
        found = {field.name: field.default for field in dataclasses.fields(self.owner)}
        return found[self.name]


@dataclass(frozen=True)
class ProfileField:
    """The declaration of a profile field, or of a key of a field whose value is a mapping.

    ``check`` checks the value and converts it, for example ``"10"`` to 10. ``help`` and ``group``, which is a heading,
    are for the documentation.
    ``option`` is the connect option that the field sets, or None if the adapter reads the field itself.
    If ``only_with`` names fields, this field may be given only together with one of them.
    If ``secret`` is true, the field is neither printed nor serialized.
    If ``printed`` is false, the field does not appear in ``dbt debug`` and in the variable ``target``.
    ``default`` is the value of a field that is not given. If it is None, the default of ``option`` applies.
    ``default_text`` describes the default in the documentation if it is not a fixed value.
    ``keys`` has the declarations of the keys if the value is a mapping.
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
        """The value that applies if the field is not given, or None if there is no fixed default.

        This is ``default``, or the default of ``option`` if ``default`` is None.
        """
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
    """Return a dataclass field that declares a profile field.

    Its metadata has a ``ProfileField`` with these arguments and ``others``. See ``ProfileField`` for their meaning.
    Without ``default``, it has the default of ``option``, or None if there is no option. With ``default=None``, a field
    that the profile does not give is None, so that a rule can find out whether it was given. The connection still uses
    the option's default for a None. If the default is a dict, each instance gets its own copy.
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
    """Return a dataclass field that declares a profile field whose value is a mapping with these ``keys``.

    A key is required if it sets a connection option that has no default. See ``profile_field`` for the other
    arguments.
    """
    required = [name for name, key in keys.items() if key.option and key.option.default is MISSING]
    check = section({name: key.check for name, key in keys.items()}, required)
    return profile_field(check, help, group=group, keys=keys, **others)


def declared_fields(fields_class: type) -> dict[str, ProfileField]:
    """Return the ``ProfileField`` of each field of the dataclass ``fields_class``, by field name."""
    return {field.name: field.metadata[_KEY] for field in dataclasses.fields(fields_class)}


def option_values(fields: Mapping[str, ProfileField], values: Mapping[str, Any], owner: type) -> dict[str, Any]:
    """Return the keyword arguments for ``owner``, a class in ``connect.options``, from values of profile fields.

    ``fields`` and ``values`` map field names to declarations and to values. The result has the names of the options and
    the values as ``Option.convert`` returns them. If the value of a field is a mapping, each of its keys is treated
    like a field. Fields that set no option of ``owner`` are left out. A value of None is left out as well, so that the
    default in ``owner`` applies.
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
