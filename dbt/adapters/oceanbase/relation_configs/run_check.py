"""Check the design of all selected nodes, such as their indexes and partitions, before the first of them is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any

from dbt.adapters.base import BaseRelation
from dbt_common.exceptions import DbtRuntimeError

from .design import COMPONENTS
from .external_adapter import ExternalMixin
from .materialized_view_adapter import MaterializedViewMixin
from .partition_adapter import PartitionMixin
from .partition_rules import CONFIG

COMMANDS = frozenset({"build", "run", "seed", "snapshot"})
"""Commands of dbt that build nodes.

Only before these commands is the design of all selected nodes checked, such as their indexes and partitions.
"""

_PACKAGE = "dbt_oceanbase"
_WITHOUT_TABLE = ("view", "external")

_last: dict[str, Any] = {}
"""The list of selected nodes that dbt passed to the previous command of this process, under the key ``nodes``."""


class RunCheckMixin(PartitionMixin, MaterializedViewMixin, ExternalMixin):
    """Adapter methods that check the designs of all nodes that a dbt command builds, before it builds the first one.

    A design is, for example, the indexes and partitions of a table. The check sends no statement.
    """

    def set_relations_cache(
        self,
        relation_configs: Iterable[Any],
        clear: bool = False,
        required_schemas: set[BaseRelation] | None = None,
    ) -> None:
        """Check the configs of the selected nodes, then fill dbt's cache of relations.

        dbt calls this once, before the hooks on-run-start and before the first node. ``relation_configs`` are the
        nodes of the project, and the other parameters are dbt's. An error ends the command. Raise DbtRuntimeError if a
        config of indexes, partitions or another part of a node's design is wrong, see ``refuse_wrong_designs``.
        """
        nodes = list(relation_configs)
        selected = self._selected()
        self.refuse_wrong_designs(node for node in nodes if node.unique_id in selected)
        super().set_relations_cache(nodes, clear, required_schemas)

    def refuse_wrong_designs(self, nodes: Iterable[Any]) -> None:
        """Raise DbtRuntimeError with one line for each wrong config of a table's, view's or file's design.

        ``nodes`` are the nodes of dbt's manifest that dbt is going to build. Nodes whose materialization is not the
        adapter's are left out. Whether the server supports the configs is not checked: that needs a statement.
        """
        is_own = cache(self._is_own)
        found = [
            f"{node.resource_type} {node.name} ({node.original_file_path}): {problem}"
            for node in nodes
            if is_own(str(node.config.materialized))
            for problem in dict.fromkeys(map(_problem, self._checks(node)))
            if problem
        ]
        if found:
            raise DbtRuntimeError("\n".join(["nothing was built, since configs are wrong:", *found]))

    def _checks(self, node: Any) -> Iterator[Callable[[], object]]:
        """Yield the checks of one node. Each of them raises an error for the first wrong config that it finds."""
        config, materialized = node.config, str(node.config.materialized)
        if materialized not in _WITHOUT_TABLE:
            get = self._with_clock(config).get
            yield from (partial(component.from_config, get) for component in COMPONENTS)
        yield partial(self.checked_design, config)
        if materialized not in _WITHOUT_TABLE and config.get(CONFIG) is not None:
            yield lambda: self.check_partition_keys(config, node.to_dict())
        yield partial(self.check_refresh_configs, config)
        if materialized == "materialized_view":
            yield partial(self.check_materialized_view_configs, config)
        elif materialized == "external":
            yield partial(self.checked_files, config, str(node.name))

    def _selected(self) -> frozenset[str]:
        """Return the unique ids of the nodes that the command builds.

        The result is empty if the command builds no nodes, or if its selection is not known. ``dbt retry`` does not
        pass its selection, and the list of the previous command remains. So the selection is not known if the list is
        the same object as in the previous command.
        """
        run: Mapping[str, Any] = self.execute_macro("oceanbase__current_selection")
        nodes = run["nodes"]
        is_known = nodes is not _last.get("nodes")
        _last["nodes"] = nodes
        return frozenset(nodes) if is_known and run["command"] in COMMANDS else frozenset()

    def _is_own(self, materialized: str) -> bool:
        manifest: Any = self.get_macro_resolver()
        macro = manifest.find_materialization_macro_by_name(self.config.project_name, materialized, self.type())
        return macro is not None and macro.package_name == _PACKAGE


def _problem(check: Callable[[], object]) -> str | None:
    """Run ``check``, and return the text of its error, or None if it raises no error."""
    try:
        check()
    except DbtRuntimeError as error:
        return str(error.msg)
    return None
