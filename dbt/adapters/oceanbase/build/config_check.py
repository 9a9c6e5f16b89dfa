"""Check the names of configs before a node runs: misspelt names are refused, and unused configs get a warning."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from dbt.adapters.events.types import AdapterEventWarning
from dbt_common.events.functions import warn_or_error
from dbt_common.exceptions import DbtRuntimeError

from ..catalog.adapter_base import OceanBaseAdapterBase
from . import config_names

_VARIABLE = "known_configs"
_INTERNAL = ("dbt", "dbt_oceanbase")


class ConfigCheckMixin(OceanBaseAdapterBase):
    """The check of the names of a node's configs. It sends no statement.

    The code of macros and models is searched only if the node has a config that neither dbt nor the adapter declares.
    """

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._read: frozenset[str] | None = None
        self._warned: set[str] = set()
        self._lock = threading.Lock()

    def pre_model_hook(self, config: Any) -> None:
        """Check the names of a node's configs.

        dbt calls this before a model, seed, snapshot, function, test or unit test runs. Raises DbtRuntimeError for a
        misspelt config. For a config that nothing reads, one warning is logged in a run. It names nodes that have it.
        """
        node = config.model
        extra = extra_configs(node)
        if not extra:
            return
        own = config_names.declared(type(node.config)) | self._adapter_configs() | config_names.OF_DBT
        if node.resource_type == "test":
            own |= config_names.OF_TESTS
        for name in sorted(extra - own):
            if name in self._known_configs(node):
                continue
            if meant := config_names.misspelt(name, own):
                raise DbtRuntimeError(config_names.misspelt_error(name, meant))
            with self._lock:
                is_new = name not in self._warned
                self._warned.add(name)
            if is_new:
                nodes = {str(each.name) for each in self._all_nodes() if name in extra_configs(each)}
                warn_or_error(AdapterEventWarning(name="OceanBase", base_msg=config_names.unread_warning(name, nodes)))

    def _known_configs(self, node: Any) -> frozenset[str]:
        """Return the names of the configs that some code reads or that the variable ``known_configs`` lists.

        ``known_configs`` is a variable of the project to which ``node`` belongs.
        """
        if self._read is None:
            self._read = config_names.declared_anywhere() | self._adapter_configs() | frozenset(self._read_by_project())
        listed = self.config.cli_vars.get(_VARIABLE, self.config.vars.vars_for(node, self.type()).get(_VARIABLE, ()))
        return self._read | frozenset([listed] if isinstance(listed, str) else map(str, listed))

    def _adapter_configs(self) -> frozenset[str]:
        return frozenset(field.name for field in fields(self.AdapterSpecificConfigs) if not field.name.startswith("_"))

    def _read_by_project(self) -> Iterator[str]:
        """Yield the names of all configs that macros, models and other code of the project and its packages read."""
        macros = getattr(self.get_macro_resolver(), "macros", {})
        for macro in macros.values():
            if macro.package_name not in _INTERNAL:
                yield from config_names.possibly_read_by(macro.macro_sql)
        for node in self._all_nodes():
            yield from config_names.read_by(str(getattr(node, "raw_code", "")))

    def _all_nodes(self) -> list[Any]:
        # the resolver is the whole manifest, but its protocol promises macros only
        return list(getattr(self.get_macro_resolver(), "nodes", {}).values())


def extra_configs(node: Any) -> set[str]:
    """Return the names of a node's configs that are no fields of dbt's config class for the node.

    Names that dbt itself adds when it runs a node, such as the limits of a batch, are left out.
    """
    names = getattr(node.config, "extra", None) or ()
    return {name for name in names if not name.startswith("__dbt_")}
