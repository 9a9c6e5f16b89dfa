"""A proxy that cuts the links of chosen nodes of a dbt run, each at a chosen statement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from .tcp_proxy import FaultProxy, Link, Moment, Place, Rule

_NODE = re.compile(r'"node_id": "[^"]*\.([^".]+)"')


class CuttingProxy(FaultProxy):
    """Cuts a node's link at its k-th statement, once: ``before`` it is sent, or when the server has ``answered``.

    ``plan``: number and moment by the node's name, which dbt's query comment tells; a statement without one belongs to
    the node of the statement before it. ``counts``: statements by node. ``cut_nodes``: those that were cut.
    """

    def __init__(self, upstream: Place, plan: Mapping[str, tuple[int, Moment]], **options: Any) -> None:
        self.plan = plan
        self.is_active = False
        self.counts: Counter[str] = Counter()
        self.cut_nodes: set[str] = set()
        self._nodes: dict[Link, str] = {}
        super().__init__(upstream, **options)

    def rule_for(self, statement: str, link: Link) -> Rule | None:
        """Give the rule that cuts ``link`` where the plan says so."""
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
