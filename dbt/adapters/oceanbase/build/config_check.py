"""Check configs before a node runs: refuse misspelt ones and those of other adapters, and warn about unused ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from dbt.adapters.events.types import AdapterEventWarning
from dbt_common.events.functions import warn_or_error
from dbt_common.exceptions import DbtRuntimeError

from ..catalog.adapter_base import OceanBaseAdapterBase
from . import config_names, neighbour_configs, unused_configs

_VARIABLE = "known_configs"
_INTERNAL = ("dbt", "dbt_oceanbase")
_ALL_NODES = ""


class ConfigCheckMixin(OceanBaseAdapterBase):
    """The check of the names of a node's configs. It sends no statement.

    The code of macros and models is searched for configs in two cases only: a node has a config that neither dbt nor
    the adapter declares, or a function, data test or source has one of the configs ``unused_configs.OF_MODELS_ONLY``.
    """

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._read: frozenset[str] | None = None
        self._warned: set[str] = set()
        self._lock = threading.Lock()

    def pre_model_hook(self, config: Any) -> None:
        """Check the names of a node's configs.

        dbt calls this before a model, seed, snapshot, function, test or unit test runs. A config is accepted if dbt,
        the adapter or any code of the project reads it, or if the variable ``known_configs`` lists it. Any other config
        raises DbtRuntimeError if it is a misspelling, or if it is a config of another adapter and the node belongs to
        the project itself and not to a package. For each remaining config, one warning is logged in a run, with the
        names of the nodes that have it.

        The first call in a run checks all nodes for configs that have no effect on a node of that kind, such as
        ``indexes`` on an ephemeral model. Each of these configs gets a warning.
        """
        self._check_unused()
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
            if instead := neighbour_configs.INSTEAD.get(name):
                if node.package_name == self.config.project_name:
                    raise DbtRuntimeError(neighbour_configs.error(name))
            elif meant := config_names.misspelt(name, own):
                raise DbtRuntimeError(config_names.misspelt_error(name, meant))
            if self._is_new(name):
                nodes = {str(each.name) for each in self._all_nodes() if name in extra_configs(each)}
                _warn(config_names.unread_warning(name, nodes, instead))

    def _check_unused(self) -> None:
        """Warn about configs that have no effect on a node of their node's kind. Check all nodes, once in a run."""
        if not self._is_new(_ALL_NODES):
            return
        nodes = [*self._all_nodes("nodes"), *self._all_nodes("sources"), *self._all_nodes("functions")]
        found = unused_configs.unused_configs(nodes, self._adapter_configs(), self._listed)
        # a macro may read these from the config of a function, data test or source
        doubtful = [each for each in found if each.config in unused_configs.OF_MODELS_ONLY and not each.is_of_model]
        read = frozenset(self._read_by_project()) if doubtful else frozenset()
        for each, names in found.items():
            if each not in doubtful or each.config not in read:
                _warn(unused_configs.warning(each, names))

    def _is_new(self, name: str) -> bool:
        with self._lock:
            is_new = name not in self._warned
            self._warned.add(name)
        return is_new

    def _known_configs(self, node: Any) -> frozenset[str]:
        """Return the names of the configs that some code reads or that the variable ``known_configs`` lists.

        ``known_configs`` is a variable of the project to which ``node`` belongs.
        """
        if self._read is None:
            self._read = config_names.declared_anywhere() | self._adapter_configs() | frozenset(self._read_by_project())
        return self._read | self._listed(node)

    def _listed(self, node: Any) -> frozenset[str]:
        listed = self.config.cli_vars.get(_VARIABLE, self.config.vars.vars_for(node, self.type()).get(_VARIABLE, ()))
        return frozenset([listed] if isinstance(listed, str) else map(str, listed))

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

    def _all_nodes(self, kind: str = "nodes") -> list[Any]:
        # the resolver is the whole manifest, but its protocol promises macros only
        return list(getattr(self.get_macro_resolver(), kind, {}).values())


def _warn(text: str) -> None:
    warn_or_error(AdapterEventWarning(name="OceanBase", base_msg=text))


def extra_configs(node: Any) -> set[str]:
    """Return the names of a node's configs that are no fields of dbt's config class for the node.

    Names that dbt itself adds when it runs a node, such as the limits of a batch, are left out.
    """
    names = getattr(node.config, "extra", None) or ()
    return {name for name in names if not name.startswith("__dbt_")}
