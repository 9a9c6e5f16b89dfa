"""docs/parity.md: what dbt's own test suite says of this adapter, class by class.

The page holds a static part (classes, overrides and reasons, read from the suite and from the tests) and the results
of runs. ``pytest tests/functional/adapter --write-parity`` enters the results of what it runs, for its kernel and
version of dbt-core, and ``python tests/support/parity.py`` writes the static part anew; both keep all other results. A
run whose results are not those of the page fails, and so does a unit test where the static part is another.
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
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "parity.md"
ADAPTER_TESTS = "tests/functional/adapter"

RUNS = ("1.3 / 1.11", "1.4 / 1.11", "1.3 / 1.12", "1.4 / 1.12")
"""Columns of results: kernel / dbt-core. One that is added is filled by a run, and the others stay."""

PASSED, NOT_RUN, NONE = "passed", "not run", "-"
_HEAD = re.compile(r"^\| class \| tests \| (?P<runs>.+) \| \|$", re.M)
_ROW = re.compile(r"^\| `(?P<name>[\w.]+)` \| \d+ \| (?P<cells>.+)", re.M)

Results = dict[str, dict[str, str]]
"""Result by run, by class of the suite."""

HEAD = """\
# dbt's test suite

Generated; [CONTRIBUTING.md](../CONTRIBUTING.md) says how. Every class of dbt-tests-adapter {suite} that has tests, and
what came of it on each kernel of the embedded engine and version of dbt-core ("1.3 / 1.11" is kernel 1.3 with
dbt-core 1.11). Every test of a class is run. An override stands with its reason, which is one of: the suite leaves it
to adapters; OceanBase's dialect reads the SQL otherwise; or one of two tests that no adapter passes together.

{summary}
"""


def minor(package: str) -> str:
    """Return the version of an installed package in two parts."""
    return ".".join(version(package).split(".")[:2])


@cache
def suite() -> ModuleType:
    """Return the unit test that knows the classes of the suite and ours, and which are left out."""
    path = ROOT / "tests" / "unit" / "project" / "test_upstream_suite.py"
    spec = importlib.util.spec_from_file_location("upstream_suite", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def subclasses_of(name: str) -> list[type]:
    """Return our classes for a class of the suite; those of its own subclasses only where there are no others."""
    cls = suite().suite_classes()[name]
    ours = [one for one in suite().our_classes() if issubclass(one, cls)]
    closest = [one for one in ours if next(b for b in one.__mro__ if b in suite().suite_classes().values()) is cls]
    return closest or ours


def overrides_of(cls: type) -> Iterator[str]:
    """Yield the overrides of one of our classes, and of its bases in the same file, each with its reason."""
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
    """Return the file of one of our classes."""
    return next(path for path in suite().OUR_FILES if suite().module_name(path) == cls.__module__)


def remark_of(name: str) -> str:
    """Return what stands beside a class's results: why it is left out, or what is overridden."""
    left_out = suite().left_out(name.split(".")[-1])
    if left_out:
        return str(left_out)
    found = dict.fromkeys(text for cls in subclasses_of(name) for text in overrides_of(cls))
    return "; ".join(found)


def read(text: str) -> Results:
    """Return the results that a page holds."""
    head = _HEAD.search(text)
    runs = head["runs"].split(" | ") if head else []
    found: Results = {run: {} for run in (*RUNS, *runs)}
    for row in _ROW.finditer(text):
        for run, cell in zip(runs, row["cells"].split(" | "), strict=False):
            found[run][row["name"]] = cell
    return found


def render(results: Results) -> str:
    """Return the page with these results."""
    module = suite()
    folders: dict[str, list[str]] = {}
    counts = dict.fromkeys(RUNS, 0)
    for name, cls in sorted(module.suite_classes().items()):
        cells = []
        for run in RUNS:
            expected = module.applies(name.split(".")[-1], run.split(" / ")[1])
            cells.append(results[run].get(name, NOT_RUN) if expected else NONE)
            counts[run] += cells[-1] == PASSED
        remark = remark_of(name).replace("|", "\\|")
        tests = len(module.names_of_tests(cls))
        row = f"| `{name}` | {tests} | {' | '.join(cells)} | {remark} |".replace("|  |", "| |")
        folders.setdefault(name.split(".")[0], []).append(row)
    total = len(module.suite_classes())
    summary = "\n".join(f"* {run}: {count} of {total} classes pass" for run, count in counts.items())
    for table, why in (("CANNOT", "cannot apply"), ("NOT_YET", "wait for a feature"), ("EXCLUSIVE", "exclude another")):
        summary += f"\n* {len(getattr(module, table))} {why}"
    head = HEAD.format(suite=minor("dbt-tests-adapter"), summary=summary)
    columns = f"| class | tests | {' | '.join(RUNS)} | |\n|---|---|{'---|' * len(RUNS)}---|\n"
    return head + "".join(f"\n## {name}\n\n{columns}" + "\n".join(rows) + "\n" for name, rows in folders.items())


def classes_passed(outcomes: Mapping[str, bool]) -> dict[str, bool]:
    """Return, for each class of the suite whose classes of ours were all run, whether all of them passed.

    ``outcomes`` are by file below the tests of the adapter and class, as in ``basic/test_basic.py::TestEmpty``.
    """
    found = {}
    for name in suite().suite_classes():
        ours = [f"{file_of(cls).relative_to(ROOT / ADAPTER_TESTS)}::{cls.__name__}" for cls in subclasses_of(name)]
        if ours and all(one in outcomes for one in ours):
            found[name] = all(outcomes[one] for one in ours)
    return found


class Parity:
    """Pytest plugin: collects the results of the suite's classes, then compares them with the page or enters them."""

    def __init__(self, config: pytest.Config) -> None:
        self.writes = config.getoption("--write-parity")
        self.run = f"{config.getoption('--kernel')} / {minor('dbt-core')}"
        self.outcomes: dict[str, bool] = {}
        self.message = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what became of a class: all of its tests, with setup and teardown."""
        path, _, rest = report.nodeid.partition("::")
        if path.startswith(f"{ADAPTER_TESTS}/"):
            name = f"{path.removeprefix(f'{ADAPTER_TESTS}/')}::{rest.split('::')[0]}"
            self.outcomes[name] = self.outcomes.get(name, True) and report.passed

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Compare with the page, or write it."""
        if not self.outcomes or self.run not in RUNS or os.environ.get("OCEANBASE_TEST_HOST"):
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
        """Say so."""
        if self.message:
            terminalreporter.write_sep("=", self.message)


if __name__ == "__main__":
    PAGE.write_text(render(read(PAGE.read_text() if PAGE.exists() else "")))
