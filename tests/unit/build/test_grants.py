"""Grants: the difference between config and server, and the adapter's declared capabilities."""

from __future__ import annotations

from typing import Any

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


@pytest.mark.parametrize(
    "privilege", ["all", "ALL PRIVILEGES", "grant option", "select, insert", "select (id)", "", 7, None]
)
def test_a_privilege_that_the_server_lists_otherwise_is_refused(privilege: Any) -> None:
    with pytest.raises(DbtRuntimeError, match="grants:"):
        grants.configured_grants({privilege: ["bob"]})


@pytest.mark.parametrize(
    ("grantees", "text"),
    [
        ([None], "grants: select: None is no text: write the name in quotes, or [] to revoke"),
        ([1001], "grants: select: 1001 is no text"),
        (1001, "grants: select: 1001 is no text"),
        ({"bob": 1}, "grants: select: {'bob': 1} is no text"),
        ([["bob"]], "grants: select: ['bob'] is no text"),
        (["bob", ""], "grants: select: '' names nobody: write name or name@host"),
        ("@localhost", "grants: select: '@localhost' names nobody"),
        ("bob@", "grants: select: 'bob@' names nobody"),
    ],
)
def test_a_grantee_that_names_nobody_is_refused(grantees: Any, text: str) -> None:
    with pytest.raises(DbtRuntimeError) as raised:
        grants.configured_grants({"select": grantees})
    assert raised.value.msg.startswith(text)


def test_no_grantees_are_accepted() -> None:
    assert grants.configured_grants({"select": []}) == {"select": []}


@pytest.mark.parametrize("capability", Capability)
def test_every_capability_is_declared(capability: Capability) -> None:
    assert OceanBaseAdapter.capabilities()[capability].support is not Support.Unknown
