"""Times as typed literals."""

from __future__ import annotations

import pytest

from dbt.adapters.oceanbase.sql.event_time import typed_moment


@pytest.mark.parametrize(
    ("expression", "typed"),
    [
        ("'9999-12-31'", "date '9999-12-31'"),
        (' "9999-12-31" ', 'date "9999-12-31"'),
        ("'9999-12-31 23:59:59.999999'", "timestamp '9999-12-31 23:59:59.999999'"),
        ("'9999-12-31T00:00:00'", "timestamp '9999-12-31T00:00:00'"),
        ("cast('9999-12-31' as datetime(6))", "cast('9999-12-31' as datetime(6))"),
        ("date '9999-12-31'", "date '9999-12-31'"),
        ("'9999-12-31' + interval 1 day", "'9999-12-31' + interval 1 day"),
        ("'open'", "'open'"),
        ("99991231", "99991231"),
        ("null", "null"),
    ],
)
def test_typed_moment(expression: str, typed: str) -> None:
    assert typed_moment(expression) == typed
