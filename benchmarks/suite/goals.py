"""The goals of the suite: the figure of one adapter in a case, as a ratio to the figure of another in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .cases import AMONG_MANY, DUCKDB, ENGINE, OBMYSQL, OURS
from .peers import LINGERING, PER_NODE


@dataclass(frozen=True)
class Goal:
    """The ``figure`` of ``ours`` in ``case`` is at most ``limit`` times that of ``other``.

    The ratio is the median of those of single turns: a turn measures one adapter just after the other, so that a
    machine that becomes slower or faster changes both.
    """

    case: str
    other: str
    limit: float
    figure: str = "seconds"
    ours: str = OURS


GOALS = (
    Goal("one view", DUCKDB, 0.9),
    Goal("200 views, again, 4 threads", DUCKDB, 0.75),
    Goal("200 tables, again, 1 threads", OBMYSQL, 0.5),
    Goal("200 tables, again, 4 threads", OBMYSQL, 0.5),
    Goal("seed 100,000 rows x 6", DUCKDB, 1.0),
    Goal("increment delete+insert", OBMYSQL, 1.0),
    Goal("docs of 400 views", OBMYSQL, 0.9),
    Goal("docs of 4000 views", OBMYSQL, 0.9),
    Goal("200 views, 20 ms away", PER_NODE, 1 / 3),
    Goal("2000 views, new, 4 threads", DUCKDB, 1.1, "memory"),
)
"""Ratios. The goal of a second command on an embedded folder is a difference, see DIFFERENCES."""

ABOVE_START = (
    Goal("increment append", ENGINE, 1.1),
    Goal("increment delete+insert", ENGINE, 1.1),
    Goal("increment merge", ENGINE, 1.1),
    Goal("snapshot, 10 % changed", ENGINE, 1.2),
    Goal("snapshot, nothing changed", ENGINE, 1.2),
)
"""Ratios of the seconds of a process without those of ``one view`` to the seconds of the plain statements."""

DIFFERENCES = (
    Goal("one view, second command", OURS, 0.3, ours=LINGERING),
    Goal(AMONG_MANY, "one view", 1.0),
)
"""Goals whose ``limit`` is in seconds above ``other``, an adapter in the same case or this adapter in another case."""


def table(results: Mapping[str, Any]) -> str:
    """Return a table in Markdown of the goals whose cases were measured, and whether each is met."""
    cases = {case["name"]: case["measures"] for case in results["cases"]}
    lines = ["| goal | found | limit | met |", "|---|---|---|---|"]
    start_up = [each["seconds"] for each in cases.get("one view", {}).get(OURS, [])]
    for goal in (*GOALS, *(ABOVE_START if start_up else ()), *DIFFERENCES):
        name, unit = (f"{goal.case}: {goal.ours}", " s" if goal in DIFFERENCES else "")
        figures = cases.get(goal.case, {}), cases.get(goal.other, {})
        ours = figures[0].get(goal.ours)
        other = figures[0].get(goal.other) or figures[1].get(OURS)
        if not ours or not other:
            continue
        below = statistics.median(start_up) if goal in ABOVE_START else 0.0
        turns = [(mine[goal.figure] - below, its[goal.figure]) for mine, its in zip(ours, other, strict=False)]
        found = statistics.median(mine - its if unit else mine / its for mine, its in turns)
        words = "above" if unit else f"{goal.figure}{' without those of one view' if below else ''}, against"
        met = "yes" if found <= goal.limit else "no"
        lines.append(f"| {name}, {words} {goal.other} | {found:.2f}{unit} | {goal.limit:.2f}{unit} | {met} |")
    return "\n".join(lines)
