"""Data goes one way through the adapter: a module imports only from rooms that come before its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "dbt.adapters.oceanbase"
FOLDER = ROOT.joinpath(*PACKAGE.split("."))

# each module may import the ones before it; a folder is followed by its __init__, which is its public face
ORDER = [
    "__version__",
    "types",
    "fixtures",
    "statements",
    "effects",
    "redaction",
    "connect.options",
    "connect.errors",
    "connect.codes",
    "connect.hosts",
    "connect.transport",
    "connect.host_keys",
    "connect.ssh_errors",
    "connect.ssh_login",
    "connect.ssh_links",
    "connect.ssh",
    "connect.engine_log",
    "connect.engine_setup",
    "connect.embedded",
    "connect.tls",
    "connect.password",
    "connect.driver",
    "connect.settings",
    "connect.session",
    "connect.discovery",
    "connect.retry",
    "connect.steps",
    "connect.pipeline",
    "connect.connector",
    "connect.kept",
    "connect.pool",
    "connect.registry",
    "connect.side",
    "connect.kill",
    "connect.watchdog",
    "connect.monitor",
    "connect",
    "errors",
    "server",
    "profile_values",
    "profile_fields",
    "profile_checks",
    "credentials",
    "debug",
    "grants",
    "foreign_keys",
    "column",
    "fitting",
    "fields",
    "execution",
    "cancelling",
    "handles",
    "repeats",
    "connections",
    "relation_configs",
    "strategies",
    "relation",
    "constraints",
    "defaults",
    "metadata",
    "seeds",
    "seeding",
    "staging",
    "freshness",
    "listing",
    "incremental",
    "impl",
    "",
]


def module_name(path: Path) -> str:
    """Return the name below the package: ``connect.tls``, or ``connect`` for its ``__init__``."""
    parts = path.relative_to(FOLDER).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(FOLDER.rglob("*.py"))}


def room(module: str) -> str:
    """Return the entry of ORDER that a module belongs to: relation_configs is one room, connect is many."""
    return module if module.startswith("connect") else module.split(".")[0]


def imported(module: str) -> Iterator[str]:
    """Yield every module that this one imports, anywhere in its text, by full name."""
    path = MODULES[module]
    package = [*PACKAGE.split("."), *path.parent.relative_to(FOLDER).parts]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                below = f"{source}.{alias.name}".removeprefix(f"{PACKAGE}.")
                yield f"{PACKAGE}.{below}" if below in MODULES else source


def test_the_package_was_found() -> None:
    assert "connect.options" in MODULES


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_place(module: str) -> None:
    assert room(module) in ORDER, f"{MODULES[module]} is in no room: give it a place in ORDER"


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_one_way(module: str) -> None:
    own = [name for name in imported(module) if f"{name}.".startswith(f"{PACKAGE}.")]
    rooms = {room(name.removeprefix(PACKAGE).removeprefix(".")) for name in own}

    later = ORDER[ORDER.index(room(module)) + 1 :]
    backward = sorted(rooms & set(later))

    assert not backward, f"{module or '__init__'} imports {backward}, which come after it"


@pytest.mark.parametrize("module", [name for name in MODULES if name.split(".")[0] == "connect"])
def test_the_connection_layer_knows_nothing_of_dbt(module: str) -> None:
    foreign = [
        name
        for name in imported(module)
        if name.split(".")[0].startswith("dbt") and not f"{name}.".startswith(f"{PACKAGE}.connect.")
    ]

    assert not foreign
