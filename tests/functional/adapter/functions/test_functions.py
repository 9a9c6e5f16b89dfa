"""dbt-tests-adapter, folder ``functions``."""

from __future__ import annotations

from dbt.tests.adapter.functions import test_udfs as suite
from dbt_common.events.base_types import EventMsg


class Udf:
    # override: dialect: there is no CREATE OR REPLACE FUNCTION
    def is_function_create_event(self, event: EventMsg) -> bool:
        return event.data.node_info.node_name == "price_for_xlarge" and "create function" in event.data.sql


class TestUDFsBasic(Udf, suite.UDFsBasic):
    pass


class TestDeterministicUDF(Udf, suite.DeterministicUDF):
    # override: left to adapters: the keyword in CREATE FUNCTION
    def check_function_volatility(self, sql: str) -> None:
        assert "deterministic" in sql
        assert "not deterministic" not in sql


class TestStableUDF(Udf, suite.StableUDF):
    # override: left to adapters: the keyword in CREATE FUNCTION
    def check_function_volatility(self, sql: str) -> None:
        assert "not deterministic" in sql


class TestNonDeterministicUDF(Udf, suite.NonDeterministicUDF):
    # override: left to adapters: the keyword in CREATE FUNCTION
    def check_function_volatility(self, sql: str) -> None:
        assert "not deterministic" in sql


class TestErrorForUnsupportedType(Udf, suite.ErrorForUnsupportedType):
    pass


class TestPythonUDFNotSupported(Udf, suite.PythonUDFNotSupported):
    pass


class TestPythonUDFRuntimeVersionRequired(Udf, suite.PythonUDFRuntimeVersionRequired):
    pass


class TestPythonUDFEntryPointRequired(Udf, suite.PythonUDFEntryPointRequired):
    pass


class TestSqlUDFDefaultArgSupport(Udf, suite.SqlUDFDefaultArgSupport):
    pass


class TestCanFindScalarFunctionRelation(Udf, suite.CanFindScalarFunctionRelation):
    pass
