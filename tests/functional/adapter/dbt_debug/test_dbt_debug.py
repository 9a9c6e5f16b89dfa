"""dbt-tests-adapter, folder ``dbt_debug``."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.dbt_debug.test_dbt_debug import (
    BaseDebugInvalidProjectPostgres,
    BaseDebugPostgres,
    BaseDebugProfileVariable,
)

pytestmark = pytest.mark.any_kernel


class BrokenTargets:
    """Three targets in addition to the working one: without a user, with an unknown user, and without any field."""

    # override: left to adapters: the targets that the tests use
    @pytest.fixture(scope="class")
    def dbt_profile_data(self, unique_schema: str, dbt_profile_target: dict[str, Any]) -> dict[str, Any]:
        good = {**dbt_profile_target, "schema": unique_schema}
        return {
            "test": {
                "outputs": {
                    "default": good,
                    "nopass": {name: value for name, value in good.items() if name != "user"},
                    "wronguser": {**good, "user": "nobody_of_this_name"},
                    "none_target": None,
                },
                "target": "default",
            }
        }


class TestDebug(BrokenTargets, BaseDebugPostgres):
    pass


class TestDebugProfileVariable(BrokenTargets, BaseDebugProfileVariable, BaseDebugPostgres):
    pass


class TestDebugInvalidProject(BaseDebugInvalidProjectPostgres):
    pass
