"""Rules that hold for all macros."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

MACROS = Path(__file__).parents[3] / "dbt" / "include"
FILES = sorted(MACROS.rglob("*.sql"))
COMMENT = re.compile(r"{#.*?#}", re.S)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(MACROS)))
def test_files_named_in_comments_exist(path: Path) -> None:
    named = {name for comment in COMMENT.findall(path.read_text()) for name in re.findall(r"\w+\.sql", comment)}

    assert named <= {file.name for file in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(MACROS)))
def test_relations_are_dropped_by_their_own_statement(path: Path) -> None:
    """Macros use ``relation.drop_statement()``: a DROP for another type of relation does nothing, without an error."""
    assert not re.search(r"\bdrop\s+(table|view|materialized)\b", COMMENT.sub("", path.read_text()), re.I)
