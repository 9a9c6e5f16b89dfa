"""The relations that are listed on the server are in dbt's cache as dbt itself puts them there."""

from __future__ import annotations

from types import SimpleNamespace

from dbt.adapters.cache import RelationsCache

from dbt.adapters.oceanbase.catalog.relations import RelationMixin
from dbt.adapters.oceanbase.relation import OceanBaseRelation


def test_the_cache_is_the_same_with_and_without_log_events() -> None:
    names = ("a", "B", "b")  # the first one of two names stays, as in dbt
    found = [OceanBaseRelation.create(schema="S", identifier=name, type="table") for name in names]  # type: ignore[arg-type]
    caches = [RelationsCache(log_cache_events=logged) for logged in (False, True)]
    for cache in caches:
        RelationMixin._cache_all(SimpleNamespace(cache=cache), found)  # type: ignore[arg-type]
    quick, slow = ({tuple(key): one.inner for key, one in cache.relations.items()} for cache in caches)
    assert quick == slow
    assert [each.identifier for each in caches[0].get_relations(None, "s")] == ["a", "B"]
