"""The adapters that are compared, each in an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "benchmarks"

REQUIREMENTS = {
    "dbt-duckdb": ("dbt-core<1.12", "dbt-duckdb"),
    "obmysql": ("dbt-core<1.12", "dbt-oceanbase==1.0.1"),
}
"""Packages of the environment of each peer. This adapter uses the environment that runs the suite."""


@dataclass(frozen=True)
class Peer:
    """An adapter with the Python program of its environment, its profile, and a function that removes what it built."""

    name: str
    python: Path
    target: Mapping[str, Any]
    reset: Callable[[], None]


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


def peers(host: str, port: int, password: str, folder: Path, names: tuple[str, ...]) -> list[Peer]:
    """Return this adapter and the peers in ``names`` that can be installed, in the order in which they take turns.

    The server is at ``host`` and ``port``, and its user is root. Files of DuckDB go into ``folder``.
    """
    place = {"host": host, "port": port, "user": "root", "password": password}

    def on_server(name: str, python: Path, adapter: str) -> Peer:
        schema = f"bench_{adapter}"

        def reset() -> None:
            with pymysql.connect(**place, autocommit=None) as connection, connection.cursor() as cursor:
                cursor.execute(f"drop database if exists {schema}")
                cursor.execute(f"create database {schema}")

        return Peer(name, python, {"type": adapter, **place, "schema": schema}, reset)

    found = [on_server("dbt-oceanbase", Path(sys.executable), "oceanbase")]
    if "dbt-duckdb" in names and (python := environment("dbt-duckdb")):
        file = folder / "bench.duckdb"
        found.append(Peer("dbt-duckdb", python, {"type": "duckdb", "path": str(file)}, lambda: file.unlink(True)))
    if "obmysql" in names and (python := environment("obmysql")):
        found.append(on_server("obmysql", python, "obmysql"))
    return found
