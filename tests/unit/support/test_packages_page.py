"""docs/packages.md matches tests/packages/suites.yml; its results are entered by tests/packages/run.py."""

from __future__ import annotations

import sys
from pathlib import Path

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
