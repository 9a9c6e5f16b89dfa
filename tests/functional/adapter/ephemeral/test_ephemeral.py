"""dbt-tests-adapter, folder ``ephemeral``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dbt.tests.adapter.ephemeral.test_ephemeral import (
    BaseEphemeralErrorHandling,
    BaseEphemeralMulti,
    BaseEphemeralNested,
)
from dbt.tests.util import check_relations_equal, run_dbt

pytestmark = pytest.mark.any_kernel


def sent_sql(model: str) -> str:
    """Return the SQL that dbt has written to target/run for this model, without white space."""
    return "".join(Path("target", "run", "test", "models", model).read_text().split())


class TestEphemeralMulti(BaseEphemeralMulti):
    # override: left to adapters: the expected SQL
    def test_ephemeral_multi(self, project: Any) -> None:
        run_dbt(["seed"])
        assert len(run_dbt(["run"])) == 3
        for model in ("dependent", "double_dependent", "super_dependent"):
            check_relations_equal(project.adapter, ["seed", model])

        schema = project.test_schema
        expected = f"""
            create or replace view `{schema}`.`double_dependent` as
            with __dbt__cte__base as (
            select * from {schema}.seed
            ), __dbt__cte__base_copy as (
            select * from __dbt__cte__base
            ) -- base_copy just pulls from base. Make sure the listed
            -- graph of CTEs all share the same dbt_cte__base cte
            select * from __dbt__cte__base where gender = 'Male'
            union all
            select * from __dbt__cte__base_copy where gender = 'Female'
        """
        assert sent_sql("double_dependent.sql") == "".join(expected.split())


class TestEphemeralNested(BaseEphemeralNested):
    # override: left to adapters: the expected SQL
    def test_ephemeral_nested(self, project: Any) -> None:
        assert len(run_dbt(["run"])) == 2

        schema = project.test_schema
        expected = f"""
            create or replace view `{schema}`.`root_view` as
            with __dbt__cte__ephemeral_level_two as (
            select * from `{schema}`.`source_table`
            ), __dbt__cte__ephemeral as (
            select * from __dbt__cte__ephemeral_level_two
            ) select * from __dbt__cte__ephemeral
        """
        assert sent_sql("root_view.sql") == "".join(expected.split())


class TestEphemeralErrorHandling(BaseEphemeralErrorHandling):
    pass
