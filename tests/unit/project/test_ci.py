"""CI runs the command that the README gives, so that the README's command is tested in each run."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / ".ci" / "run"


def test_ci_runs_the_line_of_the_readme() -> None:
    *_, line = SCRIPT.read_text().splitlines()

    assert line.endswith("tox")
    assert line in (ROOT / "README.md").read_text().splitlines()


def test_ci_can_be_run() -> None:
    assert os.access(SCRIPT, os.X_OK)
