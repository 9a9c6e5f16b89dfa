"""The relations that are listed on the server are in dbt's cache as dbt itself puts them there."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from dbt.adapters.cache import RelationsCache

from dbt.adapters.oceanbase import OceanBaseAdapter
from dbt.adapters.oceanbase.catalog.relations import QuietRelationsCache
from dbt.adapters.oceanbase.relation import OceanBaseRelation

NAMES = ("a", "B", "b")  # the first one of two names stays, as in dbt


def filled(cache: RelationsCache) -> RelationsCache:
    for name in NAMES:
        cache.add(OceanBaseRelation.create(schema="S", identifier=name, type="table"))  # type: ignore[arg-type]
    return cache


@pytest.mark.parametrize("logged", [False, True])
def test_the_cache_is_the_same_as_that_of_dbt(logged: bool) -> None:
    quick, slow = filled(QuietRelationsCache(log_cache_events=logged)), filled(RelationsCache(log_cache_events=logged))

    found, expected = ({tuple(key): one.inner for key, one in each.relations.items()} for each in (quick, slow))
    assert found == expected
    assert quick.schemas == slow.schemas
    assert [each.identifier for each in quick.get_relations(None, "s")] == ["a", "B"]


@pytest.mark.parametrize(("logged", "events"), [(False, 0), (True, len(NAMES))])
def test_events_are_made_only_to_be_shown(logged: bool, events: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr("dbt.adapters.cache.fire_event", made.append)

    filled(QuietRelationsCache(log_cache_events=logged))

    assert len(made) == events


@pytest.mark.parametrize(
    ("folds_names", "name", "found", "queries"),
    [
        (False, "Orders", "Orders", 0),
        (False, "orders", "orders", 1),
        (False, "ORDERS", None, 1),
        (False, "other", None, 0),
        (True, "orders", "Orders", 0),
    ],
)
def test_a_relation_whose_name_differs_in_case_from_that_in_the_cache(
    folds_names: bool, name: str, found: str | None, queries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [OceanBaseRelation.create(schema="s", identifier=each, type="table") for each in ("Orders", "orders")]  # type: ignore[arg-type]
    asked: list[object] = []
    adapter = OceanBaseAdapter.__new__(OceanBaseAdapter)
    adapter.cache = QuietRelationsCache(log_cache_events=False)
    adapter._cache_lock = threading.Lock()
    for relation in listed:
        adapter.cache.add(relation)
    adapter.cache.update_schemas([(None, "s")])
    monkeypatch.setattr(adapter, "server_info", lambda: SimpleNamespace(folds_names=folds_names))
    monkeypatch.setattr(adapter, "list_relations_without_caching", lambda schema: asked.append(schema) or listed)

    relation = adapter.get_relation(None, "s", name)

    assert (relation and relation.identifier) == found
    assert len(asked) == queries
