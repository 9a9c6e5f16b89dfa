"""dbt-tests-adapter, folder ``materialized_view``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dbt.adapters.base import BaseRelation
from dbt.tests.adapter.materialized_view.basic import MaterializedViewBasic
from dbt.tests.adapter.materialized_view.changes import (
    MaterializedViewChanges,
    MaterializedViewChangesApplyMixin,
    MaterializedViewChangesContinueMixin,
    MaterializedViewChangesFailMixin,
)
from dbt.tests.util import get_model_file, run_dbt, set_model_file
from support.materialized_views import kind_of, shown


class Changes(MaterializedViewChanges):
    # override: left to adapters: the state before the change
    @staticmethod
    def check_start_state(project: Any, materialized_view: BaseRelation) -> None:
        assert "PARALLEL" not in shown(project, materialized_view)
        assert "REFRESH FORCE ON DEMAND" in shown(project, materialized_view)

    # override: left to adapters: a change by ALTER
    @staticmethod
    def change_config_via_alter(project: Any, materialized_view: BaseRelation) -> None:
        replace(project, materialized_view, "materialized='materialized_view',", "{}\n    parallel=2,")

    # override: left to adapters: the state after the change by ALTER
    @staticmethod
    def check_state_alter_change_is_applied(project: Any, materialized_view: BaseRelation) -> None:
        assert "PARALLEL 2" in shown(project, materialized_view)

    # override: left to adapters: a change that needs a new view
    @staticmethod
    def change_config_via_replace(project: Any, materialized_view: BaseRelation) -> None:
        replace(project, materialized_view, "materialized='materialized_view',", "{}\n    refresh_method='complete',")

    # override: left to adapters: the state after the replacement
    @staticmethod
    def check_state_replace_change_is_applied(project: Any, materialized_view: BaseRelation) -> None:
        assert "REFRESH COMPLETE ON DEMAND" in shown(project, materialized_view)

    # override: left to adapters: the type of a relation
    @staticmethod
    def query_relation_type(project: Any, relation: BaseRelation) -> str | None:
        return kind_of(project, relation)

    # override: dialect: DROP SCHEMA has no CASCADE, and the schema is created again
    @pytest.fixture(autouse=True)
    def setup(self, project: Any, my_materialized_view: BaseRelation) -> Iterator[None]:
        yield from reset_after(project, my_materialized_view)


def replace(project: Any, relation: BaseRelation, old: str, new: str) -> None:
    model = get_model_file(project, relation)
    set_model_file(project, relation, model.replace(old, new.format(old)))


def reset_after(project: Any, relation: BaseRelation) -> Iterator[None]:
    run_dbt(["seed"])
    run_dbt(["run", "--models", relation.identifier, "--full-refresh"])
    initial = get_model_file(project, relation)
    yield
    set_model_file(project, relation, initial)
    project.run_sql(f"drop database if exists {project.test_schema}")
    project.create_test_schema()


class TestBasic(MaterializedViewBasic):
    # override: left to adapters: adds a row
    @staticmethod
    def insert_record(project: Any, table: BaseRelation, record: tuple[int, int]) -> None:
        project.run_sql(f"insert into {table.render()} values {record}")

    # override: left to adapters: refreshes the view
    @staticmethod
    def refresh_materialized_view(project: Any, materialized_view: BaseRelation) -> None:
        project.run_sql(project.adapter.refresh_statement(materialized_view))

    # override: left to adapters: counts rows
    @staticmethod
    def query_row_count(project: Any, relation: BaseRelation) -> int:
        return int(project.run_sql(f"select count(*) from {relation.render()}", fetch="one")[0])

    # override: left to adapters: the type of a relation
    @staticmethod
    def query_relation_type(project: Any, relation: BaseRelation) -> str | None:
        return kind_of(project, relation)

    # override: dialect: DROP SCHEMA has no CASCADE, and the schema is created again
    @pytest.fixture(autouse=True)
    def setup(self, project: Any, my_materialized_view: BaseRelation) -> Iterator[None]:
        yield from reset_after(project, my_materialized_view)


class TestApply(Changes, MaterializedViewChangesApplyMixin):
    pass


class TestContinue(Changes, MaterializedViewChangesContinueMixin):
    pass


class TestFail(Changes, MaterializedViewChangesFailMixin):
    pass
