"""A release needs a tag, a version and a section of the changelog that agree."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "check_release.py"
spec = importlib.util.spec_from_file_location("check_release", SCRIPT)
assert spec is not None
assert spec.loader is not None
check_release = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_release)


def checkout(folder: Path, version: str, changelog: str) -> Path:
    package = folder / "dbt" / "adapters" / "oceanbase"
    package.mkdir(parents=True)
    (package / "__version__.py").write_text(f'version = "{version}"\n')
    (folder / "CHANGELOG.md").write_text(changelog)
    return folder


def test_what_agrees_is_released(tmp_path: Path) -> None:
    root = checkout(
        tmp_path, "2.0.0", "# Changelog\n\n## 2.0.0 - 2027-01-15\n\nFirst release.\n\n## 1.0.0 - 2026-01-01\n"
    )

    assert check_release.problems("v2.0.0", root) == []


@pytest.mark.parametrize(
    ("tag", "version", "section", "reason"),
    [
        ("v2.0.1", "2.0.0", "## 2.0.0 - 2027-01-15\n\nNew.\n", "the tag is v2.0.1, the version 2.0.0"),
        ("2.0.0", "2.0.0", "## 2.0.0 - 2027-01-15\n\nNew.\n", "the tag has to be v2.0.0"),
        ("v2.0.0dev0", "2.0.0dev0", "## 2.0.0dev0 - 2027-01-15\n\nNew.\n", "is a development version"),
        ("v2.0.0", "2.0.0", "## Unreleased\n\nNew.\n", "has no section '## 2.0.0 - <date>'"),
        ("v2.0.0", "2.0.0", "## 2.0.0 - 2027-01-15\n\n## 1.0.0 - 2026-01-01\n\nOld.\n", "says nothing under 2.0.0"),
    ],
)
def test_what_differs_is_refused(tmp_path: Path, tag: str, version: str, section: str, reason: str) -> None:
    [problem] = check_release.problems(tag, checkout(tmp_path, version, f"# Changelog\n\n{section}"))

    assert reason in problem
