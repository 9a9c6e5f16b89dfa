"""The shims of dbt_project_evaluator, found without any configuration and compared with references in Python."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from dbt.tests.util import run_dbt
from dbt_common.exceptions import CompilationError
from support.outside import Database
from support.stand_in import stand_in

DISPATCHED = {"quote_identifier": "name", "recursive_dag": ""}


class Resource(NamedTuple):
    """A node of the stand-in's graph: the kind and materialization, and the ids of what it depends on."""

    kind: str
    materialized: str | None
    parents: tuple[str, ...] = ()


GRAPH = {
    "orders": Resource("source", None),
    "it's": Resource("model", "view", ("orders",)),
    "left": Resource("model", "ephemeral", ("it's",)),
    "right": Resource("model", "table", ("it's",)),
    "mart": Resource("model", "view", ("left", "right")),
    "alone": Resource("model", "view"),
    "unique_mart": Resource("test", "test", ("mart",)),
}
"""A diamond below a source, a model by itself, and a test, which the macro leaves out."""

SAME = ("model_type", "access", "is_public", "source_name", "file_path", "directory_path", "file_name", "is_excluded")
"""Columns of a resource that the macro only hands on: each holds its name and that of the resource."""


def direct_relationships() -> str:
    """Return a query with a row for each resource and parent, as the package's model of that name has."""
    rows = []
    for name, resource in GRAPH.items():
        quoted = name.replace("'", "''")
        materialized = f"'{resource.materialized}'" if resource.materialized else "null"
        same = ", ".join(f"'{column} {quoted}' as {column}" for column in SAME)
        for parent in resource.parents or (None,):
            above = "'{}'".format(parent.replace("'", "''")) if parent else "null"
            rows.append(
                f"select '{quoted}' as resource_id, '{quoted}' as resource_name, '{resource.kind}' as resource_type, "
                f"{materialized} as materialized, {same}, {above} as direct_parent_id"
            )
    return " union all ".join(rows)


def chains(path: tuple[str, ...], through_views: int | None) -> Iterator[tuple[tuple[str, ...], int | None]]:
    """Yield the paths that begin with ``path``, and whether all before the last resource are views or ephemeral.

    That is 1 or 0, and None for a path of one resource.
    """
    yield path, through_views
    is_view = GRAPH[path[-1]].materialized in ("view", "ephemeral")
    for name, resource in GRAPH.items():
        if path[-1] in resource.parents and resource.kind != "test":
            yield from chains((*path, name), int(is_view and through_views != 0))


MODELS = {
    "int_direct_relationships": "{{ config(materialized='table') }}" + direct_relationships(),
    "dag": "{{ dbt_project_evaluator.recursive_dag() }} select * from all_relationships",
    "stored": "{{ config(materialized='table') }} select * from {{ ref('dag') }}",
    "named": "{{ config(materialized='table') }} select 1 as {{ dbt_project_evaluator.quote_identifier('database') }}, "
    "2 as {{ dbt_project_evaluator.quote_identifier('schema') }}",
}


class TestShims:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {f"{name}.sql": text for name, text in MODELS.items()}

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        return {"models": {"+materialized": "view"}, "vars": {"max_depth_dag": -1, "chained_views_threshold": 2}}

    @pytest.fixture(scope="class", autouse=True)
    def built(self, project: Any, install: Any) -> None:
        install("dbt_project_evaluator", stand_in("dbt_project_evaluator", DISPATCHED))
        run_dbt(["run"])

    @pytest.mark.parametrize("relation", ["dag", "stored"])
    def test_every_path_of_the_graph_is_a_row(self, db: Database, relation: str) -> None:
        rows = db.rows("select path, distance, is_dependent_on_chain_of_views from {s}." + relation)

        expected = [
            found for name in GRAPH if GRAPH[name].kind != "test" for found in chains((name,), through_views=None)
        ]
        assert sorted(((json.loads(path), distance, views) for path, distance, views in rows), key=str) == sorted(
            ((list(path), len(path) - 1, views) for path, views in expected), key=str
        )

    def test_the_columns_are_those_of_both_ends(self, db: Database) -> None:
        columns = ("resource_type", "materialized", *SAME)
        names = ", ".join(f"{side}_{column}" for side in ("parent", "child") for column in columns)

        (row,) = db.rows(
            f"select parent_id, child_id, {names} from {{s}}.stored where parent = 'orders' and distance = 1"
        )

        ends = [(name, *(f"{column} {name}" for column in SAME)) for name in ("orders", "it's")]
        assert row == ("orders", "it's", "source", None, *ends[0][1:], "model", "view", *ends[1][1:])

    def test_columns_may_be_named_by_reserved_words(self, db: Database) -> None:
        assert db.rows("select `database`, `schema` from {s}.named") == [(1, 2)]

    def test_a_depth_limits_the_paths(self, db: Database) -> None:
        run_dbt(["run", "--select", "dag", "--vars", "{max_depth_dag: 2}"])

        assert db.value("select max(distance) from {s}.dag") == 3

    def test_a_depth_that_is_too_small_is_refused(self) -> None:
        with pytest.raises(CompilationError, match="max_depth_dag: 1 is too small"):
            run_dbt(["run", "--select", "dag", "--vars", "{max_depth_dag: 1}"])
