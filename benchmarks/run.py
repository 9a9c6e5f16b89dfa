"""Measure whole dbt commands of this adapter beside its peers, in turn, and enter the figures in docs/performance.md.

Run it by ``tox -e bench``, or from the repository with the test requirements installed: ``python benchmarks/run.py``.
The peers are dbt-duckdb on a file, OceanBase's own adapter (``obmysql``), and the plain statements on the same server.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import pymysql  # noqa: E402
from faults.server import PASSWORD, Server  # noqa: E402
from faults.tcp_proxy import FaultProxy  # noqa: E402
from suite import floors, page, processes  # noqa: E402
from suite.cases import EVERY_PEER, Case, cases  # noqa: E402
from suite.peers import Peer, peers  # noqa: E402
from suite.projects import write_project  # noqa: E402


def main() -> None:
    """Parse the arguments, run the cases, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", default="1.3")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="below 1: smaller cases, as a trial")
    parser.add_argument("--only", default="", help="only cases whose name contains this text")
    parser.add_argument("--peers", nargs="*", default=list(EVERY_PEER[1:]))
    parser.add_argument("--json", type=Path, default=Path("performance.json"))
    parser.add_argument("--page", type=Path, help="enter the figures in this page, and the plot beside it")
    arguments = parser.parse_args()
    chosen = [case for case in cases(arguments.scale) if arguments.only in case.name]
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, serving(arguments.kernel) as port:
        found = [measured(case, port, Path(folder), arguments.repeat, tuple(arguments.peers)) for case in chosen]
    results = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "kernel": arguments.kernel,
        "repeat": arguments.repeat,
        "load": (before, os.getloadavg()[0]),
        "cases": found,
    }
    arguments.json.write_text(json.dumps(results, indent=1))
    if arguments.page:
        page.enter(results, arguments.page, arguments.page.with_suffix(".svg"))


@contextlib.contextmanager
def serving(kernel: str) -> Iterator[int]:
    """Start a server of its own on loopback, and yield its port."""
    server = Server(kernel)
    try:
        server.start()
        yield server.port
    finally:
        server.remove()


def measured(case: Case, port: int, folder: Path, repeat: int, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the measures of one case for each peer that takes part. A peer that fails has none."""
    with FaultProxy(("127.0.0.1", port)) as proxy:
        proxy.delay(case.round_trip / 2)
        place = proxy.port if case.round_trip else port
        chosen = tuple(name for name in names if name in case.peers)
        taking_part = peers("127.0.0.1", place, PASSWORD, folder, chosen)
        found: dict[str, list[dict[str, float]]] = {peer.name: [] for peer in taking_part}
        for turn in range(repeat):
            for peer in [peer for peer in taking_part if peer.name in found]:
                if figures := one(case, peer, folder, turn):
                    found[peer.name].append(figures)
                else:
                    del found[peer.name]
            if case.floor:
                found.setdefault("engine", []).append({"seconds": floors.measured(case, connector(port), turn)})
        sent = {peer.name: counted(case, peer, folder, proxy, repeat) for peer in taking_part if peer.name in found}
    for name, measures in found.items():
        print(f"{case.name:40}{name:16}{page.median(measures):8.2f} s", flush=True)
    return {"name": case.name, "measures": found, "sent": {name: sums for name, sums in sent.items() if sums}}


def one(case: Case, peer: Peer, folder: Path, turn: int) -> dict[str, float]:
    """Return the measure number ``turn``, after what it needs. It is empty, with a line, if a command fails."""
    try:
        return prepared(case, peer, folder, turn).as_dict()
    except processes.CommandFailed as error:
        print(f"{case.name}: {peer.name} fails: {error}", file=sys.stderr)
        return {}


def prepared(case: Case, peer: Peer, folder: Path, turn: int) -> processes.Measure:
    """Prepare what the measure number ``turn`` needs, and measure one command."""
    project = folder / peer.name / str(abs(hash(case.name)))
    if turn == 0:
        shutil.rmtree(project, ignore_errors=True)
        peer.reset()
        write_project(project, case.write, {**peer.target, "threads": case.threads})
        for command in case.prepare:
            processes.run(peer.python, project, command)
    elif case.starts_empty:
        peer.reset()
    if case.before:
        processes.run(peer.python, project, case.before(turn))
    return processes.run(peer.python, project, case.command(turn))


def counted(case: Case, peer: Peer, folder: Path, proxy: FaultProxy, turn: int) -> dict[str, int]:
    """Run the command once more through ``proxy``, and return what it sent. The result is empty without a server."""
    if "host" not in peer.target:
        return {}
    project = folder / peer.name / str(abs(hash(case.name)))
    profile = project / "profiles.yml"
    profile.write_text(profile.read_text().replace(f"port: {peer.target['port']}", f"port: {proxy.port}"))
    if case.starts_empty:
        peer.reset()
    proxy.clear()
    processes.run(peer.python, project, case.command(turn))
    sizes = [len(statement.encode()) for statement in proxy.statements]
    return {"statements": len(sizes), "connections": len(proxy.connections), "bytes": sum(sizes)}


def connector(port: int) -> floors.Connect:
    """Return a function that opens a plain connection to the server."""
    return lambda: pymysql.connect(host="127.0.0.1", port=port, user="root", password=PASSWORD, autocommit=None)


if __name__ == "__main__":
    main()
