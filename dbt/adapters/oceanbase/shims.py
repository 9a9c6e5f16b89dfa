"""The adapter's macros for dbt packages, which dbt finds without any configuration of the project.

The macros for one package are called its shims. They are in a dbt project of their own, ``oceanbase_shims_<package>``,
which dbt loads like a package of the user's project. They cannot be among the adapter's other macros, which belong to
dbt's own namespace: ``oceanbase__date``, for example, means something else there than in a package with a macro
``date``. There is one project for each package, because the same name, such as ``date_spine`` or ``type_string``, also
has different meanings in two packages.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dbt.adapters.events.logging import AdapterLogger

from dbt.adapters import factory
from dbt.include import oceanbase_shims

logger = AdapterLogger("OceanBase")

FOLDER = Path(oceanbase_shims.PACKAGE_PATH)
"""Folder of the dbt projects that have the macros."""

NAMESPACES = tuple(sorted(file.parent.name for file in FOLDER.glob("*/dbt_project.yml")))
"""Packages for whose macros there are shims: a dbt project for each."""


def project_of(namespace: str) -> str:
    """Return the name of the dbt project with the shims of the package ``namespace``."""
    return f"oceanbase_shims_{namespace}"


def offer(config: Any) -> None:
    """Make dbt find the shims in the run that has ``config``, unless the profile has ``package_shims: false``.

    ``config`` is dbt's RuntimeConfig. Its list ``dispatch`` is changed. Nothing is done for a Profile, which ``dbt
    debug`` passes and which has no such list. Nothing is done for a package that is not installed. Log a warning if
    this version of dbt cannot load the shims.
    """
    names = _installed_names(config) if config.credentials.package_shims and hasattr(config, "dispatch") else set()
    namespaces = [namespace for namespace in NAMESPACES if namespace in names]
    folders = [FOLDER / namespace for namespace in namespaces if project_of(namespace) not in names]
    if not _load(folders):
        entries = ", ".join(f"`- local: {folder}`" for folder in folders)
        logger.warning(
            "package_shims: this version of dbt does not load the adapter's macros for packages by itself; "
            f"add {entries} to packages.yml, or set package_shims: false"
        )
        return
    for namespace in namespaces:
        _add_to_search_order(config, namespace)


def _installed_names(config: Any) -> set[str]:
    """Return the names of the packages of the project, after which dbt names their folders."""
    folder = Path(config.project_root, config.packages_install_path)
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def _add_to_search_order(config: Any, namespace: str) -> None:
    """Make dbt search the shims for the macros of the package ``namespace``.

    In an entry of the project for the package, the shims come directly before the package, so that all that the project
    puts before it is found first. An entry that names the shims or leaves out the package stays as it is.
    """
    shims = project_of(namespace)
    for number, entry in enumerate(config.dispatch):
        order = list(entry["search_order"])
        if entry["macro_namespace"] != namespace:
            continue
        if shims not in order and namespace in order:
            order.insert(order.index(namespace), shims)
            config.dispatch[number] = {**entry, "search_order": order}
            logger.debug(f"package_shims: the search order for {namespace} is now {', '.join(order)}")
        return
    config.dispatch.append({"macro_namespace": namespace, "search_order": [config.project_name, shims, namespace]})


def _load(folders: list[Path]) -> bool:
    """Make ``folders`` the projects that dbt loads for shims. Return whether this version of dbt allows it.

    dbt asks its container of adapters for the folders of an adapter's projects and has no other way to add one. The
    names of the projects, which the same container knows, are not changed: dbt takes a project whose name is not among
    them for a package.
    """
    container: Any = getattr(factory, "FACTORY", None)
    paths = getattr(container, "get_include_paths", None)
    if folders and paths is None:
        return False
    if folders and not isinstance(paths, _IncludePaths):
        paths = container.get_include_paths = _IncludePaths(paths)
    if isinstance(paths, _IncludePaths):
        paths.shims = folders
    return True


class _IncludePaths:
    """dbt's function for the folders of an adapter's projects, with the folders of shims."""

    def __init__(self, original: Any) -> None:
        self._original = original
        self.shims: list[Path] = []

    def __call__(self, name: str | None) -> list[Path]:
        paths = list(self._original(name))
        return [*paths, *self.shims] if name == "oceanbase" else paths
