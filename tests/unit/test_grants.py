"""Grants: spellings of grantees, and what is to be changed between config and server."""

from __future__ import annotations

import pytest
from dbt.adapters.capability import Capability, Support
from dbt_common.exceptions import DbtRuntimeError
from hypothesis import given
from hypothesis import strategies as st

from dbt.adapters.oceanbase import grants
from dbt.adapters.oceanbase.impl import OceanBaseAdapter


@pytest.mark.parametrize(
    ("written", "user", "host"),
    [
        ("reader", "reader", "%"),
        ("reader@10.0.0.%", "reader", "10.0.0.%"),
        ("'reader'@'%'", "reader", "%"),
        ("`x@y`", "x@y", "%"),
        ('"it\'s"@localhost', "it's", "localhost"),
        ("'it''s'", "it's", "%"),
        ("it's", "it's", "%"),
        ("", "", "%"),
    ],
)
def test_a_grantee_as_people_write_it(written: str, user: str, host: str) -> None:
    assert grants.account(written) == (user, host)


@given(st.text(max_size=8), st.sampled_from(["%", "localhost", "10.0.0.%", "::1"]))
def test_the_normal_name_is_read_back(user: str, host: str) -> None:
    assert grants.account(grants.normal_name(user, host)) == (user, host)


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
