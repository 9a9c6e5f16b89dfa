"""Names that differ in case only."""

from __future__ import annotations

from types import SimpleNamespace

from dbt.adapters.oceanbase.catalog.case_twins import case_twins, twins_error


def node(schema: str, identifier: str) -> SimpleNamespace:
    return SimpleNamespace(schema=schema, identifier=identifier, unique_id=f"model.p.{identifier}")


def test_other_names_are_no_twins() -> None:
    assert case_twins([node("s", "a"), node("s", "b"), node("t", "a"), node("t", "B")]) == []


def test_the_same_name_is_left_to_dbt() -> None:
    assert case_twins([node("s", "a"), node("s", "a")]) == []


def test_relations() -> None:
    assert case_twins([node("s", "Foo"), node("s", "b"), node("s", "foo")]) == [
        "model.p.Foo (s.Foo) and model.p.foo (s.foo)"
    ]


def test_schemas() -> None:
    assert case_twins([node("Sales", "a"), node("sales", "b"), node("sales", "c")]) == [
        "the schemas of model.p.a (Sales.a) and model.p.b (sales.b)"
    ]


def test_schema_and_relation() -> None:
    assert case_twins([node("Sales", "a"), node("sales", "A")]) == ["model.p.A (sales.A) and model.p.a (Sales.a)"]


def test_the_error_is_one_line() -> None:
    text = twins_error(["a and b"] * 5).msg
    assert "\n" not in text.strip()
    assert text.count("a and b") == 3
    assert "and 2 more" in text
