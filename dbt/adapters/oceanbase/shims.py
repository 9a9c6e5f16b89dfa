"""The adapter's macros for dbt packages, which dbt finds without any configuration of the project.

They are in a dbt project of their own, ``oceanbase_shims``, which dbt loads like a package of the project. The
adapter's other macros belong to dbt's own namespace, where ``oceanbase__date`` and others mean something else than in
packages that have macros of these names. All packages share the project, so the shim of one package is also found for
another one that has a macro of this name: its result must be right for both (``date_spine`` of dbt_date and dbt_utils).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dbt.adapters.events.logging import AdapterLogger

from dbt.adapters import factory
from dbt.include import oceanbase_shims

logger = AdapterLogger("OceanBase")

PROJECT = "oceanbase_shims"
"""Name of the dbt project that has the macros."""

FOLDER = Path(oceanbase_shims.PACKAGE_PATH)
"""Folder of that project."""

NAMESPACES = tuple(sorted(folder.name for folder in (FOLDER / "macros").iterdir() if folder.is_dir()))
"""Packages for whose macros there are shims: a folder of macros for each."""


def offer(config: Any) -> None:
    """Make dbt find the shims in the run that has ``config``, unless the profile has ``package_shims: false``.

    ``config`` is dbt's RuntimeConfig, whose list ``dispatch`` is changed. The Profile of ``dbt debug`` has none, and
    nothing is done then. Nor is anything done for a package that is not installed.
    """
    namespaces = _installed(config) if config.credentials.package_shims and hasattr(config, "dispatch") else []
    if not _load_shims(bool(namespaces) and PROJECT not in _installed_names(config)):
        logger.warning(
            "package_shims: this version of dbt does not load the adapter's macros for packages by itself; "
            f"add `- local: {FOLDER}` to packages.yml, or set package_shims: false"
        )
        return
    for namespace in namespaces:
        _add_to_search_order(config, namespace)


def _installed(config: Any) -> list[str]:
    """Return the packages of the project for which there are shims."""
    return [namespace for namespace in NAMESPACES if namespace in _installed_names(config)]


def _installed_names(config: Any) -> set[str]:
    """Return the names of the packages of the project, after which dbt names their folders."""
    folder = Path(config.project_root, config.packages_install_path)
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def _add_to_search_order(config: Any, namespace: str) -> None:
    """Make dbt search the shims for the macros of the package ``namespace``.

    In an entry of the project for the package, the shims come directly before the package, so that all that the project
    puts before it is found first. An entry that names ``oceanbase_shims`` or leaves out the package stays as it is.
    """
    for number, entry in enumerate(config.dispatch):
        order = list(entry["search_order"])
        if entry["macro_namespace"] != namespace:
            continue
        if PROJECT not in order and namespace in order:
            order.insert(order.index(namespace), PROJECT)
            config.dispatch[number] = {**entry, "search_order": order}
            logger.debug(f"package_shims: the search order for {namespace} is now {', '.join(order)}")
        return
    order = [config.project_name, PROJECT, namespace]
    config.dispatch.append({"macro_namespace": namespace, "search_order": order})


def _load_shims(wanted: bool) -> bool:
    """Add the shims to the projects that dbt loads, or remove them. Return whether this version of dbt allows it.

    dbt asks its container of adapters for the folders of an adapter's projects and has no other way to add one. The
    names of the projects, which the same container knows, are not changed: dbt takes a project whose name is not among
    them for a package.
    """
    container: Any = getattr(factory, "FACTORY", None)
    paths = getattr(container, "get_include_paths", None)
    if wanted and paths is None:
        return False
    if wanted and not isinstance(paths, _IncludePaths):
        paths = container.get_include_paths = _IncludePaths(paths)
    if isinstance(paths, _IncludePaths):
        paths.with_shims = wanted
    return True


class _IncludePaths:
    """dbt's function for the folders of an adapter's projects, with the folder of the shims."""

    def __init__(self, original: Any) -> None:
        self._original = original
        self.with_shims = False

    def __call__(self, name: str | None) -> list[Path]:
        paths = list(self._original(name))
        return [*paths, FOLDER] if self.with_shims and name == "oceanbase" else paths
