"""The adapters that are compared, each in an environment of its own, and other ways to use this adapter."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql
from support import engines

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "benchmarks"

REQUIREMENTS = {
    "dbt-duckdb": ("dbt-core<1.12", "dbt-duckdb"),
    "obmysql": ("dbt-core<1.12", "dbt-oceanbase==1.0.1"),
}
"""Packages of the environment of each peer. This adapter uses the environment that runs the suite."""

PER_NODE, EMBEDDED, LINGERING = "connection per node", "embedded", "embedded, lingering"
"""Names of other ways to use this adapter: a connection for each node, and an engine in the process that may linger."""


@dataclass(frozen=True)
class Place:
    """A server: its address, the password of its root user, and further fields of a profile, such as those of TLS."""

    host: str
    port: int
    password: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def login(self) -> dict[str, Any]:
        """The arguments with which PyMySQL logs in without TLS, which are also fields of a profile."""
        return {"host": self.host, "port": self.port, "user": "root", "password": self.password}


@dataclass(frozen=True)
class Peer:
    """An adapter, or a way to use it, that takes part.

    It has the Python program of its environment, the target of its profile, a function that removes what it built, and
    further environment variables.
    """

    name: str
    python: Path
    target: Mapping[str, Any]
    reset: Callable[[], None]
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def uses_server(self) -> bool:
        """Whether the peer logs in to the server of the suite."""
        return "host" in self.target


def environment(name: str) -> Path | None:
    """Return the Python program of a peer's environment, and make the environment if it is missing.

    Return None, with a line on standard error, if the packages cannot be installed here.
    """
    folder = CACHE / name
    python = folder / "bin" / "python"
    if python.exists():
        return python
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)  # noqa: S603 - this Python
    done = subprocess.run(  # noqa: S603 - pip with the fixed names above
        [str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS[name]],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"{name} is left out, pip: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        shutil.rmtree(folder)
        return None
    return python


def peers(names: tuple[str, ...], place: Place, folder: Path, kernel: str, in_memory: bool) -> list[Peer]:
    """Return the peers in ``names`` that can be installed, in the order in which they take turns.

    Files of DuckDB and of embedded engines go into ``folder``; DuckDB has no file if the case is ``in_memory``.
    """
    found = []
    for name in names:
        python = environment(name) if name in REQUIREMENTS else Path(sys.executable)
        if python and name == "dbt-duckdb":
            found.append(_duckdb(python, None if in_memory else folder / "bench.duckdb"))
        elif python and name.startswith("embedded"):
            found.append(_embedded(name, python, folder / "engines" / name.replace(" ", "-"), kernel))
        elif python:
            found.append(_on_server(name, python, place))
    return found


def _duckdb(python: Path, file: Path | None) -> Peer:
    target = {"type": "duckdb", "path": str(file or ":memory:")}
    return Peer("dbt-duckdb", python, target, lambda: file.unlink(missing_ok=True) if file else None)


def _on_server(name: str, python: Path, place: Place) -> Peer:
    schema = f"bench_{name.replace('-', '_').replace(' ', '_')}"
    settings = {"type": "obmysql"} if name == "obmysql" else {"type": "oceanbase", **place.settings}
    if name == PER_NODE:
        settings["connection_mode"] = "new"

    def reset() -> None:
        with pymysql.connect(**place.login, autocommit=None) as connection, connection.cursor() as cursor:
            cursor.execute(f"drop database if exists {schema}")
            cursor.execute(f"create database {schema}")

    return Peer(name, python, {**settings, **place.login, "schema": schema}, reset)


def _embedded(name: str, python: Path, folder: Path, kernel: str) -> Peer:
    variables = {"PYTHONPATH": str(engines.wheel(kernel))}
    linger = {"engine": {"linger": 60}} if name == LINGERING else {}
    target = {"type": "oceanbase", "path": str(folder), "schema": "bench", **linger}
    return Peer(name, python, target, lambda: shutil.rmtree(folder, ignore_errors=True), variables)
