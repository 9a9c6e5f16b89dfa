"""Adapter methods for configs that change how the statements of a node run, such as session variables and hints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dbt.adapters.base import BaseRelation, available
from dbt_common.exceptions import DbtRuntimeError

from ..catalog.adapter_base import OceanBaseAdapterBase
from ..connect.quoting import identifier, literal
from ..execution.runner import ask
from ..relation_configs.design import COMPONENTS
from ..relation_configs.materialized_view import OTHER_CONFIGS, REFRESH_CONFIGS
from ..relation_configs.view_options import CHECK_OPTION
from ..sql import hints
from . import node_configs

_TABLES = frozenset({"table", "incremental", "snapshot"})
_OF_RELATIONS = (
    *(name for each in COMPONENTS for name in each.configs),
    CHECK_OPTION,
    *REFRESH_CONFIGS,
    *OTHER_CONFIGS,
)
_NO_RELATIONS = ("function", "test", "source")
_KNOWN_HINTS = "explain extended select /*+ direct(true, 0) resource_group('g') */ 1"
_GROUPS = "select 1 from oceanbase.DBA_RSRC_CONSUMER_GROUPS where consumer_group = {}"

DIRECT = "direct(true, 0)"
"""The hint for direct load (a bulk load into the storage files): sort the rows, and fail at the first bad row."""


class NodeSettingsMixin(OceanBaseAdapterBase):
    """Adapter methods for configs that change how a node's statements run, such as session variables and hints.

    The configs are checked before the node runs. The session variables, ``query_timeout`` and ``query_tag`` are then
    set on the node's connection before the node's first statement.
    """

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._known_hints: str | None = None

    def pre_model_hook(self, config: Any) -> Any:
        """Check the node's configs for hints, direct load and statistics before the node runs. Send no statement.

        Return the context that dbt passes to ``post_model_hook``. Raise DbtRuntimeError with one line if one of these
        configs has a wrong value, if a config would have no effect on a node of this kind, or if a data test stores its
        failures in a table and has ``read_consistency: weak``. For a unit test, the values of the tested model's
        configs are checked. The values of session settings are checked by ``connection_named``.
        """
        context = super().pre_model_hook(config)
        node = config.model
        _check_kind(node)
        _check_stored(node)
        configs = _configs(self._tested_by(node))
        node_configs.query_hints(configs, is_view=False)
        node_configs.load_mode(configs)
        node_configs.analyze_of(configs)
        return context

    @contextmanager
    def connection_named(
        self, name: str, query_header_context: Any = None, should_release_connection: bool = True
    ) -> Iterator[None]:
        """Name this thread's connection ``name`` until the context ends, and apply the session settings of a node.

        dbt passes a node as ``query_header_context`` when it compiles and runs the node, or asks for the freshness of a
        source. The connection then has the session settings in the node's configs. For a unit test, it has the settings
        of the tested model. At the end, it gets its earlier settings back. If ``should_release_connection`` is true, it
        is then released. Raise DbtRuntimeError with one line if a setting has a wrong value, or if a config is not
        allowed on a node of this kind.
        """
        named = super().connection_named(name, query_header_context, should_release_connection)
        if not hasattr(query_header_context, "resource_type"):
            with named:
                yield
            return
        tested = self._tested_by(query_header_context)
        kind = str(tested.resource_type)
        if kind == "source":
            # dbt has no hook for sources
            _check_kind(tested)
        settings = node_configs.settings_of(_configs(tested), kind)
        with named:
            connection = self.connections.get_thread_connection()
            outer, connection.settings = connection.settings, settings
            try:
                yield
            finally:
                connection.settings = outer

    def _tested_by(self, node: Any) -> Any:
        """Return the model that ``node`` tests if ``node`` is a unit test, and otherwise ``node`` itself."""
        if str(node.resource_type) != "unit_test":
            return node
        # before dbt compiles a unit test, the model is the only node that it depends on
        name = getattr(node, "tested_node_unique_id", None) or next(iter(node.depends_on.nodes), None)
        return getattr(self.get_macro_resolver(), "nodes", {}).get(name, node)

    @available.parse(lambda sql, config, is_view=False: sql)
    def with_query_hints(self, sql: str, config: Any, is_view: bool = False) -> str:
        """Return the query ``sql`` with the hints of the configs ``optimizer_hints`` and ``resource_group``.

        A view also gets a hint for ``parallel``. Raises DbtRuntimeError if the query has no place for hints, or if the
        server does not know the resource group.
        """
        configs = _configs(config.model)
        found = node_configs.query_hints(configs, is_view)
        if not found:
            return sql
        if (group := configs.get("resource_group")) is not None:
            self._check_group(str(group))
        try:
            return hints.with_hints(self.connections.rewriter.with_standard_comments(sql), found)
        except hints.NoPlaceForHintsError:
            given = [name for name in node_configs.OF_QUERY if node_configs.is_set(name, configs.get(name))]
            raise DbtRuntimeError(
                f"{[*given, 'parallel'][0]}: there is no place for hints in a query without SELECT, or whose SELECT "
                "after WITH is in parentheses: write it without them, or remove the config"
            ) from None

    @available.parse(lambda config: "")
    def load_hint(self, config: Any) -> str:
        """Return the hint to write after CREATE for the config ``direct_load``, followed by a blank, or an empty text.

        The text is empty if the rows are not to be loaded directly, or if the config is ``auto`` and the server has no
        direct load. Raise DbtRuntimeError if the config is ``true`` and the server has no direct load. Also raise it if
        the config has a wrong value, or is ``true`` without ``parallel``.
        """
        mode = node_configs.load_mode(_configs(config.model))
        if mode is None:
            return ""
        if self._knows_hint("DIRECT("):
            return f"/*+ {DIRECT} */ "
        if mode == "auto":
            return ""
        raise DbtRuntimeError(
            f"direct_load: {self.server_info()} has no direct load, which OceanBase 4.x and seekdb 1.3 have: remove "
            "the config, or write direct_load: auto"
        )

    @available.parse_none
    def analyze_statement(self, relation: BaseRelation, config: Any) -> str | None:
        """Return the statement that gathers the statistics of the table ``relation``, as its config ``analyze`` says.

        Return None if there is nothing to gather.
        """
        wanted = node_configs.analyze_of(_configs(config.model))
        if wanted is None:
            return None
        options = []
        if wanted.percent is not None:
            options.append(f"estimate_percent => {wanted.percent:g}")
        if wanted.columns:
            columns = ", ".join(f"{identifier(name)} size auto" for name in wanted.columns)
            options.append(f"method_opt => {literal(f'for columns {columns}')}")
        if wanted.degree is not None:
            options.append(f"degree => {wanted.degree}")
        if not options:
            return f"analyze table {relation.render()}"
        names = f"{literal(relation.schema or '')}, {literal(relation.identifier or '')}"
        return f"call dbms_stats.gather_table_stats({', '.join([names, *options])})"

    def _check_group(self, name: str) -> None:
        server = self.server_info()
        if not self._knows_hint("RESOURCE_GROUP("):
            raise DbtRuntimeError(
                f"resource_group: {server} has no resource groups, which OceanBase 4.x has: remove the config"
            )
        if ask(self.connections.session(), _GROUPS.format(literal(name))).fetchone() is None:
            raise DbtRuntimeError(
                f"resource_group: {name}: {server} has no such group, and would run the node in none: create it by "
                "dbms_resource_manager.create_consumer_group, or correct the config"
            )

    def _knows_hint(self, name: str) -> bool:
        """Check whether the server knows a hint that begins with ``name``, such as ``DIRECT(``, in capitals.

        The server lists the hints that it uses in the answer to EXPLAIN. It is asked once in a run.
        """
        if self._known_hints is None:
            rows = ask(self.connections.session(), _KNOWN_HINTS).fetchall()
            plan = "\n".join(str(row[0]) for row in rows)
            self._known_hints = plan.partition("Used Hint")[2].partition("Qb name")[0].upper()
        return name in self._known_hints


def _configs(node: Any) -> Mapping[str, Any]:
    return getattr(getattr(node, "config", None), "extra", None) or {}


def _check_kind(node: Any) -> None:
    """Raise DbtRuntimeError if ``node`` has a config that has no effect on nodes of its kind.

    For functions, data tests and sources, the configs of tables and views are checked. For all kinds of nodes, the
    configs for hints and for the writing of tables are checked.
    """
    configs, kind = _configs(node), str(node.resource_type)
    made = str(node.config.materialized) if kind in ("model", "snapshot") else kind
    for name in _OF_RELATIONS if made in _NO_RELATIONS else ():
        if configs.get(name) is not None:
            raise DbtRuntimeError(f"{name}: it would have no effect, since dbt builds no table for a {made}: remove it")
    has_query = made in (*_TABLES, "view", "external", "test")
    for name in (*node_configs.OF_QUERY, *node_configs.OF_TABLE):
        if not node_configs.is_set(name, configs.get(name)):
            continue
        if name in node_configs.OF_QUERY and not has_query:
            reason = f"a {made} has no query to put it in: remove it"
            if made == "materialized_view":
                reason = "dbt-oceanbase puts no hints into a materialized view: write them into its query instead"
            raise DbtRuntimeError(f"{name}: it would have no effect, since {reason}")
        fits = made in _TABLES or (name == "analyze" and made == "seed")
        if name in node_configs.OF_TABLE and not fits:
            whose = "tables, incremental models and snapshots" + (", and seeds" if name == "analyze" else "")
            raise DbtRuntimeError(f"{name}: it is for {whose}, and would have no effect on a {made}: remove it")


def _check_stored(node: Any) -> None:
    """Raise DbtRuntimeError for a data test with ``store_failures`` and the config ``read_consistency: weak``.

    Such a test stores its failures in a table and then counts them, and a weak read may not see them.
    """
    # without a value, dbt stores a table
    is_table = getattr(node.config, "store_failures_as", None) in (None, "table")
    is_weak = str(_configs(node).get("read_consistency")).lower() == "weak"
    if is_weak and is_table and getattr(node, "should_store_failures", False):
        raise DbtRuntimeError(
            "read_consistency: weak with store_failures: the test reads what it has just written, which a weak read "
            "may not see: remove one of them, or write read_consistency: strong"
        )
