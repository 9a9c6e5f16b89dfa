"""dbt-tests-adapter, folder ``empty``."""

from __future__ import annotations

import pytest
from dbt.cli.main import cli
from dbt.tests.adapter.empty import test_empty

pytestmark = pytest.mark.any_kernel

SEED_TAKES_EMPTY = "empty" in {parameter.name for parameter in cli.commands["seed"].params}


class TestEmpty(test_empty.BaseTestEmpty):
    pass


class TestEmptyInlineSourceRef(test_empty.BaseTestEmptyInlineSourceRef):
    pass


if SEED_TAKES_EMPTY:  # dbt-core 1.12

    class TestEmptySeedFlag(test_empty.BaseTestEmptySeedFlag):
        pass


class TestMetadataWithEmptyFlag(test_empty.MetadataWithEmptyFlag):
    pass
