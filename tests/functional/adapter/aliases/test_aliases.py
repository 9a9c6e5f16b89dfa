"""dbt-tests-adapter, folder ``aliases``."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.aliases import fixtures
from dbt.tests.adapter.aliases.test_aliases import (
    BaseAliasErrors,
    BaseAliases,
    BaseSameAliasDifferentDatabases,
    BaseSameAliasDifferentSchemas,
)

STRING_LITERAL = """
{% macro oceanbase__string_literal(s) %}
  cast('{{ s }}' as char(64))
{% endmacro %}
"""


class LiteralMacros:
    # override: dialect: there is no :: operator; the macro is dispatched, so an oceanbase__ version is added
    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, str]:
        return {
            "cast.sql": fixtures.MACROS__CAST_SQL,
            "oceanbase_cast.sql": STRING_LITERAL,
            "expect_value.sql": fixtures.MACROS__EXPECT_VALUE_SQL,
        }


class TestAliases(LiteralMacros, BaseAliases):
    pass


class TestAliasErrors(LiteralMacros, BaseAliasErrors):
    pass


class TestSameAliasDifferentSchemas(LiteralMacros, BaseSameAliasDifferentSchemas):
    pass


class TestSameAliasDifferentDatabases(LiteralMacros, BaseSameAliasDifferentDatabases):
    pass
