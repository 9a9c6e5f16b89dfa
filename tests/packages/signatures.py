"""Write ``signatures.yml``: the macros that packages dispatch, and the arguments that they pass.

The unit tests compare the shims, the adapter's macros for packages, with this list. To write it for other versions, put
checkouts of the packages into the folder that OCEANBASE_TEST_PACKAGES names:

    python tests/packages/signatures.py
"""

from __future__ import annotations

import sys
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
"""The file with the list: the version of each package, and its macros with the arguments that are passed."""


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


def main() -> None:
    """Write the list for the packages that have shims."""
    suites = page.suites()
    listed = {}
    with tempfile.TemporaryDirectory() as scratch:
        folders = run.sources(suites, Path(scratch))
        for name in shims.NAMESPACES:
            if name not in folders:
                raise SystemExit(f"there is no source of {name}: add a checkout to OCEANBASE_TEST_PACKAGES")
            version = run.version_of(folders[name], suites.get(name, {}))
            listed[name] = {"version": version, "macros": dispatched(folders[name] / "macros", name)}
    head = "# The macros that packages dispatch, and the arguments that they pass. Written by signatures.py.\n"
    FILE.write_text(head + yaml.safe_dump(listed, sort_keys=False, width=1000))


if __name__ == "__main__":
    main()
