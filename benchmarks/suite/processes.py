"""Run dbt as a process of its own and measure it."""

from __future__ import annotations

import json
import mmap
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1", "PYTHONMALLOC": "malloc"}
"""Environment variables with which Python gets its memory by glibc, and glibc in huge pages (glibc 2.35)."""

PROBE_PAGES, PAGE_BYTES = 4096, 4096

LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True)
class Measure:
    """What one process took: seconds on the clock, seconds of CPU of its own, and its peak memory in MB.

    ``probe`` has the seconds of a fixed piece of work just before, which shows how fast the machine was then.
    """

    seconds: float
    cpu: float
    memory: float
    probe: float

    def as_dict(self) -> dict[str, float]:
        """Return the figures by name."""
        return asdict(self)


class CommandFailed(RuntimeError):
    """Raised if a dbt command ends with an error. The message is one line: the command and the end of its output."""


def probe() -> float:
    """Return the seconds of a fixed piece of work: PROBE_PAGES new pages of memory are written twice."""
    started = time.perf_counter()
    with mmap.mmap(-1, PROBE_PAGES * PAGE_BYTES) as memory:
        for value in (1, 2):
            for position in range(0, len(memory), PAGE_BYTES):
                memory[position] = value
    return time.perf_counter() - started


def run(python: Path, folder: Path, arguments: Sequence[str], variables: Mapping[str, str]) -> Measure:
    """Run ``dbt`` with ``arguments`` in the project in ``folder`` and return what it took.

    ``variables`` are further environment variables. Raise CommandFailed if dbt ends with an error.
    """
    places = ("--project-dir", str(folder), "--profiles-dir", str(folder))
    command = [str(python), "-m", "dbt.cli.main", *arguments, *places]
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1", **variables}
    # Without its byte code, an adapter would be compiled in each process
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    log, figures = folder / "console.log", folder / "took.json"
    before = probe()
    with log.open("wb") as output:
        launched = [sys.executable, "-I", "-S", str(LAUNCHER), str(figures), *command]
        subprocess.run(  # noqa: S603 - runs dbt
            launched, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, check=True
        )
    took = json.loads(figures.read_text())
    if took.pop("exit_code"):
        raise CommandFailed(f"{' '.join(arguments)}: {end_of(log.read_text(errors='replace'))}")
    return Measure(**took, probe=before)


def end_of(text: str) -> str:
    """Return the last 300 characters of ``text`` as one line."""
    return " ".join(text.split())[-300:]
