"""Search for dbt nodes whose names differ only in case. A server that ignores case cannot distinguish them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dbt_common.exceptions import DbtRuntimeError

_SHOWN = 3


def case_twins(nodes: Iterable[Any]) -> list[str]:
    """Return texts about pairs of ``nodes`` whose relations or schemas have names that differ only in case.

    Each node has the attributes ``schema``, ``identifier`` and ``unique_id``. A text names the two nodes of a pair, and
    is a part of an error message. Each node gives at most one text, together with an earlier node, so three spellings
    of a name give two texts. The list is empty if there is no such pair.
    """
    relations: dict[tuple[str, str], Any] = {}
    schemas: dict[str, Any] = {}
    found = []
    for node in sorted(nodes, key=lambda node: str(node.unique_id)):
        schema, identifier = str(node.schema), str(node.identifier)
        first = relations.setdefault((schema.lower(), identifier.lower()), node)
        of_schema = schemas.setdefault(schema.lower(), node)
        if first is not node and (first.schema, first.identifier) != (schema, identifier):
            found.append(f"{_named(first)} and {_named(node)}")
        elif of_schema.schema != schema:
            found.append(f"the schemas of {_named(of_schema)} and {_named(node)}")
            schemas[schema.lower()] = node
    return found


def twins_error(found: list[str]) -> DbtRuntimeError:
    """Return the error to raise for dbt nodes whose names differ only in case.

    ``found`` are the texts that ``case_twins`` has returned. The error shows the first three of them.
    """
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return DbtRuntimeError(
        f"alias, schema: the names of {'; '.join(found[:_SHOWN])}{more} differ in case only, which the server ignores, "
        "so that one would overwrite the other: give one another alias, and write a schema in one way"
    )


def _named(node: Any) -> str:
    return f"{node.unique_id} ({node.schema}.{node.identifier})"
