"""Read the examples of a page in docs/, so that a test can run them."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)
_NAMED = re.compile(r"(?:--|#) ((?:\w+/)*\w+\.\w+)\n(.*)", re.S)


def files(page: str, folder: str = "") -> dict[str, str]:
    """Return the code blocks of a page whose first line is a comment with a file's name, such as ``-- models/a.sql``.

    ``page`` is the page's name, such as files.md. ``folder`` is a folder of a dbt project, such as models. The result
    has only the files of this folder, by their names in it; without a folder it has all, by their whole names. The
    text of a file is the block without its first line.
    """
    named = [match.groups() for _, text in _blocks(page) if (match := _NAMED.fullmatch(text))]
    start = f"{folder}/" if folder else ""
    return {name.removeprefix(start): text for name, text in named if name.startswith(start)}


def other_blocks(page: str) -> list[tuple[str, str]]:
    """Return the language and the text of each code block of a page that ``files`` does not return, in their order."""
    return [(language, text) for language, text in _blocks(page) if not _NAMED.fullmatch(text)]


def _blocks(page: str) -> list[tuple[str, str]]:
    return _BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
