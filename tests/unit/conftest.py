"""Unit tests do not depend on the settings of the user who runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

OF_THE_USER = ("DBT_", "GIT_")


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_user() -> Iterator[None]:
    """Remove environment variables by which dbt or git would use other folders, targets or options."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(OF_THE_USER) and name != "DBT_SEND_ANONYMOUS_USAGE_STATS":
                patch.delenv(name)
        yield
