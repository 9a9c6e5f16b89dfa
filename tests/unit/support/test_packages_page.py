"""docs/packages.md matches tests/packages/suites.yml; its results are entered by tests/packages/run.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))

from packages import page, run

TEXT = f"before\n{page.BEGIN}\n{page.END}\nafter\n"
NAME = next(iter(page.suites()))


def test_the_page_is_up_to_date() -> None:
    text = page.PAGE.read_text()

    assert text == page.render(text, page.read(text)), "run `python tests/packages/page.py`, which keeps the results"


def test_results_are_read_as_they_were_written() -> None:
    rows = {
        (NAME, "1.3"): ["1.0-3-gabc", "-", "1 of 2", "3 of 3"],
        (NAME, "1.4"): ["1.1", "1 of 1", "2 of 2", "3 of 3"],
    }

    text = page.render(TEXT, rows)

    assert page.read(text) == rows
    assert text.startswith("before\n")
    assert text.endswith("after\n")


def test_a_test_that_has_to_fail_must_not_pass_or_have_an_error() -> None:
    found = {"test": [("finds", "fail: Got 4 results"), ("broken", "error: Unknown column"), ("blind", "")]}
    suite = {"cannot": {}, "must_fail": {"finds": "why", "broken": "why", "blind": "why"}}

    assert run.judge("p", suite, found) == [
        "p: broken: error: Unknown column",
        "p: blind passes, or is gone, but has to fail",
    ]


def test_only_what_is_not_expected_is_a_surprise() -> None:
    found = {"test": [("good", ""), ("known", "fail: 1"), ("new", "fail: 2"), ("better", "")]}
    suite = {"cannot": {"known": "why", "better": "why", "gone": "why"}}

    assert run.judge("p", suite, found) == [
        "p: new: fail: 2",
        "p: better passes, or is gone: remove it from suites.yml",
        "p: gone passes, or is gone: remove it from suites.yml",
    ]


def test_a_project_gets_the_versions_that_it_names(tmp_path: Path) -> None:
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@localhost", "-C", str(tmp_path / "dbt-date")]
    (tmp_path / "dbt-date").mkdir()
    subprocess.run([*git, "init", "--quiet"], check=True)
    for version in ("0.10.0", "0.17.1"):
        (tmp_path / "dbt-date" / "version").write_text(version)
        subprocess.run([*git, "add", "version"], check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", version], check=True)
        subprocess.run([*git, "tag", version], check=True)
    file, folders = tmp_path / "packages.yml", {"dbt_date": tmp_path / "dbt-date"}

    def install(entry: dict[str, str]) -> dict[str, str]:
        file.write_text(yaml.safe_dump({"packages": [entry]}))
        return run.install_named(file, ["dbt_utils", "dbt_date"], folders, tmp_path)

    assert install({"package": "godatadriven/dbt_date", "version": "0.10.0"}) == {"dbt_date": "0.10.0"}
    assert (tmp_path / "dbt_packages" / "dbt_date" / "version").read_text() == "0.10.0"
    assert install({"git": "https://localhost/dbt-date.git", "revision": "HEAD"}) == {"dbt_date": "0.17.1"}
    with pytest.raises(SystemExit, match=r"has no 9.9: fetch"):
        install({"package": "godatadriven/dbt_date", "version": "9.9"})
