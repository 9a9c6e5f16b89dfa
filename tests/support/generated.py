"""Tables in a page of the documentation that a program generates, between two marks."""

from __future__ import annotations

END = "<!-- generated: end -->\n"


def with_tables(text: str, page: str, begin: str, tables: str) -> str:
    """Return ``text``, the content of the file ``page``, with ``tables`` between the marks ``begin`` and END.

    Raise ValueError if a mark is missing.
    """
    before, mark, rest = text.partition(begin)
    _, end_mark, after = rest.partition(END)
    if not (mark and end_mark):
        raise ValueError(f"{page} must hold the marks {begin.strip()!r} and {END.strip()!r}")
    return f"{before}{begin}\n{tables}\n{END}{after}"
