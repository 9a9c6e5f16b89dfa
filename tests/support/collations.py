"""The collations of a session with which some tests repeat what dbt does, on each kernel."""

from __future__ import annotations

from typing import Any

import pytest

SESSIONS = {"1.4": ("utf8mb4_bin",)}
OTHER_SESSIONS = ("utf8mb4_bin", "utf8mb4_unicode_ci", "utf8mb4_0900_ai_ci")
"""Collations other than the default one. Kernel 1.4 knows no others of utf8mb4 than the default one and ``_bin``."""


def for_each_collation(metafunc: pytest.Metafunc) -> None:
    """Run the classes whose fixtures use ``collation`` once for each collation that the kernel knows."""
    if "collation" in metafunc.fixturenames:
        known = SESSIONS.get(metafunc.config.getoption("--kernel"), OTHER_SESSIONS)
        metafunc.parametrize("collation", known, scope="class")


class InEachSession:
    """A class of tests whose dbt session has the fixture ``collation``, and whose schema has a capital letter."""

    @pytest.fixture(scope="class")
    def dbt_profile_target(self, dbt_profile_target: dict[str, Any], collation: str) -> dict[str, Any]:
        return {**dbt_profile_target, "collation": collation}

    @pytest.fixture(scope="class")
    def unique_schema(self, unique_schema: str) -> str:
        return unique_schema.replace("test", "Test", 1)
