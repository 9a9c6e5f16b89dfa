"""The cases: what is run, with how many threads, by which peers, and after which preparation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from . import projects
from .peers import EMBEDDED, LINGERING, PER_NODE
from .projects import Writer

OURS, DUCKDB, OBMYSQL, ENGINE = "dbt-oceanbase", "dbt-duckdb", "obmysql", "engine"
EVERY_PEER = (OURS, DUCKDB, OBMYSQL)
AMONG_MANY = "one view, 10,000 relations in the schema"
KEYED = ("delete+insert", "merge")

Words = tuple[str, ...]
"""Arguments of ``dbt``."""


@dataclass(frozen=True)
class Case:
    """A dbt command that is measured.

    ``prepare`` has the commands that run once before the first measure. If the case ``starts_empty``, what was built is
    removed before each measure instead. ``before`` and ``command`` get the number of the repetition, and return a
    command that runs unmeasured before each measure, and the measured one. ``floor`` is the name of a function in
    ``floors``, which does the same by plain statements; ``size`` is the number of its relations. ``place`` is where the
    server is: "near", "far" (20 ms of round trip) or "tls". ``relations`` is the number of views that are in the schema
    besides those of the project. ``in_memory``: DuckDB needs no file, since nothing of an earlier command is used.
    ``theme`` is the plot in which the case is shown: "commands", "building" or "data".
    """

    name: str
    write: Writer
    command: Callable[[int], Words]
    threads: int = 4
    prepare: tuple[Words, ...] = ()
    starts_empty: bool = False
    peers: Words = EVERY_PEER
    before: Callable[[int], Words] | None = None
    floor: str = ""
    size: int = 0
    place: str = "near"
    relations: int = 0
    in_memory: bool = False
    theme: str = "building"


def _always(*words: str) -> Callable[[int], Words]:
    return lambda turn: words


def _of_turn(command: str) -> Callable[[int], Words]:
    # the same variables in both commands of a turn: with others dbt parses the whole project again
    return lambda turn: (command, "--vars", f"{{turn: {turn + 1}}}")


def _built(kind: str, write: Writer, count: int, threads: int) -> list[Case]:
    floor = kind if kind in ("views", "tables") else ""
    name, run = f"{count} {kind}, {{}}, {threads} threads".format, _always("run")
    new = Case(name("new"), write, run, threads, starts_empty=True, in_memory=True)
    again = Case(name("again"), write, run, threads, (("run",),), floor=floor, size=count, in_memory=True)
    return [new, again]


def _data(sized: Callable[[int], int]) -> list[Case]:
    found = []
    for rows, columns in ((10_000, 6), (100_000, 6), (1_000_000, 6), (10_000, 200)):
        name = f"seed {sized(rows):,} rows x {columns}"
        peers = EVERY_PEER if rows * columns < 2_000_000 else EVERY_PEER[:2]
        write, command = projects.seed(sized(rows), columns), _always("seed", "--full-refresh")
        floor = "seed" if columns == projects.SEED_COLUMNS else ""
        size = sized(rows)
        found.append(Case(name, write, command, 1, peers=peers, floor=floor, size=size, in_memory=True))
    for strategy, key in (("append", False), *((strategy, True) for strategy in KEYED)):
        run, floor = _always("run", "--select", "grown"), strategy.replace("+", "_")
        found.append(Case(f"increment {strategy}", projects.increment(strategy, key), run, 1, (("run",),), floor=floor))
    for changed in (True, False):
        name = f"snapshot, {'10 %' if changed else 'nothing'} changed"
        write, before = projects.snapshot(changed), _of_turn("run") if changed else None
        command = _of_turn("snapshot") if changed else _always("snapshot")
        build = (("run",), ("snapshot",))
        found.append(Case(name, write, command, 1, build, before=before, floor="snapshot"))
    return found


def _small(count: int) -> list[Case]:
    one, many, run = projects.VIEWS(1), projects.VIEWS(count), _always("run")
    return [
        Case("parse", many, _always("parse", "--no-partial-parse"), in_memory=True),
        Case("parse, partial", many, _always("parse"), prepare=(("parse",),), in_memory=True),
        Case("show", one, _always("show", "--inline", "select 1 as id"), in_memory=True),
        Case("one view", one, run, 1, (("run",),), in_memory=True),
        Case("one view, TLS", one, run, 1, (("run",),), peers=(OURS,), place="tls"),
        Case("one view, first command", one, run, 1, starts_empty=True, peers=(OURS, EMBEDDED)),
        Case("one view, second command", one, run, 1, (("run",),), peers=(OURS, EMBEDDED, LINGERING)),
    ]


def cases(scale: float = 1.0) -> list[Case]:
    """Return all cases. ``scale`` below 1 makes them smaller, for a trial of the suite."""

    def sized(count: int) -> int:
        return max(2, int(count * scale))

    count, found = sized(200), [replace(case, theme="commands") for case in _small(sized(200))]
    for threads in (4, 1, 8):
        found += _built("views", projects.VIEWS(count), count, threads)
        found += _built("tables", projects.TABLES(count), count, threads)
    found += _built("models of a graph", projects.mixed(sized(500)), sized(500), 4)
    tests = sized(1000)
    found.append(Case(f"{tests} data tests", projects.tested(max(100, tests)), _always("test"), 4, (("run",),)))
    found += [replace(case, theme="data") for case in _data(sized)]
    for relations in (400, 4000):
        views = projects.VIEWS(sized(relations))
        name, command = f"docs of {sized(relations)} views", _always("docs", "generate")
        found.append(Case(name, views, command, 4, (("run",),), theme="commands"))
    views, run, built = projects.VIEWS(count), _always("run"), (("run",),)
    found.append(Case(f"{count} views, 20 ms away", views, run, 4, built, peers=(OURS, PER_NODE, OBMYSQL), place="far"))
    many = projects.VIEWS(sized(2000))
    found.append(
        Case(
            f"{sized(2000)} views, new, 4 threads",
            many,
            run,
            4,
            starts_empty=True,
            peers=(OURS, DUCKDB),
            in_memory=True,
        )
    )
    # last, since it leaves 20,000 relations on the server, and a server is busy for a while after so many DDLs
    one, prepare = projects.VIEWS(1), (("run",),)
    last = Case(AMONG_MANY, one, run, 1, prepare, peers=(OURS, OBMYSQL), relations=10_000, theme="commands")
    return [*found, last]
