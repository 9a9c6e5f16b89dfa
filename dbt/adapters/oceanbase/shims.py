"""Offer the adapter's macros for dbt packages, so that dbt finds them without any configuration of the project.

A shim is a macro that dbt calls in place of a macro of a dbt package, because the package's own macro does not work on
OceanBase. The shims for one package are in a dbt project of their own, ``oceanbase_shims_<package>``, which dbt loads
like a package of the user's project.

Shims cannot be among the adapter's other macros, which belong to dbt's own namespace. There, ``oceanbase__date``
implements dbt's own macro ``date``, and not the macro ``date`` of a package. Each package has its own project of
shims, because the same name, such as ``date_spine`` or ``type_string``, also has different meanings in two packages.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dbt.adapters.events.logging import AdapterLogger

from dbt.adapters import factory
from dbt.include import oceanbase_shims

logger = AdapterLogger("OceanBase")

FOLDER = Path(oceanbase_shims.PACKAGE_PATH)
"""Folder of the dbt projects with the adapter's macros for dbt packages (shims), one subfolder for each package."""

NAMESPACES = tuple(sorted(file.parent.name for file in FOLDER.glob("*/dbt_project.yml")))
"""Names of the dbt packages for which the adapter has shims. A shim is a macro that replaces a macro of a package."""


def project_of(namespace: str) -> str:
    """Return the name of the dbt project whose macros replace macros of the dbt package ``namespace``."""
    return f"oceanbase_shims_{namespace}"


def offer(config: Any) -> None:
    """Make dbt find the adapter's shims for packages, unless the profile has ``package_shims: false``.

    Shims are macros that replace macros of a package. Shims for a package that is not installed are left out.
    ``config`` is dbt's RuntimeConfig, whose list ``dispatch`` is changed. ``dbt debug`` passes a Profile instead, which
    has no such list. In that case nothing is done. Log a warning if this version of dbt cannot load the shims.
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
    """Return the names of the packages that are installed in the project.

    They are the names of folders, because dbt puts each package into a folder of the package's name.
    """
    folder = Path(config.project_root, config.packages_install_path)
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def _add_to_search_order(config: Any, namespace: str) -> None:
    """Make dbt find the shims, which are macros that replace macros of the package ``namespace``.

    ``config.dispatch`` has the project's entries of ``dispatch``. Each entry lists the dbt projects in which dbt
    searches for the macros of one package. In the entry for ``namespace``, the project with the shims is inserted
    directly before the package, so that macros of the user's project are still found first. An entry that already lists
    the project with the shims, or does not list the package, is not changed. If there is no entry, one is added.
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
    """Make dbt load the projects in ``folders`` as packages. Return whether this version of dbt allows that.

    dbt's adapter factory has a function ``get_include_paths``, which returns the folders of an adapter's dbt projects.
    This function is replaced by one that also returns ``folders``, since there is no other way to add a folder. The
    factory also has a list with the names of the adapter's projects. dbt treats a loaded project as a package only if
    its name is not in this list, so the list is not changed.
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
    """A callable that replaces dbt's function ``get_include_paths``.

    If it is called for this adapter, it adds the folders in ``shims`` to the result of dbt's function. These folders
    have macros for dbt packages.
    """

    def __init__(self, original: Any) -> None:
        self._original = original
        self.shims: list[Path] = []

    def __call__(self, name: str | None) -> list[Path]:
        paths = list(self._original(name))
        return [*paths, *self.shims] if name == "oceanbase" else paths
