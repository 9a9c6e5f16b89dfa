"""Check configs before a node runs: refuse misspelt and foreign configs, and warn about configs without effect.

A foreign config is a config of another adapter.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

from dbt.adapters.events.types import AdapterEventWarning
from dbt_common.events.functions import warn_or_error
from dbt_common.exceptions import DbtRuntimeError

from ..catalog.adapter_base import OceanBaseAdapterBase
from . import config_names, neighbour_configs, unused_configs

_VARIABLE = "known_configs"
_INTERNAL = ("dbt", "dbt_oceanbase")


class ConfigCheckMixin(OceanBaseAdapterBase):
    """The check of the names of a node's configs. It sends no statement.

    The code of macros and models is searched for configs in two cases only: a node has a config that neither dbt nor
    the adapter declares, or a node has a config without effect.
    """

    def __init__(self, config: Any, mp_context: Any) -> None:
        super().__init__(config, mp_context)
        self._read: tuple[frozenset[str], frozenset[str]] | None = None
        self._warned: set[str] = set()
        self._unused: list[str] | None = None
        self._lock = threading.Lock()

    def pre_model_hook(self, config: Any) -> None:
        """Check the names of a node's configs.

        dbt calls this before a model, seed, snapshot, function, test or unit test runs. A config is accepted if it has
        no value, if dbt, the adapter or any code of the project reads it, or if the variable ``known_configs`` lists
        it. A config of another adapter is also accepted if its value is false or empty. Raise DbtRuntimeError for any
        other config that is a misspelling. Also raise it for any other config of another adapter, unless the node
        belongs to a package or the config's name is in ``neighbour_configs.ORDINARY_WORDS``. For each remaining config,
        one warning is logged in a run, with the names of the nodes that have it.

        The first call in a run checks all nodes of the project for configs that have no effect on a node of that kind,
        such as ``indexes`` on an ephemeral model. Each of these configs gets a warning. If warnings are errors, each
        call raises DbtRuntimeError with all of them.
        """
        self._check_unused()
        node = config.model
        extra = extra_configs(node)
        if not extra:
            return
        own = config_names.declared(type(node.config)) | self._adapter_configs() | config_names.OF_DBT
        if node.resource_type == "test":
            own |= config_names.OF_TESTS
        for name in sorted(extra.keys() - own):
            instead = neighbour_configs.INSTEAD.get(name)
            # without a value, such a config asks for what OceanBase does anyway
            if name in self._known_configs(node, name) or (instead and not extra[name]):
                continue
            if instead:
                if node.package_name == self.config.project_name and name not in neighbour_configs.ORDINARY_WORDS:
                    raise DbtRuntimeError(neighbour_configs.error(name))
            elif meant := config_names.misspelt(name, own):
                raise DbtRuntimeError(config_names.misspelt_error(name, meant))
            self._warn_once(name, instead)

    def _warn_once(self, name: str, instead: str | None) -> None:
        with self._lock:
            if name not in self._warned:
                nodes = {str(each.name) for each in self._all_nodes() if name in extra_configs(each)}
                _warn(config_names.unread_warning(name, nodes, instead))
                self._warned.add(name)

    def _check_unused(self) -> None:
        """Warn about configs that have no effect on the nodes that set them, such as ``indexes`` on an ephemeral model.

        All nodes of the project are checked, once in a run. Raise DbtRuntimeError with all warnings if warnings are
        errors.
        """
        with self._lock:
            if self._unused is None:
                self._unused = self._unused_warnings()
            try:
                for text in self._unused:
                    _warn(text)
            except DbtRuntimeError as error:
                raise DbtRuntimeError("\n".join(self._unused)) from error
            self._unused = []

    def _unused_warnings(self) -> list[str]:
        kinds = ("nodes", "sources", "functions")
        nodes = [
            each for kind in kinds for each in self._all_nodes(kind) if each.package_name == self.config.project_name
        ]
        has_header = bool(self.config.flags.get(unused_configs.HEADER_FLAG))
        found = unused_configs.unused_configs(nodes, self._adapter_configs(), self._listed, has_header)
        if not found:
            return []
        # a macro may read any config; a config of a folder is meant for the other nodes of the folder
        left_out = set()
        for section in (self.config.models, self.config.sources, self.config.data_tests, self.config.functions):
            left_out |= unused_configs.set_for_folders(section) - {unused_configs.HEADER}
        left_out.update(self._read_by_project(config_names.possibly_read_by))
        return [unused_configs.warning(each, names) for each, names in found.items() if each.config not in left_out]

    def _known_configs(self, node: Any, name: str) -> frozenset[str]:
        """Return the names of the configs that some code reads or that the variable ``known_configs`` lists.

        ``known_configs`` is a variable of the project to which ``node`` belongs. ``name`` is the config to be checked.
        A macro can compute the name of the config that it reads. So the result also has the names that macros might
        read.
        There is one exception: if ``name`` is a config of another adapter, the macros of packages add only the names
        that they certainly read, because packages use such names for other things.
        """
        if self._read is None:
            known = config_names.declared_anywhere() | self._adapter_configs()
            readers = (config_names.possibly_read_by, config_names.read_by)
            possibly, certainly = (known | frozenset(self._read_by_project(reader)) for reader in readers)
            self._read = possibly, certainly
        return self._read[name in neighbour_configs.INSTEAD] | self._listed(node)

    def _listed(self, node: Any) -> frozenset[str]:
        listed = self.config.cli_vars.get(_VARIABLE, self.config.vars.vars_for(node, self.type()).get(_VARIABLE, ()))
        return listed_names(listed)

    def _adapter_configs(self) -> frozenset[str]:
        return frozenset(field.name for field in fields(self.AdapterSpecificConfigs) if not field.name.startswith("_"))

    def _read_by_project(self, of_packages: Callable[[str], set[str]]) -> Iterator[str]:
        """Yield the names of configs that macros, models and other nodes of the project and its packages may read.

        ``of_packages`` is called with the code of each macro of a package. It returns the names of the configs that the
        macro reads or may read.
        """
        macros = getattr(self.get_macro_resolver(), "macros", {})
        for macro in macros.values():
            if macro.package_name == self.config.project_name:
                yield from config_names.possibly_read_by(macro.macro_sql)
            elif macro.package_name not in _INTERNAL:
                yield from of_packages(macro.macro_sql)
        for node in self._all_nodes():
            yield from config_names.read_by(str(getattr(node, "raw_code", "")))

    def _all_nodes(self, kind: str = "nodes") -> list[Any]:
        # the resolver is the whole manifest, but its protocol promises macros only
        return list(getattr(self.get_macro_resolver(), kind, {}).values())


def _warn(text: str) -> None:
    warn_or_error(AdapterEventWarning(name="OceanBase", base_msg=text))


def listed_names(value: Any) -> frozenset[str]:
    """Return the names in ``value``, which the variable ``known_configs`` has: a list of texts, one text or None.

    Raise DbtRuntimeError if it is anything else.
    """
    names = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(names, (list, tuple, set, frozenset)) or not all(isinstance(name, str) for name in names):
        raise DbtRuntimeError(
            f"{_VARIABLE}: {value!r} is no list of names of configs: write [one_config, another_config]"
        )
    return frozenset(names)


def extra_configs(node: Any) -> dict[str, Any]:
    """Return the configs of a node that have a value and are no fields of dbt's config class for the node.

    Names that dbt itself adds when it runs a node, such as the limits of a batch, are left out.
    """
    extra = getattr(node.config, "extra", None) or {}
    return {name: value for name, value in extra.items() if value is not None and not name.startswith("__dbt_")}
