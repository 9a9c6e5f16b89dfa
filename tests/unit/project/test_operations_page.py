"""docs/operations.md lists the operations that exist, and each command of a document names one of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "operations.md"
DOCUMENTS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").rglob("*.md")})
COMMAND = re.compile(r"\bdbt run-operation ([a-z]\w*)")


def operations() -> set[str]:
    """Return the macros whose comment has the command that runs them."""
    texts = [path.read_text() for path in (ROOT / "dbt" / "include").rglob("*.sql")]
    commands = {name for text in texts for name in COMMAND.findall(text)}
    return commands & {name for text in texts for name in re.findall(r"{%-? *macro (\w+)", text)}


def test_the_page_has_each_operation() -> None:
    cells = [line.split("|")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `")]

    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == operations()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_name_operations(document: Path) -> None:
    assert set(COMMAND.findall(document.read_text())) <= operations()
