"""CI runs the command that the README gives, and CONTRIBUTING.md lists the slowest tests that CI runs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / ".ci" / "run"


def test_ci_runs_the_line_of_the_readme() -> None:
    *_, line = SCRIPT.read_text().splitlines()

    assert line.endswith("tox")
    assert line in (ROOT / "README.md").read_text().splitlines()


def test_ci_can_be_run() -> None:
    assert os.access(SCRIPT, os.X_OK)


SLOWEST = re.findall(r"^  \| (\d+) \| `(\S+)` \| `(\w+)` \|$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)


def test_the_slowest_twenty_are_listed() -> None:
    seconds = [int(amount) for amount, *_ in SLOWEST]

    assert len(seconds) == 20
    assert seconds == sorted(seconds, reverse=True)


@pytest.mark.parametrize(("seconds", "file", "name"), SLOWEST)
def test_a_listed_class_has_its_mark(seconds: str, file: str, name: str) -> None:
    text = (ROOT / "tests" / "functional" / file).read_text()

    assert re.search(rf"^ *@pytest\.mark\.takes\({seconds}\)\n(?: *@.*\n)* *(?:class|def) {name}\b", text, re.MULTILINE)
