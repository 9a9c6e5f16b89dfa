"""Adapter methods that rewrite the SQL of a node as its configs ``standard_sql`` and ``double_pipe`` say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..catalog.adapter_base import OceanBaseAdapterBase


class NodeDialectMixin(OceanBaseAdapterBase):
    """Adapter methods that dbt calls around each node, so that its configs ``standard_sql`` and ``double_pipe`` apply.

    While the node runs, SQL that the server does not parse, or reads differently, is rewritten as these configs say.
    After the node, its file in ``target/run`` gets the rewritten SQL.
    """

    @contextmanager
    def connection_named(
        self, name: str, query_header_context: Any = None, should_release_connection: bool = True
    ) -> Iterator[None]:
        """Name this thread's connection ``name`` until the context ends, and rewrite the statements of a node.

        ``query_header_context`` is the node, or None if dbt passes no node. The node's configs ``standard_sql`` and
        ``double_pipe`` apply to all statements of this thread. If a unit test does not set them, the configs of the
        tested model apply. If ``should_release_connection`` is true, the connection is released at the end. Raise
        DbtRuntimeError if one of these configs has a wrong value.
        """
        named = super().connection_named(name, query_header_context, should_release_connection)
        configs = self._configs_of(query_header_context)
        if not configs:
            with named:
                yield
            return
        with self.connections.rewriter.dialect_of(configs), named:
            yield

    def pre_model_hook(self, config: Any) -> Any:
        """Return the node that dbt is about to run, ``config.model``.

        dbt calls this before it runs a node, and passes the result to ``post_model_hook`` as ``context``.
        """
        super().pre_model_hook(config)
        return config.model

    def post_model_hook(self, config: Any, context: Any) -> None:
        """Replace the SQL in the node's file in ``target/run`` by the SQL that was sent, if it was rewritten.

        dbt calls this after each node, even if the node failed. ``context`` is the node.
        """
        super().post_model_hook(config, context)
        if path := getattr(context, "build_path", None):
            self.connections.rewriter.show_in(Path(self.config.project_root, path))

    def _configs_of(self, node: Any) -> list[Any]:
        """Return the configs of ``node``, and of the model that it tests if it is a unit test."""
        nodes = [node]
        if getattr(node, "resource_type", None) == "unit_test":
            # the resolver is the whole manifest, but its protocol promises macros only
            manifest = getattr(self.get_macro_resolver(), "nodes", {})
            nodes += [manifest[name] for name in node.depends_on.nodes[:1] if name in manifest]
        return [each.config for each in nodes if hasattr(getattr(each, "config", None), "get")]
