"""The collations of a session with which some tests repeat what dbt does, on each kernel."""

from __future__ import annotations

import pytest

SESSIONS = {"1.4": ("utf8mb4_bin",)}
OTHER_SESSIONS = ("utf8mb4_bin", "utf8mb4_unicode_ci", "utf8mb4_0900_ai_ci")
"""Collations other than the default one. Kernel 1.4 knows no others of utf8mb4 than the default one and ``_bin``."""


def for_each_collation(metafunc: pytest.Metafunc) -> None:
    """Run the classes whose fixtures use ``collation`` once for each collation that the kernel knows."""
    if "collation" in metafunc.fixturenames:
        known = SESSIONS.get(metafunc.config.getoption("--kernel"), OTHER_SESSIONS)
        metafunc.parametrize("collation", known, scope="class")
