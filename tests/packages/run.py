"""Run the integration projects of dbt packages on the embedded engine, and enter the results into docs/packages.md.

``tox -e packages`` calls this. The sources of the packages are not part of this repository: the environment variable
OCEANBASE_TEST_PACKAGES names a folder with a checkout of each; without it, ``dbt deps`` fetches them. ``suites.yml``
says which projects are run, what of them cannot pass and what has to fail. The exit status is 1 if anything else fails,
or if something of that passes.

    python tests/packages/run.py [--kernel 1.3] [PACKAGE ...]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import engines

from packages import orders, page

COMMANDS = ("seed", "run", "test")
"""The dbt commands of a suite that names no others."""

GOOD = ("success", "pass", "warn", "no-op")
"""What dbt says of a node that is not an error. A test that only warns is one that its package lets fail. Nothing is
done for a saved query."""


def sources(suites: dict[str, Any], scratch: Path) -> dict[str, Path]:
    """Return the folder of each package: a checkout, or what ``dbt deps`` has put into ``scratch``."""
    given = os.environ.get("OCEANBASE_TEST_PACKAGES")
    if given:
        return {name_of(file): file.parent for file in sorted(Path(given).glob("*/dbt_project.yml"))}
    packages = [suite["hub"] for suite in suites.values() if "hub" in suite]
    (scratch / "packages.yml").write_text(yaml.safe_dump({"packages": packages}))
    (scratch / "dbt_project.yml").write_text("name: fetched\nprofile: integration_tests\n")
    dbt(scratch, "deps", check=True)
    found = {folder.name: folder for folder in (scratch / "dbt_packages").iterdir()}
    for name, suite in suites.items():
        if "git" in suite and "of" not in suite:
            found[name] = scratch / name
            subprocess.run(["git", "clone", "--quiet", suite["git"], found[name]], check=True)
    return found


def name_of(file: Path) -> str:
    """Return the name of the project of a ``dbt_project.yml``."""
    return str(yaml.safe_load(file.read_text())["name"])


def version_of(folder: Path, suite: dict[str, Any], revision: str = "HEAD") -> str:
    """Return the version of a package: the tag and commit of a checkout, or the release that ``dbt deps`` fetched."""
    command = ["git", "-C", str(folder), "describe", "--tags", "--always", revision]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if (folder / ".git").exists() and not done.returncode:
        return done.stdout.strip()
    return str(suite.get("hub", {}).get("version", "unknown"))


def named_in(file: Path, needs: list[str]) -> dict[str, str]:
    """Return the release, branch or commit that a ``packages.yml`` or ``package-lock.yml`` names for each package.

    ``needs`` has the names of the packages.
    """
    found = {}
    for entry in yaml.safe_load(file.read_text())["packages"]:
        address = str(entry.get("package") or entry["git"]).removesuffix(".git").replace("-", "_")
        name = next(need for need in needs if address.endswith(need))
        found[name] = str(entry.get("version") or entry["revision"])
    return found


def put(checkout: Path, revision: str, folder: Path) -> str:
    """Write the files that the git repository ``checkout`` has at ``revision`` into ``folder``, and return the version.

    ``revision`` is a tag, a branch or a commit. Exit with an error if the repository has no such revision.
    """
    command = ["git", "-C", str(checkout), "archive", "--format", "zip", revision]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"{checkout} has no {revision}: fetch its tags and branches\n{done.stderr.decode()}")
    zipfile.ZipFile(BytesIO(done.stdout)).extractall(folder)
    return version_of(checkout, {}, revision)


def install_named(file: Path, needs: list[str], folders: dict[str, Path], project: Path) -> dict[str, str]:
    """Install the packages that ``file`` names into the folder ``project``, and return their versions by name.

    Files of a package come from its git repository in ``folders``. If one of ``folders`` is no git repository, ``dbt
    deps`` fetches all packages. ``needs`` has the names of the packages.
    """
    named = named_in(file, needs)
    if all((folders[name] / ".git").exists() for name in named):
        return {name: put(folders[name], named[name], project / "dbt_packages" / name) for name in named}
    (project / "packages.yml").write_text(yaml.safe_dump({"packages": yaml.safe_load(file.read_text())["packages"]}))
    (project / "package-lock.yml").unlink(missing_ok=True)
    dbt(project, "deps", check=True)
    return named


def dbt(folder: Path, *arguments: str, check: bool = False) -> subprocess.CompletedProcess[str]:
    """Run dbt in ``folder`` and return what it has printed."""
    command = [Path(sys.executable).with_name("dbt"), "--no-use-colors", *arguments, "--profiles-dir", folder]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise SystemExit(f"dbt {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done


def prepare(name: str, suite: dict[str, Any], folders: dict[str, Path], folder: Path, socket: str) -> dict[str, str]:
    """Make ``folder`` the integration project of a package, with its packages and a profile for the engine.

    Return the versions of the packages whose versions the project itself decides, by name.
    """
    ignored = shutil.ignore_patterns("target", "dbt_packages", "logs", "profiles.yml")
    source = folders[suite.get("of", name)]
    project = Path(__file__).parent / suite["own"] if "own" in suite else source / suite["project"]
    shutil.copytree(project, folder, ignore=ignored)
    if "orders" in suite:
        orders.write(folder / suite["orders"])
    packages = folder / "dbt_packages"
    packages.mkdir()
    wanted = [*([] if suite.get("project") == "." else [name]), *suite["needs"]]
    if missing := [package for package in wanted if package not in folders]:
        raise SystemExit(f"{name} needs the package {missing[0]}: add a checkout to OCEANBASE_TEST_PACKAGES")
    versions = {}
    if "versions" in suite:
        versions = install_named(folder / suite["versions"], suite["needs"], folders, folder)
    for package in wanted:
        if package not in versions:
            shutil.copytree(folders[package], packages / package, ignore=ignored)
    for local in suite.get("local", []):
        path = source / suite["project"] / local
        shutil.copytree(path, packages / name_of(path / "dbt_project.yml"))
    (folder / "macros").mkdir(exist_ok=True)
    (folder / "macros" / "suite.sql").write_text(suite.get("macros", ""))
    target = {"type": "oceanbase", "unix_socket": socket, "user": "root", "password": "", "threads": 4}
    outputs = {"oceanbase": {**target, "schema": f"suite_{name}"}}
    profile = yaml.safe_load((folder / "dbt_project.yml").read_text())["profile"]
    (folder / "profiles.yml").write_text(yaml.safe_dump({profile: {"target": "oceanbase", "outputs": outputs}}))
    return versions


def run(suite: dict[str, Any], folder: Path) -> page.Found:
    """Run the commands of a project, and return the results of its nodes by kind."""
    for command in suite.get("before", []):
        dbt(folder, *command, check=True)
    found: page.Found = {}
    for command in suite.get("commands", COMMANDS):
        results = folder / "target" / "run_results.json"
        results.unlink(missing_ok=True)
        done = dbt(folder, *([command] if isinstance(command, str) else command))
        if not results.exists():
            raise SystemExit(f"dbt {command} failed in {folder}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        for result in json.loads(results.read_text())["results"]:
            kind, _, name = result["unique_id"].split(".")[:3]
            good = result["status"] in GOOD
            found.setdefault(kind.removeprefix("unit_"), []).append(
                (name, "" if good else f"{result['status']}: {result['message']}")
            )
    return found


@contextmanager
def engine(kernel: str, socket: str | None) -> Iterator[str]:
    """Yield the socket of a server with ``kernel``: of the one that is named, or of a new one."""
    if socket:
        yield socket
        return
    folder = engines.new_folder()
    try:
        with engines.running(kernel, folder) as new:
            yield new
    finally:
        engines.remove(folder)


def judge(name: str, suite: dict[str, Any], found: page.Found) -> list[str]:
    """Return a line for each node whose result is not the one that ``suites.yml`` says."""
    cannot, must_fail = suite["cannot"], suite.get("must_fail", {})
    lines, failed = [], set()
    for node, message in (result for nodes in found.values() for result in nodes):
        if message:
            failed.add(node)
            # any other status of a test that has to fail, such as error, is no finding of the test
            if not (node in cannot or (node in must_fail and message.startswith("fail:"))):
                lines.append(f"{name}: {node}: {message}")
    stale = (f"{name}: {node} passes, or is gone: remove it from suites.yml" for node in sorted(set(cannot) - failed))
    blind = (f"{name}: {node} passes, or is gone, but has to fail" for node in sorted(set(must_fail) - failed))
    return [*lines, *stale, *blind]


def main() -> None:
    """Run the suites that are named, or all of them, and write their results."""
    parser = argparse.ArgumentParser(description="Run the integration projects of dbt packages.")
    suites = page.suites()
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"any of {', '.join(suites)} (default: all)")
    parser.add_argument("--kernel", choices=sorted(engines.VERSIONS), default="1.4")
    parser.add_argument("--unix-socket", help="a server that runs already (default: start one)")
    parser.add_argument("--keep", type=Path, help="folder for the projects (default: one that is removed)")
    options = parser.parse_args()
    surprises = []
    with tempfile.TemporaryDirectory() as scratch, engine(options.kernel, options.unix_socket) as socket:
        folders = sources(suites, Path(scratch))
        for name in options.packages or suites:
            folder = (options.keep or Path(scratch)) / f"{name}-{options.kernel}"
            shutil.rmtree(folder, ignore_errors=True)
            versions = prepare(name, suites[name], folders, folder, socket)
            found = run(suites[name], folder)
            version = version_of(folders[suites[name].get("of", name)], suites[name])
            version = ", ".join([version, *(f"{package} {each}" for package, each in versions.items())])
            page.enter(options.kernel, name, version, found)
            surprises += judge(name, suites[name], found)
            print(page.row(name, options.kernel), flush=True)
    print("\n".join(surprises))
    raise SystemExit(bool(surprises))


if __name__ == "__main__":
    main()
