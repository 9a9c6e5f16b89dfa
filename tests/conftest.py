"""What every test may use: the kernel chosen for the session and the profile of the server behind it.

The tests start a kernel of their own (see ``engines``). With ``OCEANBASE_TEST_HOST`` set, together with
``_PORT``, ``_USER``, ``_PASSWORD``, ``_TENANT`` and ``_CLUSTER`` where the server needs them, nothing is
started and the same tests run there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from support import dbt_cache, engines, order, parity

pytest_plugins = ["dbt.tests.fixtures.project"]

ENGINE_FOLDER = "oceanbase_engine_folder"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--kernel",
        choices=sorted(engines.VERSIONS),
        default=os.environ.get("OCEANBASE_TEST_KERNEL", "1.4"),
        help="the OceanBase kernel to start (default: OCEANBASE_TEST_KERNEL or 1.4)",
    )
    parser.addoption(
        "--write-parity", action="store_true", help="enter the results of dbt's own test suite into docs/parity.md"
    )


def pytest_configure(config: pytest.Config) -> None:
    dbt_cache.prepare()
    order.prepare(config)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(parity.Parity(config))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items[:] = order.arrange(items)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker the folder that all workers of this session share."""
    node.workerinput[ENGINE_FOLDER] = str(_engine_folder(node.config))


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = config.stash.get(_folder_key, None)
    if folder is not None:
        engines.remove(folder)


_folder_key = pytest.StashKey[Path]()


def _engine_folder(config: pytest.Config) -> Path:
    """Return the session's engine folder; who makes it (never a worker) removes it in the end."""
    given = getattr(config, "workerinput", {}).get(ENGINE_FOLDER)
    if given:
        return Path(given)
    if _folder_key not in config.stash:
        config.stash[_folder_key] = engines.new_folder()
    return config.stash[_folder_key]


@pytest.fixture(scope="session")
def server_profile(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Profile fields that name the server under test and who logs in, without a schema."""
    environment = {name: os.environ.get(f"OCEANBASE_TEST_{name.upper()}") for name in _SERVER_FIELDS}
    if environment["host"]:
        profile: dict[str, Any] = {name: value for name, value in environment.items() if value}
        yield {"user": "root", "password": "", **profile, "port": int(profile.get("port", 2881))}
        return
    kernel = request.config.getoption("--kernel")
    with engines.running(kernel, _engine_folder(request.config)) as unix_socket:
        yield {"unix_socket": unix_socket, "user": "root", "password": ""}


_SERVER_FIELDS = ("host", "port", "user", "password", "tenant", "cluster")


@pytest.fixture(scope="session")
def connect(server_profile: dict[str, Any]) -> Callable[..., pymysql.Connection]:
    """Open a plain PyMySQL connection to the server under test, to look at the database from outside."""

    def opened(**options: Any) -> pymysql.Connection:
        fields = ("unix_socket", "host", "port", "password")
        arguments = {name: server_profile[name] for name in fields if name in server_profile}
        # as a statement: PyMySQL's own autocommit relies on a handshake flag that kernel 1.3 sends wrong
        session = "set autocommit = 1, ob_query_timeout = 600000000, time_zone = '+00:00'"
        arguments |= {"user": login_name(server_profile), "autocommit": None, "init_command": session}
        # the driver would load all certificates of the system each time
        arguments["ssl_disabled"] = "unix_socket" in arguments
        return pymysql.connect(**{**arguments, **options})

    return opened


def login_name(profile: dict[str, Any]) -> str:
    """Return the user string on the wire: ``user@tenant#cluster``, as far as the profile names them."""
    tenant = f"@{profile['tenant']}" if profile.get("tenant") else ""
    cluster = f"#{profile['cluster']}" if profile.get("cluster") else ""
    return f"{profile['user']}{tenant}{cluster}"


@pytest.fixture(scope="class")
def server(connect: Callable[..., pymysql.Connection]) -> Iterator[pymysql.Connection]:
    """A connection of its own to the server under test, with autocommit and no current database."""
    with connect() as connection:
        yield connection


@pytest.fixture(scope="class")
def dbt_profile_target(server_profile: dict[str, Any]) -> dict[str, Any]:
    """The target that dbt's test project writes into profiles.yml; one per class, since dbt changes it."""
    return {"type": "oceanbase", "threads": 4, **server_profile}
