"""Relations: functions that are refused, and names that are shortened."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace

import pytest
from dbt.adapters.base.relation import EventTimeFilter, FunctionConfig
from dbt.adapters.exceptions import ApproximateMatchError
from dbt.adapters.factory import FACTORY
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


@pytest.mark.parametrize("field", ["at", '"at"', "`at`"])
def test_a_filter_by_event_time_has_local_times(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """dbt passes no credentials for a source, and nothing but the model for an ephemeral model."""
    config = SimpleNamespace(credentials=SimpleNamespace(time_zone="+08:00"))
    monkeypatch.setitem(FACTORY.adapters, "oceanbase", SimpleNamespace(config=config))
    start, end = (datetime(2026, 1, day, tzinfo=timezone.utc) for day in (2, 3))
    source = SimpleNamespace(
        resource_type="source", database=None, schema="s", identifier="t", quoting_dict={}, catalog_name=None
    )

    wanted = EventTimeFilter(field_name=field, start=start, end=end)
    for relation in (
        OceanBaseRelation.create_from(SimpleNamespace(quoting={}), source, event_time_filter=wanted),
        OceanBaseRelation.create_ephemeral_from(source, event_time_filter=wanted),
    ):
        text = str(relation)
        assert "where `at` >= cast('2026-01-02 08:00:00' as datetime(6)) and `at` < cast('2026-01-03 08:00:00'" in text
    with pytest.raises(DbtRuntimeError, match="event_time: 1 reads no column"):
        OceanBaseRelation.create_ephemeral_from(source, event_time_filter=EventTimeFilter(field_name="1", start=start))
    assert str(OceanBaseRelation.create_ephemeral_from(source, limit=0)).startswith("(select * from __dbt__cte__t")
