"""Relations: functions that are refused, and names that are shortened."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from dbt.adapters.base.relation import FunctionConfig
from dbt.adapters.exceptions import ApproximateMatchError
from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.oceanbase.relation import MAX_NAME, OceanBaseRelation, shortened


@pytest.mark.parametrize(
    ("language", "kind", "says"),
    [
        ("javascript", "scalar", r"function f: language: javascript: .*write it in a \.sql file"),
        ("python", "scalar", r"function f: language: python: .*write it in a \.sql file"),
        ("sql", "aggregate", "function f: type: aggregate: .*scalar functions only"),
        ("javascript", "aggregate", "function f: type: aggregate: .*scalar functions only"),
    ],
)
def test_functions_that_the_server_does_not_have_are_refused(language: str, kind: str, says: str) -> None:
    relation = OceanBaseRelation.create(schema="s", identifier="f")

    with pytest.raises(DbtRuntimeError, match=says):
        relation.get_function_macro_name(
            FunctionConfig(language=language, type=kind, runtime_version="3.11", entry_point="f")
        )
    assert relation.get_function_macro_name(FunctionConfig(language="sql", type="scalar")) == "scalar_function_sql"


@pytest.mark.parametrize("name", ["x" * 60, "x" * 64, "é" * 64, "😀" * 64])
def test_shortened(name: str) -> None:
    short = shortened(name, "__dbt_backup")

    assert len(short) == MAX_NAME
    assert short.endswith("__dbt_backup")
    assert short.startswith(name[:40])
    assert short != shortened(name[:-1] + "y", "__dbt_backup")


@pytest.mark.parametrize("database", ["internal", "INTERNAL", None])
def test_the_own_catalog_is_no_database(database: str | None) -> None:
    relation = OceanBaseRelation.create(database=database, schema="s", identifier="t", is_source=True)

    assert relation.database is None
    assert relation.render() == "`s`.`t`"


def test_a_source_in_an_external_catalog_has_three_parts() -> None:
    relation = OceanBaseRelation.create(database="la`ke", schema="s", identifier="t", is_source=True)

    assert relation.render() == "`la``ke`.`s`.`t`"
    assert relation.without_identifier().render() == "`la``ke`.`s`"
    assert relation.replace_path(identifier="u").render() == "`la``ke`.`s`.`u`"
    assert OceanBaseRelation.create(schema="s", identifier="t").render() == "`s`.`t`"


def test_a_changed_copy_of_a_source_is_a_source() -> None:
    relation = OceanBaseRelation.create(
        database="lake", schema="s", identifier="t", is_source=True, has_loaded_at_query=True
    )

    for copy in (relation.incorporate(type="table"), relation.incorporate(path={"identifier": "t"}).quote(schema=True)):
        assert copy.render() == "`lake`.`s`.`t`"
        assert (copy.is_source, copy.has_loaded_at_query) == (True, True)
    assert relation.incorporate(type="table").is_table
    assert relation.incorporate(path={"database": "pond"}).render() == "`pond`.`s`.`t`"
    other = OceanBaseRelation.create(schema="s", identifier="t").incorporate(type="table")
    assert (other.is_source, other.has_loaded_at_query) == (False, False)
    with pytest.raises(DbtRuntimeError, match="remove `database`"):
        other.incorporate(path={"database": "lake"})


def test_a_source_in_an_external_catalog_is_matched() -> None:
    relation = OceanBaseRelation.create(database="lake", schema="s", identifier="t", is_source=True)

    assert relation.matches(database="LAKE", schema="s", identifier="t")
    assert relation.matches(database="lake")
    assert not relation.matches(database="pond", schema="s", identifier="t")
    assert not relation.matches(database="lake", schema="s", identifier="u")
    with pytest.raises(ApproximateMatchError, match="approximate match"):
        relation.matches(database="LAKE", schema="S", identifier="t")


def test_dbts_stand_in_for_a_source_has_its_database() -> None:
    """In a unit test, dbt has a model with a source_name in place of a source."""
    stand_in = SimpleNamespace(
        resource_type="model",
        source_name="far",
        database="lake",
        schema="s",
        identifier="t",
        quoting_dict={},
        catalog_name=None,
    )
    quoting = SimpleNamespace(quoting={})

    assert OceanBaseRelation.create_from(quoting, stand_in).render() == "`lake`.`s`.`t`"
    stand_in.source_name = None
    with pytest.raises(DbtRuntimeError, match="remove `database`"):
        OceanBaseRelation.create_from(quoting, stand_in)


def test_no_other_relation_has_a_database() -> None:
    with pytest.raises(DbtRuntimeError, match=r"database: 'lake' on 't': .*remove `database` and set `schema`"):
        OceanBaseRelation.create(database="lake", schema="s", identifier="t")
