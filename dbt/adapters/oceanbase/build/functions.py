"""Run for functions what dbt runs before and after every other node: the check of configs, and the clean-up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dbt.adapters.base import available

from ..catalog.adapter_base import OceanBaseAdapterBase


class FunctionHookMixin(OceanBaseAdapterBase):
    """Adapter methods that call ``pre_model_hook`` and ``post_model_hook`` for functions, since dbt does not."""

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._begun: dict[Any, tuple[Any, Any]] = {}

    @available.parse_none
    def begin_function(self, config: Any) -> None:
        """Check the configs of a function, as ``pre_model_hook`` does for other nodes.

        ``config`` is the object ``config`` of the macro that builds the function. Raise DbtRuntimeError if a config is
        not allowed. When dbt has ended the function, ``connection_named`` calls ``post_model_hook``.
        """
        context = self.pre_model_hook(config)
        self._begun[self.connections.get_thread_identifier()] = config, context

    @contextmanager
    def connection_named(
        self, name: str, query_header_context: Any = None, should_release_connection: bool = True
    ) -> Iterator[None]:
        """Name this thread's connection ``name`` until the context ends.

        ``query_header_context`` is the node that dbt runs, or None. If it is a function that ``begin_function`` has
        begun, ``post_model_hook`` is called at the end, also if the function has failed. If
        ``should_release_connection`` is true, the connection is then released.
        """
        with super().connection_named(name, query_header_context, should_release_connection):
            try:
                yield
            finally:
                if str(getattr(query_header_context, "resource_type", "")) == "function":
                    begun = self._begun.pop(self.connections.get_thread_identifier(), None)
                    if begun is not None:
                        self.post_model_hook(*begun)
