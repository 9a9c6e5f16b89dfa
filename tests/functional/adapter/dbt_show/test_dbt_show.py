"""dbt-tests-adapter, folder ``dbt_show``."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.dbt_show.test_dbt_show import (
    BaseShowDoesNotHandleDoubleLimit,
    BaseShowLimit,
    BaseShowSqlHeader,
)

pytestmark = pytest.mark.any_kernel


class TestShowLimit(BaseShowLimit):
    pass


class TestShowSqlHeader(BaseShowSqlHeader):
    pass


class TestShowDoesNotHandleDoubleLimit(BaseShowDoesNotHandleDoubleLimit):
    # override: left to adapters: the text of a syntax error, of which pytest may shorten the rest
    DATABASE_ERROR_MESSAGE = "(1064, "
