"""The results as docs/performance.md with plots in SVG."""

from __future__ import annotations

import html
import re
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import goals
from .cases import ENGINE
from .peers import EMBEDDED, LINGERING, PER_NODE

BEGIN, END = "<!-- figures of kernel {} -->", "<!-- end of figures of kernel {} -->"
COLOURS = {
    "dbt-oceanbase": "#0b63ce",
    "dbt-duckdb": "#c9a400",
    "obmysql": "#a33b3b",
    ENGINE: "#777777",
    PER_NODE: "#7fb0e6",
    EMBEDDED: "#2b8a6e",
    LINGERING: "#8ccdb9",
}
BAR, GAP, LEFT, WIDTH = 14, 10, 260, 900


def median(measures: Sequence[Mapping[str, float]], figure: str = "seconds") -> float:
    """Return the median of one figure over the repetitions."""
    return statistics.median(measure[figure] for measure in measures)


def kinds(statements: Sequence[str]) -> dict[str, int]:
    """Return how many statements begin with each first word, such as ``select``, the most frequent first."""
    words = (re.search(r"[a-z]+", re.sub(r"/\*.*?\*/", "", text.lower(), flags=re.DOTALL)) for text in statements)
    return dict(Counter(word[0] for word in words if word).most_common())


def table(results: Mapping[str, Any]) -> str:
    """Return the table of one run of the suite in Markdown: medians, with the range of the seconds."""
    head = "| case | adapter | seconds | range | times | CPU | peak memory | statements | connections | bytes | kinds |"
    lines = [head, "|---" * 11 + "|"]
    for case in results["cases"]:
        for name, measures in case["measures"].items():
            seconds = [measure["seconds"] for measure in measures]
            cpu, memory = (
                ("", "")
                if name == ENGINE
                else (f"{median(measures, 'cpu'):.1f}", f"{median(measures, 'memory'):.0f} MB")
            )
            sent = case["sent"].get(name, {})
            counts = " | ".join(f"{sent[key]:,}" if sent else "" for key in ("statements", "connections", "bytes"))
            span = f"{min(seconds):.2f} to {max(seconds):.2f} | {len(measures)}"
            words = ", ".join(f"{count:,} {word}" for word, count in list(sent.get("kinds", {}).items())[:5])
            figures = f"{median(measures):.2f} | {span} | {cpu} | {memory} | {counts} | {words}"
            lines.append(f"| {case['name']} | {name} | {figures} |")
    return "\n".join(lines)


def plot(cases: Sequence[Mapping[str, Any]]) -> str:
    """Return a bar chart in SVG: for each case, the seconds of each adapter relative to the slowest of the case."""
    parts, y = [], 10
    for case in cases:
        found = {name: median(measures) for name, measures in case["measures"].items()}
        top = max(found.values())
        parts.append(f'<text x="{LEFT - 8}" y="{y + BAR - 3}" text-anchor="end">{html.escape(case["name"])}</text>')
        for name, seconds in found.items():
            length = max(1.0, seconds / top * (WIDTH - LEFT - 160))
            label = f"{html.escape(name)} {seconds:.2f} s"
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{COLOURS[name]}"/>')
            parts.append(f'<text x="{LEFT + length + 6:.1f}" y="{y + BAR - 3}">{label}</text>')
            y += BAR + 2
        y += GAP
    style = '<style>text { font: 11px sans-serif; fill: #222 }</style><rect width="100%" height="100%" fill="#fff"/>'
    size = f'width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{style}{"".join(parts)}</svg>\n'


def _speed(results: Mapping[str, Any]) -> str:
    """Return what the page says about the speed of the machine during the run."""
    measures = [each for case in results["cases"] for found in case["measures"].values() for each in found]
    probes = [each["probe"] * 1000 for each in measures if "probe" in each]
    pages = " All processes had their memory in huge pages (`--huge-pages`)." if results["huge_pages"] else ""
    return (
        "Before each measure the machine wrote 4,096 new pages of memory twice, which shows how fast it was: it took "
        f"{statistics.median(probes):.0f} ms ({min(probes):.0f} to {max(probes):.0f}).{pages}"
    )


def enter(results: Mapping[str, Any], page: Path) -> None:
    """Replace the figures of the run's kernel in ``page``, and write a plot for each theme beside it.

    They stand between two marks. If the page has no marks, they are added at its end; a missing page is made.
    """
    text = page.read_text(encoding="utf-8") if page.exists() else "# Performance\n"
    begin, end = (mark.format(results["kernel"]) for mark in (BEGIN, END))
    if begin not in text:
        text = f"{text}\n{begin}\n{end}\n"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    machine = (
        f"Measured on {results['date']}: {results['machine']}, adapters in turn, load average "
        f"{results['load'][0]:.1f} before and {results['load'][1]:.1f} after. {_speed(results)}"
    )
    parts = [f"{begin}\n## Kernel {results['kernel']}\n\n{machine}", goals.table(results)]
    for theme in dict.fromkeys(case["theme"] for case in results["cases"]):
        image = page.with_name(f"{page.stem}-{results['kernel']}-{theme}.svg")
        image.write_text(plot([case for case in results["cases"] if case["theme"] == theme]), encoding="utf-8")
        parts.append(f"![Seconds of each case on kernel {results['kernel']}: {theme}]({image.name})")
    text = "\n\n".join((*parts, f"{table(results)}\n{end}"))
    page.write_text(f"{before}{text}{after}", encoding="utf-8")
