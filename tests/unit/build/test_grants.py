"""Grants: spellings of grantees, and what is to be changed between config and server."""

from __future__ import annotations

import pytest
from dbt.adapters.capability import Capability, Support
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.oceanbase.build import grants
from dbt.adapters.oceanbase.impl import OceanBaseAdapter


def test_changes_tell_users_apart_by_case() -> None:
    wanted = grants.wanted({"Select": ["bob", "Bob", "bob"], "show  view": "bob"})

    assert wanted == {"select": ["bob", "Bob"], "show view": ["bob"]}
    assert grants.difference(wanted, {"select": ["bob"]}) == {"select": ["Bob"], "show view": ["bob"]}
    assert grants.difference({"select": ["BOB"]}, wanted) == {"select": ["BOB"]}


@pytest.mark.parametrize("privilege", ["all", "ALL PRIVILEGES", "grant option", "select, insert", "select (id)", ""])
def test_what_the_server_does_not_list_so_is_refused(privilege: str) -> None:
    with pytest.raises(DbtRuntimeError, match="grants:"):
        grants.wanted({privilege: ["bob"]})


@pytest.mark.parametrize("capability", Capability)
def test_every_capability_is_declared(capability: Capability) -> None:
    assert OceanBaseAdapter.capabilities()[capability].support is not Support.Unknown
