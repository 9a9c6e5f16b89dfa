"""dbt calls the replacement of an adapter method, while it parses a project, without the adapter."""

from __future__ import annotations

import inspect

import pytest

from dbt.adapters.oceanbase.impl import OceanBaseAdapter

REPLACED = {
    name: replacement
    for name, replacement in OceanBaseAdapter._parse_replacements_.items()
    if getattr(OceanBaseAdapter, name).__module__.startswith("dbt.adapters.oceanbase")
}


@pytest.mark.parametrize("name", sorted(REPLACED))
def test_a_replacement_takes_the_arguments_of_its_method(name: str) -> None:
    _, *parameters = inspect.signature(getattr(OceanBaseAdapter, name)).parameters.values()
    by_position = [each.name for each in parameters if each.default is each.empty and each.kind != each.VAR_POSITIONAL]
    inspect.signature(REPLACED[name]).bind(*by_position)
    inspect.signature(REPLACED[name]).bind(**{each.name: each.name for each in parameters})
