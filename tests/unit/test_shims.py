"""Search orders for macros of packages, and the projects that dbt loads."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from dbt.adapters import factory
from dbt.adapters.oceanbase import shims
from dbt.include import oceanbase


class Container:
    """The part of dbt's container of adapters that says which projects an adapter has."""

    def get_include_paths(self, name: str | None) -> list[Path]:
        return [Path("/first"), Path("/core")]


@pytest.fixture(autouse=True)
def container(monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    """Replace dbt's container, so that other tests keep theirs."""
    container = Container()
    monkeypatch.setattr(factory, "FACTORY", container)
    return container


def config(
    folder: Path, *dispatch: dict[str, Any], installed: tuple[str, ...] = ("dbt_utils",), on: bool = True
) -> Any:
    """Return a config of a project in ``folder`` with packages."""
    for name in installed:
        (folder / "dbt_packages" / name).mkdir(parents=True)
    return SimpleNamespace(
        credentials=SimpleNamespace(package_shims=on),
        project_name="root",
        project_root=str(folder),
        packages_install_path="dbt_packages",
        dispatch=list(dispatch),
    )


def entry(*order: str, namespace: str = "dbt_utils") -> dict[str, Any]:
    return {"macro_namespace": namespace, "search_order": list(order)}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([], [entry("root", "oceanbase_shims_dbt_utils", "dbt_utils")]),
        ([entry("a", "dbt_utils")], [entry("a", "oceanbase_shims_dbt_utils", "dbt_utils")]),
        ([entry("root", "dbt", "dbt_utils")], [entry("root", "dbt", "oceanbase_shims_dbt_utils", "dbt_utils")]),
        ([entry("dbt_utils", "root")], [entry("oceanbase_shims_dbt_utils", "dbt_utils", "root")]),
        (
            [entry("root", "dbt_utils", "oceanbase_shims_dbt_utils")],
            [entry("root", "dbt_utils", "oceanbase_shims_dbt_utils")],
        ),
        ([entry("root", "a")], [entry("root", "a")]),
        (
            [entry("root", "a", namespace="a")],
            [entry("root", "a", namespace="a"), entry("root", "oceanbase_shims_dbt_utils", "dbt_utils")],
        ),
    ],
)
def test_the_shims_come_directly_before_their_package(
    tmp_path: Path, container: Container, own: list[Any], expected: list[Any]
) -> None:
    project = config(tmp_path, *own)

    shims.offer(project)
    shims.offer(project)

    assert project.dispatch == expected
    assert container.get_include_paths("oceanbase") == [Path("/first"), Path("/core"), shims.FOLDER / "dbt_utils"]
    assert container.get_include_paths("duckdb") == [Path("/first"), Path("/core")]


def test_only_the_shims_of_installed_packages_are_loaded(tmp_path: Path, container: Container) -> None:
    project = config(tmp_path, installed=("dbt_utils", "dbt_date", "other"))

    shims.offer(project)

    assert project.dispatch == [
        entry("root", f"oceanbase_shims_{name}", name, namespace=name) for name in ("dbt_date", "dbt_utils")
    ]
    assert container.get_include_paths("oceanbase")[2:] == [shims.FOLDER / "dbt_date", shims.FOLDER / "dbt_utils"]


def test_the_entry_of_the_project_is_not_changed_in_place(tmp_path: Path) -> None:
    own = entry("a", "dbt_utils")

    shims.offer(config(tmp_path, own))

    assert own == entry("a", "dbt_utils")


@pytest.mark.parametrize(("installed", "on"), [((), True), (("other",), True), (("dbt_utils",), False)])
def test_nothing_is_done_without_a_package_or_without_shims(
    tmp_path: Path, container: Container, installed: tuple[str, ...], on: bool
) -> None:
    shims.offer(config(tmp_path / "before"))
    project = config(tmp_path / "now", installed=installed, on=on)

    shims.offer(project)

    assert project.dispatch == []
    assert container.get_include_paths("oceanbase") == [Path("/first"), Path("/core")]


def test_a_profile_without_a_project_is_left_alone(container: Container) -> None:
    shims.offer(SimpleNamespace(credentials=SimpleNamespace(package_shims=True)))

    assert container.get_include_paths("oceanbase") == [Path("/first"), Path("/core")]


def test_shims_that_are_installed_as_a_package_are_not_loaded_twice(tmp_path: Path, container: Container) -> None:
    project = config(tmp_path, installed=("dbt_utils", "oceanbase_shims_dbt_utils"))

    shims.offer(project)

    assert project.dispatch == [entry("root", "oceanbase_shims_dbt_utils", "dbt_utils")]
    assert container.get_include_paths("oceanbase") == [Path("/first"), Path("/core")]


def test_a_dbt_that_cannot_load_them_is_told_of_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(factory, "FACTORY", SimpleNamespace())
    monkeypatch.setattr(shims, "logger", SimpleNamespace(warning=said.append, debug=logging.debug))
    project = config(tmp_path)

    shims.offer(project)

    assert project.dispatch == []
    assert said == [
        "package_shims: this version of dbt does not load the adapter's macros for packages by itself; "
        f"add `- local: {shims.FOLDER / 'dbt_utils'}` to packages.yml, or set package_shims: false"
    ]


def test_dbt_asks_its_container_for_the_folders(container: Container) -> None:
    """dbt's function for the folders calls the container's method, which the shims replace."""
    container.get_include_paths = lambda name: [Path("/other")]  # type: ignore[method-assign, assignment]

    assert factory.get_include_paths("x") == [Path("/other")]


def test_packages_whose_macros_mean_something_else_have_no_shims() -> None:
    assert not {"automate_dv", "datavault4dbt"} & set(shims.NAMESPACES)


@pytest.mark.parametrize("namespace", shims.NAMESPACES)
def test_a_package_has_a_project_of_its_own(namespace: str) -> None:
    settings = yaml.safe_load((shims.FOLDER / namespace / "dbt_project.yml").read_text())
    used = {
        name
        for path in (shims.FOLDER / namespace).rglob("*.sql")
        for name in re.findall(r"(\w*oceanbase_shims\w*)\.", path.read_text())
    }

    assert settings["name"] == shims.project_of(namespace)
    assert used <= {shims.project_of(namespace)}


def test_the_shims_are_no_part_of_the_namespace_of_dbt() -> None:
    """There, ``oceanbase__date`` and others would be found instead of macros of packages."""
    assert not shims.FOLDER.is_relative_to(oceanbase.PACKAGE_PATH)
