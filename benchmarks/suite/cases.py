"""The cases: what is run, with how many threads, by which peers, and after which preparation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import projects
from .projects import Writer

EVERY_PEER = ("dbt-oceanbase", "dbt-duckdb", "obmysql")
KEYED = ("delete+insert", "merge")


@dataclass(frozen=True)
class Case:
    """A dbt command that is measured.

    ``prepare`` has the commands that run once before the first measure. If the case ``starts_empty``, the schema is
    emptied before each measure instead. ``before`` and ``command`` get the number of the repetition, and return a
    command that runs unmeasured before each measure, and the measured one. ``floor`` is the name of a function in
    ``floors``, which does the same by plain statements. ``round_trip`` is a delay in seconds.
    """

    name: str
    write: Writer
    command: Callable[[int], tuple[str, ...]]
    threads: int = 4
    prepare: tuple[tuple[str, ...], ...] = ()
    starts_empty: bool = False
    peers: tuple[str, ...] = EVERY_PEER
    before: Callable[[int], tuple[str, ...]] | None = None
    floor: str = ""
    size: int = 0
    round_trip: float = 0.0


def _always(*words: str) -> Callable[[int], tuple[str, ...]]:
    return lambda turn: words


def _turn(turn: int) -> tuple[str, ...]:
    return ("run", "--vars", f"{{turn: {turn + 1}}}")


def _built(kind: str, write: Writer, count: int, threads: int) -> list[Case]:
    new = Case(f"{count} {kind}, new, {threads} threads", write, _always("run"), threads, starts_empty=True)
    name = f"{count} {kind}, again, {threads} threads"
    floor = kind if kind in ("views", "tables") else ""
    again = Case(name, write, _always("run"), threads, (("run",),), floor=floor, size=count)
    return [new, again]


def cases(scale: float = 1.0) -> list[Case]:
    """Return all cases. ``scale`` below 1 makes them smaller, for a trial of the suite."""

    def sized(count: int) -> int:
        return max(2, int(count * scale))

    count, found = sized(200), []
    for threads in (1, 4, 8):
        found += _built("views", projects.VIEWS(count), count, threads)
        found += _built("tables", projects.TABLES(count), count, threads)
    found += _built("models of a graph", projects.mixed(sized(500)), sized(500), 4)
    tests = sized(1000)
    found.append(Case(f"{tests} data tests", projects.tested(max(100, tests)), _always("test"), 4, (("run",),)))
    for rows, columns in ((10_000, 6), (100_000, 6), (1_000_000, 6), (10_000, 200)):
        name = f"seed {sized(rows):,} rows x {columns}"
        peers = EVERY_PEER if rows * columns < 5_000_000 else EVERY_PEER[:2]
        found.append(Case(name, projects.seed(sized(rows), columns), _always("seed", "--full-refresh"), peers=peers))
    for strategy, key in (("append", False), *((strategy, True) for strategy in KEYED)):
        run = _always("run", "--select", "grown")
        floor = strategy.replace("+", "_")
        write = projects.increment(strategy, key)
        found.append(Case(f"increment {strategy}", write, run, 1, (("run",),), floor=floor))
    for changed in (True, False):
        name = f"snapshot, {'10 %' if changed else 'nothing'} changed"
        build = (("run",), ("snapshot",))
        write, before = projects.snapshot(changed), _turn if changed else None
        found.append(Case(name, write, _always("snapshot"), 1, build, before=before))
    for relations in (400, 4000):
        views = projects.VIEWS(sized(relations))
        found.append(Case(f"docs of {sized(relations)}", views, _always("docs", "generate"), 4, (("run",),)))
    one = projects.VIEWS(1)
    found.append(Case("parse", projects.VIEWS(count), _always("parse", "--no-partial-parse")))
    found.append(Case("parse, partial", projects.VIEWS(count), _always("parse"), prepare=(("parse",),)))
    found.append(Case("show", one, _always("show", "--select", "m0"), prepare=(("run",),)))
    found.append(Case("one view", one, _always("run"), 1, (("run",),)))
    far = Case(f"{count} views, 20 ms away", projects.VIEWS(count), _always("run"), 4, (("run",),), round_trip=0.02)
    return [*found, far]
