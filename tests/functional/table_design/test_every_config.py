"""The example of each config in docs/configs.md works on the kernels that the page names, and is refused on others."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from dbt.tests.util import run_dbt
from support.config_page import ALL_FIELDS
from support.outside import Database

from dbt.adapters.oceanbase.config_fields import MODELS, ConfigField

_ROW = "select 1 as id, cast('2026-01-01' as datetime) as at, cast('a' as char(10)) as word"
_QUERIES = {
    "view": "select id, at, word from {{ ref('rows_to_read') }} where id > 0",
    "materialized_view": "select word, count(*) as n from {{ ref('rows_to_read') }} group by word",
}
_BY_CASE = "columns: [{name: word, data_tests: [{unique: {config: {collation: server}}}]}]"


def kind_of(field: ConfigField) -> str:
    """Return the kind of model with which the example is tried: that which it needs, or the first one."""
    return next((kind for kind in field.kinds if kind in MODELS), "test")


def model(name: str, field: ConfigField) -> str:
    """Return a model, or a data test, with the example of the config ``name``."""
    kind = kind_of(field)
    made = {} if kind == "test" else {"materialized": kind}
    configs = {**made, **yaml.safe_load(field.needs), **yaml.safe_load(field.example)}
    query = f"{_ROW} from dual where false" if kind == "test" else _QUERIES.get(kind, _ROW)
    return f"{{{{ config(**{configs!r}) }}}}\n{query}"


TRIED = {
    name: field
    for name, field in ALL_FIELDS.items()
    if name != "collation" and {*field.kinds} & {*MODELS, "test"}  # others need more than a query
}

EFFECTS: dict[str, tuple[str, object]] = {
    "primary_key": (
        "select column_name from information_schema.statistics where table_schema = '{s}' "
        "and table_name = 'of_primary_key' and index_name = 'PRIMARY'",
        "id",
    ),
    "indexes": (
        "select column_name from information_schema.statistics where table_schema = '{s}' "
        "and table_name = 'of_indexes' and index_name = 'by_word'",
        "word",
    ),
    "partition_by": (
        "select count(*) from information_schema.partitions where table_schema = '{s}' "
        "and table_name = 'of_partition_by'",
        4,
    ),
    "columns": (
        "select group_concat(column_name order by ordinal_position) from information_schema.columns "
        "where table_schema = '{s}' and table_name = 'of_columns'",
        "number,moment,letter",
    ),
    "check_option": (
        "select check_option from information_schema.views where table_schema = '{s}' "
        "and table_name = 'of_check_option'",
        "CASCADED",
    ),
    "refresh_method": (
        "select refresh_method from oceanbase.DBA_MVIEWS where owner = '{s}' and mview_name = 'of_refresh_method'",
        "FAST",
    ),
    "refresh_mode": (
        "select refresh_method from oceanbase.DBA_MVIEWS where owner = '{s}' and mview_name = 'of_refresh_mode'",
        "COMPLETE",
    ),
    "refresh_next": (
        "select count(*) from oceanbase.DBA_SCHEDULER_JOBS where job_name like 'MVIEW_REFRESH%' "
        "and job_action like '%{s}.of_refresh_next%'",
        1,
    ),
    "refresh_start": (
        "select count(*) from oceanbase.DBA_SCHEDULER_JOBS where job_name like 'MVIEW_REFRESH%' "
        "and job_action like '%{s}.of_refresh_start%' and start_date > now() + interval 50 minute",
        1,
    ),
    "query_rewrite": (
        "select rewrite_enabled from oceanbase.DBA_MVIEWS where owner = '{s}' and mview_name = 'of_query_rewrite'",
        "Y",
    ),
    "on_query_computation": (
        "select on_query_computation from oceanbase.DBA_MVIEWS where owner = '{s}' "
        "and mview_name = 'of_on_query_computation'",
        "Y",
    ),
}
"""A query of the catalog for the effect of a config's example, and its answer."""

SHOWN = {"table_options": "BLOCK_SIZE = 65536", "column_groups": "WITH COLUMN GROUP(each column)"}
"""What SHOW CREATE TABLE shows of a config's example."""


def test_every_config_of_a_design_has_its_effect_looked_at() -> None:
    groups = ("Physical design", "Views", "Materialized views")
    names = {name for name, field in ALL_FIELDS.items() if field.group in groups} - {"on_configuration_change"}
    assert names == {*EFFECTS, *SHOWN}


@pytest.mark.takes(40)
class TestEveryConfig:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        found = {f"of_{name}.sql": model(name, each) for name, each in TRIED.items() if kind_of(each) != "test"}
        base = "{{ config(materialized='table', primary_key='id') }} " + _ROW
        return {**found, "rows_to_read.sql": base, "schema.yml": f"models: [{{name: rows_to_read, {_BY_CASE}}}]"}

    @pytest.fixture(scope="class")
    def tests(self) -> dict[str, str]:
        return {f"of_{name}.sql": model(name, each) for name, each in TRIED.items() if kind_of(each) == "test"}

    @pytest.fixture(scope="class")
    def db(self, project: Any, server: Any) -> Database:
        return Database(server, project.test_schema)

    @pytest.fixture(scope="class")
    def build(self, project: Any) -> dict[str, Any]:
        return {result.node.name: result for result in run_dbt(["build"], expect_pass=None).results}

    @pytest.fixture(scope="class")
    def kernel(self, request: pytest.FixtureRequest) -> str:
        return str(request.config.getoption("--kernel"))

    @pytest.mark.parametrize("name", TRIED)
    def test_the_kernels_that_have_it(self, build: dict[str, Any], kernel: str, name: str) -> None:
        result = build[f"of_{name}"]

        if kernel in TRIED[name].refused_on:
            assert result.status == "error"
            assert re.search(rf"\b({name}|materialized_view): ", result.message), result.message
        else:
            assert result.status in ("success", "pass"), result.message

    def test_a_test_with_a_config(self, build: dict[str, Any]) -> None:
        assert build["unique_rows_to_read_word"].status == "pass"

    @pytest.mark.parametrize("name", EFFECTS)
    def test_the_catalog(self, build: dict[str, Any], db: Database, kernel: str, name: str) -> None:
        query, expected = EFFECTS[name]
        if kernel in TRIED[name].refused_on:
            assert f"of_{name}" not in db.relations()
        else:
            assert db.value(query.replace("{s}", db.schema)) == expected

    @pytest.mark.parametrize("name", SHOWN)
    def test_the_definition(self, build: dict[str, Any], db: Database, kernel: str, name: str) -> None:
        if kernel in TRIED[name].refused_on:
            assert f"of_{name}" not in db.relations()
        else:
            assert SHOWN[name] in db.rows(f"show create table {{s}}.of_{name}")[0][1]

    def test_increments(self, build: dict[str, Any]) -> None:
        """The second run goes through the strategies, which the first run of a model does not."""
        again = run_dbt(["run", "--select", "config.materialized:incremental"]).results

        assert {result.status for result in again} == {"success"}

    def test_a_resource_group(self, build: dict[str, Any], db: Database, kernel: str) -> None:
        """Kernel 1.3 has groups, and no procedure that makes one, so that the test writes it into the server's list."""
        if kernel != "1.3":
            assert "has no resource groups" in build["of_resource_group"].message
            return
        groups = "oceanbase.__all_res_mgr_consumer_group"
        db.run(f"insert into {groups} (consumer_group, consumer_group_id, comments) values ('batch', 10001, '')")
        try:
            run_dbt(["run", "--select", "of_resource_group"])
        finally:
            db.run(f"delete from {groups} where consumer_group = 'batch'")

        assert 'RESOURCE_GROUP("batch")' in db.rows("show create view {s}.of_resource_group")[0][1]
