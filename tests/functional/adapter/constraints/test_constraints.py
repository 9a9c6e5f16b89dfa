"""dbt-tests-adapter, folder ``constraints``."""

from __future__ import annotations

import pytest
from dbt.tests.adapter.constraints import fixtures
from dbt.tests.adapter.constraints import test_constraints as suite
from support.dialect import in_dialect

TIMESTAMP = "cast('2013-11-03 00:00:00' as datetime(6))"
DATA_TYPES = [
    # the value, the type in the contract, the type in the error message
    ["1", "int", "bigint"],
    ["'1'", "text", "varchar(1)"],
    [TIMESTAMP, "timestamp", "datetime(6)"],
    ["cast('2013-11-03' as date)", "date", "date"],
    ["cast(1 as decimal(10, 2))", "numeric(12, 2)", "decimal(10,2)"],
    ["unhex('00')", "blob", "varbinary"],
    ['cast(\'{"bar": "baz", "balance": 7.77, "active": false}\' as json)', "json", "json"],
]
TABLE = """
create table <model_identifier> (
    `id` int not null,
    `color` text,
    `date_day` text,
    {constraints}
) as select
    `id`,
    `color`,
    `date_day`
from (
    -- depends_on: <foreign_key_model_identifier>
    select 'blue' as color, 1 as id, '2019-01-01' as date_day
) as model_subq
"""
OF_COLUMNS = (
    "primary key (`id`), check ((id > 0)), check (id >= 1), "
    "foreign key (`id`) references <foreign_key_model_identifier> (`id`), unique (`id`)"
)
OF_MODEL = (
    "check ((id > 0)), check (id >= 1), primary key (`id`), "
    "constraint `strange_uniqueness_requirement` unique (`color`, `date_day`), "
    "foreign key (`id`) references <foreign_key_model_identifier> (id)"
)
HEADER = (
    ("set session time zone 'Asia/Kolkata'", "set time_zone = '+05:30'"),
    ("current_setting('timezone')", "@@time_zone"),
)


class ColumnsEqual:
    # override: left to adapters: the server's types and their spelling
    @pytest.fixture
    def data_types(self) -> list[list[str]]:
        return DATA_TYPES

    # override: left to adapters: the type's spelling in an error message
    @pytest.fixture
    def int_type(self) -> str:
        return "int"

    # override: left to adapters: the type's spelling in an error message
    @pytest.fixture
    def string_type(self) -> str:
        return "text"


class TestTableConstraintsColumnsEqual(ColumnsEqual, suite.BaseTableConstraintsColumnsEqual):
    pass


class TestViewConstraintsColumnsEqual(ColumnsEqual, suite.BaseViewConstraintsColumnsEqual):
    pass


class TestIncrementalConstraintsColumnsEqual(ColumnsEqual, suite.BaseIncrementalConstraintsColumnsEqual):
    pass


class RuntimeDdlEnforcement:
    # override: left to adapters: the server's CREATE TABLE
    @pytest.fixture(scope="class")
    def expected_sql(self) -> str:
        return TABLE.format(constraints=OF_COLUMNS)


class TestTableConstraintsRuntimeDdlEnforcement(RuntimeDdlEnforcement, suite.BaseConstraintsRuntimeDdlEnforcement):
    pass


class TestIncrementalConstraintsRuntimeDdlEnforcement(
    RuntimeDdlEnforcement, suite.BaseIncrementalConstraintsRuntimeDdlEnforcement
):
    pass


class TestModelConstraintsRuntimeEnforcement(suite.BaseModelConstraintsRuntimeEnforcement):
    # override: dialect: a column of type TEXT cannot be part of a key
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        keyed = in_dialect(fixtures.constrained_model_schema_yml, ("data_type: text", "data_type: varchar(20)"))
        return {
            "my_model.sql": fixtures.my_model_wrong_order_depends_on_fk_sql,
            "foreign_key_model.sql": fixtures.foreign_key_model_sql,
            "constraints_schema.yml": keyed,
        }

    # override: left to adapters: the server's CREATE TABLE
    @pytest.fixture(scope="class")
    def expected_sql(self) -> str:
        return TABLE.format(constraints=OF_MODEL).replace(" text", " varchar(20)")


class Rollback:
    # override: left to adapters: the server's error messages
    @pytest.fixture(scope="class")
    def expected_error_messages(self) -> list[str]:
        return ["1048", "cannot be null"]


class TestTableConstraintsRollback(Rollback, suite.BaseConstraintsRollback):
    pass


class TestIncrementalConstraintsRollback(Rollback, suite.BaseIncrementalConstraintsRollback):
    pass


class TestTableContractSqlHeader(suite.BaseTableContractSqlHeader):
    # override: dialect: SET SESSION TIME ZONE and current_setting() are PostgreSQL's
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "my_model_contract_sql_header.sql": in_dialect(fixtures.my_model_contract_sql_header_sql, *HEADER),
            "constraints_schema.yml": fixtures.model_contract_header_schema_yml,
        }


class TestIncrementalContractSqlHeader(suite.BaseIncrementalContractSqlHeader):
    # override: dialect: SET SESSION TIME ZONE and current_setting() are PostgreSQL's
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        model = fixtures.my_model_incremental_contract_sql_header_sql
        return {
            "my_model_contract_sql_header.sql": in_dialect(model, *HEADER),
            "constraints_schema.yml": fixtures.model_contract_header_schema_yml,
        }


class TestConstraintQuotedColumn(suite.BaseConstraintQuotedColumn):
    # override: dialect: names are quoted by backticks
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "my_model.sql": fixtures.my_model_with_quoted_column_name_sql,
            "constraints_schema.yml": fixtures.model_quoted_column_schema_yml.replace('("from"', "(`from`"),
        }

    # override: left to adapters: the server's CREATE TABLE
    @pytest.fixture(scope="class")
    def expected_sql(self) -> str:
        return """
create table <model_identifier> (
    `id` int not null,
    `from` text not null,
    `date_day` text,
    check ((`from` = 'blue'))
) as select `id`, `from`, `date_day`
from (
    select 'blue' as `from`, 1 as id, '2019-01-01' as date_day
) as model_subq
"""


class TestIncrementalForeignKeyConstraint(suite.BaseIncrementalForeignKeyConstraint):
    pass
