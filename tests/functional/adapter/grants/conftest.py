"""The users that dbt's suite grants privileges to exist while the tests of this folder run."""

from __future__ import annotations

from support.grant_users import test_users as test_users
