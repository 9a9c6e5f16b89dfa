"""Write ``signatures.yml``: the macros that packages dispatch with the arguments that they pass, and those that our
shims call with the arguments that they take.

The list has two versions of each package: the one of the checkout, and the oldest one that docs/packages.md names. The
unit tests compare the shims, the adapter's macros for packages, with this list. To write it for other versions, put
checkouts of the packages, with their tags, into the folder that OCEANBASE_TEST_PACKAGES names:

    python tests/packages/signatures.py
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml
from dbt_common.clients.jinja import get_environment
from jinja2 import nodes

sys.path.insert(0, str(Path(__file__).parents[1]))

from dbt.adapters.oceanbase import shims
from packages import page, run

FILE = Path(__file__).with_name("signatures.yml")
"""The file with the list: for each package the newest and the oldest version. Each version has the macros that it
dispatches (``dispatched``) and the macros that shims call (``called``), with their arguments."""

OLDEST = {
    "audit_helper": "0.9.0",
    "codegen": "0.9.0",
    "dbt_date": "0.10.0",
    "dbt_expectations": "0.10.1",
    "dbt_external_tables": "0.8.7",
    "dbt_profiler": "0.8.2",
    "dbt_project_evaluator": "v0.8.0",
    "dbt_utils": "1.0.0",
    "elementary": "0.15.0",
}
"""The tag of the oldest version of each package that works with the shims."""


def parsed(folder: Path) -> Iterator[nodes.Template]:
    """Yield each file of macros in ``folder`` as it is parsed by dbt's own templates."""
    environment = get_environment(None, capture_macros=True)
    for file in sorted(folder.rglob("*.sql")):
        yield environment.parse(file.read_text())


def defined(folder: Path) -> dict[str, nodes.Macro]:
    """Return the macros that are defined in ``folder`` by name."""
    return {
        macro.name.removeprefix("dbt_macro__"): macro
        for template in parsed(folder)
        for macro in template.find_all(nodes.Macro)
    }


def dispatched(folder: Path, namespace: str) -> dict[str, str]:
    """Return the arguments that are passed to each macro that the files in ``folder`` dispatch in ``namespace``.

    They are written as in a call: a variable by its name, any other value as ``_``. If there are several calls of a
    macro, the last one counts.
    """
    found = {}
    for template in parsed(folder):
        for call in template.find_all(nodes.Call):
            name = name_of(call.node, namespace)
            if name:
                passed = [value.name if isinstance(value, nodes.Name) else "_" for value in call.args]
                named = [f"{keyword.key}=" for keyword in call.kwargs]
                rest = ["**"] if call.dyn_kwargs else []
                found[name] = ", ".join([*passed, *named, *rest])
    return dict(sorted(found.items()))


def name_of(node: nodes.Node, namespace: str) -> str | None:
    """Return the name of the macro that ``node``, a call of ``adapter.dispatch``, looks for in ``namespace``.

    Return None for any other code.
    """
    if not isinstance(node, nodes.Call) or getattr(node.node, "attr", None) != "dispatch":
        return None
    given = dict(zip(("macro_name", "macro_namespace"), node.args, strict=False))
    given.update({keyword.key: keyword.value for keyword in node.kwargs})
    texts = {key: value.value for key, value in given.items() if isinstance(value, nodes.Const)}
    return texts.get("macro_name") if texts.get("macro_namespace") == namespace else None


def calls(macro: nodes.Macro, package: str) -> Iterator[tuple[str, nodes.Call]]:
    """Yield each call of a macro of ``package`` in ``macro``, together with the name of the macro that is called."""
    for call in macro.find_all(nodes.Call):
        node = call.node
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == package:
            yield node.attr, call


def taken(macro: nodes.Macro) -> str:
    """Return the names of the arguments that ``macro`` takes, and ``**`` if it reads others that are passed by name."""
    names = [argument.name for argument in macro.args]
    rest = ["**"] if any(name.name == "kwargs" for name in macro.find_all(nodes.Name)) else []
    return ", ".join([*names, *rest])


def listed(package: str, macros: Path) -> dict[str, dict[str, str]]:
    """Return the list of a version of ``package``, whose macros are in the folder ``macros``."""
    definitions = defined(macros)
    names = {name for shim in defined(shims.FOLDER / package).values() for name, _ in calls(shim, package)}
    return {
        "dispatched": dispatched(macros, package),
        "called": {name: taken(definitions[name]) for name in sorted(names & definitions.keys())},
    }


def macros_of(checkout: Path, tag: str, folder: Path) -> Path:
    """Put the macros of a version into ``folder`` and return their folder.

    ``checkout`` is a Git checkout of the package, and ``tag`` is the tag of the version.
    """
    command = ["git", "-C", str(checkout), "archive", tag, "macros"]
    archive = subprocess.run(command, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder / "macros"


def main() -> None:
    """Write the list for the packages that have shims."""
    suites = page.suites()
    packages = {}
    with tempfile.TemporaryDirectory() as scratch:
        folders = run.sources(suites, Path(scratch))
        for name in shims.NAMESPACES:
            if name not in folders:
                raise SystemExit(f"there is no source of {name}: add a checkout to OCEANBASE_TEST_PACKAGES")
            newest = run.version_of(folders[name], suites.get(name, {}))
            old_macros = macros_of(folders[name], OLDEST[name], Path(scratch, f"{name} {OLDEST[name]}"))
            packages[name] = {
                newest: listed(name, folders[name] / "macros"),
                OLDEST[name]: listed(name, old_macros),
            }
    head = (
        "# The macros that packages dispatch with the arguments that they pass, and those that shims call with the\n"
        "# arguments that they take. Written by signatures.py.\n"
    )
    FILE.write_text(head + yaml.safe_dump(packages, sort_keys=False, width=1000))


if __name__ == "__main__":
    main()
