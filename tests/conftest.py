"""Options, hooks and fixtures for all tests: the kernel to test, and a profile and connections for its server.

The tests start their own kernel (see ``support.engines``). If ``OCEANBASE_TEST_HOST`` is set, no kernel is started and
the same tests run on that server. ``OCEANBASE_TEST_PORT``, ``_USER``, ``_PASSWORD``, ``_TENANT`` and ``_CLUSTER`` are
read as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from support import dbt_cache, engines, order, parity
from support.outside import Connection

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
    """Pass the engine folder of this session to an xdist worker: all workers share it."""
    node.workerinput[ENGINE_FOLDER] = str(_engine_folder(node.config))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return order.scheduler(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = config.stash.get(_folder_key, None)
    if folder is not None:
        engines.remove(folder)


_folder_key = pytest.StashKey[Path]()


def _engine_folder(config: pytest.Config) -> Path:
    """Return the engine folder of the session. The main process creates and removes it, a worker receives it."""
    given = getattr(config, "workerinput", {}).get(ENGINE_FOLDER)
    if given:
        return Path(given)
    if _folder_key not in config.stash:
        config.stash[_folder_key] = engines.new_folder()
    return config.stash[_folder_key]


@pytest.fixture(scope="session")
def server_profile(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Return the profile fields for the server under test, without a schema."""
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
    """Return a function that opens a PyMySQL connection to the server under test, independent of dbt."""

    def open_connection(**options: Any) -> pymysql.Connection:
        fields = ("unix_socket", "host", "port", "password")
        arguments = {name: server_profile[name] for name in fields if name in server_profile}
        # set by a statement: PyMySQL's own autocommit relies on a handshake flag that kernel 1.3 sends wrong
        session = "set autocommit = 1, ob_query_timeout = 600000000, time_zone = '+00:00'"
        arguments |= {"user": login_name(server_profile), "autocommit": None, "init_command": session}
        # with TLS the driver would load all certificates of the system for each connection
        arguments["ssl_disabled"] = "unix_socket" in arguments
        return Connection(**{**arguments, **options})

    return open_connection


def login_name(profile: dict[str, Any]) -> str:
    """Return the user name to log in with: ``user@tenant#cluster``, without the parts that the profile does not set."""
    tenant = f"@{profile['tenant']}" if profile.get("tenant") else ""
    cluster = f"#{profile['cluster']}" if profile.get("cluster") else ""
    return f"{profile['user']}{tenant}{cluster}"


@pytest.fixture(scope="class")
def server(connect: Callable[..., pymysql.Connection]) -> Iterator[pymysql.Connection]:
    """Open a separate connection to the server under test, with autocommit and no current database."""
    with connect() as connection:
        yield connection


@pytest.fixture(scope="class")
def dbt_profile_target(server_profile: dict[str, Any]) -> dict[str, Any]:
    """Return the target for the profiles.yml of dbt's test project. Each class gets a new one, since dbt changes it."""
    return {"type": "oceanbase", "threads": 4, **server_profile}
