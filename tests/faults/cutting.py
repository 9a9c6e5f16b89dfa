"""A proxy that closes the connections of chosen nodes of a dbt run, each at a chosen statement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from .tcp_proxy import FaultProxy, Link, Moment, Place, Rule

_NODE = re.compile(r'"node_id": "[^"]*\.([^".]+)"')


class CuttingProxy(FaultProxy):
    """A proxy that closes the connection of each node in ``plan`` once, at its n-th statement.

    ``plan`` maps the name of a node to n and to the moment of closing (see ``FaultProxy.at``). The proxy does nothing
    until ``is_active`` is set. It reads the node's name from dbt's query comment. A statement without a comment belongs
    to the same node as the previous statement on its connection. ``counts`` has the number of statements by node.
    ``cut_nodes`` has the nodes whose connection was closed.
    """

    def __init__(self, upstream: Place, plan: Mapping[str, tuple[int, Moment]], **options: Any) -> None:
        self.plan = plan
        self.is_active = False
        self.counts: Counter[str] = Counter()
        self.cut_nodes: set[str] = set()
        self._nodes: dict[Link, str] = {}
        super().__init__(upstream, **options)

    def rule_for(self, statement: str, link: Link) -> Rule | None:
        """Return a rule that closes the connection ``link`` if the plan asks for it at this statement, or None."""
        if not self.is_active:
            return None
        if found := _NODE.search(statement):
            self._nodes[link] = found[1]
        node = self._nodes.get(link)
        if node is None or statement.startswith("<"):  # a command without SQL, such as <quit>
            return None
        self.counts[node] += 1
        number, moment = self.plan.get(node, (0, "before"))
        if self.counts[node] != number:
            return None
        self.cut_nodes.add(node)
        return Rule(lambda text: True, moment, Link.cut, 1, 1, 0)
