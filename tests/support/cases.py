"""Run small dbt projects of reported faults and print which of them differ from what is expected.

    python tests/support/cases.py FOLDER... [--kernel 1.3] [--expected FILE]

Each FOLDER is a dbt project with a ``profiles.yml``, or a folder of such projects. The steps of a project and what each
step has to give are listed under the name of its folder in a YAML file (``cases.yml`` beside this file):

- ``dbt: ARGUMENTS`` runs dbt. It has to succeed. With ``fails: true`` it has to fail, and with ``fails: maybe`` it may.
  Each regular expression in ``says`` has to match the output, and none in ``omits`` may match it.
- ``sql: STATEMENT`` runs a statement. If the step has ``rows``, its rows have to be these, compared as text.
- ``copy: [FROM, TO]`` copies a file within the project.
- ``shell: COMMAND`` runs a command in the project. ``says`` and ``omits`` apply to its output.

The projects are copied first and run on one engine, which this script starts. A profile keeps its schema and its
``path`` is replaced by the engine's socket, unless the first step is ``keep: profile``. A first step ``schema: NAME``
replaces the schema, too.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import engines

EXPECTED = Path(__file__).with_name("cases.yml")
SECONDS = 300
"""The longest time that one step may take."""

PACKAGE = "dbt-utils"
"""A checkout of this package is used if it lies beside a project."""

Step = Mapping[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the projects that the command line names, print a line for each, and return 1 if one of them differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--kernel", choices=sorted(engines.VERSIONS), default="1.4")
    parser.add_argument("--expected", type=Path, default=EXPECTED, metavar="FILE")
    options = parser.parse_args(arguments)
    expected = yaml.safe_load(options.expected.read_text())
    engine_folder = engines.new_folder()
    differ = 0
    try:
        with engines.running(options.kernel, engine_folder) as unix_socket:
            for project in projects(options.folders):
                steps = expected.get(project.name)
                difference = "it is not listed" if steps is None else run(project, steps, unix_socket, options.kernel)
                differ += difference is not None
                print(
                    f"{project.name}: {'as expected' if difference is None else f'differs: {difference}'}", flush=True
                )
    finally:
        engines.remove(engine_folder)
    return int(differ > 0)


def projects(folders: Iterable[Path]) -> list[Path]:
    """Return the dbt projects in ``folders``: each folder itself, or those directly below it, by name."""
    found: list[Path] = []
    for folder in folders:
        is_project = (folder / "dbt_project.yml").exists()
        found += [folder] if is_project else sorted(each.parent for each in folder.glob("*/dbt_project.yml"))
    return [folder.resolve() for folder in found]


def run(project: Path, steps: Sequence[Step], unix_socket: str, kernel: str) -> str | None:
    """Run the steps of a project in a copy, and return how the first step that differs does so, or None."""
    with tempfile.TemporaryDirectory() as parent:
        copy = Path(parent) / project.name
        shutil.copytree(project, copy, ignore=shutil.ignore_patterns("warehouse", "target", "logs"))
        if (project.parent / PACKAGE).exists():
            (Path(parent) / PACKAGE).symlink_to((project.parent / PACKAGE).resolve())
        keep = bool(steps) and "keep" in steps[0]
        named = steps[0].get("schema") if steps else None
        schema = use_engine(copy / "profiles.yml", None if keep else unix_socket, named)
        if not keep:
            fetch(unix_socket, f"drop database if exists `{schema}`")
            fetch(unix_socket, f"create database `{schema}`")
        for number, step in enumerate(steps[int(keep or named is not None) :], 1):
            difference = take(step, copy, unix_socket, schema, kernel)
            if difference is not None:
                return f"step {number}, {difference}"
    return None


def use_engine(profiles: Path, unix_socket: str | None, schema: str | None = None) -> str:
    """Write the socket and the schema into the only target of a profiles.yml, unless they are None.

    Return the schema of the target.
    """
    content = yaml.safe_load(profiles.read_text())
    (profile,) = (each for each in content.values() if "outputs" in each)
    (target,) = profile["outputs"].values()
    if unix_socket is not None:
        target.pop("path", None)
        target.update(unix_socket=unix_socket, user="root", password="", schema=schema or target["schema"])
        profiles.write_text(yaml.safe_dump(content))
    return str(target["schema"])


def take(step: Step, folder: Path, unix_socket: str, schema: str, kernel: str) -> str | None:
    """Run one step in ``folder``, and return how its result differs from what is expected, or None."""
    if "copy" in step:
        shutil.copyfile(*(folder / each for each in step["copy"]))
        return None
    if "sql" in step:
        rows = fetch(unix_socket, step["sql"], schema)
        wanted = [[None if value is None else str(value) for value in row] for row in step.get("rows", rows)]
        return None if rows == wanted else f"{step['sql']}: {rows} instead of {wanted}"
    arguments = shlex.split(step["dbt"]) if "dbt" in step else []
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *arguments, "--profiles-dir", "."]
    environment = os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    environment["PYTHONPATH"] = os.pathsep.join(
        [str(engines.wheel(kernel)), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    done = subprocess.run(
        command if "dbt" in step else ["/bin/sh", "-c", step["shell"]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return difference_of(step, done.returncode != 0, done.stdout + done.stderr)


def difference_of(step: Step, has_failed: bool, output: str) -> str | None:
    """Return how a command's result differs from what its step expects, or None."""
    command = step.get("dbt", step.get("shell"))
    tail = "\n    ".join(["", *output.splitlines()[-30:]])
    if step.get("fails", False) not in (has_failed, "maybe"):
        return f"{command}: {'failed' if has_failed else 'did not fail'}{tail}"
    missing = [pattern for pattern in step.get("says", []) if not re.search(pattern, output)]
    too_many = [pattern for pattern in step.get("omits", []) if re.search(pattern, output)]
    if missing or too_many:
        return f"{command}: does not say {missing}, says {too_many}{tail}"
    return None


def fetch(unix_socket: str, statement: str, schema: str | None = None) -> list[list[str | None]]:
    """Run a statement as root, in UTC, and return its rows with each value as text."""
    with engines.login(unix_socket) as connection, connection.cursor() as cursor:
        cursor.execute("set autocommit = 1, time_zone = '+00:00'")
        if schema is not None:
            cursor.execute(f"use `{schema}`")
        cursor.execute(statement)
        return [[None if value is None else str(value) for value in row] for row in cursor.fetchall()]


if __name__ == "__main__":
    sys.exit(main())
