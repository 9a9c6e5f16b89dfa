"""Measure how long ``dbt seed`` takes for one large file, in total and by part.

Run it from the repository with the test requirements installed: ``python benchmarks/seed_load.py``. It starts a kernel
as the tests do, and prints the fastest of several runs, for a new seed and for the same seed again, without and with
``column_types``.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
START, PARTS = "SEED_LOAD_START", "SEED_LOAD_PARTS"

COLUMN_TYPES = {
    "id": "bigint",
    "name": "varchar(100)",
    "amount": "decimal(12,2)",
    "is_active": "boolean",
    "born_on": "date",
    "seen_at": "datetime",
}


def main() -> None:
    """Parse the arguments, run dbt and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kernel", default="1.4")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests"))
    from support import engines

    with tempfile.TemporaryDirectory(prefix="seed-load-") as folder:
        project, engine = Path(folder, "project"), Path(folder, "engine")
        write_project(project, arguments.rows)
        with engines.running(arguments.kernel, engine) as unix_socket:
            write_profile(project, unix_socket)
            print(f"{arguments.rows} rows x {len(COLUMN_TYPES)} columns, kernel {arguments.kernel}, best of", end=" ")
            print(f"{arguments.runs} runs; seconds; load average at the start {os.getloadavg()[0]:.1f}")
            print(f"{'':20}{'process':>9}{'its CPU':>9}{'imports':>9}{'parse':>9}{'read csv':>9}{'load':>9}")
            for seed in ("inferred", "declared"):
                for again in (False, True):
                    report(project, seed, again, arguments.runs)
        engines.remove(engine)


def report(project: Path, seed: str, again: bool, runs: int) -> None:
    """Print the times of the fastest of several runs of one seed."""
    how = () if again else ("--full-refresh",)
    best = min((timed(project, seed, *how) for _ in range(runs)), key=lambda parts: parts["process"])
    figures = "".join(f"{best[part]:9.2f}" for part in ("process", "cpu", "imports", "parse", "read", "load"))
    print(f"{seed + (', again' if again else ', new'):20}{figures}", flush=True)


def timed(project: Path, seed: str, *how: str) -> dict[str, float]:
    """Run dbt in a new process and return the seconds that each part took."""
    parts = project / "parts.json"
    environment = {**os.environ, START: repr(time.time()), PARTS: str(parts), "DO_NOT_TRACK": "1"}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, __file__, "seed", "--select", seed, "--no-partial-parse", *how]
    started, busy = time.perf_counter(), cpu_of_children()
    done = subprocess.run(  # noqa: S603 - runs this file
        command, cwd=project, env={**environment, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    process = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return {"process": process, "cpu": cpu_of_children() - busy, **json.loads(parts.read_text())}


def cpu_of_children() -> float:
    """Return the processor time of ended child processes: on a busy machine it is more reliable than elapsed time."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def child() -> None:
    """Run ``dbt`` in this process and write the times of its parts to a file."""
    started = float(os.environ[START])
    from dbt.cli.main import dbtRunner
    from dbt_common.clients import agate_helper

    imported = time.time()
    read = 0.0
    from_csv = agate_helper.from_csv

    def timed_from_csv(*arguments: Any, **options: Any) -> Any:
        nonlocal read
        began = time.perf_counter()
        try:
            return from_csv(*arguments, **options)
        finally:
            read += time.perf_counter() - began

    agate_helper.from_csv = timed_from_csv
    outcome = dbtRunner().invoke(sys.argv[1:])
    if not outcome.success:
        raise SystemExit(str(outcome.exception or outcome.result.results[0].message))
    node = outcome.result.results[0].execution_time
    parts = {"imports": imported - started, "parse": time.time() - imported - node, "read": read, "load": node - read}
    Path(os.environ[PARTS]).write_text(json.dumps(parts))


def write_project(project: Path, rows: int) -> None:
    """Write a dbt project with two seeds of the same rows, one of them with declared column types."""
    (project / "seeds").mkdir(parents=True)
    config = {"name": "seed_load", "version": "1.0", "profile": "seed_load"}
    config["seeds"] = {"seed_load": {"declared": {"+column_types": COLUMN_TYPES}}}  # type: ignore[assignment]
    (project / "dbt_project.yml").write_text(json.dumps(config))
    for seed in ("inferred", "declared"):
        with (project / "seeds" / f"{seed}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMN_TYPES)
            writer.writerows(values(rows))


def values(rows: int) -> Any:
    """Yield rows; all calls yield the same ones."""
    chance = random.Random(1)  # noqa: S311 - no secret
    day, moment = datetime.date(2000, 1, 1), datetime.datetime(2024, 1, 1)
    for number in range(rows):
        name = f"name {chance.randrange(10**6)} of {number}"
        amount = f"{chance.randrange(10**7) / 100:.2f}"
        active = chance.choice(("true", "false"))
        born, seen = day + datetime.timedelta(days=number % 9_000), moment + datetime.timedelta(seconds=7 * number)
        yield number, name, amount, active, born, seen


def write_profile(project: Path, unix_socket: str) -> None:
    """Write a profile for the running kernel."""
    target = {"type": "oceanbase", "unix_socket": unix_socket, "user": "root", "schema": "seed_load", "threads": 1}
    profile = {"seed_load": {"target": "bench", "outputs": {"bench": target}}}
    (project / "profiles.yml").write_text(json.dumps(profile))


if __name__ == "__main__":
    child() if START in os.environ else main()
