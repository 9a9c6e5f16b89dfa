"""A proxy that cuts the connections of chosen nodes of a dbt run, each at a chosen statement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from .tcp_proxy import FaultProxy, Link, Moment, Place, Rule

_NODE = re.compile(r'"node_id": "[^"]*\.([^".]+)"')


class CuttingProxy(FaultProxy):
    """A proxy that cuts the connection of each node in ``plan`` once, at its n-th statement.

    ``plan`` maps a node's name to n and the moment of the cut (see ``FaultProxy.at``). The name is read from dbt's
    query comment. A statement without a comment belongs to the node of the statement before it on the connection.
    ``counts`` has the number of statements by node, ``cut_nodes`` the nodes whose connection was cut.
    """

    def __init__(self, upstream: Place, plan: Mapping[str, tuple[int, Moment]], **options: Any) -> None:
        self.plan = plan
        self.is_active = False
        self.counts: Counter[str] = Counter()
        self.cut_nodes: set[str] = set()
        self._nodes: dict[Link, str] = {}
        super().__init__(upstream, **options)

    def rule_for(self, statement: str, link: Link) -> Rule | None:
        """Return the rule that cuts ``link`` if the plan says so for this statement."""
        if not self.is_active:
            return None
        if found := _NODE.search(statement):
            self._nodes[link] = found[1]
        node = self._nodes.get(link)
        if node is None or statement.startswith("<"):  # <quit> and the like
            return None
        self.counts[node] += 1
        number, moment = self.plan.get(node, (0, "before"))
        if self.counts[node] != number:
            return None
        self.cut_nodes.add(node)
        return Rule(lambda text: True, moment, Link.cut, 1, 1, 0)
