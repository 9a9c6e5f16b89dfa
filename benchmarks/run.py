"""Measure whole dbt commands of this adapter beside its peers, in turn, and enter the figures in docs/performance.md.

Run it by ``tox -e bench``, or from the repository with the test requirements installed: ``python benchmarks/run.py``.
The peers are dbt-duckdb, OceanBase's own adapter (``obmysql``), and the plain statements on the same server.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import fnmatch
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import pymysql  # noqa: E402
from faults import certificates  # noqa: E402
from faults.server import PASSWORD, Server  # noqa: E402
from faults.tcp_proxy import FaultProxy  # noqa: E402
from suite import floors, page, processes  # noqa: E402
from suite.cases import ENGINE, Case, cases  # noqa: E402
from suite.peers import Peer, Place, peers  # noqa: E402
from suite.projects import write_project  # noqa: E402


def main() -> None:
    """Parse the arguments, run the cases, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", default="1.3")
    parser.add_argument("--repeat", type=int, default=5, help="the most repetitions of a case")
    parser.add_argument(
        "--seconds", type=float, default=60, help="a case is not repeated after as many measured seconds"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="below 1: smaller cases, as a trial")
    parser.add_argument(
        "--only", nargs="*", default=["*"], help="only cases with one of these names, or patterns with *"
    )
    parser.add_argument("--peers", nargs="*", help="only these of the peers of each case")
    parser.add_argument(
        "--huge-pages",
        action="store_true",
        help="give all processes memory in huge pages, which makes figures steadier on a virtual machine",
    )
    parser.add_argument("--resume", action="store_true", help="keep the cases that are in --json, and run the others")
    parser.add_argument("--json", type=Path, default=Path("performance.json"), help="written after each case")
    parser.add_argument("--page", type=Path, help="enter the figures in this page, and write the plots beside it")
    arguments = parser.parse_args()
    try:
        chosen = chosen_cases(arguments)
        kept = kept_cases(arguments) if arguments.resume else []
    except ValueError as error:
        parser.error(str(error))
    if arguments.huge_pages:
        os.environ |= processes.HUGE_PAGES
    before = os.getloadavg()[0]
    results: dict[str, Any] = {
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "kernel": arguments.kernel,
        "huge_pages": arguments.huge_pages,
        "load": (before, before),
        "cases": kept,
    }
    measured = {case["name"] for case in results["cases"]}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, serving(arguments.kernel) as server:
        bench = Bench(server, Path(folder), arguments)
        for case in [case for case in chosen if case.name not in measured]:
            if found := bench.measured(case):
                results["cases"].append(found)
            results["load"] = (before, os.getloadavg()[0])
            arguments.json.write_text(json.dumps(results, indent=1))
    if arguments.page:
        page.enter(results, arguments.page)


def chosen_cases(arguments: argparse.Namespace) -> list[Case]:
    """Return the cases that match one of the patterns in ``--only``. Raise ValueError if a pattern matches no case."""
    known = cases(arguments.scale)
    for pattern in arguments.only:
        if not fnmatch.filter([case.name for case in known], pattern):
            names = ", ".join(repr(case.name) for case in known)
            raise ValueError(f"--only: no case has the name {pattern!r}; the cases are {names}")
    return [case for case in known if any(fnmatch.fnmatch(case.name, pattern) for pattern in arguments.only)]


def kept_cases(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the figures of the cases in the file of ``--json``.

    Raise ValueError if there is no such file, or if its run had another kernel or other memory pages.
    """
    try:
        earlier = json.loads(arguments.json.read_text())
    except OSError as error:
        raise ValueError(f"--resume: {arguments.json} cannot be read ({error.strerror}): leave out --resume") from None
    for name in ("kernel", "huge_pages"):
        wanted = getattr(arguments, name)
        if earlier[name] != wanted:
            raise ValueError(f"--resume: {name} is {wanted} now, and was {earlier[name]} in {arguments.json}")
    return list(earlier["cases"])


@contextlib.contextmanager
def serving(kernel: str) -> Iterator[Server]:
    """Start a server of its own on loopback, and yield it."""
    server = Server(kernel)
    try:
        server.start()
        yield server
    finally:
        server.remove()


class Bench:
    """One run of the suite on ``server``, with files in ``folder`` and the arguments of the command line."""

    def __init__(self, server: Server, folder: Path, arguments: argparse.Namespace) -> None:
        self.server = server
        self.folder = folder
        self.arguments = arguments

    def measured(self, case: Case) -> dict[str, Any]:
        """Return the measures of one case for each peer that takes part. A peer that fails has none.

        Return nothing for a case with TLS if the kernel offers none.
        """
        if case.place == "tls" and self.arguments.kernel != "1.3":
            return {}
        with contextlib.ExitStack() as stack:
            proxy = stack.enter_context(FaultProxy(("127.0.0.1", self.server.port)))
            place = stack.enter_context(self.place(case, proxy))
            names = tuple(name for name in case.peers if name in (self.arguments.peers or case.peers))
            taking_part = peers(names, place, self.folder, self.arguments.kernel, case.in_memory)
            found = self.repeated(case, taking_part)
            sent = {peer.name: self.counted(case, peer, proxy) for peer in taking_part if peer.name in found}
        for name, measures in found.items():
            print(f"{case.name:42}{name:20}{page.median(measures):8.2f} s  x {len(measures)}", flush=True)
        sums = {name: sums for name, sums in sent.items() if sums}
        return {"name": case.name, "theme": case.theme, "measures": found, "sent": sums}

    @contextlib.contextmanager
    def place(self, case: Case, proxy: FaultProxy) -> Iterator[Place]:
        """Yield the place of the server for ``case``: itself, behind the proxy with a delay, or with TLS."""
        near = Place("127.0.0.1", self.server.port, PASSWORD, {"ssl_mode": "disabled"})
        if case.place == "far":
            proxy.delay(0.01)
            yield replace(near, port=proxy.port)
        elif case.place == "tls":
            authority = self.folder / "tls"
            authority.mkdir()
            certificates.make_certificates(authority)
            with certificates.tls_enabled(self.server, authority):
                yield replace(near, settings={"ssl_mode": "verify_ca", "ssl_ca": str(authority / "ca.pem")})
        else:
            yield near

    def repeated(self, case: Case, taking_part: list[Peer]) -> dict[str, list[dict[str, float]]]:
        """Return the measures of each peer, taken in turn, until the time of a case is over."""
        found: dict[str, list[dict[str, float]]] = {peer.name: [] for peer in taking_part}
        for turn in range(self.arguments.repeat):
            for peer in [peer for peer in taking_part if peer.name in found]:
                if measure := self.prepared_or_failed(case, peer, turn):
                    found[peer.name].append(measure.as_dict())
                else:
                    del found[peer.name]
            if case.floor:
                seconds = floors.measured(case, self.connect, turn)
                found.setdefault(ENGINE, []).append({"seconds": seconds})
            if sum(measure["seconds"] for measures in found.values() for measure in measures) > self.arguments.seconds:
                break
        return found

    def prepared_or_failed(self, case: Case, peer: Peer, turn: int) -> processes.Measure | None:
        """Return the measure number ``turn``. Return None, with a line on standard error, if a command fails."""
        try:
            return self.prepared(case, peer, turn)
        except processes.CommandFailed as error:
            print(f"{case.name}: {peer.name} fails: {error}", file=sys.stderr)
            return None

    def prepared(self, case: Case, peer: Peer, turn: int) -> processes.Measure:
        """Prepare what the measure number ``turn`` needs, and measure one command."""
        project = self.project(case, peer)
        if turn == 0:
            shutil.rmtree(project, ignore_errors=True)
            peer.reset()
            write_project(project, case.write, {**peer.target, "threads": case.threads})
            if case.relations:
                floors.fill(self.connect, peer.target["schema"], case.relations)
            for command in case.prepare:
                processes.run(peer.python, project, command, peer.variables)
        elif case.starts_empty:
            peer.reset()
        if case.before:
            processes.run(peer.python, project, case.before(turn), peer.variables)
        return processes.run(peer.python, project, case.command(turn), peer.variables)

    def counted(self, case: Case, peer: Peer, proxy: FaultProxy) -> dict[str, Any]:
        """Run the command once more through ``proxy``, and return what it sent. Return nothing without a server.

        The sums are statements, statements by their first words, connections, and bytes of statements.
        """
        if not peer.uses_server or case.place == "tls":
            return {}
        profile = self.project(case, peer) / "profiles.yml"
        profile.write_text(profile.read_text().replace(f"port: {peer.target['port']}", f"port: {proxy.port}"))
        proxy.restore()
        if case.starts_empty:
            peer.reset()
        turn = self.arguments.repeat
        if case.before:
            processes.run(peer.python, profile.parent, case.before(turn), peer.variables)
        proxy.clear()
        processes.run(peer.python, profile.parent, case.command(turn), peer.variables)
        texts = proxy.statements
        sums = {"statements": len(texts), "connections": len(proxy.connections)}
        return {**sums, "bytes": sum(len(text.encode()) for text in texts), "kinds": page.kinds(texts)}

    def project(self, case: Case, peer: Peer) -> Path:
        """Return the folder of the project of ``case`` for ``peer``."""
        return self.folder / peer.name.replace(" ", "-") / re.sub(r"\W+", "-", case.name)

    def connect(self) -> pymysql.Connection:
        """Open a plain connection to the server."""
        return pymysql.connect(
            host="127.0.0.1", port=self.server.port, user="root", password=PASSWORD, autocommit=None, ssl_disabled=True
        )


if __name__ == "__main__":
    main()
