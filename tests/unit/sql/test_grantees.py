"""Grantees: the spellings that users write, and the canonical one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt.adapters.oceanbase.sql import grantees


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
    assert grantees.account(written) == (user, host)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine may take long for any example
@given(st.text(max_size=8), st.sampled_from(["%", "localhost", "10.0.0.%", "::1"]))
def test_the_canonical_name_is_read_back(user: str, host: str) -> None:
    assert grantees.account(grantees.canonical_name(user, host)) == (user, host)
