"""What may be changed in the columns of a target, by the configuration of the model, and by one batch at a time."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from dbt_common.exceptions import CompilationError

from dbt.adapters.oceanbase.column import OceanBaseColumn
from dbt.adapters.oceanbase.impl import OceanBaseAdapter
from dbt.adapters.oceanbase.incremental import widening
from dbt.adapters.oceanbase.relation import OceanBaseRelation

TARGET, STAGING = (OceanBaseRelation.create(schema="s", identifier=name) for name in ("t", "t__dbt_tmp"))


def config(mode: str | None = None, *, enforced: bool | None = None) -> dict[str, Any]:
    contract = None if enforced is None else SimpleNamespace(enforced=enforced)
    return {"on_schema_change": mode, "contract": contract}


@pytest.mark.parametrize(
    ("mode", "missing", "kinds"),
    [
        (None, False, True),
        ("ignore", False, True),
        ("append_new_columns", True, True),
        ("sync_all_columns", True, False),
        ("fail", False, False),
    ],
)
def test_rules_without_a_contract(mode: str | None, missing: bool, kinds: bool) -> None:
    rules = widening.model_rules(config(mode, enforced=False))

    assert rules is not None
    assert (rules.relax_not_null, rules.allow_missing_columns, rules.across_kinds) == (True, missing, kinds)
    assert rules.retyped_later is (mode == "sync_all_columns")
    assert "cast it in the model" in rules.remedy


@pytest.mark.parametrize(
    ("mode", "missing"), [("ignore", False), ("append_new_columns", True), ("sync_all_columns", None), ("fail", None)]
)
def test_rules_with_a_contract(mode: str, missing: bool | None) -> None:
    rules = widening.model_rules(config(mode, enforced=True))

    assert (rules is None) == (missing is None)
    if rules:
        assert (rules.relax_not_null, rules.allow_missing_columns, rules.across_kinds) == (False, missing, True)
        assert "declare in the contract" in rules.remedy


def test_a_contract_as_dbt_has_it_or_as_a_dict() -> None:
    assert widening.has_contract({"contract": {"enforced": True}})
    assert not widening.has_contract({"contract": {"enforced": False}})
    assert not widening.has_contract(config())


def test_rules_of_a_snapshot() -> None:
    rules = widening.snapshot_rules("`s`.`t`")

    assert (rules.relax_not_null, rules.allow_missing_columns, rules.across_kinds) == (True, True, True)
    assert "alter table `s`.`t` modify column" in rules.remedy


class Adapter(OceanBaseAdapter):
    """An adapter without connections, whose relations have the columns that a test gives."""

    def __init__(self, columns: list[OceanBaseColumn]) -> None:
        self._column_locks: dict[str, threading.Lock] = {}
        self.columns = columns

    def columns_of(self, relations: Any) -> list[list[OceanBaseColumn]]:
        return [self.columns for _ in relations]


def test_batches_change_columns_one_at_a_time_and_the_lock_is_released_after_an_error() -> None:
    column = OceanBaseColumn.from_catalog("id", "bigint")
    adapter = Adapter([column])

    def fail(mode: str, staging: OceanBaseRelation, target: OceanBaseRelation) -> None:
        assert adapter._column_locks[TARGET.render()].locked()
        raise RuntimeError(mode)

    with pytest.raises(RuntimeError, match="ignore"):
        adapter.fit_columns(TARGET, STAGING, config(), {"id": "20260101"}, fail)

    assert not adapter._column_locks[TARGET.render()].locked()
    assert adapter.fit_columns(TARGET, STAGING, config(), {"id": "20260102"}, lambda *_: {}) == [column]


def test_a_relation_without_columns_is_an_error() -> None:
    with pytest.raises(CompilationError, match=r"the catalog shows no columns of `s`\.`t__dbt_tmp`"):
        Adapter([]).fit_columns(TARGET, STAGING, config(), None, lambda *_: {})
