"""Write and check docs/parity.md: the results of dbt's own test suite for this adapter, class by class.

The page has a static part and the results of test runs. The static part has the classes of the suite, our overrides
and their reasons, which are read from the suite and from our tests. To update the static part, run
``python tests/support/parity.py``. To write the results for one kernel and one version of dbt-core, run
``pytest tests/functional/adapter --write-parity``. Both commands keep all other results. Without ``--write-parity``, a
test run fails if its results differ from the page. A unit test fails if the static part is out of date.

To count the classes and tests that pass without any override, run ``pytest
tests/functional/adapter/without_overrides.py``. It prints the counts and writes nothing: enter them into PLAIN_COUNTS.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "parity.md"
ADAPTER_TESTS = "tests/functional/adapter"

RUNS = ("1.3 / 1.11", "1.4 / 1.11", "1.3 / 1.12", "1.4 / 1.12")
"""Columns of the page, as "kernel / dbt-core". To add a column, add it here and run the tests with --write-parity."""

PASSED, NOT_RUN, NONE = "passed", "not run", "-"
_HEAD = re.compile(r"^\| class \| tests \| (?P<runs>.+) \| \|$", re.M)
_ROW = re.compile(r"^\| `(?P<name>[\w.]+)` \| \d+ \| (?P<cells>.+)", re.M)

Results = dict[str, dict[str, str]]
"""The results by run (an element of RUNS) and class of the suite."""

HEAD = """\
# dbt's test suite

This page is generated; see CONTRIBUTING.md. It lists the classes of dbt-tests-adapter {suite}
that have tests, with the result for each kernel of the embedded engine and version of dbt-core ("1.3 / 1.11" is
kernel 1.3 with dbt-core 1.11). All tests of a class are run. The last column lists overrides and their reasons: the
suite leaves the value to adapters, OceanBase's SQL dialect differs, or no adapter can pass both tests of a pair.

{summary}

Without any override (`pytest tests/functional/adapter/without_overrides.py`), of the classes that can apply:

{plain}

So with no overrides but those of the dialect, three classes and three tests in four pass. Most of the others need what
the suite leaves to adapters: the catalog's types and the expected DDL, the texts of errors, fields of the profile, and
SQL files beside the tests. The last column has the reasons for each class. `BaseArrayUtils` is among them because it is
abstract: it has no models of its own.
"""


class PlainCounts(NamedTuple):
    """The numbers of a run without overrides: of what passes, of what fails for the dialect only, and of all.

    ``classes`` has the three numbers of classes, and ``tests`` those of tests.
    """

    classes: tuple[int, int, int]
    tests: tuple[int, int, int]

    def line(self) -> str:
        """Return the numbers as one line of text."""
        good, dialect, total = self.classes
        good_tests, dialect_tests, total_tests = self.tests
        return (
            f"{good} of {total} classes and {good_tests} of {total_tests} tests pass; {dialect} classes and "
            f"{dialect_tests} tests fail for the SQL dialect only"
        )


PLAIN_COUNTS = {"1.3 / 1.11": PlainCounts((125, 33, 205), (177, 37, 280))}
"""The numbers of the last runs of the file PLAIN, by run (an element of RUNS), as such a run prints them."""


def minor(package: str) -> str:
    """Return the major and minor version of an installed package, such as 1.11."""
    return ".".join(version(package).split(".")[:2])


@cache
def suite() -> ModuleType:
    """Import and return test_upstream_suite.py. It lists the suite's classes, our classes, and the excluded classes."""
    path = ROOT / "tests" / "unit" / "project" / "test_upstream_suite.py"
    spec = importlib.util.spec_from_file_location("upstream_suite", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def subclasses_of(name: str) -> list[type]:
    """Return our test classes that run the tests of the suite's class ``name``.

    These are our classes that inherit directly from the suite's class, without another class of the suite in between.
    If there are none, all our classes that inherit from it are returned.
    """
    cls = suite().suite_classes()[name]
    ours = [one for one in suite().our_classes() if issubclass(one, cls)]
    closest = [one for one in ours if next(b for b in one.__mro__ if b in suite().suite_classes().values()) is cls]
    return closest or ours


def overrides_of(cls: type) -> Iterator[str]:
    """Yield the overrides in ``cls`` and in its base classes in the same file, each as name and reason in one text."""
    text = file_of(cls).read_text()
    lines = text.splitlines()
    classes = {node.name: node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)}
    for base in cls.__mro__:
        if base.__module__ == cls.__module__:
            for node in classes[base.__name__].body:
                first = min(item.lineno for item in [node, *getattr(node, "decorator_list", [])])
                found = re.fullmatch(r" *# override: (.+)", lines[first - 2])
                if found:
                    yield f"`{getattr(node, 'name', None) or ast.unparse(node).split(' ')[0]}`: {found[1]}"


def file_of(cls: type) -> Path:
    """Return the file that defines ``cls``, one of our test classes."""
    return next(path for path in suite().OUR_FILES if suite().module_name(path) == cls.__module__)


def remark_of(name: str) -> str:
    """Return the text in the page's last column for a class of the suite: why it is excluded, or its overrides."""
    left_out = suite().left_out(name.split(".")[-1])
    if left_out:
        return str(left_out)
    found = dict.fromkeys(text for cls in subclasses_of(name) for text in overrides_of(cls))
    if needs := suite().NEEDS_KERNEL.get(name.split(".")[-1]):
        found = {"kernel {} only: {}, which the other refuses".format(*needs): None, **found}
    return "; ".join(found)


def overrides_summary() -> str:
    """Return the lines of the page that count the classes with a subclass by the kinds of their overrides."""
    remarks = [remark_of(name) for name in suite().suite_classes() if not suite().left_out(name.split(".")[-1])]
    given = sum("`: left to adapters:" in remark for remark in remarks)
    dialect = sum("`: dialect:" in remark and "`: left to adapters:" not in remark for remark in remarks)
    return (
        f"* {len(remarks) - given - dialect} of {len(remarks)} classes are run without an override\n"
        f"* {dialect} have overrides because of OceanBase's SQL dialect only\n"
        f"* {given} get values that the suite leaves to adapters, such as types, error messages and expected DDL"
    )


def read(text: str) -> Results:
    """Return the results in ``text``, the content of the page."""
    head = _HEAD.search(text)
    runs = head["runs"].split(" | ") if head else []
    found: Results = {run: {} for run in (*RUNS, *runs)}
    for row in _ROW.finditer(text):
        for run, cell in zip(runs, row["cells"].split(" | "), strict=False):
            found[run][row["name"]] = cell
    return found


def render(results: Results) -> str:
    """Return the content of the page with these results and a current static part."""
    module = suite()
    folders: dict[str, list[str]] = {}
    counts = dict.fromkeys(RUNS, 0)
    for name, cls in sorted(module.suite_classes().items()):
        cells = []
        for run in RUNS:
            kernel, dbt_core = run.split(" / ")
            expected = module.applies(name.split(".")[-1], dbt_core, kernel)
            cells.append(results[run].get(name, NOT_RUN) if expected else NONE)
            counts[run] += cells[-1] == PASSED
        remark = remark_of(name).replace("|", "\\|")
        tests = len(module.names_of_tests(cls))
        row = f"| `{name}` | {tests} | {' | '.join(cells)} | {remark} |".replace("|  |", "| |")
        folders.setdefault(name.split(".")[0], []).append(row)
    total = len(module.suite_classes())
    summary = "\n".join(f"* {run}: {count} of {total} classes pass" for run, count in counts.items())
    for table, why in (
        ("CANNOT", "cannot apply"),
        ("NOT_YET", "need a feature that is not supported yet"),
        ("EXCLUSIVE", "cannot pass together with another class"),
    ):
        if getattr(module, table):
            summary += f"\n* {len(getattr(module, table))} {why}"
    summary += f"\n{overrides_summary()}"
    plain = "\n".join(f"* {run}: {PLAIN_COUNTS[run].line()}" for run in RUNS if run in PLAIN_COUNTS)
    head = HEAD.format(suite=minor("dbt-tests-adapter"), summary=summary, plain=plain)
    columns = f"| class | tests | {' | '.join(RUNS)} | |\n|---|---|{'---|' * len(RUNS)}---|\n"
    return head + "".join(f"\n## {name}\n\n{columns}" + "\n".join(rows) + "\n" for name, rows in folders.items())


def classes_passed(outcomes: Mapping[str, bool]) -> dict[str, bool]:
    """Return by class of the suite whether all our classes for it have passed.

    A class is left out if one of our classes for it was not run. The keys of ``outcomes`` consist of file and class,
    such as ``basic/test_basic.py::TestEmpty``.
    """
    found = {}
    for name in suite().suite_classes():
        ours = [f"{file_of(cls).relative_to(ROOT / ADAPTER_TESTS)}::{cls.__name__}" for cls in subclasses_of(name)]
        if ours and all(one in outcomes for one in ours):
            found[name] = all(outcomes[one] for one in ours)
    return found


PLAIN = "without_overrides.py"
"""The file in ADAPTER_TESTS with a subclass of each class of the suite that overrides nothing."""


def plain_name(name: str) -> str:
    """Return the name of the subclass in the file PLAIN of the suite's class ``name``."""
    return f"Test__{name.replace('.', '__')}"


def plain_summary(outcomes: Mapping[str, bool], tests: Mapping[str, bool]) -> str:
    """Return a text that counts the classes and tests of the file PLAIN that pass, or an empty text if none was run.

    ``outcomes`` has whether a class passes. Its keys consist of file and class. ``tests`` has the same of each test, by
    file, class and test. The text has the numbers for PLAIN_COUNTS. It also has the number of classes that need values
    that the suite leaves to adapters, and the names of the classes that fail although our own subclass has no override.
    """
    names = {f"{PLAIN}::{plain_name(name)}": name for name in suite().suite_classes()}
    run = {names[one]: passed for one, passed in outcomes.items() if one in names}
    failed = {name: remark_of(name) for name, passed in run.items() if not passed}
    dialect = [name for name, remark in failed.items() if "`: dialect:" in remark and "left to adapters" not in remark]
    given = [name for name, remark in failed.items() if "`: left to adapters:" in remark]
    other = sorted(failed.keys() - {*dialect, *given})
    of_tests = [(names["::".join(one.split("::")[:2])], good) for one, good in tests.items() if one.startswith(PLAIN)]
    good_tests = sum(good for _, good in of_tests)
    dialect_tests = sum(not good and name in dialect for name, good in of_tests)
    counts = PlainCounts((len(run) - len(failed), len(dialect), len(run)), (good_tests, dialect_tests, len(of_tests)))
    line = f"{counts.line()}\n{len(given)} classes need values that the suite leaves to adapters"
    return f"{line}; others: {', '.join(other)}" if run and other else line if run else ""


class Parity:
    """Pytest plugin that collects the results of our test classes, and compares them with the page or writes them."""

    def __init__(self, config: pytest.Config) -> None:
        self.writes = config.getoption("--write-parity")
        self.run = f"{config.getoption('--kernel')} / {minor('dbt-core')}"
        self.outcomes: dict[str, bool] = {}
        self.tests: dict[str, bool] = {}
        self.message = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record whether a test and its class pass. A class does if all its tests, setups and teardowns pass."""
        path, _, rest = report.nodeid.partition("::")
        if path.startswith(f"{ADAPTER_TESTS}/"):
            test = f"{path.removeprefix(f'{ADAPTER_TESTS}/')}::{rest}"
            name = "::".join(test.split("::")[:2])
            self.outcomes[name] = self.outcomes.get(name, True) and report.passed
            self.tests[test] = self.tests.get(test, True) and report.passed

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Compare the results with the page, or write them to the page with ``--write-parity``."""
        self.message = plain_summary(self.outcomes, self.tests)
        if not self.outcomes or self.message or self.run not in RUNS or os.environ.get("OCEANBASE_TEST_HOST"):
            return
        passed = classes_passed(self.outcomes)
        results = read(PAGE.read_text())
        if self.writes:
            results[self.run].update({name: PASSED if good else "failed" for name, good in passed.items()})
            PAGE.write_text(render(results))
            self.message = f"{PAGE}: written"
        elif session.exitstatus == 0:
            other = [name for name in passed if results[self.run].get(name) != PASSED]
            if other:
                session.exitstatus = 1
                self.message = (
                    f"docs/parity.md does not say passed for {', '.join(other)}: run this with --write-parity"
                )

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print what was written to the page, or how the results differ from it."""
        if self.message:
            first, *more = self.message.splitlines()
            terminalreporter.write_sep("=", first)
            for line in more:
                terminalreporter.write_line(line)


if __name__ == "__main__":
    PAGE.write_text(render(read(PAGE.read_text() if PAGE.exists() else "")))
