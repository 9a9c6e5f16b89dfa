"""Grants: the difference between config and server, and the adapter's declared capabilities."""

from __future__ import annotations

import pytest
from dbt.adapters.capability import Capability, Support
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.oceanbase.build import grants
from dbt.adapters.oceanbase.impl import OceanBaseAdapter


def test_names_of_users_are_case_sensitive() -> None:
    wanted = grants.configured_grants({"Select": ["bob", "Bob", "bob"], "show  view": "bob"})

    assert wanted == {"select": ["bob", "Bob"], "show view": ["bob"]}
    assert grants.difference(wanted, {"select": ["bob"]}) == {"select": ["Bob"], "show view": ["bob"]}
    assert grants.difference({"select": ["BOB"]}, wanted) == {"select": ["BOB"]}


@pytest.mark.parametrize("privilege", ["all", "ALL PRIVILEGES", "grant option", "select, insert", "select (id)", ""])
def test_a_privilege_that_the_server_lists_otherwise_is_refused(privilege: str) -> None:
    with pytest.raises(DbtRuntimeError, match="grants:"):
        grants.configured_grants({privilege: ["bob"]})


@pytest.mark.parametrize("capability", Capability)
def test_every_capability_is_declared(capability: Capability) -> None:
    assert OceanBaseAdapter.capabilities()[capability].support is not Support.Unknown
