"""Run dbt as a process of its own and measure it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measure:
    """What one process took: seconds on the clock, seconds of CPU of its own, and its peak memory in MB."""

    seconds: float
    cpu: float
    memory: float

    def as_dict(self) -> dict[str, float]:
        """Return the figures by name."""
        return asdict(self)


class CommandFailed(RuntimeError):
    """Raised if a dbt command ends with an error. The message has the command and the end of its output."""


def run(python: Path, folder: Path, arguments: Sequence[str], variables: Mapping[str, str]) -> Measure:
    """Run ``dbt`` with ``arguments`` in the project in ``folder`` and return what it took.

    ``variables`` are further environment variables. Raise CommandFailed if dbt ends with an error.
    """
    places = ("--project-dir", str(folder), "--profiles-dir", str(folder))
    command = [str(python), "-m", "dbt.cli.main", *arguments, *places]
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1", **variables}
    # Without its byte code, an adapter would be compiled in each process
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    log = folder / "console.log"
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - runs dbt
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandFailed(f"{' '.join(arguments)}: {log.read_text(errors='replace')[-2000:]}")
    # ru_maxrss has KiB on Linux
    return Measure(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
