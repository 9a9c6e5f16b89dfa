"""Find relations that interrupted runs have left behind, and sessions for which DDL has to wait.

Macros that an operator calls by ``dbt run-operation`` show the results.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dbt.adapters.base import BaseRelation, available

from ..catalog.adapter_base import OceanBaseAdapterBase
from ..connect.control.control_connection import ControlConnection
from ..execution.runner import ask
from ..relation import OceanBaseRelation
from .contract_rows import ROWS_SUFFIX

STAGING_SUFFIX = "__dbt_tmp"
"""End of the name of a staging relation, which has the new rows of a node while dbt runs the node."""

BACKUP_SUFFIX = "__dbt_backup"
"""End of the name that a relation gets while another one takes its place."""

BATCH_SUFFIX = re.compile(rf"(?:{STAGING_SUFFIX}|{ROWS_SUFFIX})_\d{{4,8}}(?:t\d\d)?$", re.IGNORECASE)
"""Matches the end of the name of a table with the new rows of one microbatch batch, such as ``__dbt_tmp_20240131``."""

_BUILT = frozenset({"model", "seed", "snapshot", "function"})

_WAITING = """
select id, user, time, replace(left(info, 100), char(10), ' ') from information_schema.processlist
where command <> 'Sleep' and id <> connection_id()
  and lower(substring_index(ltrim(info), ' ', 1)) in ('rename', 'drop', 'truncate', 'create', 'alter')
order by time desc limit 20"""


class LeftoverMixin(OceanBaseAdapterBase):
    """Adapter methods for operations that list relations left by interrupted runs, and sessions that block DDL."""

    @available.parse_list
    def leftovers(self, nodes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the staging and backup relations of ``nodes``, the nodes of dbt's graph, that exist on the server.

        While a node runs, its staging relation has the new rows, and its backup is the old relation. A helper table of
        a contract (see ``rows_relation``) counts as a staging relation. Each relation is returned as a dict with the
        keys ``relation``, ``node`` (the name of the node) and ``is_needed``. A backup is needed if the node's own
        relation does not exist, because the backup then has the only copy of the rows. The next run of the node renames
        the backup back. The relations of a run that is going on now are listed, too. A relation that is a source or a
        node's own relation is left out, even if its name ends like the name of a staging relation.
        """
        fold = self.name_folding()
        nodes = list(nodes)
        sources = {
            (str(node["schema"]).lower(), fold(str(node.get("identifier") or node["name"])))
            for node in nodes
            if node["resource_type"] == "source"
        }
        built = [
            (self.Relation.create(schema=node["schema"], identifier=node.get("alias") or node["name"]), node["name"])
            for node in nodes
            if node["resource_type"] in _BUILT and node["config"].get("materialized") != "ephemeral"
        ]
        found: list[dict[str, Any]] = []
        for schema in sorted({str(relation.schema) for relation, _ in built}):
            own = [(relation, name) for relation, name in built if relation.schema == schema]
            listed = self.list_relations_without_caching(self.Relation.create(schema=schema).without_identifier())
            existing = {fold(str(each.identifier)): each for each in listed}
            left = _leftovers_of(own, existing, fold)
            found += [each for each in left if (schema.lower(), fold(str(each["relation"].identifier))) not in sources]
        return found

    @available.parse_list
    def blockers(self) -> list[str]:
        """Return one line for each DDL statement that runs now, and for each session whose locks may make DDL wait.

        At most twenty statements are listed: those that have run for the longest time. Only a few sessions are listed
        (see ``ControlConnection.lock_holders``): those that have been in their present state, such as ``sleep``, for
        the longest time. No session is listed if the server does not show sessions and locks to the user.
        """
        session = self.connections.session()
        rows = ask(session, _WAITING).fetchall()
        waiting = [f"session {row[0]} of {row[1]!r} runs for {row[2]} s: {row[3]}" for row in rows]
        return waiting + [f"locks: {holder}" for holder in ControlConnection(session).lock_holders(session)]


def _leftovers_of(
    built: list[tuple[OceanBaseRelation, str]], existing: Mapping[str, BaseRelation], fold: Any
) -> list[dict[str, Any]]:
    own = {fold(str(relation.identifier)) for relation, _ in built}
    found: list[dict[str, Any]] = []
    for relation, node in built:
        batches = {match.group() for name in existing if (match := BATCH_SUFFIX.search(name))}
        for suffix in (STAGING_SUFFIX, ROWS_SUFFIX, BACKUP_SUFFIX, *sorted(batches)):
            name = fold(str(relation.suffixed(suffix).identifier))
            if name in existing and name not in own:
                is_needed = suffix == BACKUP_SUFFIX and fold(str(relation.identifier)) not in existing
                found.append({"relation": existing[name], "node": node, "is_needed": is_needed})
    return found
