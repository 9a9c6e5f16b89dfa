"""Which macro is found for a dispatch into a package: the project's, the shim, or the package's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from dbt.tests.util import run_dbt, run_dbt_and_capture
from support.outside import Database

from dbt.adapters import factory
from dbt.adapters.oceanbase import shims

pytestmark = pytest.mark.any_kernel

PACKAGE = """
{% macro deduplicate(relation, partition_by, order_by) %}
  {{ return(adapter.dispatch('deduplicate', 'dbt_utils')(relation, partition_by, order_by)) }}
{% endmacro %}
{% macro default__deduplicate(relation, partition_by, order_by) %}select 'package' as place{% endmacro %}
{% macro generate_series() %}{{ return(adapter.dispatch('generate_series', 'dbt_utils')()) }}{% endmacro %}
{% macro default__generate_series() %}select 'package' as place{% endmacro %}
{% macro week_start(date) %}{{ return(adapter.dispatch('week_start', 'dbt_utils')(date)) }}{% endmacro %}
{% macro default__week_start(date) %}select 'package' as place{% endmacro %}
"""
OTHER_PACKAGE = (
    "{% macro oceanbase__deduplicate(relation, partition_by, order_by) %}select 'other' as place{% endmacro %}"
)
ROOT = "{% macro oceanbase__deduplicate(relation, partition_by, order_by) %}select 'project' as place{% endmacro %}"


class TestSearchOrder:
    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        return {
            "shim.sql": "{{ dbt_utils.deduplicate(ref('one'), 'place', 'place') }}",
            "core.sql": "{{ dbt_utils.generate_series() }}",
            "shared.sql": "{{ dbt_utils.week_start('1') }}",
            "one.sql": "select 'shim' as place",
        }

    @pytest.fixture(scope="class", autouse=True)
    def packages_of_the_project(self, project: Any, install: Any) -> None:
        install("dbt_utils", {"macros": PACKAGE})
        install("other", {"macros": OTHER_PACKAGE})
        install("dbt_date", {"macros": "{% macro unused() %}{% endmacro %}"})

    def set_project(self, project: Any, **settings: Any) -> None:
        path = Path(project.project_root, "dbt_project.yml")
        path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **settings}))

    def set_profile(self, project: Any, **settings: Any) -> None:
        path = Path(project.profiles_dir, "profiles.yml")
        profile = yaml.safe_load(path.read_text())
        profile["test"]["outputs"]["default"].update(settings)
        path.write_text(yaml.safe_dump(profile))

    def place(self, db: Database, model: str = "shim") -> str:
        return str(db.value(f"select place from {{s}}.{model}"))

    def test_shims_come_before_the_package_and_after_the_project(self, project: Any, db: Database) -> None:
        """Every step changes what the last run has parsed, which partial parsing keeps."""
        run_dbt(["run"])
        assert self.place(db) == "shim"
        assert self.place(db, "core") == "package", "the adapter's own generate_series is another macro"
        assert self.place(db, "shared") == "package", "the shim of this name is one of dbt_date, which is installed"
        manifest = json.loads(Path(project.project_root, "target", "manifest.json").read_text())
        used = manifest["macros"]["macro.dbt_utils.deduplicate"]["depends_on"]["macros"]
        assert used == ["macro.oceanbase_shims_dbt_utils.oceanbase__deduplicate"]

        self.set_profile(project, package_shims=False)
        run_dbt(["run", "--select", "shim"])
        assert self.place(db) == "package"

        self.set_profile(project, package_shims=True)
        self.set_project(project, dispatch=[{"macro_namespace": "dbt_utils", "search_order": ["other", "dbt_utils"]}])
        run_dbt(["run", "--select", "shim"])
        assert self.place(db) == "other"

        self.set_project(project, dispatch=[{"macro_namespace": "dbt_utils", "search_order": ["test", "dbt_utils"]}])
        _, log = run_dbt_and_capture(["--debug", "run", "--select", "shim"])
        assert self.place(db) == "shim"
        assert "the search order for dbt_utils is now test, oceanbase_shims_dbt_utils, dbt_utils" in log

        Path(project.project_root, "macros").mkdir(exist_ok=True)
        Path(project.project_root, "macros", "own.sql").write_text(ROOT)
        self.set_project(project, dispatch=[])
        run_dbt(["run", "--select", "shim"])
        assert self.place(db) == "project"

        run_dbt(["debug"])

    def test_a_dbt_that_does_not_load_them_finds_them_as_packages(
        self, project: Any, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The entries of packages.yml are those that the warning names."""
        monkeypatch.delitem(vars(factory.FACTORY), "get_include_paths", raising=False)
        monkeypatch.setattr(shims, "factory", SimpleNamespace())
        root = Path(project.project_root)
        (root / "macros" / "own.sql").unlink(missing_ok=True)
        self.set_project(project, dispatch=[])

        _, log = run_dbt_and_capture(["run", "--select", "one", "shim"])
        assert self.place(db) == "package"
        named = re.findall("`- local: (.+?)`", log)
        assert [Path(folder).name for folder in named] == ["dbt_date", "dbt_utils"]

        # dbt deps makes the folder of packages anew
        installed = (root / "dbt_packages").rename(root / "sources")
        folders = [*map(str, installed.iterdir()), *named]
        (root / "packages.yml").write_text(yaml.safe_dump({"packages": [{"local": folder} for folder in folders]}))
        run_dbt(["deps"])
        run_dbt(["run", "--select", "shim"])
        assert self.place(db) == "shim"
