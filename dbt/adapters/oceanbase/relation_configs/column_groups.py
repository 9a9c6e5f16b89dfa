"""The component of a table's column groups: the config ``column_groups``."""

from __future__ import annotations

from typing import Any

from .components import error

GROUPS = ("all columns", "each column")


def parse(place: str, value: Any) -> tuple[str, ...]:
    """Return the column groups of the config ``value``, in the order of ``GROUPS``. ``place`` is the config."""
    if value is None:
        return ()
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        raise error(place, f"{value!r} is no list", f"write one or both of {', '.join(GROUPS)}")
    found = {" ".join(str(each).lower().replace("_", " ").split()) for each in listed}
    if unknown := found - set(GROUPS):
        named = ", ".join(sorted(unknown))
        raise error(place, f"{named}: OceanBase has no groups but these", f"write one or both of {', '.join(GROUPS)}")
    return tuple(group for group in GROUPS if group in found)
