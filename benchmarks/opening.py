"""Measure the time that a node takes to open a connection: plain PyMySQL, ``connection_mode: new`` and ``pooled``.

Run it from the repository with the test requirements installed: ``python benchmarks/opening.py``. It starts kernel 1.3,
which offers TLS, on loopback, and adds round-trip time with the fault proxy of the tests. A node opens one session,
runs one statement and closes the session. The figures are the median of all nodes, and the ratio to plain PyMySQL in
the same setting.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import pymysql  # noqa: E402
from faults import certificates  # noqa: E402
from faults.server import PASSWORD, Server  # noqa: E402
from faults.tcp_proxy import FaultProxy  # noqa: E402

from dbt.adapters.oceanbase.connect import ConnectOptions  # noqa: E402
from dbt.adapters.oceanbase.connect.options import Endpoint, LoginOptions, TlsOptions  # noqa: E402
from dbt.adapters.oceanbase.connect.pool.registry import pool_of  # noqa: E402

WAYS = ("PyMySQL", "new", "pooled")


def main() -> None:
    """Parse the arguments, start the server, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=200)
    arguments = parser.parse_args()
    print(f"milliseconds per node (one statement each), median of {arguments.nodes};", end=" ")
    print(f"load average at the start {os.getloadavg()[0]:.1f}")
    print(f"{'':28}" + "".join(f"{way:>18}" for way in WAYS))
    with tempfile.TemporaryDirectory(prefix="opening-") as folder:
        certificates.make_certificates(Path(folder))
        server = Server("1.3")
        try:
            server.start()
            measure(server, Path(folder), arguments.nodes)
        finally:
            server.remove()


def measure(server: Server, folder: Path, nodes: int) -> None:
    """Measure each setting and print a line for it."""
    with FaultProxy(("127.0.0.1", server.port)) as proxy:
        proxy.delay(0.01)
        report("loopback", server.port, "disabled", folder, nodes)
        report("+ 20 ms round trip", proxy.port, "disabled", folder, nodes // 4)
        with certificates.offered(server, folder):
            report("loopback, TLS", server.port, "verify_ca", folder, nodes)
            report("+ 20 ms round trip, TLS", proxy.port, "verify_ca", folder, nodes // 4)


def report(setting: str, port: int, mode: Any, folder: Path, nodes: int) -> None:
    """Print the time of a node in each way, and its ratio to the first."""
    ca = str(folder / "ca.pem") if mode == "verify_ca" else None
    ways = (plain(port, ca), ours(port, mode, ca, "new"), ours(port, mode, ca, "pooled"))
    figures = [statistics.median(timed(way) for _ in range(nodes)) for way in ways]
    cells = (f"{1000 * each:10.2f} ({each / figures[0]:4.2f})" for each in figures)
    print(f"{setting:28}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


def timed(node: Callable[[], None]) -> float:
    """Return the seconds that one node takes."""
    started = time.perf_counter()
    node()
    return time.perf_counter() - started


def plain(port: int, ca: str | None) -> Callable[[], None]:
    """Return a node on plain PyMySQL."""
    tls = {"ssl": {"ca": ca, "check_hostname": False}} if ca else {"ssl_disabled": True}

    def node() -> None:
        connection = pymysql.connect(
            host="127.0.0.1", port=port, user="root", password=PASSWORD, autocommit=None, **tls
        )
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("set autocommit = 1")
            cursor.execute("select 1")

    return node


def ours(port: int, mode: Any, ca: str | None, connection_mode: Any) -> Callable[[], None]:
    """Return a node on the adapter's connections."""
    login = LoginOptions("root", password=PASSWORD)
    endpoints, tls = (Endpoint("127.0.0.1", port),), TlsOptions(mode, ca)
    options = ConnectOptions(login, endpoints, tls=tls, connection_mode=connection_mode)
    pool = pool_of(options)

    def node() -> None:
        with closing(pool.acquire()) as session:
            session.run("select 1")

    return node


if __name__ == "__main__":
    main()
