"""docs/parity.md matches the tests; its results are written by runs (see tests/support/parity.py)."""

from __future__ import annotations

from support import parity


def test_the_page_is_up_to_date() -> None:
    page = parity.PAGE.read_text()

    assert page == parity.render(parity.read(page)), "run `python tests/support/parity.py`, which keeps the results"


def test_results_are_read_back() -> None:
    name = "basic.test_base.BaseSimpleMaterializations"
    results: parity.Results = {run: {} for run in parity.RUNS}
    results[parity.RUNS[1]][name] = parity.PASSED

    found = parity.read(parity.render(results))

    passed = [run for run in parity.RUNS if found[run][name] == parity.PASSED]
    assert passed == [parity.RUNS[1]]
    assert {found[run][name] for run in parity.RUNS} == {parity.NOT_RUN, parity.PASSED}


def test_a_class_passes_with_all_of_ours() -> None:
    def passed(outcomes: dict[str, bool]) -> dict[str, bool]:
        return parity.classes_passed({f"caching/test_caching.py::{name}": good for name, good in outcomes.items()})

    lower, selected = (f"caching.test_caching.BaseCaching{name}" for name in ("LowercaseModel", "SelectedSchemaOnly"))

    assert passed({"TestCachingLowercaseModel": True}) == {lower: True}
    assert passed({"TestCachingLowercaseModel": False, "TestCachingSelectedSchemaOnly": True}) == {
        lower: False,
        selected: True,
    }


def test_classes_and_tests_without_overrides_are_counted() -> None:
    names = {"basic.test_base.BaseSimpleMaterializations": [True], "caching.test_caching.BaseNoPopulateCache": [False]}
    names |= {"simple_seed.test_seed.BaseSeedCustomSchema": [True, False], "basic.test_empty.BaseEmpty": [False]}
    outcomes = {f"{parity.PLAIN}::{parity.plain_name(name)}": all(tests) for name, tests in names.items()}
    tests = {
        f"{parity.PLAIN}::{parity.plain_name(name)}::test_{number}": good
        for name, tests in names.items()
        for number, good in enumerate(tests)
    }
    ours = {"basic/test_basic.py::TestEmpty": True}

    assert parity.plain_summary(outcomes | ours, tests | {f"{name}::test_x": True for name in ours}).splitlines() == [
        "1 of 4 classes and 2 of 5 tests pass; 2 classes and 2 tests fail for the SQL dialect only",
        "0 classes need values that the suite leaves to adapters; others: basic.test_empty.BaseEmpty",
    ]
    assert parity.plain_summary(ours, {f"{name}::test_x": True for name in ours}) == ""
